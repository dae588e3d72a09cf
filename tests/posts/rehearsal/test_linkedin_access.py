"""The rehearsal network holds to LinkedIn's contract: consent, codes, tokens. Each check is numbered as in the contract."""

import pytest

from tests.posts.rehearsal.wire import BACK, SCOPES, Door, problem

DAY = 86_400


@pytest.fixture
def door(server):
    return Door(server)


def said(response):
    """(status, error, description) of an OAuth error."""
    data = response.json()
    return response.status_code, data["error"], data["error_description"].partition(":")[0]


# The screen -------------------------------------------------------------------------------------------


def test_screen_asks_for_consent(door):
    response = door.authorize()
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [scope for scope in SCOPES.split() if scope not in response.text] == []


def test_screen_makes_a_page_where_there_is_none(door):
    door.authorize()
    assert [page["name"] for page in door.ledger.pages("linkedin")] == ["INET"]


def test_consent_leads_back_with_code_and_state(door):
    returned = door.returned()
    assert (returned["address"], returned["state"], sorted(returned)) == (
        BACK,
        "s-1",
        ["address", "code", "state"],
    )


def test_refusal_leads_back_without_a_code(door):
    returned = door.returned(answer="refuse")
    assert returned == {
        "address": BACK,
        "error": "user_cancelled_authorize",
        "error_description": "The user cancelled the authorization",
        "state": "s-1",
    }


def test_scope_that_is_none_leads_back_with_an_error(door):
    returned = door.returned(scope="w_organization_social w_everything")
    assert (returned["error"], "code" in returned) == ("unauthorized_scope_error", False)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"client_id": "other"}, (401, "invalid_client")),
        ({"redirect_uri": "https://example.org/"}, (400, "invalid_redirect_uri")),
        ({"redirect_uri": "http://127.0.0.1.example.org/"}, (400, "invalid_redirect_uri")),
        ({"redirect_uri": BACK + "#part"}, (400, "invalid_redirect_uri")),
        ({"redirect_uri": "http://[::1"}, (400, "invalid_redirect_uri")),
        ({"redirect_uri": None}, (400, "invalid_redirect_uri")),
        ({"state": None}, (400, "invalid_request")),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_screen_sends_nobody_to_an_unknown_address(door, method, changes, answer):
    assert said(door.authorize(method, **changes))[:2] == answer


def test_pkce_has_no_place_here(door):
    door.authorize(code_challenge="x", code_challenge_method="S256")
    assert [failure["rule"] for failure in door.ledger.failures()] == ["pkce-in-the-web-flow"]


# 43: codes --------------------------------------------------------------------------------------------


def test_43_code_is_exchanged_once(door):
    code = door.returned()["code"]
    first, second = door.exchange(code), door.exchange(code)
    assert (first.status_code, said(second)) == (
        200,
        (401, "invalid_request", "Unable to retrieve access token"),
    )
    assert [(failure["check"], failure["rule"]) for failure in door.ledger.failures()] == [
        (43, "code-reused")
    ]


def test_43_code_that_never_was(door):
    response = door.exchange("AQnone")
    assert (said(response)[:2], response.json()["error_description"]) == (
        (401, "invalid_request"),
        "Unable to retrieve access token: authorization code not found",
    )


def test_43_code_by_another_redirect_address(door):
    code = door.returned()["code"]
    assert said(door.exchange(code, redirect_uri=BACK + "x"))[:2] == (400, "invalid_redirect_uri")
    assert [failure["check"] for failure in door.ledger.failures()] == [43]
    assert door.exchange(code).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 400)])
def test_43_code_lives_half_an_hour(door, minutes, status):
    code = door.returned()["code"]
    door.ledger.turn(clock_offset=minutes * 60)
    assert door.exchange(code).status_code == status


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "client_id", "client_secret"])
def test_token_call_without_a_parameter(door, name):
    form = {"grant_type": "authorization_code", "code": door.returned()["code"], "redirect_uri": BACK}
    response = door.token_call(**form | {name: None})
    assert response.json() == {
        "error": "invalid_request",
        "error_description": f'A required parameter "{name}" is missing',
    }


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"client_id": "other"}, (401, "invalid_client")),
        ({"client_secret": "other"}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ],
)
def test_token_call_that_is_refused(door, changes, answer):
    assert said(door.exchange(door.returned()["code"], **changes))[:2] == answer


def test_token_call_answers_as_linkedin_does(door):
    granted = door.granted()
    assert (granted["expires_in"], granted["refresh_token_expires_in"], granted["scope"]) == (
        60 * DAY,
        365 * DAY,
        "r_organization_social,rw_organization_admin,w_organization_social",
    )


def test_token_call_of_an_app_that_may_not_refresh(door):
    door.ledger.set_faults("linkedin", [{"name": "no-refresh"}])
    assert sorted(door.granted()) == ["access_token", "expires_in", "scope"]


def test_granted_token_publishes_on_every_page_of_the_member(door):
    for number in ("1001", "2002"):
        door.server.linkedin.organisation({"id": number})
    wire = door.wire(door.granted()["access_token"])
    authors = ["urn:li:organization:1001", "urn:li:organization:2002"]
    assert [wire.create(author=author).status_code for author in authors] == [201, 201]


def test_no_secret_of_the_door_is_kept(door):
    code = door.returned()["code"]
    granted = door.exchange(code).json()
    door.refresh(granted["refresh_token"])
    door.ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in door.ledger.directory.glob("ledger*"))
    secrets = [code, granted["access_token"], granted["refresh_token"]]
    assert [secret for secret in secrets if secret.encode() in kept] == []


# 44, 45: other scopes, renewing -------------------------------------------------------------------------


def test_44_other_scopes_end_every_earlier_token(door):
    earlier = door.granted()
    door.granted(scope="w_organization_social")
    assert problem(door.wire(earlier["access_token"]).create()) == (401, "REVOKED_ACCESS_TOKEN")
    assert said(door.refresh(earlier["refresh_token"]))[:2] == (400, "invalid_request")


def test_44_same_scopes_in_another_order_end_nothing(door):
    earlier = door.granted()
    door.granted(scope=" ".join(reversed(SCOPES.split())))
    assert door.wire(earlier["access_token"]).create().status_code == 201


def test_44_other_members_keep_their_tokens(door):
    other = door.server.linkedin.token({"member": "claire"})["access_token"]
    door.granted(scope="w_organization_social")
    assert door.wire(other).create().status_code == 201


def test_45_refresh_gives_the_same_refresh_token_for_no_longer(door):
    granted = door.granted()
    door.ledger.turn(clock_offset=100 * DAY)
    renewed = door.refresh(granted["refresh_token"]).json()
    assert renewed["refresh_token"] == granted["refresh_token"]
    assert renewed["refresh_token_expires_in"] == pytest.approx(265 * DAY, abs=60)
    assert door.wire(renewed["access_token"]).create().status_code == 201


@pytest.mark.parametrize(("days", "status"), [(364, 200), (366, 400)])
def test_45_refresh_token_lives_a_year(door, days, status):
    granted = door.granted()
    door.ledger.turn(clock_offset=days * DAY)
    assert door.refresh(granted["refresh_token"]).status_code == status


@pytest.mark.parametrize("token", ["AQnone", None])
def test_45_refresh_with_what_is_none(door, token):
    assert said(door.refresh(token))[:2] == (400, "invalid_request")


def test_45_refresh_leaves_the_earlier_token_alive(door):
    granted = door.granted()
    door.refresh(granted["refresh_token"])
    assert door.wire(granted["access_token"]).create().status_code == 201


def test_refresh_life_may_be_said_in_minutes(door):
    door.ledger.set_faults("linkedin", [{"name": "refresh-in-minutes"}])
    assert door.granted()["refresh_token_expires_in"] == 525_600


def test_token_by_control_may_come_with_a_refresh_token(door):
    granted = door.server.linkedin.token({"refresh": True})
    assert door.refresh(granted["refresh_token"]).status_code == 200
