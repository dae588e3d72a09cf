"""LinkedIn's documents, whose pages are leafed through: what is truly in a PDF, as far as can be seen without drawing it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

BYTE_LIMIT = 100_000_000
PAGE_LIMIT = 300
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
PACKED = re.compile(rb"/Type\s*/ObjStm.{0,400}?stream\r?\n(.*?)endstream", re.DOTALL)
UNPACKED_LIMIT = 20_000_000


@dataclass(frozen=True)
class Pdf:
    """`problem` is why the network cannot show it, if it cannot."""

    pages: int = 0
    problem: str = ""


def examine(data: bytes) -> Pdf:
    if not data.startswith(b"%PDF-"):
        return Pdf(problem="format")
    if b"%%EOF" not in data[-2048:]:
        return Pdf(problem="unreadable")
    pages = len(PAGE.findall(data)) + sum(len(PAGE.findall(_unpack(found))) for found in PACKED.findall(data))
    if not pages:
        return Pdf(problem="unreadable")
    if len(data) > BYTE_LIMIT:
        return Pdf(pages, "too-large")
    return Pdf(pages, "too-many-pages" if pages > PAGE_LIMIT else "")


def _unpack(data: bytes) -> bytes:
    """Newer PDFs keep their objects in packed streams."""
    try:
        return zlib.decompressobj().decompress(data, UNPACKED_LIMIT)
    except zlib.error:
        return b""
