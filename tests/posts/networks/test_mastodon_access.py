"""How somebody lets us in on a Mastodon server: the connector against the rehearsal's doors, in a browser of our own."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from posts.networks.base import App, Choice, Credentials, NeedsReconnect, NotSent, Outcome, Refused, TryLater
from posts.networks.mastodon import Mastodon
from tests.posts.networks.peer import answering, peer

BACK = "http://127.0.0.1:8000/comptes/mastodon/retour/"
VERIFIER = "v" * 64
MASTODON = Mastodon()


@pytest.fixture
def app(server):
    return App(f"{server.url}/api/mastodon", redirect_uri=BACK, is_public=False)


def consent(app, answer="allow", state="abc"):
    """What the browser brings back from the server's screen."""
    address = MASTODON.authorize_url(app, state=state, verifier=VERIFIER)
    response = requests.post(address, data={"answer": answer}, timeout=10, allow_redirects=False)
    assert response.status_code == 302, response.text
    return {name: v[0] for name, v in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def refusal(kind, function, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


def said(status, body=b""):
    return answering(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


# The whole way ---------------------------------------------------------------------------------------


def test_from_an_address_to_an_account_that_can_publish(server, app):
    known = MASTODON.register(app)
    grant = MASTODON.exchange(known, code=consent(known)["code"], verifier=VERIFIER)
    (choice,) = MASTODON.pages(known, grant)
    page = MASTODON.verify(Credentials(known.api_url, grant.token, choice.remote_id))
    assert (choice.name, choice.can_publish, page.handle, server.ledger.failures()) == (
        "INET",
        True,
        "inet@mastodon.rehearsal",
        [],
    )


# Making us known -------------------------------------------------------------------------------------


def test_register_gives_the_app_its_names_there(app):
    known = MASTODON.register(app)
    assert (known.api_url, known.oauth_url, known.redirect_uri) == (app.api_url, app.api_url, BACK)
    assert bool(known.client_id and known.client_secret)


def test_register_does_not_show_the_secret(app):
    known = MASTODON.register(app)
    assert known.client_secret not in repr(known)


@pytest.mark.parametrize(
    "behave",
    [
        said(404, b"<html>"),
        said(200, b"<html>"),
        said(200, b"{}"),
        said(301),
        said(422, b'{"error": "no"}'),
        said(403),
    ],
)
def test_register_where_there_is_no_mastodon_is_refused_in_words(app, behave):
    with peer(behave) as (url, _received):
        outcome = refusal(Refused, MASTODON.register, replace(app, api_url=url))
    assert (outcome.reason, str(outcome.message)) == (
        "not-mastodon",
        "No Mastodon server answers at this address. Check it, then start again.",
    )


@pytest.mark.parametrize("behave", [said(500), said(503, b"<html>"), said(429), answering(b"")])
def test_register_that_fails_tries_later(app, behave):
    with peer(behave) as (url, _received):
        refusal(TryLater, MASTODON.register, replace(app, api_url=url))


def test_register_unreachable(app):
    refusal(NotSent, MASTODON.register, replace(app, api_url="http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8001", "https://127.0.0.1", "https://localhost", "https://a.fr:8443"]
)
def test_register_at_an_address_that_is_not_public_calls_nobody(app, address):
    outcome = refusal(Refused, MASTODON.register, replace(app, api_url=address, is_public=True))
    assert outcome.reason == "not-public"


# Consent ---------------------------------------------------------------------------------------------


def test_authorize_asks_for_the_same_list_with_pkce(app):
    """The verifier and the challenge are those of RFC 7636, appendix B."""
    address = MASTODON.authorize_url(
        replace(app, client_id="c", oauth_url="https://a.fr"),
        state="s",
        verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    )
    asked = {name: v[0] for name, v in parse_qs(urlsplit(address).query).items()}
    assert address.startswith("https://a.fr/oauth/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": "c",
        "redirect_uri": BACK,
        "scope": "read:accounts read:statuses write:media write:statuses",
        "state": "s",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }


def test_refused_consent_comes_back_without_a_code(app):
    told = consent(MASTODON.register(app), "refuse")
    assert (told["error"], told["state"], "code" in told) == ("access_denied", "abc", False)


# Codes and tokens ------------------------------------------------------------------------------------


def test_exchange_gives_a_token_that_does_not_end(app):
    known = MASTODON.register(app)
    grant = MASTODON.exchange(known, code=consent(known)["code"], verifier=VERIFIER)
    assert (grant.scopes, grant.expires_in, grant.refresh_token) == (frozenset(MASTODON.scopes), None, "")


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({}, "twice", "wrong-code"),
        ({}, "abc", "wrong-code"),
        ({"redirect_uri": "http://127.0.0.1:8000/"}, "once", "wrong-code"),
        ({"verifier": "w" * 64}, "once", "wrong-code"),
        ({"client_secret": "abc"}, "once", "unknown-app"),
        ({"client_id": "abc"}, "once", "unknown-app"),
    ],
)
def test_exchange_of_a_code_that_is_not_right_is_refused(app, change, code, reason):
    known = MASTODON.register(app)
    given = code if code == "abc" else consent(known)["code"]
    if code == "twice":
        MASTODON.exchange(known, code=given, verifier=VERIFIER)
    verifier = change.pop("verifier", VERIFIER)
    outcome = refusal(Refused, MASTODON.exchange, replace(known, **change), code=given, verifier=verifier)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    "behave", [said(500), said(200, b"<html>"), said(200, b"{}"), said(429), answering(b"")]
)
def test_exchange_that_cannot_be_read_tries_later(app, behave):
    with peer(behave) as (url, _received):
        refusal(TryLater, MASTODON.exchange, replace(app, api_url=url), code="abc", verifier=VERIFIER)


@pytest.mark.parametrize(
    ("body", "scopes", "expires_in"),
    [
        (b'{"access_token": "t", "scope": "read write"}', {"read", "write", *MASTODON.scopes}, None),
        (b'{"access_token": "t"}', set(MASTODON.scopes), None),
        (
            b'{"access_token": "t", "scope": "read:accounts", "expires_in": 7200}',
            {"read:accounts"},
            7200.0,
        ),
        (b'{"access_token": "t", "scope": "read:accounts", "expires_in": "soon"}', {"read:accounts"}, None),
    ],
)
def test_exchange_says_what_is_covered(app, body, scopes, expires_in):
    with peer(said(200, body)) as (url, _received):
        grant = MASTODON.exchange(replace(app, api_url=url), code="abc", verifier=VERIFIER)
    assert (grant.scopes, grant.expires_in) == (frozenset(scopes), expires_in)


def test_exchange_keeps_no_secret_in_what_it_raises(app):
    secrets = {"client_secret": "SECRET-app", "code": "SECRET-code", "verifier": "SECRET-verifier"}
    body = " ".join(secrets.values()).encode()
    with peer(said(400, body)) as (url, _received):
        outcome = refusal(
            Refused,
            MASTODON.exchange,
            replace(app, api_url=url, client_id="c", client_secret=secrets["client_secret"]),
            code=secrets["code"],
            verifier=secrets["verifier"],
        )
    assert "SECRET" not in outcome.answer + repr(outcome) + str(outcome.message)


def test_refresh_is_not_possible(app):
    assert refusal(NeedsReconnect, MASTODON.refresh, app, "abc").reason == "not-renewable"


# The account -----------------------------------------------------------------------------------------


def granted(server, app, scopes):
    token = server.networks["mastodon"].told("token", {"scopes": scopes})["access_token"]
    with peer(said(200, f'{{"access_token": "{token}", "scope": "{scopes}"}}'.encode())) as (url, _received):
        return MASTODON.exchange(replace(app, api_url=url), code="abc", verifier=VERIFIER)


@pytest.mark.parametrize(
    ("scopes", "can_publish"),
    [
        ("read write", True),
        ("read:accounts write:statuses", False),
        ("read:accounts write:statuses write:media", True),
    ],
)
def test_pages_is_the_one_account(server, app, scopes, can_publish):
    assert MASTODON.pages(app, granted(server, app, scopes)) == [
        Choice("109300000000000001", "INET", can_publish, url=f"{server.url}/mastodon/@inet")
    ]


def test_pages_without_the_right_to_read(server, app):
    refusal(NeedsReconnect, MASTODON.pages, app, granted(server, app, "write"))
