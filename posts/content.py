"""From a delivery or a variant to what a connector sends."""

from __future__ import annotations

import hashlib

from portraits.models import Photo, Rendition

from .models import Delivery
from .networks.base import Content, Image


class ContentChanged(Exception):
    """What would be sent is not what was approved: the picture is gone or differs, or the row was changed."""


def frozen_content(delivery: Delivery) -> Content:
    """What was approved, read from disk and compared with its fingerprint. Raises ContentChanged, OSError."""
    if delivery.compute_fingerprint() != delivery.fingerprint:
        raise ContentChanged
    if not delivery.image_sha256:
        return Content(delivery.text)
    if delivery.image is None:
        raise ContentChanged
    with delivery.image.file.open("rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != delivery.image_sha256:
        raise ContentChanged
    return Content(delivery.text, (_image(delivery.image, delivery.alt_text, data),))


def offline_content(text: str, alt_text: str, photo: Photo | None) -> Content:
    """The same shape without the bytes, for `check`: lengths, sizes and alternative text are all it looks at."""
    rendition = Rendition.objects.filter(photo=photo, name="1200.jpg").first()
    return Content(text, (_image(rendition, alt_text, b""),) if rendition else ())


def _image(rendition: Rendition, alt_text: str, data: bytes) -> Image:
    return Image(
        data=data,
        content_type=rendition.content_type,
        alt=alt_text,
        width=rendition.width,
        height=rendition.height,
        sha256=rendition.sha256,
    )
