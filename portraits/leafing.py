"""The pages of a carousel of ours as pictures: each page is one picture, which the PDF holds as it was put in."""

from __future__ import annotations

import re
import struct
import zlib

PICTURE = re.compile(rb"\n<<\n(/BitsPerComponent 8\n[^>]*(?:<<[^>]*>>)?[^>]*)>>\nstream\n")
NUMBER = {name: re.compile(rb"/%s (\d+)" % name.encode()) for name in ("Width", "Height", "Length")}


def leaves(pdf: bytes) -> list[tuple[bytes, str]]:
    """(bytes, content type) of each page in order. A picture kept without loss is packed in a PDF as it is in a PNG."""
    found = []
    for picture in PICTURE.finditer(pdf):
        said = picture[1]
        width, height, length = (int(NUMBER[name].findall(said)[-1]) for name in NUMBER)
        data = pdf[picture.end() : picture.end() + length]
        if b"/DCTDecode" in said:
            found.append((data, "image/jpeg"))
        elif b"/FlateDecode" in said and b"/Predictor 15" in said and b"/DeviceRGB" in said:
            found.append((_png(width, height, data), "image/png"))
    return found


def _png(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )
