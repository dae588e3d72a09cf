"""A text as Mastodon takes it apart, counts it and shows it: app/lib/text_formatter.rb, app/validators/status_length_validator.rb.

Addresses are found by the port of twitter-text, whose Ruby edition Mastodon itself uses.
"""

from __future__ import annotations

import re
from html import escape

import regex
from twitter_text import extract_urls_with_indices

USER = r"[a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*"
MENTION = re.compile(rf"(?<![=/\w])@({USER})(?:@([\w.-]+\w))?")
HASHTAG = re.compile(r"(?<![=/)\w])#(\w*[^\W\d_]\w*)")
SHOWN = 30


def parts_of(text: str, neighbours: set[str]) -> list[list[str]]:
    """[[kind, words as written]], kinds text, hashtag, mention, link. Who is named without a host must be a neighbour."""
    found = [
        (*url["indices"], "link")
        for url in extract_urls_with_indices(text, extract_urls_without_protocol=False)
    ]
    found += [
        (*match.span(), "mention")
        for match in MENTION.finditer(text)
        if match[2] or match[1].lower() in neighbours
    ]
    found += [(*match.span(), "hashtag") for match in HASHTAG.finditer(text)]
    parts, end = [], 0
    for start, stop, kind in sorted(found):
        if start < end:
            continue
        if text[end:start]:
            parts.append(["text", text[end:start]])
        parts.append([kind, text[start:stop]])
        end = stop
    return parts + ([["text", text[end:]]] if text[end:] else [])


def units(parts: list[list[str]], per_url: int) -> int:
    """Graphemes; an address counts a fixed number, a mention without its host."""
    counted = "".join(
        "x" * per_url if kind == "link" else _short(words) if kind == "mention" else words
        for kind, words in parts
    )
    return sum(1 for _grapheme in regex.finditer(r"\X", counted))


def as_shown(parts: list[list[str]]) -> list[list[str]]:
    """As people read it: whoever is named stands there by their own name, in its own letters."""
    return [[kind, _short(words).lower() if kind == "mention" else words] for kind, words in parts]


def html_of(shown: list[list[str]], base: str) -> str:
    pieces = []
    for kind, words in shown:
        if kind == "link":
            pieces.append(_link(words))
        elif kind == "hashtag":
            pieces.append(
                f'<a href="{base}/tags/{escape(words[1:].lower())}" class="mention hashtag" rel="tag">#<span>{escape(words[1:])}</span></a>'
            )
        elif kind == "mention":
            pieces.append(
                f'<span class="h-card" translate="no"><a href="{base}/{escape(words)}" class="u-url mention">@<span>{escape(words[1:])}</span></a></span>'
            )
        else:
            pieces.append(escape(words).replace("&#x27;", "&#39;"))
    paragraphs = re.split(r"\n\n+", "".join(pieces))
    return (
        "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs).replace("\n", "<br />") if pieces else ""
    )


def _link(url: str) -> str:
    """With its ends hidden: only the middle is shown on a page."""
    prefix = re.match(r"https?://(?:www\.)?", url)[0]
    middle, rest = url[len(prefix) :][:SHOWN], url[len(prefix) :][SHOWN:]
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">{prefix}</span>'
        f'<span class="{"ellipsis" if rest else ""}">{escape(middle)}</span><span class="invisible">{escape(rest)}</span></a>'
    )


def _short(mention: str) -> str:
    return "@" + mention.split("@")[1]
