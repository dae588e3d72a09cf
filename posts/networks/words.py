"""Text as every network treats it: one spelling, how long it is, and whether two texts say the same."""

from __future__ import annotations

import unicodedata

import regex


def tidy(text: str) -> str:
    """The same text in one spelling: NFC, lines end in \\n, no control characters or halves of characters but tab."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )


def units(text: str) -> int:
    """Length in UTF-16 units, as browsers count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """How many characters people would count: a family of four in one emoji is one."""
    return len(regex.findall(r"\X", text))


def comparable(text: str) -> str:
    """Without what a network may change unasked: spelling of characters, blanks, invisible marks."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())
