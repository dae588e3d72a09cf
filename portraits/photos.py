"""From whatever a phone hands over to clean pictures: pixels only, no models.

An upload is decoded once, in a child process with limits (decoder.py), into a master: upright, sRGB, without metadata.
Everything else is made from the master, which is a file of our own.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MASTER_SIDE = 2400
RATIO = 4 / 5
"""Width to height of every crop."""
WIDTHS = (1200, 800, 400, 96)
SMALLEST_CROP = 400
CHILD_MEMORY = 1024**3
CHILD_CPU_SECONDS = 10
CHILD_SECONDS = 15
WAIT_SECONDS = 20

SENTENCES = {
    "empty": _("The file is empty. Choose the photo again."),
    "too-large": _("The photo weighs more than 15 MB. Choose a lighter one, or take a new one."),
    "not-a-photo": _("This file is not a photo that we can read. Choose a JPEG, PNG, WebP or HEIC photo."),
    "truncated": _("The photo arrived incomplete or damaged. Send it again, or choose another one."),
    "too-many-pixels": _("The photo has more than 50 million pixels. Choose a smaller version of it."),
    "too-small": _(
        "The photo is too small: its shorter side needs at least 600 pixels. Choose a larger one."
    ),
    "too-long": _("The photo is too narrow for a portrait. Choose one that is less elongated."),
    "crop-too-small": _("The frame is too tight: make it larger, so that the portrait stays sharp."),
    "too-heavy": _("The photo asks too much of the server. Choose a simpler version of it."),
    "busy": _("Many photos are arriving at the moment. Nothing is lost: send yours again in a minute."),
}
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")

_turn = threading.BoundedSemaphore(2)


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
        """The nearest frame that lies inside and is 4:5 in pixels. Raises PhotoRefused below SMALLEST_CROP px of width."""
        width = min(max(self.width, 0.0), 1.0) * master_width
        width = min(width, master_width, master_height * RATIO)
        if width < SMALLEST_CROP:
            raise PhotoRefused("crop-too-small")
        height = width / RATIO
        left = min(max(self.x * master_width, 0.0), master_width - width)
        top = min(max(self.y * master_height, 0.0), master_height - height)
        return Crop(left / master_width, top / master_height, width / master_width, height / master_height)


def default_crop(width: int, height: int) -> Crop:
    """The largest 4:5 frame, centred, with a little more room below than above: faces are in the upper third."""
    crop_width = min(width, height * RATIO)
    crop_height = crop_width / RATIO
    left, top = (width - crop_width) * 0.5, (height - crop_height) * 0.35
    return Crop(left / width, top / height, crop_width / width, crop_height / height)


def clean(upload: BinaryIO) -> Master:
    """The master of an upload. Raises PhotoRefused; survives whatever the file does to its decoder."""
    data = upload.read(MAX_BYTES + 1)
    if not data:
        raise PhotoRefused("empty")
    if len(data) > MAX_BYTES:
        raise PhotoRefused("too-large")
    if not looks_like_a_photo(data):
        raise PhotoRefused("not-a-photo")
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise PhotoRefused("busy")
    try:
        return _decode(data)
    finally:
        _turn.release()


def looks_like_a_photo(data: bytes) -> bool:
    """By the first bytes, never by name or declared type: JPEG, PNG, WebP, HEIC."""
    return (
        data.startswith(MAGIC)
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS)
    )


def _decode(data: bytes) -> Master:
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("decoder.py"))]
    environment = {"PYTHONPATH": "", "PATH": "", "LANG": "C.UTF-8", "SITE": os.pathsep.join(_site_folders())}
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=CHILD_SECONDS,
            env=environment,
            cwd="/",
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired as error:
        raise PhotoRefused("too-heavy") from error
    header, _newline, picture = done.stdout.partition(b"\n")
    try:
        answer = json.loads(header)
    except ValueError:
        # Killed by a limit, or crashed: the file did it, and only the child is gone.
        raise PhotoRefused("too-heavy" if done.returncode < 0 else "truncated") from None
    if "refused" in answer:
        raise PhotoRefused(answer["refused"])
    return Master(picture, answer["width"], answer["height"], answer["sha256"])


def _site_folders() -> Iterator[str]:
    """Where Pillow lives: the child starts without site, which is faster, and is told."""
    yield str(Path(Image.__file__).resolve().parent.parent)


def _limit() -> None:
    """Runs in the child before Python does: bounded memory and time, no core file, no new files."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_CPU_SECONDS, CHILD_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


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
    with Image.open(io.BytesIO(master), formats=["JPEG"]) as picture:
        wide, high = picture.size
        box = (
            round(crop.x * wide),
            round(crop.y * high),
            min(wide, round((crop.x + crop.width) * wide)),
            min(high, round((crop.y + crop.height) * high)),
        )
        framed = picture.crop(box)
    rendered = []
    for name in WIDTHS:
        width = min(name, framed.width)
        height = round(width / RATIO)
        if framed.size != (width, height):
            # Each size is made from the next larger one: a chain costs a third of starting anew each time.
            framed = framed.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        rendered.append(_encoded(framed, f"{name}.webp", "WEBP", quality=80, method=1))
        rendered.append(_encoded(framed, f"{name}.jpg", "JPEG", quality=82, progressive=True, optimize=True))
    return rendered


def _encoded(picture: Image.Image, name: str, form: str, **options) -> Rendered:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return Rendered(name, out.getvalue(), picture.width, picture.height, f"image/{form.lower()}")
