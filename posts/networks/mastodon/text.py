"""A text as a Mastodon server counts it, shows it, and how two of them are compared.

A server counts graphemes, an address as a fixed number, and of @user@host only @user: app/validators/status_length_validator.rb,
app/lib/extractor.rb and app/models/account.rb in github.com/mastodon/mastodon. It gives back HTML: app/lib/text_formatter.rb.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from .. import words
from ..base import Content
from ..words import graphemes, tidy

DOMAIN = r"(?:[\w](?:[\w-]*[\w])?\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{2,})"
PATH = r"/(?:[^\s<>()?]|\([^\s<>()?]+\))*(?<![!*\"'「」;:=,.$%\[\]~&|@])"
QUERY = r"\?[^\s<>\"{}`\\]*(?<=[\w=&#/-])"
ENTITY = re.compile(
    rf"(?i)(?P<url>(?<![a-z0-9@$#])https?://{DOMAIN}(?![\w@])(?::\d+)?(?:{PATH})?(?:{QUERY})?)"
    r"|(?<![=/\w])(?P<user>@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@[\w.-]+\w(?!\w|@|://)"
)
MENTION = re.compile(r"(?<![=/\w])@(\w+(?:[.-]+\w+)*)(?:@[\w.-]*\w)?")
LINES = {"p", "br", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3"}


def text_of(content: Content) -> str:
    """What is sent: the text, and below it the link if the text does not name it already."""
    text = tidy(content.text).strip()
    if content.link is None or content.link.url in text:
        return text
    return f"{text}\n\n{content.link.url}".strip()


def length(text: str, per_url: int) -> int:
    """Graphemes, with `per_url` for each address (0: as it is written) and the short form of each mention."""

    def counted(match: re.Match) -> str:
        if match["url"]:
            return "x" * per_url if per_url else match[0]
        return match["user"]

    return graphemes(ENTITY.sub(counted, tidy(text).strip()))


def plain(html: str) -> str:
    """The words that a reader sees: addresses whole, although a page shows their middle only."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag, _attributes):
        if tag == "br":
            self.pieces.append("\n")

    def handle_endtag(self, tag):
        if tag in LINES and tag != "br":
            self.pieces.append("\n\n")

    def handle_data(self, data):
        self.pieces.append(data)


def comparable(text: str) -> str:
    """Without what a server changes unasked: blanks, invisible marks, and the host and case of whom it names."""
    return words.comparable(MENTION.sub(lambda match: f"@{match[1].casefold()}", words.comparable(text)))
