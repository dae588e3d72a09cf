"""Two texts compared word by word, and two edits of one text put together, for whoever must see before they decide."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

TOKEN = re.compile(r"\s*[\w’'-]+|\s*[^\w\s]|\s+")
AROUND = 60
"""Characters of unchanged text that stay before and after a change in a shortened comparison."""


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """(op, text) in reading order; op is "same", "added" or "removed". Joining what is not removed gives `after`.

    A blank belongs to the word that follows it, and in long texts frequent words do not anchor a match (difflib's
    autojunk): otherwise two long texts that share little but "de" and blanks take minutes to compare.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if op == "equal":
            pieces.append(("same", "".join(new[j1:j2])))
            continue
        if i1 < i2:
            pieces.append(("removed", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(("added", "".join(new[j1:j2])))
    return pieces


def shortened(diff: list[tuple[str, str]], around: int = AROUND) -> list[tuple[str, str]]:
    """The same comparison for a small screen: of long unchanged stretches only the ends stay, with a "gap" between."""
    pieces, last = [], len(diff) - 1
    for place, (op, text) in enumerate(diff):
        head = "" if place == 0 else text[:around].rpartition(" ")[0]
        tail = "" if place == last else text[-around:].partition(" ")[2]
        if op != "same" or len(text) <= len(head) + len(tail) + around:
            pieces.append((op, text))
            continue
        pieces += [
            part for part in (("same", head), ("gap", ""), ("same", tail)) if part[0] == "gap" or part[1]
        ]
    return pieces


def merge(base: str, mine: str, theirs: str) -> str | None:
    """What two people made of the same text, put together; None where they touched the same or neighbouring lines.

    A paragraph is a line. Both having made the same change is no conflict.
    """
    if mine == theirs or base == theirs:
        return mine
    if base == mine:
        return theirs
    lines = base.split("\n")
    changes = _changes(lines, mine.split("\n")) + _changes(lines, theirs.split("\n"))
    together, end = [], 0
    last = None
    for start, stop, new in sorted(changes, key=lambda change: change[:2]):
        if (start, stop, new) == last:
            continue
        if last is not None and start <= end:
            return None
        together += lines[end:start] + new
        end, last = stop, (start, stop, new)
    return "\n".join(together + lines[end:])


def _changes(before: list[str], after: list[str]) -> list[tuple[int, int, list[str]]]:
    """(first line, line after the last, new lines) of each place where the two differ."""
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(i1, i2, after[j1:j2]) for op, i1, i2, j1, j2 in found if op != "equal"]
