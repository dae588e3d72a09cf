"""The rehearsal network holds to LinkedIn's contract: what is uploaded is truly opened. Numbered as in the contract."""

import struct
import zlib

import pytest

from posts.rehearsal.linkedin import documents
from tests.posts.rehearsal.wire import Wire, jpeg, pdf, picture, problem


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


# 33: documents ------------------------------------------------------------------------------------


def document(urn, title="La promotion"):
    return {"media": {"id": urn, "title": title} if title is not None else {"id": urn}}


def test_33_document_is_shown_under_its_title(wire):
    urn = wire.available(pdf(3), "document")
    wire.created(content=document(urn))
    assert (wire.ledger.posts()[0]["body"]["content"], wire.breaches()) == (document(urn), [])


@pytest.mark.parametrize("title", [None, ""])
def test_33_document_without_a_title(wire, title):
    response = wire.create(content=document(wire.available(pdf(), "document"), title))
    assert (problem(response), wire.breaches()) == ((400, "MISSING_FIELD"), [(33, "document-without-title")])


@pytest.mark.parametrize("pages", [1, 300])
def test_33_document_of_at_most_300_pages_becomes_available(wire, pages):
    urn = wire.uploaded(pdf(pages), "document")
    assert (wire.state(urn), wire.server.linkedin.document(urn)["pages"]) == ("AVAILABLE", pages)


UNUSABLE_DOCUMENTS = {
    "pages": (pdf(301), "document-too-many-pages"),
    "word": (b"PK\x03\x04word/document.xml", "document-format"),
    "truncated": (pdf(3)[:-40], "document-unreadable"),
    "empty": (b"%PDF-1.4\n%%EOF", "document-unreadable"),
}


@pytest.mark.parametrize("name", UNUSABLE_DOCUMENTS)
def test_33_unusable_document_is_taken_and_fails_later(wire, name):
    data, rule = UNUSABLE_DOCUMENTS[name]
    assert wire.state(wire.uploaded(data, "document")) == "PROCESSING_FAILED"
    assert wire.breaches() == [(33, rule)]


def test_33_document_over_its_size_fails_later(wire, monkeypatch):
    monkeypatch.setattr(documents, "BYTE_LIMIT", 2000)
    small, large = (wire.state(wire.uploaded(pdf(pages), "document")) for pages in (5, 50))
    assert (small, large, wire.breaches()) == (
        "AVAILABLE",
        "PROCESSING_FAILED",
        [(33, "document-too-large")],
    )


def test_33_pages_are_counted_in_packed_documents_too(wire):
    packed = zlib.compress(b"<< /Type /Page >> " * 7)
    data = b"%PDF-1.5\n<< /Type /ObjStm /N 7 >>\nstream\n" + packed + b"\nendstream\n%%EOF\n"
    assert wire.server.linkedin.document(wire.uploaded(data, "document"))["pages"] == 7


def test_document_made_from_pictures_is_one(wire):
    """A PDF of another maker than these tests."""
    assert wire.state(wire.uploaded(picture("PDF"), "document")) == "AVAILABLE"


@pytest.mark.parametrize(
    ("check", "status", "rule"),
    [(27, "WAITING_UPLOAD", "document-not-uploaded"), (28, "PROCESSING", "document-not-awaited")],
)
def test_document_that_is_not_ready(wire, check, status, rule):
    urn = wire.begin(kind="document")["document"] if check == 27 else wire.uploaded(pdf(), "document")
    response = wire.create(content=document(urn))
    assert (response.status_code, wire.breaches()) == (400 if check == 27 else 201, [(check, rule)])


def test_26_document_of_another_owner(server, wire):
    other = Wire(server, organization="2002", name="Autre")
    begun = other.begin("urn:li:organization:2002", "document")
    other.call("PUT", begun["uploadUrl"], pdf())
    assert problem(wire.create(content=document(begun["document"]))) == (403, "ACCESS_DENIED")


def test_29_unknown_document(wire):
    response = wire.create(content=document("urn:li:document:D4D99"))
    assert (problem(response), wire.breaches()) == (
        (400, "INVALID_DOCUMENT_ID"),
        [(29, "unknown-document")],
    )


def test_25_documents_do_not_stand_beside_pictures(wire):
    urns = [wire.available(), wire.available(pdf(), "document")]
    response = wire.create(content={"multiImage": {"images": [{"id": urn} for urn in urns]}})
    assert problem(response) == (400, "INVALID_IMAGE_ID")


# Articles -----------------------------------------------------------------------------------------


def article(**changes):
    fields = {"source": "https://inet.example/a", "title": "Portraits"} | changes
    return {"article": {name: value for name, value in fields.items() if value is not None}}


def test_article_is_kept_as_it_was_sent(wire):
    content = article(description="Une description", thumbnail=wire.available())
    wire.created(content=content)
    post = wire.ledger.posts()[0]
    assert (post["body"]["content"], post["images"], wire.breaches()) == (content, [], [])


@pytest.mark.parametrize(
    ("changes", "answer", "breach"),
    [
        ({"title": None}, "MISSING_FIELD", (12, "missing-field")),
        ({"source": None}, "MISSING_FIELD", (12, "missing-field")),
        ({"source": "inet.example"}, "INVALID_VALUE_FOR_FIELD", (14, "article-source")),
        ({"title": "a" * 401}, "FIELD_LENGTH_TOO_LONG", (0, "title-too-long")),
        ({"description": "a" * 4001}, "FIELD_LENGTH_TOO_LONG", (0, "description-too-long")),
        ({"thumbnail": "https://inet.example/a.jpg"}, "INVALID_IMAGE_ID", (29, "unknown-image")),
        ({"thumbnail": "urn:li:image:C4D99"}, "INVALID_IMAGE_ID", (29, "unknown-image")),
    ],
)
def test_article_that_is_refused(wire, changes, answer, breach):
    response = wire.create(content=article(**changes))
    assert (problem(response), wire.breaches()) == ((400, answer), [breach])


def test_28_thumbnail_not_waited_for(wire):
    wire.created(content=article(thumbnail=wire.uploaded()))
    assert wire.breaches() == [(28, "image-not-awaited")]
