"""LinkedIn organisation pages, by the versioned REST API: text and up to twenty pictures.

Contract: learn.microsoft.com/linkedin/marketing (posts, images, versioning). The version is a setting: it lives a year.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from . import littletext
from .base import (
    CREATE_SECONDS,
    UPLOAD_SECONDS,
    Answer,
    Content,
    Credentials,
    Duplicate,
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
    call,
    is_trusted,
)

DOMAIN = "linkedin.com"
TEXT_LIMIT = 3000
ALT_LIMIT = 4086
PIXEL_LIMIT = 36_152_320
BYTE_LIMIT = 8_000_000
"""Not documented by LinkedIn: other tools report 5 or 8 MB. Our pictures are far below."""
MOST_IMAGES = 20
POLL_AFTER_SECONDS = (0, 2, 4, 8, 16)
POSTING_ROLES = {"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR"}
POST_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
READ_SECONDS = 20.0
FOLD = 210
"""Characters that stand before "…see more" on a desktop screen: as seen, not documented."""

TEXT_REFUSED = _("LinkedIn refuses this text or picture. Correct it, then ask for approval again.")
NO_RIGHT = _("Our access does not allow to publish on this LinkedIn page. Staff must connect it again.")
ACCESS_ENDED = _("Our access to LinkedIn has ended. Staff must connect the page again.")
VERSION_GONE = _("LinkedIn no longer answers to the version we speak. Staff must set LINKEDIN_VERSION.")
BUSY = _("LinkedIn takes no more for the moment. Nothing was sent; it will be tried again.")
LOST = _("LinkedIn did not say clearly whether it published. The page is being looked at.")
PICTURE_REFUSED = _("LinkedIn cannot use this picture. Choose another photo, then ask for approval again.")


class LinkedIn:
    """See networks.base.Network for what each method promises."""

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
        if not content.text.strip():
            problems.append(
                Problem("empty", _("The text is empty. Write what LinkedIn’s readers should read."))
            )
        if (over := self.length(content.text) - TEXT_LIMIT) > 0:
            problems.append(
                Problem(
                    "too-long",
                    _("The text is too long for LinkedIn by %(count)d characters. Shorten it.")
                    % {"count": over},
                )
            )
        if len(content.images) > MOST_IMAGES:
            problems.append(
                Problem("too-many-images", _("LinkedIn shows at most twenty pictures. Remove some."))
            )
        for image in content.images:
            problems += self._check_image(image)
        return problems

    @staticmethod
    def _check_image(image: Image) -> list[Problem]:
        problems = []
        if not image.alt.strip():
            problems.append(
                Problem("no-alt", _("The picture has no description. Write one for those who cannot see it."))
            )
        if len(image.alt) > ALT_LIMIT:
            problems.append(
                Problem("alt-too-long", _("The description of the picture is too long. Shorten it."))
            )
        if image.content_type not in {"image/jpeg", "image/png", "image/gif"}:
            problems.append(Problem("image-type", _("LinkedIn takes JPEG, PNG and GIF pictures only.")))
        if image.width * image.height >= PIXEL_LIMIT or len(image.data) > BYTE_LIMIT:
            problems.append(Problem("image-too-large", _("The picture is too large for LinkedIn.")))
        return problems

    def same(self, content: Content, found: Found) -> bool:
        return _comparable(content.text) == _comparable(found.text)

    def remote_id_from(self, link: str) -> str:
        match = POST_URN.search(link)
        return match[0] if match else ""

    # The page -----------------------------------------------------------------------------------

    def verify(self, credentials: Credentials) -> Page:
        found = self._expect(
            self._rest(
                credentials,
                "GET",
                "/rest/organizationAcls?q=roleAssignee&state=APPROVED&start=0&count=100",
                finder=True,
            )
        )
        roles = {}
        for element in found.json().get("elements") or []:
            names = ("organization", "organizationTarget", "organizationalTarget")
            urn = next((element[name] for name in names if isinstance(element.get(name), str)), "")
            roles.setdefault(urn, set()).add(element.get("role"))
        role = next(iter(sorted(roles.get(credentials.remote_id, set()) & POSTING_ROLES)), None)
        if role is None:
            raise NeedsReconnect("no-role", NO_RIGHT, answer=found.shown)
        number = credentials.remote_id.rsplit(":", 1)[-1]
        organisation = self._expect(self._rest(credentials, "GET", f"/rest/organizations/{number}")).json()
        sizes = self._rest(
            credentials,
            "GET",
            f"/rest/networkSizes/{_urn(credentials.remote_id)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER",
        )
        followers = sizes.json().get("firstDegreeSize") if sizes.status == 200 else None
        return Page(
            name=str(organisation.get("localizedName") or credentials.remote_id),
            remote_id=credentials.remote_id,
            url=f"https://www.linkedin.com/company/{organisation.get('vanityName') or number}/",
            followers=followers if isinstance(followers, int) else None,
            role=role,
        )

    # Publishing ---------------------------------------------------------------------------------

    def prepare(self, content: Content, credentials: Credentials) -> Media:
        return Media(tuple(self._upload(image, credentials) for image in content.images))

    def _upload(self, image: Image, credentials: Credentials) -> str:
        try:
            return self._upload_once(image, credentials)
        except Unknown as outcome:
            # A picture that may have arrived is no post: nothing is online, and uploading again is harmless.
            raise TryLater(outcome.reason, BUSY, answer=outcome.answer, status=outcome.status) from None

    def _upload_once(self, image: Image, credentials: Credentials) -> str:
        body = {"initializeUploadRequest": {"owner": credentials.remote_id}}
        begun = self._expect(self._rest(credentials, "POST", "/rest/images?action=initializeUpload", body))
        value = begun.json().get("value")
        if not isinstance(value, dict) or not value.get("uploadUrl") or not value.get("image"):
            raise TryLater("no-upload-url", BUSY, answer=begun.shown)
        url, urn = str(value["uploadUrl"]), str(value["image"])
        if not is_trusted(url, credentials.api_url, DOMAIN):
            raise Refused("strange-upload-url", PICTURE_REFUSED, answer=begun.shown)
        put = call(
            "PUT",
            url,
            headers={"Authorization": f"Bearer {credentials.token}", "Content-Type": image.content_type},
            body=image.data,
            seconds=UPLOAD_SECONDS,
            secrets=(credentials.token, url),
        )
        if put.status not in (200, 201):
            raise self._outcome(put)
        for seconds in POLL_AFTER_SECONDS:
            self.sleep(seconds)
            state = self._expect(self._rest(credentials, "GET", f"/rest/images/{_urn(urn)}"))
            status = state.json().get("status")
            if status == "AVAILABLE":
                return urn
            if status == "PROCESSING_FAILED":
                raise Refused("processing-failed", PICTURE_REFUSED, answer=state.shown)
        raise TryLater("still-processing", BUSY, answer=state.shown)

    def create(
        self,
        content: Content,
        media: Media,
        credentials: Credentials,
        *,
        before_first_byte: Callable[[], None],
    ) -> Published:
        body = {
            "author": credentials.remote_id,
            "commentary": littletext.escape(content.text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        pictures = [
            {"id": urn, "altText": image.alt} for urn, image in zip(media.ids, content.images, strict=True)
        ]
        if len(pictures) == 1:
            body["content"] = {"media": pictures[0]}
        elif pictures:
            body["content"] = {"multiImage": {"images": pictures}}
        answer = self._rest(credentials, "POST", "/rest/posts", body, CREATE_SECONDS, before_first_byte)
        if answer.status != 201:
            raise self._outcome(answer)
        urn = answer.headers.get("x-restli-id", "")
        if not POST_URN.fullmatch(urn):
            raise Unknown("no-id", LOST, answer=answer.shown, status=201)
        return Published(urn, permalink(urn), answer.shown)

    # Reading back -------------------------------------------------------------------------------

    def get(self, remote_id: str, credentials: Credentials) -> Found | None:
        answer = self._rest(credentials, "GET", f"/rest/posts/{_urn(remote_id)}?viewContext=AUTHOR")
        if answer.status == 404:
            return None
        data = self._expect(answer).json()
        return _found(data) if data.get("author") == credentials.remote_id else None

    def recent(self, credentials: Credentials, *, since: datetime) -> list[Found]:
        query = f"author={_urn(credentials.remote_id)}&q=author&count=100&sortBy=CREATED"
        answer = self._expect(self._rest(credentials, "GET", f"/rest/posts?{query}", finder=True))
        elements = answer.json().get("elements")
        if not isinstance(elements, list):
            raise Unknown("unreadable", LOST, answer=answer.shown)
        found = [_found(element) for element in elements if isinstance(element, dict) and element.get("id")]
        return [post for post in found if post.created_at >= since]

    def remove(self, remote_id: str, credentials: Credentials) -> None:
        answer = self._rest(credentials, "DELETE", f"/rest/posts/{_urn(remote_id)}", method="DELETE")
        if answer.status not in (200, 204, 404):
            raise self._outcome(answer)

    # The wire -----------------------------------------------------------------------------------

    def _rest(
        self,
        credentials: Credentials,
        verb: str,
        path: str,
        body: dict | None = None,
        seconds: float = READ_SECONDS,
        before_first_byte: Callable[[], None] | None = None,
        *,
        finder: bool = False,
        method: str = "",
    ) -> Answer:
        headers = {
            "Authorization": f"Bearer {credentials.token}",
            "Linkedin-Version": credentials.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if finder or method:
            headers["X-RestLi-Method"] = method or "FINDER"
        data = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        return call(
            verb,
            credentials.api_url + path,
            headers=headers,
            body=data,
            seconds=seconds,
            secrets=(credentials.token,),
            before_first_byte=before_first_byte,
        )

    def _expect(self, answer: Answer) -> Answer:
        if answer.status != 200:
            raise self._outcome(answer)
        return answer

    @staticmethod
    def _outcome(answer: Answer) -> Outcome:
        """What an error means: see the table of errors in the contract. 5xx and whatever cannot be read stay unknown."""
        data, status = answer.json(), answer.status
        code = str(data.get("code") or data.get("serviceErrorCode") or "")
        kept = {"answer": answer.shown, "status": status}
        if status == 401:
            return NeedsReconnect("access-ended", ACCESS_ENDED, **kept)
        if status == 403:
            return NeedsReconnect("no-right", NO_RIGHT, **kept)
        if status == 426 or code == "VERSION_MISSING":
            return NeedsReconnect("version-retired", VERSION_GONE, **kept)
        if status == 429:
            return TryLater("throttled", BUSY, retry_after=answer.retry_after, **kept)
        if code == "MEDIA_ASSET_WAITING_UPLOAD":
            return TryLater("media-not-ready", BUSY, retry_after=120, **kept)
        if code in {"MEDIA_ASSET_PROCESSING_FAILED", "EXPIRED_UPLOAD_URL", "INVALID_IMAGE_ID"}:
            return TryLater("media-again", BUSY, **kept)
        if status == 409:
            return TryLater("conflict", BUSY, retry_after=30, **kept)
        if status == 422 and "duplicate" in json.dumps(data).lower():
            named = POST_URN.search(json.dumps(data))
            return Duplicate("duplicate", LOST, remote_id=named[0] if named else "", **kept)
        if 400 <= status < 500 and data:
            return Refused(code.lower() or f"refused-{status}", TEXT_REFUSED, **kept)
        return Unknown(f"http-{status}", LOST, **kept)


def permalink(urn: str) -> str:
    """Where people see the post."""
    return f"https://www.linkedin.com/feed/update/{urn}/"


def _urn(urn: str) -> str:
    return quote(urn, safe="")


def _found(data: dict) -> Found:
    content = data.get("content") if isinstance(data.get("content"), dict) else {}
    pictures = [content.get("media"), *((content.get("multiImage") or {}).get("images") or [])]
    created = data.get("createdAt") or data.get("publishedAt") or 0
    return Found(
        remote_id=str(data.get("id", "")),
        url=permalink(str(data.get("id", ""))),
        text=littletext.plain(str(data.get("commentary", ""))),
        created_at=datetime.fromtimestamp(created / 1000, UTC),
        media_ids=tuple(
            str(picture["id"]) for picture in pictures if isinstance(picture, dict) and picture.get("id")
        ),
    )


def _comparable(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
