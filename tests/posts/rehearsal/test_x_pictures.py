"""The strict X: pictures in one piece and in chunks, their processing, their descriptions."""

import pytest

from tests.posts.rehearsal.wire import jpeg, picture
from tests.posts.rehearsal.x_wire import XWire, problem

MIB = 1_048_576


@pytest.fixture
def wire(server):
    return XWire(server)


def wrong(wire, response):
    return problem(response), wire.breaches()


# 14, 15: in one piece -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kind"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_upload_says_what_arrived(wire, form, kind):
    data = picture(form, 40, 50)
    response = wire.upload(data)
    said = response.json()["data"]
    assert (response.status_code, said) == (
        200,
        {
            "id": said["id"],
            "media_key": f"3_{said['id']}",
            "expires_after_secs": 86_400,
            "size": len(data),
            "image": {"w": 40, "h": 50, "image_type": kind},
        },
    )


@pytest.mark.parametrize("category", [None, "", "image"])
def test_14_category_is_required(wire, category):
    assert wrong(wire, wire.upload(media_category=category)) == (
        (400, "invalid-request"),
        [(14, "media-category")],
    )


def test_15_upload_is_in_parts(wire):
    response = wire.call("POST", "/2/media/upload", data={"media_category": "tweet_image"})
    assert wrong(wire, response) == ((400, "invalid-request"), [(15, "not-multipart")])


def test_15_file_is_required(wire):
    response = wire.call(
        "POST", "/2/media/upload", files={"media_category": (None, "tweet_image"), "media": (None, "x")}
    )
    assert wrong(wire, response) == ((400, "invalid-request"), [(15, "no-file")])


@pytest.mark.parametrize("data", [b"", b"x" * 15, jpeg()[:200], picture("BMP")])
def test_15_bytes_must_be_a_picture(wire, data):
    assert wrong(wire, wire.upload(data)) == ((400, "invalid-request"), [(15, "image-unreadable")])


def test_15_picture_of_more_than_five_megabytes(wire):
    response = wire.upload(jpeg() + b"\0" * 5_000_000)
    assert (response.status_code, response.content, wire.breaches()) == (
        413,
        b"",
        [(15, "picture-too-large")],
    )


def test_metadata_in_the_bytes_is_noted(wire):
    wire.uploaded(jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x02A\0\0\0\0\0\0\0"))
    assert wire.breaches() == [(0, "image-metadata")]


def test_upload_that_fails(wire):
    wire.faults("upload-500")
    assert [wire.upload().status_code for _time in range(2)] == [500, 200]


# 16-19: in chunks ---------------------------------------------------------------------------------


def test_chunks_make_a_picture(wire):
    data = jpeg(800, 900)
    number = wire.begin(len(data)).json()["data"]["id"]
    cut = len(data) // 2
    appended = [
        wire.append(number, index, part).status_code for index, part in enumerate((data[:cut], data[cut:]))
    ]
    ended = wire.finalize(number).json()["data"]
    wire.describe(number)
    wire.created(text="x", media={"media_ids": [number]})
    assert (appended, ended["size"], wire.posts()[0]["images"][0]["width"], wire.breaches()) == (
        [200, 200],
        len(data),
        800,
        [],
    )


@pytest.mark.parametrize(
    ("changes", "check", "rule"),
    [
        ({"total_bytes": "700"}, 16, "total-bytes"),
        ({"total_bytes": 7.5}, 16, "total-bytes"),
        ({"total_bytes": True}, 16, "total-bytes"),
        ({"total_bytes": 0}, 16, "total-bytes"),
        ({"media_type": "image/tiff"}, 16, "media-type"),
        ({"command": "INIT"}, 16, "unknown-field"),
        ({"media_category": "image"}, 14, "media-category"),
    ],
)
def test_16_beginning_that_is_wrong(wire, changes, check, rule):
    assert wrong(wire, wire.begin(**{"total": 7} | changes)) == ((400, "invalid-request"), [(check, rule)])


def test_16_more_bytes_than_said(wire):
    data = jpeg()
    number = wire.begin(len(data) - 1).json()["data"]["id"]
    wire.append(number, 0, data)
    assert wrong(wire, wire.finalize(number)) == ((400, "invalid-request"), [(16, "bytes-missing")])


@pytest.mark.parametrize("index", [None, 1, -1, "x", 1000])
def test_17_segments_come_in_order(wire, index):
    number = wire.begin(7).json()["data"]["id"]
    assert wrong(wire, wire.append(number, index, b"x")) == (
        (400, "invalid-request"),
        [(17, "segment-index")],
    )


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_18_chunk_of_one_mebibyte_at_most(wire, size, status):
    number = wire.begin(9_999_999).json()["data"]["id"]
    assert wire.append(number, 0, b"x" * size).status_code == status


def test_18_chunk_too_large_is_refused_without_a_word(wire):
    number = wire.begin(9_999_999).json()["data"]["id"]
    assert (wire.append(number, 0, b"x" * (MIB + 1)).content, wire.breaches()) == (
        b"",
        [(18, "chunk-too-large")],
    )


def test_19_end_before_all_bytes(wire):
    number = wire.begin(7).json()["data"]["id"]
    assert wrong(wire, wire.finalize(number)) == ((400, "invalid-request"), [(19, "bytes-missing")])


def test_19_end_has_no_body(wire):
    number = wire.begin(7).json()["data"]["id"]
    response = wire.call("POST", f"/2/media/upload/{number}/finalize", json={})
    assert wrong(wire, response) == ((400, "invalid-request"), [(19, "finalize-with-body")])


def test_19_chunk_of_nothing_that_was_begun(wire):
    assert wrong(wire, wire.append("7", 0, b"x")) == ((400, "invalid-request"), [(17, "unknown-media")])


# 20: processing -----------------------------------------------------------------------------------


def test_20_picture_that_is_still_worked_on(wire):
    wire.faults("processing-slow", polls=3)
    said = wire.upload().json()["data"]
    assert said["processing_info"] == {"state": "pending", "check_after_secs": 1}
    states = [wire.state(said["id"]) for _poll in range(2)]
    early = wire.create(text="x", media={"media_ids": [said["id"]]})
    assert (states, wrong(wire, early)) == (
        ["in_progress"] * 2,
        ((400, "invalid-request"), [(20, "media-not-awaited")]),
    )
    assert (wire.state(said["id"]), wire.create(text="x", media={"media_ids": [said["id"]]}).status_code) == (
        "succeeded",
        201,
    )


def test_20_picture_that_comes_to_nothing(wire):
    wire.faults("processing-fails", polls=1)
    number = wire.uploaded()
    assert (wire.state(number), wire.state(number)) == ("failed", "failed")
    assert wire.create(text="x", media={"media_ids": [number]}).status_code == 400


# 21, 22: descriptions -----------------------------------------------------------------------------


def test_21_description_is_kept(wire):
    number = wire.uploaded()
    response = wire.describe(number, "é" * 1000)
    wire.created(text="x", media={"media_ids": [number]})
    assert (response.status_code, wire.posts()[0]["images"][0]["alt"]) == (200, "é" * 1000)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"media_id": "{}", "alt_text": {"text": "x"}}, "metadata-shape"),
        ({"id": "{}", "metadata": {"alt_text": "x"}}, "metadata-shape"),
        ({"id": "{}", "metadata": {"alt_text": {"text": ""}}}, "metadata-shape"),
        ({"id": "{}", "metadata": {"alt_text": {"text": "é" * 1001}}}, "alt-too-long"),
        ({"id": "7", "metadata": {"alt_text": {"text": "x"}}}, "unknown-media"),
    ],
)
def test_21_description_that_is_wrong(wire, body, rule):
    number = wire.uploaded()
    body = {name: number if value == "{}" else value for name, value in body.items()}
    response = wire.call("POST", "/2/media/metadata", json=body)
    assert wrong(wire, response) == ((400, "invalid-request"), [(21, rule)])


def test_22_description_after_the_post(wire):
    number = wire.described()
    wire.created(text="x", media={"media_ids": [number]})
    assert (wire.describe(number).status_code, wire.breaches()) == (200, [(22, "metadata-after-the-post")])


def test_post_with_a_picture_that_nobody_described(wire):
    wire.created(text="x", media={"media_ids": [wire.uploaded()]})
    assert wire.breaches() == [(0, "no-alt-text")]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/2/nothing"), ("POST", "/2/media/upload/7"), ("PUT", "/2/tweets")]
)
def test_door_that_is_none(wire, method, path):
    assert problem(wire.call(method, path)) == (404, "about:blank")
