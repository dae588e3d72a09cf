"""What is due for an account besides sending: asked once a day whether it answers, staff warned before its access ends."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from .. import access_mails, clock
from ..models import Account, Upkeep
from ..networks.base import NeedsReconnect, Outcome, Refused
from ..secrecy import Unreadable

RENEW_AT_SHARE = 0.8
"""Of its life, after which an access is renewed."""
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
WARN_DAYS = (14, 7, 1)


def plan(account: Account, now: datetime, *, warning: str = "") -> None:
    """From now on it is looked after: when its access is next renewed, and when it is next looked at."""
    Upkeep.objects.update_or_create(
        account=account,
        defaults={
            "renew_at": renew_at(account, now),
            "look_at": next_look(account, now),
            "warning": warning[:300],
        },
    )


def renew_at(account: Account, start: datetime) -> datetime | None:
    """When an access that was given at `start` is renewed; None if it cannot be, or has no end."""
    if not account.refresh_token or account.expires_at is None:
        return None
    return account.expires_at - (1 - RENEW_AT_SHARE) * max(account.expires_at - start, timedelta(0))


def forget(account: Account) -> None:
    """It is not connected: nothing to look after."""
    Upkeep.objects.filter(account=account).update(renew_at=None, look_at=None, warning="")


def end_of(account: Account) -> datetime | None:
    """When only a person can go on: what cannot be renewed ends, or what can be renewed cannot be any more."""
    return account.refresh_expires_at if account.refresh_token else account.expires_at


def next_look(account: Account, now: datetime) -> datetime:
    """In a day, earlier if staff must be warned before that."""
    looks = [now + EVERY * random.uniform(0.9, 1.1)]
    if end := end_of(account):
        looks += [end - timedelta(days=days) for days in (*WARN_DAYS, 0)]
    return min(look for look in looks if look > now)


def ask_to_reconnect(account: Account, sentence: str) -> None:
    """Nothing leaves for this page before a person connected it again (inside the caller's transaction)."""
    first = Account.objects.filter(pk=account.pk, needs_reconnect=False)
    if first.update(needs_reconnect=True, last_error=sentence[:300]):
        forget(account)
        transaction.on_commit(lambda: access_mails.ended(account, sentence))


def look(account_id: int) -> bool:
    """Once a day: does the page answer, and does its access end soon? Whether it was time."""
    now = clock.now()
    claimed = Upkeep.objects.filter(account=account_id, look_at__lte=now).update(look_at=now + AGAIN)
    if not claimed:
        return False
    account = Account.objects.get(pk=account_id)
    if not account.is_ready and not isinstance(account.token, Unreadable):
        forget(account)
        return False
    if warn(account, now):
        return True
    try:
        page = account.connector.verify(account.credentials())
    except (NeedsReconnect, Refused) as outcome:
        _note_refusal(account, outcome)
    except Outcome as outcome:
        Account.objects.filter(pk=account_id).update(last_error=str(outcome.message)[:300])
    else:
        Account.objects.filter(pk=account_id).update(
            url=page.url or account.url,
            handle=page.handle[:200],
            followers=account.followers if page.followers is None else page.followers,
            limits_there=page.limits,
            version_there=page.version[:40],
            last_read_at=now,
            last_error="",
        )
        Upkeep.objects.filter(account=account_id).update(
            look_at=next_look(account, now), warning=str(page.warning)[:300]
        )
    return True


@sensitive_variables()
def _note_refusal(account: Account, outcome: Outcome) -> None:
    """The page must be connected again, unless its token was replaced while the old one was being refused."""
    with transaction.atomic():
        present = Account.objects.select_for_update().get(pk=account.pk)
        if present.token != account.token:
            return
        if isinstance(outcome, NeedsReconnect):
            ask_to_reconnect(present, str(outcome.message))
        else:
            Account.objects.filter(pk=account.pk).update(last_error=str(outcome.message)[:300])


def warn(account: Account, now: datetime) -> bool:
    """A mail to staff 14, 7 and 1 days before only a person can go on, each once. Whether that moment has come."""
    end = end_of(account)
    if end is None:
        return False
    if end <= now and (account.expires_at is None or account.expires_at <= now):
        with transaction.atomic():
            ask_to_reconnect(account, _("Our access has ended: connect the page again, it takes a minute."))
        return True
    reached = [days for days in WARN_DAYS if end - now <= timedelta(days=days)]
    if not reached or (account.warned_days is not None and account.warned_days <= min(reached)):
        return False
    first = Account.objects.filter(pk=account.pk, warned_days=account.warned_days)
    if first.update(warned_days=min(reached)):
        access_mails.ends_soon(account, end, now)
    return False
