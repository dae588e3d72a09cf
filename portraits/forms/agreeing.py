"""What the student agrees to: where, until when; and what they ask for instead of signing."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import consents
from ..actions.consenting import Agreement
from ..models import Place, Portrait
from .words import WordsField


class AgreementForm(forms.Form):
    """Where, until when: the student's key. Nothing is ticked beforehand but their own earlier choice."""

    ANOTHER_DAY = "another"

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    consent = forms.IntegerField(widget=forms.HiddenInput, required=False)
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

    def __init__(self, portrait: Portrait, *args, is_longer=False, **kwargs):
        """`is_longer`: they come to keep it, so the suggested end is chosen, not the one that comes near."""
        super().__init__(*args, **kwargs)
        self.portrait, self.today = portrait, timezone.localdate()
        offered = [(day.isoformat(), words) for day, words in consents.offered_ends(portrait)]
        self.fields["until"].widget.choices = [*offered, (self.ANOTHER_DAY, _("Another day"))]
        self.fields["until"].initial = offered[0][0]
        self.fields["day"].widget.attrs |= {
            "min": self.today.isoformat(),
            "max": (self.today + consents.LONGEST).isoformat(),
        }
        self._show_earlier_choice(dict(offered), is_longer)

    def _show_earlier_choice(self, offered, is_longer):
        consent = self.portrait.consent
        if consent is None:
            return
        self.fields["places"].initial = [place.value for place in consent.places]
        if is_longer:
            later = [day for day in offered if day > consent.until.isoformat()]
            self.fields["until"].initial = (later or list(offered))[0]
        elif consent.until > self.today:
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

    def agreement(self, school: str, proof: str) -> Agreement:
        """What they agreed to, with the sentences and choices as they stood on this screen, and who they proved to be."""
        places, until = self.cleaned_data["places"], self.cleaned_data["until"]
        return Agreement(
            places=frozenset(places),
            until=until,
            terms=consents.agreed_terms(self.portrait, school, places, until),
            signed_in_with=proof,
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
