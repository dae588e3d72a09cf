"""From a delivery to what a connector sends: exactly what was approved, or nothing."""

from __future__ import annotations

import hashlib

from django.db.models.fields.files import FieldFile

from .models import Attachment, Delivery, Picture, Sent
from .networks.base import Content
from .pictures import content_of, document_of, image_of, offline_content

__all__ = ["ContentChanged", "frozen_content", "offline_content"]


class ContentChanged(Exception):
    """What would be sent is not what was approved: the picture is gone or differs, or the row was changed."""


def frozen_content(delivery: Delivery) -> Content:
    """What was approved, read from disk and compared with its fingerprint. Raises ContentChanged, OSError."""
    if delivery.compute_fingerprint() != delivery.fingerprint:
        raise ContentChanged
    if delivery.portrait_version_id is None:
        return content_of(
            delivery.text, [_read(one) for one in delivery.attachments.select_related("attachment")]
        )
    if not delivery.image_sha256:
        return Content(delivery.text)
    kept = delivery.image if delivery.picture == Picture.PHOTO else delivery.card
    if kept is None:
        raise ContentChanged
    data = _unchanged(kept.file, delivery.image_sha256)
    if delivery.picture == Picture.CAROUSEL:
        return Content(delivery.text, document=document_of(kept, delivery.document_title, data))
    return Content(delivery.text, (image_of(kept, delivery.alt_text, data),))


def _read(sent: Sent) -> tuple[Attachment, str, bytes]:
    return sent.attachment, sent.alt_text, _unchanged(sent.attachment.file, sent.attachment.sha256)


def _unchanged(kept: FieldFile, sha256: str) -> bytes:
    with kept.open("rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ContentChanged
    return data
