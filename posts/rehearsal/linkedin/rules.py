"""What LinkedIn's checks share: refusals in its shape, who calls, URNs, scopes, roles."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from ..exchange import Request, Response, json_response

DEFAULT_SCOPES = "w_organization_social r_organization_social rw_organization_admin"
ADMIN_SCOPES = frozenset({"rw_organization_admin", "r_organization_admin"})
READ_SCOPES = frozenset({"r_organization_social"})
POSTING_ROLES = {
    "ADMINISTRATOR",
    "CONTENT_ADMIN",
    "CONTENT_ADMINISTRATOR",
    "DIRECT_SPONSORED_CONTENT_POSTER",
}
NOT_PERMITTED = "Insufficient permissions to perform the requested action"
URN = re.compile(r"urn:li:([a-zA-Z]+):(.+)", re.DOTALL)


class Refusal(Exception):
    """An answer that is not the wanted one. `check` is its number in the contract's list; with `breach` the client is to blame."""

    def __init__(
        self,
        status: int,
        code: str = "",
        message: str = "",
        number: int | None = None,
        *,
        check: int = 0,
        breach: str = "",
    ):
        super().__init__(code or message)
        self.status, self.check, self.breach = status, check, breach
        self.headers: dict[str, str] = {}
        self.data: dict = {"status": status, "message": message}
        if code:
            self.data["code"] = code
        if number is not None:
            self.data["serviceErrorCode"] = number

    def response(self) -> Response:
        return json_response(self.data, self.status, **{"x-restli-error-response": "true"}, **self.headers)


def illegal(message: str, check: int, breach: str) -> Refusal:
    return Refusal(400, "ILLEGAL_ARGUMENT", message, check=check, breach=breach)


def wrong_value(message: str, check: int, breach: str) -> Refusal:
    return Refusal(400, "INVALID_VALUE_FOR_FIELD", message, check=check, breach=breach)


def forbidden(message: str, check: int) -> Refusal:
    return Refusal(403, "ACCESS_DENIED", message, 100, check=check)


def not_found() -> Refusal:
    return Refusal(404, "NOT_FOUND", "Could not find entity")


@dataclass(frozen=True)
class Caller:
    """The member behind a token: their role on each page (by its number), and what was consented to."""

    member: str
    roles: Mapping[str, str]
    scopes: frozenset[str]

    def role_on(self, page: str) -> str:
        """On the page of this URN; empty if there is none."""
        return self.roles.get(page.removeprefix("urn:li:organization:"), "")

    def must_be_allowed_to_post(self, operation: str) -> None:
        if "w_organization_social" not in self.scopes:
            raise forbidden(f"Not enough permissions to access: partnerApiPostsExternal.{operation}", 9)

    def must_post_as(self, author: object, operation: str = "CREATE") -> None:
        """Refuses who may not write in this author's name; a URN of the wrong form first."""
        match = URN.fullmatch(author) if isinstance(author, str) else None
        if match is None or match[1] not in ("organization", "person"):
            raise Refusal(
                400, "INVALID_URN_TYPE", f"Invalid urn {author}", check=15, breach="author-is-no-urn"
            )
        if not re.fullmatch(r"[0-9]+" if match[1] == "organization" else r"[\w-]+", match[2]):
            raise Refusal(400, "INVALID_URN_ID", f"Invalid urn id {author}", check=15, breach="author-urn-id")
        self.must_be_allowed_to_post(operation)
        if self.role_on(author) not in POSTING_ROLES:
            raise forbidden(NOT_PERMITTED, 10)

    def must_read(self, operation: str) -> None:
        if not self.scopes & READ_SCOPES:
            raise forbidden(f"Not enough permissions to access: partnerApiPostsExternal.{operation}", 39)

    def must_administer(self, page: str, what: str) -> None:
        if not self.scopes & ADMIN_SCOPES:
            raise forbidden(f"Not enough permissions to access: {what}", 9)
        if self.role_on(page) != "ADMINISTRATOR":
            raise forbidden(NOT_PERMITTED, 10)


def json_body(request: Request) -> dict:
    """Refuses what is not a JSON object sent as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        text = "Only application/json is supported"
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", text, check=19, breach="not-json")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise illegal("Request body could not be converted to data map", 19, "invalid-json")
    return data


def urn_in(key: str) -> str:
    """The URN in a path, which must stand there percent-encoded."""
    if ":" in key or "/" in key:
        raise illegal("A URN in a path must be percent-encoded", 35, "unencoded-urn")
    return unquote(key)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
