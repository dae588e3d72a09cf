"""Where a passage stands in a text that goes on being edited. Positions count characters."""

from __future__ import annotations

from difflib import SequenceMatcher

from .words import TOKEN


def locate(text: str, passage: str, near: int) -> int | None:
    """The start of the passage in the text, the one closest to `near` if it stands there several times; None if nowhere."""
    if not passage:
        return None
    found, start = [], text.find(passage)
    while start >= 0:
        found.append(start)
        start = text.find(passage, start + 1)
    return min(found, key=lambda place: abs(place - near), default=None)


def followed(before: str, after: str, position: int) -> int:
    """Where what stood at this position of the text before stands in the text after, as near as can be said."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    starts = [0]
    for token in new:
        starts.append(starts[-1] + len(token))
    passed = 0
    for _op, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        length = sum(map(len, old[i1:i2]))
        if position < passed + length:
            return min(starts[j1] + (position - passed), starts[j2])
        passed += length
    return len(after)
