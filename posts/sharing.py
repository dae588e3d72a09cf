"""How the pages are shared today and in the weeks to come: whose time overlaps, what each group really has of its share, the weekly slots."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import combinations, groupby

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone

from cohorts.models import Promotion

from .agenda import midnight
from .models import Account, Post, Share, SharedPeriod, Slot, Variant, Weekday
from .slots import Occasion, occasions


@dataclass(frozen=True)
class Overlap:
    """The days, both ends included, on which two promotions of a track are both there."""

    older: Promotion
    newer: Promotion
    first: date
    last: date

    @property
    def weeks(self) -> int:
        """Begun weeks."""
        return math.ceil(((self.last - self.first).days + 1) / 7)

    @property
    def is_running(self) -> bool:
        return self.first <= timezone.localdate()


def overlaps(promotions: Iterable[Promotion] | None = None) -> list[Overlap]:
    """Those that are not over, the next ones first. One query, none where promotions are given."""
    today = timezone.localdate()
    if promotions is None:
        promotions = Promotion.objects.filter(ends__gte=today)
    found = []
    for one, other in combinations(sorted(promotions, key=lambda each: (each.starts, each.pk)), 2):
        first, last = max(one.starts, other.starts), min(one.ends, other.ends)
        if one.track_id == other.track_id and first <= last and last >= today:
            found.append(Overlap(one, other, first, last))
    return sorted(found, key=lambda each: (each.first, each.last))


@dataclass(frozen=True)
class Part:
    """One promotion's share of a page, and how many of the posts there are its."""

    share: Share
    posts: int
    total: int

    @property
    def promotion(self) -> Promotion:
        return self.share.promotion

    @property
    def percent(self) -> int:
        """Of all posts on the page in that time."""
        return round(100 * self.posts / self.total) if self.total else 0


@dataclass(frozen=True)
class SharedPage:
    """One page in one period."""

    period: SharedPeriod
    parts: list[Part]
    total: int

    @property
    def is_running(self) -> bool:
        return self.period.starts <= timezone.localdate() <= self.period.ends


def shared_pages() -> list[SharedPage]:
    """The periods that are not over, with what each group has. Three queries."""
    periods = SharedPeriod.objects.filter(ends__gte=timezone.localdate()).select_related("account")
    periods = list(periods.prefetch_related("shares__promotion").order_by("starts", "account"))
    posts = posts_in(periods)
    found = []
    for period in periods:
        there = posts.get(period.pk, {})
        total = sum(map(len, there.values()))
        parts = [Part(share, len(there.get(share.promotion_id, ())), total) for share in period.shares.all()]
        found.append(SharedPage(period, parts, total))
    return found


def posts_in(periods: Iterable[SharedPeriod]) -> dict[int, dict[int, set[int]]]:
    """Ids of the posts on each period’s page in its time, by period and promotion. One query where there are periods."""
    periods = list(periods)
    if not periods:
        return {}
    within = {
        period.pk: Q(
            account=period.account_id,
            post__publish_at__gte=midnight(period.starts),
            post__publish_at__lt=midnight(period.ends + timedelta(days=1)),
        )
        for period in periods
    }
    which = Case(*(When(there, then=Value(pk)) for pk, there in within.items()))
    rows = Variant.objects.exclude(post__state=Post.State.CANCELLED).annotate(period=which)
    found: dict[int, dict[int, set[int]]] = {}
    for period, promotion, post in rows.filter(_any(within.values())).values_list(
        "period", "post__promotion", "post"
    ):
        found.setdefault(period, {}).setdefault(promotion, set()).add(post)
    return found


def _any(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=())
    for condition in conditions:
        found |= condition
    return found


@dataclass(frozen=True)
class Cell:
    """The slots of one page at one time on one weekday."""

    weekday: str
    slots: list[Slot]


@dataclass(frozen=True)
class Grid:
    """The weekly slots of one page: a row for each time, a cell for each weekday."""

    account: Account
    rows: list[tuple[time, list[Cell]]]


def grids(slots: Iterable[Slot]) -> list[Grid]:
    """Slots as a week shows them, page by page."""
    found = []
    for account, theirs in groupby(
        sorted(slots, key=lambda one: one.account_id), key=lambda one: one.account
    ):
        theirs = list(theirs)
        rows = []
        for moment in sorted({one.time for one in theirs}):
            at = [one for one in theirs if one.time == moment]
            rows.append(
                (
                    moment,
                    [
                        Cell(label, [one for one in at if one.weekday == day])
                        for day, label in Weekday.choices
                    ],
                )
            )
        found.append(Grid(account, rows))
    return found


def slots_between(first: date, last: date) -> QuerySet[Slot]:
    """Those that run on some day of these."""
    ends = (Q(ends__isnull=True) | Q(ends__gte=first)) & Q(promotion__ends__gte=first)
    return Slot.objects.filter(ends, starts__lte=last).select_related("account", "promotion")


@dataclass
class Week:
    """The slots of one week, in order."""

    monday: date
    occasions: list[Occasion] = field(default_factory=list)


def weeks(slots: Iterable[Slot], first: date, last: date) -> list[Week]:
    """Those still to come, week by week. One query."""
    to_come = [one for one in occasions(slots, first, last) if not one.is_past]
    return [
        Week(monday, list(there))
        for monday, there in groupby(to_come, key=lambda one: one.day - timedelta(days=one.day.weekday()))
    ]


def allowed(percent: int, total: int) -> int:
    """How many posts a share is worth, where there are so many in all: rounded up, so that nobody is stopped by a fraction."""
    return math.ceil(percent * total / 100)
