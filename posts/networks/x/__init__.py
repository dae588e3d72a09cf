"""X accounts: text, up to four pictures with descriptions, reading back, taking down. Each call costs money there.

Contract: docs.x.com/x-api. X recognises no second try: what is uncertain is looked for on the account.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from django.utils.translation import gettext_lazy as _

from ..base import (
    Content,
    Counts,
    Credentials,
    Found,
    Key,
    Limits,
    Media,
    NeedsReconnect,
    Page,
    Problem,
    Published,
    Refused,
    TryLater,
    Unknown,
)
from ..transport import CREATE_SECONDS, UPLOAD_SECONDS
from . import posts
from . import text as words
from .access import Access, address_of, handle_of, name_of, whoami
from .checks import NO_DOCUMENT, problems_of
from .media import upload
from .wire import AWAY, LOST, NUMBER, ask, is_missing, outcome_of, speak

PIXEL_LIMIT = 8192 * 8192
"""Not documented for pictures in posts; ours are far below."""
PAGE_OF_POSTS, MOST_PAGES = 100, 5
FIRST_START = datetime(2010, 11, 6, tzinfo=UTC)
"""X refuses to look further back."""

NOT_OURS = _("These are the keys of another X account. Staff must connect the right one.")
PROTECTED = _(
    "This account is protected: only its followers read what it publishes. Change that at X, under privacy."
)
GONE = _("This post is no longer on X.")
NO_EDIT = _("X does not let a program change what is online. Take the post down and publish a new one.")


class X(Access):
    """See networks.base.Network and Connectable for what each method promises. `sleep` is how it waits for pictures."""

    slug = "x"
    label = "X"
    limits = Limits(
        text=280,
        images=4,
        alt=1000,
        image_bytes=5_000_000,
        image_pixels=PIXEL_LIMIT,
        image_types=("image/jpeg", "image/png", "image/webp"),
        url_length=23,
    )
    can_edit = False
    takes_documents = False

    def __init__(self, sleep: Callable[[float], None] = time.sleep):
        self.sleep = sleep

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str, limits: Limits) -> int:
        return words.weight(text)

    def check(self, content: Content, limits: Limits) -> list[Problem]:
        return problems_of(content, limits)

    def same(self, content: Content, found: Found) -> bool:
        return words.comparable(words.outgoing(content)) == words.comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        link = unquote(link).strip()
        if NUMBER.fullmatch(link):
            return link
        match = posts.POST_LINK.search(link)
        return match[1] if match else ""

    # The account --------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        user = whoami(credentials)
        if user["id"] != credentials.remote_id:
            raise NeedsReconnect("other-account", NOT_OURS)
        return Page(
            name=name_of(user),
            remote_id=user["id"],
            url=address_of(user),
            followers=posts.number_in(user.get("public_metrics"), "followers_count"),
            role="",
            handle=handle_of(user),
            warning=PROTECTED if user.get("protected") is True else "",
        )

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        if content.document is not None:
            raise Refused("no-document", NO_DOCUMENT)
        end = time.monotonic() + UPLOAD_SECONDS
        return Media(tuple(upload(image, credentials, end=end, sleep=self.sleep) for image in content.images))

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
        key: Key,
        before_first_byte: Callable[[], None],
    ) -> Published:
        body: dict = {"text": words.outgoing(content)}
        if media.ids:
            body["media"] = {"media_ids": list(media.ids)}
        answer = speak(
            credentials,
            "POST",
            "/2/tweets",
            body=body,
            seconds=CREATE_SECONDS,
            before_first_byte=before_first_byte,
        )
        if not 200 <= answer.status < 300:
            raise outcome_of(answer)
        number = str(posts.one_in(answer.json()).get("id", ""))
        if not NUMBER.fullmatch(number):
            raise Unknown("no-id", LOST, answer=answer.shown, status=answer.status)
        return Published(number, posts.permalink(number), answer.shown)

    # Reading back -------------------------------------------------------------------------------

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        return [found for found in self.recent(credentials, since=since) if self.same(content, found)]

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        path = f"/2/tweets/{quote(remote_id, safe='')}?{posts.FIELDS}={posts.READ_FIELDS}"
        answer = ask(credentials, "GET", path, accept=(200, 404))
        data = posts.one_in(answer.json())
        if data.get("id"):
            is_ours = str(data.get("author_id", credentials.remote_id)) == credentials.remote_id
            return posts.found(data) if is_ours else None
        if is_missing(answer):
            return None
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        start = max(since.astimezone(UTC), FIRST_START).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/2/users/{quote(credentials.remote_id, safe='')}/tweets?max_results={PAGE_OF_POSTS}"
        path += f"&start_time={start}&exclude=replies,retweets&{posts.FIELDS}={posts.READ_FIELDS}"
        found: list[Found] = []
        following = ""
        for _page in range(MOST_PAGES):
            answer = ask(credentials, "GET", path + following)
            meta = answer.json().get("meta")
            meta = meta if isinstance(meta, dict) else {}
            if "data" not in answer.json() and meta.get("result_count") != 0:
                raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
            found += [posts.found(data) for data in posts.all_in(answer.json())]
            following = f"&pagination_token={quote(str(meta.get('next_token') or ''), safe='')}"
            if following.endswith("="):
                break
        return [post for post in found if post.created_at >= since]

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        raise Refused("no-edit", NO_EDIT)

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        answer = ask(credentials, "DELETE", f"/2/tweets/{quote(remote_id, safe='')}", accept=(200, 404))
        if posts.one_in(answer.json()).get("deleted") is not True and not is_missing(answer):
            raise TryLater("not-deleted", AWAY, answer=answer.shown, status=answer.status)

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        path = f"/2/tweets?ids={quote(remote_id, safe='')}&{posts.FIELDS}="
        for fields in posts.COUNT_FIELDS:
            answer = ask(credentials, "GET", path + fields)
            for data in posts.all_in(answer.json()):
                return posts.counts(data)
            if is_missing(answer):
                raise Refused("gone", GONE, answer=answer.shown, status=answer.status)
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
