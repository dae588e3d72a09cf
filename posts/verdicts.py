"""All that stands against a post, whoever says it, and how it stops a post on its way to the staff and at the staff's key."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from inet_comms.lifecycle import MoveRefused

from . import policy
from .models import Post
from .rulings import Ruling, Who, with_exemptions

SOURCES: tuple[Callable[[Post], list[Ruling]], ...] = (policy.rulings,)
"""Each says what it has against a post as it is saved."""
UNDECIDED = (Post.State.DRAFT, Post.State.TO_SIGN, Post.State.IN_REVIEW)
"""What staff approved was judged then: a rule that is changed later says nothing about it."""


class StillAgainst(MoveRefused):
    """Rules are against it that nobody has let it pass. `rulings` says which."""

    def __init__(self, post: Post, name: str, rulings: list[Ruling]):
        self.rulings = rulings
        super().__init__(post, name)

    @property
    def for_people(self) -> str:
        return " ".join(
            [
                _("It cannot go to the staff yet."),
                *(said(one) for one in self.rulings),
                _("Or say on the page of the post why it should go out all the same.")
                if all(one.who == Who.COMMS for one in self.rulings)
                else "",
            ]
        ).strip()


def verdicts(post: Post) -> list[Ruling]:
    """Everything that is to be said against this post now, and who has let it pass; nothing any more once it is approved."""
    if post.state not in UNDECIDED:
        return []
    return with_exemptions(post, [one for source in SOURCES for one in source(post)])


def in_the_way(post: Post) -> list[Ruling]:
    """What keeps it from being approved: all that is open."""
    return [one for one in verdicts(post) if one.is_open]


def of_the_group(rulings: list[Ruling]) -> list[Ruling]:
    """What the group must settle before it asks anybody: all that is open, but for what only staff may let pass."""
    return [one for one in rulings if one.is_open and one.who != Who.STAFF]


def require_settled(post: Post, name: str) -> None:
    """Stop here while something is open that the group must settle first."""
    if open_ones := of_the_group(verdicts(post)):
        raise StillAgainst(post, name, open_ones)


def said(ruling: Ruling) -> str:
    """What is against it and what to do, in a row."""
    return f"{ruling.sentence} {ruling.advice}"
