"""How a person lets us publish on their Facebook pages: the dialog, the code, a lasting token, the pages it reaches.

Contract: developers.facebook.com/docs/facebook-login (manual flow, long-lived tokens) and /docs/pages-api.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import App, Choice, Credentials, Grant, NeedsReconnect, Outcome, Refused, TryLater, Unknown
from ..transport import Answer, clean, send
from .posts import listed, next_cursor
from .wire import (
    AWAY,
    READ_SECONDS,
    SHOWN_HEADERS,
    address,
    ask,
    expect,
    outcome_of,
    unreadable,
)

TOKEN = re.compile(r"[\x21-\x7e]{1,4000}")
LASTING_SECONDS = 7 * 86_400.0
"""A long-lived token has 60 days; the pages' tokens made with it have no end. From a short one they die within hours."""
PAGES_AT_ONCE, MOST_PAGES = 100, 5
POSTING_SCOPE, POSTING_TASK = "pages_manage_posts", "CREATE_CONTENT"

CODE_REFUSED = _("Facebook did not accept this connection. Start it again from the beginning.")
APP_REFUSED = _(
    "Facebook does not know our program. Whoever runs the server must check FACEBOOK_CLIENT_ID and FACEBOOK_CLIENT_SECRET."
)
CONNECT_AGAIN = _("Facebook does not renew an access. Staff must connect the page again.")


class Access:
    """See networks.base.Connectable. Facebook has no refresh tokens: what is kept is a page's own token, which has no end."""

    scopes = ("pages_show_list", POSTING_SCOPE, "pages_read_engagement", "read_insights")
    uses_pkce = False

    def authorize_url(self, app: App, *, state: str, verifier: str) -> str:
        asked = {
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "state": state,
            "response_type": "code",
            "scope": ",".join(self.scopes),
            # Else what somebody once unticked is never asked again. UNVERIFIED with "Login for Business".
            "auth_type": "rerequest",
        }
        return f"{address(app.oauth_url, app.version, '/dialog/oauth')}?{urlencode(asked)}"

    @sensitive_variables()
    def exchange(self, app: App, *, code: str, verifier: str) -> Grant:
        """`scopes` are those that were left ticked. The end is that of the pages' tokens: none, or soon."""
        short, _seconds = _token(app, code, redirect_uri=app.redirect_uri, code=code)
        token, seconds = _token(app, short, grant_type="fb_exchange_token", fb_exchange_token=short)
        answer = ask(_as_person(app, token), "GET", "/me/permissions")
        granted = {
            str(each.get("permission")) for each in listed(answer.json()) if each.get("status") == "granted"
        }
        is_lasting = seconds is None or seconds > LASTING_SECONDS
        return Grant(token, expires_in=None if is_lasting else seconds, scopes=frozenset(granted))

    def refresh(self, app: App, refresh_token: str) -> Grant:
        """Always NeedsReconnect. A person's token can be exchanged for a longer one, a page's cannot and need not be."""
        raise NeedsReconnect("no-refresh", CONNECT_AGAIN)

    @sensitive_variables()
    def pages(self, app: App, grant: Grant) -> list[Choice]:
        """Those that were left ticked. Pages of a business portfolio may be missing: they need another scope."""
        found: list[Choice] = []
        query = {"fields": "id,name,access_token,tasks,link", "limit": str(PAGES_AT_ONCE)}
        for _page in range(MOST_PAGES):
            answer = ask(_as_person(app, grant.token), "GET", "/me/accounts", query=query)
            data = answer.json()
            if not isinstance(data.get("data"), list):
                raise unreadable(answer)
            found += [_choice(each, grant) for each in listed(data) if each.get("id")]
            if not (after := next_cursor(data)):
                break
            query["after"] = after
        return found


@sensitive_variables()
def _choice(data: dict, grant: Grant) -> Choice:
    remote_id, token, tasks = str(data["id"]), str(data.get("access_token") or ""), data.get("tasks")
    may_post = isinstance(tasks, list) and POSTING_TASK in tasks
    is_granted = not grant.scopes or POSTING_SCOPE in grant.scopes
    return Choice(
        remote_id=remote_id,
        name=clean(str(data.get("name") or remote_id)),
        can_publish=may_post and is_granted and TOKEN.fullmatch(token) is not None,
        url=_address(data.get("link"), remote_id),
        token=token,
    )


def _address(link: object, remote_id: str) -> str:
    is_theirs = isinstance(link, str) and re.match(r"https://www\.facebook\.com/[^\s\"'<>]*\Z", link)
    return str(link) if is_theirs else f"https://www.facebook.com/{remote_id}"


def _as_person(app: App, token: str) -> Credentials:
    return Credentials(
        app.api_url,
        token,
        remote_id="me",
        version=app.version,
        app_secret=app.client_secret,
        is_public=app.is_public,
    )


@sensitive_variables()
def _token(app: App, secret: str, **form: str) -> tuple[str, float | None]:
    """A token and its seconds, if they are said. Sent as a form: the documented GET would put our secret into an address."""
    form |= {"client_id": app.client_id, "client_secret": app.client_secret}
    failure: Outcome
    try:
        answer = send(
            "POST",
            address(app.api_url, app.version, "/oauth/access_token"),
            api_url=app.api_url,
            is_public=app.is_public,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            seconds=READ_SECONDS,
            show=SHOWN_HEADERS,
            secrets=(app.client_secret, secret),
        )
        data = _accepted(answer)
        token, seconds = data.get("access_token"), data.get("expires_in")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise unreadable(answer)
        return token, float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None
    except Unknown as outcome:
        failure = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise failure


def _accepted(answer: Answer) -> dict:
    """On this call a code 1 says that our secret is wrong, and 100 that the person's code is."""
    error = answer.json().get("error")
    code = error.get("code") if isinstance(error, dict) else None
    kept = {"answer": answer.shown, "status": answer.status}
    if code == 101 or (code == 1 and "secret" in str(error.get("message"))):
        raise Refused("app-refused", APP_REFUSED, **kept)
    if code in (100, 190):
        raise Refused("code-refused", CODE_REFUSED, **kept)
    if error is not None:
        raise outcome_of(answer)
    return expect(answer).json()
