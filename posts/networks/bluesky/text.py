"""Text as Bluesky counts and marks it: graphemes, and facets, which say byte by byte what is a link, a hashtag, a mention.

Contract: docs.bsky.app/docs/advanced-guides/post-richtext. The network checks no facet against the text: a wrong one shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import regex

from .. import words
from ..words import graphemes

DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,300}(?<![:%])")
HANDLE = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
MARK = re.compile(
    rf"""(?xi)
    (?<![\w@/.]) (?P<link> (?:https?://|www\.(?=[\w-]+\.)) [^\s<>"“”«»\u200b\u2060]+ )
    | (?<![\w&/\#＃]) [\#＃] (?![\ufe0f\u20e3]) (?P<tag> [^\s\#＃\u00ad\u200a-\u200d\u2060\u20e2\u20e3]+ )
    | (?<![\w@.+/-]) @ (?P<handle> {HANDLE} ) (?! [\w@-] | \.\w )"""
)
CLOSING = {")": "(", "]": "["}
TAG_GRAPHEMES, TAG_BYTES = 64, 640


def tidy(text: str) -> str:
    """The text as it is sent, with nothing around it."""
    return words.tidy(text).strip()


def handles(text: str) -> list[str]:
    """The accounts that a text seems to name, each once, without @."""
    named = (match["handle"].lower() for match in MARK.finditer(text) if match["handle"])
    return list(dict.fromkeys(named))


def facets(text: str, dids: Mapping[str, str]) -> list[dict]:
    """What is alive in this text, in its order. `dids` are the accounts by handle: one that is not there stays plain text."""
    return [
        {
            "index": {
                "byteStart": len(text[:start].encode()),
                "byteEnd": len(text[:end].encode()),
            },
            "features": [feature],
        }
        for start, end, feature in _marks(text, dids)
    ]


def _marks(text: str, dids: Mapping[str, str]) -> Iterator[tuple[int, int, dict]]:
    """(start, end, feature), in characters, never overlapping."""
    for match in MARK.finditer(text):
        start = match.start()
        if match["link"]:
            link = _without_closing(match["link"])
            uri = link if "://" in link else f"https://{link}"
            if "." in uri or ":" in uri.partition("://")[2]:
                yield start, start + len(link), {"$type": "app.bsky.richtext.facet#link", "uri": uri}
        elif match["tag"]:
            tag = regex.sub(r"\p{P}+$", "", match["tag"])
            if _is_tag(tag):
                yield start, start + 1 + len(tag), {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
        elif did := dids.get(match["handle"].lower()):
            yield start, match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}


def _without_closing(link: str) -> str:
    """Without the punctuation of the sentence around it; a bracket that it opened itself belongs to it."""
    while link and (link[-1] in ".,;:!?…'’*_" or _is_foreign(link)):
        link = link[:-1]
    return link


def _is_foreign(link: str) -> bool:
    opening = CLOSING.get(link[-1])
    return opening is not None and link.count(opening) < link.count(link[-1])


def _is_tag(tag: str) -> bool:
    return (
        regex.search(r"[^\d\p{P}]", tag) is not None
        and graphemes(tag) <= TAG_GRAPHEMES
        and len(tag.encode()) <= TAG_BYTES
    )
