"""The promise that every network keeps: what a connector is given, what it gives back, and what each failure means.

A connector publishes, reads back and removes. Each call ends in a result or in exactly one Outcome, which says what can be
known about the page afterwards. Nothing that might publish is ever repeated in here, and no connector knows our models
or settings. HTTP is in `transport.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise

# What goes in -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Image:
    """A picture as sent. `data` may be empty where only `check` looks at it; `width` and `height` are in pixels."""

    data: bytes = field(repr=False)
    content_type: str
    alt: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """What is published: plain text as people wrote it, and pictures."""

    text: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Credentials:
    """Where to call and as whom. `remote_id` names the page there; the token is never shown."""

    api_url: str
    token: str = field(repr=False)
    remote_id: str
    version: str = ""


# What comes back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """Why a content cannot go out as it is, as a sentence that says what to do."""

    code: str
    message: str | Promise


@dataclass(frozen=True)
class Media:
    """Pictures as the network knows them after `prepare`, in the content's order."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """The page that some credentials reach, and what they may do there."""

    name: str
    remote_id: str
    url: str
    followers: int | None
    role: str


@dataclass(frozen=True)
class Published:
    """It is online, and this is its identifier there. `answer` is what the network said, redacted, at most 4 kB."""

    remote_id: str
    url: str
    answer: str


@dataclass(frozen=True)
class Found:
    """A post read back from the page: its text as people read it there, its time in UTC."""

    remote_id: str
    url: str
    text: str
    created_at: datetime
    media_ids: tuple[str, ...] = ()


# What may go wrong --------------------------------------------------------------------------------


class Outcome(Exception):
    """A call that did not give what was wanted. The class says what that means for the page.

    `reason` is for machines, `message` a sentence for people; `answer` is what the network said, redacted, at most 4 kB;
    `retry_after` are the seconds that the network asks for, if it does.
    """

    def __init__(
        self,
        reason: str,
        message: str | Promise,
        *,
        answer: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        remote_id: str = "",
    ):
        self.reason, self.message, self.answer = reason, message, answer
        self.status, self.retry_after, self.remote_id = status, retry_after, remote_id
        super().__init__(reason)


class NotSent(Outcome):
    """Nothing can have been created: we did not get as far as speaking. Try later."""


class TryLater(Outcome):
    """The network said no for now, and certainly created nothing."""


class Refused(Outcome):
    """The answer is no for good: the text or the picture is wrong."""


class NeedsReconnect(Outcome):
    """The access is dead or does not reach this page. Nothing was created."""


class Unknown(Outcome):
    """It may exist. Only looking at the page tells."""


class Duplicate(Outcome):
    """The network says it already has it; `remote_id` is the one it names, which may be a ghost."""


# The promise --------------------------------------------------------------------------------------


class Network(Protocol):
    """One network, whole."""

    slug: str
    label: str
    text_limit: int

    def length(self, text: str) -> int:
        """How long the network counts this text, in the unit of `text_limit`."""

    def check(self, content: Content) -> list[Problem]:
        """What would be refused, found offline; the same in the editor, at approval and before sending."""

    def verify(self, credentials: Credentials) -> Page:
        """The page these credentials publish on, asked through the same door as publishing. Raises Outcome."""

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        """Upload the pictures and wait until the network can show them. May be repeated. Raises any Outcome but Unknown."""

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
        before_first_byte: Callable[[], None],
    ) -> Published:
        """ONE call. `before_first_byte` runs when the connection stands and nothing has been said yet; it may raise NotSent."""

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        """One post of this page that people can see, or None if there is none."""

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        """The page's posts made since then, newest first."""

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        """Take it down. One that is gone already counts as done. May be repeated."""

    def same(self, content: Content, found: Found) -> bool:
        """Does this post say what the content says, whatever the network did to hashtags and blanks?"""

    def remote_id_from(self, link: str) -> str:
        """The identifier in the address of a post, as people copy it; empty if there is none."""
