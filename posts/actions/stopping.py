"""The stop switch: one click, effective for every intent committed after it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import require

from ..models import Stop
from ..permissions import can_stop


@transaction.atomic
def press_stop(*, by: User) -> Stop:
    """Nothing leaves any more. Pressing twice is pressing once."""
    require(can_stop(by))
    running = Stop.objects.select_for_update().filter(lifted_at__isnull=True).first()
    return running or Stop.objects.create(pressed_by=by)


@transaction.atomic
def lift_stop(*, reason: str, by: User) -> None:
    """Let things leave again; what became too late meanwhile does not."""
    require(can_stop(by))
    for stop in Stop.objects.select_for_update().filter(lifted_at__isnull=True):
        stop.lifted_by, stop.lifted_at, stop.reason = by, timezone.now(), reason
        stop.save(update_fields=["lifted_by", "lifted_at", "reason"])
    ring()
