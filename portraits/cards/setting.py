"""Texts set in a column: broken into lines, balanced, and as large as the room allows. Arithmetic only, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .breaking import broken
from .kinds import Box, TextRun
from .lettering import Face, face_for
from .saying import CardRefused

STEPS = 16
FIRST_SHARES = tuple(share / 10 for share in range(10, -1, -1))
DESCENT = 0.2
"""Room kept under the last baseline, in em, whatever letters stand there: rows of cards then look alike."""


@dataclass(frozen=True)
class Line:
    """One line on the card. (x, y): where the pen starts; a turned line reads upwards and has its baseline at x."""

    text: str
    face: Face
    px: int
    x: float
    y: float
    ink: str
    tracking: float = 0
    turned: bool = False

    def run(self) -> TextRun:
        left, top, right, bottom = (
            edge * self.px for edge in _ink(self.face, self.text, self.tracking) or (0,) * 4
        )
        if self.turned:
            box = Box(self.x + top - 1, self.y - right - 1, self.x + bottom + 1, self.y - left + 1)
        else:
            box = Box(self.x + left - 1, self.y + top - 1, self.x + right + 1, self.y + bottom + 1)
        return TextRun(self.text, box, self.ink, self.px)

    @property
    def width(self) -> float:
        return self.face.width(self.text, self.tracking) * self.px


@dataclass(frozen=True)
class Block:
    """One text and how large it would like to be. Of several `parts` each starts a line, unless all fit on one."""

    parts: tuple[str, ...]
    face: str
    ink: str
    most: float
    least: float
    leading: float = 1.25
    tracking: float = 0
    above: float = 0
    """Room above it in px, when it is as large as it would like."""
    rows: int = 9
    hangs: bool = False
    """The opening quotation mark stands in the margin."""

    @property
    def text(self) -> str:
        return " ".join(self.parts)


@dataclass(frozen=True)
class Placed:
    """A block's lines, broken for a size. `rises`, `drops`: baselines and ends, in px from the block's top."""

    block: Block
    face: Face
    px: int
    lines: tuple[str, ...]
    baselines: tuple[float, ...]
    height: float


@lru_cache(maxsize=4000)
def _ink(of: Face, text: str, tracking: float) -> tuple[float, float, float, float] | None:
    return of.ink(text, tracking)


@lru_cache(maxsize=2000)
def place(block: Block, px: int, width: float) -> Placed:
    of = face_for(block.face, block.text)
    limit, text = width / px, block.text
    if len(block.parts) == 1 or of.width(text, block.tracking) <= limit:
        lines = broken(of, text, block.tracking, limit)
    else:
        lines = [line for part in block.parts for line in broken(of, part, block.tracking, limit)]
    inks = [_ink(of, line, block.tracking) or (0, 0, 0, 0) for line in lines]
    baselines, below = [], 0.0
    for number, (_left, top, _right, bottom) in enumerate(inks):
        if number == 0:
            at = max(of.cap_height, -top)
        else:
            at = baselines[-1] + max(block.leading, below - top + 4 / px)
        baselines.append(at)
        below = bottom
    height = (baselines[-1] + max(DESCENT, below)) * px if lines else 0.0
    return Placed(block, of, px, tuple(lines), tuple(at * px for at in baselines), height)


@dataclass(frozen=True)
class Stack:
    """Blocks under one another."""

    items: tuple[tuple[Placed, float], ...]
    """Each with the room above it."""

    @property
    def height(self) -> float:
        return sum(above + placed.height for placed, above in self.items)

    def lines(self, left: float, top: float, width: float, *, centred: bool = False) -> list[Line]:
        made = []
        for placed, above in self.items:
            top += above
            for number, text in enumerate(placed.lines):
                block = placed.block
                line = Line(
                    text,
                    placed.face,
                    placed.px,
                    left,
                    round(top + placed.baselines[number]),
                    block.ink,
                    block.tracking,
                )
                x = left + (width - line.width) / 2 if centred else left - _overhang(placed, number)
                made.append(Line(text, line.face, line.px, x, line.y, line.ink, line.tracking))
            top += placed.height
        return made


def _overhang(placed: Placed, number: int) -> float:
    """How far a line starts to the left of its column: its first letter's own margin, or its quotation mark."""
    text = placed.lines[number]
    if placed.block.hangs and number == 0 and text[:1] in "«“":
        mark = text[:2] if text[0] == "«" else text[:1]
        return placed.face.width(mark) * placed.px
    ink = _ink(placed.face, text[:1], 0)
    return max(0.0, ink[0]) * placed.px if ink else 0.0


def fitted(blocks: list[Block], width: float, room: float) -> Stack:
    """The blocks with text, together as large as fits into `width` × `room` px.

    Raises CardRefused("too-long") where even their least sizes are too large.
    """
    stack = fitting(blocks, width, room)
    if stack is None:
        raise CardRefused("too-long", text=max((block.text for block in blocks), key=len))
    return stack


def fitting(blocks: list[Block], width: float, room: float) -> Stack | None:
    """As `fitted`, or None.

    The first one (the name) may give way more than the others or less: what room there is is shared so that neither
    becomes small for the other's sake.
    """
    blocks = [block for block in blocks if block.text]
    best, most = None, -1.0
    for first in FIRST_SHARES:
        low, high = 0, STEPS + 1
        while low < high:
            middle = (low + high) // 2
            stack = _stack(blocks, width, first, middle / STEPS)
            if not _fits(stack, room):
                high = middle
                continue
            low = middle + 1
            worth = (0.15 + first) * (0.2 + middle / STEPS)
            if worth > most:
                best, most = stack, worth
        if low > STEPS:
            break
    return best


def _stack(blocks: list[Block], width: float, first: float, others: float) -> Stack:
    items = []
    for number, block in enumerate(blocks):
        share = others if number else first
        px = int(block.least + (block.most - block.least) * share)
        above = block.above * (0.6 + 0.4 * share) if number else 0.0
        items.append((place(block, px, width), above))
    return Stack(tuple(items))


def _fits(stack: Stack, room: float) -> bool:
    return stack.height <= room and all(
        len(placed.lines) <= placed.block.rows or placed.px <= placed.block.least
        for placed, _above in stack.items
    )


def single(
    text: str, name: str, most: float, least: float, room: float, tracking: float = 0
) -> tuple[Face, int]:
    """The face and size at which a text stands on one line of `room` px."""
    of = face_for(name, text)
    px = int(min(most, room / max(of.width(text, tracking), 0.01)))
    if px < least:
        raise CardRefused("too-long", text=text)
    return of, px
