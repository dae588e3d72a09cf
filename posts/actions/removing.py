"""A person's take-down: of one page, of all pages of a post, or of what has just left, after everything was stopped."""

from __future__ import annotations

from django.db import transaction

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require

from .. import clock
from ..models import Delivery, Post
from ..permissions import can_stop, can_take_down
from .stopping import press_stop


@transaction.atomic
def take_down(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It must not be online any more. Where the network does not let us, a named person gets the link."""
    delivery = lock(delivery)
    require(can_take_down(by, delivery))
    delivery = move(delivery, "ask_take_down", by=by, note=reason, next_check_at=clock.now(), looks=0)
    ring()
    return delivery


@transaction.atomic
def take_down_post(post: Post, *, reason: str, by: User) -> list[Delivery]:
    """From every page where it is online; which ones."""
    online = post.deliveries.filter(state=Delivery.State.PUBLISHED).order_by("pk")
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
