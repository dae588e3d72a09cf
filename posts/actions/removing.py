"""A person's take-down: of one page, of all pages of a post, or of what has just left, after everything was stopped."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require

from .. import clock
from ..models import Delivery, Post
from ..permissions import can_stop, can_take_down
from .stopping import press_stop


@transaction.atomic
def take_down(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It must not be online any more. Where the network does not let us, a named person gets the link.

    On the wire, where nobody knows yet whether it will be: never sent again, and taken down as soon as it appears.
    """
    delivery = lock(delivery)
    require(can_take_down(by, delivery))
    now = clock.now()
    if delivery.state in Delivery.ON_THE_WIRE and delivery.disowned_at is None:
        return move(delivery, f"disown_{delivery.state}", by=by, note=reason, disowned_at=now)
    delivery = move(delivery, "ask_take_down", by=by, note=reason, next_check_at=now, looks=0)
    ring()
    return delivery


@transaction.atomic
def take_down_post(post: Post, *, reason: str, by: User) -> list[Delivery]:
    """From every page where it is online, or may be; which ones."""
    there = Q(state=Delivery.State.PUBLISHED) | Q(state__in=Delivery.ON_THE_WIRE, disowned_at__isnull=True)
    online = post.deliveries.filter(there).order_by("pk")
    taken = [take_down(delivery, reason=reason, by=by) for delivery in online]
    if not taken:
        raise MoveRefused(post, "ask_take_down")
    return taken


@transaction.atomic
def stop_and_take_down(deliveries: list[Delivery], *, reason: str, by: User) -> list[Delivery]:
    """Stop everything first, then take these down."""
    press_stop(by=by)
    return take_down_these(deliveries, reason=reason, by=by)


@transaction.atomic
def take_down_these(deliveries: list[Delivery], *, reason: str, by: User) -> list[Delivery]:
    """For staff, in a hurry. What has moved on meanwhile is left out of what is returned, and hinders nothing."""
    require(can_stop(by))
    taken = []
    for delivery in sorted(deliveries, key=lambda delivery: delivery.pk):
        try:
            with transaction.atomic():
                taken.append(take_down(delivery, reason=reason, by=by))
        except MoveRefused:
            continue
    return taken
