"""What the comms group types about a portrait: the edited words, a message with the pen, whom to invite."""

from __future__ import annotations

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from ..models import Photo, Portrait, Remark
from ..photos import Crop
from .words import WordsField

WORDS = ("title", "quote", "text", "alt_text")


class StudioForm(forms.Form):
    """The edited words. `version` is the version that was before their eyes.

    `base` is there while they look at another text than the one they began from; then nothing is replaced without a tick.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)
    replaces = forms.BooleanField(label=_("My words replace what was saved meanwhile"), required=False)
    title = WordsField(label=_("Title"), max_length=120, required=False)
    quote = WordsField(
        label=_("Quote"),
        max_length=140,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text = WordsField(
        label=_("Text"),
        max_length=Portrait.TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 18}),
        error_messages={"required": _("The text is empty. Write what will be read.")},
    )
    alt_text = WordsField(
        label=_("Description of the photo"),
        help_text=_("For those who cannot see it: who, where, in which light. The networks receive it too."),
        max_length=200,
        required=False,
    )

    @classmethod
    def of(cls, portrait: Portrait) -> StudioForm:
        """The form that shows the portrait as it is."""
        words = {name: getattr(portrait, name) for name in WORDS}
        return cls(initial={"version": portrait.version, **words})

    def clean(self):
        if self.cleaned_data.get("base") and not self.cleaned_data.get("replaces"):
            self.add_error(
                "replaces",
                _(
                    "Someone saved another text meanwhile. Put both together, or tick that yours replaces theirs."
                ),
            )

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDS}

    @property
    def typed(self) -> dict[str, str]:
        """The words as they stand in the fields, whether or not they can be saved."""
        return {name: (self[name].value() or "").replace("\r\n", "\n").strip() for name in WORDS}


class KeepForm(forms.Form):
    """Unsaved words on their way to a working copy: longer than can be saved is kept too, within reason."""

    version = forms.IntegerField()
    base = forms.IntegerField(required=False)
    title = WordsField(max_length=1000, required=False, strip=False)
    quote = WordsField(max_length=1000, required=False, strip=False)
    text = WordsField(max_length=3 * Portrait.TEXT_LIMIT, required=False, strip=False)
    alt_text = WordsField(max_length=1000, required=False, strip=False)

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDS}

    @property
    def read(self) -> int:
        """The version that the words were typed on."""
        return self.cleaned_data["base"] or self.cleaned_data["version"]


class RemarkForm(forms.Form):
    """A remark and what it is about: a passage copied or selected, else a place chosen from the list."""

    place = forms.ChoiceField(label=_("About"))
    passage = WordsField(
        label=_("Or about exactly these words"),
        help_text=_("Select them in the text, or copy them here as they are saved."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    near = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    remark = WordsField(
        label=_("Remark"),
        max_length=Remark.LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what there is to say.")},
    )
    is_shared = forms.BooleanField(label=_("The student reads it too, and may answer"), required=False)

    def __init__(self, portrait: Portrait, *args, **kwargs):
        super().__init__(*args, auto_id="id_remark_%s", **kwargs)
        self.portrait = portrait
        self.fields["place"].choices = places_of(portrait)

    @property
    def anchor(self) -> dict:
        """What `actions.remark` takes: field, passage, near."""
        field, _colon, start = self.cleaned_data["place"].partition(":")
        if self.cleaned_data["passage"]:
            return {
                "field": field if field in Remark.WORDS else Remark.Field.TEXT,
                "passage": self.cleaned_data["passage"],
                "near": self.cleaned_data["near"] or 0,
            }
        if start:
            return {"field": field, "passage": paragraphs(self.portrait.text)[int(start)], "near": int(start)}
        passage = getattr(self.portrait, field) if field in Remark.WORDS else ""
        return {"field": field, "passage": "" if field == Remark.Field.TEXT else passage, "near": 0}


def paragraphs(text: str) -> dict[int, str]:
    """The paragraphs of a text by the place where each begins."""
    found, start = {}, 0
    for line in text.split("\n"):
        if line.strip():
            found[start] = line.strip()
        start += len(line) + 1
    return found


def places_of(portrait: Portrait) -> list[tuple[str, str]]:
    """What a remark may be about: each paragraph by its first words, then the other fields that hold something."""
    labels = Remark.Field
    found = [
        (f"{labels.TEXT}:{start}", f"{labels.TEXT.label} · {Truncator(text).words(7, truncate='…')}")
        for start, text in paragraphs(portrait.text).items()
    ]
    found += [
        (name, labels(name).label)
        for name in (labels.TITLE, labels.QUOTE, labels.ALT_TEXT)
        if getattr(portrait, name)
    ]
    if portrait.photo_id:
        found.append((labels.PHOTO, labels.PHOTO.label))
    return [(labels.WHOLE, labels.WHOLE.label), *found, (labels.TEXT, _("The text as a whole"))]


class RemarkAnswerForm(forms.Form):
    """What somebody answers to a remark."""

    answer = WordsField(
        label=_("Answer"),
        max_length=Remark.LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write your answer.")},
    )


class ReframeForm(forms.Form):
    """Another frame in the same photo, as fractions of its width and height."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    x = forms.FloatField(label=_("Left edge"))
    y = forms.FloatField(label=_("Top edge"))
    width = forms.FloatField(label=_("Width"))
    height = forms.FloatField(label=_("Height"))

    @classmethod
    def of(cls, portrait: Portrait) -> ReframeForm:
        """The form that shows the photo as it is framed."""
        frame = portrait.photo.crop
        numbers = {name: round(getattr(frame, name), 4) for name in ("x", "y", "width", "height")}
        return cls(initial={"version": portrait.version, **numbers}, auto_id="id_frame_%s")

    @property
    def crop(self) -> Crop:
        return Crop(**{name: self.cleaned_data[name] for name in ("x", "y", "width", "height")})

    def moves(self, photo: Photo) -> bool:
        """Is this another frame than the photo's? The browser rounds to four digits."""
        numbers = ("x", "y", "width", "height")
        return any(abs(self.cleaned_data[name] - getattr(photo.crop, name)) > 0.0005 for name in numbers)


class HandBackForm(forms.Form):
    """The pen goes back to the student, with what they should do with it."""

    message = WordsField(
        label=_("What should they do?"),
        help_text=_("They receive your words by mail, and write again."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what they should do.")},
    )


class InviteForm(forms.Form):
    """Whom to write to, among those who have not begun."""

    students = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, invitable, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["students"].choices = [(student.pk, student.full_name) for student in invitable]
