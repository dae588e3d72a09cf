"""Access renewed ahead of time, by one hand at a time.

Some networks take a refresh token once only: whoever sends it a second time ends everything. So one refresher holds an
account's lease (compare-and-set by the database's clock), reads the tokens after that, and writes the new pair before anybody
uses it. An answer that was lost is never asked for again: a person connects the page anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Q, Value
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from inet_comms.bell import ring

from .. import clock
from ..models import Account, Connection, Delivery, Upkeep
from ..models.account import app_of
from ..models.connection import LIFE
from ..networks.base import Grant, NotSent, Outcome, TryLater, Unknown
from ..secrecy import Unreadable, UnreadableToken
from . import upkeep

log = logging.getLogger(__name__)

RENEWAL_LEASE = timedelta(seconds=120)
CALL_SECONDS = 60.0
"""Longer than a refresh call can last: with less lease than that left it is not begun."""
RETRY = timedelta(minutes=5)
SOON = timedelta(seconds=20)
BATCH = 20
KEPT = (
    "token",
    "refresh_token",
    "expires_at",
    "refresh_expires_at",
    "scopes",
    "warned_days",
    "renewing_until",
)


def look_after_accounts(now: datetime, take: Callable | None = None) -> int:
    """Renew, ask and warn where it is time; how many accounts. One query while nothing is due.

    `take(call, argument)` runs each somewhere else; without it they are done here, one after the other.
    """
    is_due = Q(renew_at__lte=now) | Q(look_at__lte=now)
    due = Upkeep.objects.filter(is_due, account__needs_reconnect=False)
    new = Account.objects.filter(upkeep__isnull=True, needs_reconnect=False).exclude(token="")
    old = Connection.objects.filter(begun_at__lte=now - 2 * LIFE)
    found = [_named(rows, what) for rows, what in ((due, "due"), (new, "new"), (old, "old"))]
    rows = list(found[0].union(*found[1:])[:BATCH])
    if any(what == "old" for what, _pk in rows):
        old.delete()
    for account in Account.objects.filter(pk__in=[pk for what, pk in rows if what == "new"]):
        upkeep.plan(account, now)
    numbers = [pk for what, pk in rows if what == "due"]
    for pk in numbers:
        if take is None:
            look_after(pk)
        else:
            take(look_after, pk)
    return len(numbers)


def _named(rows, what: str):
    return rows.annotate(what=Value(what, output_field=CharField())).values_list("what", "pk").order_by()


def look_after(account_id: int) -> None:
    """Whatever is due for one account. Never raises what a network may do."""
    try:
        renew(account_id)
        upkeep.look(account_id)
    except UnreadableToken:
        log.warning("The token of account %s cannot be read with the present keys", account_id)
        Upkeep.objects.filter(account=account_id).update(renew_at=None, look_at=clock.now() + upkeep.EVERY)


# Renewing -----------------------------------------------------------------------------------------


@sensitive_variables()
def renew(account_id: int) -> bool:
    """Renew its access if that is due and nobody else is at it; whether it was."""
    deadline = time.monotonic() + RENEWAL_LEASE.total_seconds()
    if not _take_lease(account_id):
        return False
    account = Account.objects.get(pk=account_id)
    used = account.refresh_token
    if isinstance(used, Unreadable):
        raise UnreadableToken(str(account))
    failure: Outcome
    try:
        if deadline - time.monotonic() < CALL_SECONDS:
            raise NotSent("lease-too-short", "")
        grant = account.connector.refresh(app_of(account.network, account.api_url), used)
    except Outcome as outcome:
        failure = outcome
    except Exception:
        log.exception("Renewing the access of account %s stopped on an error of ours", account_id)
        failure = Unknown("error-of-ours", "")
    else:
        return _keep(account_id, used, grant)
    _settle_failure(account_id, used, failure)
    return False


def _take_lease(account_id: int) -> bool:
    """Is this account ours to renew? Not if that is not due, someone is at it, or a post is on its way there."""
    with transaction.atomic():
        now = clock.now()
        free = Q(renewing_until__isnull=True) | Q(renewing_until__lte=now)
        mine = Account.objects.filter(
            free, pk=account_id, upkeep__renew_at__lte=now, needs_reconnect=False
        ).exclude(refresh_token="")
        account = mine.select_for_update(of=("self",)).first()
        if account is None:
            return False
        is_over = account.expires_at is not None and account.expires_at <= now
        under_way = (Delivery.State.SENDING,) if is_over else Delivery.LEASED
        if Delivery.objects.filter(account=account_id, state__in=under_way).exists():
            Upkeep.objects.filter(account=account_id).update(renew_at=now + SOON)
            return False
        return bool(mine.update(renewing_until=now + RENEWAL_LEASE))


@sensitive_variables()
def _keep(account_id: int, used: str, grant: Grant) -> bool:
    """The new pair, unless somebody connected the page anew meanwhile: then theirs is the newer."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.refresh_token != used:
            log.warning("Account %s was connected anew while its access was being renewed", account_id)
            return False
        now = clock.now()
        account.token = grant.token
        account.refresh_token = grant.refresh_token or used
        account.expires_at = _after(now, grant.expires_in)
        if grant.refresh_expires_in is not None:
            account.refresh_expires_at = _after(now, grant.refresh_expires_in)
        if grant.scopes:
            account.scopes = " ".join(sorted(grant.scopes))
        end = upkeep.end_of(account)
        if end is None or end - now > upkeep.EVERY * max(upkeep.WARN_DAYS):
            account.warned_days = None
        account.renewing_until = None
        account.save(update_fields=KEPT)
        Upkeep.objects.filter(account=account_id).update(renew_at=upkeep.renew_at(account, now))
        ring()
    return True


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


@sensitive_variables()
def _settle_failure(account_id: int, used: str, failure: Outcome) -> None:
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.refresh_token != used:
            return
        now = clock.now()
        account.renewing_until = None
        account.save(update_fields=["renewing_until"])
        if isinstance(failure, (NotSent, TryLater)):
            wait = timedelta(seconds=failure.retry_after or 0)
            Upkeep.objects.filter(account=account_id).update(renew_at=now + max(wait, RETRY))
            Account.objects.filter(pk=account_id).update(last_error=str(failure.message)[:300])
        elif isinstance(failure, Unknown):
            upkeep.ask_to_reconnect(
                account,
                _(
                    "The network did not answer while our access was being renewed. Asking twice could end it for good: connect the page again, it takes a minute."
                ),
            )
        else:
            upkeep.ask_to_reconnect(account, str(failure.message))
