"""When everything happened: each step of each portrait gets a day of its own, and the real actions run on that day."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from inet_comms.moments import MORNING
from posts import clock

# Days before the publication, and the usual hour: students write in the evening, staff approve after lunch.
WAY = {
    "invited": (24, time(9, 5)),
    "draft": (15, time(20, 40)),
    "submitted": (13, time(21, 15)),
    "in_edit": (9, time(18, 20)),
    "to_sign": (7, time(12, 35)),
    "signed": (5, time(19, 50)),
    "in_review": (3, time(10, 10)),
    "approved": (2, time(14, 25)),
    "published": (0, MORNING),
}
FIRST_PORTRAIT = timedelta(days=30)
"""A promotion needs a month before its first portrait can be out."""


@contextlib.contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Whoever asks for the time inside is told this moment: rights, due times and histories are as on that day."""
    real = timezone.now, clock.now
    timezone.now = clock.now = lambda: moment
    try:
        yield
    finally:
        timezone.now, clock.now = real


def at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


class Timeline:
    """The days of one portrait that got as far as `state` on the day `last`."""

    def __init__(self, state: str, last: date):
        self.published_on = last + timedelta(days=WAY[state][0])

    def moment(self, step: str) -> datetime:
        days, hour = WAY[step]
        return at(self.published_on - timedelta(days=days), hour)


def mornings_past(count: int, starts: date, ends: date, taken: set[date]) -> list[date]:
    """That many weekdays, oldest first, spread evenly over a promotion's time as far as it is over; each goes into `taken`."""
    last = min(ends, timezone.localdate() - timedelta(days=2))
    first = min(starts + FIRST_PORTRAIT, last)
    found = []
    for place in range(count):
        day = last - (last - first) * place / count
        while day in taken or day.weekday() > 4:
            day -= timedelta(days=1)
        taken.add(day)
        found.append(day)
    return sorted(found)


def mornings_to_come() -> Iterator[date]:
    """Weekdays from tomorrow on."""
    day = timezone.localdate()
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day
