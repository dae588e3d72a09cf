"""A page's last posts as its network gives them this minute, each compared with what was approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ..actions.looking import readable_content
from ..asked import seen_ids
from ..models import Delivery
from ..networks.base import Found, Outcome
from ..secrecy import UnreadableToken

LAST = 6
BEFORE = timedelta(hours=24)
"""How far back from its time: readers see what stands around it."""


@dataclass(frozen=True)
class Sighting:
    """One post as it was read there."""

    found: Found
    is_same: bool
    """It says what was approved."""
    other: Delivery | None
    """The other delivery of ours that it is known to be."""

    @property
    def may_be_it(self) -> bool:
        return self.is_same and self.other is None

    @property
    def url(self) -> str:
        """Its address, if that is one of the web: the network wrote it, not we."""
        return self.found.url if urlsplit(self.found.url).scheme in ("https", "http") else ""


@dataclass(frozen=True)
class There:
    """What was read, or in words why nothing could be."""

    sightings: list[Sighting]
    trouble: str = ""

    @property
    def matches(self) -> int:
        return sum(sighting.may_be_it for sighting in self.sightings)


def look_there(delivery: Delivery) -> There:
    """The page's newest posts from around its time on. May take as long as the network takes; changes nothing."""
    try:
        return There(_sightings(delivery, _read(delivery)))
    except UnreadableToken:
        return There([], _("Our access to the page does not work. Ask the staff to connect it again."))
    except Outcome as error:
        return There([], str(error.message))


def _read(delivery: Delivery) -> list[Found]:
    account = delivery.account
    credentials = account.credentials()
    sent = min((attempt.intent_at for attempt in delivery.attempts.all()), default=delivery.due_at)
    found = account.connector.recent(credentials, since=min(sent, delivery.due_at) - BEFORE)[:LAST]
    # Where it was seen before counts, even if the list of the page lags behind.
    for remote_id in set(seen_ids(delivery)) - {post.remote_id for post in found}:
        post = account.connector.get(remote_id, credentials)
        found += [post] if post is not None else []
    return sorted(found, key=lambda post: post.created_at, reverse=True)


def _sightings(delivery: Delivery, found: list[Found]) -> list[Sighting]:
    ours = Delivery.objects.filter(account=delivery.account, remote_id__in=[post.remote_id for post in found])
    others = {
        other.remote_id: other
        for other in ours.exclude(pk=delivery.pk).select_related("post__portrait__student", "post__piece")
    }
    content, connector = readable_content(delivery), delivery.account.connector
    return [Sighting(post, connector.same(content, post), others.get(post.remote_id)) for post in found]
