"""LinkedIn gives access: from the consent to a grant and its pages, against the rehearsal network."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from posts.networks.base import Choice, Credentials, Grant, NeedsReconnect, NotSent, Refused, TryLater
from posts.networks.linkedin import pages
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.test_linkedin import refusal
from tests.posts.rehearsal.wire import BACK, SCOPES, Door

DAY = 86_400


@pytest.fixture
def door(server):
    return Door(server)


@pytest.fixture
def code(door):
    """What the browser brings back after somebody consented."""
    return door.returned()["code"]


@pytest.fixture
def grant(linkedin, app, code):
    return linkedin.exchange(app, code=code, verifier="")


def saying(status, data):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return answering(f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


# Where the browser goes -------------------------------------------------------------------------------


def test_address_asks_for_exactly_what_is_needed(linkedin, app):
    address = urlsplit(linkedin.authorize_url(app, state="s-1", verifier="unused"))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (f"{address.scheme}://{address.netloc}{address.path}", asked) == (
        f"{app.oauth_url}/oauth/v2/authorization",
        {
            "response_type": "code",
            "client_id": "rehearsal",
            "redirect_uri": BACK,
            "state": "s-1",
            "scope": SCOPES,
        },
    )


def test_address_is_one_that_linkedin_takes(server, linkedin, app, door):
    query = urlsplit(linkedin.authorize_url(app, state="s-1", verifier="unused")).query
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    assert (door.authorize(**asked).status_code, server.ledger.failures()) == (200, [])


def test_secret_does_not_go_through_the_browser(linkedin, app):
    assert "canary" not in linkedin.authorize_url(
        replace(app, client_secret="canary"), state="s", verifier="canary"
    )


# The code for a grant ---------------------------------------------------------------------------------


def test_code_is_exchanged_for_a_grant(server, linkedin, grant):
    assert replace(grant, token="", refresh_token="") == Grant(
        "", "", 60 * DAY, 365 * DAY, frozenset(SCOPES.split())
    )
    assert (len(grant.token) > 300, len(grant.refresh_token) > 100, server.ledger.failures()) == (
        True,
        True,
        [],
    )


def test_granted_token_publishes(linkedin, app, grant):
    credentials = Credentials(app.api_url, grant.token, "urn:li:organization:1001", app.version)
    assert linkedin.verify(credentials).role == "ADMINISTRATOR"


def test_app_that_may_not_refresh_gets_no_refresh_token(server, linkedin, app, code):
    server.ledger.set_faults("linkedin", [{"name": "no-refresh"}])
    grant = linkedin.exchange(app, code=code, verifier="")
    assert (grant.refresh_token, grant.refresh_expires_in, grant.expires_in) == ("", None, 60 * DAY)


def test_life_of_the_refresh_token_in_minutes_is_not_believed(server, linkedin, app, code):
    server.ledger.set_faults("linkedin", [{"name": "refresh-in-minutes"}])
    assert linkedin.exchange(app, code=code, verifier="").refresh_expires_in == 365 * DAY


def test_scope_that_was_not_granted_is_missing(server, linkedin, app, code):
    server.ledger.set_faults("linkedin", [{"name": "scope-missing", "scope": "r_organization_social"}])
    grant = linkedin.exchange(app, code=code, verifier="")
    assert set(linkedin.scopes) - grant.scopes == {"r_organization_social"}


def test_code_is_good_once(linkedin, app, code, grant):
    assert refusal(Refused, linkedin.exchange, app, code=code, verifier="").reason == "code-refused"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"redirect_uri": BACK + "?x=1"}, "code-refused"),
        ({"client_secret": "other"}, "program-refused"),
        ({"client_id": "other"}, "program-refused"),
    ],
)
def test_code_is_refused(linkedin, app, code, changes, reason):
    outcome = refusal(Refused, linkedin.exchange, replace(app, **changes), code=code, verifier="")
    assert outcome.reason == reason


def test_code_is_refused_after_half_an_hour(server, linkedin, app, code):
    server.ledger.turn(clock_offset=31 * 60)
    assert refusal(Refused, linkedin.exchange, app, code=code, verifier="").reason == "code-refused"


ODD = [
    (200, b"<html>", TryLater, "no-token"),
    (200, {}, TryLater, "no-token"),
    (200, {"access_token": ""}, TryLater, "no-token"),
    (400, b"", TryLater, "no-token"),
    (429, {"error": "throttled"}, TryLater, "throttled"),
    (500, {"error": "server_error"}, TryLater, "no-token"),
    (503, b"<html>", TryLater, "no-token"),
    (302, b"", TryLater, "no-token"),
    (401, {"error": "invalid_client"}, Refused, "program-refused"),
]


@pytest.mark.parametrize(
    ("status", "data", "kind", "reason"), [*ODD, (400, {"error": "x"}, Refused, "code-refused")]
)
def test_exchange_believes_no_strange_answer(linkedin, app, status, data, kind, reason):
    with peer(saying(status, data)) as (url, _received):
        gone = replace(app, oauth_url=url)
        assert refusal(kind, linkedin.exchange, gone, code="c", verifier="").reason == reason


def test_exchange_cut_off_starts_again(linkedin, app):
    with peer(answering(b"")) as (url, _received):
        outcome = refusal(TryLater, linkedin.exchange, replace(app, oauth_url=url), code="c", verifier="")
    assert outcome.reason == "no-answer"


def test_exchange_unreachable(linkedin, app):
    refusal(NotSent, linkedin.exchange, replace(app, oauth_url="http://127.0.0.1:9"), code="c", verifier="")


@pytest.mark.parametrize(
    ("said", "scopes"),
    [("a,b", {"a", "b"}), ("a b", {"a", "b"}), ("a, b", {"a", "b"}), ("", set(SCOPES.split()))],
)
def test_scopes_come_in_either_form(linkedin, app, said, scopes):
    with peer(saying(200, {"access_token": "t", "scope": said})) as (url, _received):
        grant = linkedin.exchange(replace(app, oauth_url=url), code="c", verifier="")
    assert (grant.scopes, grant.expires_in) == (scopes, None)


@pytest.mark.parametrize("status", [400, 500])
def test_answer_that_is_kept_holds_no_secret(linkedin, app, status):
    said = {"error": "x", "echo": "code=canary-code secret=canary-secret", "access_token": "canary-token"}
    with peer(saying(status, said)) as (url, _received):
        gone = replace(app, oauth_url=url, client_secret="canary-secret")
        with pytest.raises((Refused, TryLater)) as caught:
            linkedin.exchange(gone, code="canary-code", verifier="")
    assert ("canary" in caught.value.answer, "echo" in caught.value.answer) == (False, True)


# Renewing ---------------------------------------------------------------------------------------------


def test_refresh_gives_another_token_and_keeps_the_refresh_token(server, linkedin, app, grant):
    server.ledger.turn(clock_offset=50 * DAY)
    renewed = linkedin.refresh(app, grant.refresh_token)
    assert (renewed.token != grant.token, renewed.refresh_token) == (True, grant.refresh_token)
    assert (renewed.expires_in, renewed.scopes) == (60 * DAY, grant.scopes)
    assert renewed.refresh_expires_in == pytest.approx(315 * DAY, abs=60)


def test_refresh_does_not_guess_how_long_the_refresh_token_lives(server, linkedin, app, grant):
    """What was known before stays true: a year from the first consent."""
    server.ledger.turn(clock_offset=60 * DAY)
    server.ledger.set_faults("linkedin", [{"name": "refresh-in-minutes"}])
    assert linkedin.refresh(app, grant.refresh_token).refresh_expires_in is None


def test_refresh_that_names_no_refresh_token_keeps_the_one_we_have(linkedin, app):
    with peer(saying(200, {"access_token": "t", "expires_in": 60})) as (url, _received):
        renewed = linkedin.refresh(replace(app, oauth_url=url), "AQours")
    assert renewed == Grant("t", "AQours", 60, None, frozenset(SCOPES.split()))


@pytest.mark.parametrize("token", ["AQunknown", "", "two words"])
def test_refresh_with_what_is_none_needs_reconnecting(linkedin, app, token):
    assert refusal(NeedsReconnect, linkedin.refresh, app, token).reason == "refresh-over"


def test_refresh_after_a_year_needs_reconnecting(server, linkedin, app, grant):
    server.ledger.turn(clock_offset=366 * DAY)
    assert refusal(NeedsReconnect, linkedin.refresh, app, grant.refresh_token).reason == "refresh-over"


def test_refresh_whose_answer_is_lost_can_be_repeated(server, linkedin, app, grant):
    server.ledger.set_faults("linkedin", [{"name": "refresh-lost"}])
    assert refusal(TryLater, linkedin.refresh, app, grant.refresh_token).reason == "no-answer"
    assert linkedin.refresh(app, grant.refresh_token).refresh_token == grant.refresh_token


@pytest.mark.parametrize(
    ("status", "data", "kind", "reason"), [*ODD, (400, {"error": "x"}, NeedsReconnect, "refresh-over")]
)
def test_refresh_believes_no_strange_answer(linkedin, app, status, data, kind, reason):
    with peer(saying(status, data)) as (url, _received):
        assert refusal(kind, linkedin.refresh, replace(app, oauth_url=url), "r").reason == reason


# The pages it reaches -----------------------------------------------------------------------------------


def test_pages_are_those_where_a_role_is_held(server, linkedin, app, door):
    server.linkedin.organisation({"id": "2002", "name": "Vie étudiante", "vanity": "vie", "role": "ANALYST"})
    grant = linkedin.exchange(app, code=door.returned()["code"], verifier="")
    assert linkedin.pages(app, grant) == [
        Choice("urn:li:organization:1001", "INET", True, "https://www.linkedin.com/company/inet/"),
        # Who is no administrator may not ask for the name.
        Choice("urn:li:organization:2002", "LinkedIn 2002", False, "https://www.linkedin.com/company/2002/"),
    ]


@pytest.mark.parametrize(
    "role", ["CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"]
)
def test_page_where_one_only_publishes_can_be_chosen(server, linkedin, app, door, role):
    server.linkedin.organisation({"id": "1001", "role": role})
    grant = linkedin.exchange(app, code=door.returned()["code"], verifier="")
    (choice,) = linkedin.pages(app, grant)
    assert (choice.can_publish, choice.name) == (True, "LinkedIn 1001")


def test_pages_are_read_to_the_end(server, linkedin, app, door):
    for number in range(2000, 2120):
        server.linkedin.organisation({"id": str(number), "name": f"Page {number}"})
    grant = linkedin.exchange(app, code=door.returned()["code"], verifier="")
    assert len({choice.remote_id for choice in linkedin.pages(app, grant)}) == 121


def test_pages_by_a_token_that_is_too_fresh_are_asked_for_again(server, linkedin, app, sleeps):
    token = server.linkedin.token({"fresh": 1})["access_token"]
    choices = linkedin.pages(app, Grant(token))
    assert ([choice.name for choice in choices], sleeps) == (["INET"], [8])


def test_connecting_breaks_no_rule(server, linkedin, app, grant):
    linkedin.pages(app, grant)
    linkedin.refresh(app, grant.refresh_token)
    assert server.ledger.failures() == []


@pytest.mark.parametrize("data", [b"<html>", b"{}", b'{"elements": 3}'])
def test_pages_do_not_take_an_unreadable_answer_for_none(linkedin, app, data):
    with peer(saying(200, data)) as (url, _received):
        outcome = refusal(TryLater, linkedin.pages, replace(app, api_url=url), Grant("t"))
    assert outcome.reason == "unreadable"


def test_roles_survive_odd_elements():
    """One page under several roles, one under another name of the field, and what is none."""
    first, second = "urn:li:organization:1", "urn:li:organization:2"
    odd = [
        None,
        {},
        {"role": "ADMINISTRATOR"},
        {"organization": first, "role": "ANALYST"},
        {"organization": first, "role": "CONTENT_ADMIN"},
        {"organization": first, "role": "ANALYST"},
        {"organizationTarget": second},
    ]
    with peer(saying(200, {"elements": odd})) as (url, _received):
        held = pages.roles(Credentials(url, "t", ""), sleep=None)
    assert held == {first: "CONTENT_ADMIN", second: ""}
