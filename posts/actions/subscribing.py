"""Reading the calendar in a programme of one’s own: an address, and another one in its place."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from cohorts.models import User
from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import require

from ..models import CalendarFeed


def subscribe(*, by: User) -> CalendarFeed:
    """Their address, made at the first time."""
    require(is_staff(by) or is_anyones_comms(by))
    return CalendarFeed.objects.get_or_create(user=by)[0]


@transaction.atomic
def renew(*, by: User) -> CalendarFeed:
    """Another address; the one before opens nothing from now on."""
    feed = subscribe(by=by)
    CalendarFeed.objects.filter(pk=feed.pk).update(number=F("number") + 1, read_at=None)
    feed.refresh_from_db()
    return feed
