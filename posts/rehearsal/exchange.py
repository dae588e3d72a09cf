"""What the rehearsal server is asked and what it answers, free of how HTTP is served."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, parse_qsl


@dataclass(frozen=True)
class Request:
    """`path` and `query` as they stood on the request line, still encoded; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def asked(self) -> dict[str, str]:
        """The query's parameters, the first value of each."""
        return {name: values[0] for name, values in parse_qs(self.query, keep_blank_values=True).items()}

    @cached_property
    def form(self) -> dict[str, str]:
        """An urlencoded body's fields, the first value of each; empty for any other body."""
        if (
            self.headers.get("content-type", "").partition(";")[0].strip()
            != "application/x-www-form-urlencoded"
        ):
            return {}
        pairs = parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)
        return dict(reversed(pairs))


@dataclass
class Response:
    """An answer, or with `cut` the lack of one: the connection is closed without a word."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    delay: float = 0.0
    """Seconds to wait before answering."""
    endless: bool = False
    """A body of which a byte comes each second, for ever."""


def json_response(data: object, status: int = 200, **headers: str) -> Response:
    return Response(status, json.dumps(data).encode(), {"Content-Type": "application/json", **headers})


def broken_response(status: int, *, is_html: bool = False) -> Response:
    """The answer of a network that is unwell, or of the machine in front of it."""
    if is_html:
        page = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
        return Response(status, page, {"Content-Type": "text/html"})
    return json_response({"status": status, "message": "Internal Server Error"}, status)
