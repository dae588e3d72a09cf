"""What X's checks share: refusals in its shapes, who calls and within which limits, bodies of JSON and of several parts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP

from ..exchange import Request, Response, json_response
from ..ledger import Ledger

SLUG = "x"
PROBLEMS = "https://api.twitter.com/2/problems/"
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
WRITING = frozenset({"tweet.write", "tweet.read", "users.read"})
READING = frozenset({"tweet.read", "users.read"})
UPLOADING = frozenset({"media.write"})
WINDOW = 900
RATES = {"create": 100, "delete": 50, "upload": 500, "metadata": 500, "me": 75, "timeline": 900, "read": 900}
UNRATIONED = 1_000_000
"""Calls in 15 minutes, for each user. A rehearsal is not rationed unless its page is told so (`is_rationed`)."""


SCHEMA = """
CREATE TABLE IF NOT EXISTS x_rate (user TEXT, route TEXT, began REAL, used INTEGER, PRIMARY KEY (user, route));
CREATE TABLE IF NOT EXISTS x_media (id TEXT PRIMARY KEY, owner TEXT, category TEXT, kind TEXT, state TEXT, polls INTEGER,
  is_doomed INTEGER, total INTEGER, segments INTEGER, ends REAL, alt TEXT DEFAULT '', is_used INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS x_figures (id TEXT PRIMARY KEY, data TEXT);
"""


class Refusal(Exception):
    """An answer that is not the wanted one. `check` is its number in the contract's list; with `breach` the client is to blame.
    `data` None: an empty body."""

    def __init__(
        self, status: int, data: dict | None, *, check: int = 0, breach: str = "", headers: dict | None = None
    ):
        super().__init__(breach or str(data))
        self.status, self.data, self.check, self.breach = status, data, check, breach
        self.headers = headers or {}

    def response(self) -> Response:
        if self.data is None:
            return Response(self.status, b"", dict(self.headers))
        return json_response(
            self.data, self.status, **{"Content-Type": "application/problem+json"}, **self.headers
        )


def problem(
    status: int, title: str, detail: str, kind: str = "", *, check: int = 0, breach: str = ""
) -> Refusal:
    kind = PROBLEMS + kind if kind else "about:blank"
    data = {"title": title, "detail": detail, "type": kind, "status": status}
    return Refusal(status, data, check=check, breach=breach)


def invalid(message: str, check: int, breach: str) -> Refusal:
    data = {
        "errors": [{"parameters": {}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return Refusal(400, data, check=check, breach=breach)


def unauthorized(check: int, breach: str = "") -> Refusal:
    return problem(401, "Unauthorized", "Unauthorized", check=check, breach=breach)


def forbidden(detail: str = "Forbidden", *, check: int = 0, breach: str = "") -> Refusal:
    return problem(403, "Forbidden", detail, check=check, breach=breach)


def not_found(number: str, kind: str = "tweet") -> dict:
    """One entry of `errors`: with 200 it stands where the data would be."""
    return {
        "value": number,
        "detail": f"Could not find {kind} with id: [{number}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": "id",
        "resource_id": number,
        "type": f"{PROBLEMS}resource-not-found",
    }


@dataclass(frozen=True)
class Caller:
    """The account behind a token, and what it consented to."""

    user: str
    scopes: frozenset[str]
    page: dict = field(repr=False)

    def must_have(self, scopes: frozenset[str]) -> None:
        if scopes - self.scopes:
            raise forbidden(check=3)


def caller_of(request: Request, ledger: Ledger) -> Caller:
    kind, _blank, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise unauthorized(1, "no-token")
    if ledger.issued(SLUG, "app", token):
        detail = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
        raise problem(
            403,
            "Unsupported Authentication",
            detail,
            "unsupported-authentication",
            check=2,
            breach="app-only",
        )
    grant = ledger.issued(SLUG, "access", token)
    if grant is None or grant["ended"] is not None:
        raise unauthorized(1)
    if grant["is_expired"]:
        raise unauthorized(26)
    if ledger.take_fault(SLUG, "token-revoked", "token-expired"):
        raise unauthorized(26)
    scopes = grant["scopes"]
    if fault := ledger.take_fault(SLUG, "scope-missing"):
        scopes = scopes - {fault.get("scope", "tweet.write")}
    return Caller(grant["page"], scopes, ledger.page(SLUG, grant["page"]))


def ration(ledger: Ledger, caller: Caller, route: str) -> dict[str, str]:
    """The rate headers of a call that is let through; refuses one too many."""
    now = ledger.now()
    (row,) = ledger.rows(
        "INSERT INTO x_rate VALUES (?1, ?2, ?3, 1) ON CONFLICT (user, route) DO UPDATE SET"
        " used = CASE WHEN began + ?4 <= ?3 THEN 1 ELSE used + 1 END,"
        " began = CASE WHEN began + ?4 <= ?3 THEN ?3 ELSE began END RETURNING began, used",
        *(caller.user, route, now, WINDOW),
    )
    most = RATES[route] if caller.page["data"].get("is_rationed") else UNRATIONED
    headers = {
        "x-rate-limit-limit": str(most),
        "x-rate-limit-remaining": str(max(most - row["used"], 0)),
        "x-rate-limit-reset": str(int(row["began"] + WINDOW) + 1),
    }
    if row["used"] > most:
        raise too_many(headers)
    if fault := ledger.take_fault(SLUG, "quota"):
        wait = fault.get("retry_after", WINDOW)
        # X names the moment. What is no number is passed on as it is: nonsense is one of the things to bear.
        reset = str(int(now + wait)) if isinstance(wait, (int, float)) else str(wait)
        raise too_many({**headers, "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset})
    if ledger.take_fault(SLUG, "day-quota"):
        day = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": str(int(now) + 86_400)}
        raise too_many({**headers, **day})
    return headers


def too_many(headers: dict[str, str]) -> Refusal:
    return Refusal(
        429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, check=27, headers=headers
    )


def json_body(request: Request) -> dict:
    """Refuses what is not a JSON object sent as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        detail = "Content-Type must be application/json"
        raise problem(
            415, "Unsupported Media Type", detail, "unsupported-media-type", check=4, breach="not-json"
        )
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise invalid("The body is no JSON object", 4, "invalid-json")
    return data


def only(data: dict, known: set[str], where: str, check: int, breach: str) -> None:
    """Nothing but these fields: additionalProperties is false."""
    for name in data:
        if name not in known:
            raise invalid(f"$.{where}{name}: is not defined in the schema", check, breach)


def form_parts(request: Request, check: int) -> dict[str, tuple[str, bytes]]:
    """Name → (filename, bytes) of multipart/form-data."""
    kind = request.headers.get("content-type", "")
    if not re.match(r"multipart/form-data;.*boundary=", kind, re.IGNORECASE):
        raise invalid("multipart/form-data is required", check, "not-multipart")
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.body
    )
    found = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = (part.get_filename() or "", part.get_payload(decode=True) or b"")
    return found
