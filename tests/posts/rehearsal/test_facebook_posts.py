"""The rehearsal network holds to Facebook's contract: posts, pictures, what is lost and what is doubled. Numbered as there."""

import json

import pytest
import requests

from tests.posts.rehearsal.facebook_wire import ALT, PAGE, FacebookWire, problem
from tests.posts.rehearsal.wire import jpeg, picture

DAY = 86_400


@pytest.fixture
def wire(server):
    return FacebookWire(server)


# 11-13, 18, 23: what a post is made of ------------------------------------------------------------


@pytest.mark.parametrize("body", [{"published": True}, {"message": ""}, {"message": " \r\n"}])
def test_11_nothing_to_post(wire, body):
    assert (problem(wire.create(**body)), wire.breaches()) == ((100, None), [(11, "nothing-to-post")])


@pytest.mark.parametrize("media", ["7", "[{'media_fbid': '7'}]", [], {}, ["7"], [{"id": "7"}], 7])
def test_12_attached_media_of_the_wrong_shape(wire, media):
    response = wire.create(message="Bonjour", attached_media=media)
    assert (problem(response), wire.breaches()) == ((100, None), [(12, "attached-media")])
    assert response.json()["error"]["message"] == "(#100) param attached_media must be an array."


@pytest.mark.parametrize("how", ["json", "form", "form of one text"])
def test_12_attached_media_in_each_right_shape(wire, how):
    numbers = [wire.uploaded(jpeg(width)) for width in (40, 41)]
    media = [{"media_fbid": number} for number in numbers]
    match how:
        case "json":
            options = {"json": {"attached_media": media}}
        case "form":
            options = {
                "data": {f"attached_media[{place}]": json.dumps(each) for place, each in enumerate(media)}
            }
        case _:
            options = {"data": {"attached_media": json.dumps(media)}}
    assert wire.call("POST", f"/{PAGE}/feed", **options).status_code == 200
    assert [shown["width"] for shown in wire.posts()[0]["images"]] == [40, 41]


def attach(wire, *numbers):
    return wire.create(message="Bonjour", attached_media=[{"media_fbid": number} for number in numbers])


def test_13_unknown_picture(wire):
    assert (problem(attach(wire, "7")), wire.breaches()) == ((100, None), [(13, "unknown-picture")])


def test_13_picture_of_another_page(server, wire):
    number = wire.uploaded()
    other = FacebookWire(server, page="2002")
    response = other.call("POST", "/2002/feed", json={"attached_media": [{"media_fbid": number}]})
    assert (problem(response), wire.breaches()) == ((100, None), [(13, "unknown-picture")])


@pytest.mark.parametrize(("age", "status"), [(DAY - 60, 200), (DAY + 1, 400)])
def test_13_picture_lives_a_day(wire, age, status):
    number = wire.uploaded()
    wire.ledger.turn(clock_offset=age)
    assert attach(wire, number).status_code == status


def test_13_picture_serves_once(wire):
    number = wire.uploaded()
    assert (attach(wire, number).status_code, problem(attach(wire, number))) == (200, (100, None))
    assert wire.breaches() == [(13, "picture-used-twice")]


def test_eleven_pictures_are_too_many(wire):
    numbers = [wire.uploaded() for _number in range(11)]
    assert (attach(wire, *numbers[:10]).status_code, problem(attach(wire, *numbers))) == (200, (100, None))


@pytest.mark.parametrize(("length", "status"), [(63_206, 200), (63_207, 400)])
def test_text_has_a_longest(wire, length, status):
    assert wire.create(message="a" * length).status_code == status


@pytest.mark.parametrize("link", ["https://gone.invalid/x", "inet.fr", "https://inet"])
def test_23_link_that_cannot_be_read(wire, link):
    assert (problem(wire.create(message="Bonjour", link=link)), wire.posts()) == ((1609005, None), [])


def test_created_gives_what_was_asked_of_it(wire):
    query = {"fields": "id,permalink_url,created_time"}
    data = wire.call("POST", f"/{PAGE}/feed", params=query, json={"message": "Bonjour"}).json()
    assert (sorted(data), data["permalink_url"]) == (
        ["created_time", "id", "permalink_url"],
        f"https://www.facebook.com/{PAGE}/posts/{data['id'].partition('_')[2]}",
    )


def test_words_are_kept_as_written_and_read_in_parts(wire):
    wire.there.told("page", {"id": "2002", "name": "CNFPT"})
    message = "Bravo (à_tous) #INET C# @[2002] @[3003] : https://inet.fr/a#b."
    wire.created(message=message)
    (post,) = wire.posts()
    assert (post["commentary"], post["text"]) == (message, message.replace("@[2002]", "CNFPT"))
    assert [part for part in post["parts"] if part[0] != "text"] == [
        ["hashtag", "#INET"],
        ["mention", "CNFPT"],
        ["link", "https://inet.fr/a#b"],
    ]


# 14-18, 22: pictures ------------------------------------------------------------------------------


def test_14_no_picture(wire):
    assert (problem(wire.upload(False)), wire.breaches()) == ((324, None), [(14, "no-picture")])


@pytest.mark.parametrize("data", [b"nothing", picture("WEBP"), jpeg()[:200]])
def test_15_picture_that_is_none(wire, data):
    assert (problem(wire.upload(data)), wire.breaches()) == ((324, None), [(15, "no-such-picture")])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
def test_15_picture_of_each_kind(wire, form):
    number = wire.uploaded(picture(form))
    facts = wire.ledger.image(f"facebook:photo:{number}")
    assert (facts["format"], facts["width"], facts["height"]) == (form, 40, 50)


def test_15_facebook_stumbles_over_a_good_picture(wire):
    wire.faults("photo-transient")
    response = wire.upload()
    assert (problem(response), response.json()["error"]["is_transient"]) == ((324, 2069019), True)
    assert (wire.upload().status_code, wire.breaches()) == (200, [])


def test_16_picture_above_ten_megabytes(wire):
    data = jpeg() + b"\0" * 10_000_000
    assert (problem(wire.upload(data)), wire.breaches()) == ((324, 1366046), [(16, "picture-too-large")])


@pytest.mark.parametrize("name", ["message", "name"])
def test_17_deprecated_caption_is_taken_and_blamed(wire, name):
    wire.uploaded(**{name: "Bonjour"})
    assert wire.breaches() == [(17, "deprecated-caption")]


def test_18_picture_published_at_once_has_two_numbers(wire):
    data = wire.upload(published="true", caption="Bonjour").json()
    (post,) = wire.posts()
    assert (post["urn"], post["text"], post["images"][0]["urn"]) == (
        data["post_id"],
        "Bonjour",
        f"facebook:photo:{data['id']}",
    )


def test_18_picture_is_no_post(wire):
    data = wire.upload(published="true", caption="Bonjour").json()
    as_post = wire.call("GET", f"/{data['id']}", params={"fields": "message"})
    story = wire.call("GET", f"/{data['id']}", params={"fields": "page_story_id"}).json()
    assert (problem(as_post), story["page_story_id"]) == ((100, None), data["post_id"])


def test_unpublished_picture_is_seen_by_nobody(wire):
    wire.uploaded()
    assert (wire.posts(), wire.listed().json()) == ([], {"data": []})


def test_picture_keeps_its_bytes_and_its_description(wire):
    data = jpeg(60, 70)
    number = wire.uploaded(data)
    attach(wire, number)
    (shown,) = wire.posts()[0]["images"]
    assert (wire.ledger.picture_path(shown["urn"]).read_bytes(), shown["alt"]) == (data, ALT)


def test_picture_without_a_description_is_blamed(wire):
    wire.uploaded(alt_text_custom=None)
    assert wire.breaches() == [(0, "no-alt-text")]


def test_picture_with_metadata_is_blamed(wire):
    wire.uploaded(jpeg(comment=b"made by me"))
    assert wire.breaches() == [(0, "image-metadata")]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"temporary": "true", "published": "true"}, (22, "temporary-published")),
        ({"temporary": "true", "scheduled_publish_time": "1"}, (22, "temporary-published")),
        ({"scheduled_publish_time": "1"}, (21, "scheduled-photo")),
    ],
)
def test_22_temporary_picture_that_is_not(wire, fields, rule):
    assert (problem(wire.upload(**fields)), wire.breaches()) == ((100, None), [rule])


def test_picture_can_be_deleted_once(wire):
    number = wire.uploaded()
    answers = [wire.call("DELETE", f"/{number}") for _time in range(2)]
    assert (answers[0].json(), problem(answers[1])) == ({"success": True}, (100, 33))


# 19-21: Facebook's own calendar -------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(540, 400), (660, 200), (29 * DAY, 200), (31 * DAY, 400)])
def test_19_time_of_a_scheduled_post(wire, seconds, status):
    when = int(wire.ledger.now()) + seconds
    response = wire.create(message="Bonjour", published=False, scheduled_publish_time=when)
    assert (response.status_code, wire.listed().json()["data"]) == (status, [])


def test_20_scheduled_and_published(wire):
    when = int(wire.ledger.now()) + DAY
    response = wire.create(message="Bonjour", scheduled_publish_time=when)
    assert (problem(response), wire.breaches()) == ((100, None), [(20, "scheduled-and-published")])


@pytest.mark.parametrize(
    ("temporary", "kind", "rules"),
    [
        ("true", "SCHEDULED", []),
        ("false", "SCHEDULED", [(21, "scheduled-photo")]),
        ("true", "", [(21, "content-type")]),
    ],
)
def test_21_scheduled_pictures(wire, temporary, kind, rules):
    number = wire.uploaded(temporary=temporary)
    wire.create(
        message="Bonjour",
        published=False,
        scheduled_publish_time=int(wire.ledger.now()) + DAY,
        attached_media=[{"media_fbid": number}],
        unpublished_content_type=kind,
    )
    assert wire.breaches() == rules


def test_unpublished_post_can_be_made_public_later(wire):
    urn = wire.created(message="Bonjour", published=False)
    before = (wire.listed().json()["data"], wire.posts()[0]["is_visible"])
    wire.call("POST", f"/{urn}", json={"is_published": True})
    assert (before, len(wire.listed().json()["data"]), wire.posts()[0]["is_visible"]) == (
        ([], False),
        1,
        True,
    )


# 24-28: twice, lost, unclear ----------------------------------------------------------------------


def test_24_same_text_twice_in_a_row(wire):
    wire.created()
    assert (problem(wire.create()), len(wire.posts())) == ((506, None), 1)


def test_24_same_text_after_another_one(wire):
    for message in ("Un", "Deux", "Un"):
        wire.created(message=message)
    assert len(wire.posts()) == 3


def test_24_same_text_after_the_first_was_taken_down(wire):
    wire.call("DELETE", f"/{wire.created()}")
    assert wire.create().status_code == 200


def test_24_same_text_with_another_link(wire):
    for link in ("https://inet.fr/1", "https://inet.fr/2"):
        wire.created(message="Bonjour", link=link)
    assert len(wire.posts()) == 2


def test_24_block_that_says_already_posted(wire):
    wire.faults("already-posted")
    response = wire.create()
    assert (problem(response), response.json()["error"]["message"]) == (
        (368, None),
        "(#368) You've already posted this",
    )


def test_25_same_pictures_twice_are_two_posts(wire):
    for _time in range(2):
        attach(wire, wire.uploaded())
    assert len(wire.posts()) == 2


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("answer-code-2", (500, 2, None)),
        ("answer-code-1", (400, 1, 99)),
        ("answer-transient", (400, 1390008, None)),
    ],
)
def test_26_stored_and_answered_with_an_error(wire, fault, answer):
    wire.faults(fault)
    response = wire.create()
    assert ((response.status_code, *problem(response)), len(wire.listed().json()["data"])) == (answer, 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_26_stored_and_answered_by_a_machine_in_front(wire, status):
    wire.faults(f"answer-{status}")
    assert (wire.create().status_code, len(wire.posts())) == (status, 1)


@pytest.mark.parametrize(("fault", "posts"), [("cut-after", 1), ("cut-before", 0)])
def test_27_connection_cut(wire, fault, posts):
    wire.faults(fault)
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert len(wire.listed().json()["data"]) == posts


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("refuse-code-2", 500),
        ("refuse-code-1", 400),
        ("refuse-transient", 400),
        ("refuse-500", 500),
        ("refuse-502", 502),
        ("refuse-503", 503),
        ("refuse-html", 503),
    ],
)
def test_28_nothing_stored_and_an_unclear_answer(wire, fault, status):
    wire.faults(fault)
    assert (wire.create().status_code, wire.posts()) == (status, [])


def test_stored_without_an_identifier(wire):
    wire.faults("no-id")
    assert (wire.create().json(), len(wire.posts())) == ({}, 1)


def test_list_lags_behind(wire):
    wire.created()
    wire.faults("find-lag", seconds=60)
    assert [len(wire.listed().json()["data"]) for _look in range(2)] == [0, 1]


# Reading back -------------------------------------------------------------------------------------


def test_post_as_it_is_read(wire):
    number = wire.uploaded()
    urn = attach(wire, number).json()["id"]
    fields = "message,created_time,status_type,application,from,is_published,attachments{type,target}"
    data = wire.call("GET", f"/{urn}", params={"fields": fields}).json()
    assert (data["message"], data["application"]["id"], data["from"]["id"], data["is_published"]) == (
        "Bonjour",
        "rehearsal",
        PAGE,
        True,
    )
    assert (data["attachments"]["data"][0]["target"], data["created_time"][-5:]) == ({"id": number}, "+0000")


def test_several_pictures_hang_below_the_first_attachment(wire):
    numbers = [wire.uploaded() for _number in range(2)]
    urn = attach(wire, *numbers).json()["id"]
    data = wire.call("GET", f"/{urn}", params={"fields": "attachments"}).json()
    (album,) = data["attachments"]["data"]
    assert [each["target"]["id"] for each in album["subattachments"]["data"]] == numbers


def test_counts_of_a_post(wire):
    urn = wire.created()
    wire.there.told("figures", {"post": urn, "comments": 3, "shares": 0})
    fields = "shares,comments.summary(true).limit(0),reactions.summary(true).limit(0)"
    data = wire.call("GET", f"/{urn}", params={"fields": fields}).json()
    assert ("shares" in data, data["comments"]["summary"]) == (False, {"total_count": 3})


def test_field_of_a_video_kills_the_call_on_a_post(wire):
    response = wire.call("GET", f"/{wire.created()}", params={"fields": "message,post_id"})
    assert problem(response) == (100, None)


# 38, 39, 46: changing, removing, development mode ---------------------------------------------------


def test_38_edit_of_ones_own_post(wire):
    urn = wire.created(message="Bonjour")
    assert wire.call("POST", f"/{urn}", json={"message": "Bonsoir"}).json() == {"success": True}
    assert wire.posts()[0]["text"] == "Bonsoir"


def test_38_edit_of_another_apps_post(wire):
    urn = wire.there.told("foreign", {"page": PAGE, "application": "another"})["id"]
    assert problem(wire.call("POST", f"/{urn}", json={"message": "Bonsoir"})) == (200, None)


def test_39_second_removal_finds_nothing(wire):
    urn = wire.created()
    answers = [wire.call("DELETE", f"/{urn}") for _time in range(2)]
    assert (answers[0].json(), problem(answers[1]), wire.posts()) == ({"success": True}, (100, 33), [])


def test_39_pictures_stay_when_only_the_post_is_removed(wire):
    number = wire.uploaded()
    wire.call("DELETE", f"/{attach(wire, number).json()['id']}")
    assert wire.call("GET", f"/{number}").status_code == 200


def test_46_app_in_development_mode_publishes_for_itself_only(wire):
    wire.there.told("app", {"mode": "development"})
    wire.created()
    assert (wire.posts()[0]["is_visible"], len(wire.listed().json()["data"])) == (False, 1)


@pytest.mark.parametrize(
    ("fault", "call"),
    [
        ("find-500", lambda wire, urn: wire.listed()),
        ("get-500", lambda wire, urn: wire.call("GET", f"/{urn}")),
        ("edit-500", lambda wire, urn: wire.call("POST", f"/{urn}", json={"message": "x"})),
        ("delete-500", lambda wire, urn: wire.call("DELETE", f"/{urn}")),
        ("upload-500", lambda wire, urn: wire.upload()),
    ],
)
def test_call_fails_when_told_and_changes_nothing(wire, fault, call):
    urn = wire.created()
    wire.faults(fault)
    assert (call(wire, urn).status_code, call(wire, urn).status_code) == (500, 200)
