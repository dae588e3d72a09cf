"""What Bluesky's checks share: refusals in its shape, who calls, keys, bodies."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass

from ..exchange import Request, Response, json_response

COLLECTION = "app.bsky.feed.post"
DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")
HANDLE = re.compile(
    r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
WRONG_LOGIN = "Invalid identifier or password"


class Refusal(Exception):
    """An answer that is not the wanted one. `check` is its number in the contract's list; with `breach` the client is to blame."""

    def __init__(
        self, status: int, error: str, message: str = "", *, check: int = 0, breach: str = "", **headers: str
    ):
        super().__init__(error)
        self.status, self.error, self.message = status, error, message
        self.check, self.breach, self.headers = check, breach, headers

    def response(self) -> Response:
        data = {"error": self.error, "message": self.message}
        return json_response(data, self.status, **self.headers)


def invalid(message: str, check: int, breach: str) -> Refusal:
    return Refusal(400, "InvalidRequest", message, check=check, breach=breach)


def invalid_record(message: str, where: str, check: int, breach: str) -> Refusal:
    return invalid(f"Invalid {COLLECTION} record: {message} at $.record{where}", check, breach)


@dataclass(frozen=True)
class Caller:
    """The account behind an access token."""

    did: str
    session: str


def json_body(request: Request) -> dict:
    """Refuses what is not a JSON object sent as JSON, and numbers that are not whole."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise invalid(f"Wrong request encoding (Content-Type): {kind or 'none'}", 0, "not-json")
    try:
        data = json.loads(request.body, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "SyntaxError", str(error), breach="invalid-json") from None
    if not isinstance(data, dict):
        raise invalid("A request body is expected but none was provided", 0, "invalid-json")
    return data


def _no_float(number: str) -> object:
    text = f"Expected one of null, boolean, integer, string, cid, bytes, array or object value type (got {number})"
    raise invalid(text, 25, "float")


def uri_of(did: str, key: str) -> str:
    return f"at://{did}/{COLLECTION}/{key}"


def cid_of(data: bytes, *, is_record: bool = False) -> str:
    """The name of bytes by their SHA-256: CIDv1, base32, of raw bytes or (here: of their JSON) of a record."""
    codec = 0x71 if is_record else 0x55
    name = bytes((1, codec, 0x12, 32)) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(name).decode().lower().rstrip("=")


def record_cid(record: dict) -> str:
    """The same for the same record, in whatever order it was written."""
    return cid_of(json.dumps(record, sort_keys=True).encode(), is_record=True)
