"""Facebook's Graph API, strictly: versions, tokens and their proofs, quotas, and where each question goes.

Each rule has its number in the contract's list of checks. Where the real network forgives or stays silent, this one notes a
failure, so that a test fails instead of a reader. Tokens, the dialog, posts, photos and figures
are in files of their own.
"""

from __future__ import annotations

import json
import math
import re
import time

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .access import Access
from .dialog import Dialog
from .insights import Insights
from .photos import Photos
from .posts import Posts
from .rules import LIVE_VERSIONS, Asked, Caller, Refusal, asked_of, chosen, invalid, not_there

SCHEMA = """
CREATE TABLE IF NOT EXISTS facebook_photo (id TEXT PRIMARY KEY, alt TEXT, post TEXT);
CREATE TABLE IF NOT EXISTS facebook_figure (post TEXT, name TEXT, value INTEGER, PRIMARY KEY (post, name));
CREATE TABLE IF NOT EXISTS facebook_app (name TEXT PRIMARY KEY, value TEXT);
"""
VERSIONED = re.compile(r"/(v\d+\.\d+)(/.*)")
APP = {"mode": "live", "proof_required": "yes"}
"""As the app's settings at Facebook: there the proof is not required unless asked; here it is."""
FIGURES = ("views", "clicks", "reactions", "comments", "shares")
FIRST_PAGE = {"name": "INET", "handle": "inet", "followers": 1200}
PAGE_COLUMNS = ("name", "handle", "followers", "tagline", "data")


class Facebook:
    """Answers what is asked below /api/facebook/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger = ledger
        with ledger.lock:
            ledger.connection.executescript(SCHEMA)
        self.access = Access(ledger)
        self.dialog = Dialog(ledger, self.pages)
        self.photos = Photos(ledger)
        self.posts = Posts(ledger, wait, self.photos, lambda: self._app("mode") == "live")
        self.insights = Insights(ledger)

    def answer(self, request: Request, base: str) -> Response:
        version, path = self._version(request.path)
        try:
            response = self._answer(request, base, version, path)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, path=request.path)
            response = refusal.response()
        response.headers.setdefault("facebook-api-version", version)
        # Written before it is said: whoever has the answer may read the ledger.
        self.ledger.event(
            "call", network="facebook", method=request.method, path=request.path, status=response.status
        )
        return response

    def _version(self, path: str) -> tuple[str, str]:
        """A version that has ended is served by the next one that lives, without a word; none at all, by the oldest."""
        match = VERSIONED.fullmatch(path)
        if match is None:
            self.ledger.failure("no-version", 45, path=path)
            return LIVE_VERSIONS[0], path
        if fault := self.ledger.take_fault("facebook", "version-served"):
            return fault["version"], match[2]
        is_over = float(match[1][1:]) < float(LIVE_VERSIONS[0][1:])
        return (LIVE_VERSIONS[0] if is_over else match[1]), match[2]

    def _answer(self, request: Request, base: str, version: str, path: str) -> Response:
        if float(version[1:]) > float(LIVE_VERSIONS[-1][1:]):
            raise Refusal(2500, f"Unknown path components: /{version}", check=45, breach="unknown-version")
        if path == "/dialog/oauth":
            return self.dialog.ask(request, base)
        asked = asked_of(request)
        if path == "/oauth/access_token":
            return self.dialog.token(asked)
        caller = self.access.caller(self._token(request, asked))
        is_required = self._app("proof_required") == "yes"
        self.access.check_proof(caller, asked.text("appsecret_proof"), is_required=is_required)
        if "date_format" in asked.values and version == LIVE_VERSIONS[-1]:
            raise invalid("date_format is not supported", 44, "date-format")
        usage = self._usage(caller)
        response = self._route(request.method, path, asked, caller, f"{base}{request.path}")
        response.headers |= usage
        return response

    def _token(self, request: Request, asked: Asked) -> str:
        kind, _blank, token = request.headers.get("authorization", "").partition(" ")
        if "access_token" in asked.in_query:
            self.ledger.failure("token-in-an-address", 33, path=request.path)
        return token.strip() if kind.lower() == "bearer" else asked.text("access_token")

    def _usage(self, caller: Caller) -> dict[str, str]:
        """How full the quota is; full, nothing is answered."""
        fault = self.ledger.take_fault("facebook", "quota", "usage") or {}
        percent = fault.get("percent", 100 if fault.get("name") == "quota" else 1)
        minutes = math.ceil(float(fault.get("retry_after", 0)) / 60)
        used = {"call_count": percent, "total_cputime": 1, "total_time": 1}
        if caller.kind != "PAGE":
            name, said = "X-App-Usage", used
        else:
            entry = {"type": "pages", **used, "estimated_time_to_regain_access": minutes}
            name, said = "X-Business-Use-Case-Usage", {caller.page: [entry]}
        headers = {name: json.dumps(said)}
        if percent >= 100:
            code = 80001 if caller.kind == "PAGE" else 4
            refusal = Refusal(code, f"(#{code}) There have been too many calls", is_transient=True, check=29)
            refusal.headers |= headers
            raise refusal
        return headers

    # Where it goes ----------------------------------------------------------------------------------

    def _route(self, method: str, path: str, asked: Asked, caller: Caller, address: str) -> Response:
        number, _slash, edge = path.strip("/").partition("/")
        if method == "GET" and number == "debug_token":
            return self.access.debug(asked)
        if method == "GET" and (number, edge) == ("me", "permissions"):
            return self.access.permissions(caller)
        if method == "GET" and (number, edge) == ("me", "accounts"):
            return self.access.accounts(caller, asked)
        if page := self.ledger.page("facebook", number):
            return self._of_page(method, edge, asked, caller, page, address)
        if post := self.posts.reading.find(number):
            return self._of_post(method, edge, asked, caller, post)
        if (photo := self.photos.find(number)) and not edge:
            match method:
                case "GET":
                    return self.photos.get(photo, asked, caller)
                case "DELETE":
                    return self.photos.delete(photo, caller)
        raise not_there(method.lower(), number)

    def _of_page(
        self, method: str, edge: str, asked: Asked, caller: Caller, page: dict, address: str
    ) -> Response:
        number = page["id"]
        match method, edge:
            case "GET", "":
                return json_response(chosen(_as_read(page), asked.text("fields"), "name"))
            case "POST", "feed":
                return self.posts.create(asked, caller, number)
            case "GET", "published_posts":
                return self.posts.reading.listed(asked, caller, number, address)
            case "POST", "photos":
                if self.ledger.take_fault("facebook", "upload-500"):
                    raise Refusal(1, "An unknown error occurred", status=500)
                return self._photo(asked, caller, number)
            case "GET", "insights":
                return self.insights.of_page(asked, caller, page)
        raise not_there(method.lower(), f"{number}/{edge}")

    def _of_post(self, method: str, edge: str, asked: Asked, caller: Caller, post: dict) -> Response:
        match method, edge:
            case "GET", "":
                return self.posts.reading.get(post, asked, caller)
            case "POST", "":
                return self.posts.update(post, asked, caller)
            case "DELETE", "":
                return self.posts.delete(post, caller)
            case "GET", "insights":
                page = self.ledger.page("facebook", post["author"])
                return self.insights.of_post(asked, caller, post, page)
        raise not_there(method.lower(), f"{post['urn']}/{edge}")

    def _photo(self, asked: Asked, caller: Caller, page: str) -> Response:
        """Uploaded, and unless told otherwise published at once: then the post has a number of its own."""
        number = self.photos.receive(asked, caller, page)
        if asked.is_false("published"):
            return json_response({"id": number})
        post = self.posts.publish_photo(number, asked, page)
        return json_response({"id": number, "post_id": post["urn"]})

    # What tests and the demo ask for ------------------------------------------------------------------

    def pages(self) -> list[dict]:
        """A fresh rehearsal has one."""
        return self.ledger.pages("facebook") or [self._page({})]

    def told(self, what: str, data: dict) -> dict:
        """page; token; revoke (why: app-removed or password-changed); app (mode, proof_required); figures of a post;
        foreign: a post not made by this app, or not by the page (`from`)."""
        match what:
            case "page":
                return self._page(data)
            case "token":
                return self.access.give({**data, "page": self._page(_named(data))["id"]})
            case "revoke":
                self.access.end(data["token"], 460 if data.get("why") == "password-changed" else 458)
                return {}
            case "app":
                for name in APP:
                    if name in data:
                        self.ledger.add("facebook_app", name=name, value=data[name])
                return {name: self._app(name) for name in APP}
            case "figures":
                for name in FIGURES:
                    if name in data:
                        self.ledger.add("facebook_figure", post=data["post"], name=name, value=data[name])
                return {}
            case "foreign":
                return {"id": self.posts.foreign(data)["urn"]}
        raise KeyError(what)

    def _page(self, data: dict) -> dict:
        number = str(data.get("id", "1001"))
        known = self.ledger.page("facebook", number)
        if known and not set(data) & set(PAGE_COLUMNS):
            return known
        changes = {name: data[name] for name in PAGE_COLUMNS if name in data}
        return self.ledger.set_page("facebook", number, **(({} if known else FIRST_PAGE) | changes))

    def _app(self, name: str) -> str:
        row = self.ledger.row("SELECT value FROM facebook_app WHERE name = ?", name)
        return row["value"] if row else APP[name]


def _named(data: dict) -> dict:
    """The page in what is asked about a token."""
    page = {"id": data["page"]} if "page" in data else {}
    return page | ({"name": data["name"]} if "name" in data else {})


def _as_read(page: dict) -> dict:
    return {
        "id": page["id"],
        "name": page["name"],
        "username": page["handle"],
        "link": f"https://www.facebook.com/{page['handle']}",
        "category": "School",
        "fan_count": page["followers"],
        "followers_count": page["followers"],
        "is_published": not page["data"].get("is_hidden", False),
    }
