"""Taking in the events of a file: what would change here, and changing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cohorts.models import Promotion, User
from inet_comms.lifecycle import require

from .. import permissions
from ..event_files import Found, window
from ..models import Event

TAKEN = ("uid", "name", "place", "starts_at", "ends_at", "link", "promotion_id")
"""What the file decides about; the hashtag is the desk’s."""


@dataclass
class Plan:
    """What a file would change here."""

    new: list[Event] = field(default_factory=list)
    changed: list[tuple[Event, Event]] = field(default_factory=list)
    """(as it is, as it would be)"""
    same: list[Event] = field(default_factory=list)
    gone: list[Event] = field(default_factory=list)
    """To come, of the same promotion (or of the school), taken from a file once, and not in this one."""


def plan_events(found: list[Found], promotion: Promotion | None, now: datetime) -> Plan:
    """By the identifier of each, or by name and beginning where somebody entered it by hand; nothing is changed yet."""
    plan, begins, ends = Plan(), *window(now)
    here = Event.objects.filter(ends_at__gt=begins, starts_at__lt=ends) | Event.objects.exclude(uid="")
    events = list(here.select_related("promotion"))
    known = {event.uid: event for event in events if event.uid}
    by_hand = {(event.name, event.starts_at): event for event in events if not event.uid}
    for one in found:
        before = known.get(one.uid) or by_hand.get((one.name, one.starts_at))
        after = Event(promotion=promotion, **vars(one))
        if before is None:
            plan.new.append(after)
            continue
        after.pk, after.hashtag = before.pk, before.hashtag
        is_same = all(getattr(before, name) == getattr(after, name) for name in TAKEN)
        if is_same:
            plan.same.append(before)
        else:
            plan.changed.append((before, after))
    in_file = {one.uid for one in found}
    plan.gone = [
        event
        for event in known.values()
        if event.promotion == promotion
        and event.ends_at > begins
        and event.starts_at < ends
        and event.uid not in in_file
    ]
    return plan


@transaction.atomic
def import_events(
    found: list[Found], *, promotion: Promotion | None, removes_gone: bool = False, by: User
) -> Plan:
    """All of it or nothing. What is gone from the file stays here unless they say otherwise."""
    require(permissions.can_manage_events(by))
    plan = plan_events(found, promotion, timezone.now())
    Event.objects.bulk_create(plan.new, ignore_conflicts=True)
    Event.objects.bulk_update([after for _before, after in plan.changed], TAKEN)
    if removes_gone:
        Event.objects.filter(pk__in=[event.pk for event in plan.gone]).delete()
    return plan
