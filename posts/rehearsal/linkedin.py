"""LinkedIn's wire contract, strictly: who may ask, and where each question goes.

Every rule we know of is checked, and each has its number in the contract's list of checks. Where the real network forgives or
stays silent, this one notes a failure, so that a test fails instead of a reader. Posts are in `linkedin_posts.py`,
pictures in `linkedin_images.py`.
"""

from __future__ import annotations

import re
import secrets
import time

from .exchange import Request, Response, json_response
from .ledger import Ledger
from .linkedin_images import Images
from .linkedin_posts import Posts
from .linkedin_rules import (
    ADMIN_SCOPES,
    DEFAULT_SCOPES,
    Caller,
    Refusal,
    digest,
    forbidden,
    illegal,
    urn_in,
)

REVOKED = "The token used in the request has been revoked by the user"
BATCH = re.compile(r"(?:^|&)ids=List\(")


class LinkedIn:
    """Answers what is asked below /rest/ and /dms-uploads/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger = ledger
        self.images = Images(ledger)
        self.posts = Posts(ledger, wait)

    def answer(self, request: Request) -> Response:
        try:
            response = self._answer(request)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, path=request.path)
            response = refusal.response()
        response.headers.setdefault("x-li-uuid", secrets.token_urlsafe(12))
        response.headers.setdefault("x-li-fabric", "rehearsal")
        # Written before it is said: whoever has the answer may read the ledger.
        self.ledger.event("call", method=request.method, path=request.path, status=response.status)
        return response

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/dms-uploads/"):
            return self.images.receive(request, self._caller(request))
        self._check_version(request)
        caller = self._caller(request)
        self._check_quota(caller)
        return self._route(request, caller)

    # Who asks ---------------------------------------------------------------------------------------

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

    def _caller(self, request: Request) -> Caller:
        kind, _blank, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            check = 30 if request.path.startswith("/dms-uploads/") else 4
            text = "Empty or missing OAuth2 access token"
            raise Refusal(401, "EMPTY_ACCESS_TOKEN", text, check=check, breach="no-token")
        grant = self.ledger.row("SELECT * FROM grant_ WHERE digest = ?", digest(token))
        if grant is None:
            raise Refusal(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600, check=5)
        if grant["revoked"] or self.ledger.take_fault("linkedin", "token-revoked"):
            raise Refusal(401, "REVOKED_ACCESS_TOKEN", REVOKED, 65601, check=6)
        if grant["expires"] <= self.ledger.now():
            raise Refusal(401, "EXPIRED_ACCESS_TOKEN", "Expired access token", 65602, check=7)
        unripe = "UPDATE grant_ SET fresh = fresh - 1 WHERE digest = ? AND fresh > 0"
        if self.ledger.write(unripe, grant["digest"]):
            raise Refusal(401, "REVOKED_ACCESS_TOKEN", REVOKED, 65601, check=8)
        return Caller(
            grant["member"], grant["organisation"], grant["role"], frozenset(grant["scopes"].split())
        )

    def _check_quota(self, caller: Caller) -> None:
        day = time.strftime("%Y-%m-%d", time.gmtime(self.ledger.now()))
        calls = self.ledger.count_up(f"calls of {caller.member} on {day}")
        fault = self.ledger.take_fault("linkedin", "quota")
        if fault or calls > self.ledger.knob("calls_per_day"):
            refusal = Refusal(
                429,
                "TOO_MANY_REQUESTS",
                "Resource level throttle limit for calls to this resource is reached.",
                check=40,
            )
            if fault and "retry_after" in fault:
                refusal.headers["Retry-After"] = str(fault["retry_after"])
            raise refusal

    # Where it goes ----------------------------------------------------------------------------------

    def _route(self, request: Request, caller: Caller) -> Response:
        if BATCH.search(request.query):
            raise forbidden("Not enough permissions to access: BATCH_GET", 38)
        if "%28" in request.query or "%29" in request.query:
            raise illegal("The parentheses of a list or record stand unencoded", 35, "encoded-parentheses")
        collection, _slash, key = request.path.removeprefix("/rest/").partition("/")
        match request.method, collection, bool(key):
            case "POST", "images", False:
                return self.images.begin(request, caller)
            case "GET", "images", True:
                return self.images.state(urn_in(key), caller)
            case "POST", "posts", False:
                return self.posts.create(request, caller)
            case "GET", "posts", False:
                return self.posts.find(request, caller)
            case (("GET" | "POST" | "DELETE"), "posts", True):
                return self.posts.one(request, caller, urn_in(key))
            case "GET", "organizationAcls", False:
                return self._acls(request, caller)
            case "GET", "organizations", True:
                return self._organisation(key, caller)
            case "GET", "networkSizes", True:
                return self._followers(request, urn_in(key))
        raise Refusal(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {request.path}")

    def _acls(self, request: Request, caller: Caller) -> Response:
        if not caller.scopes & ADMIN_SCOPES:
            raise forbidden("Not enough permissions to access: organizationAcls.FINDER-roleAssignee", 9)
        if request.asked.get("q") != "roleAssignee":
            raise illegal("q=roleAssignee is required", 46, "acls-without-finder")
        role, state = request.asked.get("role", caller.role), request.asked.get("state", "APPROVED")
        fault = self.ledger.take_fault("linkedin", "acl-name") or {"field": "organization"}
        element = {
            fault["field"]: caller.page,
            "role": caller.role,
            "roleAssignee": f"urn:li:person:{caller.member}",
            "state": "APPROVED",
        }
        found = [element] if caller.role and (role, state) == (caller.role, "APPROVED") else []
        return json_response({"elements": found, "paging": {"start": 0, "count": 10, "links": []}})

    def _organisation(self, number: str, caller: Caller) -> Response:
        row = self.ledger.row("SELECT * FROM organisation WHERE id = ?", number)
        if row is None or number != caller.organisation or not caller.role:
            raise forbidden("Insufficient permissions to perform the requested action", 10)
        return json_response({"id": int(number), "localizedName": row["name"], "vanityName": row["vanity"]})

    def _followers(self, request: Request, urn: str) -> Response:
        # CompanyFollowedByMember belongs to v2.
        if request.asked.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            raise illegal("edgeType must be COMPANY_FOLLOWED_BY_MEMBER", 0, "old-edge-type")
        row = self.ledger.row("SELECT followers FROM organisation WHERE id = ?", urn.rpartition(":")[2])
        if row is None:
            raise Refusal(404, "NOT_FOUND", "Could not find entity")
        return json_response({"firstDegreeSize": row["followers"]})

    # What tests and the demo ask for ------------------------------------------------------------------

    def organisation(self, data: dict) -> dict:
        """Make or change a page: id, name, vanity, followers, tagline. The page as it is now."""
        number = str(data.get("id", "1001")).rpartition(":")[2]
        known = self.ledger.row("SELECT * FROM organisation WHERE id = ?", number)
        row = known or {"name": "INET", "vanity": "inet", "followers": 3050, "tagline": ""}
        row |= {name: data[name] for name in ("name", "vanity", "followers", "tagline") if name in data}
        self.ledger.add("organisation", **{**row, "id": number})
        return {**row, "id": number}

    def token(self, data: dict) -> dict:
        """A grant, as the consent screen would give it: organization, name (of the page), scopes, role, expires_in, fresh (how
        often it is refused at first), member, token (if it must be a certain one). The answer of the token call."""
        page = {"id": data.get("organization", "1001")} | ({"name": data["name"]} if "name" in data else {})
        organisation = self.organisation(page)["id"]
        token = data.get("token") or f"AQ{secrets.token_urlsafe(300)}"
        wanted = data.get("scopes", DEFAULT_SCOPES)
        scopes = " ".join(sorted(wanted if isinstance(wanted, list) else re.split(r"[\s,]+", wanted.strip())))
        member, lifetime = (
            str(data.get("member") or secrets.token_hex(5)),
            int(data.get("expires_in", 5_184_000)),
        )
        # Asking one member for another set of scopes ends everything granted before.
        self.ledger.write("UPDATE grant_ SET revoked = 1 WHERE member = ? AND scopes != ?", member, scopes)
        self.ledger.add(
            "grant_",
            digest=digest(token),
            member=member,
            organisation=organisation,
            role=data.get("role", "ADMINISTRATOR"),
            scopes=scopes,
            expires=self.ledger.now() + lifetime,
            fresh=int(data.get("fresh", 0)),
        )
        self.ledger.event("granted", organization=organisation, scopes=scopes)
        return {"access_token": token, "expires_in": lifetime, "scope": scopes.replace(" ", ",")}

    def revoke(self, token: str) -> None:
        """As a member does in their settings."""
        self.ledger.write("UPDATE grant_ SET revoked = 1 WHERE digest = ?", digest(token))
