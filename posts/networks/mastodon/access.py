"""How somebody lets us publish for their account on a Mastodon server: our program is made known there, then OAuth 2 with PKCE.

Contract: docs.joinmastodon.org/methods/apps, /methods/oauth, /api/oauth-scopes. Each server is a network of its own; tokens do not
end and cannot be renewed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import App, Choice, Credentials, Grant, NeedsReconnect, Refused, TryLater, Unknown
from ..transport import Answer, clean, send
from .wire import (
    ACCESS_ENDED,
    AWAY,
    BUSY,
    READ_SECONDS,
    SHOWN_HEADERS,
    ask,
    identifier,
    link_of,
    wait_of,
)

APP_NAME = "Inet Comms"

NOT_MASTODON = _("No Mastodon server answers at this address. Check it, then start again.")
CONSENT_LOST = _("The server did not accept the consent: it was too old, or used already. Start again.")
APP_UNKNOWN = _("The server does not know our program any more. Start again.")


class MastodonAccess:
    """See networks.base.Connectable for what each method promises."""

    scopes = ("read:accounts", "read:statuses", "write:media", "write:statuses")
    """As servers before 4.3 know them too, which have no `profile`. Without reading, an uncertain post could not be looked for."""
    uses_pkce = True

    @sensitive_variables()
    def register(self, app: App) -> App:
        """The same, as this server (`app.api_url`) now knows it. Each call makes a new one there, which harms nothing.

        Raises Refused if no Mastodon answers at that address.
        """
        body = {"client_name": APP_NAME, "redirect_uris": app.redirect_uri, "scopes": " ".join(self.scopes)}
        answer = _post(app, "/api/v1/apps", json.dumps(body).encode(), "application/json")
        data = answer.json()
        client_id, client_secret = data.get("client_id"), data.get("client_secret")
        if answer.status == 200 and client_id and client_secret:
            return replace(
                app, oauth_url=app.api_url, client_id=str(client_id), client_secret=str(client_secret)
            )
        if answer.status >= 500:
            raise TryLater("register", AWAY, answer=_shown(answer), status=answer.status)
        raise Refused("not-mastodon", NOT_MASTODON, answer=_shown(answer), status=answer.status)

    def authorize_url(self, app: App, *, state: str, verifier: str) -> str:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{app.oauth_url or app.api_url}/oauth/authorize?{urlencode(asked)}"

    @sensitive_variables()
    def exchange(self, app: App, *, code: str, verifier: str) -> Grant:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": app.redirect_uri,
            "code_verifier": verifier,
        }
        kind = "application/x-www-form-urlencoded"
        answer = _post(app, "/oauth/token", urlencode(form).encode(), kind, code, verifier)
        data = answer.json()
        token, granted = data.get("access_token"), str(data.get("scope") or " ".join(self.scopes)).split()
        if answer.status == 200 and isinstance(token, str) and token:
            expires_in = data.get("expires_in")
            is_span = isinstance(expires_in, (int, float)) and expires_in > 0
            return Grant(
                token, expires_in=float(expires_in) if is_span else None, scopes=self._covered(granted)
            )
        if answer.status == 401:
            raise Refused("unknown-app", APP_UNKNOWN, answer=_shown(answer), status=answer.status)
        if 400 <= answer.status < 500:
            raise Refused("wrong-code", CONSENT_LOST, answer=_shown(answer), status=answer.status)
        raise TryLater("no-token", AWAY, answer=_shown(answer), status=answer.status)

    def _covered(self, granted: list[str]) -> frozenset[str]:
        """What was granted, and each of ours that a wider grant holds: `read` is every read:…"""
        held = {scope for scope in self.scopes if scope.partition(":")[0] in granted}
        return frozenset(granted) | held

    def refresh(self, app: App, refresh_token: str) -> Grant:
        raise NeedsReconnect("not-renewable", ACCESS_ENDED)

    def pages(self, app: App, grant: Grant) -> list[Choice]:
        credentials = Credentials(app.api_url, grant.token, "", is_public=app.is_public)
        answer = ask(credentials, "GET", "/api/v1/accounts/verify_credentials")
        account = answer.json()
        if not (remote_id := identifier(account)):
            raise TryLater("unreadable", AWAY, answer=answer.shown, status=answer.status)
        name = account.get("display_name") or account.get("username") or remote_id
        return [
            Choice(
                remote_id=remote_id,
                name=clean(str(name)),
                can_publish={"write:statuses", "write:media"} <= grant.scopes,
                url=link_of(account.get("url")),
            )
        ]


@sensitive_variables()
def _post(app: App, path: str, body: bytes, kind: str, *more_secrets: str) -> Answer:
    try:
        answer = send(
            "POST",
            app.api_url + path,
            api_url=app.api_url,
            is_public=app.is_public,
            headers={"Content-Type": kind, "Accept": "application/json", "Accept-Language": "en"},
            body=body,
            seconds=READ_SECONDS,
            show=SHOWN_HEADERS,
            secrets=(app.client_secret, *more_secrets),
        )
    except Unknown as outcome:
        # Nothing is online by this, whatever became of it: the person starts again.
        later = TryLater(outcome.reason, AWAY, answer=outcome.answer)
    else:
        if answer.status == 429:
            raise TryLater("throttled", BUSY, answer=_shown(answer), retry_after=wait_of(answer))
        return answer
    raise later


def _shown(answer: Answer) -> str:
    """Only the status: what answers here may hold secrets that nobody knows yet."""
    return f"HTTP {answer.status}"
