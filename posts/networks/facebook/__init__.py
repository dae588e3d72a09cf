"""Facebook pages: text, up to ten pictures or a link, reading back, changing the words, taking down, figures.

Contract: developers.facebook.com/docs/pages-api and /docs/graph-api/reference (page/feed, page/photos, post). Pictures are
uploaded unseen first, which can be repeated; then one call makes the post. Nothing protects that call: it is never repeated.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from ..base import (
    Content,
    Counts,
    Credentials,
    Found,
    Image,
    Key,
    Limits,
    Media,
    NeedsReconnect,
    Outcome,
    Page,
    Problem,
    Published,
    Refused,
    TryLater,
    Unknown,
)
from ..transport import CREATE_SECONDS, UPLOAD_SECONDS
from ..words import comparable, tidy
from . import posts
from .access import Access
from .limits import LIMITS, NO_DOCUMENT, check, length
from .page import page_of
from .wire import (
    AWAY,
    BUSY,
    LOST,
    PICTURE,
    PICTURE_REFUSED,
    REFUSED,
    Answer,
    ask,
    is_nearly_full,
    node,
    outcome_of,
    speak,
    unreadable,
    wait_in,
)

PAGE_OF_POSTS, MOST_PAGES = 50, 5
SLOW_SECONDS = 2.0
TRANSIENT_PICTURE = f"code-{PICTURE}-"

NOT_OURS_TO_EDIT = _("Facebook lets us change only what we published ourselves. Change it on the page.")


class Facebook(Access):
    """See networks.base.Network for what each method promises. `sleep` is how it slows down when a quota is nearly used."""

    slug = "facebook"
    label = "Facebook"
    limits = LIMITS
    can_edit = True
    takes_documents = False

    def __init__(self, sleep: Callable[[float], None] = time.sleep):
        self.sleep = sleep

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str, limits: Limits) -> int:
        return length(text)

    def check(self, content: Content, limits: Limits) -> list[Problem]:
        return check(content, limits)

    def same(self, content: Content, found: Found) -> bool:
        return comparable(content.text) == comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        return posts.remote_id_in(link)

    # The page -----------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        return page_of(credentials)

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        """Pictures that nobody sees, for a day. If one fails the others are taken back, as far as that is possible."""
        if content.document:
            raise Refused("document", NO_DOCUMENT)
        end, ids = time.monotonic() + UPLOAD_SECONDS, []
        try:
            for image in content.images:
                ids.append(self._upload(image, credentials, end))
        except Outcome:
            for number in ids:
                with contextlib.suppress(Outcome):
                    ask(credentials, "DELETE", node(number), seconds=_leave_time(end))
            raise
        return Media(tuple(ids))

    def _upload(self, image: Image, credentials: Credentials, end: float) -> str:
        """The picture's number. What Facebook calls a passing failure of its own is worth one more try."""
        body = {"published": "false", "alt_text_custom": tidy(image.alt)}
        path = f"{node(credentials.remote_id)}/photos"
        said = ""
        for _attempt in range(2):
            try:
                answer = ask(credentials, "POST", path, body=body, picture=image, seconds=_leave_time(end))
            except TryLater as outcome:
                if not outcome.reason.startswith(TRANSIENT_PICTURE):
                    raise
                said = outcome.answer
                continue
            number = str(answer.json().get("id") or "")
            if not re.fullmatch(r"[0-9]{1,20}", number):
                raise unreadable(answer)
            self._slow_down(answer)
            return number
        raise Refused("picture", PICTURE_REFUSED, answer=said)

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
        key: Key,
        before_first_byte: Callable[[], None],
    ) -> Published:
        answer = speak(
            credentials,
            "POST",
            f"{node(credentials.remote_id)}/feed",
            body={**posts.body(content, media), "fields": "id,permalink_url,created_time"},
            seconds=CREATE_SECONDS,
            before_first_byte=before_first_byte,
        )
        data = answer.json()
        if not 200 <= answer.status < 300 or "error" in data:
            raise outcome_of(answer, of_create=True)
        remote_id = str(data.get("id") or "")
        if not posts.WHOLE_ID.fullmatch(remote_id):
            raise Unknown("no-id", LOST, answer=answer.shown, status=answer.status)
        return Published(remote_id, posts.permalink(remote_id, data.get("permalink_url")), answer.shown)

    # Reading back -------------------------------------------------------------------------------

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        return [found for found in self.recent(credentials, since=since) if self.same(content, found)]

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        """Also by the number of a post of this page, of its picture (`photo:…`), or by what its public address says."""
        if remote_id.startswith("pfbid"):
            return self._by_address(remote_id, credentials)
        if remote_id.startswith(posts.PHOTO):
            number = remote_id.removeprefix(posts.PHOTO)
            remote_id = str(self._read(number, "page_story_id", credentials).get("page_story_id") or "")
        elif "_" not in remote_id:
            remote_id = f"{credentials.remote_id}_{remote_id}"
        data = self._read(remote_id, posts.FIELDS, credentials) if remote_id else {}
        return posts.found(data) if posts.is_ours(data, credentials.remote_id) else None

    @staticmethod
    def _read(number: str, fields: str, credentials: Credentials) -> dict:
        """One object of Facebook's, or nothing if there is none (or none that we may see: it does not tell)."""
        try:
            answer = ask(credentials, "GET", node(number), query={"fields": fields})
        except Refused as outcome:
            if outcome.reason != "gone":
                raise
            return {}
        if not answer.json().get("id"):
            raise unreadable(answer)
        return answer.json()

    def _by_address(self, name: str, credentials: Credentials) -> Found | None:
        """No call resolves a public name, and Facebook may give one post several. UNVERIFIED: it stands in `permalink_url`."""
        everything = self.recent(credentials, since=datetime.fromtimestamp(0, UTC))
        return next((post for post in everything if name in post.url), None)

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        found: list[Found] = []
        since = since.replace(microsecond=0)  # Facebook's times have none.
        query = {"fields": posts.FIELDS, "limit": str(PAGE_OF_POSTS)}
        for _page in range(MOST_PAGES):
            path = f"{node(credentials.remote_id)}/published_posts"
            answer = ask(credentials, "GET", path, query=query)
            data = answer.json()
            if not isinstance(data.get("data"), list):
                raise unreadable(answer)
            read = [(posts.found(each), each) for each in posts.listed(data) if each.get("id")]
            found += [
                post
                for post, each in read
                if post.created_at >= since and posts.is_ours(each, credentials.remote_id)
            ]
            after = posts.next_cursor(data)
            if not after or not read or read[-1][0].created_at < since:
                break
            query["after"] = after
            self._slow_down(answer)
        return found

    # Changing -----------------------------------------------------------------------------------

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        """The words only. A right that is missing here belongs to the post, not to the connection."""
        try:
            answer = ask(credentials, "POST", node(remote_id), body={"message": tidy(content.text)})
        except NeedsReconnect as outcome:
            if outcome.reason != "no-right":
                raise
            answer, kept = None, {"answer": outcome.answer, "status": outcome.status}
        if answer is None:
            raise Refused("not-ours", NOT_OURS_TO_EDIT, **kept)
        if answer.json().get("success") is False:
            raise Refused("not-changed", REFUSED, answer=answer.shown, status=answer.status)

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        """The pictures first, while the post still tells which they are: whether they go with it is UNVERIFIED."""
        post = self.get(remote_id, credentials)
        for number in post.media_ids if post else ():
            with contextlib.suppress(Refused):
                self._delete(number, credentials)
        self._delete(remote_id, credentials)

    @staticmethod
    def _delete(number: str, credentials: Credentials) -> None:
        try:
            answer = ask(credentials, "DELETE", node(number))
        except Refused as outcome:
            if outcome.reason != "gone":
                raise
            return
        if answer.json().get("success") is False:
            raise TryLater("not-removed", AWAY, answer=answer.shown, status=answer.status)

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        """Figures give way to posts when a quota is nearly used. One dead metric kills a whole call: each is asked alone."""
        answer = ask(credentials, "GET", node(remote_id), query={"fields": posts.COUNT_FIELDS})
        if is_nearly_full(answer):
            raise TryLater("nearly-throttled", BUSY, retry_after=wait_in(answer), answer=answer.shown)
        views, clicks = (
            self._insight(metric, remote_id, credentials) for metric in ("post_media_view", "post_clicks")
        )
        return posts.counts(answer.json(), views, clicks)

    @staticmethod
    def _insight(metric: str, remote_id: str, credentials: Credentials) -> int | None:
        """A figure that is nice to have: pages with few likes have none, and metrics die."""
        query = {"metric": metric, "period": "lifetime"}
        try:
            return posts.insight(ask(credentials, "GET", f"{node(remote_id)}/insights", query=query).json())
        except Outcome:
            return None

    def _slow_down(self, answer: Answer) -> None:
        if is_nearly_full(answer):
            self.sleep(SLOW_SECONDS)


def _leave_time(end: float) -> float:
    """Seconds until `end`. Raises TryLater if none are left."""
    left = end - time.monotonic()
    if left <= 0:
        raise TryLater("out-of-time", AWAY)
    return left
