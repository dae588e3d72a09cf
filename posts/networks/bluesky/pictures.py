"""Pictures for Bluesky: made small enough where they are too large, uploaded, and known there by their own bytes."""

from __future__ import annotations

import hashlib
import io
import time
import warnings
from dataclasses import replace

import PIL.Image
import PIL.ImageOps
from django.utils.translation import gettext_lazy as _

from ..base import Credentials, Image, Refused, TryLater
from .posts import blob_cid
from .wire import AWAY, TOO_LARGE, ask, thing

BYTE_LIMIT = 2_000_000
SMALL_BYTE_LIMIT = 1_000_000
"""Of the picture of a link, and of servers from before April 2026."""
PIXEL_LIMIT = 50_000_000
STEPS = ((90, 0), (85, 3000), (85, 2000), (80, 1600), (75, 1200), (70, 800))
"""(JPEG quality, longest side; 0: as it is), tried in this order. Bluesky shows at most 2000 pixels."""

UNREADABLE = _("Bluesky cannot use this picture. Choose another photo, then ask for approval again.")


def uploaded(image: Image, credentials: Credentials, end: float, limit: int = BYTE_LIMIT) -> dict:
    """Bluesky's own name for the picture, with the size of what was sent: {"blob", "width", "height"}.

    The same bytes are the same blob: may be repeated. `end` is when it must be over (time.monotonic).
    """
    sent = fitting(image, limit)
    try:
        answer = _upload(sent, credentials, end)
    except Refused as outcome:
        if outcome.reason != "too-large" or len(sent.data) <= SMALL_BYTE_LIMIT:
            raise
        sent = fitting(image, SMALL_BYTE_LIMIT)
        answer = _upload(sent, credentials, end)
    blob = thing(answer).get("blob")
    if not isinstance(blob, dict) or not blob_cid(blob) or blob.get("size") != len(sent.data):
        raise TryLater("no-blob", AWAY, answer=answer.shown, status=answer.status)
    return {"blob": blob, "width": sent.width, "height": sent.height}


def _upload(image: Image, credentials: Credentials, end: float):
    left = end - time.monotonic()
    if left <= 0:
        raise TryLater("out-of-time", AWAY)
    name = "com.atproto.repo.uploadBlob"
    return ask(credentials, name, body=image.data, content_type=image.content_type, seconds=left)


def fitting(image: Image, limit: int) -> Image:
    """The picture itself if it has at most `limit` bytes, else a JPEG of it that has, without metadata, in its proportions."""
    if len(image.data) <= limit:
        return image
    picture = _opened(image.data)
    for quality, longest in STEPS:
        if longest:
            picture.thumbnail((longest, longest))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= limit:
            data = out.getvalue()
            return replace(
                image,
                data=data,
                content_type="image/jpeg",
                width=picture.width,
                height=picture.height,
                sha256=hashlib.sha256(data).hexdigest(),
            )
    raise Refused("too-large", TOO_LARGE)


def _opened(data: bytes) -> PIL.Image.Image:
    """Upright, on white where it is transparent, bare of everything but its pixels. Raises Refused for what is no picture."""
    try:
        with (
            warnings.catch_warnings(),
            PIL.Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture,
        ):
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            if picture.width * picture.height > PIXEL_LIMIT:
                raise Refused("too-large", TOO_LARGE)
            upright = PIL.ImageOps.exif_transpose(picture)
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                ground = PIL.Image.new("RGBA", upright.size, "white")
                upright = PIL.Image.alpha_composite(ground, upright)
            bare = upright.convert("RGB")
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        bare = None
    if bare is None:
        raise Refused("unreadable-picture", UNREADABLE)
    bare.info.clear()
    return bare
