"""What Mastodon's checks share: refusals in its shapes, who calls, and what kind of server this is today."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..exchange import Request, Response, json_response
from ..ledger import Ledger

SLUG = "mastodon"
MASTODON = {
    "version": "4.7.0",
    "source_url": "https://github.com/mastodon/mastodon",
    "domain": "mastodon.rehearsal",
    "max_characters": 500,
    "max_media_attachments": 4,
    "characters_reserved_per_url": 23,
    "image_size_limit": 16_777_216,
    "image_matrix_limit": 33_177_600,
    "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
    "description_limit": 1500,
    "key_seconds": 3600.0,
    "ids": "number",
    "errors": "json",
    "media": "at-once",
    "unknown_media": "refused",
    "is_rationed": False,
    "has_v2": True,
}
"""Unless told otherwise. key_seconds 0: keys are ignored. ids: number, uuid. errors: json, text, html, empty. media: at-once, later.
unknown_media: refused (422), ignored (older servers), missing (404). is_rationed: the documented rate limits, which a
rehearsal does without unless asked."""
LIKE = {
    "mastodon": {},
    "hollo": {
        "version": "4.0.0 (compatible; Hollo 0.6.18)",
        "source_url": "https://github.com/fedify-dev/hollo",
        "max_characters": 10_000,
        "max_media_attachments": 8,
        "characters_reserved_per_url": 256,
        "ids": "uuid",
        "errors": "empty",
    },
    "takahe": {
        "version": "takahe/0.11.0",
        "source_url": "https://github.com/jointakahe/takahe",
        "key_seconds": 0.0,
        "errors": "html",
        "unknown_media": "missing",
    },
}
"""Other software that speaks the same language."""

TOKEN_INVALID = "The access token is invalid"
NO_RECORD = "Record not found"


class Refusal(Exception):
    """An answer that is not the wanted one. `check` is its number in the contract's list; with `breach` the client is to blame."""

    def __init__(
        self, status: int, error: str = "", description: str = "", *, check: int = 0, breach: str = ""
    ):
        super().__init__(error)
        self.status, self.check, self.breach = status, check, breach
        self.data = {"error": error} | ({"error_description": description} if description else {})
        self.headers: dict[str, str] = {}

    def response(self, form: str) -> Response:
        """As JSON, or as other software says it: in words, as a page, not at all."""
        page = f"<!DOCTYPE html><html><body><h1>{self.status}</h1></body></html>"
        bodies = {
            "text": (self.data["error"], "text/plain"),
            "html": (page, "text/html"),
            "empty": ("", "text/plain"),
        }
        if form not in bodies:
            return json_response(self.data, self.status, **self.headers)
        text, kind = bodies[form]
        return Response(self.status, text.encode(), {"Content-Type": kind, **self.headers})


def invalid(problem: str, check: int, breach: str) -> Refusal:
    return Refusal(422, f"Validation failed: {problem}", check=check, breach=breach)


@dataclass(frozen=True)
class Caller:
    """The account behind a token, the program that holds it, and what was consented to."""

    account: str
    app: str
    scopes: frozenset[str]

    def needs(self, *scopes: str) -> None:
        """Refuses who has none of these; `write` is every write:…"""
        wide = {scope.partition(":")[0] for scope in scopes}
        if not self.scopes & (set(scopes) | wide):
            raise Refusal(403, "This action is outside the authorized scopes", check=2)


class Instance:
    """What this server is, kept so that it outlives a restart."""

    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        ledger.write("CREATE TABLE IF NOT EXISTS mastodon_instance (id INTEGER PRIMARY KEY, data TEXT)")

    def now(self) -> dict:
        row = self.ledger.row("SELECT data FROM mastodon_instance")
        return MASTODON | (json.loads(row["data"]) if row else {})

    def become(self, *, like: str = "mastodon", **changes) -> dict:
        """Raises KeyError for a software or a setting that is none."""
        if strange := sorted(set(changes) - set(MASTODON)):
            raise KeyError(strange[0])
        self.ledger.add("mastodon_instance", id=1, data=json.dumps(LIKE[like] | changes))
        return self.now()


def body_of(request: Request) -> tuple[dict, bool]:
    """What was sent, and whether as JSON. Refuses JSON that is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return dict(request.form), False
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refusal(400, "There was a problem in the JSON you submitted", check=10, breach="invalid-json")
    return data, True
