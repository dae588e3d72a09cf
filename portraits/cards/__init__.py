"""Cards: a portrait's photo and words in a promotion's look, as pictures and as a PDF. Pixels only, no models."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from PIL import Image

from . import band, frame, full, painting
from .kinds import LAYOUTS, RECIPE, SIZES, Box, Carousel, Drawn, Style, TextRun, Words
from .plan import Plan, copy
from .saying import CardRefused, alt_text
from .typography import check

__all__ = [
    "LAYOUTS",
    "RECIPE",
    "SIZES",
    "Box",
    "CardRefused",
    "Carousel",
    "Drawn",
    "Style",
    "TextRun",
    "Words",
    "alt_text",
    "carousel",
    "draw",
    "fingerprint",
]

LAYOUT = {"band": band.plan, "full": full.plan, "frame": frame.plan}


def fingerprint(photo_fingerprint: str, words: Words, style: Style, kind: str) -> str:
    """Of all that a card is made from, 64 hex digits: the same gives the same bytes. `kind`: a size, or "carousel"."""
    logo = hashlib.sha256(style.logo).hexdigest() if style.logo else ""
    made_from = [RECIPE, photo_fingerprint, asdict(words), asdict(style) | {"logo": logo}, kind]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def draw(photo: bytes | None, words: Words, style: Style, size: str, *, form: str = "JPEG") -> Drawn:
    """One card. `photo`: the 4:5 crop as JPEG, or None; `form`: "JPEG" or "PNG". Raises CardRefused."""
    planned = plan(words, style, size, with_photo=photo is not None)
    data = painting.encoded(painting.picture(planned, photo, style.logo), form)
    texts = tuple(line.run() for line in planned.lines)
    return Drawn(data, Image.MIME[form], planned.width, planned.height, texts, planned.face)


def plan(words: Words, style: Style, size: str, *, with_photo: bool) -> Plan:
    """Where everything goes. Raises CardRefused."""
    check(words)
    return LAYOUT[style.layout](copy(words, style), style, size, with_photo)


def carousel(photo: bytes | None, words: Words, style: Style) -> Carousel:
    """The portrait as a document of several pages. Raises CardRefused."""
    # Loading fpdf2 takes 0.3 s, which every process would pay at its start.
    from .document import document

    cover = plan(replace(words, quote=""), style, "portrait", with_photo=photo is not None)
    return document(photo, words, style, cover)
