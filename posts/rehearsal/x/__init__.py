"""X's wire contract, strictly: who may ask, and where each question goes.

Contract: docs.x.com/x-api. Every rule we know of is checked, and each has its number in the contract's list of checks; where the
real network forgives or stays silent, this one notes a failure, so that a test fails instead of a reader.
"""

from __future__ import annotations

import json
import re
import secrets
import time

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .media import Media
from .oauth import ACCESS_SECONDS, OAuth
from .posts import Posts
from .reading import Reading
from .rules import (
    READING,
    SCHEMA,
    SCOPES,
    SLUG,
    UPLOADING,
    WRITING,
    Caller,
    Refusal,
    caller_of,
    invalid,
    problem,
    ration,
)

FIRST_USER = "1001"
FIGURES = {
    "views": "impression_count",
    "reactions": "like_count",
    "comments": "reply_count",
    "shares": "retweet_count",
    "quotes": "quote_count",
    "clicks": "url_link_clicks",
}


class X:
    """Answers what is asked below /api/x/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger = ledger
        for statement in filter(str.strip, SCHEMA.split(";")):
            ledger.write(statement)
        self.oauth = OAuth(ledger, self.accounts)
        self.media = Media(ledger)
        self.reading = Reading(ledger)
        self.posts = Posts(ledger, self.media, wait)

    def answer(self, request: Request, base: str) -> Response:
        try:
            response = self.oauth.answer(request, base) or self._answer(request)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, network=SLUG, path=request.path)
            response = refusal.response()
        response.headers.setdefault("x-transaction-id", secrets.token_hex(8))
        # Written before it is said: whoever has the answer may read the ledger.
        self.ledger.event(
            "call", network=SLUG, method=request.method, path=request.path, status=response.status
        )
        return response

    def _answer(self, request: Request) -> Response:
        path = request.path
        post = re.fullmatch(r"/2/tweets/([0-9]{1,19})", path)
        user = re.fullmatch(r"/2/users/([0-9]{1,19})/tweets", path)
        caller = caller_of(request, self.ledger)
        match request.method:
            case "POST" if path == "/2/tweets":
                return self._within(caller, "create", WRITING, self.posts.create, request, caller)
            case "DELETE" if post:
                return self._within(caller, "delete", WRITING, self.posts.delete, caller, post[1])
            case "GET" if post:
                return self._within(caller, "read", READING, self.reading.one, request, post[1])
            case "GET" if path == "/2/tweets":
                return self._within(caller, "read", READING, self.reading.several, request)
            case "GET" if user:
                return self._within(caller, "timeline", READING, self.reading.timeline, request, user[1])
            case "GET" if path == "/2/users/me":
                return self._within(caller, "me", READING, self._me, request, caller)
            case "POST" if path == "/2/media/metadata":
                return self._within(caller, "metadata", UPLOADING, self.media.describe, request, caller)
            case "GET" | "POST" if path.startswith("/2/media/upload"):
                return self._within(caller, "upload", UPLOADING, self.media.answer, request, caller)
        raise problem(404, "Not Found", "There is nothing here.")

    def _within(self, caller: Caller, route: str, scopes: frozenset[str], door, *arguments) -> Response:
        """The answer of a door, for whom it is open, with what is left of the allowance."""
        caller.must_have(scopes)
        headers = ration(self.ledger, caller, route)
        try:
            response = door(*arguments)
        except Refusal as refusal:
            refusal.headers = headers | refusal.headers
            raise
        if response is None:
            raise problem(404, "Not Found", "There is nothing here.")
        response.headers = headers | response.headers
        return response

    def _me(self, request: Request, caller: Caller) -> Response:
        page = caller.page
        known = {
            "id": page["id"],
            "name": page["name"],
            "username": page["handle"],
            "public_metrics": {"followers_count": page["followers"]},
            "protected": bool(page["data"].get("protected")),
            "description": page["tagline"],
        }
        wanted = set(filter(None, request.asked.get("user.fields", "").split(",")))
        if strange := sorted(wanted - set(known)):
            raise invalid(
                f"The `user.fields` query parameter value [{strange[0]}] is not known", 0, "unknown-parameter"
            )
        return json_response({"data": {name: known[name] for name in {"id", "name", "username", *wanted}}})

    # Accounts, and what tests and the demo ask for ----------------------------------------------------

    def accounts(self) -> list[dict]:
        """Never none: the first is made when it is needed."""
        return self.ledger.pages(SLUG) or [self.ledger.set_page(SLUG, FIRST_USER)]

    def told(self, what: str, data: dict) -> dict:
        """page: id, name, handle, followers, tagline, protected, text_limit, is_rationed. token: page, scopes, expires_in, member,
        token, app_only. revoke: token. app: client_id, client_secret, is_public. count: post, views, reactions, …"""
        match what:
            case "page":
                return self._page(data)
            case "token":
                return self._token(data)
            case "revoke":
                return self._revoke(data["token"])
            case "app":
                secret, is_public = data.get("client_secret", ""), bool(data.get("is_public"))
                self.oauth.register(data["client_id"], secret, is_public=is_public)
                return {}
            case "count":
                figures = {FIGURES[name]: int(figure) for name, figure in data.items() if name != "post"}
                self.ledger.add("x_figures", id=data["post"], data=json.dumps(figures))
                return figures
        raise KeyError(what)

    def _page(self, data: dict) -> dict:
        key = str(data.get("id") or FIRST_USER)
        columns = {name: data[name] for name in ("name", "handle", "followers", "tagline") if name in data}
        more = {name: data[name] for name in ("protected", "text_limit", "is_rationed") if name in data}
        known = self.ledger.page(SLUG, key) or {"data": {}}
        return self.ledger.set_page(SLUG, key, **columns, data=known["data"] | more)

    def _token(self, data: dict) -> dict:
        page = self._page({"id": data["page"]}) if data.get("page") else self.accounts()[0]
        token = data.get("token", "")
        if data.get("app_only"):
            token = token or secrets.token_urlsafe(60)
            self.ledger.issue(SLUG, "app", token)
            return {"token_type": "bearer", "access_token": token}
        wanted = data.get("scopes", SCOPES)
        scopes = frozenset(wanted.split() if isinstance(wanted, str) else wanted)
        seconds = float(data.get("expires_in", ACCESS_SECONDS))
        given = self.oauth.give(
            page["id"], scopes, family=str(data.get("member", "")), token=token, seconds=seconds
        )
        self.ledger.event("granted", network=SLUG, page=page["id"], scopes=sorted(scopes))
        return {**given, "page": page["id"]}

    def _revoke(self, token: str) -> dict:
        """As a person does in their settings: everything of that consent."""
        granted = self.ledger.issued(SLUG, "access", token) or self.ledger.issued(SLUG, "refresh", token)
        if granted:
            self.ledger.end_access(network=SLUG, member=granted["member"])
        return {}
