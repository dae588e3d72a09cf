"""Where everything goes on a card before a pixel is drawn: grounds, photo, veils, lines of text."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

from PIL import Image

from .kinds import Box, Style, Words
from .setting import Line, single
from .typography import initials, name, quoted, typeset

FACE = Box(0.18, 0.06, 0.82, 0.62)
"""Where the face is in a 4:5 crop, as fractions: whoever framed the photo put it there. Nothing is written on it."""

LOGO_PAD = 10
"""Paper around a logo on its chip, in px."""


@dataclass(frozen=True)
class Fill:
    box: Box
    colour: str
    radius: int = 0


@dataclass(frozen=True)
class Photo:
    """The 4:5 crop, `width` px wide, seen through `box` with its upper left corner at (left, top).

    With `feather`, it has no left edge: over so many px it comes out of the colours of its margin.
    """

    box: Box
    width: float
    left: float
    top: float
    feather: int = 0

    @property
    def height(self) -> float:
        return self.width * 1.25

    @property
    def face(self) -> Box:
        return Box(
            self.left + FACE.left * self.width,
            self.top + FACE.top * self.height,
            self.left + FACE.right * self.width,
            self.top + FACE.bottom * self.height,
        )


@dataclass(frozen=True)
class Veil:
    """A glass in `colour` over the card, clear at `start` px and thick from `full` px on, downwards or leftwards ("left").

    It is at least as thick as the texts behind `full` need on the photo in question. Since a glass only darkens,
    it can never be too thin for white on a colour that white reads on.
    """

    colour: str
    start: float
    full: float
    least: float = 0.0
    way: str = "down"


@dataclass(frozen=True)
class Logo:
    """The box that it must fit into, where it stands in it ("left", "centre", "right"), and whether on a chip of paper."""

    box: Box
    stands: str = "left"
    on_paper: bool = True


def logo_width(logo: bytes, most: int, height: int) -> int:
    """How wide its chip is when it is so high: only the head of the file is read."""
    with Image.open(io.BytesIO(logo), formats=["PNG", "JPEG"]) as picture:
        return min(most, round((height - 2 * LOGO_PAD) * picture.width / picture.height) + 2 * LOGO_PAD)


@dataclass
class Plan:
    """One card. Drawn in this order: ground, photo, veils, fills, logo, lines."""

    width: int
    height: int
    ground: str
    photo: Photo | None = None
    veils: list[Veil] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    logo: Logo | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def face(self) -> Box | None:
        return self.photo.face if self.photo else None


@dataclass(frozen=True)
class Copy:
    """The words as they are set."""

    first_name: str
    last_name: str
    promotion: str
    track: str
    quote: str
    hashtag: str
    school: str
    initials: str


def copy(words: Words, style: Style) -> Copy:
    def say(text: str) -> str:
        return typeset(text, words.language)

    return Copy(
        name(words.first_name),
        name(words.last_name),
        say(words.promotion),
        say(words.track) if style.shows_track else "",
        quoted(words.quote, words.language),
        say(words.hashtag) if style.shows_hashtag else "",
        say(words.school),
        initials(words),
    )


def initials_in(copy: Copy, box: Box, ink: str) -> list[Line]:
    """Where there is no photo."""
    if not copy.initials:
        return []
    of, px = single(copy.initials, "display", min(box.height, box.width) * 0.5, 20, box.width * 0.8)
    line = Line(copy.initials, of, px, 0, 0, ink)
    x, y = (box.left + box.right - line.width) / 2, round((box.top + box.bottom + of.cap_height * px) / 2)
    return [replace(line, x=x, y=y)]
