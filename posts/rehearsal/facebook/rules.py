"""What Facebook's checks share: refusals in its shape, what was asked in any of its spellings, who calls."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ..exchange import Request, Response, json_response

APP_ID = APP_SECRET = "rehearsal"
SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement", "read_insights")
OTHER_SCOPES = ("public_profile", "pages_read_user_content", "publish_video", "business_management")
TASKS = ("ANALYZE", "ADVERTISE", "MODERATE", "CREATE_CONTENT", "MANAGE")
LIVE_VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
FORM_ITEM = re.compile(r"(\w+)\[\d*\]")


class Refusal(Exception):
    """An error of the Graph API. `check` is its number in the contract's list; with `breach` the client is to blame."""

    def __init__(
        self,
        code: int,
        message: str,
        subcode: int | None = None,
        *,
        status: int = 400,
        kind: str = "OAuthException",
        is_transient: bool = False,
        words: str = "",
        check: int = 0,
        breach: str = "",
    ):
        super().__init__(message)
        self.status, self.check, self.breach = status, check, breach
        self.headers: dict[str, str] = {}
        self.error = {"message": message, "type": kind, "code": code, "fbtrace_id": secrets.token_hex(6)}
        if subcode is not None:
            self.error["error_subcode"] = subcode
        if is_transient:
            self.error["is_transient"] = True
        if words:
            self.error |= {"error_user_title": "Rehearsal", "error_user_msg": words}

    def response(self) -> Response:
        return json_response({"error": self.error}, self.status, **self.headers)


def invalid(message: str, check: int, breach: str, subcode: int | None = None) -> Refusal:
    """Code 100: a parameter is wrong, and the client should have known."""
    return Refusal(100, f"(#100) {message}", subcode, check=check, breach=breach)


def no_right(code: int, message: str, check: int) -> Refusal:
    return Refusal(code, f"(#{code}) {message}", check=check)


def not_there(verb: str, number: str) -> Refusal:
    text = (
        f"Unsupported {verb} request. Object with ID '{number}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return Refusal(100, text, 33, kind="GraphMethodException", check=39)


@dataclass(frozen=True)
class Asked:
    """Parameters from the query, a form, JSON or the parts of a form with files; JSON in a form stays text. `files` are bytes."""

    values: dict[str, object]
    in_query: frozenset[str] = frozenset()
    files: tuple[bytes, ...] = ()

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, (str, int, float)) else default

    def is_false(self, name: str) -> bool:
        return self.text(name).lower() in ("false", "0")

    def is_true(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")


def asked_of(request: Request) -> Asked:
    """Refuses JSON that is none."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    kind, _semicolon, rest = request.headers.get("content-type", "").partition(";")
    values: dict[str, object] = dict(query)
    files: tuple[bytes, ...] = ()
    match kind.strip().lower():
        case "application/json":
            try:
                data = json.loads(request.body)
            except (ValueError, RecursionError):
                data = None
            if not isinstance(data, dict):
                raise invalid("The body is no JSON object", 0, "invalid-json")
            values |= data
        case "application/x-www-form-urlencoded":
            pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
            values |= _with_lists(pairs)
        case "multipart/form-data":
            pairs, files = _parts(request.body, rest)
            values |= _with_lists(pairs)
    return Asked(values, frozenset(query), files)


def _with_lists(pairs: list[tuple[str, str]]) -> dict[str, object]:
    """`name[0]=…&name[1]=…` is a list, in the order of the form."""
    values: dict[str, object] = {}
    for name, value in pairs:
        if match := FORM_ITEM.fullmatch(name):
            items = values.setdefault(match[1], [])
            if isinstance(items, list):
                items.append(value)
        else:
            values[name] = value
    return values


def _parts(body: bytes, parameters: str) -> tuple[list[tuple[str, str]], tuple[bytes, ...]]:
    """Fields and files of multipart/form-data. A part with a file name is a file, whatever it is called."""
    boundary = re.search(r'boundary="?([^";]+)"?', parameters)
    if boundary is None:
        raise invalid("multipart/form-data without a boundary", 14, "no-boundary")
    fields, files = [], []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        if part.startswith(b"--"):
            break
        head, _blank, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = head.decode(errors="replace")
        name = re.search(r'[; ]name="([^"]*)"', headers)
        if re.search(r"[; ]filename\*?=", headers):
            files.append(data)
        elif name:
            fields.append((name[1], data.decode(errors="replace")))
    return fields, tuple(files)


@dataclass(frozen=True)
class Caller:
    """Whose token it is: a page's (`page`), a person's, or the app's own."""

    kind: str
    token: str = field(repr=False)
    page: str = ""
    member: str = ""
    scopes: frozenset[str] = frozenset()
    tasks: tuple[str, ...] = ()
    expires: float | None = None
    data: dict = field(default_factory=dict)

    def must_write(self, page: str) -> None:
        """Refuses who may not write as this page."""
        if self.kind != "PAGE":
            text = "A page access token is required to publish as the page"
            raise Refusal(200, f"(#200) {text}", check=8, breach="token-of-a-person")
        if "pages_manage_posts" not in self.scopes:
            raise no_right(200, "Requires pages_manage_posts permission", 9)
        if page != self.page:
            raise no_right(200, "The token is that of another page", 8)
        if "CREATE_CONTENT" not in self.tasks:
            raise no_right(200, "The user must have the CREATE_CONTENT task on the page", 10)

    def must_read(self, page: str) -> None:
        if "pages_read_engagement" not in self.scopes:
            raise no_right(10, "This endpoint requires the 'pages_read_engagement' permission", 9)
        if self.kind != "PAGE" or page != self.page:
            raise no_right(10, "The token does not reach this page", 9)

    def must_measure(self, page: str) -> None:
        self.must_read(page)
        if "read_insights" not in self.scopes or "ANALYZE" not in self.tasks:
            raise no_right(200, "Requires read_insights permission and the ANALYZE task", 9)


def fields_in(said: str) -> list[str]:
    """The names in a `fields` parameter, without what hangs below or behind each."""
    names, depth, name = [], 0, ""
    for character in said + ",":
        depth += (character in "{(") - (character in "})")
        if character == "," and depth == 0:
            names.append(re.split(r"[.{(]", name.strip())[0])
            name = ""
        else:
            name += character
    return [each for each in names if each]


def chosen(data: dict, said: str, default: str) -> dict:
    """The fields that were asked for, and the id. One unknown name kills the whole call."""
    names = fields_in(said or default)
    for name in names:
        if name not in data:
            raise invalid(f"Tried accessing nonexisting field ({name})", 18, "unknown-field")
    return {name: data[name] for name in dict.fromkeys(["id", *names]) if data[name] is not None}
