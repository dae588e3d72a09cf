"""How X's API v2 is spoken to, and what its errors mean for the page.

Contract: docs.x.com/x-api (posts, errors, rate limits). Whether something was created is told by `data.id` alone: an answer of
200 may carry errors, and one of an error may come after the post.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from ..base import Credentials, Duplicate, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import LONGEST_WAIT, Answer, call

DOMAIN = "x.com"
READ_SECONDS = 20.0
NUMBER = re.compile(r"[0-9]{1,20}")
SHOWN_HEADERS = (
    "x-transaction-id",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-user-limit-24hour-remaining",
)
LIMITS = ("rate-limit", "user-limit-24hour", "app-limit-24hour")
"""Each with x-…-remaining and x-…-reset (seconds since 1970)."""
CREDIT_WAIT = 3600.0
"""Seconds. Money comes by hand, or at most once in five minutes until a limit: asking once an hour is enough."""

ACCESS_ENDED = _("Our access to X has ended. Staff must connect the account again.")
NO_RIGHT = _("Our access does not allow us to publish on this X account. Staff must connect it again.")
SUSPENDED = _(
    "X has suspended or locked this account. Staff must sign in to X and follow what it asks; publish by hand meanwhile."
)
APP_REFUSED = _(
    "X does not accept our program. Whoever runs the server must check X_CLIENT_ID and the developer account at X."
)
NO_CREDIT = _(
    "There is no credit left with X, which charges for each post. Staff must add some at console.x.com; it will be tried again every hour."
)
BUSY = _("X takes nothing more for the moment. Nothing was sent; it will be tried again.")
AWAY = _("X does not answer as it should at the moment. Nothing has changed; it will be tried again.")
LOST = _("X did not say clearly whether it published. The account is being looked at.")
ALREADY = _("X says that it already has this text. The account is being looked at.")
NOT_YET = _("X is still working on the picture. Nothing was sent; it will be tried again.")
TOO_LONG = _("X finds this text too long. Shorten it, then ask for approval again.")
TOO_LARGE = _("X finds this picture too large. Choose a smaller one, then ask for approval again.")
REFUSED = _("X refuses this text or picture. Correct it, then ask for approval again.")


def speak(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    body: dict | bytes | None = None,
    content_type: str = "application/json",
    seconds: float = READ_SECONDS,
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One call below /2. A body is JSON, or bytes of another type."""
    data = (
        body
        if isinstance(body, bytes)
        else b""
        if body is None
        else json.dumps(body, ensure_ascii=False).encode()
    )
    return call(
        verb,
        credentials.api_url + path,
        credentials=credentials,
        domain=DOMAIN,
        headers={"Content-Type": content_type} if data else {},
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
    body: dict | bytes | None = None,
    content_type: str = "application/json",
    seconds: float = READ_SECONDS,
    accept: tuple[int, ...] = (200,),
    is_upload: bool = False,
) -> Answer:
    """A call that publishes nothing and may be repeated: what we cannot know about it is only a reason to try later."""
    try:
        answer = speak(credentials, verb, path, body=body, content_type=content_type, seconds=seconds)
        if answer.status in accept:
            return answer
        raise outcome_of(answer, is_upload=is_upload)
    except Unknown as outcome:
        away = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise away


def outcome_of(answer: Answer, *, is_upload: bool = False) -> Outcome:
    """What an error means. A 4xx that names its rule created nothing; 5xx and whatever cannot be read stay unknown."""
    data, status = answer.json(), answer.status
    kind, said = _kind(data), _said(data)
    kept = {"answer": answer.shown, "status": status}
    reason = kind if kind not in ("", "about-blank") else f"http-{status}"
    if status == 401:
        return NeedsReconnect("token-invalid", ACCESS_ENDED, **kept)
    if status == 402 or (kind == "usage-capped" and 400 <= status < 500):
        wait = max(CREDIT_WAIT, wait_of(answer) or 0.0)
        return TryLater("no-credit" if status == 402 else kind, NO_CREDIT, retry_after=wait, **kept)
    if status == 429:
        return TryLater("throttled", BUSY, retry_after=wait_of(answer), **kept)
    if status in (413, 431):
        # From the machine in front of X, with an empty body.
        return Refused(reason, TOO_LARGE if is_upload else REFUSED, **kept)
    if not data or not 400 <= status < 500 or status in (408, 409):
        return Unknown(reason, LOST, **kept)
    if status == 403 and "duplicate content" in said:
        return Duplicate("duplicate", ALREADY, **kept)
    if status == 403 and re.search(
        r"\b(?:account|user) (?:is |has been |was )?(?:temporarily )?(?:suspended|locked)", said
    ):
        return NeedsReconnect("suspended", SUSPENDED, **kept)
    if status == 403 and kind == "client-forbidden":
        return NeedsReconnect(kind, APP_REFUSED, **kept)
    # A missing scope is a bare "Forbidden"; a text that is refused gets a sentence.
    is_bare = said in ("", "forbidden") or "scope" in said
    if status == 403 and (kind == "unsupported-authentication" or is_bare or is_upload):
        return NeedsReconnect("no-right", NO_RIGHT, **kept)
    if "media ids are invalid" in said:
        return TryLater("media-again", NOT_YET, **kept)
    return Refused(reason, TOO_LONG if "too long" in said or "shorter" in said else REFUSED, **kept)


def wait_of(answer: Answer) -> float | None:
    """Seconds until X takes more, at most a day: the latest of the limits that are used up."""
    headers = answer.headers
    used_up = [name for name in LIMITS if headers.get(f"x-{name}-remaining", "").strip() == "0"]
    resets = [headers.get(f"x-{name}-reset", "").strip() for name in used_up or LIMITS[:1]]
    waits = [int(reset) - time.time() for reset in resets if re.fullmatch(r"[0-9]{1,12}", reset)]
    if answer.retry_after is not None:
        waits.append(answer.retry_after)
    return min(max(0.0, *waits), LONGEST_WAIT) if waits else None


def is_missing(answer: Answer) -> bool:
    """Does X itself say that there is no such thing? It does so with 200 or 404; a page of HTML may come from anybody."""
    data = answer.json()
    kinds = [_kind({"type": each.get("type")}) for each in (data, *_problems(data))]
    return "resource-not-found" in kinds or (answer.status == 404 and bool(data))


def _problems(data: dict) -> list[dict]:
    """The errors that an answer lists, beside data or instead of it."""
    errors = data.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _kind(data: dict) -> str:
    """The last word of the problem's type: "usage-capped"."""
    named = [each.get("type") for each in (data, *_problems(data)) if each.get("type")]
    last = str(named[0]).rpartition("/")[2] if named else ""
    return re.sub(r"[^a-z0-9]+", "-", last.lower())[:50].strip("-")


def _said(data: dict) -> str:
    """The sentences of an error, in lower case."""
    names = ("detail", "message", "error_description")
    said = [str(each[name]) for each in (data, *_problems(data)) for name in names if each.get(name)]
    return " ".join(dict.fromkeys(said)).lower().strip()
