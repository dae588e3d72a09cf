"""X's text: what is sent, how long X counts it, which addresses it sees there, and a post as people read it.

Source: docs.x.com (counting characters; post entities), twitter-text configuration v3.
"""

from __future__ import annotations

import re

from .. import words
from ..base import Content

INVALID = "\ufffe\ufeff\uffff"
"""Characters that X refuses a text for."""
HOST = re.compile(r"[^\s!#-,/:-@\[-^{-~]+")
"""What the parser tries to read as the name of a server."""
MOST_DOTS = 8
CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")
MENTION = re.compile(r"(?<![\w@/])@\w{1,15}\b(?!@)")
SHORT = re.compile(r"\s*https://t\.co/\w+\s*$")
SHOWN_MEDIA = re.compile(r"/status/([0-9]+)/(?:photo|video)/[0-9]+/?$")
SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)
LAST_SLASH = re.compile(r"/(?=\s|$)")


def tidy(text: str) -> str:
    """The text as it is sent: nothing around it, and nothing that X refuses a text for."""
    return words.tidy(text).translate(dict.fromkeys(map(ord, INVALID))).strip()


def outgoing(content: Content) -> str:
    """What is sent: the text, and the address of its link unless people wrote it there already."""
    text = tidy(content.text)
    if content.link is None or content.link.url in (*links(text), *text.split()):
        return text
    return f"{text}\n\n{content.link.url}".strip()


def weight(text: str) -> int:
    """The weighted length: 23 for an address, 2 for an emoji or a character outside the first ranges, 1 for others."""
    # Takes a quarter of a second, so only where somebody writes for X.
    from twitter_text import parse_tweet

    return parse_tweet(_untangled(tidy(text))).weightedLength


def links(text: str) -> list[str]:
    """What X makes an address of, as it stands there: with or without https://."""
    from twitter_text import extract_urls_with_indices

    text = tidy(text)
    found = [each["indices"] for each in extract_urls_with_indices(_untangled(text))]
    return [text[start:end] for start, end in found]


def plain(data: dict) -> str:
    """The words of a post that X gives: addresses as they were written, without the one that stands for its pictures."""
    note = data.get("note_tweet")
    # Above 280 only this has the whole text.
    source = note if isinstance(note, dict) and isinstance(note.get("text"), str) else data
    text = _unescape(str(source.get("text") or "")).rstrip()
    entities = source.get("entities") if isinstance(source.get("entities"), dict) else {}
    has_media_link = source is data and bool(media_keys(data))
    for short, entity in _by_short(entities.get("urls")).items():
        if _is_media(entity, str(data.get("id", ""))):
            text, has_media_link = text.removesuffix(short).rstrip(), False
        else:
            written = str(entity.get("expanded_url") or short)
            text = re.sub(rf"{re.escape(short)}(?!\w)", lambda _match, written=written: written, text)
    return SHORT.sub("", text) if has_media_link else text


def media_keys(data: dict) -> tuple[str, ...]:
    attached = data.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, dict) else None
    return tuple(str(key) for key in keys) if isinstance(keys, list) else ()


def comparable(text: str) -> str:
    """Without what X may change unasked: spelling of characters, blanks, invisible marks, how an address begins and ends."""
    return LAST_SLASH.sub("", SCHEME.sub("", words.comparable(text)))


def _untangled(text: str) -> str:
    """Of the same weight, without what nobody's server is called and what keeps the parser busy for minutes: a.a.a.a.a.a.a.a.a.a."""
    return HOST.sub(lambda run: run[0].replace(".", ",") if run[0].count(".") > MOST_DOTS else run[0], text)


def _unescape(text: str) -> str:
    """Only these three are escaped; &copy or &eacute were typed."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _by_short(urls: object) -> dict[str, dict]:
    """Entities by their t.co address, which several pictures share."""
    found = urls if isinstance(urls, list) else []
    return {
        each["url"]: each for each in found if isinstance(each, dict) and isinstance(each.get("url"), str)
    }


def _is_media(entity: dict, number: str) -> bool:
    match = SHOWN_MEDIA.search(str(entity.get("expanded_url") or ""))
    return "media_key" in entity or (match is not None and match[1] == number)
