"""Faces, and letters as masks: each glyph placed to half a pixel by our own tables, so that every machine draws the same.

Pillow without RAQM does not kern and puts each letter on a whole pixel; with RAQM the result depends on what the machine has.
Widths here are in em and do not depend on the size, so that a text is measured once and fitted by arithmetic.
"""

from __future__ import annotations

import json
import math
import threading
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).resolve().parents[2] / "static" / "fonts" / "cards"
FINE = 2
"""Letters are drawn this many times larger and then reduced: a place is exact to 1/FINE px."""
THIN = "\u202f"
THIN_EM = 0.17
LOCK = threading.Lock()
"""A FreeType face must not be used by two threads at once."""


@dataclass(frozen=True)
class Face:
    """One font file of FOLDER, which FONTLOG.txt there describes, with its table of widths, ink boxes and kerning."""

    name: str
    units: int
    cap_height: float
    glyphs: dict[str, list[int]] = field(repr=False)
    kerning: dict[str, int] = field(repr=False)

    def __hash__(self):
        return hash(self.name)

    def lacks(self, text: str) -> str:
        """The first sign that this face does not have, or ""."""
        return next((sign for sign in text if sign not in self.glyphs and sign != THIN), "")

    def width(self, text: str, tracking: float = 0) -> float:
        """In em, from where the pen starts to where it stops; `tracking` is added between letters."""
        end, before = 0.0, ""
        for sign in text:
            end += self.step(before, sign, tracking)
            before = before if unicodedata.combining(sign) else sign
        return end + self._advance(before) if before else 0.0

    def _advance(self, sign: str) -> float:
        return THIN_EM if sign == THIN else self.glyphs[sign][0] / self.units

    def step(self, before: str, sign: str, tracking: float) -> float:
        """From the place of `before` to the place of `sign`, in em. A combining mark takes no place of its own."""
        if not before or unicodedata.combining(sign):
            return 0.0
        kern = self.kerning.get(before + sign)
        if kern is None:
            plain = (before + sign).isascii()
            kern = 0 if plain else self.kerning.get(_plain(before) + _plain(sign), 0)
        return self._advance(before) + kern / self.units + tracking

    def places(self, text: str, tracking: float = 0) -> list[tuple[str, float, float]]:
        """Each sign with ink and its place in em, to the right and upwards. What Unicode cannot compose is put on its letter."""
        placed, pen, before, high = [], 0.0, "", 0.0
        for sign in text:
            if unicodedata.combining(sign) and before in self.glyphs:
                x, y, high = self._on(before, sign, pen, high)
                placed.append((sign, x, y))
                continue
            pen += self.step(before, sign, tracking)
            before = sign
            if len(self.glyphs.get(sign, ())) == 5:
                placed.append((sign, pen, 0.0))
                high = self.glyphs[sign][4] / self.units
        return placed

    def _on(self, letter: str, mark: str, pen: float, high: float) -> tuple[float, float, float]:
        """Where a mark stands on the letter at `pen`, and how high the letter is then."""
        base, ink = self.glyphs[letter], self.glyphs[mark]
        if len(base) < 5 or len(ink) < 5:
            return pen, 0.0, high
        x = pen + (base[1] + base[3] - ink[1] - ink[3]) / 2 / self.units
        if unicodedata.combining(mark) != 230:
            return x, 0.0, high
        up = max(0.0, high + 0.05 - ink[2] / self.units)
        return x, up, up + ink[4] / self.units

    def ink(self, text: str, tracking: float = 0) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom of the ink in em, from the start of the baseline, downwards. None where there is none."""
        boxes = [(x, y, self.glyphs[sign]) for sign, x, y in self.places(text, tracking)]
        if not boxes:
            return None
        return (
            min(x + glyph[1] / self.units for x, _y, glyph in boxes),
            -max(y + glyph[4] / self.units for _x, y, glyph in boxes),
            max(x + glyph[3] / self.units for x, _y, glyph in boxes),
            -min(y + glyph[2] / self.units for _x, y, glyph in boxes),
        )


def _plain(sign: str) -> str:
    return unicodedata.normalize("NFD", sign)[0]


@cache
def face(name: str) -> Face:
    table = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Face(name, table["units"], table["cap_height"] / table["units"], table["glyphs"], table["kerning"])


INSTEAD = {"display": "bold", "serif": "sans", "italic": "sans"}
"""Which face has more signs. A line is set in one face: two in one word look like a mistake."""


def face_for(name: str, text: str) -> Face:
    """The face called `name`, or the one with more signs where it lacks one."""
    chosen = face(name)
    return face(INSTEAD[name]) if name in INSTEAD and chosen.lacks(text) else chosen


@lru_cache(maxsize=64)
def _font(name: str, px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / f"{name}.ttf", px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2000)
def _glyph(name: str, px: int, sign: str) -> tuple[Image.Image, int, int]:
    """One sign FINE times larger, and where it lies from the pen."""
    font = _font(name, px)
    left, top, right, bottom = font.getbbox(sign, anchor="ls")
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), sign, font=font, fill=255, anchor="ls")
    return mask, left, top


def mask(of: Face, text: str, px: int, tracking: float, x: float, y: float) -> tuple[Image.Image, int, int]:
    """A line whose pen starts at (x, y) px, as a mask ("L") and the whole px where its upper left corner goes."""
    size = px * FINE
    with LOCK:
        pieces = [
            (*_glyph(of.name, size, sign), round(x * FINE + right * size), round(y * FINE - up * size))
            for sign, right, up in of.places(text, tracking)
        ]
    left = math.floor(min(at + dx for _m, dx, _dy, at, _on in pieces) / FINE)
    top = math.floor(min(on + dy for _m, _dx, dy, _at, on in pieces) / FINE)
    right = math.ceil(max(at + dx + one.width for one, dx, _dy, at, _on in pieces) / FINE)
    bottom = math.ceil(max(on + dy + one.height for one, _dx, dy, _at, on in pieces) / FINE)
    line = Image.new("L", ((right - left) * FINE, (bottom - top) * FINE))
    for one, dx, dy, at, on in pieces:
        line.paste(255, (at + dx - left * FINE, on + dy - top * FINE), one)
    return line.reduce(FINE), left, top
