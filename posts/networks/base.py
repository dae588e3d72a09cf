"""The promise that every network keeps: what a connector is given, what it gives back, and what each failure means.

A connector publishes, reads back and removes. Each call ends in a result or in exactly one Outcome, which says what can be
known about the page afterwards. Nothing that might publish is ever repeated in here, and no connector knows our models
or settings. HTTP is in `transport.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
class Document:
    """A PDF whose pages are leafed through. `data` may be empty where only `check` looks at it; `size` is in bytes."""

    data: bytes = field(repr=False)
    title: str
    pages: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Link:
    """An article that the post leads to. Networks that read the page themselves need the address only."""

    url: str
    title: str = ""
    description: str = ""
    thumbnail: Image | None = None


@dataclass(frozen=True)
class Content:
    """What is published: plain text as people wrote it, and pictures, or one document, or one link."""

    text: str
    images: tuple[Image, ...] = ()
    document: Document | None = None
    link: Link | None = None
    language: str = "fr"


@dataclass(frozen=True)
class Limits:
    """What a page may hold: a network's own rule, or what an instance says of itself. Text is in the network's unit."""

    text: int
    images: int
    alt: int
    image_bytes: int
    image_pixels: int
    image_types: tuple[str, ...]
    url_length: int = 0
    """What an address counts, however long it is; 0: as it is written."""
    repeat_seconds: float = 0.0
    """How long after the first try the same call with the same Key can still be repeated without a second post."""


def limits_with(limits: Limits, there: dict) -> Limits:
    """The same, with what a server says of itself; what it says nonsense about stays the network's own."""
    sound = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in there.items()
        if name in Limits.__dataclass_fields__ and isinstance(value, (int, float, list)) and value is not True
    }
    return replace(limits, **sound)


@dataclass(frozen=True)
class Key:
    """What lets a network recognise a second try: fixed before the first byte of the first, the same for each."""

    id: str
    """Unique, 8 to 64 letters, digits and dashes."""
    record: str
    """A TID (atproto.com/specs/tid), 13 characters."""
    made_at: datetime
    """The post's own time, UTC."""


@dataclass(frozen=True)
class App:
    """Our program as the network knows it, and where to talk about access. `redirect_uri` is registered there."""

    api_url: str
    oauth_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = ""
    version: str = ""
    is_public: bool = True
    """The address must be one of the open internet: False for the rehearsal, and for what the operator configured."""


@dataclass(frozen=True)
class Credentials:
    """Where to call and as whom. `remote_id` names the page there; the token is never shown."""

    api_url: str
    token: str = field(repr=False)
    remote_id: str
    version: str = ""
    app_secret: str = field(default="", repr=False)
    is_public: bool = False
    """As App.is_public."""


# What comes back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """Why a content cannot go out as it is, as a sentence that says what to do."""

    code: str
    message: str | Promise
    is_warning: bool = False
    """It can go out; people should know this first (what it costs, for example)."""


@dataclass(frozen=True)
class Media:
    """Pictures or the document as the network knows them after `prepare`, in the content's order.

    `data` is whatever else the connector needs to find again in `create` (JSON).
    """

    ids: tuple[str, ...] = ()
    data: tuple = ()


@dataclass(frozen=True)
class Page:
    """The page that some credentials reach, and what they may do there."""

    name: str
    remote_id: str
    url: str
    followers: int | None
    role: str
    handle: str = ""
    limits: dict = field(default_factory=dict)
    """What differs here from the network's own Limits, by name (JSON)."""
    version: str = ""
    """The version of the interface that answered, where the network says so."""
    warning: str | Promise = ""
    """What staff should know before relying on this page."""


@dataclass(frozen=True)
class Grant:
    """What a network gave us in exchange for somebody's consent. Seconds are from now; None: it does not end, or is not said."""

    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_in: float | None = None
    refresh_expires_in: float | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """A page that a grant reaches. `token` is its own where it has one, else the grant's serves."""

    remote_id: str
    name: str
    can_publish: bool
    url: str = ""
    token: str = field(default="", repr=False)
    api_url: str = ""
    """Where this page lives, if that is not where we asked."""


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


@dataclass(frozen=True)
class Counts:
    """How a post did, lifetime; None where the network does not tell us."""

    views: int | None = None
    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    clicks: int | None = None


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
    limits: Limits
    """The network's own; an account may know better (Page.limits)."""
    can_edit: bool
    """Whether `edit` works here."""
    takes_documents: bool
    """Whether a Document can be published here."""

    def length(self, text: str, limits: Limits) -> int:
        """How long the network counts this text, in the unit of `limits.text`."""

    def check(self, content: Content, limits: Limits) -> list[Problem]:
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
        key: Key,
        before_first_byte: Callable[[], None],
    ) -> Published:
        """ONE call. `before_first_byte` runs when the connection stands and nothing has been said yet; it may raise NotSent."""

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        """The page's posts made since then that are this content, or that carry this key. Raises Outcome.

        Where the network can be asked by key the answer is certain; elsewhere it may lag behind.
        """

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        """One post of this page that people can see, or None if there is none."""

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        """The page's posts made since then, newest first."""

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        """Change the words of what is online. Raises Refused where the network does not allow it (`can_edit`)."""

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        """Take it down, pictures included where the network keeps them. Gone already counts as done. May be repeated."""

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        """How the post did so far. Raises Outcome."""

    def same(self, content: Content, found: Found) -> bool:
        """Does this post say what the content says, whatever the network did to hashtags and blanks?"""

    def remote_id_from(self, link: str) -> str:
        """The identifier in the address of a post, as people copy it; empty if there is none."""


class Connectable(Protocol):
    """How a network gives access in the browser: OAuth 2, authorization code. A network's class keeps both promises."""

    scopes: tuple[str, ...]
    """What we ask for: always the same list."""
    uses_pkce: bool

    def authorize_url(self, app: App, *, state: str, verifier: str) -> str:
        """Where the browser goes. `verifier` is the PKCE secret (S256), used where `uses_pkce`."""

    def exchange(self, app: App, *, code: str, verifier: str) -> Grant:
        """The code for tokens, long-lived ones where there is a choice. Raises Refused for a code that is wrong or used."""

    def refresh(self, app: App, refresh_token: str) -> Grant:
        """A new grant. Raises NeedsReconnect if it is over, Unknown if the answer was lost (a single-use token is gone then)."""

    def pages(self, app: App, grant: Grant) -> list[Choice]:
        """The pages that somebody's consent reaches."""
