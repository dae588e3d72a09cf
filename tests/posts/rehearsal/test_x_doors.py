"""The strict X: the consent screen, codes, tokens that work once, programs that prove who they are."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from posts.rehearsal.server import serve
from tests.posts.rehearsal.x_wire import BACK, SCOPES, XWire, problem, sent_back


@pytest.fixture
def wire(server):
    return XWire(server)


def denied(response):
    return response.status_code, response.json()["error"]


REFUSED = (400, "invalid_request")
NO_APP = (401, "unauthorized_client")

# The screen ---------------------------------------------------------------------------------------


def test_screen_shows_what_is_asked(wire):
    page = wire.consent(method="GET")
    assert (page.status_code, [f"<code>{scope}</code>" in page.text for scope in SCOPES.split()]) == (
        200,
        [True] * 5,
    )


def test_screen_of_a_fresh_rehearsal_has_an_account(tmp_path):
    with serve(tmp_path / "fresh") as server:
        wire = XWire(server, has_token=False)
        assert wire.exchange(wire.code()).status_code == 200
        assert [page["name"] for page in server.ledger.pages("x")] == ["INET"]


def test_screen_asks_which_account_where_there_are_several(wire):
    wire.there.told("page", {"id": "2002", "name": "Autre"})
    assert "Autre" in wire.consent(method="GET").text


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"response_type": "token"}, "response-type"),
        ({"client_id": "nobody"}, "unknown-app"),
        ({"redirect_uri": "https://example.org/"}, "redirect-uri"),
        ({"redirect_uri": None}, "redirect-uri"),
        ({"state": None}, "no-state"),
        ({"state": "s" * 501}, "no-state"),
        ({"scope": "tweet.read tweet.everything"}, "unknown-scope"),
        ({"scope": None}, "unknown-scope"),
        ({"code_challenge": None}, "pkce"),
        ({"code_challenge": "v" * 64}, "pkce"),
        ({"code_challenge_method": "plain"}, "pkce"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_23_screen_that_is_asked_wrongly(wire, method, changes, rule):
    response = wire.consent(method=method, **changes)
    assert (denied(response), wire.breaches()) == (REFUSED, [(23, rule)])


def test_consent_leads_back_with_code_and_state(wire):
    back = sent_back(wire.consent())
    assert (sorted(back), back["state"]) == (["code", "state"], "s3cret")


def test_refusal_leads_back_without_a_code(wire):
    assert sent_back(wire.consent(answer="refuse")) == {"error": "access_denied", "state": "s3cret"}


# 23: the code -------------------------------------------------------------------------------------


def test_exchange_gives_both_tokens(wire):
    given = wire.exchange(wire.code()).json()
    assert ({name: given[name] for name in ("token_type", "expires_in")}, sorted(given["scope"].split())) == (
        {"token_type": "bearer", "expires_in": 7200},
        sorted(SCOPES.split()),
    )
    assert (wire.whoami(given["access_token"]), bool(given["refresh_token"]), wire.breaches()) == (
        200,
        True,
        [],
    )


def test_exchange_without_offline_access_gives_one_token(wire):
    given = wire.exchange(wire.code(scope="tweet.read users.read")).json()
    assert "refresh_token" not in given


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"code_verifier": "w" * 64}, "pkce"),
        ({"code_verifier": ""}, "pkce"),
        ({"redirect_uri": f"{BACK}x"}, "redirect-uri"),
        ({"grant_type": "password"}, "grant-type"),
    ],
)
def test_23_exchange_that_is_wrong(wire, changes, rule):
    response = wire.exchange(wire.code(), **changes)
    assert (denied(response), wire.breaches()) == (REFUSED, [(23, rule)])


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (31, 400)])
def test_23_code_lives_thirty_seconds(wire, seconds, status):
    code = wire.code()
    wire.ledger.turn(clock_offset=float(seconds))
    response = wire.exchange(code)
    assert (response.status_code, wire.breaches()) == (status, [])


def test_23_code_works_once(wire):
    code = wire.code()
    answers = [wire.exchange(code).status_code for _time in range(2)]
    assert (answers, wire.breaches()) == ([200, 400], [(23, "code-used-twice")])


def test_23_code_that_never_was(wire):
    assert (denied(wire.exchange("x")), wire.breaches()) == (REFUSED, [])


# 24: the program ----------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [None, ("rehearsal", "wrong"), ("nobody", "rehearsal")])
def test_24_program_proves_who_it_is(wire, auth):
    response = wire.exchange(wire.code(), auth=auth, client_id="rehearsal")
    assert (denied(response), response.json()["error_description"], wire.breaches()) == (
        NO_APP,
        "Missing valid authorization header",
        [(24, "app-secret")],
    )


def test_24_secret_never_stands_in_the_body(wire):
    response = wire.exchange(wire.code(), client_id="rehearsal", client_secret="rehearsal")
    assert (denied(response), wire.breaches()) == (NO_APP, [(24, "secret-in-the-body")])


def test_24_public_program_has_no_secret(wire):
    wire.there.told("app", {"client_id": "phone", "is_public": True})
    response = wire.exchange(wire.code(client_id="phone"), auth=None, client_id="phone")
    assert response.status_code == 200


def test_24_another_program_cannot_use_the_code(wire):
    wire.there.told("app", {"client_id": "other", "client_secret": "s:/+é"})
    response = wire.exchange(wire.code(), auth=("other", "s%3A%2F%2B%C3%A9"))
    assert (denied(response), wire.breaches()) == (REFUSED, [(23, "code-of-another-app")])


# 25: renewing -------------------------------------------------------------------------------------


def test_25_refresh_gives_a_new_pair(wire):
    first = wire.exchange(wire.code()).json()
    second = wire.refresh(first["refresh_token"]).json()
    assert (wire.whoami(second["access_token"]), first["refresh_token"] != second["refresh_token"]) == (
        200,
        True,
    )
    assert wire.refresh(second["refresh_token"]).status_code == 200


def test_25_refresh_token_used_twice_ends_the_whole_family(wire):
    first = wire.exchange(wire.code()).json()
    second = wire.refresh(first["refresh_token"]).json()
    again = wire.refresh(first["refresh_token"])
    assert (denied(again), wire.breaches()) == (REFUSED, [(25, "refresh-token-reused")])
    assert (wire.whoami(second["access_token"]), wire.refresh(second["refresh_token"]).status_code) == (
        401,
        400,
    )


def test_25_other_consents_stay(wire):
    other = wire.exchange(wire.code()).json()
    first = wire.exchange(wire.code()).json()
    for _time in range(2):
        wire.refresh(first["refresh_token"])
    assert wire.whoami(other["access_token"]) == 200


def test_25_ten_at_once_get_one_pair(wire):
    first = wire.exchange(wire.code()).json()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: wire.refresh(first["refresh_token"]).status_code, range(10)))
    assert sorted(answers) == [200] + [400] * 9


def test_25_refresh_whose_answer_is_lost(wire):
    first = wire.exchange(wire.code()).json()
    wire.faults("refresh-lost")
    with pytest.raises(OSError):
        wire.refresh(first["refresh_token"])
    assert denied(wire.refresh(first["refresh_token"])) == REFUSED


def test_25_refresh_token_that_never_was(wire):
    assert (denied(wire.refresh("x")), wire.breaches()) == (REFUSED, [])


def test_25_refresh_proves_the_program(wire):
    first = wire.exchange(wire.code()).json()
    assert denied(wire.refresh(first["refresh_token"], auth=None)) == NO_APP


# Taking back --------------------------------------------------------------------------------------


def test_revoke_ends_a_token(wire):
    given = wire.exchange(wire.code()).json()
    response = wire.token_call(path="/2/oauth2/revoke", token=given["access_token"])
    assert (response.json(), wire.whoami(given["access_token"])) == ({"revoked": True}, 401)


def test_person_ends_everything_of_a_consent(wire):
    given = wire.exchange(wire.code()).json()
    wire.there.told("revoke", {"token": given["access_token"]})
    assert (wire.whoami(given["access_token"]), denied(wire.refresh(given["refresh_token"]))) == (
        401,
        REFUSED,
    )
    assert wire.breaches() == []


@pytest.mark.parametrize("fault", ["token-revoked", "token-expired"])
def test_access_that_is_called_dead(wire, fault):
    wire.faults(fault)
    assert (problem(wire.create()), wire.create().status_code) == ((401, "about:blank"), 201)


def test_scope_that_is_called_missing(wire):
    wire.faults("scope-missing", scope="media.write")
    assert problem(wire.upload()) == (403, "about:blank")


def test_who_am_i(wire):
    wire.there.told("page", {"id": "1001", "name": "INET", "handle": "inet_cnfpt", "followers": 42})
    response = wire.call("GET", "/2/users/me", params={"user.fields": "public_metrics,protected"})
    assert response.json() == {
        "data": {
            "id": "1001",
            "name": "INET",
            "username": "inet_cnfpt",
            "public_metrics": {"followers_count": 42},
            "protected": False,
        }
    }


def test_secrets_are_kept_as_digests_only(wire, tmp_path):
    given = wire.exchange(wire.code()).json()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "rehearsal").glob("ledger.sqlite3*"))
    assert [given[name].encode() in kept for name in ("access_token", "refresh_token")] == [False, False]
