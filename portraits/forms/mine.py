"""What the student types and chooses: answers, facts, the photo."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..actions.writing import photo_token
from ..models import Portrait
from ..models.portrait import EntryRoute, HostKind, Region, Sector
from ..photos import Crop
from ..questions import Question
from .words import WordsField

PICTURES = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
ONE_SENTENCE = 200
"""Characters up to which an answer is one sentence: the Enter key then goes on, as in any field of one line."""


class AnswerForm(forms.Form):
    """The answer to one question. Empty is an answer too: one can come back to it.

    `read` names the answer that the page shows: what was changed on another device since is not overwritten unseen.
    """

    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, question: Question, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Dictation and spelling follow the language of the words, whatever the language of the page.
        attrs = {
            "rows": 3 if question.limit <= ONE_SENTENCE else 9,
            "autocapitalize": "sentences",
            "spellcheck": "true",
            "lang": settings.LANGUAGE_CODE,
        }
        if question.limit <= ONE_SENTENCE:
            attrs["enterkeyhint"] = "next"
        self.fields["text"] = WordsField(
            label=question.label,
            help_text=question.help,
            max_length=self._most(question.limit),
            required=False,
            widget=forms.Textarea(attrs=attrs),
            error_messages={
                "max_length": _(
                    "This is longer than %(limit_value)d characters (it has %(show_value)d). Shorten it a little; it is still here."
                ),
            },
        )

    def _most(self, limit: int) -> int:
        """What was given before the group lowered the limit may stay as it is, until it is changed."""
        kept = self.initial.get("text", "")
        sent = (self.data.get(self.add_prefix("text")) or "").replace("\r\n", "\n").strip()
        return max(limit, len(kept)) if sent == kept else limit


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
    host_kind = forms.ChoiceField(
        label=_("Where is the internship that counts most to you?"),
        required=False,
        choices=[("", _("I prefer not to say")), *HostKind.choices],
    )
    counts_in_balance = forms.BooleanField(
        label=_("I count in the balance of the portraits"),
        help_text=_("Untick it, and your answers here are deleted and nobody is suggested by them."),
        required=False,
    )


class PhotoForm(forms.Form):
    """A photo, its frame as fractions of the photo, and its description. The file may be left out to frame anew.

    The numbers belong to the photo that the portrait has, unless `is_framed` says that they were set on the new one, or
    on the present one as `turn` turns it. `read` names the photo that the page shows.
    """

    photo = forms.FileField(
        label=_("Choose a photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": PICTURES}),
        error_messages={"empty": _("The file is empty. Choose the photo again.")},
    )
    camera = forms.FileField(
        label=_("Take a photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "user"}),
        error_messages={"empty": _("The file is empty. Choose the photo again.")},
    )
    read = forms.CharField(required=False, widget=forms.HiddenInput)
    turn = forms.TypedChoiceField(
        label=_("Turn the photo"),
        required=False,
        coerce=int,
        empty_value=0,
        choices=[
            ("", _("as it is")),
            (270, _("a quarter to the left")),
            (90, _("a quarter to the right")),
            (180, _("upside down")),
        ],
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
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "autocapitalize": "sentences",
                "spellcheck": "true",
                "lang": settings.LANGUAGE_CODE,
                "enterkeyhint": "done",
            }
        ),
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
        initial = {"alt_text": portrait.alt_text, "read": photo_token(portrait.photo), **self.frame_now}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self):
        if self.cleaned_data.get("camera"):
            self.cleaned_data["photo"] = self.cleaned_data["camera"]
        if (
            not self.frame_now
            and not self.cleaned_data.get("photo")
            and not {"photo", "camera"} & set(self.errors)
        ):
            self.add_error("photo", _("Choose a photo first."))

    @property
    def crop(self) -> Crop | None:
        """The frame that was set, on the new photo or on the one they have; None leaves it as it is."""
        numbers = {name: self.cleaned_data.get(name) for name in self.FRAME}
        is_new = self.cleaned_data.get("photo") or self.cleaned_data.get("turn")
        if None in numbers.values() or (numbers == self.frame_now and not is_new):
            return None
        if is_new and not self.cleaned_data.get("is_framed"):
            return None
        return Crop(**numbers)

    def show_frame_of(self, portrait: Portrait) -> None:
        """The page shows this photo though something is wrong: the numbers on it are its own."""
        self.data = self.data.copy()
        for name in ("is_framed", "turn"):
            self.data.pop(self.add_prefix(name), None)
        self.data[self.add_prefix("read")] = photo_token(portrait.photo)
        for name, value in frame_numbers(portrait).items():
            self.data[self.add_prefix(name)] = value


def frame_numbers(portrait: Portrait) -> dict[str, float]:
    """The frame of the present photo as the page shows it; empty where there is no photo."""
    if portrait.photo is None:
        return {}
    return {name: round(getattr(portrait.photo.crop, name), 4) for name in PhotoForm.FRAME}
