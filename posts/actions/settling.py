"""What is written down after a call: online, later, refused, lost sight of, or somebody is asked."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick

from .. import clock, mails
from ..failpoints import reach
from ..models import Attempt, Delivery, Evidence, Upkeep
from ..networks.base import Duplicate, NeedsReconnect, Outcome, Published, Refused, Unknown
from ..steps import on_page
from . import pacing, reminding, upkeep

log = logging.getLogger(__name__)

State = Delivery.State


def settle(held, attempt: Attempt, answer: Published | Outcome, first_byte_at: datetime | None) -> None:
    """Write down what the network said. If the claim was lost meanwhile, only evidence is left; nobody's state is touched."""
    reach("before_settle")
    with transaction.atomic():
        delivery = lock(Delivery(pk=held.delivery_id))
        now = clock.now()
        attempt.first_byte_at, attempt.ended_at = first_byte_at, now
        attempt.outcome = "published" if isinstance(answer, Published) else answer.reason[:50]
        attempt.answer = answer.answer
        attempt.save(update_fields=["first_byte_at", "ended_at", "outcome", "answer"])
        if isinstance(answer, (Published, Duplicate)) and answer.remote_id:
            source = "answer" if isinstance(answer, Published) else "duplicate"
            Evidence.objects.create(delivery=delivery, remote_id=answer.remote_id, source=source)
        pacing.learn(delivery.account_id, answer, now)
        if delivery.claim_token != held.token or delivery.state != State.SENDING:
            log.warning("Delivery %s was answered after its claim was lost", delivery.pk)
            return
        if isinstance(answer, Published):
            confirm(delivery, answer.remote_id, answer.url, now)
        elif isinstance(answer, (Unknown, Duplicate)) or delivery.may_exist:
            # Whatever this try met, an earlier one may be online: it is looked for, never sent anew by itself.
            lose_sight(delivery, now, str(answer.message))
            _note_reconnect(delivery, answer)
        elif isinstance(answer, Refused):
            _fail(delivery, answer)
        else:
            _retry(delivery, answer, now)


def settle_unsent(held, outcome: Outcome) -> None:
    """The upload did not succeed: nothing new can be online, whatever was answered."""
    with transaction.atomic():
        delivery = lock(Delivery(pk=held.delivery_id))
        if delivery.claim_token != held.token or delivery.state not in (State.PREPARING, State.CHECKING):
            return
        now = clock.now()
        pacing.learn(delivery.account_id, outcome, now)
        if delivery.state == State.CHECKING:
            look_later(delivery, now)
            _note_reconnect(delivery, outcome)
        elif isinstance(outcome, Refused):
            _fail(delivery, outcome)
        else:
            _retry(delivery, outcome, now)


def ask(delivery: Delivery, message: str, **changes) -> None:
    """A person must say what to do (inside the caller's transaction, `delivery` locked)."""
    tick(delivery, "ask", message=message, claim_token=None, lease_until=None, next_check_at=None, **changes)
    tell(delivery)


def tell(delivery: Delivery) -> None:
    """Somebody answers for it from now on, and hears of it."""
    reminding.assign(delivery)
    transaction.on_commit(lambda: mails.question(delivery))


def confirm(delivery: Delivery, remote_id: str, url: str, now: datetime) -> None:
    """It is online, and we hold its identifier (inside the caller's transaction, `delivery` locked)."""
    tick(
        delivery,
        "confirm",
        remote_id=remote_id,
        # From outside, and linked: nothing but the web.
        url=url if url.startswith(("https://", "http://")) else "",
        published_at=now,
        message="",
        claim_token=None,
        lease_until=None,
        looks=0,
        next_check_at=now + timedelta(seconds=settings.CONFIRM_AFTER_SECONDS),
    )
    if on_page(delivery).is_former:
        transaction.on_commit(lambda: mails.left_before_the_change(delivery))


def lose_sight(delivery: Delivery, now: datetime, message: str) -> None:
    """It may be online: look at the page at set times, never send again (inside the caller's transaction)."""
    tick(
        delivery,
        "lose_sight",
        message=message,
        claim_token=None,
        lease_until=None,
        may_exist=True,
        looks=0,
        next_check_at=now + timedelta(seconds=settings.LOOK_AFTER_SECONDS[0]),
    )


def look_later(delivery: Delivery, now: datetime) -> None:
    """Not found yet, or the page could not be read: the next look, or a person if there is none (inside the caller's transaction)."""
    looks = delivery.looks + 1
    if looks < len(settings.LOOK_AFTER_SECONDS):
        tick(
            delivery,
            "look_later",
            claim_token=None,
            lease_until=None,
            looks=looks,
            next_check_at=now + timedelta(seconds=settings.LOOK_AFTER_SECONDS[looks]),
        )
    else:
        ask(
            delivery,
            _("We looked at the page several times and cannot tell whether it is online."),
            looks=looks,
        )


def give_back(delivery: Delivery, now: datetime, note: str = "") -> None:
    """Not now: back in line, or back among those that are looked for (inside the caller's transaction)."""
    if delivery.state == State.CHECKING:
        look_later(delivery, now)
    else:
        tick(delivery, "give_back", note=note, claim_token=None, lease_until=None)


def call_off(delivery: Delivery, now: datetime) -> None:
    """It must not leave any more. What may be online already is still looked for (inside the caller's transaction)."""
    if delivery.state == State.CHECKING:
        look_later(delivery, now)
    else:
        message = _("It was changed, returned or withdrawn before it left.")
        tick(delivery, "call_off", message=message, claim_token=None, lease_until=None)


def backoff(tries: int) -> timedelta:
    """20 s doubling to 15 min, each half to one and a half times as long, so that workers do not march in step."""
    return timedelta(seconds=min(900, 20 * 2**tries) * random.uniform(0.5, 1.5))


def _fail(delivery: Delivery, outcome: Refused) -> None:
    tick(delivery, "fail", message=str(outcome.message), claim_token=None, lease_until=None)
    reminding.assign(delivery)
    transaction.on_commit(lambda: mails.not_out(delivery))


def _retry(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    wait = (
        timedelta(seconds=outcome.retry_after) if outcome.retry_after is not None else backoff(delivery.tries)
    )
    tick(
        delivery,
        "retry_later",
        message=str(outcome.message),
        due_at=max(delivery.due_at, now + wait),
        tries=delivery.tries + 1,
        claim_token=None,
        lease_until=None,
    )
    _note_reconnect(delivery, outcome)


def _note_reconnect(delivery: Delivery, outcome: Outcome) -> None:
    """The page's access is over: renewed if it merely ran out and can be, else a person connects it again."""
    if not isinstance(outcome, NeedsReconnect):
        return
    account = delivery.account
    if outcome.reason == "token-expired" and account.refresh_token:
        Upkeep.objects.filter(account=account).update(renew_at=clock.now())
    else:
        upkeep.ask_to_reconnect(account, str(outcome.message))
