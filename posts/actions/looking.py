"""Reading the pages back: is what we lost sight of online? And taking down what must not be online any more."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick

from .. import clock, mails
from ..content import ContentChanged, frozen_content
from ..models import Attempt, Delivery, Evidence
from ..networks.base import Content, Found, Outcome
from ..secrecy import UnreadableToken
from .settling import backoff, confirm

log = logging.getLogger(__name__)

TAKE_DOWN_TRIES = 5
MARGIN = timedelta(minutes=2)
"""How far the network's clock may be behind ours when we ask for posts made since the intent."""


def look_for_uncertain(now: datetime) -> int:
    """Look once for each delivery whose time to look has come. Exactly one match settles it; looks used up ask a person."""
    due = list(Delivery.objects.to_look_for(now).select_related("account", "image")[:20])
    for delivery in due:
        try:
            matches = find_matches(delivery)
        except (Outcome, UnreadableToken) as error:
            log.info("Delivery %s could not be looked for: %s", delivery.pk, error)
            matches = None
        _note(delivery, matches)
    return len(due)


def find_matches(delivery: Delivery) -> list[Found]:
    """Our page's posts since the first intent that say the same, and that no other delivery of ours already claims."""
    account = delivery.account
    attempt = delivery.attempts.filter(kind=Attempt.Kind.CREATE).order_by("number").first()
    since = (attempt.intent_at if attempt else delivery.due_at) - MARGIN
    try:
        content = frozen_content(delivery)
    except (ContentChanged, OSError):
        content = Content(delivery.text)
    taken = set(
        Delivery.objects.filter(account=account)
        .exclude(pk=delivery.pk)
        .exclude(remote_id="")
        .values_list("remote_id", flat=True)
    )
    recent = account.connector.recent(account.credentials(), since=since)
    return [
        found for found in recent if found.remote_id not in taken and account.connector.same(content, found)
    ]


def _note(delivery: Delivery, matches: list[Found] | None) -> None:
    with transaction.atomic():
        delivery = lock(delivery)
        now = clock.now()
        if delivery.state != Delivery.State.UNCERTAIN or delivery.next_check_at > now:
            return
        for found in matches or []:
            Evidence.objects.create(delivery=delivery, remote_id=found.remote_id, source="look")
        if matches and len(matches) == 1:
            confirm(delivery, matches[0].remote_id, matches[0].url, now)
            return
        looks = delivery.looks + 1
        if matches:
            _ask(delivery, looks, _("It seems to be online twice. Please look at the page and remove one."))
        elif looks < len(settings.LOOK_AFTER_SECONDS):
            tick(
                delivery,
                "look_later",
                looks=looks,
                next_check_at=now + timedelta(seconds=settings.LOOK_AFTER_SECONDS[looks]),
            )
        else:
            _ask(
                delivery,
                looks,
                _("We looked at the page several times and cannot tell whether it is online."),
            )


def _ask(delivery: Delivery, looks: int, message: str) -> None:
    tick(delivery, "ask", looks=looks, next_check_at=None, message=message)
    transaction.on_commit(lambda: mails.question(delivery))


def take_down_due(now: datetime) -> int:
    """Remove what must go. Removing is safe to repeat; after five tries a person gets the link."""
    due = list(Delivery.objects.to_take_down(now).select_related("account")[:20])
    for delivery in due:
        _take_down(delivery)
    return len(due)


def _take_down(delivery: Delivery) -> None:
    with transaction.atomic():
        delivery = lock(delivery)
        if delivery.state != Delivery.State.WITHDRAWING or delivery.next_check_at > clock.now():
            return
        # Whoever else passes here meanwhile sees a later time to look, and leaves it to us.
        tick(
            delivery,
            "take_down_later",
            looks=delivery.looks + 1,
            next_check_at=clock.now() + backoff(delivery.looks + 3),
        )
        attempt = Attempt.objects.create(
            delivery=delivery,
            number=delivery.attempts.count() + 1,
            kind=Attempt.Kind.REMOVE,
            claim_token=uuid.uuid4(),
            intent_at=clock.now(),
        )
    error: Outcome | UnreadableToken | None = None
    try:
        delivery.account.connector.remove(delivery.remote_id, delivery.account.credentials())
    except (Outcome, UnreadableToken) as problem:
        error = problem
    with transaction.atomic():
        delivery = lock(delivery)
        attempt.ended_at = clock.now()
        attempt.outcome = "removed" if error is None else getattr(error, "reason", "unreadable-token")
        attempt.answer = getattr(error, "answer", "")
        attempt.save(update_fields=["ended_at", "outcome", "answer"])
        if delivery.state != Delivery.State.WITHDRAWING:
            return
        if error is None:
            tick(delivery, "removed", next_check_at=None, message="")
        elif delivery.looks >= TAKE_DOWN_TRIES:
            tick(
                delivery,
                "ask",
                next_check_at=None,
                message=_("It must be taken down and the network does not let us. Please remove it by hand."),
            )
            transaction.on_commit(lambda: mails.question(delivery))
