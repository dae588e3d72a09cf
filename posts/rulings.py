"""What stands against a post as it is planned: one sentence each, who may say “all the same”, and who has said it.

The school's rules for its pages (`policy.py`) and what collides on the calendar (`clashes.py`) both speak in these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from .models import Exemption, Post


class Who(StrEnum):
    """Who may let a post pass although a rule is against it."""

    ADVICE = "advice"
    """It is only said: nobody is stopped."""
    COMMS = "comms"
    STAFF = "staff"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Ruling:
    """`rule` names the rule, `about` what it is about in this case (a page, another post), so that a new case is asked anew."""

    rule: str
    about: str
    sentence: str | Promise
    """What is against it, and why."""
    advice: str | Promise
    """What to do instead."""
    who: Who
    exemption: Exemption | None = None
    account: int | None = None
    """The page whose text it is shown beside while one writes; None: it concerns the post."""

    @property
    def is_advice(self) -> bool:
        return self.who == Who.ADVICE

    @property
    def is_open(self) -> bool:
        """It stands in the way, until somebody lets the post pass."""
        return self.exemption is None and not self.is_advice


def with_exemptions(post: Post, rulings: Iterable[Ruling]) -> list[Ruling]:
    """The same, each with the exemption that somebody has given for it. One query where there is anything to ask, unless the post has them."""
    rulings = list(rulings)
    if not rulings:
        return []
    given = {(row.rule, row.about): row for row in post.exemptions.all()}
    return [replace(one, exemption=given.get((one.rule, one.about))) for one in rulings]
