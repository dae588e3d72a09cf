"""The rehearsal network holds to Mastodon's contract: programs, consent, codes and tokens. Numbers as in the contract."""

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

VERIFIER = "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "http://127.0.0.1:8000/comptes/mastodon/retour/"
SCOPES = "read:accounts write:statuses"


class Door:
    """A browser and a program in one."""

    def __init__(self, server):
        self.server, self.ledger = server, server.ledger
        self.base = f"{server.url}/api/mastodon"

    def register(self, **changes):
        data = {"client_name": "Essai", "redirect_uris": BACK, "scopes": SCOPES} | changes
        return requests.post(f"{self.base}/api/v1/apps", json=data, timeout=10)

    def authorize(self, method="GET", form=None, **changes):
        asked = {
            "response_type": "code",
            "client_id": "rehearsal",
            "redirect_uri": BACK,
            "scope": SCOPES,
            "state": "abc",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return requests.request(
            method, f"{self.base}/oauth/authorize?{query}", data=form, timeout=10, allow_redirects=False
        )

    def led_back(self, answer="allow", *, pages=(), **changes):
        form = {"answer": answer} | {f"page:{page}": "on" for page in pages}
        response = self.authorize("POST", form, **changes)
        assert response.status_code == 302, response.text
        return {
            name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
        }

    def token(self, code, **changes):
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "rehearsal",
            "client_secret": "rehearsal",
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        } | changes
        return requests.post(f"{self.base}/oauth/token", data=data, timeout=10)

    def breaches(self):
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


@pytest.fixture
def door(server):
    return Door(server)


def refused(response):
    return response.status_code, response.json()["error"]


# 3: programs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("uris", [BACK, [BACK, "http://127.0.0.1:8000/x"]])
def test_3_program_that_was_made_known_gets_in(door, uris):
    app = door.register(redirect_uris=uris).json()
    known = {"client_id": app["client_id"]}
    code = door.led_back(**known)["code"]
    assert door.token(code, client_secret=app["client_secret"], **known).json()["scope"] == SCOPES


@pytest.mark.parametrize(
    "changes",
    [{"client_name": ""}, {"redirect_uris": ""}, {"redirect_uris": "nowhere"}, {"scopes": "everything"}],
)
def test_3_program_that_is_described_badly(door, changes):
    assert door.register(**changes).status_code == 422


@pytest.mark.parametrize(
    ("changes", "answer", "breach"),
    [
        ({"client_id": "unknown"}, (401, "invalid_client"), (3, "unknown-app")),
        ({"redirect_uri": "https://example.org/"}, (400, "invalid_redirect_uri"), (3, "redirect-uri")),
        ({"response_type": "token"}, (400, "unsupported_response_type"), (3, "response-type")),
        ({"scope": "everything"}, (400, "invalid_scope"), (2, "scope")),
        ({"code_challenge": None}, (400, "invalid_code_challenge_method"), (5, "pkce")),
        ({"code_challenge_method": "plain"}, (400, "invalid_code_challenge_method"), (5, "pkce")),
    ],
)
def test_consent_that_is_asked_wrongly(door, changes, answer, breach):
    assert (refused(door.authorize(**changes)), door.breaches()) == (answer, [breach])


def test_3_redirect_is_one_that_was_made_known(door):
    app = door.register().json()
    response = door.authorize(client_id=app["client_id"], redirect_uri="http://127.0.0.1:8000/other")
    assert refused(response) == (400, "invalid_redirect_uri")


def test_2_scopes_are_those_that_were_made_known(door):
    app = door.register(scopes="read write:media").json()
    wanted = ["read:accounts", "read write:media", "write:statuses"]
    answers = [door.authorize(client_id=app["client_id"], scope=scope).status_code for scope in wanted]
    assert answers == [200, 200, 400]


# Consent ------------------------------------------------------------------------------------------


def test_consent_screen_says_what_is_asked(door):
    response = door.authorize()
    assert (response.status_code, [scope in response.text for scope in SCOPES.split()]) == (200, [True, True])


def test_consent_leads_back_with_the_state(door):
    assert door.led_back()["state"] == "abc"


def test_refusal_leads_back_without_a_code(door):
    told = door.led_back("refuse")
    assert (told["error"], told["state"], "code" in told) == ("access_denied", "abc", False)


def test_one_of_several_accounts_is_chosen(door, server):
    for key, handle in (("1", "inet"), ("2", "ena")):
        server.networks["mastodon"].told("page", {"id": key, "handle": handle})
    token = door.token(door.led_back(pages=["2"])["code"]).json()["access_token"]
    who = requests.get(
        f"{door.base}/api/v1/accounts/verify_credentials",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert (who.json()["id"], door.led_back()["error"]) == ("2", "access_denied")


# 3-5: codes and tokens ----------------------------------------------------------------------------


def test_4_code_gives_a_token_that_does_not_end(door):
    given = door.token(door.led_back()["code"]).json()
    assert (set(given), given["token_type"]) == (
        {"access_token", "token_type", "scope", "created_at"},
        "Bearer",
    )


def test_4_code_is_used_once(door):
    code = door.led_back()["code"]
    answers = [door.token(code).status_code, refused(door.token(code))]
    assert (answers, door.breaches()) == ([200, (400, "invalid_grant")], [(4, "code-used-twice")])


@pytest.mark.parametrize(("seconds", "status"), [(590, 200), (610, 400)])
def test_4_code_lives_ten_minutes(door, seconds, status):
    code = door.led_back()["code"]
    door.ledger.turn(clock_offset=seconds)
    assert door.token(code).status_code == status


@pytest.mark.parametrize(
    ("changes", "answer", "breach"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client"), (3, "app-secret")),
        ({"client_id": "unknown"}, (401, "invalid_client"), (3, "unknown-app")),
        ({"redirect_uri": "http://127.0.0.1:8000/"}, (400, "invalid_grant"), (3, "redirect-uri")),
        ({"code_verifier": "w" * 60}, (400, "invalid_grant"), (5, "pkce")),
        ({"code_verifier": ""}, (400, "invalid_grant"), (5, "pkce")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type"), (4, "grant-type")),
    ],
)
def test_token_that_is_asked_wrongly(door, changes, answer, breach):
    response = door.token(door.led_back()["code"], **changes)
    assert (refused(response), door.breaches()) == (answer, [breach])


def test_code_of_another_program(door):
    app = door.register().json()
    code = door.led_back(client_id=app["client_id"])["code"]
    assert refused(door.token(code)) == (400, "invalid_grant")


def test_unknown_code(door):
    assert (refused(door.token("abc")), door.breaches()) == ((400, "invalid_grant"), [])


def test_revoked_by_the_program_that_holds_it(door):
    token = door.token(door.led_back()["code"]).json()["access_token"]
    app = {"client_id": "rehearsal", "client_secret": "rehearsal"}
    answers = [
        requests.post(f"{door.base}/oauth/revoke", data={**app, "token": each}, timeout=10).status_code
        for each in (token, "abc")
    ]
    assert (answers, door.ledger.issued("mastodon", "access", token)["ended"] is not None) == (
        [200, 403],
        True,
    )


def test_secrets_are_not_in_the_ledger(door, tmp_path):
    app = door.register().json()
    code = door.led_back()["code"]
    token = door.token(code).json()["access_token"]
    door.ledger.connection.execute("PRAGMA wal_checkpoint(FULL)")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("ledger.sqlite3*"))
    assert [secret.encode() in kept for secret in (app["client_secret"], code, token)] == [False] * 3
