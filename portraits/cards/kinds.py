"""What a card is made of, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

RECIPE = 1
"""Grows whenever the same input would give other pixels: what was made with an older one is made anew."""

LAYOUTS = ("band", "full", "frame")
SIZES = {"portrait": (1080, 1350), "square": (1200, 1200), "share": (1200, 630)}
"""Width and height in px. `share` is the picture of a shared link (Open Graph)."""


@dataclass(frozen=True)
class Style:
    """How a promotion's cards look. Colours are `#RRGGBB`; `logo` is the bytes of a clean PNG or JPEG."""

    layout: str = "band"
    colour: str = "#0E5A63"
    second_colour: str = "#F3E9D2"
    logo: bytes | None = None
    shows_track: bool = True
    shows_hashtag: bool = True


@dataclass(frozen=True)
class Words:
    """What is written. `promotion` as it is to be read ("Promotion Estuaire"); `path` is (heading, text) for the carousel."""

    first_name: str
    last_name: str
    promotion: str = ""
    track: str = ""
    quote: str = ""
    hashtag: str = ""
    path: tuple[tuple[str, str], ...] = ()
    language: str = "fr"
    school: str = "INET"


@dataclass(frozen=True)
class Box:
    """A rectangle in px; right and bottom lie outside it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass(frozen=True)
class TextRun:
    """One line of text as it stands on the card: the box of its ink, its colour `#RRGGBB`, its size in px."""

    text: str
    box: Box
    ink: str
    font_px: float


@dataclass(frozen=True)
class Drawn:
    """One picture. `face`: where the face may be, None without a photo."""

    data: bytes
    content_type: str
    width: int
    height: int
    texts: tuple[TextRun, ...]
    face: Box | None


@dataclass(frozen=True)
class Carousel:
    """A PDF with one description per page."""

    data: bytes
    pages: int
    width: int
    height: int
    alt_texts: tuple[str, ...]
