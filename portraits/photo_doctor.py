"""What could be better about a photo as framed, in plain words. It advises and never refuses; no face is recognised.

The browser looks at the photo in the same way before it is sent (static/js/doctor.js), with the limits from here.
"""

from __future__ import annotations

import io
import json

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFilter, ImageStat

from .photos import Crop

RECOMMENDED = 1080
"""Pixels across the frame that a card and every network want."""
LIMITS = {"dark": 58, "light": 222, "flat": 48, "blurred": 40, "edge": 0.004, "slack": 0.03}
"""Brightness goes from 0 to 255. dark, light: the mean where the face is framed; flat: between the darkest and the
lightest twentieth; blurred: the variance of the Laplacian in the sharpest of 4 × 4 tiles, so that a soft background is
no fault. edge, slack: parts of the photo."""
LOOKED_AT = (480, 600)
TILES = 4
FACE = (0.2, 0.1, 0.8, 0.6)
"""Where the guide asks for the face: left, top, right, bottom, as parts of the frame."""
LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)

ADVICE = {
    "small": _(
        "Few pixels are left in the frame: take it wider, or choose a larger photo, so that it stays sharp."
    ),
    "dark": _("Your face is in the dark: face a window or go outside, then take it again."),
    "light": _("Your face is too bright: step out of the direct light, then take it again."),
    "flat": _("The photo looks grey, as through fog: wipe the lens, or look for more light."),
    "blurred": _("The photo looks blurred: wipe the lens, hold the phone with both hands and take it again."),
    "sideways": _(
        "This photo is wider than it is high. If your head is not at the top, turn it with the two buttons."
    ),
    "edge": _(
        "The frame touches the edge of the photo: leave some room around your face, or take it again from a step further away."
    ),
}


def examine(framed: bytes, crop: Crop, width: int, height: int) -> list[str]:
    """The codes of ADVICE that fit. `framed`: a rendition of the frame; `width`, `height`: the master's, in pixels."""
    return [*_of_frame(crop, width, height), *_of_pixels(framed)]


def _of_frame(crop: Crop, width: int, height: int) -> list[str]:
    edge, slack = LIMITS["edge"], LIMITS["slack"]
    touches = [
        size < 1 - slack and (place < edge or (sides and place + size > 1 - edge))
        for place, size, sides in ((crop.x, crop.width, True), (crop.y, crop.height, False))
    ]
    found = {
        "small": round(crop.width * width) < RECOMMENDED,
        "sideways": width > height,
        "edge": any(touches),
    }
    return [code for code, fits in found.items() if fits]


def _of_pixels(framed: bytes) -> list[str]:
    with Image.open(io.BytesIO(framed)) as picture:
        grey = picture.convert("L").resize(LOOKED_AT, Image.Resampling.BILINEAR)
    across, down = LOOKED_AT
    left, top, right, bottom = FACE
    face = grey.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    mean = ImageStat.Stat(face).mean[0]
    dark, light = _twentieths(grey.histogram())
    found = {
        "dark": mean < LIMITS["dark"],
        "light": mean > LIMITS["light"],
        "flat": light - dark < LIMITS["flat"],
        "blurred": _sharpness(grey) < LIMITS["blurred"],
    }
    return [code for code, fits in found.items() if fits]


def _sharpness(grey: Image.Image) -> float:
    """The variance of the Laplacian in the sharpest tile."""
    edges = grey.filter(LAPLACIAN).crop((1, 1, grey.width - 1, grey.height - 1))
    wide, high = edges.width // TILES, edges.height // TILES
    tiles = ((x * wide, y * high) for x in range(TILES) for y in range(TILES))
    return max(ImageStat.Stat(edges.crop((x, y, x + wide, y + high))).var[0] for x, y in tiles)


def _twentieths(histogram: list[int]) -> tuple[int, int]:
    """The brightness below which a twentieth of the pixels lies, and the one above which a twentieth lies."""
    total, below, marks = sum(histogram), 0, []
    for value, count in enumerate(histogram):
        below += count
        while len(marks) < 2 and below >= total * (0.05, 0.95)[len(marks)]:
            marks.append(value)
    return marks[0], marks[1]


def for_script() -> str:
    """JSON of what the browser needs to look in the same way."""
    return json.dumps({**LIMITS, "recommended": RECOMMENDED, "size": LOOKED_AT, "tiles": TILES, "face": FACE})
