"""What the comms group writes about besides portraits: the content, its files, the people in it."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import Promotion, Student
from portraits.forms.words import WordsField
from portraits.photos import PhotoRefused

from .. import attachments
from ..actions.composing import Files, Person
from ..kinds import About
from ..models import Attachment, Event, Piece, Post
from .fields import DayField, TimeField, on_the_wall

PICTURES = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
MOST_PICTURES = 4
"""As many as every network shows."""
SPARE_ROWS = 2


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once: a list, empty where none was chosen."""

    widget = FilesInput

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class PieceForm(forms.Form):
    """The content of a post of one kind. `about` says which of the optional fields it has."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = WordsField(
        label=gettext_lazy("Title"),
        max_length=120,
        help_text=gettext_lazy("The first line of the post, and its name on the calendar."),
        error_messages={"required": gettext_lazy("Give it a title: it is the first line of the post.")},
    )
    text = WordsField(
        label=gettext_lazy("Text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "In full. Networks that hold less get fewer sentences; you edit each of them afterwards."
        ),
        error_messages={"required": gettext_lazy("Write a sentence or two: what is it about?")},
    )
    module = WordsField(label=gettext_lazy("Module"), max_length=120, required=False)
    event = forms.ModelChoiceField(
        Event.objects.none(), label=gettext_lazy("Event"), required=False, empty_label=gettext_lazy("none")
    )
    place = WordsField(label=gettext_lazy("Place"), max_length=120, required=False)
    day = DayField(label=gettext_lazy("Day it takes place"), required=False)
    time = TimeField(label=gettext_lazy("Time it begins"), required=False)
    partners = WordsField(
        label=gettext_lazy("Partners to mention"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("As they call themselves on the networks, separated by commas."),
    )
    link = forms.URLField(label=gettext_lazy("Link"), max_length=400, required=False, assume_scheme="https")
    pictures = FilesField(
        label=gettext_lazy("Add pictures"),
        required=False,
        help_text=gettext_lazy("Four at most, 15 MB each. Describe each one below once it is saved."),
    )
    document = forms.FileField(
        label=gettext_lazy("Document (PDF)"),
        required=False,
        help_text=gettext_lazy(
            "20 MB and 100 pages at most. LinkedIn shows it page by page; elsewhere the pictures go out."
        ),
    )

    def __init__(self, about: About, promotion: Promotion, *args, post: Post | None = None, **kwargs):
        self.about, self.piece = about, post.piece if post else None
        self.kept: list[Attachment] = self.piece.used if self.piece else []
        super().__init__(*args, initial=_initial(post), **kwargs)
        self.fields["pictures"].widget.attrs["accept"] = PICTURES
        self.fields["document"].widget.attrs["accept"] = "application/pdf,.pdf"
        if not about.takes_document:
            del self.fields["document"]
        for name, names in {
            "module": ["module"],
            "event": ["event"],
            "place": ["place"],
            "happens_at": ["day", "time"],
        }.items():
            if name not in about.fields:
                for one in names:
                    del self.fields[one]
        if "event" in self.fields:
            near = Event.objects.filter(ends_at__gte=timezone.now() - timezone.timedelta(days=60))
            mine = Event.objects.filter(pk=self.piece.event_id) if self.piece else Event.objects.none()
            self.fields["event"].queryset = near | mine
        for one in self.kept:
            if one.is_image:
                self.fields[f"alt_{one.pk}"] = WordsField(
                    label=_("What one sees, for those who do not"),
                    required=False,
                    max_length=400,
                    initial=one.alt_text,
                )
            self.fields[f"drop_{one.pk}"] = forms.BooleanField(label=_("Leave it out"), required=False)

    @property
    def rows(self) -> list[tuple]:
        """(attachment, its description, its tick) of each that it has."""
        return [
            (one, self[f"alt_{one.pk}"] if one.is_image else None, self[f"drop_{one.pk}"])
            for one in self.kept
        ]

    def clean(self):
        self._clean_moment()
        self._clean_files()

    def _clean_moment(self):
        day, time = self.cleaned_data.get("day"), self.cleaned_data.get("time")
        self.cleaned_data["happens_at"] = None
        if "day" not in self.fields or {"day", "time"} & set(self.errors):
            return
        if day and not time:
            self.add_error("time", _("Choose the time as well."))
        elif time and not day:
            self.add_error("day", _("Choose the day as well."))
        elif day and time:
            try:
                self.cleaned_data["happens_at"] = on_the_wall(datetime.combine(day, time))
            except ValidationError as error:
                self.add_error("time", error)

    def _clean_files(self):
        left_out = {one.pk for one in self.kept if self.cleaned_data.get(f"drop_{one.pk}")}
        stay = [one for one in self.kept if one.pk not in left_out]
        new = self.cleaned_data.get("pictures") or []
        if len(new) + sum(one.is_image for one in stay) > MOST_PICTURES:
            self.add_error("pictures", _("A post shows four pictures at most. Leave some out."))
            new = []
        added = []
        for upload in new:
            try:
                added.append((attachments.picture(upload), ""))
            except PhotoRefused as refused:
                self.add_error("pictures", f"{upload.name} : {refused}")
        if upload := self.cleaned_data.get("document"):
            try:
                added.append((attachments.document(upload), self.cleaned_data.get("title", "")))
                left_out |= {one.pk for one in stay if not one.is_image}
            except attachments.AttachmentRefused as refused:
                self.add_error("document", str(refused))
        described = [
            (one.pk, self.cleaned_data[f"alt_{one.pk}"])
            for one in stay
            if self.cleaned_data.get(f"alt_{one.pk}") is not None
        ]
        self.changes = Files(tuple(added), tuple(described), frozenset(left_out))

    @property
    def content(self) -> dict:
        names = ("title", "text", "module", "place", "event", "partners", "link")
        content = {name: self.cleaned_data[name] for name in names if name in self.fields}
        return content | ({"happens_at": self.cleaned_data["happens_at"]} if "day" in self.fields else {})


class PersonForm(forms.Form):
    """Somebody who is named or shown: a student of the promotion, or a guest with how they agreed."""

    student = forms.ModelChoiceField(
        Student.objects.none(),
        label=gettext_lazy("Student"),
        required=False,
        empty_label=gettext_lazy("somebody else"),
    )
    name = WordsField(label=gettext_lazy("Name of somebody else"), max_length=120, required=False)
    role = WordsField(label=gettext_lazy("Function"), max_length=120, required=False)
    agreement = WordsField(
        label=gettext_lazy("How they agreed"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Of somebody else: by mail on such a day, for example. Students are asked here."
        ),
    )

    def __init__(self, promotion: Promotion, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["student"].queryset = promotion.students.filter(user__isnull=False).order_by(
            "last_name", "first_name"
        )

    def clean(self):
        student, name = self.cleaned_data.get("student"), self.cleaned_data.get("name")
        if student is None and name and not self.cleaned_data.get("agreement"):
            self.add_error(
                "agreement",
                _("Say how this person agreed to be named, for example by mail and on which day."),
            )
        if (
            student is None
            and not name
            and (self.cleaned_data.get("role") or self.cleaned_data.get("agreement"))
        ):
            self.add_error("name", _("Write the name, or empty this row."))

    @property
    def person(self) -> Person | None:
        student, name = self.cleaned_data.get("student"), self.cleaned_data.get("name")
        role = self.cleaned_data.get("role", "")
        if student:
            return Person(student.full_name, role, student)
        return Person(name, role, None, self.cleaned_data["agreement"]) if name else None


class PeopleForms(forms.BaseFormSet):
    """The rows of the people. One student stands in it once."""

    def clean(self):
        seen = set()
        for form in self.forms:
            student = getattr(form, "cleaned_data", {}).get("student")
            if student in seen:
                form.add_error(
                    "student", _("This student is in the list already. Empty one of the two rows.")
                )
            if student:
                seen.add(student)

    @property
    def people(self) -> list[Person]:
        return [person for form in self.forms if (person := form.person)]


def people_forms(promotion: Promotion, post: Post | None, data=None) -> PeopleForms:
    rows = [
        {
            "student": one.student_id,
            "name": "" if one.student_id else one.name,
            "role": one.role,
            "agreement": one.agreement,
        }
        for one in (post.named.all() if post else [])
    ]
    formset = forms.formset_factory(PersonForm, formset=PeopleForms, extra=SPARE_ROWS, max_num=20)
    return formset(data, initial=rows, prefix="people", form_kwargs={"promotion": promotion})


def _initial(post: Post | None) -> dict:
    if post is None:
        return {}
    piece: Piece = post.piece
    local = timezone.localtime(piece.happens_at) if piece.happens_at else None
    return {
        "version": post.version,
        **{
            name: getattr(piece, name)
            for name in ("title", "text", "module", "event", "place", "partners", "link")
        },
        "day": local.date() if local else None,
        "time": local.time() if local else None,
    }
