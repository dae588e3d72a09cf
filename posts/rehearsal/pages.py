"""The rehearsal networks as their readers would see them: every page, and each post on a page of its own."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from .exchange import Request, Response
from .ledger import Ledger
from .manners import MANNERS, Manner
from .showing import named, shown

SLUGS = "|".join(MANNERS)
PAGES = (re.compile(rf"/({SLUGS})/([^/]+)/?"), re.compile(r"/(linkedin)/company/([^/]+)/?"))
POSTS = (
    re.compile(rf"/({SLUGS})/post/([^/]+)/?"),
    re.compile(r"/(linkedin)/feed/update/([^/]+)/?"),
    re.compile(r"/(x)/[^/]+/status/([^/]+)/?"),
    re.compile(r"/(mastodon)/(?:@[^/]+|statuses)/([^/]+)/?"),
)
STATIC = re.compile(r"/static/(css/rehearsal\.css|fonts/[\w-]+\.woff2)")
SHOWN_AT_ONCE = 30
VISIBLE = "deleted IS NULL AND is_visible"
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
        if match := _first(POSTS, path):
            return self._post(MANNERS[match[1]], unquote(match[2]))
        if match := _first(PAGES, path):
            return self._page(MANNERS[match[1]], unquote(match[2]), request.asked.get("before", ""))
        return html("missing", 404)

    def _index(self) -> Response:
        query = (
            f"SELECT network, author, count(*) AS count FROM post WHERE {VISIBLE} GROUP BY network, author"
        )
        counts = {(row["network"], row["author"]): row["count"] for row in self.ledger.rows(query)}
        networks = [
            {
                "network": network,
                "pages": [
                    {
                        **named(page, network),
                        "posts": counts.get((network.slug, network.author_of(page["id"])), 0),
                    }
                    for page in self.ledger.pages(network.slug)
                ],
            }
            for network in MANNERS.values()
        ]
        return html("index", networks=networks)

    def _page(self, network: Manner, key: str, before: str) -> Response:
        """`key` is the page's id or its handle; `before` the post after which the list goes on."""
        page = self.ledger.page(network.slug, key) or next(
            (page for page in self.ledger.pages(network.slug) if key.removeprefix("@") == page["handle"]),
            None,
        )
        if page is None:
            return html("missing", 404)
        mine = f"network = ? AND author = ? AND {VISIBLE}"
        whose = network.slug, network.author_of(page["id"])
        total = self.ledger.rows(f"SELECT count(*) AS count FROM post WHERE {mine}", *whose)[0]["count"]
        last = before and self.ledger.row("SELECT created, rowid AS number FROM post WHERE urn = ?", before)
        where, position = (" AND (created, rowid) < (?, ?)", last.values()) if last else ("", ())
        found = self.ledger.rows(
            f"SELECT urn FROM post WHERE {mine}{where} ORDER BY created DESC, rowid DESC LIMIT ?",
            *(*whose, *position, SHOWN_AT_ONCE + 1),
        )
        posts = [shown(self.ledger.post(row["urn"]), page, network) for row in found[:SHOWN_AT_ONCE]]
        older = posts[-1]["urn"] if len(found) > SHOWN_AT_ONCE else ""
        return html(
            "page",
            network=network,
            page=named(page, network),
            posts=posts,
            total=total,
            older=older,
            is_first=not last,
        )

    def _post(self, network: Manner, urn: str) -> Response:
        post = self.ledger.post(urn)
        if post is None or post["network"] != network.slug or not post["is_visible"]:
            return html("missing", 404)
        key = network.page_of(post["author"])
        page = self.ledger.page(network.slug, key) or {
            **{"network": network.slug, "id": key, "name": key, "handle": ""},
            **{"followers": 0, "tagline": "", "data": {}},
        }
        context = {"network": network, "page": named(page, network)}
        if post["deleted"] is not None:
            return html("removed", 410, **context)
        return html("post", **context, post=shown(post, page, network, is_whole=True))


def html(name: str, status: int = 200, headers: dict | None = None, **context) -> Response:
    """A page of the rehearsal, in the language of the school."""
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string(f"rehearsal/{name}.html", {"school": settings.SCHOOL_NAME, **context})
    kind = {"Content-Type": "text/html; charset=utf-8"}
    return Response(status, text.encode(), kind | SECURITY | (headers or {}))


def html_with_form(name: str, status: int = 200, *, form_action: str = "'self'", **context) -> Response:
    """The same with a form on it, which may lead to `form_action`."""
    policy = SECURITY["Content-Security-Policy"].replace("form-action 'none'", f"form-action {form_action}")
    return html(name, status, {"Content-Security-Policy": policy}, **context)


def _first(patterns: tuple[re.Pattern, ...], path: str) -> re.Match | None:
    return next(filter(None, (pattern.fullmatch(path) for pattern in patterns)), None)


def _static(name: str) -> Response:
    path = settings.BASE_DIR / "static" / name
    if not path.is_file():
        return Response(404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(200, path.read_bytes(), {"Content-Type": kind, "Cache-Control": "max-age=300"})
