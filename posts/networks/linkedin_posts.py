"""A post as LinkedIn writes it, and what we make of one that we read back."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from . import littletext
from .base import Content, Found, Media


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
    pictures = [
        {"id": urn, "altText": littletext.tidy(image.alt)}
        for urn, image in zip(media.ids, content.images, strict=True)
    ]
    if len(pictures) == 1:
        post["content"] = {"media": pictures[0]}
    elif pictures:
        post["content"] = {"multiImage": {"images": pictures}}
    return post


def elements(data: dict) -> list[dict]:
    """The objects of a collection; whatever else stands in it is left out."""
    found = data.get("elements")
    return [element for element in found if isinstance(element, dict)] if isinstance(found, list) else []


def is_online(data: dict) -> bool:
    """Read with its author's eyes, a page also shows posts that never appeared."""
    return data.get("lifecycleState") not in ("DRAFT", "PUBLISH_FAILED")


def found(data: dict) -> Found:
    """A post as LinkedIn gives it. One without a readable time counts as older than everything."""
    content = data.get("content") if isinstance(data.get("content"), dict) else {}
    several = content.get("multiImage") if isinstance(content.get("multiImage"), dict) else {}
    pictures = [content.get("media"), *(several.get("images") or [])]
    created = data.get("createdAt") or data.get("publishedAt")
    is_time = isinstance(created, int) and 0 < created < 10**14
    urn = str(data.get("id", ""))
    return Found(
        remote_id=urn,
        url=permalink(urn),
        text=littletext.plain(str(data.get("commentary", ""))),
        created_at=datetime.fromtimestamp(created / 1000 if is_time else 0, UTC),
        media_ids=tuple(str(each["id"]) for each in pictures if isinstance(each, dict) and each.get("id")),
    )


def comparable(text: str) -> str:
    """Without what a network may change unasked: spelling of characters, blanks, invisible marks."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())
