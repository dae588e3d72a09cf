"""The rehearsal network as its readers would see it: a company page with what was published on it."""

from __future__ import annotations

import mimetypes
import re
from datetime import UTC, datetime
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string

from ..networks.linkedin import FOLD
from .ledger import Ledger
from .linkedin import Request, Response

POST_PATH = re.compile(r"/linkedin/feed/update/([^/]+)/")
PAGE_PATH = re.compile(r"/linkedin/company/(\d+)/")
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def answer(ledger: Ledger, request: Request) -> Response:
    """The page at this path, or 404."""
    if request.method not in ("GET", "HEAD"):
        return Response(405)
    path = request.path
    if path == "/":
        return _page("rehearsal/index.html", pages=ledger.rows("SELECT * FROM organisation ORDER BY name"))
    if path == "/robots.txt":
        return Response(200, b"User-agent: *\nDisallow: /\n", {"Content-Type": "text/plain"})
    if path.startswith("/static/"):
        return _static(path.removeprefix("/static/"))
    if match := PAGE_PATH.fullmatch(path):
        organisation = ledger.row("SELECT * FROM organisation WHERE id = ?", match[1])
        if organisation:
            author = f"urn:li:organization:{match[1]}"
            posts = [_shown(post) for post in ledger.posts("linkedin") if post["author"] == author]
            return _page("rehearsal/linkedin_page.html", page=_company(organisation), posts=posts)
    if match := POST_PATH.fullmatch(path):
        post = ledger.post(unquote(match[1]))
        if post and not post["deleted"]:
            organisation = ledger.row(
                "SELECT * FROM organisation WHERE id = ?", post["author"].rsplit(":", 1)[1]
            )
            return _page(
                "rehearsal/linkedin_page.html",
                page=_company(organisation),
                posts=[_shown(post)],
                is_single=True,
            )
    if path.startswith("/linkedin/image/") and (
        picture := ledger.picture(unquote(path.removeprefix("/linkedin/image/")))
    ):
        return Response(
            200, picture, {"Content-Type": picture_type(picture), "Cache-Control": "max-age=3600"}
        )
    response = _page("rehearsal/missing.html")
    response.status = 404
    return response


def picture_type(data: bytes) -> str:
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


def _page(template: str, **context) -> Response:
    html = render_to_string(template, {"school": settings.SCHOOL_NAME, **context})
    return Response(200, html.encode(), {"Content-Type": "text/html; charset=utf-8", **SECURITY})


def _static(name: str) -> Response:
    root = (settings.BASE_DIR / "static").resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return Response(404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(200, path.read_bytes(), {"Content-Type": kind, "Cache-Control": "max-age=300"})


def _company(organisation: dict) -> dict:
    initials = "".join(word[0] for word in organisation["name"].split()[:2]).upper()
    return {**organisation, "initials": initials}


def _shown(post: dict) -> dict:
    text = post["text"]
    is_folded = len(text) > FOLD + 40
    cut = text.rfind(" ", 0, FOLD) if is_folded else len(text)
    return {
        **post,
        "published_at": datetime.fromtimestamp(post["created"], UTC),
        "opening": pieces(text[:cut]),
        "rest": pieces(text[cut:]) if is_folded else [],
    }


def pieces(text: str) -> list[tuple[bool, str]]:
    """The text cut into (is a hashtag, words)."""
    return [
        (part.startswith("#") and len(part) > 1, part) for part in re.split(r"((?<!\w)#\w+)", text) if part
    ]
