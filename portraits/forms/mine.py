"""What the student types, chooses and signs."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import consents
from ..actions.consenting import Agreement
from ..models import Place, Portrait
from ..models.portrait import EntryRoute, Region, Sector
from ..photos import Crop
from ..questions import Question
from .words import WordsField


class AnswerForm(forms.Form):
    """The answer to one question. Empty is an answer too: one can come back to it."""

    def __init__(self, question: Question, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = 3 if question.limit <= 200 else 9
        self.fields["text"] = WordsField(
            label=question.label,
            help_text=question.help,
            max_length=question.limit,
            required=False,
            widget=forms.Textarea(attrs={"rows": rows, "autocapitalize": "sentences"}),
            error_messages={
                "max_length": _(
                    "This is longer than %(limit_value)d characters (it has %(show_value)d). Shorten it a little; it is still here."
                ),
            },
        )


class FactsForm(forms.Form):
    """Optional facts, for the variety of the portraits only."""

    region = forms.ChoiceField(
        label=_("Your region of origin"),
        required=False,
        choices=[("", _("I prefer not to say")), *Region.choices],
    )
    entry_route = forms.ChoiceField(
        label=_("How did you enter the school?"),
        required=False,
        choices=[("", _("I prefer not to say")), *EntryRoute.choices],
    )
    earlier_sector = forms.ChoiceField(
        label=_("Where did you work before?"),
        required=False,
        choices=[("", _("I prefer not to say")), *Sector.choices],
    )


class PhotoForm(forms.Form):
    """A photo, its frame as fractions of the photo, and its description. The file may be left out to frame anew.

    The numbers belong to the photo that the portrait has, unless `is_framed` says that they were set on the new one.
    """

    photo = forms.FileField(
        label=_("Your photo"),
        help_text=_(
            "A recent photo, upright, your face in the light, with some room around it. JPEG, PNG, WebP or HEIC, 15 MB at most."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"empty": _("The file is empty. Choose the photo again.")},
    )
    is_framed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    x = forms.FloatField(label=_("Left edge"), required=False, min_value=0, max_value=1)
    y = forms.FloatField(label=_("Top edge"), required=False, min_value=0, max_value=1)
    width = forms.FloatField(label=_("Width"), required=False, min_value=0, max_value=1)
    height = forms.FloatField(label=_("Height"), required=False, min_value=0, max_value=1)
    alt_text = WordsField(
        label=_("Describe the photo for those who cannot see it"),
        help_text=_(
            "One sentence: what you wear, where you are, how you look at us. The networks receive it too."
        ),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Describe your photo in a few words: people who cannot see read them."),
            "max_length": _(
                "This is longer than %(limit_value)d characters (it has %(show_value)d). Shorten it a little; it is still here."
            ),
        },
    )
    FRAME = ("x", "y", "width", "height")

    def __init__(self, portrait: Portrait, *args, **kwargs):
        self.frame_now = frame_numbers(portrait)
        super().__init__(*args, initial={"alt_text": portrait.alt_text, **self.frame_now}, **kwargs)

    def clean(self):
        if not self.frame_now and not self.cleaned_data.get("photo") and "photo" not in self.errors:
            self.add_error("photo", _("Choose a photo first."))

    @property
    def crop(self) -> Crop | None:
        """The frame that was set, on the new photo or on the one they have; None leaves it as it is."""
        numbers = {name: self.cleaned_data.get(name) for name in self.FRAME}
        if None in numbers.values() or numbers == self.frame_now:
            return None
        if self.cleaned_data.get("photo") and not self.cleaned_data.get("is_framed"):
            return None
        return Crop(**numbers)

    def show_frame_of(self, portrait: Portrait) -> None:
        """The photo was kept though something else was wrong: the numbers on the page are its own."""
        self.data = self.data.copy()
        self.data.pop(self.add_prefix("is_framed"), None)
        for name, value in frame_numbers(portrait).items():
            self.data[self.add_prefix(name)] = value


def frame_numbers(portrait: Portrait) -> dict[str, float]:
    """The frame of the present photo as the page shows it; empty where there is no photo."""
    if portrait.photo is None:
        return {}
    return {name: round(getattr(portrait.photo.crop, name), 4) for name in PhotoForm.FRAME}


class AgreementForm(forms.Form):
    """Where, until when: the student's key. Nothing is ticked beforehand but their own earlier choice."""

    ANOTHER_DAY = "another"

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    places = forms.MultipleChoiceField(
        label=consents.PLACES_ASKED,
        help_text=_("Tick each place that you agree to. You can change your mind later."),
        choices=Place.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _(
                "Tick at least one place. If you agree to none, leave this page: nothing is published."
            )
        },
    )
    # The value is the day itself: what is kept is the day that stood on the screen, whenever the answer arrives.
    until = forms.CharField(
        label=consents.END_ASKED,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a day until which it may stay.")},
    )
    day = forms.DateField(
        label=_("Another day: which one?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This day does not exist. Choose another one.")},
    )

    def __init__(self, portrait: Portrait, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.portrait, self.today = portrait, timezone.localdate()
        offered = [(day.isoformat(), words) for day, words in consents.offered_ends(portrait)]
        self.fields["until"].widget.choices = [*offered, (self.ANOTHER_DAY, _("Another day"))]
        self.fields["until"].initial = offered[0][0]
        self.fields["day"].widget.attrs |= {
            "min": self.today.isoformat(),
            "max": (self.today + consents.LONGEST).isoformat(),
        }
        self._show_earlier_choice(dict(offered))

    def _show_earlier_choice(self, offered):
        consent = self.portrait.consent
        if consent is None:
            return
        self.fields["places"].initial = [place.value for place in consent.places]
        if consent.until > self.today:
            day = consent.until.isoformat()
            self.fields["until"].initial = day if day in offered else self.ANOTHER_DAY
            self.fields["day"].initial = None if day in offered else consent.until

    def clean(self):
        chosen = self.cleaned_data.get("until")
        if not chosen or "day" in self.errors:
            return
        name = "day" if chosen == self.ANOTHER_DAY else "until"
        until = self.cleaned_data["day"] if name == "day" else _day(chosen)
        if until is None:
            self.add_error(name, _("Choose a day until which it may stay."))
        elif until <= self.today:
            self.add_error(name, _("This day has passed. Choose one in the future."))
        elif until > self.today + consents.LONGEST:
            self.add_error(name, _("Five years at most: you will be asked again then."))
        else:
            self.cleaned_data["until"] = until

    def agreement(self, request, school: str) -> Agreement:
        """What they agreed to, with the sentences and choices as they stood on this screen."""
        places, until = self.cleaned_data["places"], self.cleaned_data["until"]
        return Agreement(
            places=frozenset(places),
            until=until,
            terms=consents.agreed_terms(self.portrait, school, places, until),
            signed_in_with=consents.proof_of_identity(request.session, request.user),
        )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


class MessageForm(forms.Form):
    """What should be changed before they sign."""

    message = WordsField(
        label=_("What should be changed?"),
        help_text=_("Your communication group receives your words by mail and edits again."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what should be changed.")},
    )
