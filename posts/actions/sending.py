"""One delivery's way out, in whose hands it is: upload → intent (committed before any byte) → one call → settle.

No transaction is open during a call. Whoever lost the claim only leaves evidence. Each step is written so that dying right
after it is harmless: before the intent nothing left, after it nobody sends again by themselves.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick
from portraits.models import Portrait

from .. import clock, gate
from ..content import ContentChanged, frozen_content
from ..failpoints import reach
from ..models import Account, Attempt, Delivery, Post, Stop
from ..networks.base import Content, Credentials, Key, Media, NeedsReconnect, NotSent, Outcome, Published
from ..networks.tid import tid
from ..pictures import says_todays_names
from ..secrecy import UnreadableToken
from . import settling
from .locking import lock_portrait

LEASE = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
CALL_LIMIT = LEASE.total_seconds() / 5
"""Seconds a create call can last at most, with a margin (36 s of 180): less lease than that left means give up unsent."""
State = Delivery.State


@dataclass
class Claim:
    """A delivery that this worker holds until `deadline` (this process's monotonic clock)."""

    delivery_id: int
    token: uuid.UUID
    deadline: float

    @classmethod
    def of(cls, delivery: Delivery) -> Claim:
        return cls(delivery.pk, uuid.uuid4(), time.monotonic() + LEASE.total_seconds())


def deliver(held: Claim) -> None:
    """Carry one claimed delivery through to an answer, or leave it where the sweeper finds it."""
    reach("after_claim")
    delivery = Delivery.objects.select_related("account", "image", "card").get(pk=held.delivery_id)
    try:
        credentials = delivery.account.credentials()
        content = frozen_content(delivery)
        reach("before_upload")
        media = delivery.account.connector.prepare(content, credentials)
    except Outcome as outcome:
        settling.settle_unsent(held, outcome)
        return
    except (ContentChanged, OSError):
        _ask_about_content(held)
        return
    except UnreadableToken:
        settling.settle_unsent(
            held, NeedsReconnect("unreadable-token", _("The page’s token cannot be read."))
        )
        return
    reach("after_upload")
    written = write_intent(held)
    if written is None:
        return
    reach("after_intent")
    _speak(held, *written, content, media, credentials)


def _speak(
    held: Claim, attempt: Attempt, key: Key, content: Content, media: Media, credentials: Credentials
) -> None:
    started: list[datetime] = []

    def before_first_byte() -> None:
        if held.deadline - time.monotonic() < CALL_LIMIT:
            raise NotSent("lease-too-short", _("There was not enough time left to send it safely."))
        started.append(clock.now())
        reach("before_first_byte")

    try:
        answer: Published | Outcome = attempt.delivery.account.connector.create(
            content, media, credentials, key=key, before_first_byte=before_first_byte
        )
    except Outcome as outcome:
        answer = outcome
    reach("after_answer")
    settling.settle(held, attempt, answer, first_byte_at=started[0] if started else None)
    reach("after_settle")


def write_intent(held: Claim) -> tuple[Attempt, Key] | None:
    """Decide for the last time, and say so in the database before any byte leaves. None: it must not leave.

    Portrait, post and delivery are locked and the gate is open, so a withdrawal, an edit or a stop either came before, and is
    seen here, or comes after the intent.
    """
    reach("before_intent")
    with transaction.atomic():
        gate.go_through()
        portrait, post, delivery = _lock_all(held)
        if delivery.claim_token != held.token or delivery.state not in (State.PREPARING, State.CHECKING):
            return None
        now = clock.now()
        if not may_leave(portrait, post, delivery):
            settling.call_off(delivery, now)
            return None
        if (
            Stop.is_on(delivery.account_id)
            or not delivery.due_at <= now < delivery.latest_useful_at
            or not page_is_ready(delivery, now)
        ):
            settling.give_back(delivery, now)
            return None
        held.deadline = time.monotonic() + LEASE.total_seconds()
        changes = {"lease_until": now + LEASE}
        if not delivery.may_exist:
            # Nothing of it can be there: a new key, with the time at which readers will see it.
            changes |= {"keyed_at": now, "record_key": tid(now, delivery.pk)}
        tick(delivery, "arm", **changes)
        attempt = Attempt.objects.create(
            delivery=delivery,
            number=delivery.attempts.count() + 1,
            kind=Attempt.Kind.CREATE,
            claim_token=held.token,
            intent_at=now,
        )
        return attempt, key_of(delivery)


def page_is_ready(delivery: Delivery, now: datetime) -> bool:
    """Its access stands, and nobody is exchanging it for a new one at this moment."""
    being_renewed = Q(renewing_until__gt=now)
    return Account.objects.filter(~being_renewed, pk=delivery.account_id, needs_reconnect=False).exists()


def key_of(delivery: Delivery) -> Key:
    """What the network may recognise this delivery by; only once it was armed."""
    return Key(id=str(delivery.key), record=delivery.record_key, made_at=delivery.keyed_at)


def may_leave(portrait: Portrait | None, post: Post, delivery: Delivery) -> bool:
    """Both keys are turned for exactly what this delivery holds, the consent names its network today, and everyone else in
    it agrees."""
    return (
        delivery.disowned_at is None
        and post.state == Post.State.APPROVED
        and post.approved_version == post.version == delivery.post_version
        and (not post.awaited() if portrait is None else _portrait_may_leave(portrait, post, delivery))
    )


def _portrait_may_leave(portrait: Portrait, post: Post, delivery: Delivery) -> bool:
    return (
        post.portrait_version == portrait.version == delivery.portrait_version.number
        and portrait.is_signed
        and portrait.consent.allows(delivery.account.network)
        and portrait.is_free_of_others
        and says_todays_names(delivery, portrait)
    )


def _lock_all(held: Claim) -> tuple[Portrait | None, Post, Delivery]:
    """Portrait, post, delivery: in that order everywhere."""
    post_id, portrait_id = (
        Delivery.objects.filter(pk=held.delivery_id).values_list("post_id", "post__portrait_id").get()
    )
    return lock_portrait(portrait_id), lock(Post(pk=post_id)), lock(Delivery(pk=held.delivery_id))


def _ask_about_content(held: Claim) -> None:
    """What was approved cannot be read any more: called off if the student took it back, else a person is asked."""
    with transaction.atomic():
        portrait, post, delivery = _lock_all(held)
        if delivery.claim_token != held.token or delivery.state not in (State.PREPARING, State.CHECKING):
            return
        if may_leave(portrait, post, delivery):
            settling.ask(
                delivery, _("The picture that was approved is missing or has changed. Nothing was sent.")
            )
        else:
            settling.call_off(delivery, clock.now())
