"""The rehearsal network holds to Mastodon's contract: pictures, and what becomes of a post. Numbers as in the contract."""

import io
from datetime import datetime

import pytest
from PIL import Image

from tests.posts.rehearsal.test_mastodon_checks import MastodonWire, problem
from tests.posts.rehearsal.wire import jpeg, picture

DAY = 86_400


@pytest.fixture
def wire(server):
    return MastodonWire(server)


# 14-17: attaching ---------------------------------------------------------------------------------


def test_14_pictures_are_shown_in_the_order_asked(wire):
    first, second = wire.uploaded(description="Un"), wire.uploaded(description="Deux")
    shown = wire.create(media_ids=[second, first]).json()["media_attachments"]
    assert [(each["id"], each["description"]) for each in shown] == [(second, "Deux"), (first, "Un")]


def test_14_picture_is_not_attached_twice(wire):
    key = wire.uploaded()
    wire.created(media_ids=[key])
    assert problem(wire.create(media_ids=[key])) == (
        422,
        f"Validation failed: Media {key} not found or already attached to another post",
    )


def test_14_picture_of_somebody_else(server, wire):
    server.networks["mastodon"].told("page", {"id": "2002", "handle": "ena"})
    key = MastodonWire(server, page="2002").uploaded()
    assert wire.create(media_ids=[key]).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(DAY - 60, 200), (DAY + 60, 422)])
def test_14_picture_is_kept_for_a_day(wire, seconds, status):
    key = wire.uploaded()
    wire.ledger.turn(clock_offset=seconds)
    assert wire.create(media_ids=[key]).status_code == status


def test_14_unknown_picture_is_ignored_by_older_servers(wire):
    wire.become(unknown_media="ignored")
    response = wire.create(media_ids=["1"])
    assert (response.json()["media_attachments"], wire.breaches()) == ([], [(14, "unknown-media")])


def test_14_unknown_picture_is_a_page_of_html_on_other_software(wire):
    wire.become(like="takahe")
    response = wire.create(media_ids=["1"])
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html")


def test_14_picture_that_is_gone_by_nobodys_fault(wire):
    key = wire.uploaded()
    wire.fault("media-gone")
    answers = [wire.create(media_ids=[key]).status_code for _time in range(2)]
    assert (answers, wire.breaches()) == ([422, 200], [])


@pytest.mark.parametrize(("like", "most"), [("mastodon", 4), ("hollo", 8)])
def test_15_as_many_pictures_as_this_server_takes(wire, like, most):
    wire.become(like=like)
    keys = [wire.uploaded() for _number in range(most + 1)]
    answers = [wire.create(media_ids=keys).status_code, wire.create(media_ids=keys[:most]).status_code]
    assert answers == [422, 200]


def test_16_picture_is_worked_on_then_ready(wire):
    wire.fault("processing-slow", polls=2)
    response = wire.upload()
    path = f"/api/v1/media/{response.json()['id']}"
    answers = [wire.call("GET", path) for _time in range(3)]
    assert (response.status_code, response.json()["url"]) == (202, None)
    assert [each.status_code for each in answers] == [206, 206, 200]
    assert [bool(each.json()["url"]) for each in answers] == [False, False, True]


def test_16_some_servers_work_on_every_picture(wire):
    wire.become(media="later")
    response = wire.upload()
    path = f"/api/v1/media/{response.json()['id']}"
    assert (response.status_code, wire.call("GET", path).status_code) == (202, 200)


def test_16_picture_that_cannot_be_worked_on(wire):
    wire.fault("processing-fails", polls=1)
    path = f"/api/v1/media/{wire.uploaded()}"
    assert [wire.call("GET", path).status_code for _time in range(2)] == [206, 422]


def test_17_picture_is_attached_too_early(wire):
    wire.fault("processing-slow", polls=1)
    key = wire.uploaded()
    assert (problem(wire.create(media_ids=[key])), wire.breaches()) == (
        (
            422,
            "Validation failed: Cannot attach files that have not finished processing. Try again in a moment!",
        ),
        [(17, "media-not-awaited")],
    )


# 18-21: what a picture is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-1.7", "application/pdf"),
        (picture("BMP"), "image/bmp"),
        (picture("BMP"), "image/jpeg"),
        (jpeg(), "text/plain"),
        (jpeg()[:300], "image/jpeg"),
    ],
)
def test_18_what_is_no_picture_of_a_kind_it_takes(wire, data, kind):
    response = wire.upload(data, kind)
    assert (response.status_code, [check for check, _rule in wire.breaches()]) == (422, [18])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_18_picture_of_a_kind_it_takes(wire, form):
    assert wire.upload(picture(form), f"image/{form.lower()}").status_code == 200


def test_18_kinds_are_this_servers_own(wire):
    wire.become(supported_mime_types=["image/png"])
    answers = [wire.upload(picture(form), f"image/{form.lower()}").status_code for form in ("JPEG", "PNG")]
    assert answers == [422, 200]


@pytest.mark.parametrize(
    ("limits", "rule"),
    [({"image_size_limit": 100}, "image-too-large"), ({"image_matrix_limit": 1999}, "too-many-pixels")],
)
def test_19_picture_beyond_the_limits(wire, limits, rule):
    wire.become(**limits)
    assert (wire.upload(jpeg(40, 50)).status_code, wire.breaches()) == (422, [(19, rule)])


def test_20_description_of_exactly_the_limit(wire):
    answers = [wire.upload(description="é" * count).status_code for count in (1500, 1501)]
    assert (answers, wire.breaches()) == ([200, 422], [(20, "description-too-long")])


@pytest.mark.parametrize(
    ("focus", "status"),
    [
        ("0,0", 200),
        ("-1,1.0", 200),
        ("0.5,-.25", 200),
        ("1.5,0", 422),
        ("0.5", 422),
        ("a,b", 422),
        ("0;0", 422),
    ],
)
def test_21_focus(wire, focus, status):
    assert wire.upload(focus=focus).status_code == status


def test_picture_is_kept_as_it_came(wire):
    key = wire.uploaded(data=(data := jpeg(60, 40)))
    urn = wire.created(media_ids=[key])
    (image,) = wire.ledger.post(urn)["images"]
    assert (wire.ledger.picture_path(image["urn"]).read_bytes(), image["width"], image["height"]) == (
        data,
        60,
        40,
    )
    assert wire.call("GET", f"/media/{key}", Authorization=None).content == data


def test_picture_that_says_where_it_was_taken_is_blamed(wire):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Appareil"
    Image.new("RGB", (4, 4)).save(out, "JPEG", exif=exif)
    assert (wire.upload(out.getvalue()).status_code, wire.breaches()) == (200, [(0, "image-metadata")])


def test_upload_that_fails(wire):
    wire.fault("upload-500")
    assert [wire.upload().status_code, wire.upload().status_code] == [500, 200]


# 30: fewer than asked -----------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "shown"), [({}, 0), ({"kept": 1}, 1)])
def test_30_saved_with_fewer_pictures_than_asked(wire, options, shown):
    wire.fault("fewer-attachments", **options)
    keys = [wire.uploaded(), wire.uploaded()]
    response = wire.create(media_ids=keys)
    assert [each["id"] for each in response.json()["media_attachments"]] == keys[:shown]


# What a reader sees -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html", "shown"),
    [
        ("Bonjour", "<p>Bonjour</p>", "Bonjour"),
        ("a\nb\n\n\nc", "<p>a<br />b</p><p>c</p>", "a\nb\n\n\nc"),
        ("<b> & 'x'", "<p>&lt;b&gt; &amp; &#39;x&#39;</p>", "<b> & 'x'"),
        (
            "#INET",
            '<p><a href="BASE/tags/inet" class="mention hashtag" rel="tag">#<span>INET</span></a></p>',
            "#INET",
        ),
        (
            "@Inet@Piaille.fr",
            '<p><span class="h-card" translate="no"><a href="BASE/@inet" class="u-url mention">@<span>inet</span></a></span></p>',
            "@inet",
        ),
        (
            "https://www.a.fr/" + "b" * 40,
            '<p><a href="https://www.a.fr/'
            + "b" * 40
            + '" target="_blank" rel="nofollow noopener" translate="no">'
            '<span class="invisible">https://www.</span><span class="ellipsis">a.fr/' + "b" * 25 + "</span>"
            '<span class="invisible">' + "b" * 15 + "</span></a></p>",
            "https://www.a.fr/" + "b" * 40,
        ),
        ("@personne", "<p>@personne</p>", "@personne"),
    ],
)
def test_text_is_given_back_as_html(wire, text, html, shown):
    urn = wire.created(status=text)
    content = wire.call("GET", f"/api/v1/statuses/{urn}").json()["content"]
    assert (content.replace(wire.base, "BASE"), wire.ledger.post(urn)["text"]) == (html, shown)


def test_parts_are_kept_for_the_page(wire):
    urn = wire.created(status="Bravo @inet #INET https://a.fr !")
    assert wire.ledger.post(urn)["parts"] == [
        ["text", "Bravo "],
        ["mention", "@inet"],
        ["text", " "],
        ["hashtag", "#INET"],
        ["text", " "],
        ["link", "https://a.fr"],
        ["text", " !"],
    ]


# Reading ------------------------------------------------------------------------------------------


def read(wire, query=""):
    return wire.call("GET", f"/api/v1/accounts/{wire.account}/statuses{query}")


def test_posts_are_listed_newest_first_page_by_page(wire):
    urns = [wire.created(status=str(number)) for number in range(5)][::-1]
    first = read(wire, "?limit=3").json()
    second = read(wire, f"?limit=3&max_id={first[-1]['id']}").json()
    assert [each["id"] for each in first + second] == urns


@pytest.mark.parametrize("limit", ["0", "41", "x"])
def test_limit_of_a_list(wire, limit):
    assert read(wire, f"?limit={limit}").status_code == 400


@pytest.mark.parametrize(("name", "status"), [("find-500", 500), ("find-html", 503), ("get-500", 500)])
def test_reading_that_fails(wire, name, status):
    urn = wire.created()
    wire.fault(name)
    path = f"/api/v1/statuses/{urn}" if name == "get-500" else f"/api/v1/accounts/{wire.account}/statuses"
    assert [wire.call("GET", path).status_code for _time in range(2)] == [status, 200]


def test_list_that_lags_behind(wire):
    wire.created()
    wire.fault("find-lag", seconds=60)
    assert [len(read(wire).json()), len(read(wire).json())] == [0, 1]


def test_figures_of_a_post(wire):
    urn = wire.created()
    wire.network.told("count", {"post": urn, "favourites": 3, "replies": 2, "reblogs": 1})
    data = wire.call("GET", f"/api/v1/statuses/{urn}").json()
    assert (data["favourites_count"], data["replies_count"], data["reblogs_count"]) == (3, 2, 1)


def test_account_says_who_it_is(wire):
    wire.network.told("page", {"id": wire.account, "name": "INET", "handle": "inet", "followers": 12})
    data = wire.call("GET", "/api/v1/accounts/verify_credentials").json()
    assert (data["id"], data["display_name"], data["acct"], data["followers_count"]) == (
        wire.account,
        "INET",
        "inet",
        12,
    )


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_server_describes_itself_to_anybody(wire, version):
    response = wire.call("GET", f"/api/{version}/instance", Authorization=None)
    assert (response.json()["version"], response.json()["source_url"]) == (
        "4.7.0",
        "https://github.com/mastodon/mastodon",
    )


def test_older_server_describes_itself_at_the_older_address_only(wire):
    wire.become(has_v2=False)
    answers = [wire.call("GET", f"/api/{version}/instance").status_code for version in ("v2", "v1")]
    assert answers == [404, 200]


def test_other_software_has_other_limits(wire):
    wire.become(like="hollo")
    data = wire.call("GET", "/api/v2/instance").json()
    assert data["configuration"]["statuses"] == {
        "max_characters": 10_000,
        "max_media_attachments": 8,
        "characters_reserved_per_url": 256,
    }


# Changing -----------------------------------------------------------------------------------------


def test_change_keeps_place_and_time(wire):
    first, second = wire.created(status="Un"), wire.created(status="Deux")
    response = wire.call("PUT", f"/api/v1/statuses/{first}", {"status": "Un bis"})
    listed = read(wire).json()
    assert [each["id"] for each in listed] == [second, first]
    assert response.json()["content"] == "<p>Un bis</p>"
    assert datetime.fromisoformat(listed[1]["edited_at"]) > datetime.fromisoformat(listed[1]["created_at"])


def test_change_takes_off_what_it_does_not_name(wire):
    keys = [wire.uploaded(), wire.uploaded()]
    urn = wire.created(media_ids=keys)
    kept = wire.call("PUT", f"/api/v1/statuses/{urn}", {"status": "a", "media_ids": keys[1:]}).json()
    none = wire.call("PUT", f"/api/v1/statuses/{urn}", {"status": "b"}).json()
    assert ([each["id"] for each in kept["media_attachments"]], none["media_attachments"]) == (keys[1:], [])


def test_change_of_somebody_elses_post(server, wire):
    server.networks["mastodon"].told("page", {"id": "2002", "handle": "ena"})
    urn = MastodonWire(server, page="2002").created()
    answers = [
        wire.call(method, f"/api/v1/statuses/{urn}", {"status": "a"}).status_code
        for method in ("PUT", "DELETE")
    ]
    assert answers == [404, 404]


@pytest.mark.parametrize(
    ("query", "breaches", "is_there"), [("?delete_media=true", [], False), ("", [(0, "pictures-stay")], True)]
)
def test_delete_with_and_without_the_pictures(wire, query, breaches, is_there):
    key = wire.uploaded()
    urn = wire.created(media_ids=[key])
    wire.call("DELETE", f"/api/v1/statuses/{urn}{query}")
    path = wire.ledger.picture_path(f"mastodon:media:{key}")
    assert (wire.breaches(), path.exists()) == (breaches, is_there)


def test_delete_that_fails(wire):
    urn = wire.created()
    wire.fault("delete-500")
    answers = [wire.call("DELETE", f"/api/v1/statuses/{urn}").status_code for _time in range(2)]
    assert answers == [500, 200]
