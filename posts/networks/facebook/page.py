"""The Facebook page that a token reaches: its name, whether we may write and read there, what staff should know first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from ..base import Credentials, NeedsReconnect, Outcome, Page
from ..transport import Answer, clean
from . import posts
from .access import POSTING_SCOPE
from .wire import NO_RIGHT, VERSION_HEADER, ask, node, unreadable

FIELDS = "id,name,username,link,followers_count,is_published"
LATEST = {"fields": "id,application", "limit": "25"}

WRONG_TOKEN = _("This is a person's access, not the page's. Connect the page in the browser.")
OTHER_VERSION = _(
    "Facebook answers with version %(there)s, we speak %(asked)s. Whoever runs the server must set FACEBOOK_VERSION."
)
HIDDEN_PAGE = _("This page is not public: nobody will see what is published there.")
ENDS = _("This access ends by itself. Connect the page in the browser: that access lasts.")
NO_POST_YET = _(
    "Nothing was published here with our program yet. While it is in development mode at Facebook, only its own team sees the posts: look at the first one without being signed in."
)


def page_of(credentials: Credentials) -> Page:
    """Asked through the doors of publishing and of reading back. Raises Outcome."""
    answer = ask(credentials, "GET", node(credentials.remote_id), query={"fields": FIELDS})
    data = answer.json()
    if str(data.get("id")) != credentials.remote_id:
        raise unreadable(answer)
    token = _token_facts(credentials)
    latest = ask(credentials, "GET", f"{node(credentials.remote_id)}/published_posts", query=LATEST)
    version = answer.headers.get(VERSION_HEADER, "")
    return Page(
        name=clean(str(data.get("name") or credentials.remote_id)),
        remote_id=credentials.remote_id,
        url=posts.permalink(credentials.remote_id, data.get("link")),
        followers=_followers(data),
        role=str(token.get("type") or ""),
        handle=clean(str(data.get("username") or "")),
        version=clean(version),
        warning=_warning(credentials, version, data, token, latest),
    )


@sensitive_variables()
def _token_facts(credentials: Credentials) -> dict:
    """What Facebook knows of the token: {} if it does not tell us. Raises NeedsReconnect if it cannot publish.

    UNVERIFIED: that a page's token may ask about itself; the reference wants the app's, or its developer's.
    """
    try:
        answer = ask(credentials, "GET", "/debug_token", query={"input_token": credentials.token})
    except Outcome:
        return {}
    token = answer.json().get("data")
    token = token if isinstance(token, dict) else {}
    kept = {"answer": answer.shown, "status": answer.status}
    if token.get("type") == "USER":
        raise NeedsReconnect("token-of-a-person", WRONG_TOKEN, **kept)
    if isinstance(token.get("scopes"), list) and POSTING_SCOPE not in token["scopes"]:
        raise NeedsReconnect("no-right", NO_RIGHT, **kept)
    return token


def _warning(credentials: Credentials, version: str, page: dict, token: dict, latest: Answer):
    """The first that matters. A version that has ended is answered by the next one, without a word."""
    if version and credentials.version and version != credentials.version:
        return OTHER_VERSION % {"there": clean(version), "asked": credentials.version}
    if page.get("is_published") is False:
        return HIDDEN_PAGE
    if token.get("expires_at"):
        return ENDS
    makers = [each.get("application") for each in posts.listed(latest.json())]
    ours = {str(maker.get("id")) for maker in makers if isinstance(maker, dict)}
    # No call tells in which mode an app is.
    return NO_POST_YET if token.get("app_id") and str(token["app_id"]) not in ours else ""


def _followers(data: dict) -> int | None:
    number = data.get("followers_count")
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None
