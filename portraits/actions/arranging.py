"""What all verbs on a questionnaire share: the lock, the first copy of the school's, the order, what it may ask for in all."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.lifecycle import MoveRefused, lock, require

from .. import permissions
from ..models import Answer, PromotionQuestion, Questionnaire, rows_of
from ..questions import FEWEST, MOST, QUESTIONS, TOGETHER

KEY_LENGTH = 26
"""Of a key made from a label: a number still fits behind it."""


class AskingRefused(MoveRefused):
    """The questionnaire does not allow this; `for_people` says why and what to do."""

    def __init__(self, record: Any, name: str, sentence: str):
        self.record, self.name, self.sentence = record, name, sentence
        Exception.__init__(self, sentence)

    @property
    def for_people(self) -> str:
        return self.sentence


class Outdated(AskingRefused):
    """Somebody has changed it since they read it."""

    def __init__(self, record: Any, name: str):
        super().__init__(
            record,
            name,
            _(
                "Someone has changed the questionnaire since you opened this page. Read it as it is now, then decide."
            ),
        )


def own(promotion: Promotion, by: User) -> Questionnaire:
    """The promotion's questionnaire, locked, with rows of its own: copied from the school's, in the school's language."""
    require(permissions.can_ask(by, promotion))
    questionnaire, _created = Questionnaire.objects.get_or_create(promotion=promotion)
    questionnaire = lock(questionnaire)
    if not questionnaire.promotion.questions.exists():
        arrange(rows_of(questionnaire.promotion))
    return questionnaire


def keep(questionnaire: Questionnaire, by: User, *, is_arranged: bool = False) -> None:
    """One version more, with the name of whoever made it."""
    questionnaire.version += 1
    questionnaire.changed_by = by
    if is_arranged:
        questionnaire.arranged_in = questionnaire.version
    questionnaire.save()


def arrange(rows: list[PromotionQuestion]) -> None:
    """In this order. New rows are saved whole, the others only where their place is another one."""
    for place, row in enumerate(rows):
        if row.pk is None or row.place != place:
            row.place = place
            row.save(update_fields=None if row.pk is None else ["place"])


def before_quote(rows: list[PromotionQuestion], more: list[PromotionQuestion]) -> list[PromotionQuestion]:
    """`more` after `rows`; before the quote where that comes last, as it does on the portrait."""
    end = len(rows) - 1 if rows and rows[-1].is_quote else len(rows)
    return [*rows[:end], *more, *rows[end:]]


def check_whole(questionnaire: Questionnaire, name: str) -> None:
    """Stop here, and undo everything, if the questionnaire as a whole asks for too little or too much."""
    asked = list(questionnaire.promotion.questions.filter(is_retired=False))
    together = sum(row.limit for row in asked if not row.is_quote)
    if len(asked) < FEWEST:
        raise AskingRefused(questionnaire, name, _("One question besides the quote has to stay."))
    if len(asked) > MOST:
        sentence = _("A questionnaire has %(most)d questions at most. Stop asking one first.")
        raise AskingRefused(questionnaire, name, sentence % {"most": MOST})
    if together > TOGETHER:
        sentence = _(
            "All answers together may have %(most)d characters; they would have %(number)d. Lower the limit of a question."
        )
        raise AskingRefused(questionnaire, name, sentence % {"most": TOGETHER, "number": together})


def new_key(promotion: Promotion, label: str) -> str:
    """Made of the label, unlike any key that the promotion, the school or an answer already has."""
    taken = {question.key for question in QUESTIONS}
    taken |= set(promotion.questions.values_list("key", flat=True))
    taken |= set(
        Answer.objects.filter(portrait__student__promotion=promotion).values_list("question", flat=True)
    )
    base = slugify(label.translate({ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae"}))
    if len(base) > KEY_LENGTH:
        base = base[: KEY_LENGTH + 1].rsplit("-", 1)[0][:KEY_LENGTH]
    key = base = base.strip("-_") or "question"
    number = 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key
