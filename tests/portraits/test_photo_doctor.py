"""The photo doctor: what it says about frames and pixels, and that it is careful before it says anything."""

import io
import json

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from portraits import photo_doctor
from portraits.photo_doctor import examine
from portraits.photos import Crop, default_crop

WHOLE = Crop(0, 0, 1, 1)
SIZE = (1200, 1500)


def pattern():
    """Sharp, well lit, with dark and light in it: nothing to complain about."""
    picture = Image.radial_gradient("L").resize((800, 1000)).point(lambda value: 215 - value * 0.6)
    for x in range(0, 800, 40):
        picture.paste(30, (x, 0, x + 6, 1000))
    return picture


def advice(picture, crop=WHOLE, size=SIZE):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return examine(out.getvalue(), crop, *size)


def test_good_photo_gets_no_advice():
    assert advice(pattern()) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda picture: ImageEnhance.Brightness(picture).enhance(0.3), ["dark"]),
        (lambda picture: picture.point(lambda value: 200 + value * 0.25), ["light"]),
        (lambda picture: picture.point(lambda value: 120 + value * 0.1), ["flat"]),
        (lambda picture: picture.filter(ImageFilter.GaussianBlur(12)), ["blurred"]),
    ],
    ids=["dark", "light", "flat", "blurred"],
)
def test_pixels_are_measured(change, found):
    assert set(found) <= set(advice(change(pattern())))


def test_soft_background_is_no_blur():
    picture = pattern().filter(ImageFilter.GaussianBlur(12))
    picture.paste(pattern().crop((200, 200, 600, 600)), (200, 200))
    assert "blurred" not in advice(picture)


def test_dark_background_is_not_a_dark_face():
    picture = Image.new("L", (800, 1000), 10)
    picture.paste(pattern().crop((160, 100, 640, 600)), (160, 100))
    assert "dark" not in advice(picture)


@pytest.mark.parametrize(
    ("crop", "size", "found"),
    [
        (WHOLE, (1200, 1500), []),
        (Crop(0.1, 0.1, 0.8, 0.8), (1200, 1500), ["small"]),
        (default_crop(2400, 1800), (2400, 1800), ["sideways"]),
        (default_crop(1800, 2400), (1800, 2400), []),
        (Crop(0, 0, 1, 0.9375), (1800, 2400), ["edge"]),
        (Crop(0, 0.1, 0.7, 0.65625), (1800, 2400), ["edge"]),
        (Crop(0.3, 0.1, 0.7, 0.65625), (1800, 2400), ["edge"]),
        (Crop(0.15, 0.1, 0.7, 0.65625), (1800, 2400), []),
        (Crop(0.15, 0.34375, 0.7, 0.65625), (1800, 2400), []),
    ],
    ids=["whole", "few pixels", "landscape", "portrait", "top", "left", "right", "inside", "bottom"],
)
def test_frame_is_looked_at(crop, size, found):
    assert advice(pattern(), crop, size) == found


def test_every_code_has_a_sentence_that_says_what_to_do():
    assert [code for code, sentence in photo_doctor.ADVICE.items() if len(str(sentence).split()) < 10] == []


def test_browser_measures_with_the_same_limits():
    told = json.loads(photo_doctor.for_script())
    assert {name: told[name] for name in photo_doctor.LIMITS} == photo_doctor.LIMITS
