"""Lists that are ticked after a stop: what still leaves, what is taken down, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portraits.forms.words import WordsField

from ..models import Delivery
from ..steps import on_page


@dataclass(frozen=True)
class Tick:
    """One line of the list. What cannot be ticked is shown all the same."""

    delivery: Delivery
    can_be_ticked: bool
    is_ticked: bool

    @property
    def tone(self) -> str:
        return on_page(self.delivery).tone


class TickForm(forms.Form):
    """Some of these deliveries, and one reason."""

    must_tick = True

    reason = WordsField(
        label=_("Why?"),
        help_text=_("It stays on record with your name."),
        max_length=300,
        error_messages={"required": _("Say why in one sentence: it stays on record.")},
    )
    ticked = forms.TypedMultipleChoiceField(
        label=_("The list"),
        coerce=int,
        required=False,
        error_messages={
            "invalid_choice": _("Something has changed since you opened this page. Look at the list again.")
        },
    )

    def __init__(self, deliveries: Iterable[Delivery], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.deliveries = list(deliveries)
        self.offered = {one.pk: one for one in self.deliveries if self.can_be_ticked(one)}
        self.fields["ticked"].choices = [(pk, str(pk)) for pk in self.offered]

    def can_be_ticked(self, delivery: Delivery) -> bool:
        return delivery.latest_useful_at > timezone.now()

    @property
    def rows(self) -> list[Tick]:
        ticks = self["ticked"].value() or []
        return [Tick(one, one.pk in self.offered, str(one.pk) in ticks) for one in self.deliveries]

    @property
    def chosen(self) -> list[Delivery]:
        return [self.offered[pk] for pk in self.cleaned_data["ticked"]]

    def clean_ticked(self):
        ticked = self.cleaned_data["ticked"]
        if self.must_tick and not ticked:
            raise forms.ValidationError(_("Tick at least one line."), "nothing-ticked")
        return ticked


class ReleaseForm(TickForm):
    """What was held and may leave after all."""


class LiftForm(TickForm):
    """Why things may leave again, and what of the past still leaves."""

    must_tick = False

    reason = WordsField(
        label=_("Why may things leave again?"),
        help_text=_("It stays on record with your name."),
        max_length=300,
        error_messages={"required": _("Write why the stop is lifted: it stays on record.")},
    )


class RemoveForm(TickForm):
    """What has just left and must not stay; what is on the wire as well, for as soon as it appears."""

    def can_be_ticked(self, delivery: Delivery) -> bool:
        return delivery.state == Delivery.State.PUBLISHED or (
            delivery.state in Delivery.ON_THE_WIRE and delivery.disowned_at is None
        )
