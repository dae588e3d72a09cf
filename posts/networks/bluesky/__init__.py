"""Bluesky: text with live links, hashtags and mentions, up to four pictures or a link card; reading back, taking down.

Contract: docs.bsky.app, atproto.com/specs. We choose the key of a post before it is sent and write it only if nothing stands
there (`swapRecord` null), so a post is written once however often it is sent. Offline rules are in `checks.py`, pictures
in `pictures.py`, access in `access.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ..base import (
    Content,
    Counts,
    Credentials,
    Duplicate,
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
from ..transport import CREATE_SECONDS, UPLOAD_SECONDS, clean
from ..words import comparable, graphemes
from . import posts
from .access import Access, is_full_access
from .checks import LIMITS, problems_of
from .pictures import SMALL_BYTE_LIMIT, uploaded
from .text import DID, handles, tidy
from .wire import (
    ACCOUNT_CLOSED,
    ALREADY,
    AWAY,
    LOST,
    NO_RIGHT,
    UNSURE,
    ask,
    error_of,
    outcome_of,
    speak,
    thing,
)

PAGE_OF_POSTS, MOST_PAGES = 100, 5
NO_EDIT = _("A post on Bluesky cannot be changed. Take it down, then publish it again.")
NOT_OURS = _("This post is not of this Bluesky account. Nothing was taken down.")
WHOLE_ACCOUNT = _(
    "This account was connected with its main password. Connect it again with an app password, which can be withdrawn alone."
)


class Bluesky(Access):
    """See networks.base for what each method promises. A post's identifier is its at:// address."""

    slug = "bluesky"
    label = "Bluesky"
    limits = LIMITS
    can_edit = False
    takes_documents = False

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str, limits: Limits) -> int:
        return graphemes(tidy(text))

    def check(self, content: Content, limits: Limits) -> list[Problem]:
        return problems_of(content, limits)

    def same(self, content: Content, found: Found) -> bool:
        return comparable(content.text) == comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        return posts.uri_in(link)

    # The account ----------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        answer = ask(credentials, "com.atproto.server.getSession")
        session, kept = thing(answer), {"answer": answer.shown, "status": answer.status}
        if session.get("did") != credentials.remote_id:
            raise NeedsReconnect("another-account", NO_RIGHT, **kept)
        if session.get("active") is False:
            raise NeedsReconnect(clean(str(session.get("status") or "inactive"))[:50], ACCOUNT_CLOSED, **kept)
        handle = clean(str(session.get("handle") or credentials.remote_id))
        profile = self._profile(credentials)
        followers = profile.get("followersCount")
        return Page(
            name=clean(str(profile.get("displayName") or handle)),
            remote_id=credentials.remote_id,
            url=f"https://bsky.app/profile/{credentials.remote_id}",
            followers=followers if isinstance(followers, int) and followers >= 0 else None,
            role="",
            handle=handle,
            warning=WHOLE_ACCOUNT if is_full_access(credentials.token) else "",
        )

    @staticmethod
    def _profile(credentials: Credentials) -> dict:
        """What people see of the account: nice to have, and told by another machine. Nothing fails for want of it."""
        try:
            return ask(
                credentials, "app.bsky.actor.getProfile", asked={"actor": credentials.remote_id}
            ).json()
        except (TryLater, Refused):
            return {}

    def _did_of(self, handle: str, credentials: Credentials) -> str:
        """Empty for a handle that leads to no account, or to none that can be found just now."""
        try:
            answer = ask(credentials, "com.atproto.identity.resolveHandle", asked={"handle": handle})
        except (TryLater, Refused):
            return ""
        did = str(answer.json().get("did"))
        return did if DID.fullmatch(did) else ""

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        """Uploads, and asks who is mentioned: a name that leads nowhere stays plain text, no post waits for it."""
        end = time.monotonic() + UPLOAD_SECONDS
        pictures = [uploaded(image, credentials, end) for image in content.images]
        thumbnail = content.link.thumbnail if content.link and not pictures else None
        thumb = uploaded(thumbnail, credentials, end, SMALL_BYTE_LIMIT)["blob"] if thumbnail else None
        named = {handle: self._did_of(handle, credentials) for handle in handles(tidy(content.text))}
        dids = {handle: did for handle, did in named.items() if did}
        ids = tuple(posts.blob_cid(picture["blob"]) for picture in pictures)
        return Media(ids, ({"pictures": pictures, "thumb": thumb, "dids": dids},))

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
        key: Key,
        before_first_byte: Callable[[], None],
    ) -> Published:
        uri = posts.uri_of(credentials.remote_id, key.record)
        answer = speak(
            credentials,
            "com.atproto.repo.putRecord",
            body={
                "repo": credentials.remote_id,
                "collection": posts.COLLECTION,
                "rkey": key.record,
                "record": posts.record(content, media, key),
                # Only if nothing stands there; the very same again is answered as the first time.
                "swapRecord": None,
            },
            seconds=CREATE_SECONDS,
            before_first_byte=before_first_byte,
        )
        kept = {"answer": answer.shown, "status": answer.status}
        if error_of(answer) == "InvalidSwap":
            raise Duplicate("duplicate", ALREADY, remote_id=uri, **kept)
        if answer.status != 200:
            raise outcome_of(answer)
        if answer.json().get("uri") != uri:
            raise Unknown("no-id", LOST, **kept)
        return Published(uri, posts.permalink(uri), answer.shown)

    # Reading back -------------------------------------------------------------------------------

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        found = self._read(key.record, credentials)
        return [found] if found is not None and self.same(content, found) else []

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        owner, key = posts.owner_and_key(remote_id)
        if owner and not owner.startswith("did:"):
            owner = self._did_of(owner, credentials)
        return self._read(key, credentials) if owner and owner == credentials.remote_id else None

    @staticmethod
    def _read(key: str, credentials: Credentials) -> Found | None:
        asked = {"repo": credentials.remote_id, "collection": posts.COLLECTION, "rkey": key}
        answer = ask(credentials, "com.atproto.repo.getRecord", asked=asked, also=("RecordNotFound",))
        if answer.status != 200:
            return None
        value = thing(answer).get("value")
        if not isinstance(value, dict):
            raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
        return posts.found(posts.uri_of(credentials.remote_id, key), value)

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        """Without answers to others, which are posts of another kind."""
        found: list[Found] = []
        asked = {
            "repo": credentials.remote_id,
            "collection": posts.COLLECTION,
            "limit": str(PAGE_OF_POSTS),
        }
        for _page in range(MOST_PAGES):
            answer = ask(credentials, "com.atproto.repo.listRecords", asked=asked)
            records, cursor = answer.json().get("records"), answer.json().get("cursor")
            if not isinstance(records, list):
                raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
            read = [(posts.found(uri, value), value) for uri, value in _posts_in(records)]
            found += [post for post, value in read if post.created_at >= since and not value.get("reply")]
            is_last = not read or not isinstance(cursor, str) or len(records) < PAGE_OF_POSTS
            if is_last or min(post.created_at for post, _value in read) < since:
                break
            asked["cursor"] = cursor
        return found

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        """Told by another machine than the one that keeps the posts: while it does not answer, nothing is known."""
        try:
            answer = ask(credentials, "app.bsky.feed.getPosts", asked={"uris": remote_id})
        except (TryLater, Refused):
            return Counts()
        shown = answer.json().get("posts")
        post = shown[0] if isinstance(shown, list) and shown and isinstance(shown[0], dict) else {}
        if post.get("uri") != remote_id:
            return Counts()
        likes, replies, reposts, quotes = (
            number if isinstance(number := post.get(f"{what}Count"), int) and number >= 0 else None
            for what in ("like", "reply", "repost", "quote")
        )
        shares = None if reposts is None else reposts + (quotes or 0)
        return Counts(reactions=likes, comments=replies, shares=shares)

    # Changing -----------------------------------------------------------------------------------

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        """Bluesky would store it, and show the old words for long: its readers' machines take no change of a post."""
        raise Refused("no-edit", NO_EDIT)

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        owner, key = posts.owner_and_key(remote_id)
        if owner != credentials.remote_id:
            raise Refused("not-ours", NOT_OURS)
        body = {"repo": owner, "collection": posts.COLLECTION, "rkey": key}
        ask(credentials, "com.atproto.repo.deleteRecord", body=body, unsure=UNSURE)


def _posts_in(records: list) -> list[tuple[str, dict]]:
    """(at:// address, value) of what is a post; whatever else stands there is left out."""
    read = [(str(record.get("uri")), record.get("value")) for record in records if isinstance(record, dict)]
    return [(uri, value) for uri, value in read if posts.AT_URI.fullmatch(uri) and isinstance(value, dict)]
