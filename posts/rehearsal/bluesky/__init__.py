"""Bluesky's wire contract, strictly: a server of accounts (a PDS) with the figures that an AppView would tell.

Every rule we know of is checked, and each has its number in the contract's list of checks. Where the real network forgives or
stays silent, this one notes a failure. Accounts are in `accounts.py`, sessions in `sessions.py`, pictures in
`blobs.py`, posts in `records.py`. A rehearsal is not rationed unless asked (POST /_/bluesky/limits), signing in apart.
"""

from __future__ import annotations

import threading
import time
from urllib.parse import parse_qs

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .accounts import Accounts
from .blobs import Blobs
from .records import Records
from .rules import HANDLE, Caller, Refusal, invalid
from .sessions import Sessions

LIMITS = {
    "calls": 100_000,
    "points": 1_000_000,
    "sessions": 30,
    "blob_bytes": 5_242_880,
    "image_bytes": 2_000_000,
}
"""calls and sessions in five minutes, points of writing in an hour; the real ones are 3000, 5000 and 30. Before April 2026
image_bytes was 1,000,000."""
MOST_URIS = 25


class Bluesky:
    """Answers what is asked below /xrpc/, and what tests and the demo ask of it."""

    def __init__(self, ledger: Ledger, wait=time.sleep):
        self.ledger = ledger
        self.limits = dict(LIMITS)
        self.counted: dict[tuple[str, int], int] = {}
        self.counting = threading.Lock()
        self.figures: dict[str, dict[str, int]] = {}
        self.accounts = Accounts(ledger)
        self.sessions = Sessions(ledger, self.accounts)
        self.blobs = Blobs(ledger)
        self.records = Records(
            ledger, self.accounts, self.blobs, wait, limit=lambda: self.limits["image_bytes"]
        )

    def answer(self, request: Request, base: str = "") -> Response:
        headers: dict[str, str] = {}
        try:
            response = self._answer(request, base, headers)
        except Refusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, network="bluesky", path=request.path)
            response = refusal.response()
        response.headers = headers | response.headers
        # Written before it is said: whoever has the answer may read the ledger.
        self.ledger.event(
            "call", network="bluesky", method=request.method, path=request.path, status=response.status
        )
        return response

    def _answer(self, request: Request, base: str, headers: dict[str, str]) -> Response:
        name = request.path.removeprefix("/xrpc/")
        is_sign_in = name == "com.atproto.server.createSession"
        if not is_sign_in:
            headers |= self._spend("calls", "", 1, 300)
        if fault := self.ledger.take_fault("bluesky", "quota"):
            again = {"retry-after": str(fault["retry_after"])} if fault.get("retry_after") else {}
            raise Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded", check=32, **again)
        if is_sign_in:
            # Per account and address: this machine's is always the same.
            headers |= self._spend("sessions", str(request.body[:200]), 1, 300)
        return self._route(request, base, name)

    def _spend(self, what: str, whose: str, points: int, seconds: int) -> dict[str, str]:
        """Headers that say what is left of a limit. Refuses when nothing is."""
        now, limit = self.ledger.now(), self.limits[what]
        window = int(now // seconds)
        with self.counting:
            key = (f"{what} {whose}", window)
            self.counted[key] = used = self.counted.get(key, 0) + points
            if len(self.counted) > 1000:
                self.counted = {key: used for key, used in self.counted.items() if key[1] == window}
        reset = (window + 1) * seconds
        headers = {
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(max(0, limit - used)),
            "ratelimit-reset": str(reset),
            "ratelimit-policy": f"{limit};w={seconds}",
        }
        if used > limit:
            again = {"retry-after": str(int(reset - now) + 1)}
            check = 5 if what == "sessions" else 32
            raise Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded", check=check, **headers, **again)
        return headers

    # Where it goes ----------------------------------------------------------------------------------

    def _route(self, request: Request, base: str, name: str) -> Response:
        match request.method, name:
            case "POST", "com.atproto.server.createSession":
                return self.sessions.create(request, base)
            case "POST", "com.atproto.server.refreshSession":
                return self.sessions.refresh(request, base)
            case "GET", "com.atproto.server.getSession":
                return self.sessions.session(self.sessions.caller(request))
            case "GET", "com.atproto.repo.getRecord":
                return self.records.get(request)
            case "GET", "com.atproto.repo.listRecords":
                return self.records.list(request)
            case "GET", "com.atproto.identity.resolveHandle":
                return self._resolve(request)
            case "GET", "app.bsky.actor.getProfile":
                return self._profile(request)
            case "GET", "app.bsky.feed.getPosts":
                return self._posts(request)
            case "POST", "com.atproto.repo.uploadBlob":
                return self.blobs.upload(request, self._writer(request), self.limits["blob_bytes"])
            case "POST", "com.atproto.repo.putRecord":
                return self.records.put(request, self._writer(request, 2))
            case "POST", "com.atproto.repo.createRecord":
                return self.records.create(request, self._writer(request, 3))
            case "POST", "com.atproto.repo.deleteRecord":
                return self.records.delete(request, self._writer(request, 1))
        raise Refusal(501, "MethodNotImplemented", "Method Not Implemented", breach="unknown-method")

    def _writer(self, request: Request, points: int = 0) -> Caller:
        """Whose deed it is, which costs so many points."""
        caller = self.sessions.caller(request)
        self.accounts.must_be_open(caller.did)
        self._spend("points", caller.did, points, 3600)
        return caller

    def _resolve(self, request: Request) -> Response:
        handle = request.asked.get("handle", "")
        if not HANDLE.fullmatch(handle):
            text = f'Invalid com.atproto.identity.resolveHandle params: Invalid handle (got "{handle}")'
            raise invalid(text, 1, "no-handle")
        if self.ledger.take_fault("bluesky", "resolve-500"):
            raise Refusal(500, "InternalServerError", "Internal Server Error")
        if did := self.accounts.did_of(handle):
            return json_response({"did": did})
        # The real one has a name for this only where the handle is of its own kind.
        error = "HandleNotFound" if handle.endswith(".test") else "InvalidRequest"
        raise Refusal(400, error, "Unable to resolve handle")

    # What an AppView tells --------------------------------------------------------------------------

    def _ask_appview(self, request: Request) -> None:
        self.sessions.caller(request)
        if self.ledger.take_fault("bluesky", "appview-down"):
            raise Refusal(502, "UpstreamFailure", "Upstream service unreachable")

    def _profile(self, request: Request) -> Response:
        self._ask_appview(request)
        actor = request.asked.get("actor", "")
        did = actor if actor.startswith("did:") else self.accounts.did_of(actor)
        page = self.ledger.page("bluesky", did)
        if page is None:
            raise Refusal(400, "InvalidRequest", "Profile not found")
        return json_response(
            {
                "did": did,
                "handle": page["handle"],
                "displayName": page["name"],
                "description": page["tagline"],
                "followersCount": page["followers"],
            }
        )

    def _posts(self, request: Request) -> Response:
        self._ask_appview(request)
        uris = parse_qs(request.query).get("uris", [])
        if len(uris) > MOST_URIS:
            raise invalid(f"array too big (maximum {MOST_URIS}, got {len(uris)})", 0, "too-many-uris")
        shown = []
        for uri in uris:
            row = self.ledger.row("SELECT author, body, deleted FROM post WHERE urn = ?", uri)
            if row is not None and row["deleted"] is None:
                known = self.figures.get(uri, {})
                counts = {f"{what}Count": known.get(what, 0) for what in ("like", "repost", "reply", "quote")}
                shown.append({"uri": uri, "author": {"did": row["author"]}, **counts})
        return json_response({"posts": shown})

    # What tests and the demo ask for ------------------------------------------------------------------

    def told(self, what: str, data: dict) -> dict:
        """page, token, revoke (token): see `Accounts` and `Sessions`; limits: by the names in LIMITS; figures (uri): like, repost, reply, quote."""
        match what:
            case "page":
                return self.accounts.make(data)
            case "token":
                return self.sessions.token(data)
            case "revoke":
                self.sessions.revoke(data["token"])
                return {}
            case "limits":
                if strange := sorted(set(data) - set(LIMITS)):
                    raise KeyError(strange[0])
                self.limits |= data
                return dict(self.limits)
            case "figures":
                self.figures[data.pop("uri")] = data
                return data
        raise KeyError(what)
