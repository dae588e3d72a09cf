"""The school's pages: connected by whoever holds a token for them, disconnected by any member of staff."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import require

from ..models import Account
from ..permissions import can_connect


def connect(
    network: str, remote_id: str, *, token: str, by: User, expires_at: datetime | None = None
) -> Account:
    """Ask the network which page this token publishes on, then keep the token, encrypted. Raises Outcome, keeps nothing then.

    Connecting a page again replaces its token; what waited for it goes on by itself.
    """
    require(can_connect(by))
    account = Account(network=network, remote_id=remote_id, token=token)
    page = account.connector.verify(account.credentials())
    with transaction.atomic():
        account, _created = Account.objects.update_or_create(
            network=network,
            remote_id=page.remote_id,
            defaults={
                "name": page.name[:120],
                "url": page.url,
                "followers": page.followers,
                "token": token,
                "expires_at": expires_at,
                "connected_by": by,
                "connected_at": timezone.now(),
                "needs_reconnect": False,
                "last_error": "",
            },
        )
        ring()
    return account


@transaction.atomic
def disconnect(account: Account, *, by: User) -> Account:
    """Forget the token. What waits for this page waits for it to be connected again, and expires if that takes too long."""
    require(can_connect(by))
    account = Account.objects.select_for_update().get(pk=account.pk)
    account.token, account.expires_at, account.needs_reconnect = "", None, True
    account.save(update_fields=["token", "expires_at", "needs_reconnect"])
    return account
