"""The questionnaire of a promotion of the demo school that asks more than the school does: made early, changed later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import TYPE_CHECKING

from cohorts.models import Promotion, User
from portraits import actions
from portraits.actions.asking import FIELDS
from portraits.models import Questionnaire

from .timeline import at, standing_at

if TYPE_CHECKING:
    from .school import School

FIRST = timedelta(days=2)
"""After the beginning of the promotion: before anybody is invited."""
SINCE = timedelta(days=30)
"""What is no longer asked is not asked since then."""


def make(school: School) -> None:
    """All questions that the promotion has ever asked beside the school's."""
    for promotion, rows, by in _own(school):
        with standing_at(at(promotion.starts + FIRST, time(17, 45))):
            for row in rows:
                words = {name: row[name] for name in FIELDS if name in row}
                actions.add_question(promotion, words, by=by)


def retire(school: School) -> None:
    """What they have stopped asking since, once it was answered."""
    for promotion, rows, by in _own(school):
        with standing_at(at(school.today - SINCE, time(18, 10))):
            for row in rows:
                if row.get("is_retired"):
                    read = Questionnaire.objects.get(promotion=promotion).version
                    actions.retire_question(promotion, row["key"], read=read, by=by)


def _own(school: School) -> Iterator[tuple[Promotion, list[dict], User]]:
    for row in school.material["promotions"]:
        if row.get("questions"):
            slug = row["slug"]
            yield school.promotions[slug], row["questions"], school.members[slug][0]
