"""LinkedIn's "little text": the markup in which a post's commentary is written, and back to plain text.

Fifteen characters are reserved; one left bare cuts the published text there although the answer is 201. Hashtags stay
alive as `{hashtag|\\#|Word}`. Source: learn.microsoft.com, "little text format".
"""

from __future__ import annotations

import re
import unicodedata

RESERVED = "|{}@[]()<>#\\*_~"
HASHTAG = re.compile(r"(?<![\w&/#])#(?=\w*[^\W\d_])(\w+)")
TEMPLATE = re.compile(r"\{hashtag\|\\?#\|((?:[^{}|\\]|\\.)+)\}")
ESCAPED = re.compile(r"\\([" + re.escape(RESERVED) + "])")
_escapes = {ord(character): f"\\{character}" for character in RESERVED}


def escape(text: str) -> str:
    """Plain text as commentary: every reserved character escaped, hashtags as live elements. NFC, lines end in \\n."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    pieces, end = [], 0
    for match in HASHTAG.finditer(text):
        pieces += [
            text[end : match.start()].translate(_escapes),
            "{hashtag|\\#|",
            match[1].translate(_escapes),
            "}",
        ]
        end = match.end()
    return "".join([*pieces, text[end:].translate(_escapes)])


def plain(commentary: str) -> str:
    """Commentary as its readers see it."""
    return ESCAPED.sub(r"\1", TEMPLATE.sub(lambda match: f"\\#{match[1]}", commentary))


def units(commentary: str) -> int:
    """Length in UTF-16 units, escapes included: how LinkedIn counts is not documented, this never counts too little."""
    return len(commentary.encode("utf-16-le")) // 2
