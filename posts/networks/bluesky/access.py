"""How staff give access to a Bluesky account: with an app password, exchanged once for tokens that are renewed.

Contract: docs.bsky.app, com.atproto.server.createSession and refreshSession. An access token lives two hours, a refresh token
ninety days. A refresh token that was used still gives the same successor for two hours, so a lost answer may be asked for again.
"""

from __future__ import annotations

import base64
import json
import re

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import App, Choice, Grant, NeedsReconnect, Refused, TryLater, Unknown
from ..transport import Answer, clean, send
from .text import DID
from .wire import ACCESS_ENDED, ACCOUNT_CLOSED, AWAY, BUSY, CLOSED, READ_SECONDS, error_of, wait_of

ACCESS_SECONDS = 2 * 3600.0
REFRESH_SECONDS = 90 * 86_400.0
FULL_ACCESS = "com.atproto.access"

WRONG_PASSWORD = _(
    "Bluesky does not know this name with this app password. Write the name as on the profile, for example school.bsky.social, and make a new app password in Bluesky: Settings, Privacy and security, App passwords."
)
MAIN_PASSWORD = _(
    "This is the password of the whole account. Make an app password in Bluesky (Settings, Privacy and security, App passwords) and use that one."
)
NOT_BLUESKY = _("No Bluesky server answers at this address. Check the address.")


class Access:
    """Connecting with a password made for us; there is no page of consent, hence no scopes to ask for."""

    scopes = ()
    uses_pkce = False

    @sensitive_variables()
    def sign_in(self, app: App, identifier: str, password: str) -> tuple[Grant, Choice]:
        """The tokens and the one account that they reach. `identifier` is a handle, with or without @, a DID or an address.

        Raises Refused for a name or password that is wrong. The password is kept nowhere.
        """
        # A handle copied from the app may carry invisible marks of writing direction.
        name = re.sub(r"[^\x21-\x7e]", "", identifier).removeprefix("@")
        body = json.dumps({"identifier": name, "password": password.strip()}).encode()
        answer = _ask(app, "com.atproto.server.createSession", body, password.strip())
        grant, data = _grant(answer), answer.json()
        kept = {"answer": answer.shown, "status": answer.status}
        if grant is not None and DID.fullmatch(did := str(data.get("did"))):
            handle = clean(str(data.get("handle") or did))
            return grant, Choice(
                remote_id=did,
                name=handle,
                can_publish=data.get("active") is not False,
                url=f"https://bsky.app/profile/{did}",
                api_url=_home(data, app),
            )
        if error_of(answer) in CLOSED and answer.status < 500:
            raise Refused(CLOSED[error_of(answer)], ACCOUNT_CLOSED, **kept)
        if error_of(answer) == "AuthFactorTokenRequired":
            raise Refused("main-password", MAIN_PASSWORD, **kept)
        if error_of(answer) and answer.status in (400, 401):
            raise Refused("wrong-password", WRONG_PASSWORD, **kept)
        raise _no_answer(answer, Refused("no-bluesky", NOT_BLUESKY, **kept))

    @sensitive_variables()
    def refresh(self, app: App, refresh_token: str) -> Grant:
        """A new grant. May be asked again with the same token for two hours: what is lost is only a reason to try later."""
        answer = _ask(app, "com.atproto.server.refreshSession", b"", refresh_token, bearer=refresh_token)
        if (grant := _grant(answer)) is not None:
            return grant
        kept = {"answer": answer.shown, "status": answer.status}
        if error_of(answer) in CLOSED and answer.status < 500:
            raise NeedsReconnect(CLOSED[error_of(answer)], ACCOUNT_CLOSED, **kept)
        raise _no_answer(answer, NeedsReconnect("refresh-refused", ACCESS_ENDED, **kept))


def is_full_access(token: str) -> bool:
    """Was this token given for the password of the whole account?"""
    return _claims(token).get("scope") == FULL_ACCESS


@sensitive_variables()
def _ask(app: App, name: str, body: bytes, secret: str, *, bearer: str = "") -> Answer:
    """A call that may be repeated, in nobody's name or with a refresh token."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {"Content-Type": "application/json"}
    if bearer and not re.fullmatch(r"[\x21-\x7e]+", bearer):
        raise NeedsReconnect("refresh-refused", ACCESS_ENDED)
    try:
        return send(
            "POST",
            f"{app.api_url}/xrpc/{name}",
            api_url=app.api_url,
            is_public=app.is_public,
            headers=headers,
            body=body,
            seconds=READ_SECONDS,
            secrets=(secret,),
        )
    except Unknown as outcome:
        later = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise later


def _no_answer(answer: Answer, clear_no: Refused | NeedsReconnect) -> Refused | NeedsReconnect | TryLater:
    """`clear_no` if that is what it was, else a reason to try later."""
    kept = {"answer": answer.shown, "status": answer.status}
    if answer.status == 429:
        return TryLater("throttled", BUSY, retry_after=wait_of(answer), **kept)
    is_clear = isinstance(clear_no, Refused) or error_of(answer)
    if 400 <= answer.status < 500 and is_clear:
        return clear_no
    return TryLater("unreadable" if answer.status == 200 else f"http-{answer.status}", AWAY, **kept)


@sensitive_variables()
def _grant(answer: Answer) -> Grant | None:
    """The tokens in an answer, or None if it has not both."""
    data = answer.json()
    tokens = data.get("accessJwt"), data.get("refreshJwt")
    if answer.status != 200 or not all(_is_token(token) for token in tokens):
        return None
    access, again = tokens
    return Grant(
        token=access,
        refresh_token=again,
        expires_in=_life(access) or ACCESS_SECONDS,
        refresh_expires_in=_life(again) or REFRESH_SECONDS,
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]+", value) is not None


def _life(token: str) -> float | None:
    """Seconds that a token lives, as it says itself: by its own two times, so that our clock does not matter."""
    start, end = (_claims(token).get(name) for name in ("iat", "exp"))
    is_told = all(
        isinstance(moment, (int, float)) and not isinstance(moment, bool) for moment in (start, end)
    )
    return float(end - start) if is_told and 0 < end - start < 10 * REFRESH_SECONDS else None


def _claims(token: str) -> dict:
    """What a token says of itself; {} for one that is of another kind, which is as good."""
    _head, _dot, rest = token.partition(".")
    middle = rest.partition(".")[0]
    try:
        data = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _home(data: dict, app: App) -> str:
    """Where this account lives, as its own document says; empty if it does not say so, or where we asked."""
    document = data.get("didDoc")
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and str(service.get("id")).endswith("#atproto_pds"):
            url = str(service.get("serviceEndpoint")).rstrip("/")
            if _is_home(url, is_public=app.is_public):
                return "" if url == app.api_url.rstrip("/") else url
    return ""


def _is_home(url: str, *, is_public: bool) -> bool:
    """On the open internet: https, a name, nothing else. The rehearsal lives on a path of this machine."""
    if is_public:
        return re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+", url, re.IGNORECASE) is not None
    return re.fullmatch(r"https?://[\w.-]+(:[0-9]+)?(/[\w/-]*)?", url) is not None
