"""Public pages that nobody keeps without asking again: what is withdrawn is gone at the next look, the same again costs a 304."""

import hashlib
from functools import cache

from django.conf import settings
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

PERSONAL = {settings.SESSION_COOKIE_NAME, "messages"}
"""Cookies of those whose frame differs: they are signed in, or something is to be said to them."""


def fingerprint(request, *shown) -> str:
    """Of a page's content: `shown` is all that it shows, the rest is where and in which words."""
    place = (request.get_full_path(), request.LANGUAGE_CODE, settings.SCHOOL_NAME, settings.PUBLIC_URL)
    return hashlib.sha256(repr((shown, place, _release())).encode()).hexdigest()[:32]


@cache
def _release():
    """What an update of the program changes on a page: its templates, its stylesheet."""
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    return max(path.stat().st_mtime_ns for path in templates), static("css/app.css")


def asked_anew(request, mark, make):
    """What `make` makes, unless the reader has it: `mark` is its fingerprint, or None where there is nothing to keep."""
    is_personal = not PERSONAL.isdisjoint(request.COOKIES)
    etag = None
    if mark and not is_personal:
        # The frame holds a form whose token belongs to this cookie.
        token = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
        etag = f'"{hashlib.sha256((mark + token).encode()).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag) or make()
    if etag and response.status_code in (200, 304):
        response.headers["ETag"] = etag
    patch_cache_control(response, no_cache=True, **({"private": True} if is_personal else {}))
    patch_vary_headers(response, ["Cookie"])
    return response
