"""A Mastodon server's wire contract, strictly: who may ask, and where each question goes.

Contract: docs.joinmastodon.org. Every rule we know of is checked, and each has its number in the contract's list of checks; where a
real server forgives or stays silent, this one notes a failure, so that a test fails instead of a reader. It can also be another
software that speaks the same language (`told("instance", {"like": "hollo"})`), see LIKE in mastodon_rules.py.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from urllib.parse import unquote

from ..exchange import Request, Response, json_response
from ..ledger import Ledger, digest
from .access import Access
from .media import Media
from .rules import NO_RECORD, SLUG, Caller, Instance, Refusal
from .statuses import Statuses, as_account

FIRST_ACCOUNT = "109300000000000001"
ALL_SCOPES = "read:accounts read:statuses write:media write:statuses"
RATES = {
    "call": (300, 300, None),
    "media": (30, 1800, re.compile(r"POST /api/v[12]/media")),
    "delete": (30, 1800, re.compile(r"DELETE /api/v1/statuses/.+")),
    "status": (300, 10_800, re.compile(r"POST /api/v1/statuses")),
}
"""Name → how many in how many seconds, and of which calls: docs.joinmastodon.org/api/rate-limits."""


class Mastodon:
    """Answers what is asked below /api/mastodon/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger, self.instance = ledger, Instance(ledger)
        self.access = Access(ledger, self.accounts)
        self.media = Media(ledger)
        self.statuses = Statuses(ledger, self.media, wait, self.accounts)

    def answer(self, request: Request, base: str) -> Response:
        here, headers = self.instance.now(), {}
        try:
            headers = self._rates(request, here)
            response = self._answer(request, here, base)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, network=SLUG, path=request.path)
            fault = self.ledger.take_fault(SLUG, "error-text", "error-html", "error-empty")
            form = fault["name"].removeprefix("error-") if fault else here["errors"]
            response = refusal.response(form)
        response.headers = headers | response.headers
        # Written before it is said: whoever has the answer may read the ledger.
        self.ledger.event(
            "call", network=SLUG, method=request.method, path=request.path, status=response.status
        )
        return response

    def _answer(self, request: Request, here: dict, base: str) -> Response:
        doors = self.access.answer(request, base)
        if doors is not None:
            return doors
        path = request.path
        if path == "/api/v1/instance" or (path == "/api/v2/instance" and here["has_v2"]):
            return json_response(described(here))
        if path.startswith("/media/"):
            return self.media.shown(unquote(path.removeprefix("/media/")))
        caller = self.access.caller(request)
        match request.method, path:
            case "GET", "/api/v1/accounts/verify_credentials":
                caller.needs("read:accounts", "profile")
                return json_response(as_account(self.ledger.page(SLUG, caller.account), base))
            case "POST", "/api/v2/media":
                return self.media.receive(request, caller, here, base)
            case "POST", "/api/v1/statuses":
                return self.statuses.create(request, caller, here, base)
        return self._one_of(request, caller, here, base)

    def _one_of(self, request: Request, caller: Caller, here: dict, base: str) -> Response:
        match [unquote(step) for step in request.path.split("/")]:
            case ["", "api", "v1", "accounts", key, "statuses"] if request.method == "GET":
                return self.statuses.timeline(request, caller, key, base)
            case ["", "api", "v1", "media", key] if request.method == "GET":
                return self.media.state(key, caller, base)
            case ["", "api", "v1", "statuses", key]:
                return self.statuses.one(request, caller, key, here, base)
        raise Refusal(404, NO_RECORD)

    def _rates(self, request: Request, here: dict) -> dict[str, str]:
        """The headers of the narrowest limit that this call meets. Refuses what goes beyond one, while they are kept."""
        asked, who = f"{request.method} {request.path}", digest(request.headers.get("authorization", ""))
        headers: dict[str, str] = {}
        for name, (most, seconds, of) in RATES.items():
            if of and not of.fullmatch(asked):
                continue
            window = int(self.ledger.now() // seconds)
            made = self.ledger.count_up(f"mastodon {name} {who} {window}") if here["is_rationed"] else 1
            headers = rate_headers(most, most - made, (window + 1) * seconds)
            if made > most:
                raise throttled(headers, 28 if name == "media" else 27)
        if fault := self.ledger.take_fault(SLUG, "quota"):
            wait = float(fault.get("retry_after", 60))
            raise throttled(rate_headers(300, 0, self.ledger.now() + wait), 27)
        return headers

    # Accounts, and what tests and the demo ask for ----------------------------------------------------

    def accounts(self) -> list[dict]:
        """Never none: the first is made when it is needed."""
        return self.ledger.pages(SLUG) or [self.ledger.set_page(SLUG, FIRST_ACCOUNT)]

    def told(self, what: str, data: dict) -> dict:
        """page: id, name, handle, followers, tagline, limited, suspended. token: page, scopes, token, expires_in.
        revoke: token. instance: like, and whatever is in MASTODON. count: post, replies, reblogs, favourites."""
        match what:
            case "page":
                return self._page(data)
            case "token":
                return self._token(data)
            case "revoke":
                self.ledger.end_access(data["token"])
                return {}
            case "instance":
                return self.instance.become(**data)
            case "count":
                names = ("replies", "reblogs", "favourites")
                return self._count(data["post"], {name: data[name] for name in names if name in data})
        raise KeyError(what)

    def _page(self, data: dict) -> dict:
        key = str(data.get("id") or FIRST_ACCOUNT)
        columns = {name: data[name] for name in ("name", "handle", "followers", "tagline") if name in data}
        more = {name: bool(data[name]) for name in ("limited", "suspended") if name in data}
        known = self.ledger.page(SLUG, key) or {"data": {}}
        return self.ledger.set_page(SLUG, key, **columns, data=known["data"] | more)

    def _token(self, data: dict) -> dict:
        page = self._page({"id": data["page"]}) if data.get("page") else self.accounts()[0]
        wanted = data.get("scopes", ALL_SCOPES)
        scopes = wanted if isinstance(wanted, list) else wanted.split()
        seconds = float(data["expires_in"]) if "expires_in" in data else None
        given = self.access.give(page["id"], scopes, token=data.get("token", ""), seconds=seconds)
        return {**given, "page": page["id"]}

    def _count(self, urn: str, figures: dict) -> dict:
        changed = "UPDATE post SET body = json_patch(body, json_object(?, ?)) WHERE urn = ? AND network = ?"
        for name, figure in figures.items():
            if not self.ledger.write(changed, name, int(figure), urn, SLUG):
                raise KeyError(urn)
        return figures


def throttled(headers: dict[str, str], check: int) -> Refusal:
    refusal = Refusal(429, "Too many requests", check=check)
    refusal.headers = headers
    return refusal


def rate_headers(most: int, left: int, reset: float) -> dict[str, str]:
    moment = datetime.fromtimestamp(reset, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "X-RateLimit-Limit": str(most),
        "X-RateLimit-Remaining": str(max(left, 0)),
        "X-RateLimit-Reset": moment,
    }


def described(here: dict) -> dict:
    """GET /api/v2/instance, as far as a client that publishes reads it."""
    statuses = ("max_characters", "max_media_attachments", "characters_reserved_per_url")
    media = ("supported_mime_types", "image_size_limit", "image_matrix_limit", "description_limit")
    return {
        **{name: here[name] for name in ("domain", "version", "source_url")},
        "title": "Mastodon",
        "configuration": {
            "statuses": {name: here[name] for name in statuses},
            "media_attachments": {name: here[name] for name in media},
        },
    }
