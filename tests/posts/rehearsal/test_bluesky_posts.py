"""The rehearsal network holds to Bluesky's contract: records of posts. Each check is numbered as in the contract."""

import threading

import pytest
import requests

from tests.posts.rehearsal.bluesky_wire import COLLECTION, HANDLE, KEY, KEYS, Wire, facet, problem, record

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"


@pytest.fixture
def wire(server):
    return Wire(server)


# 9-14, 25: the record -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "changes", "rule"),
    [
        (9, {"$type": "app.bsky.feed.like"}, "record-type"),
        (9, {"$type": None}, "record-type"),
        (10, {"text": None}, "missing-field"),
        (10, {"text": 3}, "wrong-type"),
        (11, {"text": "é" * 301}, "text-too-long"),
        (11, {"text": "e\u0301" * 301}, "text-too-long"),
        (12, {"text": FAMILY * 121}, "text-too-long"),
        (13, {"createdAt": None}, "missing-field"),
        (13, {"createdAt": "2026-11-24T10:00:00"}, "created-at"),
        (13, {"createdAt": "2026-11-24T10:00:00-00:00"}, "created-at"),
        (13, {"createdAt": "2026-13-24T10:00:00Z"}, "created-at"),
        (13, {"createdAt": "24/11/2026"}, "created-at"),
        (14, {"langs": ["fr", "en", "de", "it"]}, "langs"),
        (14, {"langs": ["français"]}, "langs"),
        (14, {"langs": "fr"}, "wrong-type"),
        (24, {"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "inet.fr", "title": "", "description": ""}}}, "link-uri"),
    ],
)  # fmt: skip
def test_wrong_record_is_refused_and_blamed(wire, check, changes, rule):
    answer = wire.put(record(**changes))
    assert (problem(answer), wire.breaches(), wire.ledger.posts()) == (
        (400, "InvalidRequest"),
        [(check, rule)],
        [],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": "é" * 300},
        {"text": "e\u0301" * 300},
        {"text": FAMILY * 120},
        {"createdAt": "2026-11-24T10:00:00.123456+01:00"},
        {"langs": ["fr", "en-GB", "zh-Hant"]},
        {"unknown": [1]},
    ],
)
def test_right_record_is_taken(wire, changes):
    sent = record(**changes)
    assert (wire.put(sent).status_code, wire.breaches()) == (200, [])
    (post,) = wire.ledger.posts("bluesky")
    assert (post["body"], post["text"], post["author"]) == (sent, sent["text"], wire.did)


def test_25_number_that_is_not_whole_is_refused_and_blamed(wire):
    assert problem(wire.put(record(unknown=[1.5]))) == (400, "InvalidRequest")
    assert wire.breaches() == [(25, "float")]


def test_10_half_a_character_is_replaced_and_blamed(wire):
    assert (wire.put(record(text="a\ud83cb")).status_code, wire.breaches()) == (
        200,
        [(10, "half-a-character")],
    )
    assert wire.ledger.posts()[0]["text"] == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("data", "headers", "answer"),
    [
        (b'{"', {"Content_Type": "application/json"}, (400, "SyntaxError")),
        (b"[]", {"Content_Type": "application/json"}, (400, "InvalidRequest")),
        (b"{}", {"Content_Type": "text/plain"}, (400, "InvalidRequest")),
    ],
)
def test_body_that_is_no_json_object_is_refused(wire, data, headers, answer):
    assert problem(wire.call("com.atproto.repo.putRecord", data, **headers)) == answer


# 20-24: facets ------------------------------------------------------------------------------------


def put_text(wire, text, *facets):
    return wire.put(record(text=text, facets=list(facets)))


def test_facets_that_are_right_make_the_parts_of_the_text(wire):
    text = "Élèves : @inet.test #Été www.inet.fr !"
    answer = put_text(
        wire,
        text,
        facet(11, 21, mention=wire.did),
        facet(22, 28, tag="Été"),
        facet(29, 40, link="https://www.inet.fr"),
    )
    assert (answer.status_code, wire.breaches()) == (200, [])
    assert wire.ledger.posts()[0]["parts"] == [
        ["text", "Élèves : "],
        ["mention", "@inet.test"],
        ["text", " "],
        ["hashtag", "#Été"],
        ["text", " "],
        ["link", "www.inet.fr"],
        ["text", " !"],
    ]


@pytest.mark.parametrize(
    ("check", "facets", "rule"),
    [
        (20, [facet(0, 99, tag="Été")], "facet-outside"),
        (20, [facet(6, 0, tag="Été")], "facet-outside"),
        (20, [facet(3, 3, tag="Été")], "facet-outside"),
        (21, [facet(0, 2, tag="É")], "facet-inside-a-character"),
        (21, [facet(2, 6, tag="té")], "facet-inside-a-character"),
        (21, [facet(0, 6, tag="Ete")], "facet-beside-its-words"),
        (21, [facet(0, 6, link="https://inet.fr")], "facet-beside-its-words"),
        (21, [facet(0, 6, mention="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")], "facet-beside-its-words"),
        (22, [facet(7, 20, link="https://a.fr/"), facet(0, 6, tag="Été")], "facets-overlap"),
        (22, [facet(0, 6, tag="Été"), facet(0, 6, tag="Été")], "facets-overlap"),
    ],
)
def test_facet_beside_the_text_is_taken_and_blamed(wire, check, facets, rule):
    answer = put_text(wire, "#Été https://a.fr/", *facets)
    text = wire.ledger.posts()[0]["text"]
    assert (answer.status_code, wire.breaches()[0], text) == (200, (check, rule), "#Été https://a.fr/")


@pytest.mark.parametrize(
    ("check", "wrong", "rule"),
    [
        (23, facet(0, 4, mention="inet.test"), "mention-without-did"),
        (24, facet(0, 4, link="inet.fr"), "link-uri"),
        (20, facet(-1, 4, tag="x"), "facet-edges"),
        (20, facet(0, None, tag="x"), "facet-edges"),
        (20, {"index": {"byteStart": 0, "byteEnd": 4}}, "missing-field"),
        (0, facet(0, 4, tag="x" * 65), "tag-too-long"),
    ],
)
def test_facet_that_says_nothing_is_refused_and_blamed(wire, check, wrong, rule):
    assert problem(put_text(wire, "@inet.test", wrong)) == (400, "InvalidRequest")
    assert wire.breaches() == [(check, rule)]


# 26-29: keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["post-42", "zzzzzzzzzzzzz", "3lbcdefghij2", "3lbcdefghij21", "", None])
def test_26_key_that_is_no_tid_is_refused_and_blamed(wire, key):
    assert problem(wire.put(key=key)) == (400, "InvalidRequest")
    assert wire.breaches() == [(26, "no-tid")]


def test_27_writing_without_naming_what_stands_there_writes_over_it_and_is_blamed(wire):
    wire.put()
    answer = wire.put(record(text="Autre"), leave_out=("swapRecord",))
    assert (answer.status_code, wire.breaches()) == (200, [(27, "no-swap-record")])
    assert [post["text"] for post in wire.ledger.posts()] == ["Autre"]


def test_28_other_record_under_a_taken_key_is_refused(wire):
    first = wire.put().json()
    answer = wire.put(record(text="Autre"))
    assert (problem(answer), answer.json()["message"]) == (
        (400, "InvalidSwap"),
        f"Record was at {first['cid']}",
    )
    assert [post["text"] for post in wire.ledger.posts()] == ["Bonjour"]


def test_28_the_very_same_again_is_answered_and_changes_nothing(wire):
    first, again = wire.put().json(), wire.put().json()
    assert (again["uri"], again["cid"], "commit" in again) == (first["uri"], first["cid"], False)
    assert (len(wire.ledger.posts()), len(wire.ledger.events("created"))) == (1, 1)


def test_28_the_very_same_again_is_refused_where_a_fault_says_so(wire):
    wire.put()
    wire.ledger.set_faults("bluesky", [{"name": "swap-refused"}])
    assert (problem(wire.put()), len(wire.ledger.posts())) == ((400, "InvalidSwap"), 1)


def test_28_what_stands_there_can_be_changed_by_its_name(wire):
    cid = wire.put().json()["cid"]
    assert wire.put(record(text="Autre"), swapRecord=cid).status_code == 200
    assert problem(wire.put(record(text="Encore"), swapRecord=cid)) == (400, "InvalidSwap")
    assert [post["text"] for post in wire.ledger.posts()] == ["Autre"]


def test_28_of_eight_at_once_one_is_written(wire):
    answers = []
    threads = [
        threading.Thread(
            target=lambda number=number: answers.append(wire.put(record(text=f"Bonjour {number}")))
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert len(wire.ledger.posts()) == 1


def test_29_creating_under_a_taken_key_is_an_error_of_the_server(wire):
    wire.put()
    assert problem(wire.create(record(text="Autre"))) == (500, "InternalServerError")
    assert wire.breaches() == [(29, "key-taken")]


def test_create_under_a_free_key(wire):
    assert (wire.create().json()["uri"], len(wire.ledger.posts())) == (
        f"at://{wire.did}/{COLLECTION}/{KEY}",
        1,
    )


# 33: what an answer does not tell -----------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
)
def test_33_stored_whatever_is_answered(wire, fault):
    wire.ledger.set_faults("bluesky", [{"name": fault}])
    answer = wire.put()
    assert ("uri" in answer.text, len(wire.ledger.posts())) == (False, 1)


def test_33_stored_and_the_connection_dropped(wire):
    wire.ledger.set_faults("bluesky", [{"name": "cut-after"}])
    with pytest.raises(requests.ConnectionError):
        wire.put()
    assert len(wire.ledger.posts()) == 1


@pytest.mark.parametrize("fault", ["refuse-500", "refuse-502", "refuse-503", "refuse-html"])
def test_33_nothing_stored(wire, fault):
    wire.ledger.set_faults("bluesky", [{"name": fault}])
    assert (wire.put().status_code >= 500, wire.ledger.posts()) == (True, [])


# Reading and taking down --------------------------------------------------------------------------


def test_get_gives_the_record(wire):
    uri = wire.put().json()["uri"]
    assert (wire.get().json()["uri"], wire.get().json()["value"]) == (uri, record())


def test_get_of_what_is_not_there(wire):
    assert problem(wire.get()) == (400, "RecordNotFound")


def test_list_is_newest_first_by_key_and_goes_on(wire):
    for key in KEYS:
        wire.put(key=key)
    first = wire.list(limit=3).json()
    second = wire.list(limit=3, cursor=first["cursor"]).json()
    keys = [found["uri"].rpartition("/")[2] for found in first["records"] + second["records"]]
    assert keys == KEYS[::-1]


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_list_takes_a_hundred_at_most(wire, limit):
    assert problem(wire.list(limit=limit)) == (400, "InvalidRequest")


def test_delete_twice_is_fine(wire):
    wire.put()
    first, second = wire.delete(), wire.delete()
    assert (first.status_code, second.status_code, second.json()) == (200, 200, {})
    assert (problem(wire.get()), wire.list().json()) == ((400, "RecordNotFound"), {"records": []})
    assert wire.ledger.posts(with_deleted=True)[0]["deleted"] is not None


def test_written_again_after_a_delete_is_taken_and_blamed(wire):
    wire.put()
    wire.delete()
    assert (wire.put().status_code, wire.breaches()) == (200, [(0, "written-after-delete")])


@pytest.mark.parametrize(
    ("fault", "call"),
    [
        ("find-500", "list"),
        ("find-html", "list"),
        ("find-500", "get"),
        ("get-500", "get"),
        ("delete-500", "delete"),
    ],
)
def test_faults_of_reading_and_taking_down(wire, fault, call):
    wire.put()
    wire.ledger.set_faults("bluesky", [{"name": fault}])
    assert [getattr(wire, call)().status_code >= 500 for _time in range(2)] == [True, False]


def test_list_that_lags(wire):
    wire.put()
    wire.ledger.set_faults("bluesky", [{"name": "find-lag", "seconds": 60}])
    assert [len(wire.list().json()["records"]) for _time in range(2)] == [0, 1]


def test_figures_of_a_post(wire):
    uri = wire.put().json()["uri"]
    wire.network.told("figures", {"uri": uri, "like": 3, "repost": 2})
    (post,) = wire.call(f"app.bsky.feed.getPosts?uris={uri}&uris=at://x/y/z").json()["posts"]
    assert {name: post[name] for name in ("likeCount", "repostCount", "replyCount")} == {
        "likeCount": 3,
        "repostCount": 2,
        "replyCount": 0,
    }


def test_figures_of_more_than_twenty_five(wire):
    query = "&".join(f"uris=at://x/y/{number}" for number in range(26))
    assert problem(wire.call(f"app.bsky.feed.getPosts?{query}")) == (400, "InvalidRequest")


def test_machine_that_tells_figures_is_down(wire):
    wire.ledger.set_faults("bluesky", [{"name": "appview-down", "times": 2}])
    answers = [
        wire.call("app.bsky.feed.getPosts?uris=x"),
        wire.call(f"app.bsky.actor.getProfile?actor={HANDLE}"),
    ]
    assert [problem(answer) for answer in answers] == [(502, "UpstreamFailure")] * 2
