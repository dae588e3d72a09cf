"""The school's pages: connected once the network has said that our access reaches them, disconnected by any member of staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import require

from .. import clock
from ..models import Account
from ..models.account import app_of
from ..networks import get_network
from ..networks.base import Grant, NeedsReconnect, NotSent, Outcome, Page, Refused, TryLater
from ..permissions import can_connect
from . import upkeep

WHY = (
    (
        NeedsReconnect,
        _(
            "The network does not accept this access for this page. Whoever gives it must be an administrator of the page."
        ),
    ),
    (Refused, _("The network refused the question. Check which page it is, and begin again.")),
    (TryLater, _("The network takes no questions at the moment. Try again in a few minutes.")),
    (NotSent, _("The network could not be reached. Check the address, and try again in a few minutes.")),
    (
        Outcome,
        _("The network did not answer in a way that can be understood. Try again in a few minutes."),
    ),
)


def why(outcome: Outcome) -> str:
    """Why nothing was connected, and what to do: what an Outcome itself says is about publishing."""
    return str(next(sentence for kind, sentence in WHY if isinstance(outcome, kind)))


@sensitive_variables()
def connect(
    network: str,
    remote_id: str,
    *,
    token: str,
    by: User,
    api_url: str = "",
    refresh_token: str = "",
    expires_at: datetime | None = None,
    refresh_expires_at: datetime | None = None,
    scopes: Iterable[str] = (),
) -> Account:
    """Ask the network which page this token publishes on, then keep it, encrypted. Raises Outcome, keeps nothing then.

    Connecting a page again replaces its token; what waited for it goes on by itself. Where a token reaches one account only,
    `remote_id` may be empty.
    """
    require(can_connect(by))
    remote_id = remote_id or _only_page(network, token, api_url)
    page = ask(network, remote_id, token=token, api_url=api_url)
    return keep(
        network,
        page,
        by=by,
        api_url=api_url,
        token=token,
        refresh_token=refresh_token,
        expires_at=expires_at,
        refresh_expires_at=refresh_expires_at,
        scopes=scopes,
    )


@sensitive_variables()
def _only_page(network: str, token: str, api_url: str) -> str:
    connector = get_network(network)
    grant = Grant(token, scopes=frozenset(connector.scopes))
    pages = connector.pages(app_of(network, api_url), grant)
    if len(pages) != 1:
        raise NeedsReconnect("no-page", WHY[0][1])
    return pages[0].remote_id


@sensitive_variables()
def ask(network: str, remote_id: str, *, token: str, api_url: str = "") -> Page:
    """The page, asked through the same door as publishing. Raises Outcome."""
    account = Account(network=network, remote_id=remote_id, api_url=api_url, token=token)
    return account.connector.verify(account.credentials())


@sensitive_variables()
@transaction.atomic
def keep(network: str, page: Page, *, by: User, api_url: str, scopes: Iterable[str], **access) -> Account:
    """Write down what the network has just confirmed. `access`: token, refresh_token, expires_at, refresh_expires_at."""
    now = clock.now()
    account, _created = Account.objects.update_or_create(
        network=network,
        remote_id=page.remote_id,
        api_url=api_url,
        defaults={
            **read_from(page, now),
            **access,
            "name": page.name[:120],
            "scopes": " ".join(sorted(scopes)),
            "connected_by": by,
            "connected_at": now,
            "needs_reconnect": False,
            "last_error": "",
            "warned_days": None,
            "renewing_until": None,
            "failures": 0,
            "breaker_until": None,
        },
    )
    upkeep.plan(account, now, warning=str(page.warning))
    ring()
    return account


def read_from(page: Page, now: datetime) -> dict:
    """What an answer tells about an account, by field."""
    return {
        "url": page.url,
        "handle": page.handle[:200],
        "followers": page.followers,
        "limits_there": page.limits,
        "version_there": page.version[:40],
        "last_read_at": now,
    }


@transaction.atomic
def disconnect(account: Account, *, by: User) -> Account:
    """Forget the tokens. What waits for this page waits for it to be connected again, and expires if that takes too long."""
    require(can_connect(by))
    account = Account.objects.select_for_update().get(pk=account.pk)
    wiped = {
        "token": "",
        "refresh_token": "",
        "expires_at": None,
        "refresh_expires_at": None,
        "scopes": "",
        "warned_days": None,
        "needs_reconnect": True,
    }
    for name, value in wiped.items():
        setattr(account, name, value)
    account.save(update_fields=list(wiped))
    upkeep.forget(account)
    return account
