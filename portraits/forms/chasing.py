"""What the comms group types while it chases: what to show of the board, who looks after whom, contacts, reminders, their rhythm."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Student

from ..models import Contact, Nudge, QuietPeriod, Rhythm
from ..models.chasing import MOST_NUDGES
from ..nudging import About
from .words import WordsField

LONGEST_QUIET = timedelta(days=200)
NOBODY, ME, OTHERS = "nobody", "me", "others"


class SieveForm(forms.Form):
    """Whom the board shows. All of it stands in the address: a filtered board can be sent to somebody."""

    q = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search by name")}),
    )
    lacks = forms.ChoiceField(
        label=_("What is missing"), required=False, choices=[("", _("Anything or nothing")), *About.choices]
    )
    who = forms.ChoiceField(label=_("Looked after by"), required=False)
    remind = forms.BooleanField(label=_("To be reminded"), required=False)

    def __init__(self, members: list[Student], me: Student | None, *args, **kwargs):
        super().__init__(*args, auto_id="sieve_%s", **kwargs)
        mine = [(ME, _("Me"))] if me in members else []
        self.fields["who"].choices = [
            ("", _("Anybody or nobody")),
            *mine,
            (NOBODY, _("Nobody")),
            *((str(member.pk), member.full_name) for member in members if member != me or not mine),
            (OTHERS, _("Somebody who has left the group")),
        ]


class TickedForm(forms.Form):
    """The ticked faces, among the students of one promotion."""

    students = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Tick at least one face first.")}
    )

    def __init__(self, students: dict[int, Student], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = students
        self.fields["students"].choices = [(pk, pk) for pk in students]
        self.fields["students"].error_messages["invalid_choice"] = _(
            "Somebody you ticked is not of this promotion."
        )

    @property
    def chosen(self) -> list[Student]:
        return [self.people[pk] for pk in self.cleaned_data["students"]]

    @property
    def problem(self) -> str:
        """The first thing that is wrong, as one sentence."""
        return next(iter(self.errors.values()))[0]


class AssignForm(TickedForm):
    """Who looks after them from now on; empty means nobody."""

    member = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": _("Only somebody of the group can look after a student.")},
    )

    def __init__(self, members: list[Student], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        self.fields["member"].choices = [("", ""), *((pk, pk) for pk in self.members)]

    @property
    def keeper(self) -> Student | None:
        return self.members.get(self.cleaned_data["member"])


class ContactForm(TickedForm):
    """By which means somebody spoke to them just now, and a word about it."""

    means = forms.ChoiceField(
        choices=Contact.Means.choices, error_messages={"required": _("Choose by which means.")}
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        error_messages={"max_length": _("The note is longer than 200 characters. Shorten it a little.")},
    )


class WordsForm(forms.Form):
    """Other words for one reminder. `shown` says which words were before their eyes."""

    shown = forms.CharField(widget=forms.HiddenInput)
    subject = WordsField(
        label=_("Subject"),
        max_length=Nudge._meta.get_field("subject").max_length,
        error_messages={"required": _("Say in the subject what is missing.")},
    )
    text = WordsField(
        label=_("Text"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Below it stand the button that opens the right page, and the link “no more reminders”."),
        error_messages={"required": _("The text is empty. Write a sentence, or cancel the reminder.")},
    )

    def clean_subject(self):
        return " ".join(self.cleaned_data["subject"].split())

    @classmethod
    def of(cls, nudge: Nudge) -> WordsForm:
        words = {"shown": nudge.fingerprint, "subject": nudge.subject, "text": nudge.text}
        return cls(initial=words, auto_id=f"nudge_{nudge.pk}_%s")


class RhythmForm(forms.ModelForm):
    """How often, and how many at most."""

    class Meta:
        model = Rhythm
        fields = ("is_on", "every_days", "at_most")
        labels = {"is_on": _("Prepare reminders by themselves")}
        help_texts = {
            "every_days": _("From 2 to 30. Counted from the last contact, whatever its means."),
            "at_most": _("As long as the student does not go on; at most %(most)d.") % {"most": MOST_NUDGES},
        }


class QuietForm(forms.ModelForm):
    """Days without reminders."""

    class Meta:
        model = QuietPeriod
        fields = ("label", "starts", "ends")
        help_texts = {"label": _("Exams, first week of the internship, holidays…")}
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("starts", "ends")
        }
        error_messages = {
            "starts": {"invalid": _("This day does not exist. Choose another one.")},
            "ends": {"invalid": _("This day does not exist. Choose another one.")},
        }

    def clean(self):
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if starts and ends:
            if ends < starts:
                self.add_error("ends", _("The last day comes before the first one."))
            elif ends < timezone.localdate():
                self.add_error("ends", _("These days are over."))
            elif ends - starts > LONGEST_QUIET:
                self.add_error(
                    "ends", _("This is longer than half a year: switch the reminders off instead.")
                )
        return self.cleaned_data
