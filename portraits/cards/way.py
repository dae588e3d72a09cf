"""The student's way, dealt out to the pages of a carousel: large and whole where it can be, smaller and parted where it must."""

from __future__ import annotations

from .inks import INK
from .kinds import Words
from .saying import CardRefused
from .setting import Block, place
from .typography import typeset

WIDTH, HEIGHT, MARGIN = 1080, 1350, 112
COLUMN = WIDTH - 2 * MARGIN
TOP, BOTTOM = 216, HEIGHT - 168
"""Where the words of a page start, and must end."""
MOST_PAGES = 3
LEADING = 1.42
TRIES = [(pages, px, False) for pages in range(1, MOST_PAGES + 1) for px in range(44, 35, -1)] + [
    (MOST_PAGES, px, True) for px in range(42, 27, -1)
]
"""(pages, size, whether a part may go on on the next page), best first."""


def pages_of(words: Words) -> list[list[Block]]:
    """The blocks of each page. Raises CardRefused("path-too-long")."""
    parts = [tuple(typeset(text, words.language) for text in part) for part in words.path]
    parts = [(heading, text) for heading, text in parts if text]
    for most, px, parted in TRIES:
        pages = _dealt(parts, px, parted)
        if pages is not None and len(pages) <= most:
            return pages
    raise CardRefused("path-too-long")


def _dealt(parts: list[tuple[str, str]], px: int, parted: bool) -> list[list[Block]] | None:
    """None where one part is longer than a page and may not be parted."""
    pages: list[list[Block]] = []
    used = BOTTOM
    for heading, text in parts:
        while text:
            above = px * 1.5 if used > TOP else 0.0
            now = _that_fits(heading, text, px, BOTTOM - used - above, parted)
            if now is None and used > TOP:
                pages.append([])
                used = TOP
                continue
            if now is None:
                return None
            pages[-1] += now
            used += above + _height(now)
            text, heading = text[len(now[-1].text) :].strip(" "), ""
    return pages


def _height(blocks: list[Block]) -> float:
    return sum(place(block, int(block.most), COLUMN).height for block in blocks) + sum(
        block.above for block in blocks[1:]
    )


def _blocks(heading: str, text: str, px: int) -> list[Block]:
    head = [Block((heading,), "bold", "", 30, 30, leading=1.3, above=px * 1.5)] if heading else []
    above = px * 0.55 if heading else px * 1.5
    return [*head, Block((text,), "serif", INK, px, px, leading=LEADING, above=above, rows=99)]


def _that_fits(heading: str, text: str, px: int, room: float, parted: bool) -> list[Block] | None:
    """All of a part, or its first lines where it may be parted: never one line alone on a page."""
    whole = _blocks(heading, text, px)
    if _height(whole) <= room or not parted:
        return whole if _height(whole) <= room else None
    lines = place(whole[-1], px, COLUMN).lines
    count = len(lines) - int((_height(whole) - room) / (px * LEADING)) - 1
    if len(lines) - count == 1:
        count -= 1
    if count < 2:
        return None
    end = 0
    for line in lines[:count]:
        end = text.index(line, end) + len(line)
    return _blocks(heading, text[:end], px)
