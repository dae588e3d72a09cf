"""How LinkedIn gives access: OAuth 2 for web applications, which has no PKCE, and the pages that a consent reaches.

Contract: learn.microsoft.com/linkedin/shared/authentication (authorization code flow, programmatic refresh tokens).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import App, Choice, Credentials, Grant, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import Answer, send
from .pages import POSTING_ROLES, organization, roles
from .wire import ACCESS_ENDED, AWAY, BUSY, DOMAIN, READ_SECONDS

DAY = 86_400.0
REFRESH_LIFE = 365 * DAY
"""A refresh token lives a year from the first consent; renewing the access does not prolong it."""
SHORTEST_REFRESH_LIFE = 30 * DAY
"""LinkedIn's own examples give minutes where they say seconds: nothing is concluded from less than this."""

START_AGAIN = _("LinkedIn did not let us in this time. Start connecting the page again.")
PROGRAM_REFUSED = _(
    "LinkedIn does not know our program. Whoever runs the server must check LINKEDIN_CLIENT_ID and"
    " LINKEDIN_CLIENT_SECRET."
)


class Access:
    """See networks.base.Connectable. `sleep` is how it waits for a token to be known everywhere."""

    scopes = ("w_organization_social", "r_organization_social", "rw_organization_admin")
    """Always these: asking one member for other ones would end every token given before."""
    uses_pkce = False
    sleep: Callable[[float], None]

    def authorize_url(self, app: App, *, state: str, verifier: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "state": state,
            "scope": " ".join(self.scopes),
        }
        return f"{app.oauth_url}/oauth/v2/authorization?{urlencode(asked, quote_via=quote)}"

    @sensitive_variables()
    def exchange(self, app: App, *, code: str, verifier: str) -> Grant:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
        try:
            answer = _token_call(app, form, code)
        except Unknown as outcome:
            again = TryLater(outcome.reason, START_AGAIN, answer=outcome.answer)
        else:
            data = answer.json()
            if answer.status == 200 and data.get("access_token"):
                return self._grant(data, shortest=REFRESH_LIFE)
            again = _no_token(answer, Refused("code-refused", START_AGAIN), START_AGAIN)
        raise again

    @sensitive_variables()
    def refresh(self, app: App, refresh_token: str) -> Grant:
        """As promised, but a lost answer is only TryLater: LinkedIn gives the same refresh token back and takes it again."""
        try:
            answer = _token_call(
                app, {"grant_type": "refresh_token", "refresh_token": refresh_token}, refresh_token
            )
        except Unknown as outcome:
            later = TryLater(outcome.reason, AWAY, answer=outcome.answer)
        else:
            data = answer.json()
            if answer.status == 200 and data.get("access_token"):
                return self._grant({"refresh_token": refresh_token} | data, shortest=None)
            later = _no_token(answer, NeedsReconnect("refresh-over", ACCESS_ENDED), AWAY)
        raise later

    def _grant(self, data: dict, *, shortest: float | None) -> Grant:
        """`shortest` is said of the refresh token where LinkedIn's own figure is not to be believed."""
        refresh_token = str(data.get("refresh_token") or "")
        said = _seconds(data.get("refresh_token_expires_in"))
        life = min(said, REFRESH_LIFE) if said and said >= SHORTEST_REFRESH_LIFE else shortest
        # Documented as separated by blanks, seen with commas; left out, it is what was asked for (RFC 6749, 5.1).
        scopes = frozenset(filter(None, re.split(r"[\s,]+", str(data.get("scope") or ""))))
        return Grant(
            token=str(data["access_token"]),
            refresh_token=refresh_token,
            expires_in=_seconds(data.get("expires_in")),
            refresh_expires_in=life if refresh_token else None,
            scopes=scopes or frozenset(self.scopes),
        )

    def pages(self, app: App, grant: Grant) -> list[Choice]:
        credentials = Credentials(app.api_url, grant.token, "", app.version, is_public=app.is_public)
        choices = []
        for urn, role in roles(credentials, self.sleep).items():
            name, _handle, url = organization(urn, credentials)
            choices.append(Choice(urn, name, can_publish=role in POSTING_ROLES, url=url))
        return choices


@sensitive_variables()
def _token_call(app: App, form: dict, secret: str) -> Answer:
    form = {**form, "client_id": app.client_id, "client_secret": app.client_secret}
    return send(
        "POST",
        f"{app.oauth_url}/oauth/v2/accessToken",
        api_url=app.oauth_url,
        domain=DOMAIN,
        is_public=app.is_public,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
        seconds=READ_SECONDS,
        secrets=(app.client_secret, secret),
    )


def _no_token(answer: Answer, refused: Outcome, later: object) -> Outcome:
    """What it means that no token came: `refused` for a clear no to the code or token, else TryLater with `later`."""
    error = answer.json().get("error")
    if answer.status == 429:
        return TryLater(
            "throttled", BUSY, answer=answer.shown, status=answer.status, retry_after=answer.retry_after
        )
    if not error or not 400 <= answer.status < 500:
        return TryLater("no-token", later, answer=answer.shown, status=answer.status)
    if error in ("invalid_client", "unauthorized_client"):
        return Refused("program-refused", PROGRAM_REFUSED, answer=answer.shown, status=answer.status)
    refused.answer, refused.status = answer.shown, answer.status
    return refused


def _seconds(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else None
