"""From an upload to a picture or a PDF that may be sent: checked, made small enough for every network, without metadata."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, NameObject

from portraits import photos

LONGEST_SIDE = 1600
LIGHT_ENOUGH = 950_000
"""Bytes: the smallest limit among the networks is a million (Bluesky)."""
QUALITIES = (85, 75, 65, 50)
DOCUMENT_BYTES = 20 * 1024 * 1024
DOCUMENT_PAGES = 100


class AttachmentRefused(Exception):
    """This file cannot be used; str() says what to do."""


@dataclass(frozen=True)
class Prepared:
    """A file as it will be kept. `width` and `height` in pixels, `pages` of a document."""

    data: bytes
    content_type: str
    ending: str
    width: int = 0
    height: int = 0
    pages: int = 0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def picture(upload: BinaryIO) -> Prepared:
    """An upright sRGB JPEG, at most LONGEST_SIDE px. Raises photos.PhotoRefused in words."""
    master = photos.clean(upload)
    with Image.open(io.BytesIO(master.data), formats=["JPEG"]) as image:
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, progressive=True)
            if out.tell() <= LIGHT_ENOUGH:
                break
        return Prepared(out.getvalue(), "image/jpeg", ".jpg", *image.size)


def document(upload: BinaryIO) -> Prepared:
    """A PDF that can be read, written anew without its metadata, scripts and attached files. Raises AttachmentRefused."""
    data = upload.read(DOCUMENT_BYTES + 1)
    if len(data) > DOCUMENT_BYTES:
        raise AttachmentRefused(
            _("The document weighs more than 20 MB. Export a lighter PDF and choose that.")
        )
    if not data.startswith(b"%PDF-"):
        raise AttachmentRefused(_("This file is not a PDF. Export the document as a PDF, then choose it."))
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise AttachmentRefused(_("This PDF is protected by a password. Export it without one."))
        pages = list(reader.pages)
        writer = PdfWriter()
        for page in pages:
            _quieten(page)
            writer.add_page(page)
        out = io.BytesIO()
        writer.metadata = None
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AttachmentRefused(
            _("This PDF is damaged and cannot be read. Export it anew, then choose it.")
        ) from error
    if not 1 <= len(pages) <= DOCUMENT_PAGES:
        raise AttachmentRefused(
            _("A document has between 1 and %(most)d pages; this one has %(count)d.")
            % {"most": DOCUMENT_PAGES, "count": len(pages)}
        )
    return Prepared(out.getvalue(), "application/pdf", ".pdf", pages=len(pages))


def _quieten(page: PageObject) -> None:
    """Only links to addresses stay of what a page does when it is opened or touched."""
    page.pop("/AA", None)
    notes = [note.get_object() for note in page.get("/Annots", ())]
    links = [note for note in notes if note.get("/A", {}).get("/S") == "/URI"]
    page.pop("/Annots", None)
    if links:
        page[NameObject("/Annots")] = ArrayObject(links)
