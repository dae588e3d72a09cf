"""Pictures in, pictures out: upright, sRGB, framed, in every size."""

import hashlib
import io
import re
import struct
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from portraits import decoder, photos
from portraits.photos import Crop, PhotoRefused, clean, default_crop, render

from . import hostile

Turn = Image.Transpose
STORED = {
    1: None,
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_90,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_270,
}
"""How an upright picture lies in the file, by the orientation that its EXIF then tells."""
WHOLE = Crop(0, 0, 1, 1)


def opened(data):
    return Image.open(io.BytesIO(data))


def cleaned(data):
    """The master of these bytes, as a picture."""
    return opened(clean(io.BytesIO(data)).data)


def refusal(call, *args):
    with pytest.raises(PhotoRefused) as refused:
        call(*args)
    return refused.value.code


def near(colour, wanted, by=4):
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


# Upright ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_clean_puts_every_orientation_upright(form, orientation):
    options = {"quality": 80}
    picture = hostile.scene()
    if form == "HEIF":
        # Its encoder takes the upright picture's orientation as a turn to be made by whoever shows it.
        pytest.importorskip("pillow_heif").register_heif_opener()
        options["enc_params"] = {"preset": "ultrafast"}
    if STORED[orientation] is not None:
        picture = picture.transpose(STORED[orientation])
    upright = cleaned(hostile.saved(picture, form, exif=hostile.exif(orientation), **options))
    corners = [upright.getpixel(place) for place in ((20, 20), (620, 20), (20, 780), (620, 780))]
    wanted = [hostile.RED, hostile.BLUE, hostile.GREEN, hostile.GREEN]
    assert upright.size == (640, 800)
    assert [near(*pair, by=12) for pair in zip(corners, wanted, strict=True)] == [True] * 4


# Colours ----------------------------------------------------------------------------------------


def plain(mode, colour, form="PNG", **options):
    return hostile.saved(Image.new(mode, (640, 800), colour), form, **options)


def palette(*colours, **options):
    picture = Image.new("P", (640, 800), len(colours) - 1)
    picture.putpalette([value for colour in colours for value in colour])
    return hostile.saved(picture, "PNG", **options)


def sixteen_bits(red, green, blue):
    rows = zlib.compress((b"\0" + struct.pack(">HHH", red, green, blue) * 640) * 800)
    return (
        hostile.PNG + hostile.ihdr(640, 800, 16) + hostile.chunk(b"IDAT", rows) + hostile.chunk(b"IEND", b"")
    )


COLOURS = {
    "CMYK, as Adobe stores it": (plain("CMYK", (0, 255, 255, 0), "JPEG"), (254, 0, 0)),
    "grey JPEG": (plain("L", 90, "JPEG"), (90, 90, 90)),
    "grey with alpha: transparent": (plain("LA", (20, 0)), (255, 255, 255)),
    "grey with alpha: opaque": (plain("LA", (20, 255)), (20, 20, 20)),
    "half transparent black": (plain("RGBA", (0, 0, 0, 128)), (127, 127, 127)),
    "half transparent WebP": (plain("RGBA", (0, 0, 0, 128), "WEBP", lossless=True), (127, 127, 127)),
    "palette": (palette((9, 9, 9), (200, 100, 50)), (200, 100, 50)),
    "palette with a transparent colour": (
        palette((9, 9, 9), (200, 100, 50), transparency=1),
        (255, 255, 255),
    ),
    "palette with alpha": (palette((9, 9, 9), (0, 0, 0), transparency=b"\xff\x80"), (127, 127, 127)),
    "colours with a transparent one": (
        plain("RGB", (1, 2, 3), transparency=(1, 2, 3)),
        (255, 255, 255),
    ),
    "one bit": (plain("1", 1), (255, 255, 255)),
    "16-bit grey": (plain("I;16", 128 * 257), (128, 128, 128)),
    "16-bit grey, dark": (plain("I;16", 200), (1, 1, 1)),
    "16-bit colours": (sixteen_bits(60_000, 30_000, 10_000), (233, 117, 39)),
    "Display P3 JPEG": (
        plain("RGB", (190, 70, 70), "JPEG", quality=95, subsampling=0, icc_profile=hostile.display_p3()),
        (206, 58, 65),
    ),
    "Display P3 PNG": (plain("RGB", (80, 170, 90), icc_profile=hostile.display_p3()), (22, 173, 79)),
    "Display P3 WebP": (
        plain("RGB", (150, 110, 90), "WEBP", lossless=True, icc_profile=hostile.display_p3()),
        (157, 108, 86),
    ),
    "Display P3 with alpha": (
        plain("RGBA", (190, 70, 70, 255), icc_profile=hostile.display_p3()),
        (206, 58, 65),
    ),
    "sRGB profile": (plain("RGB", (190, 70, 70), icc_profile=hostile.icc()), (190, 70, 70)),
    "broken profile": (plain("RGB", (190, 70, 70), icc_profile=b"not a profile"), (190, 70, 70)),
    "profile cut short": (plain("RGB", (190, 70, 70), icc_profile=hostile.icc()[:200]), (190, 70, 70)),
    "profile of Lab": (plain("RGB", (190, 70, 70), icc_profile=hostile.icc("LAB")), (190, 70, 70)),
    "grey with a profile for colours": (plain("L", 90, icc_profile=hostile.icc()), (90, 90, 90)),
    "middle grey all over": (plain("RGB", (128, 128, 128), "JPEG"), (128, 128, 128)),
    "black all over": (plain("RGB", (0, 0, 0)), (0, 0, 0)),
}


@pytest.mark.parametrize("name", COLOURS)
def test_clean_gives_srgb_on_white(name):
    data, wanted = COLOURS[name]
    picture = cleaned(data)
    assert (picture.mode, near(picture.getpixel((320, 400)), wanted)) == ("RGB", True)


# The master -------------------------------------------------------------------------------------


def test_master_tells_its_size_and_the_fingerprint_of_the_upload():
    data = hostile.photo()
    master = clean(io.BytesIO(data))
    assert (master.width, master.height, master.source_sha256) == (640, 800, hashlib.sha256(data).hexdigest())
    assert opened(master.data).size == (640, 800)


@pytest.mark.parametrize(
    ("form", "size", "wanted"),
    [
        ("PNG", (3000, 2000), (2400, 1600)),
        ("JPEG", (2000, 2600), (1846, 2400)),
        ("JPEG", (4032, 3024), (2016, 1512)),
        ("JPEG", (2400, 600), (2400, 600)),
    ],
    ids=["shrunk", "shrunk JPEG", "decoded at a half", "the longest we take"],
)
def test_master_is_at_most_2400_px_long(form, size, wanted):
    assert cleaned(hostile.photo(form, *size)).size == wanted


def test_master_of_a_phone_photo_holds_a_frame_of_1200():
    master = clean(io.BytesIO(hostile.photo("JPEG", 4032, 3024)))
    frame = default_crop(master.width, master.height)
    assert render(master.data, frame)[0].width == 1200


def test_every_refusal_has_a_sentence():
    sources = "".join(Path(module.__file__).read_text() for module in (decoder, photos))
    codes = set(re.findall(r'Refused\("([a-z-]+)"\)', sources)) | {"too-heavy"}
    assert codes - set(photos.SENTENCES) == set()


def test_refusal_says_the_limit_in_words():
    assert str(PhotoRefused("too-small")).find("600") > 0


def test_heic_without_its_library_is_refused_in_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(decoder.Refused) as refused:
        decoder.load_heif()
    assert str(refused.value) == "no-heic"


# Frames -----------------------------------------------------------------------------------------

fraction = some.floats(-1, 2)
side = some.integers(600, 2400)


@given(fraction, fraction, some.floats(0.9, 3), some.floats(0.9, 3), side, side)
def test_clamped_frame_is_inside_on_pixels_and_4_to_5(x, y, width, height, wide, high):
    frame = Crop(x, y, width, height).clamped(wide, high)
    pixels = [frame.x * wide, frame.y * high, frame.width * wide, frame.height * high]
    left, top, across, down = whole = [round(value) for value in pixels]
    assert pixels == pytest.approx(whole, abs=1e-6)
    assert across * 5 == down * 4
    assert left >= 0 <= top and left + across <= wide and top + down <= high


@given(fraction, fraction, some.floats(0.9, 3), side, side)
def test_clamping_again_changes_nothing(x, y, width, wide, high):
    frame = Crop(x, y, width, width).clamped(wide, high)
    assert frame.clamped(wide, high) == frame


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        (Crop(0.25, 0.25, 0.5, 0.5), Crop(0.25, 0.25, 0.5, 0.5)),
        (Crop(-0.2, 0.9, 0.5, 0.5), Crop(0, 0.5, 0.5, 0.5)),
        (Crop(0, 0, 9, 9), Crop(0, 0, 1, 1)),
        (Crop(0, 0.25, 1, 0.5), Crop(0.25, 0.25, 0.5, 0.5)),
        (Crop(0.25, 0, 0.5, 1), Crop(0.25, 0.25, 0.5, 0.5)),
    ],
    ids=["as it is", "off the edge", "larger than the photo", "too wide", "too high"],
)
def test_clamped_moves_as_little_as_needed(frame, wanted):
    assert frame.clamped(1600, 2000) == wanted


def test_clamped_refuses_under_400_px():
    assert refusal(Crop(0.1, 0.1, 0.2, 0.2).clamped, 1600, 2000) == "crop-too-small"


def test_default_frame_is_the_largest_with_the_face_in_the_upper_third():
    assert default_crop(1600, 2400) == Crop(0, 140 / 2400, 1, 2000 / 2400)
    assert default_crop(2000, 1000) == Crop(0.3, 0, 0.4, 1)


# Renditions -------------------------------------------------------------------------------------


def listed(pictures):
    return [(picture.name, picture.width, picture.height, picture.content_type) for picture in pictures]


def test_render_makes_every_width_as_webp_and_jpeg():
    assert listed(render(hostile.photo("JPEG", 1600, 2000), WHOLE)) == [
        ("1200.webp", 1200, 1500, "image/webp"),
        ("1200.jpg", 1200, 1500, "image/jpeg"),
        ("800.webp", 800, 1000, "image/webp"),
        ("800.jpg", 800, 1000, "image/jpeg"),
        ("400.webp", 400, 500, "image/webp"),
        ("400.jpg", 400, 500, "image/jpeg"),
        ("96.webp", 96, 120, "image/webp"),
        ("96.jpg", 96, 120, "image/jpeg"),
    ]


def test_render_files_are_what_they_say():
    pictures = render(hostile.photo("JPEG", 1600, 2000), WHOLE)
    found = [(Image.MIME[opened(picture.data).format], opened(picture.data).size) for picture in pictures]
    assert found == [(picture.content_type, (picture.width, picture.height)) for picture in pictures]


def test_render_never_enlarges():
    pictures = render(hostile.photo(), WHOLE)
    assert [picture.width for picture in pictures[::2]] == [640, 640, 400, 96]


def test_render_shows_what_the_frame_holds():
    mark, meadow = Crop(0, 0, 0.25, 0.25), Crop(0.4, 0.75, 0.25, 0.25)
    large = hostile.photo("JPEG", 1600, 2000)
    assert near(opened(render(large, mark)[1].data).getpixel((200, 200)), hostile.RED, by=6)
    assert near(opened(render(large, meadow)[1].data).getpixel((5, 250)), hostile.GREEN, by=6)


def test_render_jpegs_are_progressive():
    jpegs = render(hostile.photo(), WHOLE)[1::2]
    assert [opened(picture.data).info.get("progressive") for picture in jpegs] == [1] * 4
