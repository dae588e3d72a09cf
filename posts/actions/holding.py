"""Nothing floods a page after a stop or an outage: what came due meanwhile waits until a person ticks it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require, tick

from .. import clock
from ..models import Account, Delivery, Pulse
from ..permissions import can_answer
from . import reminding

EVERY = timedelta(seconds=10)
FRESH = timedelta(minutes=5)
"""What came due so shortly before we are back goes out as if nothing had been."""


def feel_pulse(now: datetime) -> None:
    """Note that we are at work. After an outage, hold what came due in it."""
    last = Pulse.objects.filter(pk=1).first()
    if last is not None and last.at > now - EVERY:
        return
    with transaction.atomic():
        last = Pulse.objects.select_for_update().filter(pk=1).first()
        if last is not None and now - last.at > timedelta(seconds=settings.OUTAGE_SECONDS):
            hold_due(
                now,
                due_before=now - FRESH,
                message=_("It should have left while nothing was running. Say whether it still may."),
            )
        Pulse.objects.update_or_create(pk=1, defaults={"at": now})


def hold_due(
    now: datetime, account: Account | None = None, *, due_before: datetime | None = None, message: str = ""
) -> int:
    """Hold what is due now, of one page or of all (inside the caller's transaction); how many."""
    due = Delivery.objects.filter(state__in=Delivery.DUE, due_at__lte=due_before or now)
    if account is not None:
        due = due.filter(account=account)
    held = 0
    for pk in list(due.values_list("pk", flat=True)):
        delivery = lock(Delivery(pk=pk))
        if delivery.state not in Delivery.DUE:
            continue
        why = message or _("It should have left while everything was stopped. Say whether it still may.")
        tick(delivery, "hold", message=why, next_check_at=None)
        reminding.assign(delivery)
        held += 1
    return held


@transaction.atomic
def release(deliveries: list[Delivery], *, reason: str, by: User) -> list[Delivery]:
    """Let these leave after all, spaced as always. Refused as a whole if one of them is not held, or too late."""
    now = clock.now()
    released = []
    for delivery in deliveries:
        delivery = lock(delivery)
        require(can_answer(by, delivery))
        if delivery.latest_useful_at <= now:
            raise MoveRefused(delivery, "release")
        released.append(move(delivery, "release", by=by, note=reason, message=""))
    ring()
    return released
