"""From whatever a phone hands over to clean pictures: pixels only, no models.

An upload is opened once, in a child process with limits (decoder.py), which answers with bare pixels. They are kept as a
master: a JPEG of our own, upright, sRGB, without metadata. Everything else is made from the master.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image

from .decoder import MASTER_SIDE, MAX_PIXELS, SECONDS, sniff

__all__ = [
    "MASTER_SIDE",
    "MAX_BYTES",
    "MAX_PIXELS",
    "WIDTHS",
    "Crop",
    "Master",
    "PhotoRefused",
    "Rendered",
    "clean",
    "default_crop",
    "render",
    "turned",
]

logger = logging.getLogger(__name__)

MAX_BYTES = 15 * 1024 * 1024
WIDTHS = (1200, 800, 400, 96)
WEBP_METHOD = 1
"""A third of the time that the default (4) takes, for the same look and a few more bytes."""
FORMS = (
    ("webp", "WEBP", {"quality": 80, "method": WEBP_METHOD}),
    ("jpg", "JPEG", {"quality": 82, "progressive": True}),
)
SMALLEST_CROP = 400
DECODER = Path(__file__).with_name("decoder.py")
LIMIT_SIGNALS = (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)
WAIT_SECONDS = 20

SENTENCES = {
    "not-agreed": _(
        "Somebody who can be recognised in this photo does not agree that it is shown. Choose another one."
    ),
    "empty": _("The file is empty. Choose the photo again."),
    "too-large": _("The photo weighs more than 15 MB. Choose a lighter one, or take a new one."),
    "not-an-image": _("This file is not a photo that we can read. Choose a JPEG, PNG, WebP or HEIC photo."),
    "no-heic": _("HEIC photos cannot be read here. Save yours as a JPEG, then choose it again."),
    "truncated": _("The photo arrived incomplete or damaged. Send it again, or choose another one."),
    "too-many-pixels": _("The photo has more than 50 million pixels. Choose a smaller version of it."),
    "too-small": _(
        "The photo is too small: its shorter side needs at least 600 pixels. Choose a larger one."
    ),
    "too-long": _("The photo is too narrow for a portrait. Choose one that is less elongated."),
    "crop-too-small": _("The frame is too tight: make it larger, so that the portrait stays sharp."),
    "too-heavy": _("The photo asks too much of the server. Choose a simpler version of it."),
    "unreadable": _("The photo could not be read. Choose another one, or save this one as a JPEG first."),
    "busy": _("Many photos are arriving at the moment. Nothing is lost: send yours again in a minute."),
}

DECODING = threading.BoundedSemaphore(2)
"""Two decoders at once in one web process: more would not be faster, and each may take a gigabyte."""


class PhotoRefused(Exception):
    """This picture cannot be used. `code` for programs, str() a sentence for people that says what to do."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)

    def __str__(self):
        return str(SENTENCES[self.code])


@dataclass(frozen=True)
class Master:
    """JPEG bytes: upright, sRGB, no metadata, longest side at most MASTER_SIDE px. `source_sha256` is the upload's, hex."""

    data: bytes
    width: int
    height: int
    source_sha256: str


@dataclass(frozen=True)
class Crop:
    """A frame in the upright master, as fractions of its width and height."""

    x: float
    y: float
    width: float
    height: float

    def clamped(self, master_width: int, master_height: int) -> Crop:
        """The nearest frame that lies inside, on whole pixels and exactly 4:5: about the same centre, within both sides.

        Raises PhotoRefused("crop-too-small") below SMALLEST_CROP px of width.
        """
        wanted = min(self.width * master_width / 4, self.height * master_height / 5)
        size = min(round(wanted), master_width // 4, master_height // 5)
        if size * 4 < SMALLEST_CROP:
            raise PhotoRefused("crop-too-small")
        left = round((self.x + self.width / 2) * master_width - size * 2)
        top = round((self.y + self.height / 2) * master_height - size * 2.5)
        return _frame(left, top, size, master_width, master_height)


def default_crop(width: int, height: int) -> Crop:
    """The largest 4:5 frame, centred, with more left out below than above: faces are in the upper third."""
    size = min(width // 4, height // 5)
    return _frame(round((width - size * 4) * 0.5), round((height - size * 5) * 0.35), size, width, height)


def _frame(left: int, top: int, size: int, width: int, height: int) -> Crop:
    """A frame of 4 × 5 times `size` px, moved inside the master."""
    left, top = min(max(left, 0), width - size * 4), min(max(top, 0), height - size * 5)
    return Crop(left / width, top / height, size * 4 / width, size * 5 / height)


def clean(upload: BinaryIO) -> Master:
    """The master of an upload. Raises PhotoRefused; survives whatever the file does to its decoder."""
    data = upload.read(MAX_BYTES + 1)
    if not data:
        raise PhotoRefused("empty")
    if len(data) > MAX_BYTES:
        raise PhotoRefused("too-large")
    if sniff(data) is None:
        raise PhotoRefused("not-an-image")
    picture = decoded(data)
    master = _encoded(picture, "JPEG", quality=92, subsampling=0)
    return Master(master, picture.width, picture.height, hashlib.sha256(data).hexdigest())


TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Degrees clockwise, in Pillow's names: it counts the other way round."""


def turned(master: bytes, degrees: int) -> Master:
    """The same photo, turned clockwise: another master with another fingerprint."""
    with Image.open(io.BytesIO(master), formats=["JPEG"]) as picture:
        picture = picture.transpose(TURNS[degrees])
    data = _encoded(picture, "JPEG", quality=92, subsampling=0)
    return Master(data, picture.width, picture.height, hashlib.sha256(data).hexdigest())


def decoded(data: bytes, *what: str) -> Image.Image:
    """The pixels of an upload, opened in a child process. `what`: "logo" keeps what is transparent. Raises PhotoRefused."""
    if not DECODING.acquire(timeout=WAIT_SECONDS):
        raise PhotoRefused("busy")
    try:
        return _decode(data, *what)
    finally:
        DECODING.release()


def _decode(data: bytes, *what: str) -> Image.Image:
    """In a child process that knows nothing of us and cannot answer more than a picture."""
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as said,
    ):
        source.write(data)
        source.seek(0)
        try:
            ended = subprocess.run(
                [sys.executable, "-I", DECODER, *what],
                stdin=source,
                stdout=answer,
                stderr=said,
                timeout=SECONDS,
                env={},
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            raise PhotoRefused("too-heavy") from None
        answer.seek(0)
        try:
            return _answered(answer, "RGBA" if what else "RGBX")
        except ValueError:
            said.seek(0)
            logger.error("The photo decoder ended with %d: %r", ended.returncode, said.read(1000))
            raise PhotoRefused("too-heavy" if -ended.returncode in LIMIT_SIGNALS else "unreadable") from None


def _answered(answer: IO[bytes], mode: str) -> Image.Image:
    """The picture in a decoder's answer. Raises PhotoRefused if it refuses, ValueError if it makes no sense."""
    header = json.loads(answer.readline(200))
    match header:
        case {"refused": str(code)} if code in SENTENCES:
            raise PhotoRefused(code)
        case {"width": int(width), "height": int(height)} if 0 < width <= MASTER_SIDE >= height > 0:
            pixels = answer.read(width * height * 4 + 1)
            if len(pixels) == width * height * 4:
                return Image.frombuffer(mode, (width, height), pixels, "raw", mode, 0, 1)
    raise ValueError(header)


@dataclass(frozen=True)
class Rendered:
    """One file made from a master and a crop."""

    name: str
    data: bytes
    width: int
    height: int
    content_type: str


def render(master: bytes, crop: Crop) -> list[Rendered]:
    """Each of WIDTHS as WebP and JPEG, named "1200.webp", "1200.jpg", … A frame narrower than that is not enlarged."""
    picture, rendered = _framed(master, crop), []
    for name in WIDTHS:
        width = min(picture.width, name)
        # Each size is made from the next larger one: a chain costs a third of starting anew each time.
        picture = picture.resize((width, width * 5 // 4), Image.Resampling.BICUBIC)
        for ending, form, options in FORMS:
            data = _encoded(picture, form, **options)
            rendered.append(Rendered(f"{name}.{ending}", data, *picture.size, Image.MIME[form]))
    return rendered


def _framed(master: bytes, crop: Crop) -> Image.Image:
    """What the crop holds, pixel for pixel and without whatever else the master may hold."""
    with Image.open(io.BytesIO(master), formats=["JPEG"]) as picture:
        crop = crop.clamped(*picture.size)
        left, top = round(crop.x * picture.width), round(crop.y * picture.height)
        width, height = round(crop.width * picture.width), round(crop.height * picture.height)
        framed = picture.crop((left, top, left + width, top + height))
    framed.info.clear()
    return framed


def _encoded(picture: Image.Image, form: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
