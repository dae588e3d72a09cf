"""Pages and posts of the ledger as they are shown: parts and links, the fold, pictures, what is attached."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from .manners import Manner

LINK = re.compile(r"https?://[^\s]+[^\s.,;:!?…»)\]]")
SLACK = 40
"""A text that is only this much longer is not folded."""


def named(page: dict, network: Manner) -> dict:
    """A page with its address, its handle as readers see it, and the letters that stand in for its picture."""
    instance = page["data"].get("instance") or network.instance
    at = f"@{page['handle']}" + (f"@{instance}" if instance else "")
    return {
        **page,
        "path": network.path_of_page(page["id"]),
        "at": at if network.shows_handle and page["handle"] else "",
        "initials": initials(page["name"]),
    }


def initials(name: str) -> str:
    """An acronym if it begins with one; else up to four, of the long words; else the beginning."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if acronym := re.match(r"[A-Z]{2,5}\b", plain):
        return acronym[0]
    words = [word for word in re.findall(r"\w+", plain) if len(word) > 3]
    letters = "".join(word[0] for word in words[:4]) if len(words) > 1 else plain[:4]
    return letters.upper()


def shown(post: dict, page: dict, network: Manner, *, is_whole: bool = False) -> dict:
    """A post as its readers see it in the list, or (`is_whole`) on its own page."""
    parts = list(with_links(post["parts"])) if network.finds_links else post["parts"]
    head, tail = (parts, []) if is_whole or not network.fold else fold(parts, network.fold)
    attached = attachment(post["body"], network)
    pictures = [
        {**image, "path": picture_path(network, image["urn"])}
        for image in post["images"]
        if ":document:" not in image["urn"]
    ]
    limit = len(pictures) if is_whole else network.pictures
    is_alone = not pictures and not attached and "\n\n" not in post["text"]
    return {
        **post,
        "head": [dressed(part, network) for part in head],
        "tail": [dressed(part, network) for part in tail],
        "pictures": pictures[:limit],
        "more_pictures": len(pictures[limit:]),
        "attached": attached,
        "is_large": is_alone and 0 < len(post["text"]) <= network.large_text,
        "published": datetime.fromtimestamp(post["created"], UTC),
        "is_edited": (post["modified"] or 0) > post["created"] + 1,
        "path": network.path_of_post(post["urn"]),
        "real_address": network.real_address(page, post["urn"]),
    }


def picture_path(network: Manner, urn: str) -> str:
    return f"/_/{network.slug}/image/{quote(urn, safe='')}"


# Words ------------------------------------------------------------------------------------------------


def with_links(parts: list[list[str]]) -> Iterator[list[str]]:
    """The same parts, with the addresses in plain text as parts of kind "link"."""
    for kind, text in parts:
        end = 0
        for match in LINK.finditer(text) if kind == "text" else ():
            yield ["text", text[end : match.start()]]
            yield ["link", match[0]]
            end = match.end()
        yield [kind, text[end:]]


def fold(parts: list[list[str]], after: int) -> tuple[list[list[str]], list[list[str]]]:
    """What stands before "…see more", at the end of a word, and what comes after it; hashtags and links stay whole."""
    text = "".join(words for _kind, words in parts)
    if len(text) <= after + SLACK:
        return parts, []
    cut = max(text.rfind(" ", 0, after), text.rfind("\n", 0, after))
    left = cut if cut > 0 else after
    head: list[list[str]] = []
    for position, (kind, words) in enumerate(parts):
        if left < len(words):
            if kind != "text":
                return head, parts[position:]
            return [*head, [kind, words[:left]]], [[kind, words[left:]], *parts[position + 1 :]]
        head.append([kind, words])
        left -= len(words)
    return parts, []


def dressed(part: list[str], network: Manner) -> dict:
    """A part with where it leads, and an address as short as the network shows it."""
    kind, words = part
    if kind != "link":
        return {"kind": kind, "words": words}
    url = words if words.startswith(("https://", "http://")) else f"https://{words}"
    short = re.sub(r"^https?://(www\.)?", "", words) if network.link_length else words
    if len(short) > network.link_length > 0:
        short = f"{short[: network.link_length]}…"
    return {"kind": kind, "words": short, "url": url}


# What is attached -------------------------------------------------------------------------------------


def attachment(body: object, network: Manner) -> dict | None:
    """The document or the link of a post, wherever its network keeps it in what was sent; None without one."""
    media, article = within(body, "content", "media"), within(body, "content", "article")
    if isinstance(media, dict) and ":document:" in str(media.get("id")):
        return {"kind": "document", "title": str(media.get("title", ""))}
    for record in (body, within(body, "record")):
        article = article or within(record, "embed", "external")
    article = article or ({"uri": within(body, "link")} if within(body, "link") else None)
    if not isinstance(article, dict):
        return None
    url = str(article.get("source") or article.get("uri") or "")
    thumbnail = article.get("thumbnail") or within(article, "thumb", "ref", "$link")
    if not url.startswith(("https://", "http://")):
        return None
    return {
        "kind": "link",
        "url": url,
        "host": (urlsplit(url).hostname or "").removeprefix("www."),
        "title": str(article.get("title") or ""),
        "description": str(article.get("description") or ""),
        "picture": picture_path(network, thumbnail) if isinstance(thumbnail, str) else "",
    }


def within(data: object, *names: str) -> object:
    """What stands there in nested dicts, or None."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data
