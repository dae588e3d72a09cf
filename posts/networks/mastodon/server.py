"""What a Mastodon server says of itself: its limits, its software, and so whether a second try with one key is safe.

Contract: docs.joinmastodon.org/entities/Instance. Source of `source_url` and `version`: app/serializers/rest/instance_serializer.rb.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..base import Credentials, Limits
from ..transport import clean
from .wire import ask

LIMITS = Limits(
    text=500,
    images=4,
    alt=1500,
    image_bytes=16 * 1024 * 1024,
    image_pixels=33_177_600,
    image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    url_length=23,
)
"""Of a Mastodon that nobody changed."""
REPEAT_SECONDS = 3000.0
"""Mastodon keeps a key for 3600 s, counted from when the post was made there."""
SOURCE = "github.com/mastodon/mastodon"
VERSION = re.compile(r"\d+\.\d+\.\d+(?:-?(?:alpha|beta|rc|nightly)[\w.-]*)?")
"""Forks add +name, other software (compatible; Name 1.2)."""

OTHER_SOFTWARE = _(
    "This server does not run Mastodon itself. After a lost answer a post is never sent again by itself there: somebody is asked."
)
LIMITED = _(
    "The server shows this account's posts less widely than others. Staff must look at the account there."
)


def instance(credentials: Credentials) -> dict:
    """The server's description of itself. Raises Outcome."""
    answer = ask(credentials, "GET", "/api/v2/instance", accept=(200, 404))
    if answer.status == 404:
        answer = ask(credentials, "GET", "/api/v1/instance")
    return answer.json()


def is_mastodon(instance: dict) -> bool:
    """Is it Mastodon itself, unchanged? It names its source there and a bare version; whoever changed it names their own."""
    source = str(instance.get("source_url", "")).lower().removesuffix("/").removesuffix(".git")
    return source.partition("://")[2] == SOURCE and bool(VERSION.fullmatch(str(instance.get("version", ""))))


def limits_there(instance: dict) -> dict:
    """What differs from LIMITS, by name. A figure that is none, or not above zero, is not believed."""
    configuration = _dict(instance.get("configuration"))
    statuses, media = (_dict(configuration.get(name)) for name in ("statuses", "media_attachments"))
    figures = {
        "text": statuses.get("max_characters"),
        "images": statuses.get("max_media_attachments"),
        "url_length": statuses.get("characters_reserved_per_url"),
        "alt": media.get("description_limit"),
        "image_bytes": media.get("image_size_limit"),
        "image_pixels": media.get("image_matrix_limit"),
    }
    there: dict = {
        name: figure
        for name, figure in figures.items()
        if _is_figure(figure) and figure != getattr(LIMITS, name)
    }
    kinds = media.get("supported_mime_types")
    pictures = [k for k in kinds if str(k).startswith("image/")] if isinstance(kinds, list) else []
    if pictures and tuple(pictures) != LIMITS.image_types:
        there["image_types"] = pictures
    if is_mastodon(instance):
        there["repeat_seconds"] = REPEAT_SECONDS
    return there


def handle(account: dict, instance: dict, api_url: str) -> str:
    """user@host, where the host may be another than the one that is called."""
    host = instance.get("domain") or instance.get("uri")
    if not isinstance(host, str) or not re.fullmatch(r"[\w.-]+(?::\d+)?", host):
        host = urlsplit(api_url).netloc
    return clean(f"{account.get('username') or account.get('acct') or ''}@{host}")


def warning(account: dict, instance: dict) -> str | Promise:
    if account.get("limited") or account.get("suspended"):
        return LIMITED
    return "" if is_mastodon(instance) else OTHER_SOFTWARE


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _is_figure(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
