"""The kinds of notification: what each is about, whom it concerns, and how it reaches people who have not chosen otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .permissions import is_anyones_comms, is_staff

if TYPE_CHECKING:
    from .models import User


class How(TextChoices):
    """AT_ONCE is for what waits for that very person; what they should merely know comes with the next summary all the same."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("In the morning")
    OFF = "off", _("Never")


@dataclass(frozen=True)
class Kind:
    slug: str
    label: Promise
    help: Promise
    default: How = How.DIGEST
    for_comms: bool = False
    for_staff: bool = False
    is_mailed: bool = True
    """There is a mail of its own: else it comes with the summary, or not at all."""
    is_listed: bool = True
    """It stands under À faire until it is done: the summary reads it there."""
    is_fixed: bool = False
    """It must reach somebody: nobody can switch it off."""

    @property
    def choices(self) -> list[tuple[str, Promise]]:
        return [(how.value, how.label) for how in How if self.is_mailed or how != How.AT_ONCE]


DIGEST = Kind(
    "summary",
    _("The morning’s summary"),
    _(
        "One mail on working mornings at most: what waits for you, and what is new. None when there is nothing."
    ),
    for_comms=True,
    for_staff=True,
    is_mailed=False,
)
TO_EDIT = Kind(
    "to_edit",
    _("Portraits to edit"),
    _("A portrait is handed in, or a student asks for a change."),
    for_comms=True,
)
SIGNED = Kind("signed", _("Signed portraits"), _("A post can be prepared."), for_comms=True)
REMARKS = Kind(
    "remarks",
    _("Remarks to answer"),
    _("Somebody has said something about a text."),
    for_comms=True,
    is_mailed=False,
)
REMINDERS = Kind(
    "reminders", _("Reminders to read"), _("They leave once one of you has read them."), for_comms=True
)
PHOTO_PEOPLE = Kind(
    "photo_people",
    _("People in a photo"),
    _("Everyone has agreed, or it is somebody else."),
    for_comms=True,
    is_listed=False,
)
PLACES = Kind(
    "places",
    _("New places for a portrait"),
    _("A student allows it in another place."),
    for_comms=True,
    is_listed=False,
)
PROPOSALS = Kind(
    "proposals",
    _("Proposals"),
    _("A student sends words and photos for a post."),
    for_comms=True,
)
DRAFTS = Kind("drafts", _("Posts to finish"), _("They are being prepared."), for_comms=True, is_mailed=False)
RETURNED = Kind(
    "returned",
    _("Posts that come back"),
    _("The staff or the student ask for something else."),
    How.AT_ONCE,
    for_comms=True,
)
APPROVED = Kind(
    "approved",
    _("Approved posts"),
    _("They leave at the moment you chose."),
    for_comms=True,
    is_listed=False,
)
OWN = Kind(
    "own",
    _("Your own portrait"),
    _("What is still yours to do. The reminders of your group are apart."),
    for_comms=True,
    is_mailed=False,
)
TO_APPROVE = Kind(
    "to_approve", _("Posts to approve"), _("Their moment is further than a day."), for_staff=True
)
TO_APPROVE_SOON = Kind(
    "to_approve_soon",
    _("Posts to approve within a day"),
    _("They leave within 24 hours, if they are approved."),
    How.AT_ONCE,
    for_staff=True,
)
QUESTION = Kind(
    "question",
    _("Did it go out?"),
    _("You answer for a post of which nobody knows, or that did not go out."),
    How.AT_ONCE,
    for_comms=True,
    for_staff=True,
)
TROUBLE = Kind(
    "trouble",
    _("Posts that will not be able to leave"),
    _("Something stands in the way, and there is still time."),
    How.AT_ONCE,
    for_comms=True,
    for_staff=True,
    is_listed=False,
)
ACCESS_ENDS = Kind(
    "access_ends",
    _("Access that ends soon"),
    _("14 and 7 days before a page must be connected again."),
    for_staff=True,
)
ACCESS_ENDED = Kind(
    "access_ended",
    _("Pages to connect again"),
    _("Our access has ended, or ends within a day: nothing goes out there."),
    How.AT_ONCE,
    for_staff=True,
)
WITHDRAWAL = Kind(
    "withdrawal",
    _("Withdrawals"),
    _("Somebody takes back their portrait, a place or a photo, or a post must be taken down by hand."),
    How.AT_ONCE,
    for_comms=True,
    for_staff=True,
    is_fixed=True,
)
UNANSWERED = Kind(
    "unanswered",
    _("Questions that nobody answers"),
    _("Nobody has said for hours what became of a post."),
    How.AT_ONCE,
    for_comms=True,
    for_staff=True,
    is_fixed=True,
)

KINDS = (
    *(DIGEST, TO_APPROVE_SOON, TO_APPROVE, RETURNED, QUESTION, TROUBLE, ACCESS_ENDED, ACCESS_ENDS),
    *(
        TO_EDIT,
        SIGNED,
        REMARKS,
        REMINDERS,
        PROPOSALS,
        DRAFTS,
        APPROVED,
        PHOTO_PEOPLE,
        PLACES,
        OWN,
        WITHDRAWAL,
        UNANSWERED,
    ),
)
"""In the order in which people read them."""
BY_SLUG = {kind.slug: kind for kind in KINDS}


def kinds_of(user: User) -> Iterator[Kind]:
    """Those that concern this person today, by what they are at the school."""
    for kind in KINDS:
        if (kind.for_staff and is_staff(user)) or (kind.for_comms and is_anyones_comms(user)):
            yield kind
