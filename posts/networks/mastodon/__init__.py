"""Mastodon accounts on any server: text and pictures within that server's limits, reading back, changing, taking down.

Contract: docs.joinmastodon.org/methods/statuses, /methods/accounts. Same key, same post, for an hour: on Mastodon itself only, so
`limits.repeat_seconds` is 0 until a server has said what it runs (`server.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

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
from ..transport import CREATE_SECONDS, Answer, clean
from . import server
from . import statuses as posts
from .access import MastodonAccess
from .media import upload
from .text import comparable, length, text_of
from .wire import (
    AWAY,
    DELETED,
    GONE,
    LOST,
    NO_RIGHT,
    NOT_YET,
    ask,
    encoded,
    identifier,
    link_of,
    outcome_of,
    rows_of,
    speak,
)

PAGE_OF_POSTS, MOST_PAGES = 40, 5
SHARED_LINK = re.compile(
    r"https?://[^/\s]+/(?:[a-z]+/)?(?:(?:users/[\w.-]+|@[\w.-]+(?:@[\w.-]+)?)(?:/statuses|/posts)?|statuses|notice)"
    r"/([A-Za-z0-9-]{1,64})/?(?:[?#].*)?"
)


class Mastodon(MastodonAccess):
    """See networks.base.Network for what each method promises. `sleep` is how it waits for pictures."""

    slug = "mastodon"
    label = "Mastodon"
    limits = server.LIMITS
    can_edit = True
    takes_documents = False

    def __init__(self, sleep: Callable[[float], None] = time.sleep):
        self.sleep = sleep

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str, limits: Limits) -> int:
        return length(text, limits.url_length)

    def check(self, content: Content, limits: Limits) -> list[Problem]:
        problems = []
        text = text_of(content)
        if not text and not content.images:
            problems.append(Problem("empty", _("The text is empty. Write what people should read.")))
        if (over := self.length(text, limits) - limits.text) > 0:
            sentence = ngettext_lazy(
                "The text is %(count)d character too long for this Mastodon server. Shorten it.",
                "The text is %(count)d characters too long for this Mastodon server. Shorten it.",
                "count",
            )
            problems.append(Problem("too-long", sentence % {"count": over}))
        if len(content.images) > limits.images:
            sentence = ngettext_lazy(
                "This Mastodon server shows at most %(count)d picture. Remove some.",
                "This Mastodon server shows at most %(count)d pictures. Remove some.",
                "count",
            )
            problems.append(Problem("too-many-images", sentence % {"count": limits.images}))
        for image in content.images:
            problems += _check_image(image, limits)
        if content.document is not None:
            sentence = _("Mastodon takes no documents. Show its pages as pictures.")
            problems.append(Problem("no-document", sentence))
        return problems

    def same(self, content: Content, found: Found) -> bool:
        text = comparable(text_of(content))
        # Pictures without a word: their number is all that can be compared.
        return text == comparable(found.text) and (bool(text) or len(found.media_ids) == len(content.images))

    def remote_id_from(self, link: str) -> str:
        match = SHARED_LINK.fullmatch(link.strip())
        return match[1] if match else ""

    # The account --------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        answer = ask(credentials, "GET", "/api/v1/accounts/verify_credentials")
        account = answer.json()
        remote_id = identifier(account)
        if not remote_id:
            raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
        if remote_id != credentials.remote_id:
            raise NeedsReconnect("other-account", NO_RIGHT, answer=answer.shown, status=answer.status)
        instance = server.instance(credentials)
        followers = account.get("followers_count")
        return Page(
            name=clean(str(account.get("display_name") or account.get("username") or remote_id)),
            remote_id=remote_id,
            url=link_of(account.get("url")),
            followers=followers if isinstance(followers, int) and followers >= 0 else None,
            role="",
            handle=server.handle(account, instance, credentials.api_url),
            limits=server.limits_there(instance),
            version=clean(str(instance.get("version") or ""))[:40],
            warning=server.warning(account, instance),
        )

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        return Media(upload(content.images, credentials, self.sleep))

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
            "/api/v1/statuses",
            body=posts.body(content, media.ids) | {"visibility": "public"},
            headers={"Idempotency-Key": key.id},
            seconds=CREATE_SECONDS,
            before_first_byte=before_first_byte,
        )
        if not 200 <= answer.status < 300:
            raise _why_not(answer, media)
        status = answer.json()
        # What was put off instead of published has no address.
        if not (remote_id := identifier(status)) or "scheduled_at" in status:
            raise Unknown("no-id", LOST, answer=answer.shown, status=answer.status)
        return Published(remote_id, posts.link(status), posts.told(answer, status, len(media.ids)))

    # Reading back -------------------------------------------------------------------------------

    def find(self, content: Content, credentials: Credentials, *, key: Key, since: datetime) -> list[Found]:
        return [found for found in self.recent(credentials, since=since) if self.same(content, found)]

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        status = self._status(remote_id, credentials)
        is_shown = status and posts.is_of(status, credentials.remote_id) and posts.is_seen(status)
        return posts.found(status) if is_shown else None

    def _status(self, remote_id: str, credentials: Credentials) -> dict | None:
        """The post as the server gives it, or None if the server is sure that there is none."""
        path = f"/api/v1/statuses/{encoded(remote_id)}"
        answer = ask(credentials, "GET", path, accept=(200, 404, 410))
        if answer.status != 200:
            self._must_be_well(answer, credentials)
            return None
        if not identifier(answer.json()):
            raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
        return answer.json()

    @staticmethod
    def _must_be_well(answer: Answer, credentials: Credentials) -> None:
        """A page of HTML that says 404 may be of a server that is down, or of software that speaks so: ask it something else."""
        if not answer.json().get("error"):
            ask(credentials, "GET", "/api/v1/accounts/verify_credentials")

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        found: list[Found] = []
        before = ""
        for _page in range(MOST_PAGES):
            query = f"limit={PAGE_OF_POSTS}&exclude_reblogs=true" + (before and f"&max_id={encoded(before)}")
            path = f"/api/v1/accounts/{encoded(credentials.remote_id)}/statuses?{query}"
            answer = ask(credentials, "GET", path)
            rows = rows_of(answer)
            if rows is None:
                raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
            read = [(posts.found(row), posts.is_seen(row)) for row in rows if identifier(row)]
            found += [post for post, is_seen in read if is_seen and post.created_at >= since]
            if len(rows) < PAGE_OF_POSTS or not read or min(post.created_at for post, _seen in read) < since:
                break
            before = read[-1][0].remote_id
        return found

    def counts(self, remote_id: str, credentials: Credentials) -> Counts:
        status = self._status(remote_id, credentials)
        if status is None:
            raise Refused("gone", GONE)
        names = ("favourites_count", "replies_count", "reblogs_count")
        figures = [status.get(name) if isinstance(status.get(name), int) else None for name in names]
        return Counts(reactions=figures[0], comments=figures[1], shares=figures[2])

    # Changing -----------------------------------------------------------------------------------

    def edit(self, remote_id: str, content: Content, credentials: Credentials) -> None:
        status = self._status(remote_id, credentials)
        if status is None:
            raise Refused("gone", GONE)
        # A picture that is not named again is taken off.
        body = posts.body(content, posts.media_ids(status))
        ask(credentials, "PUT", f"/api/v1/statuses/{encoded(remote_id)}", body=body)

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        # Else the pictures stay reachable for a day.
        path = f"/api/v1/statuses/{encoded(remote_id)}?delete_media=true"
        answer = ask(credentials, "DELETE", path, accept=(200, 202, 204, 404, 410))
        if answer.status in (404, 410):
            self._must_be_well(answer, credentials)


def _why_not(answer: Answer, media: Media) -> Outcome:
    """Creating knows two more meanings of 404."""
    outcome = outcome_of(answer)
    if answer.status == 404 and isinstance(outcome, Refused):
        # Only a key that has made a post can find it gone.
        return Refused(outcome.reason, DELETED, answer=answer.shown, status=answer.status)
    if answer.status == 404 and media.ids and isinstance(outcome, Unknown):
        # Takahe's page of HTML for a picture that it no longer has.
        return TryLater("media-again", NOT_YET, answer=answer.shown, status=answer.status)
    return outcome


def _check_image(image: Image, limits: Limits) -> list[Problem]:
    problems = []
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        problems.append(Problem("no-alt", sentence))
    if len(image.alt) > limits.alt:
        sentence = _("The description of the picture is too long for this Mastodon server. Shorten it.")
        problems.append(Problem("alt-too-long", sentence))
    if image.content_type not in limits.image_types:
        sentence = _("This Mastodon server does not take pictures of this kind. Choose a JPEG picture.")
        problems.append(Problem("image-type", sentence))
    if image.width * image.height > limits.image_pixels or len(image.data) > limits.image_bytes:
        sentence = _("The picture is too large for this Mastodon server. Choose a smaller one.")
        problems.append(Problem("image-too-large", sentence))
    return problems
