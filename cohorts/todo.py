"""One thing that waits for one person: what it is, since when, how urgent, and the one page on which it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from django.db.models import CharField, F, QuerySet, Value
from django.utils import timezone

from .kinds import Kind

NOW_WITHIN, SOON_WITHIN = timedelta(hours=24), timedelta(days=3)


class Urgency(IntEnum):
    NOW = 0
    SOON = 1
    LATER = 2


@dataclass(frozen=True)
class Todo:
    kind: Kind
    sentence: str
    label: str
    """What the link says."""
    path: str
    since: datetime | None
    """Since when it waits, where that is known."""
    urgency: Urgency = Urgency.LATER
    by: datetime | None = None
    """Until when it is useful, where that is known."""

    @property
    def since_day(self) -> date | None:
        return timezone.localtime(self.since).date() if self.since else None


def by_moment(moment: datetime | None, now: datetime) -> Urgency:
    """How urgent it is, when something hangs on that moment."""
    if moment is None or moment > now + SOON_WITHIN:
        return Urgency.LATER
    return Urgency.NOW if moment <= now + NOW_WITHIN else Urgency.SOON


def by_age(since: datetime, now: datetime) -> Urgency:
    """How urgent it is, when somebody has been waiting since then."""
    return Urgency.SOON if since < now - SOON_WITHIN else Urgency.LATER


def keys(area: str, rows: QuerySet, key: str = "pk") -> QuerySet:
    """(area, key) of each row, for counting several areas in one query."""
    return rows.order_by().values_list(Value(area, output_field=CharField()), F(key))
