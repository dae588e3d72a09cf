"""The rehearsal network as its readers would see it: a company page, and each post on a page of its own."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from ..networks.linkedin import FOLD
from ..networks.linkedin_posts import permalink
from .exchange import Request, Response
from .ledger import Ledger
from .littletext import LINK

COMPANY = re.compile(r"/linkedin/company/([\w-]+)/")
UPDATE = re.compile(r"/linkedin/feed/update/([^/]+)/")
STATIC = re.compile(r"/static/(css/rehearsal\.css|fonts/[\w-]+\.woff2)")
SHOWN_AT_ONCE = 30
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


class Pages:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(405, b"", {"Allow": "GET, HEAD"})
        path = request.path
        if path == "/":
            return self._index()
        if path == "/robots.txt":
            return Response(200, b"User-agent: *\nDisallow: /\n", {"Content-Type": "text/plain"})
        if path == "/favicon.ico":
            return Response(204)
        if match := STATIC.fullmatch(path):
            return _static(match[1])
        if match := COMPANY.fullmatch(path):
            return self._company(match[1], request.asked.get("before", ""))
        if match := UPDATE.fullmatch(path):
            return self._update(unquote(match[1]))
        return _page("missing", 404)

    def _index(self) -> Response:
        counts = {
            row["author"]: row["count"]
            for row in self.ledger.rows(
                "SELECT author, count(*) AS count FROM post WHERE deleted IS NULL AND is_visible GROUP BY author"
            )
        }
        rows = self.ledger.rows("SELECT * FROM organisation ORDER BY name")
        pages = [{**_named(row), "posts": counts.get(f"urn:li:organization:{row['id']}", 0)} for row in rows]
        return _page("index", pages=pages)

    def _company(self, key: str, before: str) -> Response:
        row = self.ledger.row("SELECT * FROM organisation WHERE id = ? OR vanity = ?", key, key)
        if row is None:
            return _page("missing", 404)
        author, last = f"urn:li:organization:{row['id']}", before or "9"
        visible = "author = ? AND deleted IS NULL AND is_visible"
        total = self.ledger.rows(f"SELECT count(*) AS count FROM post WHERE {visible}", author)[0]["count"]
        # URNs of one kind and length: their order is the order of time.
        urns = self.ledger.rows(
            f"SELECT urn FROM post WHERE {visible} AND substr(urn, 14) < ? ORDER BY urn DESC LIMIT ?",
            *(author, last.rpartition(":")[2], SHOWN_AT_ONCE + 1),
        )
        posts = [_shown(self.ledger.post(found["urn"])) for found in urns[:SHOWN_AT_ONCE]]
        older = posts[-1]["urn"] if len(urns) > SHOWN_AT_ONCE else ""
        return _page("company", page=_named(row), posts=posts, total=total, older=older, is_first=not before)

    def _update(self, urn: str) -> Response:
        post = self.ledger.post(urn)
        if post is None or not post["is_visible"]:
            return _page("missing", 404)
        number = post["author"].rpartition(":")[2]
        page = _named(self.ledger.row("SELECT * FROM organisation WHERE id = ?", number))
        if post["deleted"] is not None:
            return _page("removed", 410, page=page)
        return _page("update", page=page, post=_shown(post, is_whole=True))


def _page(name: str, status: int = 200, **context) -> Response:
    with translation.override(settings.LANGUAGE_CODE):
        html = render_to_string(f"rehearsal/{name}.html", {"school": settings.SCHOOL_NAME, **context})
    return Response(status, html.encode(), {"Content-Type": "text/html; charset=utf-8", **SECURITY})


def _static(name: str) -> Response:
    path = settings.BASE_DIR / "static" / name
    if not path.is_file():
        return Response(404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(200, path.read_bytes(), {"Content-Type": kind, "Cache-Control": "max-age=300"})


def _named(row: dict) -> dict:
    """A page with the letters that stand in for its logo: up to four initials, else the beginning of its name."""
    plain = unicodedata.normalize("NFKD", row["name"]).encode("ascii", "ignore").decode()
    words = [word for word in re.findall(r"\w+", plain) if len(word) > 3]
    letters = "".join(word[0] for word in words[:4]) if len(words) > 1 else plain[:4]
    return {**row, "initials": letters.upper()}


def _shown(post: dict, *, is_whole: bool = False) -> dict:
    parts = list(_with_links(post["parts"]))
    head, tail = (parts, []) if is_whole else fold(parts)
    published = datetime.fromtimestamp(post["created"], UTC)
    return {**post, "head": head, "tail": tail, "published": published, "permalink": permalink(post["urn"])}


def _with_links(parts: list[list[str]]):
    """The same parts, with the addresses in plain text as parts of kind "link"."""
    for kind, text in parts:
        end = 0
        for match in LINK.finditer(text) if kind == "text" else ():
            yield ["text", text[end : match.start()]]
            yield ["link", match[0]]
            end = match.end()
        yield [kind, text[end:]]


def fold(parts: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """What stands before "…see more", at the end of a word, and what comes after it; hashtags and links stay whole."""
    text = "".join(words for _kind, words in parts)
    if len(text) <= FOLD + 40:
        return parts, []
    cut = max(text.rfind(" ", 0, FOLD), text.rfind("\n", 0, FOLD))
    left = cut if cut > 0 else FOLD
    head: list[list[str]] = []
    for position, (kind, words) in enumerate(parts):
        if left < len(words):
            if kind != "text":
                return head, parts[position:]
            return [*head, [kind, words[:left]]], [[kind, words[left:]], *parts[position + 1 :]]
        head.append([kind, words])
        left -= len(words)
    return parts, []
