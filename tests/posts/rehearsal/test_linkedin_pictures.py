"""The rehearsal network holds to LinkedIn's contract: pictures are truly opened. Each check is numbered as in the contract."""

import struct
import zlib

import pytest

from tests.posts.rehearsal.wire import Wire, jpeg, picture, problem


def shown(*urns, alt="Une photo"):
    pictures = [{"id": urn, "altText": alt} for urn in urns]
    return {"media": pictures[0]} if len(pictures) == 1 else {"multiImage": {"images": pictures}}


@pytest.mark.parametrize("count", [0, 1, 21])
def test_25_several_pictures_are_two_to_twenty(wire, count):
    images = [{"id": wire.available(), "altText": "Une photo"} for _number in range(min(count, 1))] * count
    response = wire.create(content={"multiImage": {"images": images}})
    assert (problem(response), wire.breaches()) == (
        (400, "INVALID_VALUE_FOR_FIELD"),
        [(25, "image-count")],
    )


@pytest.mark.parametrize("count", [2, 20])
def test_25_two_and_twenty_pictures_are_taken(wire, count):
    urns = [wire.available(jpeg(40 + number)) for number in range(count)]
    assert wire.create(content=shown(*urns)).status_code == 201
    assert [image["width"] for image in wire.ledger.posts()[0]["images"]] == [40 + n for n in range(count)]


def test_26_picture_of_another_owner(server, wire):
    other = Wire(server, organization="2002", name="Autre")
    begun = other.begin("urn:li:organization:2002")
    other.call("PUT", begun["uploadUrl"], jpeg())
    response = wire.create(content=shown(begun["image"]))
    assert problem(response) == (403, "ACCESS_DENIED")
    assert response.json()["message"].startswith("Accessing this image resource is forbidden")


def test_27_picture_that_was_not_uploaded(wire):
    response = wire.create(content=shown(wire.begin()["image"]))
    assert (problem(response), wire.breaches()) == (
        (400, "MEDIA_ASSET_WAITING_UPLOAD"),
        [(27, "image-not-uploaded")],
    )


def test_28_picture_not_waited_for_makes_a_post_that_nobody_sees(wire):
    wire.ledger.set_faults("linkedin", [{"name": "processing-fails", "polls": 1}])
    response = wire.create(content=shown(wire.uploaded()))
    assert (response.status_code, wire.ledger.posts()[0]["is_visible"]) == (201, False)
    assert wire.breaches() == [(28, "image-not-awaited")]


@pytest.mark.parametrize("urn", ["urn:li:image:C4D99999999", "urn:li:digitalmediaAsset:1", "x"])
def test_29_unknown_picture(wire, urn):
    response = wire.create(content=shown(urn))
    assert (problem(response), wire.breaches()) == ((400, "INVALID_IMAGE_ID"), [(29, "unknown-image")])


def test_30_upload_without_the_token(wire):
    response = wire.call("PUT", wire.begin()["uploadUrl"], jpeg(), Authorization=None)
    assert (problem(response), wire.breaches()) == ((401, "EMPTY_ACCESS_TOKEN"), [(30, "no-token")])


def test_30_upload_with_another_signature(wire):
    response = wire.call("PUT", wire.begin()["uploadUrl"][:-4] + "abcd", jpeg())
    assert problem(response) == (403, "ACCESS_DENIED")


def test_31_upload_after_its_end(wire):
    begun = wire.begin()
    wire.ledger.turn(clock_offset=86_401)
    assert problem(wire.call("PUT", begun["uploadUrl"], jpeg())) == (400, "EXPIRED_UPLOAD_URL")


def png_header(width, height):
    """A PNG that says how large it is and holds nothing: decoding it would be the mistake."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + crc + struct.pack(">I", 0) + b"IDAT"


UNUSABLE = {
    "webp": (picture("WEBP"), "image-format"),
    "bmp": (picture("BMP"), "image-format"),
    "truncated": (jpeg(400, 500)[:-400], "image-unreadable"),
    "text": (b"not a picture", "image-unreadable"),
    "empty": (b"", "image-unreadable"),
    "pixels": (png_header(6000, 6026), "image-too-many-pixels"),
    "bomb": (png_header(60_000, 60_000), "image-unreadable"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_32_unusable_picture_is_taken_and_fails_later(wire, name):
    data, rule = UNUSABLE[name]
    begun = wire.begin()
    put = wire.call("PUT", begun["uploadUrl"], data)
    assert (put.status_code, wire.state(begun["image"])) == (201, "PROCESSING_FAILED")
    assert wire.breaches() == [(32, rule)]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_32_usable_picture_becomes_available_when_asked_for(wire, form):
    urn = wire.uploaded(picture(form))
    assert (wire.ledger.image(urn)["status"], wire.state(urn), wire.breaches()) == (
        "PROCESSING",
        "AVAILABLE",
        [],
    )


def test_32_post_with_a_failed_picture(wire):
    urn = wire.uploaded(picture("WEBP"))
    wire.state(urn)
    assert problem(wire.create(content=shown(urn))) == (400, "MEDIA_ASSET_PROCESSING_FAILED")


def test_32_slow_picture_takes_its_polls(wire):
    wire.ledger.set_faults("linkedin", [{"name": "processing-slow", "polls": 2}])
    urn = wire.uploaded()
    assert [wire.state(urn) for _poll in range(3)] == ["PROCESSING", "PROCESSING", "AVAILABLE"]


def test_34_description_of_a_picture_has_its_limit(wire):
    urn = wire.available()
    response = wire.create(content=shown(urn, alt="a" * 4087))
    assert (problem(response), wire.breaches()) == (
        (400, "FIELD_LENGTH_TOO_LONG"),
        [(34, "alt-too-long")],
    )
    assert wire.create(content=shown(urn, alt="a" * 4086)).status_code == 201


@pytest.mark.parametrize("kind", ["exif", "comment", "icc"])
def test_metadata_in_a_picture_is_noted(wire, kind):
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0f\x00\x02\x00\x00\x00\x02A\x00\x00\x00\x00\x00\x00\x00"
    options = {"exif": {"exif": exif}, "comment": {"comment": b"Paris"}, "icc": {"icc_profile": b"x" * 200}}
    urn = wire.uploaded(jpeg(**options[kind]))
    assert (wire.ledger.image(urn)["has_metadata"], wire.breaches()) == (True, [(0, "image-metadata")])


def test_47_upload_may_answer_with_a_redirect(wire):
    wire.ledger.set_faults("linkedin", [{"name": "upload-redirect", "to": "http://127.0.0.1:9/"}])
    response = wire.call("PUT", wire.begin()["uploadUrl"], jpeg())
    assert (response.status_code, response.headers["Location"]) == (307, "http://127.0.0.1:9/")
