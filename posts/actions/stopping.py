"""The stop switch, for everything or for one page: one click, effective for every intent committed after it."""

from __future__ import annotations

from django.db import transaction

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import require

from .. import clock, gate
from ..models import Account, Delivery, Stop
from ..permissions import can_stop
from .holding import hold_due, release


@transaction.atomic
def press_stop(*, by: User, account: Account | None = None) -> Stop:
    """Nothing leaves any more: for this page, or for any if none is named. Pressing twice is pressing once."""
    require(can_stop(by))
    gate.shut()
    stop, _is_new = Stop.objects.get_or_create(
        account=account, lifted_at__isnull=True, defaults={"pressed_by": by}
    )
    return stop


@transaction.atomic
def lift_stop(
    *, reason: str, by: User, account: Account | None = None, ticked: list[Delivery] | None = None
) -> None:
    """Let things leave again. What came due meanwhile is held, except what is ticked.

    Refused as a whole if one of the ticked ones is too late by now.
    """
    require(can_stop(by))
    stop = Stop.objects.select_for_update().filter(account=account, lifted_at__isnull=True).first()
    if stop is None:
        return
    hold_due(clock.now(), account)
    stop.lifted_by, stop.lifted_at, stop.reason = by, clock.now(), reason
    stop.save(update_fields=["lifted_by", "lifted_at", "reason"])
    if ticked:
        release(ticked, reason=reason, by=by)
    ring()
