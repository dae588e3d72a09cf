"""A promotion's questionnaire as its comms group has it before their eyes, in objects for templates."""

from __future__ import annotations

from functools import cached_property

from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Promotion
from inet_comms.moments import said_day

from ..actions.asking import previous_with_questions
from ..models import Answer, PromotionQuestion, Questionnaire, rows_of
from ..questions import FEWEST, MOST, TOGETHER, Question


class Asked:
    """One question of the promotion, and how many have answered it."""

    def __init__(self, row: PromotionQuestion, answered: int):
        self.row, self.answered = row, answered
        self.key = row.key

    @cached_property
    def today(self) -> Question:
        return self.row.as_asked()

    @property
    def facts(self) -> list[str]:
        """Whether it must be answered, until when, how long, by how many."""
        found = [self._must, self._frozen, _("%(number)d characters at most") % {"number": self.row.limit}]
        return [*filter(None, found), self.said_answers]

    @property
    def said_answers(self) -> str:
        if not self.answered:
            return _("no answer yet")
        return ngettext("%(number)d answer", "%(number)d answers", self.answered) % {"number": self.answered}

    @property
    def _must(self) -> str:
        if self.today.is_frozen:
            return ""
        if self.today.required_from:
            return _("optional until %(day)s") % {"day": said_day(self.today.required_from)}
        return _("must be answered") if self.row.is_required else _("can be left out")

    @property
    def _frozen(self) -> str:
        if not self.row.frozen_after:
            return ""
        day = {"day": said_day(self.row.frozen_after)}
        return (_("frozen since %(day)s") if self.today.is_frozen else _("frozen after %(day)s")) % day

    @property
    def can_delete(self) -> bool:
        return not self.answered and not self.row.is_quote

    @cached_property
    def longest(self) -> int:
        """Characters of the longest answer."""
        answers = Answer.objects.filter(
            portrait__student__promotion=self.row.promotion_id, question=self.row.key
        )
        return max(answers.annotate(length=Length("text")).values_list("length", flat=True), default=0)


class Sheet:
    """The whole questionnaire of one promotion; `see` is the key of the question shown as a student sees it."""

    def __init__(self, promotion: Promotion, see: str = ""):
        self.promotion, self.see = promotion, see
        self.questionnaire = Questionnaire.objects.filter(promotion=promotion).first()
        given = Answer.objects.counts_in(promotion)
        rows = rows_of(promotion)
        self.is_own = rows[0].pk is not None
        self.asked = [Asked(row, given.get(row.key, 0)) for row in rows if not row.is_retired]
        self.retired = [Asked(row, given.get(row.key, 0)) for row in rows if row.is_retired]

    @property
    def version(self) -> int:
        return self.questionnaire.version if self.questionnaire else 0

    @property
    def hidden(self) -> list[tuple]:
        """What each of its forms sends along: the promotion, and the version that is read here."""
        return [("promotion", self.promotion.slug), ("version", self.version)]

    def find(self, key: str) -> Asked | None:
        return next((one for one in [*self.asked, *self.retired] if one.key == key), None)

    @cached_property
    def place(self) -> int:
        """The place of the question that is shown as a student sees it."""
        return next((place for place, one in enumerate(self.asked) if one.key == self.see), 0)

    @property
    def seen(self) -> Question:
        return self.asked[self.place].today

    @property
    def position(self) -> int:
        return self.place + 1

    @property
    def before(self) -> str:
        """The address that shows the question before, "" for the first."""
        return self._seeing(self.place - 1)

    @property
    def after(self) -> str:
        return self._seeing(self.place + 1)

    def _seeing(self, place: int) -> str:
        if not 0 <= place < len(self.asked):
            return ""
        query = {"promotion": self.promotion.slug, "see": self.asked[place].key}
        return f"{reverse('questionnaire', query=query)}#preview"

    @property
    def together(self) -> int:
        """Characters of all answers but the quote, at their longest."""
        return sum(one.row.limit for one in self.asked if not one.row.is_quote)

    @property
    def most_together(self) -> int:
        return TOGETHER

    @property
    def can_add(self) -> bool:
        return len(self.asked) < MOST

    @property
    def can_take_away(self) -> bool:
        return len(self.asked) > FEWEST

    @property
    def most(self) -> int:
        return MOST

    @property
    def to_answer(self) -> int:
        """How many a student must answer today."""
        return sum(one.today.is_required for one in self.asked)

    @cached_property
    def previous(self) -> Promotion | None:
        """Whose questionnaire may be copied."""
        return previous_with_questions(self.promotion)
