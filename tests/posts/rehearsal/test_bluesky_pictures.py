"""The rehearsal network holds to Bluesky's contract: pictures. Each check is numbered as in the contract."""

import hashlib

import pytest
from PIL import Image

from tests.posts.rehearsal.bluesky_wire import Wire, images, problem, record
from tests.posts.rehearsal.wire import jpeg, picture


@pytest.fixture
def wire(server):
    return Wire(server)


def with_place(data_of=jpeg):
    exif = Image.Exif()
    exif[0x010E] = "Strasbourg"
    return data_of(exif=exif)


# 6-8, 34: uploading -------------------------------------------------------------------------------


def test_6_upload_without_a_type_is_refused_and_blamed(wire):
    assert problem(wire.upload(jpeg(), content_type=None)) == (400, "InvalidRequest")
    assert wire.breaches() == [(6, "no-content-type")]


def test_6_upload_without_a_token(wire):
    assert problem(wire.upload(jpeg(), token="none")) == (401, "AuthMissing")


def test_7_upload_of_too_many_bytes_is_refused_and_blamed(wire):
    wire.network.told("limits", {"blob_bytes": 100})
    assert problem(wire.upload(jpeg())) == (413, "PayloadTooLarge")
    assert wire.breaches() == [(7, "blob-too-large")]


def test_8_type_is_what_is_in_the_bytes(wire):
    data = jpeg()
    blob = wire.upload(data, "image/png").json()["blob"]
    assert (blob["$type"], blob["mimeType"], blob["size"]) == ("blob", "image/jpeg", len(data))


def test_same_bytes_are_the_same_blob(wire):
    assert wire.upload(jpeg()).json() == wire.upload(jpeg()).json()


def test_upload_is_kept_as_it_came(wire):
    data = jpeg(60, 30)
    cid = wire.upload(data).json()["blob"]["ref"]["$link"]
    image = wire.ledger.image(cid)
    assert (image["width"], image["height"], image["sha256"]) == (60, 30, hashlib.sha256(data).hexdigest())
    assert wire.ledger.picture_path(cid).read_bytes() == data


def test_name_of_a_blob_is_its_cid(wire):
    """The one that everybody's documentation gives for these bytes."""
    blob = wire.upload(b"hello world").json()["blob"]
    assert blob["ref"]["$link"] == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"


def test_34_metadata_in_the_bytes_is_blamed(wire):
    wire.upload(with_place())
    assert wire.breaches() == [(34, "image-metadata")]


def test_junk_is_taken_and_blamed(wire):
    assert wire.upload(b"fifteen of junk").json()["blob"]["mimeType"] == "image/jpeg"
    assert wire.breaches() == [(0, "image-unreadable")]


def test_fault_of_uploading(wire):
    wire.ledger.set_faults("bluesky", [{"name": "upload-500"}])
    assert [wire.upload(jpeg()).status_code for _time in range(2)] == [500, 200]


# 15-19: pictures in a post ------------------------------------------------------------------------


def put(wire, *shown):
    return wire.put(record(embed=images(*shown)))


@pytest.mark.parametrize("count", [1, 4])
def test_post_shows_its_pictures(wire, count):
    shown = [
        wire.picture(jpeg(40 + number, 50), 40 + number, 50, f"Photo {number}") for number in range(count)
    ]
    assert (put(wire, *shown).status_code, wire.breaches()) == (200, [])
    (post,) = wire.ledger.posts()
    assert [(image["width"], image["alt"]) for image in post["images"]] == [
        (40 + number, f"Photo {number}") for number in range(count)
    ]


def test_15_fifth_picture_is_refused_and_blamed(wire):
    assert problem(put(wire, *[wire.picture(jpeg(), 40, 50)] * 5)) == (400, "InvalidRequest")
    assert wire.breaches() == [(15, "image-count")]


@pytest.mark.parametrize(
    ("check", "changes", "rule"),
    [
        (16, {"alt": None}, "no-alt"),
        (17, {"aspectRatio": {"width": 0, "height": 1}}, "aspect-ratio"),
        (17, {"aspectRatio": {"width": 4}}, "aspect-ratio"),
        (25, {"aspectRatio": {"width": 0.8, "height": 1}}, "float"),
        (18, {"image": {"ref": {}}}, "no-blob"),
    ],
)
def test_picture_that_is_wrongly_said_is_refused_and_blamed(wire, check, changes, rule):
    shown = wire.picture(jpeg(), 40, 50) | changes
    shown = {name: value for name, value in shown.items() if value is not None}
    assert problem(put(wire, shown)) == (400, "InvalidRequest")
    assert (wire.breaches(), wire.ledger.posts()) == ([(check, rule)], [])


@pytest.mark.parametrize("ratio", [{"width": 50, "height": 40}, {"width": 4, "height": 5}, None])
def test_17_other_measures_than_the_pixels_are_taken_and_blamed(wire, ratio):
    shown = wire.picture(jpeg(), 40, 50)
    shown = shown | {"aspectRatio": ratio} if ratio else {"alt": "", "image": shown["image"]}
    assert (put(wire, shown).status_code, wire.breaches()) == (200, [(17, "aspect-ratio")])


@pytest.mark.parametrize(
    ("changes", "error", "rule"),
    [
        ({"ref": {"$link": "bafkreiabltrd5zm73pvi7plq25pef3hm7jxhbi3kv4hapegrkfpkqtkbme"}}, "BlobNotFound", "unknown-image"),
        ({"mimeType": "image/png"}, "InvalidMimeType", "blob-changed"),
        ({"mimeType": "text/plain"}, "InvalidMimeType", "image-type"),
        ({"size": 3}, "InvalidSize", "blob-changed"),
    ],
)  # fmt: skip
def test_18_blob_that_is_not_the_uploaded_one_is_refused_and_blamed(wire, changes, error, rule):
    shown = wire.picture(jpeg(), 40, 50)
    shown["image"] |= changes
    assert (problem(put(wire, shown)), wire.breaches()) == ((400, error), [(18, rule)])


def test_18_blob_of_another_account_is_not_ours(wire):
    other = Wire(wire.server, page=wire.network.told("page", {"handle": "lea.test"})["id"])
    assert problem(put(wire, other.picture(jpeg(), 40, 50))) == (400, "BlobNotFound")


def test_18_blob_that_is_gone_is_nobodys_fault(wire):
    wire.ledger.set_faults("bluesky", [{"name": "blob-gone"}])
    shown = wire.picture(jpeg(), 40, 50)
    assert [problem(put(wire, shown))[1], put(wire, shown).status_code, wire.breaches()] == [
        "BlobNotFound",
        200,
        [],
    ]


@pytest.mark.parametrize(("limit", "status"), [(2_000_000, 200), (1_000_000, 400)])
def test_19_picture_of_too_many_bytes_fails_in_the_post(wire, limit, status):
    wire.network.told("limits", {"image_bytes": limit})
    data = picture("PNG", 40, 50) + bytes(1_500_000)
    answer = put(wire, wire.picture(data, 40, 50))
    assert answer.status_code == status
    assert [check for check, rule in wire.breaches() if rule == "image-too-large"] == [19] * (status == 400)


def test_link_card_shows_its_picture(wire):
    card = {
        "uri": "https://inet.fr",
        "title": "INET",
        "description": "",
        "thumb": wire.upload(jpeg()).json()["blob"],
    }
    sent = record(embed={"$type": "app.bsky.embed.external", "external": card})
    assert (wire.put(sent).status_code, wire.breaches()) == (200, [])


def test_19_picture_of_a_link_card_has_a_million_bytes_at_most(wire):
    blob = wire.upload(picture("PNG") + bytes(1_000_000)).json()["blob"]
    card = {"uri": "https://inet.fr", "title": "", "description": "", "thumb": blob}
    answer = wire.put(record(embed={"$type": "app.bsky.embed.external", "external": card}))
    assert (problem(answer), wire.breaches()[-1]) == ((400, "InvalidRequest"), (19, "image-too-large"))
