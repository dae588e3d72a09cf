"""A promotion's logo, from whatever somebody uploads to a clean PNG: the same child process as photos, its transparency kept."""

from __future__ import annotations

import io
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from . import photos
from .decoder import sniff

MAX_BYTES = 4 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP")
SENTENCES = {
    "too-large": _("The logo weighs more than 4 MB. Choose a lighter file."),
    "not-an-image": _(
        "This file is not a picture that we can read. Save the logo as a PNG (a JPEG or WebP will do), then choose it again."
    ),
    "too-small": _("The logo is too small: its longer side needs at least 120 pixels. Choose a larger file."),
    "too-long": _(
        "The logo is too elongated: at most ten times as long as high. Choose another version of it."
    ),
    "busy": _("Many pictures are arriving at the moment. Nothing is lost: send the logo again in a minute."),
    "other": _("The logo could not be read. Save it anew as a PNG, then choose it again."),
}


class LogoRefused(Exception):
    """This logo cannot be used. str() is a sentence for people that says what to do."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)

    def __str__(self):
        return str(SENTENCES.get(self.code, SENTENCES["other"]))


def clean(upload: BinaryIO) -> bytes:
    """PNG bytes of our own: sRGB, no metadata, at most decoder.LOGO_SIDE px long. Raises LogoRefused."""
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise LogoRefused("too-large")
    if sniff(data) not in FORMATS:
        raise LogoRefused("not-an-image")
    try:
        picture = photos.decoded(data, "logo")
    except photos.PhotoRefused as refused:
        raise LogoRefused(refused.code) from None
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
