"""LinkedIn's reading of "little text", written apart from ours: a judge that shares the accused's code clears every mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

RESERVED = frozenset("|{}@[]()<>#\\*_~")
HASHTAG_TEMPLATE = re.compile(r"\{hashtag\|\\#\|((?:\\[|{}@\[\]()<>#\\*_~]|\w)+)\}")
BARE_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
MENTION = re.compile(r"@\[((?:\\.|[^\[\]\\])+)\]\((urn:li:(?:organization|person):[\w-]+)\)")


@dataclass(frozen=True)
class Reading:
    """`parts` are [kind, text] with kind text, hashtag or mention. `cut` is the bare character at which reading ended."""

    parts: list[list[str]]
    markup: str
    cut: str = ""

    @property
    def text(self) -> str:
        """What readers see."""
        return "".join(text for _kind, text in self.parts)


def read(commentary: str, names: Mapping[str, str]) -> Reading:
    """Parse as strictly as the grammar. `names`: organization URN → name, for mentions.

    A reserved character that is neither escaped nor part of an element ends the text, silently, as reported of the real one.
    """
    parts: list[list[str]] = []
    markup: list[str] = []

    def put(kind: str, text: str, source: str) -> None:
        if parts and kind == "text" == parts[-1][0]:
            parts[-1][1] += text
        else:
            parts.append([kind, text])
        markup.append(source)

    position = 0
    while position < len(commentary):
        character = commentary[position]
        following = commentary[position + 1 : position + 2]
        if character == "\\" and following in RESERVED and following:
            put("text", following, f"\\{following}")
            position += 2
        elif match := HASHTAG_TEMPLATE.match(commentary, position):
            put("hashtag", f"#{unescape(match[1])}", match[0])
            position = match.end()
        elif match := BARE_HASHTAG.match(commentary, position):
            # Read back, a hashtag is always in template form.
            put("hashtag", match[0], f"{{hashtag|\\#|{escape(match[1])}}}")
            position = match.end()
        elif match := MENTION.match(commentary, position):
            name = unescape(match[1])
            is_exact = names.get(match[2]) == name
            put("mention" if is_exact else "text", name, match[0] if is_exact else escape(name))
            position = match.end()
        elif character in RESERVED:
            return Reading(parts, "".join(markup), character)
        else:
            put("text", character, character)
            position += 1
    return Reading(parts, "".join(markup))


def escape(text: str) -> str:
    return "".join(f"\\{character}" if character in RESERVED else character for character in text)


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
