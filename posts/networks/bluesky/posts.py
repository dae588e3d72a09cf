"""A post as Bluesky keeps it: its address, its record, and what we make of one that we read back.

Contract: docs.bsky.app (creating a post, app.bsky.feed.post), atproto.com/specs/at-uri-scheme.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from ..base import Content, Found, Key, Media
from ..transport import clean
from .text import DID, HANDLE, facets, tidy

COLLECTION = "app.bsky.feed.post"
AT_URI = re.compile(
    rf"at://(?P<who>{DID.pattern}|{HANDLE})/app\.bsky\.feed\.post/(?P<key>[234567a-z]{{13}})", re.IGNORECASE
)
WEB_LINK = re.compile(
    rf"/profile/(?P<who>{DID.pattern}|{HANDLE})/post/(?P<key>[234567a-z]{{13}})(?!\w)", re.IGNORECASE
)


def uri_of(did: str, key: str) -> str:
    return f"at://{did}/{COLLECTION}/{key}"


def permalink(uri: str) -> str:
    """Where people see the post."""
    _scheme, _nothing, did, _collection, key = uri.split("/")
    return f"https://bsky.app/profile/{did}/post/{key}"


def uri_in(link: str) -> str:
    """The post that an address names, by DID or by handle, as people copy it; empty if there is none."""
    link = unquote(link)
    match = AT_URI.search(link) or WEB_LINK.search(link)
    return uri_of(match["who"], match["key"].lower()) if match else ""


def owner_and_key(uri: str) -> tuple[str, str]:
    """The DID or handle of an at:// address, and its record's key; twice nothing if it is no post's."""
    match = AT_URI.fullmatch(uri)
    return (match["who"], match["key"]) if match else ("", "")


def record(content: Content, media: Media, key: Key) -> dict:
    """What is written. The same content, media and key give the same bytes: a second try finds nothing to change."""
    prepared = media.data[0] if media.data else {"dids": {}, "pictures": [], "thumb": None}
    text = tidy(content.text)
    post = {
        "$type": COLLECTION,
        "text": text,
        "createdAt": key.made_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "langs": [content.language],
    }
    if marks := facets(text, prepared["dids"]):
        post["facets"] = marks
    if embed := _embed(content, prepared):
        post["embed"] = embed
    return post


def _embed(content: Content, prepared: dict) -> dict | None:
    if content.images:
        shown = zip(content.images, prepared["pictures"], strict=True)
        return {
            "$type": "app.bsky.embed.images",
            "images": [
                {
                    "alt": tidy(image.alt),
                    "image": picture["blob"],
                    "aspectRatio": {"width": picture["width"], "height": picture["height"]},
                }
                for image, picture in shown
            ],
        }
    if content.link is None:
        return None
    card = {
        "uri": content.link.url,
        "title": tidy(content.link.title) or content.link.url,
        "description": tidy(content.link.description),
    }
    if prepared["thumb"]:
        card["thumb"] = prepared["thumb"]
    return {"$type": "app.bsky.embed.external", "external": card}


def found(uri: str, value: dict) -> Found:
    """A record as Bluesky gives it. One without a readable time counts as older than everything."""
    return Found(
        remote_id=uri,
        url=permalink(uri),
        text=clean(str(value.get("text") or "")),
        created_at=_time(value.get("createdAt")),
        media_ids=tuple(filter(None, map(_cid, _pictures(value)))),
    )


def _pictures(value: dict) -> list:
    embed = value.get("embed")
    # A quote with pictures keeps them one level deeper.
    inner = embed.get("media") if isinstance(embed, dict) else None
    for holder in (embed, inner):
        if isinstance(holder, dict) and isinstance(holder.get("images"), list):
            return holder["images"]
    return []


def _cid(picture: object) -> str:
    blob = picture.get("image") if isinstance(picture, dict) else None
    return blob_cid(blob) if isinstance(blob, dict) else ""


def blob_cid(blob: dict) -> str:
    ref = blob.get("ref")
    return str(ref.get("$link") or "") if isinstance(ref, dict) else ""


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
