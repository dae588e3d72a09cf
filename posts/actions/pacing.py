"""How fast each page is spoken to: spacing, what the network asks for, and a rest after failures in a row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from .. import clock
from ..models import Account, Delivery
from ..networks.base import NeedsReconnect, NotSent, Outcome, Published, Refused, TryLater
from ..secrecy import UnreadableToken
from . import upkeep

log = logging.getLogger(__name__)

FAILURES_BEFORE_REST = 3
LONGEST_REST = timedelta(hours=1)
AFTER_REST = timedelta(minutes=2)
"""One post in so long, once a page has come back: it does not get everything at once."""


def space(claims: list, now: datetime) -> None:
    """The pages of these claims get nothing more for a while (inside the claim's transaction)."""
    if settings.SPACING_SECONDS and claims:
        pages = Delivery.objects.filter(pk__in=[held.delivery_id for held in claims]).values("account_id")
        until = now + timedelta(seconds=settings.SPACING_SECONDS)
        Account.objects.filter(pk__in=pages).update(not_before=until)


def learn(account_id: int, answer: Published | Outcome, now: datetime) -> None:
    """What an answer says about the page: well again, to be left alone for a while, or failing once more."""
    page = Account.objects.filter(pk=account_id)
    if isinstance(answer, Published):
        page.filter(Q(failures__gt=0) | Q(last_error__gt="")).update(failures=0, last_error="")
    elif isinstance(answer, (Refused, NeedsReconnect)):
        return
    elif isinstance(answer, TryLater) and answer.retry_after is not None:
        page.update(not_before=now + timedelta(seconds=answer.retry_after))
    elif not (isinstance(answer, NotSent) and answer.reason == "lease-too-short"):
        page.update(failures=F("failures") + 1, last_error=str(answer.message)[:300])
        tired = page.filter(failures__gte=FAILURES_BEFORE_REST, breaker_until__isnull=True)
        tired.update(breaker_until=now + rest(0))


def rest(failed_probes: int) -> timedelta:
    """Five minutes, doubled with each look that failed, an hour at most."""
    return min(timedelta(seconds=settings.BREAKER_SECONDS) * 2**failed_probes, LONGEST_REST)


def start_probes(hands) -> int:
    """Pages that have rested: a question, never a post, shows whether they are well again."""
    now = clock.now()
    done = 0
    for account in Account.objects.filter(breaker_until__lte=now, needs_reconnect=False)[:20]:
        claimed = Account.objects.filter(pk=account.pk, breaker_until=account.breaker_until)
        failed = account.failures - FAILURES_BEFORE_REST
        # Whoever else passes here meanwhile sees a later time. If this one fails, that time stands.
        if claimed.update(breaker_until=now + rest(max(failed, 0) + 1), failures=F("failures") + 1):
            hands.take(probe, account)
            done += 1
    return done


def probe(account: Account) -> None:
    try:
        account.connector.verify(account.credentials())
    except NeedsReconnect as outcome:
        with transaction.atomic():
            upkeep.ask_to_reconnect(account, str(outcome.message))
        return
    except (Outcome, UnreadableToken) as error:
        log.info("%s is not well yet: %r", account, error)
        return
    now = clock.now()
    after = min(AFTER_REST, timedelta(seconds=settings.BREAKER_SECONDS))
    Account.objects.filter(pk=account.pk).update(
        breaker_until=None, failures=0, last_error="", last_read_at=now, not_before=now + after
    )
