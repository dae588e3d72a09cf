"""LinkedIn organization pages: text and up to twenty pictures, reading back, taking down.

Contract: learn.microsoft.com/linkedin/marketing (posts, images, multi-image, organization access control).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from . import linkedin_posts as posts
from . import littletext
from .base import (
    Content,
    Credentials,
    Found,
    Image,
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
from .linkedin_wire import (
    AWAY,
    DOMAIN,
    LOST,
    NO_RIGHT,
    NOT_YET,
    PICTURE_REFUSED,
    POST_URN,
    SHOWN_HEADERS,
    ask,
    encoded,
    expect,
    outcome_of,
    speak,
)
from .transport import CREATE_SECONDS, UPLOAD_SECONDS, call, clean

TEXT_LIMIT = 3000
FOLD = 210
"""Characters that stand before "…see more" on a desktop screen: as seen, not documented."""
ALT_LIMIT = 4086
PIXEL_LIMIT = 36_152_320
"""Pictures must have fewer."""
BYTE_LIMIT = 8_000_000
"""LinkedIn states none; it is said to refuse with 413 above an unknown size. Our pictures are far below."""
MOST_IMAGES = 20
IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif")
POLL_AFTER_SECONDS = (0, 2, 4, 8, 16)
FRESH_TOKEN_SECONDS = 8
"""A token just issued may be called revoked for some seconds."""
POSTING_ROLES = {
    "ADMINISTRATOR",
    "CONTENT_ADMIN",
    "CONTENT_ADMINISTRATOR",
    "DIRECT_SPONSORED_CONTENT_POSTER",
}
PAGE_OF_POSTS, MOST_PAGES = 50, 5
SHARED_LINK = re.compile(r"linkedin\.com/posts/[^/?#]*?-(share|ugcPost|activity)-([0-9]{1,20})")
ACTIVITY_MARGIN = timedelta(minutes=2)


class LinkedIn:
    """See networks.base.Network for what each method promises. `sleep` is how it waits for pictures."""

    slug = "linkedin"
    label = "LinkedIn"
    text_limit = TEXT_LIMIT

    def __init__(self, sleep: Callable[[float], None] = time.sleep):
        self.sleep = sleep

    # Offline ------------------------------------------------------------------------------------

    def length(self, text: str) -> int:
        return littletext.units(littletext.escape(text))

    def check(self, content: Content) -> list[Problem]:
        problems = []
        if not littletext.tidy(content.text).strip():
            problems.append(Problem("empty", _("The text is empty. Write what people should read.")))
        if (over := self.length(content.text) - TEXT_LIMIT) > 0:
            sentence = ngettext_lazy(
                "The text is %(count)d character too long for LinkedIn. Shorten it.",
                "The text is %(count)d characters too long for LinkedIn. Shorten it.",
                "count",
            )
            problems.append(Problem("too-long", sentence % {"count": over}))
        if len(content.images) > MOST_IMAGES:
            problems.append(
                Problem("too-many-images", _("LinkedIn shows at most twenty pictures. Remove some."))
            )
        for image in content.images:
            problems += _check_image(image)
        return problems

    def same(self, content: Content, found: Found) -> bool:
        return posts.comparable(content.text) == posts.comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        link = unquote(link)
        if match := POST_URN.search(link):
            return match[0]
        match = SHARED_LINK.search(link)
        return f"urn:li:{match[1]}:{match[2]}" if match else ""

    # The page -----------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        role = self._role(credentials)
        number = credentials.remote_id.rpartition(":")[2]
        organization = ask(credentials, "GET", f"/rest/organizations/{encoded(number)}").json()
        return Page(
            name=clean(str(organization.get("localizedName") or credentials.remote_id)),
            remote_id=credentials.remote_id,
            url=f"https://www.linkedin.com/company/{encoded(str(organization.get('vanityName') or number))}/",
            followers=self._followers(credentials),
            role=role,
        )

    @staticmethod
    def _followers(credentials: Credentials) -> int | None:
        """A figure that is nice to have: nothing fails for want of it."""
        size = f"/rest/networkSizes/{encoded(credentials.remote_id)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        try:
            followers = ask(credentials, "GET", size).json().get("firstDegreeSize")
        except Outcome:
            return None
        return followers if isinstance(followers, int) and followers >= 0 else None

    def _role(self, credentials: Credentials) -> str:
        """What we are on this page. Raises NeedsReconnect if that does not let us post."""
        path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&start=0&count=100"
        try:
            answer = ask(credentials, "GET", path, method="FINDER")
        except NeedsReconnect as outcome:
            if outcome.reason != "token-revoked":
                raise
            self.sleep(FRESH_TOKEN_SECONDS)
            answer = ask(credentials, "GET", path, method="FINDER")
        for element in posts.elements(answer.json()):
            # The field has had three names, and one role two.
            names = ("organization", "organizationTarget", "organizationalTarget")
            if (
                credentials.remote_id in [element.get(name) for name in names]
                and element.get("role") in POSTING_ROLES
            ):
                return element["role"]
        raise NeedsReconnect("no-role", NO_RIGHT, answer=answer.shown, status=answer.status)

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        end = time.monotonic() + UPLOAD_SECONDS
        return Media(tuple(self._usable(image, credentials, end) for image in content.images))

    def _usable(self, image: Image, credentials: Credentials, end: float) -> str:
        """Upload until LinkedIn can show it; a failure on its side is worth one more try. Returns the image's URN."""
        for _attempt in range(2):
            urn = self._upload(image, credentials, end)
            answer = ""
            for seconds in POLL_AFTER_SECONDS:
                _leave_time(end, seconds)
                self.sleep(seconds)
                polled = ask(credentials, "GET", f"/rest/images/{encoded(urn)}")
                status, answer = polled.json().get("status"), polled.shown
                if status == "AVAILABLE":
                    return urn
                if status == "PROCESSING_FAILED":
                    break
            else:
                raise TryLater("still-processing", NOT_YET, answer=answer)
        raise Refused("processing-failed", PICTURE_REFUSED, answer=answer)

    @staticmethod
    def _upload(image: Image, credentials: Credentials, end: float) -> str:
        body = {"initializeUploadRequest": {"owner": credentials.remote_id}}
        begun = ask(credentials, "POST", "/rest/images?action=initializeUpload", body=body)
        value = begun.json().get("value")
        if not isinstance(value, dict) or not value.get("uploadUrl") or not value.get("image"):
            raise TryLater("no-upload-url", AWAY, answer=begun.shown)
        try:
            put = call(
                "PUT",
                str(value["uploadUrl"]),
                credentials=credentials,
                domain=DOMAIN,
                headers={"Content-Type": image.content_type},
                body=image.data,
                seconds=_leave_time(end),
                show=SHOWN_HEADERS,
            )
            expect(put, (200, 201))
            return str(value["image"])
        except Unknown as outcome:
            # A picture that may have arrived is no post: nothing is online, and uploading again is harmless.
            later = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
        raise later

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
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

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        if remote_id.startswith("urn:li:activity:"):
            return self._by_activity(int(remote_id.rpartition(":")[2]), credentials)
        path = f"/rest/posts/{encoded(remote_id)}?viewContext=AUTHOR"
        data = ask(credentials, "GET", path, accept=(200, 404)).json()
        return (
            posts.found(data)
            if data.get("author") == credentials.remote_id and posts.is_online(data)
            else None
        )

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
            if not isinstance(answer.json().get("elements"), list):
                raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
            read = [
                (posts.found(data), posts.is_online(data))
                for data in posts.elements(answer.json())
                if data.get("id")
            ]
            found += [post for post, is_online in read if is_online and post.created_at >= since]
            if len(read) < PAGE_OF_POSTS or min(post.created_at for post, _online in read) < since:
                break
        return found

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        path = f"/rest/posts/{encoded(remote_id)}"
        ask(credentials, "DELETE", path, method="DELETE", accept=(200, 204, 404))


def _check_image(image: Image) -> list[Problem]:
    problems = []
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        problems.append(Problem("no-alt", sentence))
    if littletext.units(image.alt) > ALT_LIMIT:
        sentence = _("The description of the picture is too long for LinkedIn. A sentence or two is enough.")
        problems.append(Problem("alt-too-long", sentence))
    if image.content_type not in IMAGE_TYPES:
        sentence = _("LinkedIn takes JPEG, PNG and GIF pictures only. Choose another picture.")
        problems.append(Problem("image-type", sentence))
    if image.width * image.height >= PIXEL_LIMIT or len(image.data) > BYTE_LIMIT:
        sentence = _("The picture is too large for LinkedIn. Choose a smaller one.")
        problems.append(Problem("image-too-large", sentence))
    return problems


def _leave_time(end: float, seconds: float = 0.0) -> float:
    """Seconds until `end`. Raises TryLater if it would pass within `seconds`."""
    left = end - time.monotonic()
    if left <= seconds:
        raise TryLater("out-of-time", NOT_YET)
    return left
