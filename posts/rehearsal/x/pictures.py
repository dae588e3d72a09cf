"""What is really in the bytes of a picture, and under which name the ledger keeps it."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from .rules import SLUG

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"})


def urn_of(number: str) -> str:
    """Under which the ledger keeps a picture."""
    return f"{SLUG}:media:{number}"


def examine(data: bytes) -> dict:
    """What is really in the bytes; `problem` if it is no picture that X takes."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture.load()
            has_metadata = bool(METADATA & set(picture.info) or picture.getexif())
            return {
                "problem": "",
                "width": picture.width,
                "height": picture.height,
                "format": picture.format,
                "has_metadata": has_metadata,
            }
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return {"problem": "unreadable"}
