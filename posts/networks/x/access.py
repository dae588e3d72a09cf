"""How staff give access to an X account in the browser: OAuth 2 with PKCE, and tokens that are renewed.

Contract: docs.x.com/fundamentals/authentication/oauth-2-0. A code lives 30 seconds, an access token two hours. A refresh token
works once: used twice it ends everything granted with it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import App, Choice, Credentials, Grant, NeedsReconnect, Refused, TryLater, Unknown
from ..transport import Answer, clean, send
from .posts import one_in
from .wire import ACCESS_ENDED, APP_REFUSED, AWAY, BUSY, DOMAIN, NUMBER, READ_SECONDS, ask, wait_of

CODE_REFUSED = _(
    "X did not accept this consent: it is valid for half a minute and once only. Start connecting again."
)
RENEWAL_LOST = _("X did not answer while our access was being renewed. Staff must connect the account again.")


class Access:
    """See networks.base.Connectable for what each method promises."""

    scopes = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
    uses_pkce = True

    def authorize_url(self, app: App, *, state: str, verifier: str) -> str:
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return f"{app.oauth_url}/i/oauth2/authorize?{urlencode(query, quote_via=quote)}"

    @sensitive_variables()
    def exchange(self, app: App, *, code: str, verifier: str) -> Grant:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": app.redirect_uri,
            "code_verifier": verifier,
        }
        try:
            answer = _ask_for_token(app, form, code, verifier)
        except Unknown as outcome:
            later = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
        else:
            kept = {"answer": answer.shown, "status": answer.status}
            if (grant := _grant(answer)) is not None:
                # Not said is what was asked for (RFC 6749, 5.1).
                return grant if grant.scopes else replace(grant, scopes=frozenset(self.scopes))
            if answer.status == 401:
                raise Refused("app-refused", APP_REFUSED, **kept)
            if answer.status == 400:
                raise Refused("code-refused", CODE_REFUSED, **kept)
            later = TryLater(f"http-{answer.status}", AWAY, retry_after=wait_of(answer), **kept)
        raise later

    @sensitive_variables()
    def refresh(self, app: App, refresh_token: str) -> Grant:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            answer = _ask_for_token(app, form, refresh_token)
        except Unknown as outcome:
            lost = Unknown(outcome.reason, RENEWAL_LOST, answer=outcome.answer, status=outcome.status)
        else:
            kept = {"answer": answer.shown, "status": answer.status}
            if (grant := _grant(answer)) is not None:
                return grant
            if answer.status == 400:
                raise NeedsReconnect("refresh-refused", ACCESS_ENDED, **kept)
            if answer.status in (401, 403) and answer.json():
                raise NeedsReconnect("app-refused", APP_REFUSED, **kept)
            if answer.status == 429:
                raise TryLater("throttled", BUSY, retry_after=wait_of(answer), **kept)
            lost = Unknown(f"http-{answer.status}", RENEWAL_LOST, **kept)
        raise lost

    def pages(self, app: App, grant: Grant) -> list[Choice]:
        """One: whoever gave the consent."""
        user = whoami(Credentials(app.api_url, grant.token, "", is_public=app.is_public))
        return [
            Choice(
                remote_id=user["id"],
                name=name_of(user),
                can_publish="tweet.write" in grant.scopes,
                url=address_of(user),
            )
        ]


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def whoami(credentials: Credentials) -> dict:
    """The account behind a token: id, name, username, public_metrics, protected. Raises TryLater for what cannot be read."""
    answer = ask(credentials, "GET", "/2/users/me?user.fields=public_metrics,protected")
    user = one_in(answer.json())
    if not NUMBER.fullmatch(str(user.get("id", ""))):
        raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
    return {**user, "id": str(user["id"])}


def name_of(user: dict) -> str:
    return clean(str(user.get("name") or handle_of(user) or user["id"]))


def handle_of(user: dict) -> str:
    """@name, or nothing."""
    username = str(user.get("username") or "")
    return f"@{username}" if re.fullmatch(r"\w{1,15}", username, re.ASCII) else ""


def address_of(user: dict) -> str:
    return f"https://x.com/{handle_of(user)[1:] or 'i/user/' + user['id']}"


@sensitive_variables()
def _ask_for_token(app: App, form: dict[str, str], *secrets: str) -> Answer:
    """A confidential client names itself in the Authorization header only; a public one in the body."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if app.client_secret:
        pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        headers["Authorization"] = f"Basic {basic}"
        secrets = (*secrets, app.client_secret, basic)
    else:
        form = {**form, "client_id": app.client_id}
    return send(
        "POST",
        f"{app.api_url}/2/oauth2/token",
        api_url=app.api_url,
        domain=DOMAIN,
        is_public=app.is_public,
        headers=headers,
        body=urlencode(form).encode(),
        seconds=READ_SECONDS,
        secrets=secrets,
    )


@sensitive_variables()
def _grant(answer: Answer) -> Grant | None:
    """The tokens in an answer, or None if it has none that a header can carry."""
    data = answer.json()
    token, again, seconds = (data.get(name) for name in ("access_token", "refresh_token", "expires_in"))
    if answer.status != 200 or not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        return None
    return Grant(
        token=token,
        refresh_token=again if isinstance(again, str) else "",
        expires_in=float(seconds)
        if isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        else None,
        scopes=frozenset(str(data.get("scope") or "").split()),
    )
