"""Files that nobody should send, and ordinary ones with something in them, all made here: each function gives bytes."""

import io
import random
import struct
import zipfile
import zlib
from functools import cache

import pytest
from PIL import Image, ImageCms, ImageDraw

CANARY = b"canary-7f3a91-<?php system($_GET[0]); ?><script>alert(1)</script>"
"""Hidden in whatever metadata or trailing bytes a file has: no output may hold it."""
RED, BLUE, GREEN = (200, 30, 30), (40, 60, 180), (40, 150, 70)
PNG = b"\x89PNG\r\n\x1a\n"
EOI = b"\xff\xd9"
FORMS = ("JPEG", "PNG", "WEBP")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900" onload="alert(1)"><rect/></svg>'
XXE = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>'
LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><svg><text>&b;</text></svg>'
FOREIGN = b"<svg><foreignObject><body onload='alert(1)'/></foreignObject></svg>"


@cache
def scene(width=640, height=800):
    """Upright: a red mark in the top left corner, blue above, green below, a little texture."""
    picture = Image.new("RGB", (width, height), BLUE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height // 2, width, height), fill=GREEN)
    for x in range(width // 4, width * 3 // 4, 20):
        draw.line((x, height // 4, width - x, height * 3 // 4), fill=(230, 210, 180), width=3)
    draw.rectangle((0, 0, width // 4, height // 4), fill=RED)
    return picture


def saved(picture, form, **options):
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@cache
def photo(form="JPEG", width=640, height=800, **options):
    return saved(scene(width, height), form, **options)


# PNG and JPEG by hand ---------------------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def ihdr(width, height, depth=8, colour=2):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_with(*chunks, at_end=False):
    """The scene as a PNG with more chunks, after the header or before the end."""
    data = photo("PNG")
    place = len(data) - 12 if at_end else 33
    return data[:place] + b"".join(chunks) + data[place:]


def deflated_zeros(size):
    """A valid zlib stream of that many zero bytes, made without ever holding them."""
    block = 1 << 20
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = deflate.compress(bytes(block)) + deflate.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = rest.compress(bytes(size % block)) + rest.flush()
    adler = ((size % 65521) << 16) | 1
    return b"\x78\xda" + one * (size // block) + end + struct.pack(">I", adler)


@cache
def png_of_zeros(width, height, depth=8, colour=2):
    row = 1 + (width * depth * {0: 1, 2: 3, 3: 1}[colour] + 7) // 8
    palette = chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    return (
        PNG
        + ihdr(width, height, depth, colour)
        + palette
        + chunk(b"IDAT", deflated_zeros(row * height))
        + chunk(b"IEND", b"")
    )


def png_header_only(width, height, depth=8, colour=2):
    return PNG + ihdr(width, height, depth, colour) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def png_with_too_few_rows():
    rows = zlib.compress((b"\0" + bytes([90, 120, 150]) * 640) * 300)
    return PNG + ihdr(640, 800) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png_with_bad_crc(kind):
    data = bytearray(photo("PNG"))
    place = data.index(kind)
    (length,) = struct.unpack(">I", data[place - 4 : place])
    data[place + 4 + length] ^= 0xFF
    return bytes(data)


def apng(frames=200, second=(640, 800)):
    """An animated PNG; `second` is the size that its second frame claims."""
    fctl = [
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *size, 0, 0, 1, 10, 0, 0))
        for number, size in enumerate([(640, 800), *[second] * (frames - 1)])
    ]
    tiny = chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress(bytes(4)))
    first = png_with(chunk(b"acTL", struct.pack(">II", frames, 0)), fctl[0])
    return first[:-12] + b"".join(frame + tiny for frame in fctl[1:]) + first[-12:]


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg_with(*segments):
    data = photo()
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_claiming(width, height):
    """The scene's data under a header that says another size."""
    data = bytearray(photo())
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def mpo_with_monstrous_second_frame():
    """What a phone's depth photo looks like, but the second JPEG in it claims 65,000 × 65,000."""
    data = bytearray(saved(scene(), "MPO", save_all=True, append_images=[scene()]))
    place = data.index(b"\xff\xc0", data.index(EOI + b"\xff\xd8")) + 5
    data[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


@cache
def gif(frames=600):
    first, *others = [Image.new("P", (40, 40), number % 250) for number in range(frames)]
    return saved(first, "GIF", save_all=True, append_images=others)


@cache
def heic():
    """Skips the test where the library is missing."""
    pytest.importorskip("pillow_heif").register_heif_opener()
    return photo("HEIF", exif=exif(), xmp=XMP, quality=80)


# Metadata ---------------------------------------------------------------------------------------


def exif(orientation=1, **ifds):
    """EXIF with an owner, a camera's number, a place."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = tags[0x013B] = tags[0x8298] = CANARY.decode()
    tags.get_ifd(0x8769).update({0xA430: CANARY.decode(), 0xA431: CANARY.decode()})
    tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 34.0, 24.0), 3: "E", 4: (7.0, 45.0, 8.0)})
    return tags.tobytes()


def tiff(entries, following=0):
    """The bytes of a little-endian TIFF directory at offset 8: [(tag, type, count, value)]."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following)


def exif_segment(body):
    return segment(0xE1, b"Exif\0\0" + body)


EXIF_LOOP = tiff([(0x0112, 3, 1, 1), (0x8769, 4, 1, 8), (0x8825, 4, 1, 8)], following=8)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="48,34N">' + CANARY + b"</x:xmpmeta>"
XMP_SEGMENT = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
IPTC_SEGMENT = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(CANARY)) + CANARY)
COMMENT = segment(0xFE, CANARY)


def jpeg_with_thumbnail():
    """EXIF whose thumbnail shows what the picture no longer does."""
    small = saved(Image.new("RGB", (160, 120), "white"), "JPEG", comment=CANARY)
    place = 8 + 2 + 3 * 12 + 4
    head = tiff([], following=14)
    second = struct.pack("<H", 2) + struct.pack("<HHIIHHII", 0x0201, 4, 1, place, 0x0202, 4, 1, len(small))
    return jpeg_with(exif_segment((head + second + bytes(4)).ljust(place, b"\0") + small))


def icc(kind="sRGB"):
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(kind)).tobytes()


def display_p3():
    """An ICC profile of the phones' wide colours: primaries adapted to D50, the curve of sRGB."""

    def fixed(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.515121, 0.241196, -0.001053),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.291977, 0.692245, 0.041885),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.157104, 0.066574, 0.784073),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, place = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


# Two things at once, and damaged ----------------------------------------------------------------


def zip_file():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("canary.php", CANARY)
    return out.getvalue()


def mutated(data, seed):
    """With some bytes changed, removed or doubled, the same for the same seed."""
    chance, data = random.Random(seed), bytearray(data)
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(12, len(data) - 40)
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place : place + 4] = chance.randbytes(4)
            case 2:
                del data[place : place + chance.randint(1, 30)]
            case 3:
                data[place:place] = data[place : place + chance.randint(1, 30)]
    return bytes(data)


def cut(data, share):
    return data[: int(len(data) * share)]


def cut_after_ff(data):
    """Cut between the two bytes that stand for one FF in a JPEG's scan."""
    return data[: data.index(b"\xff\0", len(data) // 2) + 1]
