"""What a Facebook post must be made of, and how readers see its words."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .rules import Asked, Refusal, invalid

TEXT_LIMIT = 63_206
MOST_PICTURES = 10
SOONEST, LATEST = 600, 30 * 86_400
WORD = re.compile(
    r"(?P<link>https?://[^\s]+[^\s.,;:!?…»)\]])|(?P<hashtag>(?<![\w#&/])#(?=\w*[^\W\d_])\w+)|@\[(?P<page>\d+)\]"
)


@dataclass(frozen=True)
class Body:
    message: str
    link: str
    pictures: list[str]
    is_published: bool
    is_scheduled: bool

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.message, self.link)


def body_of(asked: Asked, now: float) -> Body:
    """Refuses what is no post, in the order in which a reader of the contract would look."""
    message = asked.text("message").replace("\r\n", "\n").strip()
    link, pictures = asked.text("link"), _pictures(asked)
    if not message and not link and not pictures:
        raise invalid("One of message, link or attached_media is required", 11, "nothing-to-post")
    if len(message.encode("utf-16-le", "surrogatepass")) // 2 > TEXT_LIMIT:
        raise invalid("The message is too long", 0, "text-too-long")
    if len(pictures) > MOST_PICTURES:
        raise invalid("A post shows at most 10 photos", 0, "too-many-pictures")
    host = urlsplit(link).hostname or ""
    if link and (
        not link.startswith(("http://", "https://")) or host.endswith(".invalid") or "." not in host
    ):
        raise Refusal(1609005, "(#1609005) The link could not be scraped", check=23)
    is_scheduled = _check_time(asked, bool(pictures), now)
    return Body(message, link, pictures, not asked.is_false("published"), is_scheduled)


def fingerprint(message: str, link: str = "") -> str:
    """What two posts are compared by."""
    return hashlib.sha256(f"{message}\n{link}".encode(errors="replace")).hexdigest()


def _pictures(asked: Asked) -> list[str]:
    """An array of objects in JSON; in a form an array of JSON texts, or one JSON text."""
    if "attached_media" not in asked.values:
        return []
    media = _parsed(asked.values["attached_media"])
    items = [_parsed(each) for each in media] if isinstance(media, list) else None
    if not items or not all(isinstance(each, dict) and "media_fbid" in each for each in items):
        raise invalid("param attached_media must be an array.", 12, "attached-media")
    return [str(each["media_fbid"]) for each in items]


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _check_time(asked: Asked, has_pictures: bool, now: float) -> bool:
    if "scheduled_publish_time" not in asked.values:
        return False
    if not asked.is_false("published"):
        raise invalid("A scheduled post is published=false", 20, "scheduled-and-published")
    if not is_far_enough(asked.text("scheduled_publish_time"), now):
        raise invalid("scheduled_publish_time must be 10 minutes to 30 days away", 19, "schedule-bounds")
    if has_pictures and asked.text("unpublished_content_type") != "SCHEDULED":
        raise invalid("unpublished_content_type must be SCHEDULED", 21, "content-type")
    return True


def is_far_enough(said: str, now: float) -> bool:
    """As seconds since 1970: the other spellings of the real one are not known here."""
    return said.isdecimal() and SOONEST <= float(said) - now <= LATEST


def read(message: str, names: dict[str, str]) -> tuple[str, list[list[str]]]:
    """What readers see, whole and in parts. A mention of a page that there is shows its name."""
    parts: list[list[str]] = []
    end = 0
    for match in WORD.finditer(message):
        page = match["page"]
        if page and page not in names:
            continue
        if match.start() > end:
            parts.append(["text", message[end : match.start()]])
        parts.append(["mention", names[page]] if page else [match.lastgroup, match[0]])
        end = match.end()
    if end < len(message):
        parts.append(["text", message[end:]])
    return "".join(words for _kind, words in parts), parts
