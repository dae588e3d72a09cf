"""The strict X: who may post, what a post must be, what is created, lost, doubled, read and deleted."""

from datetime import UTC, datetime

import pytest
import requests

from tests.posts.rehearsal.wire import jpeg
from tests.posts.rehearsal.x_wire import ALT, USER, XWire, problem


@pytest.fixture
def wire(server):
    return XWire(server)


# 1-3, 26: who asks --------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer "])
def test_1_no_token(wire, header):
    response = wire.call("POST", "/2/tweets", json={"text": "x"}, headers={"Authorization": header})
    assert (problem(response), wire.breaches()) == ((401, "about:blank"), [(1, "no-token")])


def test_1_unknown_token(wire):
    wire.token = "nobody's"
    assert (problem(wire.create()), wire.breaches()) == ((401, "about:blank"), [])


def test_2_app_only_token(wire):
    wire.token = wire.there.told("token", {"app_only": True})["access_token"]
    assert (problem(wire.create()), wire.breaches()) == (
        (403, "unsupported-authentication"),
        [(2, "app-only")],
    )


@pytest.mark.parametrize("missing", ["tweet.write", "tweet.read", "users.read"])
def test_3_post_needs_three_scopes(server, missing):
    wire = XWire(server, scopes=[s for s in ("tweet.write", "tweet.read", "users.read") if s != missing])
    response = wire.create()
    assert (problem(response), response.json()["detail"], wire.posts()) == (
        (403, "about:blank"),
        "Forbidden",
        [],
    )


def test_3_upload_needs_its_scope(server):
    wire = XWire(server, scopes="tweet.write tweet.read users.read")
    assert [problem(wire.upload()), problem(wire.describe("1"))] == [(403, "about:blank")] * 2


def test_26_token_is_dead_after_two_hours(wire):
    wire.ledger.turn(clock_offset=7199)
    before = wire.create().status_code
    wire.ledger.turn(clock_offset=7201)
    assert (before, problem(wire.create(text="Encore"))) == (201, (401, "about:blank"))


# 4-10, 29: the body -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_4_body_must_be_sent_as_json(wire, kind):
    response = wire.call("POST", "/2/tweets", data=b'{"text": "x"}', headers={"Content-Type": kind})
    assert (response.status_code, wire.breaches()) == (415, [(4, "not-json")])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 20_000])
def test_4_body_must_be_an_object(wire, body):
    response = wire.call("POST", "/2/tweets", data=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, wire.breaches()) == (400, [(4, "invalid-json")])


@pytest.mark.parametrize(
    ("body", "check", "rule"),
    [
        ({"text": "x", "status": "x"}, 5, "unknown-field"),
        ({"text": "x", "media_ids": ["1"]}, 5, "unknown-field"),
        ({"text": 7}, 5, "wrong-type"),
        ({"text": "x", "media": {"media_ids": ["1"], "alt": "x"}}, 6, "unknown-field"),
        ({"text": "x", "media": ["1"]}, 6, "wrong-type"),
        ({"text": "x", "media": {"media_ids": [1]}}, 7, "media-ids"),
        ({"text": "x", "media": {"media_ids": ["3_1"]}}, 7, "media-ids"),
        ({"text": "x", "media": {"media_ids": []}}, 8, "media-ids"),
        ({"text": "x", "media": {}}, 8, "media-ids"),
        ({"text": "x", "media": {"media_ids": ["1"] * 5}}, 8, "media-ids"),
        ({"text": "x", "media": {"media_ids": ["1"]}}, 9, "unknown-media"),
        ({"text": " \n"}, 10, "nothing-to-post"),
        ({"reply_settings": "following"}, 10, "nothing-to-post"),
    ],
)
def test_body_that_is_wrong(wire, body, check, rule):
    response = wire.create(**body)
    assert (problem(response), wire.breaches(), wire.posts()) == (
        (400, "invalid-request"),
        [(check, rule)],
        [],
    )


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"text": "x", "quote_tweet_id": "7"}, "quote"),
        ({"text": "x", "reply": {"in_reply_to_tweet_id": "7"}}, "reply"),
        ({"text": "$AAPL $MSFT"}, "cashtags"),
    ],
)
def test_29_what_the_plan_does_not_allow(wire, body, rule):
    assert (problem(wire.create(**body)), wire.breaches()) == ((403, "about:blank"), [(29, rule)])


@pytest.mark.parametrize("text", ["$AAPL", "10 $ et 20 $", "$100 $200", "US$AAPL C$MSFT"])
def test_29_one_cashtag_or_none(wire, text):
    assert wire.create(text=text).status_code == 201


def test_9_picture_of_somebody_else(server, wire):
    wire.there.told("page", {"id": "2002"})
    other = XWire(server, page="2002")
    response = wire.create(text="x", media={"media_ids": [other.described()]})
    assert (problem(response), wire.breaches()) == ((400, "invalid-request"), [(9, "unknown-media")])


def test_9_picture_of_yesterday(wire):
    number = wire.described()
    wire.ledger.turn(clock_offset=86_401)
    wire.token = wire.there.told("token", {})["access_token"]
    response = wire.create(text="x", media={"media_ids": [number]})
    assert (response.status_code, response.json()["errors"][0]["message"]) == (
        400,
        "Your media IDs are invalid.",
    )


def test_10_picture_without_a_word(wire):
    assert wire.create(media={"media_ids": [wire.described()]}).status_code == 201


# 11: the length -----------------------------------------------------------------------------------

FULL = [
    "a" * 280,
    "é" * 280,
    "« » — ’ " * 35,
    "…" * 140,
    "x" + "\u202f" * 139 + "x",
    "日" * 140,
    "🎓" * 140,
    "👩🏽\u200d🎓" * 140,
    "🇫🇷" * 140,
    "e\u0301" * 280,
    "https://www.inet-strasbourg.fr/formation/une/adresse/tres/longue?a=b " + "a" * 256,
    "Voir inet.fr. " + "a" * 250,
    "inet.fr " * 11 + "a" * 16,
    "©" * 140,
    "a\r\nb" * 93 + "c",
]


@pytest.mark.parametrize("text", FULL)
def test_11_text_of_exactly_280(wire, text):
    assert (wire.create(text=text).status_code, wire.breaches()) == (201, [])


@pytest.mark.parametrize("text", FULL)
def test_11_text_of_one_more(wire, text):
    response = wire.create(text=f"{text}x")
    assert (problem(response), wire.breaches(), wire.posts()) == (
        (400, "invalid-request"),
        [(11, "text-too-long")],
        [],
    )


def test_11_account_that_pays_says_more(wire):
    wire.there.told("page", {"id": USER, "text_limit": 25_000})
    assert wire.create(text="a" * 25_000).status_code == 201


# 12, 13, 30, 31, 33, 34: created, lost, again -----------------------------------------------------


def test_12_same_text_soon_after(wire):
    wire.created(text="Bonjour")
    again = wire.create(text="Bonjour")
    assert (problem(again), again.json()["detail"], len(wire.posts())) == (
        (403, "about:blank"),
        "You are not allowed to create a Tweet with duplicate content.",
        1,
    )


def test_12_other_pictures_do_not_make_another_post(wire):
    wire.created(text="Bonjour")
    assert wire.create(text="Bonjour", media={"media_ids": [wire.described()]}).status_code == 403


@pytest.mark.parametrize("change", ["later", "deleted", "other account"])
def test_12_same_text_that_is_no_duplicate(server, wire, change):
    number = wire.created(text="Bonjour")
    if change == "later":
        wire.ledger.turn(clock_offset=601)
    elif change == "deleted":
        wire.call("DELETE", f"/2/tweets/{number}")
    else:
        wire = XWire(server, page="2002")
    assert wire.create(text="Bonjour").status_code == 201


def test_13_created_is_201_with_the_number(wire):
    response = wire.create(text="A < B & C")
    (post,) = wire.posts()
    assert (response.status_code, response.json()) == (
        201,
        {
            "data": {
                "id": post["urn"],
                "text": "A &lt; B &amp; C",
                "edit_history_tweet_ids": [post["urn"]],
            }
        },
    )


def test_30_created_then_cut(wire):
    wire.faults("cut-after")
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert len(wire.numbers()) == 1


def test_30_cut_before_anything(wire):
    wire.faults("cut-before")
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert wire.numbers() == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_31_created_then_answered_with_an_error(wire, status):
    wire.faults(f"answer-{status}")
    assert (wire.create().status_code, len(wire.numbers())) == (status, 1)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_31_not_created_and_answered_with_an_error(wire, status):
    wire.faults(f"refuse-{status}")
    assert (wire.create().status_code, wire.numbers()) == (status, [])


@pytest.mark.parametrize(
    ("fault", "body", "posts"),
    [
        ("refuse-empty", b"", 0),
        ("refuse-html", b"<!DOCTYPE html>", 0),
        ("answer-html", b"<!DOCTYPE html>", 1),
    ],
)
def test_33_overloaded_without_json(wire, fault, body, posts):
    wire.faults(fault)
    response = wire.create()
    assert (response.status_code, response.content[:15], len(wire.posts())) == (503, body, posts)


def test_34_created_with_errors_beside(wire):
    wire.faults("errors-too")
    response = wire.create()
    assert (response.status_code, sorted(response.json()), len(wire.posts())) == (201, ["data", "errors"], 1)


def test_34_created_without_the_number(wire):
    wire.faults("no-id")
    response = wire.create()
    assert (response.status_code, sorted(response.json()["data"]), len(wire.posts())) == (
        201,
        ["edit_history_tweet_ids", "text"],
        1,
    )


# 27, 28: how much, and for how much ---------------------------------------------------------------


def test_27_more_than_a_hundred_posts_in_a_quarter_of_an_hour(wire):
    wire.there.told("page", {"id": USER, "is_rationed": True})
    statuses = [wire.create(text=f"Bonjour {number}").status_code for number in range(100)]
    one_more = wire.create(text="Encore")
    assert (set(statuses), one_more.status_code, one_more.json()) == (
        {201},
        429,
        {"errors": [{"code": 88, "message": "Rate limit exceeded"}]},
    )
    left = int(one_more.headers["x-rate-limit-reset"]) - wire.ledger.now()
    assert (one_more.headers["x-rate-limit-remaining"], 0 < left <= 901) == ("0", True)
    wire.ledger.turn(clock_offset=902)
    assert wire.create(text="Encore").status_code == 201


def test_27_headers_say_what_is_left(wire):
    wire.there.told("page", {"id": USER, "is_rationed": True})
    headers = [wire.create(text=text).headers for text in ("Un", "Deux")]
    assert [(h["x-rate-limit-limit"], h["x-rate-limit-remaining"]) for h in headers] == [
        ("100", "99"),
        ("100", "98"),
    ]


def test_27_not_rationed_unless_told(wire):
    assert wire.create().headers["x-rate-limit-limit"] == "1000000"


def test_27_one_may_say_when(wire):
    wire.faults("quota", retry_after=3600)
    response = wire.create()
    left = int(response.headers["x-rate-limit-reset"]) - wire.ledger.now()
    assert (response.status_code, 3590 < left <= 3600, wire.posts()) == (429, True, [])


def test_27_the_day_is_used_up(wire):
    wire.faults("day-quota")
    headers = wire.create().headers
    assert (headers["x-user-limit-24hour-remaining"], headers["x-rate-limit-remaining"]) == ("0", "999999")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("credits", 402, "credits"),
        ("usage-capped", 429, "usage-capped"),
        ("suspended", 403, "about:blank"),
        ("app-refused", 403, "client-forbidden"),
        ("ghost-duplicate", 403, "about:blank"),
    ],
)
def test_28_money_and_other_reasons(wire, fault, status, kind):
    wire.faults(fault)
    assert (problem(wire.create()), wire.posts(), wire.breaches()) == ((status, kind), [], [])


# 32: reading --------------------------------------------------------------------------------------


def test_32_deleted_post_reads_as_200_with_errors(wire):
    number = wire.created()
    wire.call("DELETE", f"/2/tweets/{number}")
    response = wire.call("GET", f"/2/tweets/{number}")
    assert (response.status_code, sorted(response.json())) == (200, ["errors"])
    assert response.json()["errors"][0]["type"].endswith("/resource-not-found")


def test_read_gives_little_unasked(wire):
    number = wire.created()
    assert wire.read(number)["data"] == {"id": number, "text": "Bonjour", "edit_history_tweet_ids": [number]}


def test_read_gives_short_addresses_and_a_last_one_for_the_pictures(wire):
    text = "Voir https://inet.fr/a et inet.fr & <bravo>"
    pictures = [wire.described(), wire.described()]
    number = wire.created(text=text, media={"media_ids": pictures})
    data = wire.read(number, **{"tweet.fields": "entities,attachments"})["data"]
    urls = data["entities"]["urls"]
    first, second, third = list(dict.fromkeys(url["url"] for url in urls))
    assert data["text"] == f"Voir {first} et {second} &amp; &lt;bravo&gt; {third}"
    assert [url["expanded_url"] for url in urls] == [
        "https://inet.fr/a",
        "http://inet.fr",
        *[f"https://x.com/rehearsal/status/{number}/photo/1"] * 2,
    ]
    assert data["attachments"]["media_keys"] == [f"3_{picture}" for picture in pictures]


def test_read_of_a_long_post_is_cut_but_for_the_note(wire):
    wire.there.told("page", {"id": USER, "text_limit": 1000})
    text = "é" * 300 + " https://inet.fr"
    data = wire.read(wire.created(text=text), **{"tweet.fields": "note_tweet"})["data"]
    assert (data["text"], data["note_tweet"]["text"][:300]) == ("é" * 279 + "…", "é" * 300)
    assert data["note_tweet"]["entities"]["urls"][0]["expanded_url"] == "https://inet.fr"


def test_several_gives_what_there_is_and_what_there_is_not(wire):
    number = wire.created()
    data = wire.call("GET", "/2/tweets", params={"ids": f"{number},7"}).json()
    assert ([post["id"] for post in data["data"]], [e["value"] for e in data["errors"]]) == ([number], ["7"])


def test_figures_of_a_post(wire):
    number = wire.created()
    wire.there.told("count", {"post": number, "views": 90, "reactions": 7, "clicks": 2})
    query = {"ids": number, "tweet.fields": "public_metrics,non_public_metrics"}
    (post,) = wire.call("GET", "/2/tweets", params=query).json()["data"]
    assert (post["public_metrics"]["like_count"], post["non_public_metrics"]) == (
        7,
        {"impression_count": 90, "url_link_clicks": 2, "user_profile_clicks": 0},
    )


def test_figures_are_private_for_thirty_days_only(wire):
    number = wire.created()
    wire.ledger.turn(clock_offset=31 * 86_400)
    wire.token = wire.there.told("token", {})["access_token"]
    private = wire.call("GET", "/2/tweets", params={"ids": number, "tweet.fields": "non_public_metrics"})
    public = wire.call("GET", "/2/tweets", params={"ids": number, "tweet.fields": "public_metrics"})
    assert (sorted(private.json()), sorted(public.json())) == (["errors"], ["data"])


def test_list_is_newest_first_in_pages(wire):
    numbers = [wire.created(text=f"Bonjour {number}") for number in range(7)][::-1]
    first = wire.listed(max_results=5).json()
    rest = wire.listed(max_results=5, pagination_token=first["meta"]["next_token"]).json()
    assert [[p["id"] for p in page["data"]] for page in (first, rest)] == [numbers[:5], numbers[5:]]
    assert (first["meta"]["result_count"], rest["meta"]) == (
        5,
        {"result_count": 2, "newest_id": numbers[5], "oldest_id": numbers[6]},
    )


def test_list_without_posts_has_no_data(wire):
    assert wire.listed().json() == {"meta": {"result_count": 0}}


def test_list_begins_at_a_time(wire):
    wire.created(text="Un")
    wire.ledger.turn(clock_offset=60.0)
    number = wire.created(text="Deux")
    said = datetime.fromtimestamp(wire.ledger.now() - 30, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert wire.numbers(start_time=said) == [number]


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"max_results": 4}, "page-size"),
        ({"max_results": 101}, "page-size"),
        ({"start_time": "2026-11-24T10:00:00+01:00"}, "start-time"),
        ({"start_time": "hier"}, "start-time"),
        ({"pagination_token": "x"}, "page-token"),
        ({"count": 5}, "unknown-parameter"),
        ({"tweet.fields": "foo"}, "unknown-parameter"),
    ],
)
def test_list_that_is_asked_wrongly(wire, query, rule):
    wire.created()
    assert (problem(wire.listed(**query)), wire.breaches()) == ((400, "invalid-request"), [(0, rule)])


def test_list_lags_behind(wire):
    wire.created()
    wire.faults("find-lag", seconds=60)
    assert [len(wire.numbers()) for _look in range(2)] == [0, 1]


# Deleting, pages, pictures of the ledger ------------------------------------------------------------


def test_delete_twice(wire):
    number = wire.created()
    first, second = (wire.call("DELETE", f"/2/tweets/{number}") for _time in range(2))
    assert (first.json(), problem(second), wire.posts()) == (
        {"data": {"deleted": True}},
        (404, "resource-not-found"),
        [],
    )


def test_delete_of_somebody_elses(server, wire):
    number = wire.created()
    assert problem(XWire(server, page="2002").call("DELETE", f"/2/tweets/{number}")) == (403, "about:blank")


def test_ledger_has_what_readers_see(wire):
    text = "Bravo #INET à @lea : https://inet.fr"
    wire.created(text=text, media={"media_ids": [wire.described()]})
    (post,) = wire.posts()
    assert (post["text"], [(i["alt"], i["width"]) for i in post["images"]]) == (text, [(ALT, 40)])
    assert post["parts"] == [
        ["text", "Bravo "],
        ["hashtag", "#INET"],
        ["text", " à "],
        ["mention", "@lea"],
        ["text", " : "],
        ["link", "https://inet.fr"],
    ]


def test_picture_of_the_ledger_is_what_was_sent(wire):
    data = jpeg(60, 70)
    wire.created(text="x", media={"media_ids": [wire.described(data)]})
    urn = wire.posts()[0]["images"][0]["urn"]
    assert wire.ledger.picture_path(urn).read_bytes() == data
