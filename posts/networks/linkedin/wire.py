"""How LinkedIn's versioned REST API is spoken to, and what its errors mean for the page.

Contract: learn.microsoft.com/linkedin/marketing (versioning, error handling). The version is given, never computed: there
are months without one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import Credentials, Duplicate, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import Answer, call

DOMAIN = "linkedin.com"
READ_SECONDS = 20.0
POST_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):[0-9]{1,20}")
DUPLICATE = re.compile(rf"duplicate of ({POST_URN.pattern})", re.IGNORECASE)
SHOWN_HEADERS = ("x-restli-id", "x-li-uuid", "x-li-fabric", "x-li-request-id")
"""What LinkedIn's support asks for."""
QUOTA_IS_BACK = timedelta(minutes=5)
"""After midnight UTC: a quota is per UTC day, and nothing in the answer says so."""

ACCESS_ENDED = _("Our access to LinkedIn has ended. Staff must connect the page again.")
NO_RIGHT = _("Our access does not allow us to publish on this LinkedIn page. Staff must connect it again.")
VERSION_GONE = _(
    "LinkedIn no longer answers to the version that we speak. Whoever runs the server must set LINKEDIN_VERSION."
)
BUSY = _("LinkedIn takes nothing more for the moment. Nothing was sent; it will be tried again.")
AWAY = _("LinkedIn does not answer as it should at the moment. Nothing has changed; it will be tried again.")
LOST = _("LinkedIn did not say clearly whether it published. The page is being looked at.")
ALREADY = _("LinkedIn says that it already has this post. The page is being looked at.")
UNSURE = _("LinkedIn does not answer as it should at the moment. It will be tried again.")
NOT_YET = _("LinkedIn is still working on the picture or document. Nothing was sent; it will be tried again.")
TOO_LONG = _("LinkedIn finds this text too long. Shorten it, then ask for approval again.")
REFUSED = _("LinkedIn refuses this text or picture. Correct it, then ask for approval again.")
PICTURE_REFUSED = _("LinkedIn cannot use this picture. Choose another photo, then ask for approval again.")
DOCUMENT_REFUSED = _("LinkedIn cannot use this document. Make the PDF anew, then ask for approval again.")


def speak(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    body: dict | None = None,
    method: str = "",
    seconds: float = READ_SECONDS,
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One call below /rest. `path` comes with its URNs encoded (`encoded`); `method` is the Rest.li method, where it must be named."""
    headers = {"Linkedin-Version": credentials.version, "X-Restli-Protocol-Version": "2.0.0"}
    if method:
        headers["X-RestLi-Method"] = method
    data = b""
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body, ensure_ascii=False).encode()
    return call(
        verb,
        credentials.api_url + path,
        credentials=credentials,
        domain=DOMAIN,
        headers=headers,
        body=data,
        seconds=seconds,
        show=SHOWN_HEADERS,
        before_first_byte=before_first_byte,
    )


def ask(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    body: dict | None = None,
    method: str = "",
    seconds: float = READ_SECONDS,
    accept: tuple[int, ...] = (200,),
    unsure: str | Promise = AWAY,
) -> Answer:
    """A call that publishes nothing and may be repeated: what we cannot know about it is only a reason to try later.

    `unsure` says so where the call changes something, which may have happened.
    """
    try:
        answer = speak(credentials, verb, path, body=body, method=method, seconds=seconds)
        return expect(answer, accept)
    except Unknown as outcome:
        away = TryLater(outcome.reason, unsure, answer=outcome.answer, status=outcome.status)
    raise away


def expect(answer: Answer, accept: tuple[int, ...]) -> Answer:
    """The answer if its status is one of those, else what it means."""
    if answer.status in accept:
        return answer
    raise outcome_of(answer)


def thing(answer: Answer) -> dict:
    """The object that was asked for, {} if LinkedIn says that there is none. Raises TryLater for what says neither."""
    data, is_missing = answer.json(), answer.status == 404
    if not data or not (is_missing or data.get("id")):
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
    return {} if is_missing else data


def elements(answer: Answer) -> list[dict]:
    """The objects of a collection, without whatever else stands in it. Raises TryLater if it is none: an unreadable answer
    is no empty page."""
    found = answer.json().get("elements")
    if not isinstance(found, list):
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
    return [element for element in found if isinstance(element, dict)]


def outcome_of(answer: Answer) -> Outcome:
    """What an error means. A 4xx that names its rule created nothing; 5xx and whatever cannot be read stay unknown."""
    data, status = answer.json(), answer.status
    code = str(data.get("code") or "")
    kept = {"answer": answer.shown, "status": status}
    reason = re.sub(r"[^a-z0-9]+", "-", code.lower())[:50].strip("-") or f"http-{status}"
    if status == 401:
        return NeedsReconnect(_token_reason(code, data.get("serviceErrorCode")), ACCESS_ENDED, **kept)
    if status == 429:
        is_quota = "throttle limit" in str(data.get("message"))
        wait = answer.retry_after
        if wait is None and is_quota:
            wait = _until_the_quota_is_back(datetime.now(UTC))
        return TryLater("throttled", BUSY, retry_after=wait, **kept)
    if not data or not 400 <= status < 500:
        return Unknown(reason, LOST, **kept)
    if status == 426 or code in ("VERSION_MISSING", "NONEXISTENT_VERSION"):
        return NeedsReconnect("version-retired", VERSION_GONE, **kept)
    if (urn := _duplicate(data)) is not None:
        return Duplicate("duplicate", ALREADY, remote_id=urn, **kept)
    if code == "MEDIA_ASSET_WAITING_UPLOAD":
        return TryLater("media-not-ready", NOT_YET, retry_after=120.0, **kept)
    if code in ("MEDIA_ASSET_PROCESSING_FAILED", "EXPIRED_UPLOAD_URL"):
        return TryLater("media-again", NOT_YET, **kept)
    if status in (408, 409):
        # "A write conflict occurred. Retry the request": of whose write, it does not say.
        return Unknown(reason, LOST, **kept)
    if status == 403 and not re.search(r"(image|document) resource", str(data.get("message"))):
        return NeedsReconnect("no-right", NO_RIGHT, **kept)
    return Refused(reason, TOO_LONG if code == "FIELD_LENGTH_TOO_LONG" else REFUSED, **kept)


def encoded(urn: str) -> str:
    """A URN as it must stand in a path or query; structural ( ) , : of lists would stay literal."""
    return quote(urn, safe="")


def _until_the_quota_is_back(now: datetime) -> float:
    """Seconds."""
    back = now.replace(hour=0, minute=0, second=0, microsecond=0) + QUOTA_IS_BACK
    return (back - now).total_seconds() + (0 if now < back else 86_400)


def _token_reason(code: str, number: object) -> str:
    if number == 65601 or code == "REVOKED_ACCESS_TOKEN":
        return "token-revoked"
    return "token-expired" if number == 65602 or code == "EXPIRED_ACCESS_TOKEN" else "token-invalid"


def _duplicate(data: dict) -> str | None:
    """The post that a duplicate error names ("" if it names none); None if this is another error."""
    text = json.dumps(data)
    if named := DUPLICATE.search(text):
        return named[1]
    return "" if "DUPLICATE_POST" in text else None
