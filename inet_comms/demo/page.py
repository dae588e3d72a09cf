"""The school's page on the rehearsal network, for as long as the demo school is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import requests
from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone

from cohorts.models import User
from posts.actions.connecting import connect
from posts.models import Account
from posts.rehearsal.ledger import KNOBS
from posts.rehearsal.server import serve

NUMBER, VANITY, FOLLOWERS = "1001", "inet", 3052
NO_TIME = -1e10
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Page:
    """The page at `url`. Its network's clock goes where it is told, since the school has a past."""

    def __init__(self, url: str):
        self.url = url

    def connect(self, name: str, by: User) -> Account:
        """Connect it as staff connect a real one, and clear away what an earlier, interrupted loading left there."""
        page = {"id": NUMBER, "name": name, "vanity": VANITY, "followers": FOLLOWERS}
        self._tell("linkedin/organization", page)
        granted = self._tell("linkedin/token", {"organization": NUMBER})
        account = connect(
            "linkedin",
            f"urn:li:organization:{NUMBER}",
            token=granted["access_token"],
            by=by,
            expires_at=timezone.now() + timedelta(seconds=granted["expires_in"]),
        )
        credentials = account.credentials()
        for post in account.connector.recent(credentials, since=EPOCH):
            account.connector.remove(post.remote_id, credentials)
        return account

    def go_to(self, moment: datetime) -> None:
        """What is posted now is seen there as posted at that moment."""
        self._tell("knobs", {"clock_offset": (moment - datetime.now(UTC)).total_seconds()})

    def set_back(self, **knobs) -> None:
        """The network as it usually is, apart from `knobs`."""
        names = ("clock_offset", "duplicate_seconds", "ghost_seconds")
        self._tell("knobs", {name: KNOBS[name] for name in names} | knobs)

    def _tell(self, path: str, data: dict) -> dict:
        answer = requests.post(f"{self.url}/_/{path}", json=data, timeout=10)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def rehearsal_page() -> Iterator[Page]:
    """The rehearsal network that runs, else one of our own meanwhile; no delivery inside goes anywhere else."""
    with _running() as url, override_settings(LINKEDIN_API_URL=url):
        page = Page(url)
        # What was cleared away would count as posted before, and here even as posted in the future.
        page.set_back(duplicate_seconds=NO_TIME, ghost_seconds=NO_TIME)
        try:
            yield page
        finally:
            page.set_back()


@contextlib.contextmanager
def _running() -> Iterator[str]:
    if _answers(settings.REHEARSAL_URL):
        yield settings.REHEARSAL_URL
    else:
        with serve(settings.DATA_DIR / "rehearsal") as server:
            yield server.url


def _answers(url: str) -> bool:
    """A rehearsal network, not whatever else may listen there."""
    try:
        return requests.get(f"{url}/_/ledger", timeout=5).ok
    except requests.RequestException:
        return False
