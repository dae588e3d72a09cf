"""The rehearsal network holds to Bluesky's contract: who may call. Each check is numbered as in the contract."""

import base64
import json

import pytest
import requests

from tests.posts.rehearsal.bluesky_wire import HANDLE, KEYS, PASSWORD, Wire, problem

HOURS = 3600.0


@pytest.fixture
def wire(server):
    return Wire(server)


def claims(token):
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


# 1, 5: signing in ---------------------------------------------------------------------------------


def test_fresh_rehearsal_has_one_account(server):
    body = {"identifier": HANDLE, "password": PASSWORD}
    url = f"{server.url}/api/bluesky/xrpc/com.atproto.server.createSession"
    session = requests.post(url, json=body, timeout=10).json()
    (page,) = server.ledger.pages("bluesky")
    assert (session["did"], session["handle"], session["active"]) == (page["id"], "inet.test", True)
    assert page["name"] == "INET"


def test_sign_in_names_the_home_of_the_account(wire):
    document = wire.sign_in().json()["didDoc"]
    assert document["service"][0]["serviceEndpoint"] == f"{wire.server.url}/api/bluesky"


def test_sign_in_by_did(wire):
    assert wire.sign_in(wire.did).json()["did"] == wire.did


def test_sign_in_gives_tokens_of_two_hours_and_ninety_days(wire):
    session = wire.sign_in().json()
    lives = [
        claims(session[name])["exp"] - claims(session[name])["iat"] for name in ("accessJwt", "refreshJwt")
    ]
    assert lives == [2 * 3600, 90 * 86_400]
    assert claims(session["accessJwt"])["scope"] == "com.atproto.appPass"


def test_1_identifier_with_at_sign_is_refused_and_blamed(wire):
    assert problem(wire.sign_in(f"@{HANDLE}")) == (401, "AuthenticationRequired")
    assert wire.breaches() == [(1, "at-sign")]


@pytest.mark.parametrize(("name", "password"), [(HANDLE, "wrong"), ("nobody.test", PASSWORD), ("", "")])
def test_wrong_password_or_name_is_refused(wire, name, password):
    assert (problem(wire.sign_in(name, password)), wire.breaches()) == ((401, "AuthenticationRequired"), [])


def test_5_thirty_first_sign_in_in_five_minutes_waits(wire):
    wire.ledger.turn(clock_offset=300 - wire.ledger.now() % 300)
    answers = [wire.sign_in(password="wrong") for _time in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert problem(answers[-1]) == (429, "RateLimitExceeded")
    assert (answers[-1].headers["ratelimit-policy"], 0 < int(answers[-1].headers["retry-after"]) <= 300) == (
        "30;w=300",
        True,
    )


# 2, 3: tokens -------------------------------------------------------------------------------------


def test_2_call_without_a_token_is_refused_and_blamed(wire):
    answer = wire.call("com.atproto.server.getSession", token="none")
    assert (problem(answer), wire.breaches()) == ((401, "AuthMissing"), [(2, "no-token")])


def test_2_unknown_token(wire):
    assert problem(wire.call("com.atproto.server.getSession", token="a.b.c")) == (400, "InvalidToken")


def test_2_token_past_two_hours_has_expired(wire):
    wire.ledger.turn(clock_offset=2 * HOURS + 1)
    answer = wire.put()
    assert (problem(answer), answer.json()["message"]) == ((400, "ExpiredToken"), "Token has expired")


def test_2_token_shortly_before_works(wire):
    wire.ledger.turn(clock_offset=2 * HOURS - 60)
    assert wire.put().status_code == 200


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("token-revoked", (400, "ExpiredToken")),
        ("token-expired", (400, "ExpiredToken")),
        ("scope-missing", (400, "InvalidToken")),
    ],
)
def test_2_faults_of_access(wire, fault, answer):
    wire.ledger.set_faults("bluesky", [{"name": fault}])
    assert [problem(wire.put()), wire.put().status_code] == [answer, 200]


def test_2_revoked_session(wire):
    wire.network.told("revoke", {"token": wire.session["accessJwt"]})
    assert [problem(wire.put()), problem(wire.refresh())] == [(400, "ExpiredToken")] * 2


def test_3_refresh_takes_no_access_token(wire):
    assert problem(wire.refresh(wire.session["accessJwt"])) == (400, "InvalidToken")
    assert wire.breaches() == [(3, "access-token-to-refresh")]


def test_3_refresh_token_calls_nothing_else(wire):
    answer = wire.call("com.atproto.server.getSession", token=wire.session["refreshJwt"])
    assert (problem(answer), wire.breaches()) == ((400, "InvalidToken"), [(2, "refresh-token-to-call")])


# 4: refreshing ------------------------------------------------------------------------------------


def test_4_refresh_gives_new_tokens_that_work(wire):
    new = wire.refresh().json()
    assert (
        len({wire.session["accessJwt"], wire.session["refreshJwt"], new["accessJwt"], new["refreshJwt"]}) == 4
    )
    assert wire.call("com.atproto.server.getSession", token=new["accessJwt"]).json()["did"] == wire.did


def test_4_used_refresh_token_gives_the_same_successor_for_two_hours(wire):
    first = wire.refresh().json()["refreshJwt"]
    wire.ledger.turn(clock_offset=2 * HOURS - 60)
    again = wire.refresh().json()["refreshJwt"]
    wire.ledger.turn(clock_offset=2 * HOURS + 60)
    assert (again, problem(wire.refresh())) == (first, (400, "ExpiredToken"))
    assert wire.refresh(first).status_code == 200


def test_4_refresh_token_past_ninety_days_has_expired(wire):
    wire.ledger.turn(clock_offset=90 * 24 * HOURS + 1)
    answer = wire.refresh()
    assert (problem(answer), answer.json()["message"]) == ((400, "ExpiredToken"), "Token has expired")


def test_4_refresh_whose_answer_is_lost_can_be_asked_again(wire):
    wire.ledger.set_faults("bluesky", [{"name": "refresh-lost"}])
    with pytest.raises(requests.ConnectionError):
        wire.refresh()
    assert wire.refresh().status_code == 200
    assert len(wire.ledger.events("refreshed")) == 2


def test_4_another_app_password_ends_refreshing_but_not_the_access(wire):
    wire.network.told("page", {"handle": HANDLE, "password": "another"})
    assert (problem(wire.refresh()), wire.put().status_code) == ((400, "ExpiredToken"), 200)


# 30, 31: whose account ----------------------------------------------------------------------------


def test_30_repo_of_another_account_is_refused_and_blamed(wire):
    other = wire.network.told("page", {"handle": "lea.test"})["id"]
    assert problem(wire.put(repo=other)) == (401, "AuthenticationRequired")
    assert (wire.breaches(), wire.ledger.posts()) == ([(30, "not-our-repo")], [])


def test_30_repo_of_nobody_is_refused_and_blamed(wire):
    assert problem(wire.put(repo="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")) == (403, "AccountNotFound")
    assert wire.breaches() == [(30, "not-our-repo")]


@pytest.mark.parametrize(
    ("status", "error"), [("deactivated", "AccountDeactivated"), ("takendown", "AccountTakedown")]
)
def test_31_closed_account_does_nothing(wire, status, error):
    wire.network.told("page", {"handle": HANDLE, "status": status})
    answers = [wire.put(), wire.upload(b"x"), wire.delete()]
    assert [problem(answer) for answer in answers] == [(401, error)] * 3
    assert problem(wire.sign_in()) == (401, "AuthenticationRequired")
    session = wire.call("com.atproto.server.getSession").json()
    assert (session["active"], session["status"]) == (False, status)


# 32: limits ---------------------------------------------------------------------------------------


def test_32_each_answer_says_what_is_left(wire):
    wire.network.told("limits", {"calls": 3000})
    left = [int(wire.get().headers["ratelimit-remaining"]) for _time in range(2)]
    answer = wire.get()
    assert (left[0] - left[1], answer.headers["ratelimit-policy"]) == (1, "3000;w=300")
    assert 0 < int(answer.headers["ratelimit-reset"]) - wire.ledger.now() <= 300


def test_32_too_many_calls_wait(wire):
    wire.ledger.turn(clock_offset=300 - wire.ledger.now() % 300)
    wire.network.told("limits", {"calls": 2})
    answers = [wire.get() for _time in range(3)]
    assert [problem(answer) for answer in answers[1:]] == [
        (400, "RecordNotFound"),
        (429, "RateLimitExceeded"),
    ]
    assert int(answers[2].headers["retry-after"]) > 0


def test_32_writing_costs_points(wire):
    wire.network.told("limits", {"points": 4})
    assert [wire.put(key=key).status_code for key in KEYS[:3]] == [200, 200, 429]
    assert len(wire.ledger.posts()) == 2


def test_32_fault_quota_says_when_to_come_back(wire):
    wire.ledger.set_faults("bluesky", [{"name": "quota", "retry_after": 90}])
    answer = wire.get()
    assert (problem(answer), answer.headers["retry-after"]) == ((429, "RateLimitExceeded"), "90")


# What it tells besides ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "answer"),
    [
        (HANDLE, (200, None)),
        ("nobody.test", (400, "HandleNotFound")),
        ("nobody.example.org", (400, "InvalidRequest")),
        ("nobody", (400, "InvalidRequest")),
    ],
)
def test_resolve_handle(wire, handle, answer):
    found = wire.call(f"com.atproto.identity.resolveHandle?handle={handle}", token="none")
    assert (problem(found), found.json().get("did", wire.did)) == (answer, wire.did)


def test_unknown_method_is_blamed(wire):
    assert problem(wire.call("com.atproto.repo.nope")) == (501, "MethodNotImplemented")
    assert wire.breaches() == [(0, "unknown-method")]


@pytest.mark.parametrize(
    ("what", "data"), [("nothing", {}), ("limits", {"posts": 1}), ("revoke", {}), ("figures", {})]
)
def test_control_refuses_what_it_does_not_know(wire, what, data):
    with pytest.raises(KeyError):
        wire.network.told(what, data)


def test_answers_are_in_the_ledger(wire):
    wire.get()
    assert wire.ledger.events("call")[-1]["path"] == "/xrpc/com.atproto.repo.getRecord"
