"""The weekly slots day by day: whose each one is then, what has taken it, and which is the next that a post may take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Promotion
from inet_comms.moments import said, said_wall

from .models import Post, Slot, SlotDay

AHEAD = timedelta(weeks=26)
"""How far a post looks for a free slot."""


@dataclass(frozen=True)
class Occasion:
    """One slot on one day."""

    slot: Slot
    day: date
    row: SlotDay | None = None

    @property
    def moment(self) -> datetime:
        return self.slot.moment(self.day)

    @property
    def is_past(self) -> bool:
        return self.moment <= timezone.now()

    @property
    def is_ceded(self) -> bool:
        return self.row is not None and self.row.ceded_to_id is not None

    @property
    def promotion(self) -> Promotion:
        """Whose it is that day."""
        return self.row.ceded_to if self.is_ceded else self.slot.promotion

    @property
    def post(self) -> Post | None:
        """What has taken it. A cancelled post holds nothing."""
        post = self.row.post if self.row else None
        return post if post and post.state != Post.State.CANCELLED else None

    @property
    def is_free(self) -> bool:
        return self.post is None and not self.is_past

    @property
    def clocks(self) -> str:
        """What a person must know where the clocks change at that very time, or nothing."""
        local = timezone.localtime(self.moment)
        if local.time() != self.slot.time:
            return _("The clocks go forward that night: there is no %(time)s, it leaves at %(then)s.") % {
                "time": said_wall(self.slot.time),
                "then": said_wall(local.time()),
            }
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            return _("The clocks go back that night: %(time)s comes twice, it leaves the first time.") % {
                "time": said_wall(self.slot.time)
            }
        return ""


def occasions(
    slots: Iterable[Slot], first: date, last: date, rows: Iterable[SlotDay] | None = None
) -> list[Occasion]:
    """Each of these slots on each of its days from `first` to `last`, in the order of time. One query, none where rows are given."""
    slots = list(slots)
    if rows is None:
        rows = rows_of(slots, first, last)
    known = {(row.slot_id, row.day): row for row in rows}
    found = []
    for slot in slots:
        begins, ends = max(first, slot.starts), min(last, slot.last)
        day = begins + timedelta(days=(slot.weekday - begins.weekday()) % 7)
        while day <= ends:
            found.append(Occasion(slot, day, known.get((slot.pk, day))))
            day += timedelta(days=7)
    return sorted(found, key=lambda one: (one.moment, one.slot.account_id, one.slot.pk))


def rows_of(slots: Iterable[Slot], first: date, last: date):
    """What is not as usual on these days."""
    rows = SlotDay.objects.filter(slot__in=slots, day__gte=first, day__lte=last)
    rows = rows.select_related("ceded_to", "post__portrait__student", "post__piece", "post__promotion")
    return rows.prefetch_related("post__deliveries")


def free_for(post: Post) -> list[Occasion]:
    """The slots to come that this post may take: of its kind, of its group on that day, on a page it goes to. Two queries."""
    today = timezone.localdate()
    accounts = post.variants.values("account")
    slots = Slot.objects.filter(account__in=accounts, kind=post.kind).select_related("promotion", "account")
    found = occasions(slots, today, today + AHEAD)
    return [one for one in found if one.is_free and one.promotion.pk == post.promotion_id]


def next_free(post: Post) -> Occasion | None:
    return next(iter(free_for(post)), None)


def held_by(post: Post) -> Occasion | None:
    """The slot that this post has taken, if it has one."""
    row = post.slot_days.select_related("slot__promotion", "slot__account", "ceded_to", "post").first()
    return Occasion(row.slot, row.day, row) if row else None


def said_occasion(one: Occasion) -> str:
    """Its moment and page, and what the clocks do where they do something."""
    return " ".join(
        filter(
            None,
            [
                _("%(moment)s on %(page)s.") % {"moment": said(one.moment), "page": one.slot.account},
                one.clocks,
            ],
        )
    )
