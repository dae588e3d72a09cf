"""What the student types, chooses and signs."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import consents
from ..actions.consenting import Agreement
from ..models import Place, Portrait
from ..models.portrait import EntryRoute, Region, Sector
from ..photos import Crop
from ..questions import Question
from .studio import WordsField

HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that cannot be seen and change how the rest is read: control characters, overrides of the direction."""


def check_visible(text: str) -> None:
    """Refuse text that holds something nobody sees. (Django itself refuses NUL.)"""
    if HIDDEN.search(text):
        raise ValidationError(
            _(
                "The text holds invisible characters, often from copying out of a document. Type that passage again."
            ),
            code="invisible",
        )


class AnswerForm(forms.Form):
    """The answer to one question."""

    def __init__(self, question: Question, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = 3 if question.limit <= 200 else 9
        self.fields["text"] = WordsField(
            label=question.label,
            help_text=question.help,
            max_length=question.limit,
            required=False,
            validators=[check_visible],
            widget=forms.Textarea(attrs={"rows": rows, "autocapitalize": "sentences", "data-autosave": ""}),
            error_messages={
                "max_length": _(
                    "This is longer than %(limit_value)d characters (it has %(show_value)d). Shorten it a little; it is still here."
                ),
            },
        )


class FactsForm(forms.Form):
    """Optional facts, for the variety of the portraits only."""

    region = forms.ChoiceField(
        label=_("Where do you come from?"),
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
    """A photo, its frame as fractions of the photo, and its description. The file may be left out to frame anew."""

    photo = forms.FileField(
        label=_("Your photo"),
        help_text=_(
            "A recent photo, upright, your face in the light, with some room around it. JPEG, PNG, WebP or HEIC, 15 MB at most."
        ),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"empty": _("The file is empty. Choose the photo again.")},
    )
    x = forms.FloatField(label=_("Left edge"), required=False, min_value=0, max_value=1)
    y = forms.FloatField(label=_("Top edge"), required=False, min_value=0, max_value=1)
    width = forms.FloatField(label=_("Width"), required=False, min_value=0, max_value=1)
    height = forms.FloatField(label=_("Height"), required=False, min_value=0, max_value=1)
    alt_text = WordsField(
        label=_("Describe the photo in one sentence"),
        help_text=_(
            "For those who cannot see it: what you wear, where you are, how you look at us. The networks receive it too."
        ),
        max_length=200,
        validators=[check_visible],
        error_messages={
            "required": _("Describe your photo in a few words: people who cannot see read them.")
        },
    )

    def __init__(self, has_photo: bool, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.has_photo = has_photo

    def clean(self):
        if not self.has_photo and not self.cleaned_data.get("photo") and "photo" not in self.errors:
            self.add_error("photo", _("Choose a photo first."))

    @property
    def crop(self) -> Crop | None:
        """The frame, if all four numbers were given and the photo is the one they were given for."""
        values = [self.cleaned_data.get(name) for name in ("x", "y", "width", "height")]
        return None if self.cleaned_data.get("photo") or None in values else Crop(*values)


class AgreementForm(forms.Form):
    """Where, until when: the student's key. Nothing is ticked beforehand but their own earlier choice."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    places = forms.MultipleChoiceField(
        label=_("Where may your portrait appear?"),
        help_text=_("Tick each place that you agree to. You can change your mind later."),
        choices=Place.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _(
                "Tick at least one place. If you agree to none, leave this page: nothing is published."
            )
        },
    )
    until = forms.DateField(
        label=_("Until when?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose a day until which it may stay."),
            "invalid": _("This day does not exist. Choose another one."),
        },
    )

    def __init__(self, portrait: Portrait, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.portrait = portrait
        today = timezone.localdate()
        self.fields["until"].initial = consents.suggested_end(portrait)
        self.fields["until"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + consents.LONGEST).isoformat(),
        }
        if portrait.consent:
            self.fields["places"].initial = [place.value for place in portrait.consent.places]
            self.fields["until"].initial = portrait.consent.until

    def clean_until(self):
        until, today = self.cleaned_data["until"], timezone.localdate()
        if until <= today:
            raise ValidationError(_("This day has passed. Choose one in the future."))
        if until > today + consents.LONGEST:
            raise ValidationError(_("Five years at most: you will be asked again then."))
        return until

    def agreement(self, request, school: str) -> Agreement:
        """What they agreed to, with the sentences as they stood on this screen."""
        return Agreement(
            places=frozenset(self.cleaned_data["places"]),
            until=self.cleaned_data["until"],
            terms="\n".join(consents.terms(self.portrait, school)),
            signed_in_with=consents.proof_of_identity(request.session, request.user),
        )


class MessageForm(forms.Form):
    """What should be changed before they sign."""

    message = WordsField(
        label=_("What should be changed?"),
        max_length=2000,
        validators=[check_visible],
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what should be changed.")},
    )
