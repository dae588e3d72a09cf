"""What stands on the calendar: its days, and on each the posts, events, quiet periods and holidays that belong there."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.holidays import holiday
from portraits.models import QuietPeriod

from . import permissions
from .models import Account, Delivery, Event, Post, Variant
from .steps import Badge, badge, newest_of_each_page

LIST_DAYS = 42
FIRST_YEAR, LAST_YEAR = 2000, 2099
A_DAY = 5
"""Posts shown on one day of a month; the list has them all."""


@dataclass(frozen=True)
class Span:
    """The days that one view shows, by weeks from Monday on; `month` where those of the months beside it stand apart."""

    view: str
    day: date
    weeks: list[list[date]]
    previous: date
    next: date

    @property
    def first(self) -> date:
        return self.weeks[0][0]

    @property
    def last(self) -> date:
        return self.weeks[-1][-1]

    def is_beside(self, day: date) -> bool:
        return self.view == "month" and day.month != self.day.month


def span(view: str, day: date) -> Span:
    """The month or week that holds this day, or the six weeks from it on."""
    day = max(date(FIRST_YEAR, 1, 31), min(day, date(LAST_YEAR, 12, 1)))
    if view == "month":
        weeks = calendar.Calendar().monthdatescalendar(day.year, day.month)
        first = day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return Span(view, day, weeks, (first - timedelta(days=1)).replace(day=1), following)
    monday = day - timedelta(days=day.weekday())
    length = 7 if view == "week" else LIST_DAYS
    begins = monday if view == "week" else day
    days = [begins + timedelta(days=number) for number in range(length)]
    apart = timedelta(days=length)
    return Span(view, day, [days], day - apart, day + apart)


@dataclass(frozen=True)
class Item:
    """A post on its day."""

    post: Post
    badge: Badge
    networks: list[str]
    """What the networks that it goes to are called."""
    online: list[tuple[str, str]]
    """(network, address) of where it can be read."""
    is_open: bool
    """The reader may open it; of the other group’s they see the title, the moment and the state."""
    may_move: bool


@dataclass
class Day:
    """One day, and what stands on it."""

    date: date
    is_today: bool
    is_beside: bool
    holiday: str = ""
    clocks: str = ""
    """What the clocks do that night, in words."""
    periods: list[QuietPeriod] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    more: int = 0
    """How many posts it has besides."""

    @property
    def is_past(self) -> bool:
        return self.date < timezone.localdate()

    @property
    def is_empty(self) -> bool:
        return not (self.holiday or self.clocks or self.periods or self.events or self.items)


@dataclass(frozen=True)
class Agenda:
    """The days of a span in their weeks, and whose posts there are."""

    weeks: list[list[Day]]
    promotions: list[Promotion]
    networks: list[tuple[str, str]]
    """(key, name) of those that something here goes to."""
    undated: list[Item] = field(default_factory=list)
    """What the reader’s own group has begun and not yet given a day."""

    @property
    def days(self) -> list[Day]:
        return [day for week in self.weeks for day in week]

    @property
    def is_empty(self) -> bool:
        return not any(day.items or day.events for day in self.days)


def agenda(found: Span, user: User, *, promotion: str = "", network: str = "") -> Agenda:
    """Everything of both groups; `promotion` (its short name) and `network` leave only theirs. Three queries and two prefetches."""
    begins, ends = midnight(found.first), midnight(found.last + timedelta(days=1))
    today = timezone.localdate()
    days = {
        day: Day(day, day == today, found.is_beside(day), holiday(day), clock_change(day))
        for week in found.weeks
        for day in week
    }
    promotions, networks, accounts, undated = {}, {}, {}, []
    for post in _posts(begins, ends, user):
        accounts |= {variant.account_id: variant.account for variant in post.words}
        goes_to = {variant.account.network: variant.account.get_network_display() for variant in post.words}
        promotions[post.promotion_id] = post.promotion
        networks |= goes_to
        if (network and network not in goes_to) or promotion not in ("", post.promotion.slug):
            continue
        day = days[timezone.localdate(post.publish_at)] if post.publish_at else None
        if day and found.view == "month" and len(day.items) == A_DAY:
            day.more += 1
            continue
        item = _item(post, user, list(goes_to.values()), accounts)
        (day.items if day else undated).append(item)
    events = Event.objects.filter(starts_at__lt=ends, ends_at__gt=begins).select_related("promotion")
    for event in events:
        if not promotion or event.promotion is None or event.promotion.slug == promotion:
            for day in _shown(found, event.first_day, event.last_day, days):
                days[day].events.append(event)
    periods = QuietPeriod.objects.filter(starts__lte=found.last, ends__gte=found.first)
    for period in periods.select_related("promotion"):
        promotions[period.promotion_id] = period.promotion
        if promotion in ("", period.promotion.slug):
            for day in _shown(found, period.starts, period.ends, days):
                days[day].periods.append(period)
    return Agenda(
        [[days[day] for day in week] for week in found.weeks],
        sorted(promotions.values(), key=lambda one: one.starts),
        sorted(networks.items(), key=lambda one: one[1]),
        undated,
    )


def _item(post: Post, user: User, networks: list[str], accounts: dict[int, Account]) -> Item:
    """`accounts`: those that are known already; a page that the post no longer goes to is looked up once."""
    for delivery in post.deliveries.all():
        if delivery.account_id not in accounts:
            accounts[delivery.account_id] = delivery.account
        delivery.account = accounts[delivery.account_id]
    may_write = permissions.can_write(user, post)
    return Item(
        post,
        badge(post, with_moment=False),
        networks,
        online=[
            (delivery.account.get_network_display(), delivery.url)
            for delivery in newest_of_each_page(post)
            if delivery.state == Delivery.State.PUBLISHED and delivery.url
        ],
        is_open=may_write or user.is_staff,
        may_move=may_write and post.state in Post.OPEN,
    )


def _posts(begins: datetime, ends: datetime, user: User):
    """Those of these days, and in the same query those of one’s own group that have none."""
    posts = Post.objects.on_calendar(begins, ends) | Post.objects.undated(user.comms_promotion_ids)
    return posts.select_related("portrait__student", "piece", "promotion").prefetch_related(
        Prefetch("variants", Variant.objects.select_related("account").order_by("account"), to_attr="words"),
        "deliveries",
    )


def _shown(found: Span, first: date, last: date, days) -> list[date]:
    """On the calendar each of its days; in the list the first of them, where it says until when."""
    shown = [day for day in days if first <= day <= last]
    return shown[:1] if found.view == "list" else shown


def midnight(day: date) -> datetime:
    """The instant at which this day begins at the school."""
    return timezone.make_aware(datetime.combine(day, time.min))


def clock_change(day: date) -> str:
    """What a person must know about the clocks of that day, or nothing."""
    before, after = midnight(day).utcoffset(), midnight(day + timedelta(days=1)).utcoffset()
    if before < after:
        return _("At 2:00 the clocks go forward to 3:00.")
    if before > after:
        return _("At 3:00 the clocks go back to 2:00: that hour comes twice.")
    return ""
