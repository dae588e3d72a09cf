"""Where the lines of a text end. Arithmetic only: widths are in em and do not depend on the size."""

from __future__ import annotations

from functools import lru_cache

from .lettering import Face
from .typography import pieces

LONG = 5
"""Longer paragraphs are filled, not balanced, unless little is left for the last line."""
STRAGGLERS = frozenset(
    [
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "de",
        "du",
        "au",
        "aux",
        "en",
        "et",
        "ou",
        "où",
        "que",
        "qui",
        "ce",
        "ces",
        "sa",
        "son",
        "ses",
        "ne",
        "on",
        "il",
        "elle",
        "par",
        "pour",
        "sur",
        "si",
    ]
)


@lru_cache(maxsize=2000)
def _measured(of: Face, text: str, tracking: float) -> tuple[tuple[str, float, float, str], ...]:
    """(piece, its width, the room to the next one, what stands there) in em."""
    parts, measured = pieces(text), []
    for number, (piece, has_space) in enumerate(parts):
        between = " " if has_space and number < len(parts) - 1 else ""
        after = parts[number + 1][0][:1] if number < len(parts) - 1 else ""
        gap = (
            of.width(piece[-1:] + between + after, tracking)
            - of.width(piece[-1:], tracking)
            - of.width(after, tracking)
            if after
            else 0.0
        )
        measured.append((piece, of.width(piece, tracking), gap, between))
    return tuple(measured)


def _filled(parts: tuple[tuple[str, float, float, str], ...], limit: float) -> list[str]:
    """As many pieces on each line as fit. A piece wider than the limit stands alone."""
    lines, line, width, gap, between = [], "", 0.0, 0.0, ""
    for piece, own, gap_after, between_after in parts:
        if line and width + gap + own > limit:
            lines.append(line)
            line, width = piece, own
        else:
            line, width = line + between + piece, width + (gap if line else 0) + own
        gap, between = gap_after, between_after
    return [*lines, line]


def broken(of: Face, text: str, tracking: float, limit: float) -> list[str]:
    """The fewest lines within `limit` em, about equally long, so that no short word is left over on the last one."""
    if not text:
        return []
    parts = _measured(of, text, tracking)
    widest = max(part[1] for part in parts)
    if widest > limit:
        parts, widest = _cut(of, parts, tracking, limit), limit
    lines = _filled(parts, limit)
    if len(lines) == 1 or (len(lines) > LONG and of.width(lines[-1], tracking) > limit / 3):
        return _without_stragglers(of, lines, tracking, limit)
    low, high = widest, limit
    for _try in range(7):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_filled(parts, middle)) <= len(lines) else (middle, high)
    return _without_stragglers(of, _filled(parts, high), tracking, limit)


def _without_stragglers(of: Face, lines: list[str], tracking: float, limit: float) -> list[str]:
    """An article or a preposition goes to the line of its noun where there is room for it."""
    lines = list(lines)
    for number in range(len(lines) - 1):
        rest, _space, last = lines[number].rpartition(" ")
        moved = f"{last} {lines[number + 1]}"
        if rest and last.lower() in STRAGGLERS and of.width(moved, tracking) <= limit:
            lines[number], lines[number + 1] = rest, moved
    return lines


def _cut(of: Face, parts, tracking: float, limit: float):
    """A word longer than a line goes on in the next one, without a hyphen that its owner does not write."""
    cut = []
    for piece, width, gap, between in parts:
        while width > limit:
            length = next(
                n for n in range(len(piece), 0, -1) if n == 1 or of.width(piece[:n], tracking) <= limit
            )
            if length == len(piece):
                break
            cut.append((piece[:length], of.width(piece[:length], tracking), 0.0, ""))
            piece = piece[length:]
            width = of.width(piece, tracking)
        cut.append((piece, width, gap, between))
    return tuple(cut)
