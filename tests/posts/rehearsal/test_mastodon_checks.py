"""The rehearsal network holds to Mastodon's contract: who may call, how, and what is a post. Each check has its contract's number."""

import json
import re
import threading
from datetime import datetime

import pytest
import requests

from posts.rehearsal.server import serve
from tests.posts.rehearsal.wire import jpeg

HALF_AN_HOUR = 1800


class MastodonWire:
    """A client that knows Mastodon's wire and nothing of our connector: it can be wrong in one point at a time."""

    def __init__(self, server, **grant):
        self.server, self.ledger, self.network = server, server.ledger, server.networks["mastodon"]
        self.base = f"{server.url}/api/mastodon"
        given = self.network.told("token", grant)
        self.token, self.account = given["access_token"], given["page"]
        self.keys = 0

    def call(self, method, path, data=None, **headers):
        """`headers` by name with _ for -; None leaves one out. `data`: dict (JSON) or bytes."""
        sent = {"Authorization": f"Bearer {self.token}"}
        if isinstance(data, dict):
            data, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        return requests.request(
            method, self.base + path, data=data, headers=sent, timeout=10, allow_redirects=False
        )

    def create(self, *, headers=None, **changes):
        self.keys += 1
        body = {"status": "Bonjour", "visibility": "public", "language": "fr"} | changes
        body = {name: value for name, value in body.items() if value is not None}
        return self.call(
            "POST", "/api/v1/statuses", body, **{"Idempotency_Key": f"key-{self.keys}"} | (headers or {})
        )

    def created(self, **changes):
        response = self.create(**changes)
        assert response.status_code == 200, response.text
        return response.json()["id"]

    def upload(self, data=None, kind="image/jpeg", name="picture.jpg", **fields):
        return requests.post(
            self.base + "/api/v2/media",
            files={"file": (name, jpeg() if data is None else data, kind)},
            data=fields,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )

    def uploaded(self, **fields):
        response = self.upload(**fields)
        assert response.status_code in (200, 202), response.text
        return response.json()["id"]

    def fault(self, name, **options):
        self.ledger.set_faults("mastodon", [{"name": name, **options}])

    def become(self, **changes):
        self.network.told("instance", changes)

    def breaches(self):
        """(check, rule) of everything this server blames a client for."""
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


def problem(response):
    return response.status_code, response.json()["error"]


@pytest.fixture
def wire(server):
    return MastodonWire(server)


def test_body_of_the_tests_is_right(wire):
    """What the other tests change one point of breaks no rule."""
    assert (wire.create(media_ids=[wire.uploaded(description="Une élève")]).status_code, wire.breaches()) == (
        200,
        [],
    )


# 1, 2: who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("authorization", [None, "", "Basic abc", "Bearer", "Bearer "])
def test_1_call_without_a_token(wire, authorization):
    response = wire.create(headers={"Authorization": authorization})
    assert (problem(response), wire.breaches(), wire.ledger.posts()) == (
        (401, "The access token is invalid"),
        [(1, "no-token")],
        [],
    )


def test_1_token_that_is_none(wire):
    response = wire.create(headers={"Authorization": "Bearer abc"})
    assert (problem(response), wire.breaches()) == ((401, "The access token is invalid"), [])


def test_1_token_that_was_revoked(wire):
    wire.network.told("revoke", {"token": wire.token})
    assert problem(wire.create()) == (401, "The access token was revoked")


def test_1_token_that_ended(server):
    assert problem(MastodonWire(server, expires_in=-1).create()) == (401, "The access token expired")


NEEDED = [
    ("write:statuses", "POST", "/api/v1/statuses"),
    ("write:statuses", "PUT", "/api/v1/statuses/1"),
    ("write:statuses", "DELETE", "/api/v1/statuses/1"),
    ("write:media", "POST", "/api/v2/media"),
    ("write:media", "GET", "/api/v1/media/1"),
    ("read:statuses", "GET", "/api/v1/statuses/1"),
    ("read:statuses", "GET", "/api/v1/accounts/109300000000000001/statuses"),
    ("read:accounts", "GET", "/api/v1/accounts/verify_credentials"),
]


@pytest.mark.parametrize(("scope", "method", "path"), NEEDED)
def test_2_scope_is_missing(server, scope, method, path):
    others = {"read:accounts", "read:statuses", "write:media", "write:statuses"} - {scope}
    response = MastodonWire(server, scopes=sorted(others)).call(method, path, {})
    assert problem(response) == (403, "This action is outside the authorized scopes")


@pytest.mark.parametrize(("scope", "method", "path"), NEEDED)
def test_2_scope_alone_or_its_whole_is_enough(server, scope, method, path):
    answers = [
        MastodonWire(server, scopes=[each]).call(method, path, {}).status_code
        for each in (scope, scope.partition(":")[0])
    ]
    assert 403 not in answers


@pytest.mark.parametrize(
    ("name", "status"), [("token-revoked", 401), ("token-expired", 401), ("scope-missing", 403)]
)
def test_access_that_fails_now_and_then(wire, name, status):
    wire.fault(name)
    assert [wire.create().status_code, wire.create().status_code] == [status, 200]


# 6-9: keys ----------------------------------------------------------------------------------------


def test_6_post_without_a_key_is_made_and_blamed(wire):
    assert (wire.create(headers={"Idempotency_Key": None}).status_code, wire.breaches()) == (
        200,
        [(6, "no-key")],
    )


def test_7_same_key_is_the_same_post_whatever_it_says(wire):
    first, second = (
        wire.create(status=text, headers={"Idempotency_Key": "same"}).json()["id"] for text in ("Un", "Deux")
    )
    assert (first == second, [post["text"] for post in wire.ledger.posts()]) == (True, ["Un"])


def test_7_same_key_of_another_account_is_another_post(server, wire):
    server.networks["mastodon"].told("page", {"id": "2002", "handle": "ena"})
    other = MastodonWire(server, page="2002")
    for each in (wire, other):
        each.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == 2


def test_7_same_key_outlives_a_restart_of_the_server(tmp_path):
    made = []
    for _start in range(2):
        with serve(tmp_path / "again") as server:
            made.append(MastodonWire(server).create(headers={"Idempotency_Key": "same"}).json()["id"])
    assert made[0] == made[1]


@pytest.mark.parametrize(("seconds", "posts"), [(3599, 1), (3601, 2)])
def test_8_key_is_kept_for_an_hour(wire, seconds, posts):
    wire.create(headers={"Idempotency_Key": "same"})
    wire.ledger.turn(clock_offset=seconds)
    wire.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == posts


def test_8_key_can_be_kept_for_less(wire):
    wire.become(key_seconds=60)
    wire.create(headers={"Idempotency_Key": "same"})
    wire.ledger.turn(clock_offset=61)
    wire.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == 2


def test_8_key_is_ignored_by_some_software(wire):
    wire.become(like="takahe")
    for _time in range(2):
        wire.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == 2


def test_8_key_is_ignored_once(wire):
    wire.fault("key-ignored")
    for _time in range(3):
        wire.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == 2


def test_key_of_a_deleted_post_is_answered_404(wire):
    urn = wire.create(headers={"Idempotency_Key": "same"}).json()["id"]
    wire.call("DELETE", f"/api/v1/statuses/{urn}?delete_media=true")
    assert problem(wire.create(headers={"Idempotency_Key": "same"})) == (404, "Record not found")


def test_9_same_key_twice_at_once_is_one_post_and_blamed(wire):
    wire.fault("slow-before", seconds=0.5)
    answers = []

    def send():
        answers.append(wire.create(headers={"Idempotency_Key": "same"}).status_code)

    threads = [threading.Thread(target=send) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(answers), wire.breaches(), len(wire.ledger.posts())) == (
        [200, 503],
        [(9, "same-key-at-once")],
        1,
    )


def test_lock_that_somebody_holds(wire):
    wire.fault("lock-held")
    assert (wire.create().status_code, wire.ledger.posts(), wire.breaches()) == (503, [], [])


# 10-13, 22-26: what is a post ---------------------------------------------------------------------


def test_10_form_loses_its_pictures_and_is_blamed(wire):
    body = f"status=Bonjour&media_ids[]={wire.uploaded()}".encode()
    response = wire.call(
        "POST",
        "/api/v1/statuses",
        body,
        Content_Type="application/x-www-form-urlencoded",
        Idempotency_Key="k",
    )
    assert (response.json()["media_attachments"], wire.breaches()) == ([], [(10, "not-json")])


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'"text"', b"[" * 100_000])
def test_10_json_that_is_none(wire, data):
    response = wire.call(
        "POST", "/api/v1/statuses", data, Content_Type="application/json", Idempotency_Key="k"
    )
    assert (response.status_code, wire.breaches()) == (400, [(10, "invalid-json")])


URL = "https://www.exemple.fr/" + "a" * 100
COUNTED = [
    ("a" * 500, 500),
    ("é" * 500, 500),
    ("e\u0301" * 500, 500),
    ("👩🏽‍🎓" * 500, 500),
    ("\n a \n", 1),
    (URL, 23),
    ("http://a.fr", 23),
    (f"{URL} {URL}", 47),
    (f"({URL})", 25),
    (f"Lire {URL}.", 29),
    ("exemple.fr", 10),
    ("https://localhost/" + "a" * 10, 28),
    ("@inet@piaille.fr", 5),
    ("@inet@piaille.fr bonjour", 13),
    ("a@b.fr", 6),
    ("@inet", 5),
]


@pytest.mark.parametrize(("text", "length"), COUNTED)
def test_11_to_13_text_is_counted(wire, text, length):
    wire.become(max_characters=length)
    fits = wire.create(status=text).status_code
    wire.become(max_characters=length - 1)
    assert (fits, wire.create(status=text).status_code if length > 1 else 422) == (200, 422)


@pytest.mark.parametrize(
    ("text", "check"), [("a" * 501, 11), (f"{URL} " + "a" * 477, 12), ("@inet@piaille.fr " + "a" * 495, 13)]
)
def test_11_to_13_text_too_long_is_blamed_by_its_rule(wire, text, check):
    assert (problem(wire.create(status=text)), wire.breaches()) == (
        (422, "Validation failed: Text character limit of 500 exceeded"),
        [(check, "text-too-long")],
    )


def test_11_warning_counts_too(wire):
    answers = [wire.create(status="a" * 497, spoiler_text="b" * count).status_code for count in (3, 4)]
    assert answers == [200, 422]


def test_12_address_counts_what_this_server_says(wire):
    wire.become(like="hollo")
    answers = [wire.create(status="a" * count + " https://a.fr").status_code for count in (9743, 9744)]
    assert answers == [200, 422]


@pytest.mark.parametrize(
    ("check", "changes", "rule"),
    [
        (22, {"visibility": "everyone"}, "visibility"),
        (24, {"status": None}, "nothing-said"),
        (24, {"status": " \n"}, "nothing-said"),
        (26, {"media_ids": [1]}, "media-ids"),
        (26, {"media_ids": "1"}, "media-ids"),
        (14, {"media_ids": ["1"]}, "unknown-media"),
        (15, {"media_ids": ["1", "2", "3", "4", "5"]}, "too-many-media"),
    ],
)
def test_value_that_is_not_allowed(wire, check, changes, rule):
    response = wire.create(**changes)
    assert (response.status_code, wire.breaches(), wire.ledger.posts()) == (422, [(check, rule)], [])


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_22_visibility_that_is_one(wire, visibility):
    assert wire.create(visibility=visibility).json()["visibility"] == visibility


@pytest.mark.parametrize("language", ["fra", "fr-FR", "FR", ""])
def test_23_language_that_is_none_is_forgotten_and_blamed(wire, language):
    assert (wire.create(language=language).json()["language"], wire.breaches()) == (None, [(23, "language")])


def test_24_pictures_without_a_word(wire):
    assert wire.create(status=None, media_ids=[wire.uploaded()]).status_code == 200


def test_25_scheduled_is_posted_at_once_and_blamed(wire):
    response = wire.create(scheduled_at="2027-01-01T00:00:00Z")
    assert (response.status_code, len(wire.ledger.posts()), wire.breaches()) == (200, 1, [(25, "scheduled")])


@pytest.mark.parametrize(("ids", "pattern"), [("number", r"\d{18}"), ("uuid", r"[0-9a-f-]{36}")])
def test_26_identifiers_are_numbers_or_not(wire, ids, pattern):
    wire.become(ids=ids)
    assert [bool(re.fullmatch(pattern, each)) for each in (wire.created(), wire.uploaded())] == [True, True]


# 27-29: limits, and how a no is said --------------------------------------------------------------


def test_27_headers_of_each_answer_say_when_in_iso_8601(wire):
    headers = wire.create().headers
    reset = datetime.fromisoformat(headers["X-RateLimit-Reset"])
    assert (headers["X-RateLimit-Limit"], reset.tzinfo is not None) == ("300", True)


def test_27_calls_beyond_the_rate_wait_for_the_reset(wire):
    wire.become(is_rationed=True)
    path = "/api/v1/accounts/verify_credentials"
    answers = [wire.call("GET", path) for _call in range(301)]
    reset = datetime.fromisoformat(answers[-1].headers["X-RateLimit-Reset"])
    wire.ledger.turn(clock_offset=reset.timestamp() - wire.ledger.now() + 1)
    assert ([answers[299].status_code, answers[300].status_code], wire.call("GET", path).status_code) == (
        [200, 429],
        200,
    )


def test_27_quota_says_when(wire):
    wire.fault("quota", retry_after=90)
    response = wire.create()
    wait = datetime.fromisoformat(response.headers["X-RateLimit-Reset"]).timestamp() - wire.ledger.now()
    assert (problem(response), 85 < wait <= 90, wire.ledger.posts()) == ((429, "Too many requests"), True, [])


def test_28_thirty_pictures_in_half_an_hour(wire):
    wire.become(is_rationed=True)
    answers = [wire.upload(b"").status_code for _picture in range(31)]
    wire.ledger.turn(clock_offset=HALF_AN_HOUR)
    assert (answers.count(429), answers[-1], wire.upload().status_code) == (1, 429, 200)


def test_28_thirty_deletes_in_half_an_hour(wire):
    wire.become(is_rationed=True)
    answers = [wire.call("DELETE", "/api/v1/statuses/1").status_code for _time in range(31)]
    assert (answers[29], answers[30]) == (404, 429)


FORMS = [
    ("json", b'{"error": "Record not found"}', "application/json"),
    ("text", b"Record not found", "text/plain"),
    ("html", b"<!DOCTYPE html><html><body><h1>404</h1></body></html>", "text/html"),
    ("empty", b"", "text/plain"),
]


@pytest.mark.parametrize(("form", "body", "kind"), FORMS)
def test_29_no_is_said_in_many_ways(wire, form, body, kind):
    wire.become(errors=form)
    response = wire.call("GET", "/api/v1/statuses/1")
    assert (response.status_code, response.content, response.headers["Content-Type"]) == (404, body, kind)


@pytest.mark.parametrize(("form", "body", "kind"), FORMS[1:])
def test_29_no_is_said_otherwise_once(wire, form, body, kind):
    wire.fault(f"error-{form}")
    answers = [wire.call("GET", "/api/v1/statuses/1") for _time in range(2)]
    assert ([each.status_code for each in answers], answers[0].content, answers[1].content) == (
        [404, 404],
        body,
        FORMS[0][1],
    )


# 31-33: after the commit --------------------------------------------------------------------------


def test_31_delete_twice(wire):
    urn = wire.created()
    answers = [wire.call("DELETE", f"/api/v1/statuses/{urn}?delete_media=true") for _time in range(2)]
    assert ([each.status_code for each in answers], wire.ledger.posts()) == ([200, 404], [])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("answer-500", 500),
        ("answer-502", 502),
        ("answer-503", 503),
        ("answer-504", 504),
        ("answer-html", 503),
    ],
)
def test_32_committed_and_then_unwell(wire, name, status):
    wire.fault(name)
    assert (wire.create().status_code, len(wire.ledger.posts())) == (status, 1)


def test_32_committed_and_then_cut(wire):
    wire.fault("cut-after")
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert len(wire.ledger.posts()) == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("refuse-500", 500), ("refuse-502", 502), ("refuse-503", 503), ("refuse-html", 503)],
)
def test_unwell_before_anything_is_stored(wire, name, status):
    wire.fault(name)
    assert (wire.create().status_code, wire.ledger.posts()) == (status, [])


def test_cut_before_anything_is_stored(wire):
    wire.fault("cut-before")
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert wire.ledger.posts() == []


def test_committed_and_answered_without_an_identifier(wire):
    wire.fault("no-id")
    response = wire.create()
    assert (response.status_code, "id" in response.json(), len(wire.ledger.posts())) == (200, False, 1)


def test_33_dropped_as_spam_is_answered_as_if_posted(wire):
    wire.fault("spam-drop")
    response = wire.create(headers={"Idempotency_Key": "same"})
    read = wire.call("GET", f"/api/v1/statuses/{response.json()['id']}")
    assert (response.status_code, read.status_code, wire.ledger.posts()) == (200, 404, [])


def test_33_dropped_as_spam_keeps_no_key(wire):
    wire.fault("spam-drop")
    for _time in range(2):
        wire.create(headers={"Idempotency_Key": "same"})
    assert len(wire.ledger.posts()) == 1


@pytest.mark.parametrize("how", ["fault", "account"])
def test_limited_account_is_unlisted(wire, how):
    if how == "fault":
        wire.fault("limited")
    else:
        wire.network.told("page", {"id": wire.account, "limited": True})
    assert wire.create().json()["visibility"] == "unlisted"


def test_every_call_is_in_the_ledger(wire):
    wire.created()
    wire.call("GET", "/api/v1/nothing")
    calls = [
        (call["network"], call["method"], call["path"], call["status"]) for call in wire.ledger.events("call")
    ]
    assert calls == [
        ("mastodon", "POST", "/api/v1/statuses", 200),
        ("mastodon", "GET", "/api/v1/nothing", 404),
    ]


@pytest.mark.parametrize("changes", [{"like": "friendica"}, {"colour": "blue"}])
def test_told_something_unknown(wire, changes):
    answer = requests.post(f"{wire.server.url}/_/mastodon/instance", json=changes, timeout=10)
    assert answer.status_code == 400
