"""A post as LinkedIn writes it, and what we make of one that we read back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from ..base import Content, Found, Media
from ..transport import clean
from ..words import tidy
from . import littletext
from .wire import POST_URN

SHARED_LINK = re.compile(r"linkedin\.com/posts/[^/?#]*?-(share|ugcPost|activity)-([0-9]{1,20})")


def permalink(urn: str) -> str:
    """Where people see the post."""
    return f"https://www.linkedin.com/feed/update/{urn}/"


def body(content: Content, media: Media, author: str) -> dict:
    """What is sent to create it. Only PUBLISHED can be created: scheduling is ours."""
    post = {
        "author": author,
        "commentary": littletext.escape(content.text),
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    if shown := _shown(content, media):
        post["content"] = shown
    return post


def _shown(content: Content, media: Media) -> dict:
    """One medium, several pictures, or an article. LinkedIn reads no page: what an article shows must be sent."""
    if content.document is not None:
        (urn,) = media.ids
        return {"media": {"id": urn, "title": tidy(content.document.title)}}
    if content.link is not None:
        article = {"source": content.link.url, "title": tidy(content.link.title)}
        if description := tidy(content.link.description):
            article["description"] = description
        if media.ids:
            (article["thumbnail"],) = media.ids
        return {"article": article}
    pictures = [
        {"id": urn, "altText": tidy(image.alt)} for urn, image in zip(media.ids, content.images, strict=True)
    ]
    if len(pictures) > 1:
        return {"multiImage": {"images": pictures}}
    return {"media": pictures[0]} if pictures else {}


def patch(content: Content) -> dict:
    """What is sent to change it: the words are all that can be changed."""
    return {"patch": {"$set": {"commentary": littletext.escape(content.text)}}}


def urn_in(link: str) -> str:
    """The URN in the address of a post, of whichever form; empty if there is none."""
    link = unquote(link)
    if match := POST_URN.search(link):
        return match[0]
    match = SHARED_LINK.search(link)
    return f"urn:li:{match[1]}:{match[2]}" if match else ""


def is_online(data: dict) -> bool:
    """Read with its author's eyes, a page also shows posts that never appeared."""
    return data.get("lifecycleState") not in ("DRAFT", "PUBLISH_FAILED")


def found(data: dict) -> Found:
    """A post as LinkedIn gives it. One without a readable time counts as older than everything."""
    content = data.get("content") if isinstance(data.get("content"), dict) else {}
    several = content.get("multiImage") if isinstance(content.get("multiImage"), dict) else {}
    article = content.get("article") if isinstance(content.get("article"), dict) else {}
    images = several.get("images") if isinstance(several.get("images"), list) else []
    media = [content.get("media"), *images, {"id": article.get("thumbnail")}]
    created = data.get("createdAt") or data.get("publishedAt")
    is_time = isinstance(created, int) and 0 < created < 10**14
    urn = clean(str(data.get("id", "")))
    return Found(
        remote_id=urn,
        url=permalink(urn),
        text=clean(littletext.plain(str(data.get("commentary") or ""))),
        created_at=datetime.fromtimestamp(created / 1000 if is_time else 0, UTC),
        media_ids=tuple(
            clean(str(each["id"])) for each in media if isinstance(each, dict) and each.get("id")
        ),
    )
