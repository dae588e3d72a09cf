"""How a Mastodon server is spoken to, and what its errors mean for the page. Any software may stand behind the address.

Contract: docs.joinmastodon.org (client/intro, methods, api/rate-limits).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from ..base import Credentials, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import LONGEST_WAIT, Answer, call

READ_SECONDS = 20.0
SHOWN_HEADERS = ("X-Request-Id", "X-RateLimit-Reset", "Retry-After")
MEDIA_AGAIN = re.compile(
    r"not finished processing|not found or already attached|en cours de traitement|déjà rattaché",
    re.IGNORECASE,
)
"""In English, which we ask for, and in French, which a server may insist on."""
TOO_MANY_CHARACTERS = re.compile(r"character limit|limite de caractères", re.IGNORECASE)

ACCESS_ENDED = _("Our access to Mastodon has ended. Staff must connect the account again.")
NO_RIGHT = _("Our access does not allow us to do this on Mastodon. Staff must connect the account again.")
CLOSED = _("The Mastodon server does not let this account in. Staff must look at the account there.")
BUSY = _("The Mastodon server takes nothing more for the moment. Nothing was sent; it will be tried again.")
AWAY = _(
    "The Mastodon server does not answer as it should at the moment. Nothing has changed; it will be tried again."
)
LOST = _("The Mastodon server did not say clearly whether it published. The account is being looked at.")
NOT_YET = _("The Mastodon server is still working on the picture. Nothing was sent; it will be tried again.")
GONE = _("This post is no longer on Mastodon. Nothing was changed.")
DELETED = _(
    "The Mastodon server answers that this post was there and was deleted. Nothing was sent again. Look at the account before you send it anew."
)
TOO_LONG = _("The Mastodon server finds this text too long. Shorten it, then ask for approval again.")
REFUSED = _("The Mastodon server refuses this text or picture. Correct it, then ask for approval again.")


def speak(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    body: dict | bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = READ_SECONDS,
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One call to the account's server; a dict is sent as JSON."""
    sent = {"Accept": "application/json", "Accept-Language": "en", **(headers or {})}
    if isinstance(body, dict):
        sent["Content-Type"] = "application/json"
        body = json.dumps(body, ensure_ascii=False).encode()
    return call(
        verb,
        credentials.api_url + path,
        credentials=credentials,
        domain="",
        headers=sent,
        body=body,
        seconds=seconds,
        show=SHOWN_HEADERS,
        before_first_byte=before_first_byte,
    )


def ask(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    body: dict | bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = READ_SECONDS,
    accept: tuple[int, ...] = (200,),
) -> Answer:
    """A call that publishes nothing and may be repeated: what we cannot know about it is only a reason to try later."""
    try:
        answer = speak(credentials, verb, path, body=body, headers=headers, seconds=seconds)
        return expect(answer, accept)
    except Unknown as outcome:
        away = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise away


def expect(answer: Answer, accept: tuple[int, ...]) -> Answer:
    """The answer if its status is one of those, else what it means."""
    if answer.status in accept:
        return answer
    raise outcome_of(answer)


def outcome_of(answer: Answer) -> Outcome:
    """What an error means. A 4xx that says what is wrong created nothing; 5xx and whatever cannot be read stay unknown."""
    status, reason = answer.status, f"http-{answer.status}"
    kept = {"answer": answer.shown, "status": status}
    said = error_of(answer)
    # Some software says it in plain text, with 400.
    if status == 401 or (status == 400 and re.search(rb"bearer token", answer.body, re.IGNORECASE)):
        return NeedsReconnect("token-invalid", ACCESS_ENDED, **kept)
    if status == 429:
        return TryLater("throttled", BUSY, retry_after=wait_of(answer), **kept)
    if status == 413:
        return Refused("too-large", REFUSED, **kept)
    if not said or not 400 <= status < 500 or status in (408, 409, 425):
        return Unknown(reason, LOST, **kept)
    if status == 403:
        is_scope = "scope" in said
        return NeedsReconnect(*(("no-right", NO_RIGHT) if is_scope else ("account-closed", CLOSED)), **kept)
    if status in (404, 410):
        return Refused("gone", GONE, **kept)
    if status == 422 and MEDIA_AGAIN.search(said):
        return TryLater("media-again", NOT_YET, **kept)
    if TOO_MANY_CHARACTERS.search(said):
        return Refused("too-long", TOO_LONG, **kept)
    return Refused(reason, REFUSED, **kept)


def error_of(answer: Answer) -> str:
    """What the server says is wrong; empty if it says so in no form we know."""
    data = answer.json()
    return " ".join(str(data[name]) for name in ("error", "error_description") if data.get(name))


def wait_of(answer: Answer) -> float | None:
    """Seconds until the server takes more: Retry-After, else X-RateLimit-Reset (ISO 8601) by the server's own clock."""
    if answer.retry_after is not None:
        return answer.retry_after
    try:
        reset = datetime.fromisoformat(answer.headers.get("X-RateLimit-Reset", "")).astimezone(UTC)
        seconds = (reset - _clock_of(answer)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _clock_of(answer: Answer) -> datetime:
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def rows_of(answer: Answer) -> list[dict] | None:
    """The objects of a list; None if the answer is none. Whatever else stands in it is left out."""
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else None


def identifier(data: dict) -> str:
    """The id of a thing, whatever a server makes of one (a number, a UUID); empty if there is none that an address can hold."""
    value = data.get("id")
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text) else ""


def encoded(remote_id: str) -> str:
    return quote(remote_id, safe="")


def link_of(*candidates: object) -> str:
    """The first of these that is an address of the web; nothing else may become a link for people."""
    return next((c for c in candidates if isinstance(c, str) and re.match(r"https?://[^\s<>\"]+\Z", c)), "")
