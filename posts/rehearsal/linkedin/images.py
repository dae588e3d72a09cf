"""LinkedIn's pictures: what is truly in the bytes, as the network's image machine would find."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image

PIXEL_LIMIT = 36_152_320
MOST_FRAMES = 250
FORMATS = ("JPEG", "PNG", "GIF")
METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "icc_profile"})


@dataclass(frozen=True)
class Picture:
    """What is really in the bytes. `problem` is why the network cannot show it, if it cannot."""

    width: int = 0
    height: int = 0
    format: str = ""
    has_metadata: bool = False
    problem: str = ""


def examine(data: bytes) -> Picture:
    """Open and decode, and look for what the network would never mention: metadata."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height, form = *picture.size, picture.format or ""
            if problem := _problem_of(picture):
                return Picture(width, height, form, bool(METADATA & set(picture.info)), problem)
            picture.load()
            marks = METADATA & set(picture.info), getattr(picture, "text", None), picture.getexif()
            return Picture(width, height, form, any(marks))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture(problem="unreadable")


def _problem_of(picture: Image.Image) -> str:
    """What can be said before anything is decoded."""
    if picture.format not in FORMATS:
        return "format"
    if picture.width * picture.height >= PIXEL_LIMIT:
        return "too-many-pixels"
    return "too-many-frames" if getattr(picture, "n_frames", 1) > MOST_FRAMES else ""
