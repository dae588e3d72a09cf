"""Every hostile file is refused with its reason, or accepted and clean: of what was sent, only the picture goes on."""

import io
import random
import re
import struct

import pytest
from PIL import Image

from portraits import photos
from portraits.photos import PhotoRefused, clean, default_crop, render

from . import hostile as h

TEN_MORE_BYTES = b"0123456789"
FLOOD = 200 << 20

REFUSED = {
    # Bombs: refused by their header, before anything is decoded.
    "2.5 gigapixels of one bit": ("too-many-pixels", lambda: h.png_of_zeros(50_000, 50_000, 1, 0)),
    "30,000 by 30,000": ("too-many-pixels", lambda: h.png_of_zeros(30_000, 30_000)),
    "177 megapixels of palette": ("too-many-pixels", lambda: h.png_of_zeros(13_300, 13_300, 8, 3)),
    "just over the limit": ("too-many-pixels", lambda: h.png_header_only(7_100, 7_100)),
    "header of 2^31-1": ("too-many-pixels", lambda: h.png_header_only(2**31 - 1, 2**31 - 1)),
    "zero width": ("truncated", lambda: h.png_header_only(0, 900)),
    "JPEG claiming 81 megapixels": ("too-many-pixels", lambda: h.jpeg_claiming(9_000, 9_000)),
    "JPEG claiming 65,535 by 65,535": ("too-many-pixels", lambda: h.jpeg_claiming(65_535, 65_535)),
    "JPEG claiming 40 megapixels": ("truncated", lambda: h.jpeg_claiming(6_000, 6_600)),
    "JPEG claiming more rows": ("truncated", lambda: h.jpeg_claiming(640, 900)),
    "JPEG of zero height": ("truncated", lambda: h.jpeg_claiming(640, 0)),
    "zTXt of 200 MB": ("truncated", lambda: h.png_with(h.chunk(b"zTXt", b"k\0\0" + h.deflated_zeros(FLOOD)))),
    "iTXt of 200 MB": (
        "truncated",
        lambda: h.png_with(h.chunk(b"iTXt", b"k\0\1\0\0\0" + h.deflated_zeros(FLOOD))),
    ),
    "iCCP of 200 MB": ("truncated", lambda: h.png_with(h.chunk(b"iCCP", b"k\0\0" + h.deflated_zeros(FLOOD)))),
    "zTXt of 200 MB at the end": (
        "truncated",
        lambda: h.png_with(h.chunk(b"zTXt", b"k\0\0" + h.deflated_zeros(FLOOD)), at_end=True),
    ),
    # Not a photo, whatever it is called.
    "SVG": ("not-an-image", lambda: h.SVG),
    "SVG with an entity of a file": ("not-an-image", lambda: h.XXE),
    "billion laughs": ("not-an-image", lambda: h.LAUGHS),
    "SVG with HTML inside": ("not-an-image", lambda: h.FOREIGN),
    "HTML": ("not-an-image", lambda: b"<!doctype html><script>alert(1)</script>"),
    "script": ("not-an-image", lambda: b"#!/bin/sh\nid\n"),
    "PHP": ("not-an-image", lambda: h.CANARY[7:]),
    "MVG": ("not-an-image", lambda: b"push graphic-context\nimage over 0,0 0,0 'https://example.org'\n"),
    "ELF": ("not-an-image", lambda: b"\x7fELF\x02\x01\x01" + bytes(900)),
    "PDF": ("not-an-image", lambda: b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>endobj\n"),
    "EPS": ("not-an-image", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n(w) file\n"),
    "ZIP": ("not-an-image", h.zip_file),
    "TIFF": ("not-an-image", lambda: h.photo("TIFF")),
    "BMP": ("not-an-image", lambda: h.photo("BMP")),
    "ICO": ("not-an-image", lambda: h.photo("ICO")),
    "PPM": ("not-an-image", lambda: h.photo("PPM")),
    "TGA": ("not-an-image", lambda: h.photo("TGA")),
    "JPEG 2000": ("not-an-image", lambda: h.photo("JPEG2000")),
    "PSD": ("not-an-image", lambda: b"8BPS\0\1" + bytes(900)),
    "FITS": ("not-an-image", lambda: b"SIMPLE  =                    T".ljust(2880)),
    "AVIF": ("not-an-image", lambda: b"\0\0\0\x18ftypavif" + bytes(900)),
    "GIF of 600 frames": ("not-an-image", h.gif),
    "GIF that is JavaScript": ("not-an-image", lambda: b"GIF89a/*" + h.gif()[8:] + b"*/=1;alert(1)"),
    # Damaged: never a grey portrait.
    **{
        f"{form} cut at {share:.0%}": (
            "truncated",
            lambda form=form, share=share: h.cut(h.photo(form), share),
        )
        for form in ("JPEG", "PNG", "WEBP")
        for share in (0.05, 0.5, 0.9)
    },
    **{
        f"progressive JPEG cut at {share:.0%}": (
            "truncated",
            lambda share=share: h.cut(h.photo(progressive=True), share),
        )
        for share in (0.05, 0.5, 0.9)
    },
    **{
        f"JPEG cut at {share:.0%}, its end marker put back": (
            "truncated",
            lambda share=share: h.cut(h.photo(), share) + h.EOI,
        )
        for share in (0.05, 0.5, 0.9)
    },
    **{
        f"JPEG cut at {share:.0%}, filled up with {name}": (
            "truncated",
            lambda share=share, filler=filler: h.cut(h.photo(), share).ljust(len(h.photo()), filler),
        )
        for share in (0.05, 0.5, 0.9)
        for name, filler in {"FF": b"\xff", "00": b"\0"}.items()
    },
    "JPEG cut within an escaped byte": ("truncated", lambda: h.cut_after_ff(h.photo()) + h.EOI),
    "JPEG without its last bytes": ("truncated", lambda: h.photo()[:-4]),
    "PNG with too few rows": ("truncated", h.png_with_too_few_rows),
    "PNG with a bad checksum of its header": ("truncated", lambda: h.png_with_bad_crc(b"IHDR")),
    "PNG without picture data": ("truncated", lambda: h.png_header_only(900, 900)),
    "JPEG, first bytes only": ("truncated", lambda: b"\xff\xd8\xff"),
    "PNG, first bytes only": ("truncated", lambda: h.PNG),
    "WebP, first bytes only": ("truncated", lambda: b"RIFF\0\0\0\0WEBP"),
    "PNG signature and HTML": ("truncated", lambda: h.PNG + b"<script>alert(1)</script>"),
    # Sizes.
    "nothing": ("empty", lambda: b""),
    "one byte": ("not-an-image", lambda: b"\xff"),
    "one pixel": ("too-small", lambda: h.photo("PNG", 1, 1)),
    "1 by 30,000": ("too-small", lambda: h.photo("PNG", 1, 30_000)),
    "599 wide": ("too-small", lambda: h.photo("JPEG", 599, 900)),
    "600 by 30,000": ("too-long", lambda: h.png_of_zeros(600, 30_000)),
    "one byte over 15 MB": ("too-large", lambda: h.photo().ljust(photos.MAX_BYTES + 1, b"\0")),
}

ACCEPTED = {
    # Heavy, but a photo all the same.
    "20,000 text chunks": lambda: h.png_with(*[h.chunk(b"tEXt", b"k\0" + h.CANARY)] * 20_000),
    "500 application segments": lambda: h.jpeg_with(*[h.segment(0xE5, h.CANARY)] * 500),
    "a comment of 1 MB": lambda: h.jpeg_with(*[h.segment(0xFE, h.CANARY * 900)] * 18),
    "15 MB to the byte": lambda: h.photo().ljust(photos.MAX_BYTES, b"\0"),
    # More than one picture: the first.
    "APNG of 200 frames": h.apng,
    "APNG with a second frame of 65,000 by 65,000": lambda: h.apng(2, (65_000, 65_000)),
    "animated WebP": lambda: h.saved(
        h.scene(), "WEBP", save_all=True, append_images=[h.scene().rotate(9)] * 3
    ),
    "MPO": lambda: h.saved(h.scene(), "MPO", save_all=True, append_images=[h.scene().rotate(9)]),
    "MPO with a second frame of 65,000 by 65,000": h.mpo_with_monstrous_second_frame,
    # Two things at once.
    "JPEG and ZIP": lambda: h.photo() + h.zip_file(),
    "JPEG and PDF": lambda: h.jpeg_with(h.segment(0xFE, b"%PDF-1.4\n" + h.CANARY)) + b"%%EOF" + h.CANARY,
    "JPEG and a second JPEG": lambda: h.photo() + h.photo(comment=h.CANARY),
    "PNG and HTML": lambda: h.photo("PNG") + h.CANARY,
    "WebP and HTML": lambda: h.photo("WEBP") + h.CANARY,
    "PHP in a PNG text": lambda: h.png_with(h.chunk(b"tEXt", b"Comment\0" + h.CANARY)),
    # Where, whose, with what.
    **{f"EXIF of a person in a {form}": lambda form=form: h.photo(form, exif=h.exif()) for form in h.FORMS},
    "XMP in a JPEG": lambda: h.jpeg_with(h.XMP_SEGMENT),
    "XMP in a PNG": lambda: h.png_with(h.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + h.XMP)),
    "XMP in a WebP": lambda: h.photo("WEBP", xmp=h.XMP),
    "IPTC": lambda: h.jpeg_with(h.IPTC_SEGMENT),
    "everything in a JPEG": lambda: h.jpeg_with(
        h.exif_segment(h.exif()[6:]), h.XMP_SEGMENT, h.IPTC_SEGMENT, h.COMMENT
    ),
    "thumbnail of the uncropped picture": h.jpeg_with_thumbnail,
    "profile with words in it": lambda: h.photo(icc_profile=h.icc() + h.CANARY),
    # EXIF that lies.
    "EXIF loop": lambda: h.jpeg_with(h.exif_segment(h.EXIF_LOOP)),
    "two EXIF": lambda: h.jpeg_with(h.exif_segment(h.exif()[6:]), h.exif_segment(h.exif(6)[6:])),
    "random EXIF": lambda: h.jpeg_with(h.exif_segment(b"II*\0" + random.Random(1).randbytes(400))),
    "EXIF of nothing": lambda: h.jpeg_with(h.exif_segment(b"")),
    "orientation 0": lambda: h.photo(exif=h.exif(0)),
    "orientation 9": lambda: h.photo(exif=h.exif(9)),
    "orientation 99": lambda: h.photo(exif=h.exif(99)),
    "orientation in words": lambda: h.jpeg_with(h.exif_segment(h.tiff([(0x0112, 2, 4, 0x36363636)]))),
    "PNG with a bad checksum of its data": lambda: h.png_with_bad_crc(b"IDAT"),
}

MUTATED = 12
"""Damaged files of each format."""


def foreign_parts(data):
    """What a JPEG or WebP holds besides the picture: the names of its other segments, and bytes after its end."""
    if data[:4] == b"RIFF":
        (size,) = struct.unpack("<I", data[16:20])
        whole = data[12:16] == b"VP8 " and len(data) == 20 + size + size % 2
        return [] if whole and data[4:8] == struct.pack("<I", len(data) - 8) else [data[12:16]]
    found, place = [], 2
    while data[place : place + 2] != h.EOI:
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        is_jfif = kind == 0xE0 and length == 16 and data[place + 4 : place + 9] == b"JFIF\0"
        if not is_jfif and kind not in (0xC0, 0xC2, 0xC4, 0xDA, 0xDB):
            found.append(hex(kind))
        place += 2 + length
        if kind == 0xDA:
            place = re.compile(rb"\xff[^\0\xd0-\xd7]", re.DOTALL).search(data, place).start()
    return found + [data[place + 2 :]] * (len(data) > place + 2)


def outputs(master):
    frame = default_crop(master.width, master.height)
    return [master.data, *(picture.data for picture in render(master.data, frame))]


def traces(master):
    """What may not be in the files made from an upload."""
    files = outputs(master)
    words = [
        word for word in (h.CANARY, h.CANARY[:13], b"<?php", b"<script") for data in files if word in data
    ]
    return words + [part for data in files for part in foreign_parts(data)]


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused(name):
    code, make = REFUSED[name]
    with pytest.raises(PhotoRefused) as refused:
        clean(io.BytesIO(make()))
    assert refused.value.code == code


@pytest.mark.parametrize("name", ACCEPTED)
def test_hostile_file_is_accepted_and_clean(name):
    data = ACCEPTED[name]()
    master = clean(io.BytesIO(data))
    red, green, blue = Image.open(io.BytesIO(master.data)).getpixel((20, 20))
    assert (master.width, master.height, red > 170 and green < 60 and blue < 60) == (640, 800, True)
    assert traces(master) == []


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_heic_cut_short_is_refused(share):
    with pytest.raises(PhotoRefused) as refused:
        clean(io.BytesIO(h.cut(h.heic(), share)))
    assert refused.value.code == "truncated"


def test_heic_of_a_person_is_accepted_and_clean():
    assert traces(clean(io.BytesIO(h.heic()))) == []


@pytest.mark.parametrize("seed", range(MUTATED))
@pytest.mark.parametrize("form", [*h.FORMS, "progressive", "HEIF"])
def test_mutated_file_is_refused_or_clean(form, seed):
    """Whatever it does to a decoder, it is never an error of ours."""
    data = {"HEIF": h.heic, "progressive": lambda: h.photo(progressive=True)}.get(
        form, lambda: h.photo(form)
    )()
    try:
        found = traces(clean(io.BytesIO(h.mutated(data, seed))))
    except PhotoRefused as refused:
        found = (
            []
            if refused.code in {"truncated", "too-small", "too-long", "too-many-pixels"}
            else [refused.code]
        )
    assert found == []


def test_render_leaves_out_what_a_master_should_not_hold():
    pictures = render(h.photo(comment=h.CANARY, exif=h.exif(), icc_profile=h.icc()), photos.Crop(0, 0, 1, 1))
    assert [part for picture in pictures for part in foreign_parts(picture.data)] == []


def test_foreign_parts_are_found():
    """The judge itself: what it must not overlook."""
    assert foreign_parts(h.photo()) == []
    assert foreign_parts(h.jpeg_with(h.COMMENT, h.XMP_SEGMENT) + TEN_MORE_BYTES) == [
        "0xfe",
        "0xe1",
        TEN_MORE_BYTES,
    ]
    assert foreign_parts(h.photo("WEBP")) == []
    assert foreign_parts(h.photo("WEBP", exif=h.exif())) == [b"VP8X"]
    assert foreign_parts(h.photo("WEBP") + TEN_MORE_BYTES) == [b"VP8 "]
