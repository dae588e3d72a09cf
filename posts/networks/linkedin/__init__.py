"""LinkedIn organization pages: text, up to twenty pictures, a document or an article; reading back, changing, taking down.

Contract: learn.microsoft.com/linkedin/marketing (posts). Offline rules are in `limits.py`, uploads in
`media.py`, pages and roles in `pages.py`, OAuth in `access.py`, figures in `counts.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

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
    Unknown,
)
from ..transport import CREATE_SECONDS, UPLOAD_SECONDS
from ..words import comparable
from . import counts as figures
from . import limits as offline
from . import pages, posts
from .access import Access
from .media import files_of, usable
from .wire import LOST, NO_RIGHT, POST_URN, UNSURE, ask, elements, encoded, outcome_of, speak, thing

FOLD = 210
"""Characters that stand before "…see more" on a desktop screen: as seen, not documented."""
PAGE_OF_POSTS, MOST_PAGES = 50, 5
ACTIVITY_MARGIN = timedelta(minutes=2)


class LinkedIn(Access):
    """See networks.base for what each method promises. `sleep` is how it waits for pictures and for fresh tokens."""

    slug = "linkedin"
    label = "LinkedIn"
    limits = offline.LIMITS
    can_edit = True
    takes_documents = True

    def __init__(self, sleep: Callable[[float], None] = time.sleep):
        self.sleep = sleep

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str, limits: Limits) -> int:
        return offline.length(text)

    def check(self, content: Content, limits: Limits) -> list[Problem]:
        return offline.problems_of(content, limits)

    def same(self, content: Content, found: Found) -> bool:
        return comparable(content.text) == comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        return posts.urn_in(link)

    # The page -----------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        urn = credentials.remote_id
        role = pages.roles(credentials, self.sleep).get(urn, "")
        if role not in pages.POSTING_ROLES:
            raise NeedsReconnect("no-role", NO_RIGHT)
        name, handle, url = pages.organization(urn, credentials)
        return Page(
            name=name,
            remote_id=urn,
            url=url,
            followers=pages.followers(urn, credentials),
            role=role,
            handle=handle,
            version=credentials.version,
        )

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        end = time.monotonic() + UPLOAD_SECONDS
        return Media(tuple(usable(file, credentials, end, self.sleep) for file in files_of(content)))

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
            "/rest/posts",
            body=posts.body(content, media, credentials.remote_id),
            seconds=CREATE_SECONDS,
            before_first_byte=before_first_byte,
        )
        if not 200 <= answer.status < 300:
            raise outcome_of(answer)
        urn = unquote(answer.headers.get("x-restli-id", ""))
        if not POST_URN.fullmatch(urn):
            raise Unknown("no-id", LOST, answer=answer.shown, status=answer.status)
        return Published(urn, posts.permalink(urn), answer.shown)

    # Reading back -------------------------------------------------------------------------------

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        return [found for found in self.recent(credentials, since=since) if self.same(content, found)]

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        if remote_id.startswith("urn:li:activity:"):
            return self._by_activity(int(remote_id.rpartition(":")[2]), credentials)
        path = f"/rest/posts/{encoded(remote_id)}?viewContext=AUTHOR"
        data = thing(ask(credentials, "GET", path, accept=(200, 404)))
        is_ours = data.get("author") == credentials.remote_id and posts.is_online(data)
        return posts.found(data) if is_ours else None

    def _by_activity(self, number: int, credentials: Credentials) -> Found | None:
        """The post behind a link that names its activity, which no call resolves. UNVERIFIED beyond public links:
        the identifier's high bits are its time in ms, so it is our one post made within two minutes of that."""
        try:
            made = datetime.fromtimestamp((number >> 22) / 1000, UTC)
            made_since = self.recent(credentials, since=made - ACTIVITY_MARGIN)
        except (OverflowError, ValueError):
            return None
        near = [post for post in made_since if post.created_at <= made + ACTIVITY_MARGIN]
        return near[0] if len(near) == 1 else None

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        found: list[Found] = []
        for page in range(MOST_PAGES):
            query = f"author={encoded(credentials.remote_id)}&q=author&sortBy=CREATED"
            query += f"&start={page * PAGE_OF_POSTS}&count={PAGE_OF_POSTS}"
            answer = ask(credentials, "GET", f"/rest/posts?{query}", method="FINDER")
            read = [(posts.found(data), posts.is_online(data)) for data in elements(answer) if data.get("id")]
            found += [post for post, is_online in read if is_online and post.created_at >= since]
            if len(read) < PAGE_OF_POSTS or min(post.created_at for post, _online in read) < since:
                break
        return found

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        return figures.counts(remote_id, credentials)

    # Changing -----------------------------------------------------------------------------------

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        ask(
            credentials,
            "POST",
            f"/rest/posts/{encoded(remote_id)}",
            body=posts.patch(content),
            method="PARTIAL_UPDATE",
            accept=(200, 204),
            unsure=UNSURE,
        )

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        path = f"/rest/posts/{encoded(remote_id)}"
        answer = ask(credentials, "DELETE", path, method="DELETE", accept=(200, 204, 404), unsure=UNSURE)
        if answer.status == 404:
            # It must be LinkedIn that says so, not some machine in between.
            thing(answer)
