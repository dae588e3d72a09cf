"""What the comms group types about a portrait: the edited words, a message with the pen, whom to invite."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Photo, Portrait
from ..photos import Crop
from .words import WordsField


class StudioForm(forms.Form):
    """The edited words. `version` is the version that was before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
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
        words = {name: getattr(portrait, name) for name in ("title", "quote", "text", "alt_text")}
        return cls(initial={"version": portrait.version, **words})

    @property
    def words(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


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
