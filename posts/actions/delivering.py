"""The clock's pass: everything that is due now, done once. The database is the queue; whoever runs this is its hand.

A delivery goes claim → upload → intent (committed before any byte) → one call → settle. No transaction is open during
a call. Whoever lost the claim only leaves evidence. Each step is written so that dying right after it is harmless:
before the intent nothing left, after it nobody sends again by themselves.
"""

from __future__ import annotations

import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick
from portraits.models import Portrait

from .. import clock
from ..content import ContentChanged, frozen_content
from ..failpoints import reach
from ..models import Account, Attempt, Delivery, Post, Stop
from ..networks.base import NeedsReconnect, NotSent, Outcome, Published
from ..secrecy import UnreadableToken
from . import looking, settling

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
CALL_LIMIT = LEASE.total_seconds() / 5
"""Seconds a create call can last at most, with a margin (36 s of 180): less lease than that left means give up unsent."""
BATCH = 8


@dataclass
class Claim:
    """A delivery that this worker holds until `deadline` (this process's monotonic clock)."""

    delivery_id: int
    token: uuid.UUID
    deadline: float


def run_pass(workers: int = BATCH) -> int:
    """One pass over everything that is due; the number of things done. Safe to run in any number of processes at once."""
    done = settling.call_off_stale() + settling.take_down_unconsented() + settling.put_portraits_online()
    done += settling.sweep(clock.now()) + settling.expire(clock.now())
    reach("before_claim")
    claims = claim(limit=BATCH)
    if workers == 1:
        for held in claims:
            deliver(held)
    elif claims:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(_in_thread, claims))
    done += len(claims)
    done += looking.look_for_uncertain(clock.now()) + looking.take_down_due(clock.now())
    return done + settling.finish_posts()


def claim(limit: int) -> list[Claim]:
    """Take up to `limit` due deliveries, oldest first, one page at most once: token and lease go into the row."""
    claims = []
    with transaction.atomic():
        if Stop.is_on():
            return []
        now = clock.now()
        due = Delivery.objects.due(now).order_by("due_at", "pk")
        pages = set()
        for delivery in due.select_for_update(skip_locked=True, of=("self",))[: limit * 4]:
            if delivery.account_id in pages or len(claims) == limit:
                continue
            pages.add(delivery.account_id)
            held = Claim(delivery.pk, uuid.uuid4(), time.monotonic() + LEASE.total_seconds())
            tick(lock(delivery), "claim", claim_token=held.token, lease_until=now + LEASE)
            claims.append(held)
    return claims


def deliver(held: Claim) -> None:
    """Carry one claimed delivery through to an answer, or leave it where the sweeper finds it."""
    reach("after_claim")
    delivery = Delivery.objects.select_related("account", "image").get(pk=held.delivery_id)
    network = delivery.account.connector
    try:
        credentials = delivery.account.credentials()
        content = frozen_content(delivery)
        reach("before_upload")
        media = network.prepare(content, credentials)
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
    attempt = write_intent(held)
    if attempt is None:
        return
    reach("after_intent")
    started: list[datetime] = []

    def before_first_byte() -> None:
        if held.deadline - time.monotonic() < CALL_LIMIT:
            raise NotSent("lease-too-short", _("There was not enough time left to send it safely."))
        started.append(clock.now())
        reach("before_first_byte")

    try:
        answer: Published | Outcome = network.create(
            content, media, credentials, before_first_byte=before_first_byte
        )
    except Outcome as outcome:
        answer = outcome
    reach("after_answer")
    settling.settle(held, attempt, answer, first_byte_at=started[0] if started else None)
    reach("after_settle")


def write_intent(held: Claim) -> Attempt | None:
    """Decide for the last time, and say so in the database before any byte leaves. None: it must not leave.

    Portrait, post and delivery are locked, so a withdrawal, an edit or a stop either came before, and is seen here,
    or comes after the intent.
    """
    reach("before_intent")
    with transaction.atomic():
        portrait, post, delivery = _lock_all(held)
        now = clock.now()
        if delivery.claim_token != held.token or delivery.state != Delivery.State.PREPARING:
            return None
        if not may_leave(portrait, post, delivery):
            tick(delivery, "call_off", message=_("It was changed, returned or withdrawn before it left."))
            return None
        if Stop.is_on() or now >= delivery.latest_useful_at or now < delivery.due_at:
            tick(delivery, "give_back", claim_token=None, lease_until=None)
            return None
        if Account.objects.filter(pk=delivery.account_id, needs_reconnect=True).exists():
            tick(delivery, "give_back", claim_token=None, lease_until=None)
            return None
        held.deadline = time.monotonic() + LEASE.total_seconds()
        tick(delivery, "arm", lease_until=now + LEASE)
        return Attempt.objects.create(
            delivery=delivery,
            number=delivery.attempts.count() + 1,
            kind=Attempt.Kind.CREATE,
            claim_token=held.token,
            intent_at=now,
        )


def _lock_all(held: Claim) -> tuple[Portrait, Post, Delivery]:
    """Portrait, post, delivery: in that order everywhere."""
    post_id, portrait_id = (
        Delivery.objects.filter(pk=held.delivery_id).values_list("post_id", "post__portrait_id").get()
    )
    return lock(Portrait(pk=portrait_id)), lock(Post(pk=post_id)), lock(Delivery(pk=held.delivery_id))


def _ask_about_content(held: Claim) -> None:
    """What was approved cannot be read any more: called off if the student took it back, else a person is asked."""
    with transaction.atomic():
        portrait, post, delivery = _lock_all(held)
        if delivery.claim_token != held.token or delivery.state != Delivery.State.PREPARING:
            return
        if may_leave(portrait, post, delivery):
            settling.ask(
                delivery, _("The picture that was approved is missing or has changed. Nothing was sent.")
            )
        else:
            tick(delivery, "call_off", message=_("It was changed, returned or withdrawn before it left."))


def may_leave(portrait: Portrait, post: Post, delivery: Delivery) -> bool:
    """Both keys are turned for exactly what this delivery holds, and the consent names its network today."""
    return (
        post.state == Post.State.APPROVED
        and post.approved_version == post.version == delivery.post_version
        and post.portrait_version == portrait.version == delivery.portrait_version.number
        and portrait.is_signed
        and portrait.consent.allows(delivery.account.network)
    )


def _in_thread(held: Claim) -> None:
    try:
        deliver(held)
    except Exception:
        # The lease runs out and the sweeper decides by what the row says; the other threads go on.
        log.exception("Delivery %s stopped on an error of ours", held.delivery_id)
    finally:
        connection.close()
