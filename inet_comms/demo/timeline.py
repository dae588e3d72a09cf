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
    "invited": (27, time(9, 5)),
    "draft": (18, time(20, 40)),
    "submitted": (16, time(21, 15)),
    "in_edit": (12, time(18, 20)),
    "to_sign": (10, time(12, 35)),
    "signed": (8, time(19, 50)),
    "in_review": (6, time(10, 10)),
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


def _weekday(day: date) -> date:
    """That day, or the Friday before it: offices are closed on weekends."""
    return day - timedelta(days=max(0, day.weekday() - 4))


class Timeline:
    """The days of one portrait that got as far as `state` on the day `last`."""

    def __init__(self, state: str, last: date):
        self.published_on = last + timedelta(days=WAY[state][0])

    def moment(self, step: str) -> datetime:
        days, hour = WAY[step]
        day = self.published_on - timedelta(days=days)
        return at(_weekday(day) if step == "approved" else day, hour)


def mornings_past(count: int, starts: date, ends: date, taken: set[date]) -> list[date]:
    """That many weekdays, oldest first, spread evenly from `starts` to `ends`; none of `taken`, to which they are added."""
    first, found = min(starts + FIRST_PORTRAIT, ends), []
    for place in range(count):
        day = _weekday(ends - (ends - first) * place / count)
        while day in taken:
            day = _weekday(day - timedelta(days=1))
        taken.add(day)
        found.append(day)
    return sorted(found)


def mornings_to_come(today: date) -> Iterator[date]:
    """Weekdays from tomorrow on."""
    day = today
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day
