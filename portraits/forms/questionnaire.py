"""One question of a promotion's questionnaire, as the comms group words it."""

from __future__ import annotations

import re

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..models import PromotionQuestion
from ..questions import LIMITS, QUOTE_LIMIT
from .words import WordsField

TOO_LONG = _(
    "This is longer than %(limit_value)d characters (it has %(show_value)d). Shorten it a little; it is still here."
)


class Answering(models.TextChoices):
    """Whether a portrait can be handed in without the answer."""

    REQUIRED = "required", _("It must be answered")
    OPTIONAL = "optional", _("It can be left out")
    LATER = "later", _("It can be left out until a day, then it must be answered")


class DayField(forms.DateField):
    """A day that may be left open."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("This day does not exist. Choose another one.")},
            **kwargs,
        )


class QuestionForm(forms.Form):
    """The words of a question, how long an answer may be, and by when. `version`: the questionnaire that they read."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    label = WordsField(
        label=_("Question"),
        help_text=_("As you would ask it across a table. One question only."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the question."), "max_length": TOO_LONG},
    )
    help = WordsField(
        label=_("Help"),
        help_text=_("What may be told, how long it should be, an example: it stands under the question."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    missing = WordsField(
        label=_("In reminders: “What is missing: …”"),
        help_text=_("Words that complete this sentence, for example “where you come from”."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    answering = forms.ChoiceField(
        label=_("Must it be answered?"), choices=Answering.choices, widget=forms.RadioSelect
    )
    required_from = DayField(label=_("Optional until"), help_text=_("From that day on it must be answered."))
    frozen_after = DayField(
        label=_("Frozen after"),
        help_text=_(
            "From the day after, the answers stay as they are, and nobody waits for those that lack."
        ),
    )

    field_order = (
        "version",
        "label",
        "help",
        "missing",
        "limit",
        "answering",
        "required_from",
        "frozen_after",
    )

    def __init__(self, row: PromotionQuestion, *args, version: int = 0, **kwargs):
        super().__init__(*args, initial=initial_of(row) | {"version": version}, **kwargs)
        self.fields["limit"] = limit_field(QUOTE_LIMIT if row.is_quote else LIMITS[1])
        self.order_fields(self.field_order)

    def clean_label(self) -> str:
        return one_line(self.cleaned_data["label"])

    def clean_missing(self) -> str:
        return one_line(self.cleaned_data["missing"])

    def clean(self):
        answering, begins = self.cleaned_data.get("answering"), self.cleaned_data.get("required_from")
        ends = self.cleaned_data.get("frozen_after")
        if answering != Answering.LATER:
            self.cleaned_data["required_from"] = None
        elif begins is None and "required_from" not in self.errors:
            self.add_error("required_from", _("Say from which day on it must be answered."))
        elif begins and ends and begins > ends:
            self.add_error(
                "frozen_after",
                _("It would be frozen before it must be answered: choose a later day, or leave it open."),
            )

    @property
    def words(self) -> dict:
        """What the actions take."""
        names = ("label", "help", "missing", "limit", "required_from", "frozen_after")
        answering = self.cleaned_data["answering"]
        return {name: self.cleaned_data[name] for name in names} | {
            "is_required": answering != Answering.OPTIONAL
        }


def one_line(text: str) -> str:
    """Without line ends; the no-break spaces of French stay."""
    return re.sub("[ \t\n]+", " ", text)


def limit_field(most: int) -> forms.IntegerField:
    """How long an answer may be; the quote's cannot be longer than the card is wide."""
    return forms.IntegerField(
        label=_("Characters at most"),
        help_text=_("It stands in large letters on every portrait and card.") if most == QUOTE_LIMIT else "",
        min_value=LIMITS[0],
        max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Say how many characters an answer may have."),
            "invalid": _("Write a whole number."),
            "min_value": _("At least %(limit_value)d characters: less is no answer."),
            "max_value": _("At most %(limit_value)d characters here."),
        },
    )


def initial_of(row: PromotionQuestion) -> dict:
    """The question as the form shows it."""
    answering = Answering.OPTIONAL
    if row.is_required:
        answering = Answering.LATER if row.required_from else Answering.REQUIRED
    names = ("label", "help", "missing", "limit", "required_from", "frozen_after")
    return {name: getattr(row, name) for name in names} | {"answering": answering}
