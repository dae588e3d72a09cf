"""How Facebook's Graph API is spoken to, and what its errors mean for the page.

Contract: developers.facebook.com/docs/graph-api (secure requests, error handling, rate limiting). An error is known by its
code and subcode; the HTTP status says little.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from urllib3.filepost import encode_multipart_formdata

from ..base import (
    Credentials,
    Duplicate,
    Image,
    NeedsReconnect,
    Outcome,
    Refused,
    TryLater,
    Unknown,
)
from ..transport import LONGEST_WAIT, Answer, call, clean

READ_SECONDS = 20.0
QUOTA_SECONDS = 900.0
"""Quotas slide over an hour or a day; without a word from Facebook, asking every quarter of an hour is polite enough."""
BLOCK_SECONDS = 4 * 3600.0
"""Facebook does not say how long it blocks. Each try during a block is said to lengthen it."""
SLOW_AT = 75
"""Per cent of a quota from which we slow down; at 100 nothing is answered any more."""
VERSION_HEADER = "facebook-api-version"
USAGE_HEADERS = ("x-business-use-case-usage", "x-app-usage")
SHOWN_HEADERS = (VERSION_HEADER, *USAGE_HEADERS, "x-fb-trace-id", "x-fb-request-id")

TOKEN_REASONS = {
    458: "app-removed",
    459: "checkpoint",
    460: "password-changed",
    463: "token-expired",
    464: "unconfirmed",
    467: "token-invalid",
    492: "role-lost",
}
"""Subcodes of 190. 492 is UNVERIFIED; an unknown one is a dead token all the same."""
TOKEN_CODES = {190, 102, 2500}
RIGHT_CODES = {3, 10, 240, 283}
THROTTLE_CODES = {4, 17, 32, 341, 613, 80001}
PICTURE, LINK = 324, 1609005
REFUSAL_CODES = {100, 3001, PICTURE, LINK}
"""They name a rule, so nothing was created. Whatever stands in no list here stays unknown."""

ACCESS_ENDED = _("Our access to Facebook has ended. Staff must connect the page again.")
NO_RIGHT = _("Our access does not allow us to publish on this Facebook page. Staff must connect it again.")
BAD_PROOF = _(
    "Facebook does not recognise our program. Whoever runs the server must check FACEBOOK_CLIENT_SECRET, then the page must be connected again."
)
BUSY = _("Facebook takes nothing more for the moment. Nothing was sent; it will be tried again.")
BLOCKED = _(
    "Facebook has blocked this page's posts for some hours. Nothing was sent. Look at the page's messages from Facebook before it is tried again."
)
AWAY = _("Facebook does not answer as it should at the moment. Nothing has changed; it will be tried again.")
LOST = _("Facebook did not say clearly whether it published. The page is being looked at.")
ALREADY = _("Facebook says that it already has this post. The page is being looked at.")
REFUSED = _("Facebook refuses this text or picture. Correct it, then ask for approval again.")
REFUSED_SAYING = _("Facebook refuses it and says: “%(words)s” Correct it, then ask for approval again.")
PICTURE_REFUSED = _("Facebook cannot use this picture. Choose another photo, then ask for approval again.")
LINK_REFUSED = _("Facebook cannot open the link. Check its address, then ask for approval again.")


def address(api_url: str, version: str, path: str) -> str:
    """`path` begins with /. Without a version the app's oldest one answers."""
    return f"{api_url}/{version}{path}" if version else f"{api_url}{path}"


def node(remote_id: str) -> str:
    """A post, picture or page as it stands in a path."""
    return "/" + quote(remote_id, safe="")


@sensitive_variables()
def speak(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
    picture: Image | None = None,
    seconds: float = READ_SECONDS,
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One call. `body` goes as JSON, or as a form beside the picture's bytes; the proof of our secret goes with either."""
    asked, headers, data = dict(query or {}), {}, b""
    if body is None:
        asked |= _proof(credentials)
    elif picture is None:
        headers["Content-Type"] = "application/json"
        data = json.dumps({**body, **_proof(credentials)}, ensure_ascii=False).encode()
    else:
        fields = {**body, **_proof(credentials)}
        fields["source"] = ("picture", picture.data, picture.content_type)
        data, headers["Content-Type"] = encode_multipart_formdata(fields)
    url = address(credentials.api_url, credentials.version, path)
    return call(
        verb,
        f"{url}?{urlencode(asked)}" if asked else url,
        credentials=credentials,
        domain="",
        headers=headers,
        body=data,
        seconds=seconds,
        show=SHOWN_HEADERS,
        before_first_byte=before_first_byte,
    )


@sensitive_variables()
def ask(credentials: Credentials, verb: str, path: str, **options) -> Answer:
    """A call that publishes nothing and may be repeated: what we cannot know about it is only a reason to try later."""
    try:
        return expect(speak(credentials, verb, path, **options))
    except Unknown as outcome:
        away = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise away


def expect(answer: Answer) -> Answer:
    """The answer if it is no error, else what it means."""
    if 200 <= answer.status < 300 and "error" not in answer.json():
        return answer
    raise outcome_of(answer)


def unreadable(answer: Answer) -> TryLater:
    """What was asked for is not in the answer, whatever it is."""
    return TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)


def outcome_of(answer: Answer, *, of_create: bool = False) -> Outcome:
    """What an error means. 1, 2, what calls itself transient and, on a create, every 5xx may come after the post was made."""
    error = answer.json().get("error")
    error = error if isinstance(error, dict) else {}
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    message = str(error.get("message") or "")
    kept = {"answer": answer.shown, "status": answer.status}
    reason = f"http-{answer.status}" if code is None else f"code-{code}" + (f"-{subcode}" if subcode else "")
    if of_create and answer.status >= 500:
        return Unknown(reason, LOST, **kept)
    if code in THROTTLE_CODES or (answer.status == 429 and code is None):
        return TryLater("throttled", BUSY, retry_after=wait_in(answer), **kept)
    if code == 104 or (code == 100 and "appsecret_proof" in message):
        return NeedsReconnect("bad-proof", BAD_PROOF, **kept)
    if code in TOKEN_CODES:
        return NeedsReconnect(TOKEN_REASONS.get(subcode, "token-invalid"), ACCESS_ENDED, **kept)
    if code in RIGHT_CODES or 200 <= (code or 0) < 300:
        return NeedsReconnect("no-right", NO_RIGHT, **kept)
    if code == 506 or (code == 368 and "already posted" in message.lower()):
        return Duplicate("duplicate", ALREADY, **kept)
    if code == 368:
        return TryLater("blocked", BLOCKED, retry_after=BLOCK_SECONDS, **kept)
    if code not in REFUSAL_CODES or error.get("is_transient") is True:
        return Unknown(reason, LOST, **kept)
    if code == 100 and (subcode == 33 or "does not exist" in message):
        return Refused("gone", REFUSED, **kept)
    return Refused(reason, _refusal(code, error), **kept)


def wait_in(answer: Answer) -> float:
    """Seconds until a quota is free again: Facebook says minutes, where it says anything."""
    minutes = [_number(entry.get("estimated_time_to_regain_access")) or 0 for entry in _usage(answer)]
    if (longest := max(minutes, default=0)) > 0:
        return min(longest * 60.0, LONGEST_WAIT)
    return QUOTA_SECONDS if answer.retry_after is None else answer.retry_after


def is_nearly_full(answer: Answer) -> bool:
    """Is some quota used to three quarters?"""
    names = ("call_count", "total_cputime", "total_time")
    return any((_number(entry.get(name)) or 0) >= SLOW_AT for entry in _usage(answer) for name in names)


def _usage(answer: Answer) -> list[dict]:
    """What the usage headers say: one object of the app, and one for each of a page's use cases."""
    entries: list = []
    for name in USAGE_HEADERS:
        try:
            said = json.loads(answer.headers.get(name, ""))
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            entries += [said, *(entry for each in said.values() if isinstance(each, list) for entry in each)]
    return [entry for entry in entries if isinstance(entry, dict)]


def _proof(credentials: Credentials) -> dict[str, str]:
    """That we hold the app's secret, for this very token."""
    if not credentials.app_secret:
        return {}
    made = hmac.new(credentials.app_secret.encode(), credentials.token.encode(), hashlib.sha256)
    return {"appsecret_proof": made.hexdigest()}


def _refusal(code: int, error: dict):
    if code == PICTURE:
        return PICTURE_REFUSED
    if code == LINK:
        return LINK_REFUSED
    words = " ".join(clean(str(error.get("error_user_msg") or "")).split())[:200]
    return REFUSED_SAYING % {"words": words} if words else REFUSED


def _number(value: object) -> int | None:
    """A whole number, also where it comes as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10
        else None
    )
