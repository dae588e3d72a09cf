"""The school's pages on the five rehearsed networks, for as long as the demo school is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import requests
from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Replace
from django.test.utils import override_settings
from django.utils import timezone

from cohorts.models import User
from posts.actions.connecting import connect
from posts.models import Account, Delivery
from posts.networks import get_network
from posts.rehearsal.ledger import KNOBS
from posts.rehearsal.server import serve

NUMBER, VANITY, FOLLOWERS = "1001", "inet", 3052
OTHERS = {"facebook": 1840, "x": 962, "mastodon": 417, "bluesky": 288}
"""Networks besides LinkedIn, and how many follow the school there."""
OWN_SERVERS = ("mastodon", "bluesky")
NO_TIME = -1e10
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Page:
    """The pages at `url`. Their networks' clock goes where it is told, since the school has a past."""

    def __init__(self, url: str):
        self.url = url

    def connect(self, name: str, by: User) -> dict[str, Account]:
        """Connect them as staff connect real ones, and clear away what an earlier, interrupted loading left there."""
        page = {"id": NUMBER, "name": name, "vanity": VANITY, "followers": FOLLOWERS}
        self._tell("linkedin/organization", page)
        accounts = {"linkedin": self._connect("linkedin", f"urn:li:organization:{NUMBER}", by)}
        for network, followers in OTHERS.items():
            made = self._tell(f"{network}/page", {"name": name, "followers": followers})
            accounts[network] = self._connect(network, made["id"], by)
        for account in accounts.values():
            credentials = account.credentials()
            for post in account.connector.recent(credentials, since=EPOCH):
                account.connector.remove(post.remote_id, credentials)
        return accounts

    def _connect(self, network: str, remote_id: str, by: User) -> Account:
        page = {"organization": NUMBER} if network == "linkedin" else {"page": remote_id}
        granted, now = self._tell(f"{network}/token", page), timezone.now()
        seconds = granted.get("expires_in")
        return connect(
            network,
            remote_id,
            token=granted["access_token"],
            refresh_token=granted.get("refresh_token", ""),
            expires_at=now + timedelta(seconds=seconds) if seconds else None,
            scopes=get_network(network).scopes,
            api_url=f"{self.url}/api/{network}" if network in OWN_SERVERS else "",
            by=by,
        )

    def go_to(self, moment: datetime) -> None:
        """What is posted now is seen there as posted at that moment."""
        self._tell("knobs", {"clock_offset": (moment - datetime.now(UTC)).total_seconds()})

    def set_back(self, **knobs) -> None:
        """The networks as they usually are, apart from `knobs`."""
        names = ("clock_offset", "duplicate_seconds", "ghost_seconds")
        self._tell("knobs", {name: KNOBS[name] for name in names} | knobs)

    def _tell(self, path: str, data: dict) -> dict:
        answer = requests.post(f"{self.url}/_/{path}", json=data, timeout=10)
        answer.raise_for_status()
        return answer.json()


def settle(url: str, home: str) -> None:
    """What was rehearsed at `url` will be found at `home`. A token belongs to a row that names its server: it is kept anew."""
    if url == home:
        return
    for account in Account.objects.filter(network__in=OWN_SERVERS):
        token, refresh_token = account.token, account.refresh_token
        account.api_url = account.api_url.replace(url, home)
        account.token, account.refresh_token = token, refresh_token
        account.save(update_fields=["api_url", "token", "refresh_token"])
    for model in (Account, Delivery):
        there = model.objects.filter(url__startswith=url)
        there.update(url=Replace("url", Value(url), Value(home)))


@contextlib.contextmanager
def rehearsal_page() -> Iterator[Page]:
    """The rehearsal that runs, else one of our own meanwhile; no delivery inside goes anywhere else."""
    home = settings.REHEARSAL_URL
    with _running() as url, override_settings(**_as_rehearsed(url)):
        page = Page(url)
        # What was cleared away would count as posted before, and here even as posted in the future.
        page.set_back(duplicate_seconds=NO_TIME, ghost_seconds=NO_TIME)
        try:
            yield page
            settle(url, home)
        finally:
            page.set_back()


def _as_rehearsed(url: str) -> dict:
    return {
        "REHEARSAL_URL": url,
        "LINKEDIN_API_URL": url,
        "FACEBOOK_API_URL": f"{url}/api/facebook",
        "FACEBOOK_CLIENT_SECRET": "rehearsal",
        "X_API_URL": f"{url}/api/x",
        # Days pass in any order here: what one page was spoken to on another day holds nothing up.
        "SPACING_SECONDS": 0,
    }


@contextlib.contextmanager
def _running() -> Iterator[str]:
    if _answers(settings.REHEARSAL_URL):
        yield settings.REHEARSAL_URL
    else:
        with serve(settings.DATA_DIR / "rehearsal") as server:
            yield server.url


def _answers(url: str) -> bool:
    """A rehearsal, not whatever else may listen there."""
    try:
        return requests.get(f"{url}/_/ledger", timeout=5).ok
    except requests.RequestException:
        return False
