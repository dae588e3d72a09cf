"""How a Bluesky server (a PDS) is spoken to, and what its errors mean for the page.

Contract: docs.bsky.app/docs/api, atproto.com/specs/xrpc. What an answer means is told by `error`, not by the status: an access
that has ended is a 400.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import Credentials, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import LONGEST_WAIT, Answer, call

READ_SECONDS = 20.0
SHOWN_HEADERS = ("ratelimit-remaining", "ratelimit-reset", "retry-after")
ENDED = ("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired")
CLOSED = {
    "AccountTakedown": "taken-down",
    "AccountDeactivated": "deactivated",
    "AccountSuspended": "suspended",
    "RepoTakendown": "taken-down",
    "RepoDeactivated": "deactivated",
    "RepoSuspended": "suspended",
}

ACCESS_ENDED = _("Our access to Bluesky has ended. Staff must connect the account again.")
NO_RIGHT = _("Our access does not allow us to publish on this Bluesky account. Staff must connect it again.")
ACCOUNT_CLOSED = _(
    "Bluesky has closed or suspended this account. Staff must sign in to Bluesky and follow what it asks; publish elsewhere meanwhile."
)
BUSY = _("Bluesky takes nothing more for the moment. Nothing was sent; it will be tried again.")
AWAY = _("Bluesky does not answer as it should at the moment. Nothing has changed; it will be tried again.")
UNSURE = _("Bluesky does not answer as it should at the moment. It will be tried again.")
LOST = _("Bluesky did not say clearly whether it published. The account is being looked at.")
ALREADY = _("Bluesky says that it already has this post. The account is being looked at.")
NOT_YET = _("Bluesky no longer has the picture. Nothing was sent; it will be tried again.")
TOO_LARGE = _(
    "The picture is too large for this Bluesky server. Choose a smaller one, then ask for approval again."
)
REFUSED = _("Bluesky refuses this text or picture. Correct it, then ask for approval again.")


def speak(
    credentials: Credentials,
    name: str,
    *,
    asked: Mapping[str, str] | None = None,
    body: dict | bytes | None = None,
    content_type: str = "application/json",
    seconds: float = READ_SECONDS,
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One call: a question (`asked`), or with a body a deed. A body is JSON, or bytes of another type."""
    query = f"?{urlencode(asked)}" if asked else ""
    data = b"" if body is None else body
    if isinstance(data, dict):
        data = json.dumps(data, ensure_ascii=False).encode()
    return call(
        "GET" if body is None else "POST",
        f"{credentials.api_url}/xrpc/{name}{query}",
        credentials=credentials,
        domain="",
        headers={"Content-Type": content_type} if data else {},
        body=data,
        seconds=seconds,
        show=SHOWN_HEADERS,
        before_first_byte=before_first_byte,
    )


def ask(
    credentials: Credentials,
    name: str,
    *,
    asked: Mapping[str, str] | None = None,
    body: dict | bytes | None = None,
    content_type: str = "application/json",
    seconds: float = READ_SECONDS,
    also: tuple[str, ...] = (),
    unsure: str | Promise = AWAY,
) -> Answer:
    """A call that publishes nothing and may be repeated: what we cannot know about it is only a reason to try later.

    `also` are errors that are an answer; `unsure` says so where the call changes something, which may have happened.
    """
    try:
        answer = speak(credentials, name, asked=asked, body=body, content_type=content_type, seconds=seconds)
        if answer.status == 200 or error_of(answer) in also:
            return answer
        raise outcome_of(answer)
    except Unknown as outcome:
        away = TryLater(outcome.reason, unsure, answer=outcome.answer, status=outcome.status)
    raise away


def thing(answer: Answer) -> dict:
    """The object in an answer. Raises TryLater if there is none: what cannot be read says nothing."""
    if not (data := answer.json()):
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
    return data


def error_of(answer: Answer) -> str:
    """The error's name, empty where there is none. Before it had one, a record that is not there was a sentence."""
    data = answer.json()
    name = data.get("error") if answer.status >= 400 else ""
    if name == "InvalidRequest" and str(data.get("message")).startswith("Could not locate record"):
        return "RecordNotFound"
    return name if isinstance(name, str) else ""


def outcome_of(answer: Answer) -> Outcome:
    """What an error means. A 4xx that names itself changed nothing; 5xx and whatever cannot be read stay unknown."""
    status, error = answer.status, error_of(answer)
    kept = {"answer": answer.shown, "status": status}
    reason = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", error).lower()
    reason = re.sub(r"[^a-z0-9]+", "-", reason)[:50].strip("-") or f"http-{status}"
    if error in CLOSED and status < 500:
        return NeedsReconnect(CLOSED[error], ACCOUNT_CLOSED, **kept)
    if status == 401 or (error in ENDED and status < 500):
        is_expired = error == "ExpiredToken"
        return NeedsReconnect("token-expired" if is_expired else "token-invalid", ACCESS_ENDED, **kept)
    if status == 429 or (error == "RateLimitExceeded" and status < 500):
        return TryLater("throttled", BUSY, retry_after=wait_of(answer), **kept)
    if status == 413:
        # From the server, or with any body from the machine in front of it.
        return Refused("too-large", TOO_LARGE, **kept)
    if not error or not 400 <= status < 500:
        return Unknown(reason, LOST, **kept)
    if status == 403:
        return NeedsReconnect("no-right", NO_RIGHT, **kept)
    if error == "BlobNotFound":
        return TryLater("media-again", NOT_YET, **kept)
    if "blob too big" in str(answer.json().get("message")):
        return Refused("too-large", TOO_LARGE, **kept)
    return Refused(reason, REFUSED, **kept)


def wait_of(answer: Answer) -> float | None:
    """Seconds until Bluesky takes more, at most a day."""
    reset = answer.headers.get("ratelimit-reset", "").strip()
    if answer.retry_after is None and re.fullmatch(r"[0-9]{1,12}", reset):
        return min(max(0.0, int(reset) - time.time()), LONGEST_WAIT)
    return answer.retry_after
