"""LinkedIn's "little text": the markup in which a post's commentary is written, and back to plain text.

Fifteen characters are reserved; one left bare cuts the published text there although the answer is 201. Hashtags stay alive
as `{hashtag|\\#|Word}`; an escaped `\\#Word` would be plain text. Source: learn.microsoft.com, "little text format".
"""

from __future__ import annotations

import re

from ..words import tidy

RESERVED = "|{}@[]()<>#\\*_~"
HASHTAG = re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d_])(\w+)")
"""A # that starts a word with a letter in it, and is not inside one: not C#, not ##, not an address's fragment."""
TEMPLATE = re.compile(r"\{hashtag\|\\?#\|((?:\\.|[^\\{}|])+)\}")
MENTION = re.compile(r"@\[((?:\\.|[^\\\[\]])+)\]\(urn:li:\w+:[\w-]+\)")
ESCAPED = re.compile(r"\\([" + re.escape(RESERVED) + "])")
_escapes = {ord(character): f"\\{character}" for character in RESERVED}


def escape(text: str) -> str:
    """Plain text as commentary: every reserved character escaped, hashtags as live elements."""
    text = tidy(text)
    pieces, end = [], 0
    for match in HASHTAG.finditer(text):
        word = match[1].translate(_escapes)
        pieces += [text[end : match.start()].translate(_escapes), f"{{hashtag|\\#|{word}}}"]
        end = match.end()
    return "".join([*pieces, text[end:].translate(_escapes)])


def plain(commentary: str) -> str:
    """Commentary as its readers see it: elements by what they show, nothing escaped."""
    shown = TEMPLATE.sub(lambda match: f"\\#{match[1]}", commentary)
    shown = MENTION.sub(lambda match: match[1], shown)
    return ESCAPED.sub(r"\1", shown)
