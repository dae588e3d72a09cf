"""LinkedIn's wire contract, strictly: where each question goes, in which version, and how often a day.

Every rule we know of is checked, and each has its number in the contract's list of checks. Where the real network forgives or
stays silent, this one notes a failure, so that a test fails instead of a reader. OAuth is in `access.py` and `tokens.py`,
pages in `organizations.py`, posts in `posts.py`, files in `uploads.py`, figures in
`statistics.py`.
"""

from __future__ import annotations

import re
import secrets
import time

from ..exchange import Request, Response
from ..ledger import Ledger
from .access import Access
from .organizations import Organizations
from .posts import Posts
from .rules import Caller, Refusal, forbidden, illegal, urn_in
from .statistics import Statistics
from .tokens import Tokens
from .uploads import Uploads

BATCH = re.compile(r"(?:^|&)ids=List\(")


class LinkedIn:
    """Answers what is asked below /oauth/v2/, /rest/ and /dms-uploads/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger = ledger
        self.organizations = Organizations(ledger)
        self.tokens = Tokens(ledger, self.organizations)
        self.access = Access(ledger, self.organizations, self.tokens)
        self.uploads = Uploads(ledger)
        self.posts = Posts(ledger, self.uploads, wait)
        self.statistics = Statistics(ledger)

    def answer(self, request: Request, base: str = "") -> Response:
        try:
            response = self._answer(request, base)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, network="linkedin", path=request.path)
            response = refusal.response()
        response.headers.setdefault("x-li-uuid", secrets.token_urlsafe(12))
        response.headers.setdefault("x-li-fabric", "rehearsal")
        # Written before it is said: whoever has the answer may read the ledger.
        call = {"method": request.method, "path": request.path, "status": response.status}
        self.ledger.event("call", network="linkedin", **call)
        return response

    def _answer(self, request: Request, base: str) -> Response:
        if request.path.startswith("/oauth/v2/"):
            return self.access.answer(request, base)
        if request.path.startswith("/dms-uploads/"):
            return self.uploads.receive(request, self.tokens.caller(request))
        self._check_version(request)
        caller = self.tokens.caller(request)
        self._check_quota(caller)
        return self._route(request, caller)

    def _check_version(self, request: Request) -> None:
        version = request.headers.get("linkedin-version", "")
        if not version:
            text = (
                "A version must be present. Please specify a version by adding the Linkedin-Version header."
            )
            raise Refusal(400, "VERSION_MISSING", text, check=1, breach="no-version")
        is_live = version in self.ledger.knob("live_versions")
        if not is_live or self.ledger.take_fault("linkedin", "version-retired"):
            breach = "" if re.fullmatch(r"[0-9]{6}", version) else "malformed-version"
            text = f"Requested version {version} is not active"
            raise Refusal(426, "NONEXISTENT_VERSION", text, check=2, breach=breach)
        if request.headers.get("x-restli-protocol-version") != "2.0.0":
            raise illegal("X-Restli-Protocol-Version must be 2.0.0", 3, "no-protocol-version")

    def _check_quota(self, caller: Caller) -> None:
        day = time.strftime("%Y-%m-%d", time.gmtime(self.ledger.now()))
        calls = self.ledger.count_up(f"calls of {caller.member} on {day}")
        fault = self.ledger.take_fault("linkedin", "quota")
        if fault or calls > self.ledger.knob("calls_per_day"):
            text = "Resource level throttle limit for calls to this resource is reached."
            refusal = Refusal(429, "TOO_MANY_REQUESTS", text, check=40)
            if fault and "retry_after" in fault:
                refusal.headers["Retry-After"] = str(fault["retry_after"])
            raise refusal

    def _route(self, request: Request, caller: Caller) -> Response:
        if BATCH.search(request.query):
            raise forbidden("Not enough permissions to access: BATCH_GET", 38)
        if "%28" in request.query or "%29" in request.query:
            text = (
                "Parameter 'timeIntervals' is invalid"
                if "timeIntervals=" in request.query
                else "The parentheses of a list or record stand unencoded"
            )
            raise illegal(text, 35, "encoded-parentheses")
        collection, _slash, key = request.path.removeprefix("/rest/").partition("/")
        match request.method, collection, bool(key):
            case "POST", ("images" | "documents"), False:
                return self.uploads.begin(request, caller, collection.removesuffix("s"))
            case "GET", ("images" | "documents"), True:
                return self.uploads.state(collection.removesuffix("s"), urn_in(key), caller)
            case "POST", "posts", False:
                return self.posts.create(request, caller)
            case "GET", "posts", False:
                return self.posts.find(request, caller)
            case (("GET" | "POST" | "DELETE"), "posts", True):
                return self.posts.one(request, caller, urn_in(key))
            case "GET", "organizationAcls", False:
                return self.organizations.roles(request, caller)
            case "GET", "organizations", True:
                return self.organizations.one(key, caller)
            case "GET", "networkSizes", True:
                return self.organizations.followers(request, urn_in(key))
            case "GET", "organizationalEntityShareStatistics", False:
                return self.statistics.of_shares(request, caller)
            case "GET", "socialActions", True:
                return self.statistics.live(urn_in(key), caller)
        raise Refusal(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {request.path}")

    # What tests and the demo ask for ------------------------------------------------------------------

    def told(self, what: str, data: dict) -> dict:
        """organization (or page), token, revoke, and figures: what a post is said to have brought."""
        match what:
            case "organization" | "page":
                return self.organisation(data)
            case "token":
                return self.token(data)
            case "revoke":
                self.revoke(data["token"])
                return {}
            case "figures":
                return self.statistics.tell(data)
        raise KeyError(what)

    def organisation(self, data: dict) -> dict:
        """Make or change a page. The page as it is now."""
        return self.organizations.change(data)

    def token(self, data: dict) -> dict:
        """A grant, as the consent screen would give it. The answer of the token call."""
        return self.tokens.token(data)

    def revoke(self, token: str) -> None:
        """As a member does in their settings."""
        self.ledger.end_access(token)

    def document(self, urn: str) -> dict | None:
        """What arrived under this URN: status, pages, size, sha256."""
        file = self.uploads.file(urn)
        return file and {name: file[name] for name in ("status", "pages", "size", "sha256")}
