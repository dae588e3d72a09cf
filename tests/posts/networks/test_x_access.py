"""How X lets us in, against the rehearsal's own screen: PKCE, codes, tokens that work once, and what is lost."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from posts.networks.base import (
    App,
    Choice,
    Grant,
    NeedsReconnect,
    NotSent,
    Outcome,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.x import X
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.x_stage import USER, Stage, refusal, said

VERIFIER = "a-verifier-of-at-least-forty-three-characters~"
SCOPES = frozenset({"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"})


@pytest.fixture
def stage(server):
    return Stage(server)


def consent(stage, *, answer="allow", app=None, verifier=VERIFIER):
    """What the screen sends back to our address."""
    url = X().authorize_url(app or stage.app, state="s3cret", verifier=verifier)
    response = requests.post(url, data={"answer": answer}, timeout=10, allow_redirects=False)
    back = urlsplit(response.headers["Location"])
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def granted(stage, **options):
    return stage.x.exchange(stage.app, code=consent(stage, **options)["code"], verifier=VERIFIER)


# The screen ----------------------------------------------------------------------------------------


def test_address_of_the_screen():
    app = App("https://api.x.com", "https://x.com", "id", "secret", "https://inet.fr/comptes/x/retour/")
    url = urlsplit(X().authorize_url(app, state="s3cret", verifier=VERIFIER))
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    assert (f"{url.scheme}://{url.netloc}{url.path}", parse_qs(url.query)) == (
        "https://x.com/i/oauth2/authorize",
        {
            "response_type": ["code"],
            "client_id": ["id"],
            "redirect_uri": ["https://inet.fr/comptes/x/retour/"],
            "scope": ["tweet.read tweet.write users.read media.write offline.access"],
            "state": ["s3cret"],
            "code_challenge": [digest],
            "code_challenge_method": ["S256"],
        },
    )


def test_address_of_the_screen_tells_no_secret():
    url = X().authorize_url(
        App("https://api.x.com", "https://x.com", "id", "s3cret-of-ours", "https://inet.fr/"),
        state="state",
        verifier=VERIFIER,
    )
    assert ("s3cret-of-ours" in url, VERIFIER in url) == (False, False)


def test_screen_opens_without_a_breach(stage):
    page = requests.get(X().authorize_url(stage.app, state="s3cret", verifier=VERIFIER), timeout=10)
    assert (page.status_code, stage.breaches()) == (200, [])


def test_refusal_on_the_screen_gives_no_code(stage):
    assert consent(stage, answer="refuse") == {"error": "access_denied", "state": "s3cret"}


# The code ------------------------------------------------------------------------------------------


def test_exchange_gives_a_grant_that_publishes(stage):
    grant = granted(stage)
    assert (grant.expires_in, grant.refresh_expires_in, grant.scopes, bool(grant.refresh_token)) == (
        7200.0,
        None,
        SCOPES,
        True,
    )
    stage.publish(credentials=replace(stage.credentials, token=grant.token))
    assert (len(stage.posts()), stage.breaches()) == (1, [])


def test_exchange_of_a_public_program(stage):
    stage.there.told("app", {"client_id": "phone", "is_public": True})
    app = replace(stage.app, client_id="phone", client_secret="")
    code = consent(stage, app=app)["code"]
    assert (stage.x.exchange(app, code=code, verifier=VERIFIER).scopes, stage.breaches()) == (SCOPES, [])


def test_exchange_of_a_program_with_an_odd_secret(stage):
    stage.there.told("app", {"client_id": "a:b", "client_secret": "s:/+é"})
    app = replace(stage.app, client_id="a:b", client_secret="s:/+é")
    code = consent(stage, app=app)["code"]
    assert stage.x.exchange(app, code=code, verifier=VERIFIER).scopes == SCOPES


@pytest.mark.parametrize("way", ["twice", "late", "other verifier", "none", "other address"])
def test_code_that_does_not_work_is_refused(stage, way):
    code, verifier, app = consent(stage)["code"], VERIFIER, stage.app
    if way == "twice":
        stage.x.exchange(stage.app, code=code, verifier=VERIFIER)
    elif way == "late":
        stage.ledger.turn(clock_offset=31)
    elif way == "other verifier":
        verifier = VERIFIER.upper()
    elif way == "none":
        code = "x"
    else:
        app = replace(stage.app, redirect_uri="http://127.0.0.1/")
    outcome = refusal(Refused, stage.x.exchange, app, code=code, verifier=verifier)
    assert outcome.reason == "code-refused"


def test_program_that_x_does_not_know_is_refused(stage):
    app = replace(stage.app, client_secret="wrong")
    outcome = refusal(Refused, stage.x.exchange, app, code="x", verifier=VERIFIER)
    assert (outcome.reason, "X_CLIENT_ID" in str(outcome.message)) == ("app-refused", True)


@pytest.mark.parametrize(
    "answer", [b"", said("", 500), said("<html>"), said("{}"), said('{"access_token": "a b"}'), said("", 429)]
)
def test_exchange_that_is_not_clear_tries_later(stage, answer):
    with peer(answering(answer)) as (url, _received):
        app = replace(stage.app, api_url=url)
        refusal(TryLater, stage.x.exchange, app, code="x", verifier=VERIFIER)


def test_exchange_unreachable(stage):
    app = replace(stage.app, api_url="http://127.0.0.1:9")
    refusal(NotSent, stage.x.exchange, app, code="x", verifier=VERIFIER)


def test_scopes_that_x_does_not_repeat_are_those_we_asked_for(stage):
    with peer(answering(said('{"access_token": "t0ken"}'))) as (url, _received):
        grant = stage.x.exchange(replace(stage.app, api_url=url), code="x", verifier=VERIFIER)
    assert grant == Grant("t0ken", scopes=SCOPES)


def test_exchange_says_the_secret_in_the_header_only(stage):
    with peer(answering(said("{}"))) as (url, received):
        app = replace(stage.app, api_url=url, client_id="id", client_secret="s3cret")
        refusal(TryLater, stage.x.exchange, app, code="c0de", verifier=VERIFIER)
    head, _blank, body = received[0].partition(b"\r\n\r\n")
    assert b"Authorization: Basic " + base64.b64encode(b"id:s3cret") in head
    assert parse_qs(body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": [stage.app.redirect_uri],
        "code_verifier": [VERIFIER],
    }


# Renewing ------------------------------------------------------------------------------------------


def test_refresh_gives_a_new_grant(stage):
    first = granted(stage)
    second = stage.x.refresh(stage.app, first.refresh_token)
    third = stage.x.refresh(stage.app, second.refresh_token)
    assert (len({first.token, second.token, third.token}), third.scopes, stage.breaches()) == (3, SCOPES, [])


def test_refresh_is_one_call(stage):
    first, before = granted(stage), stage.calls("POST", "/2/oauth2/token")
    stage.x.refresh(stage.app, first.refresh_token)
    assert stage.calls("POST", "/2/oauth2/token") == before + 1


def test_refresh_whose_answer_is_lost_is_unknown(stage):
    first = granted(stage)
    stage.faults("refresh-lost")
    outcome = refusal(Unknown, stage.x.refresh, stage.app, first.refresh_token)
    assert "connect the account again" in str(outcome.message)
    assert stage.ledger.events("refreshed") != []


@pytest.mark.parametrize(
    "answer", [b"", said("", 500), said("<html>"), said("{}"), said("<html>", 403), said("", 302)]
)
def test_refresh_that_is_not_clear_is_unknown(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(Unknown, stage.x.refresh, replace(stage.app, api_url=url), "x")


@pytest.mark.parametrize("way", ["used", "revoked", "never was"])
def test_refresh_token_that_is_over_needs_reconnecting(stage, way):
    grant = granted(stage)
    if way == "used":
        stage.x.refresh(stage.app, grant.refresh_token)
    elif way == "revoked":
        stage.there.told("revoke", {"token": grant.token})
    secret = "x" if way == "never was" else grant.refresh_token
    assert refusal(NeedsReconnect, stage.x.refresh, stage.app, secret).reason == "refresh-refused"


def test_refresh_of_a_program_that_x_does_not_know(stage):
    app = replace(stage.app, client_secret="wrong")
    outcome = refusal(NeedsReconnect, stage.x.refresh, app, granted(stage).refresh_token)
    assert outcome.reason == "app-refused"


def test_refresh_that_comes_too_often_tries_later(stage):
    with peer(answering(said("", 429, "Retry-After: 60"))) as (url, _received):
        outcome = refusal(TryLater, stage.x.refresh, replace(stage.app, api_url=url), "x")
    assert outcome.retry_after == 60


def test_refresh_unreachable_leaves_the_token_good(stage):
    first = granted(stage)
    gone = replace(stage.app, api_url="http://127.0.0.1:9")
    refusal(NotSent, stage.x.refresh, gone, first.refresh_token)
    assert stage.x.refresh(stage.app, first.refresh_token).scopes == SCOPES


# The account reached -------------------------------------------------------------------------------


def test_pages_is_whoever_consented(stage):
    assert stage.x.pages(stage.app, granted(stage)) == [
        Choice(USER, "INET", True, url="https://x.com/inet_cnfpt")
    ]


def test_pages_says_when_it_cannot_publish(stage):
    grant = replace(granted(stage), scopes=frozenset({"tweet.read", "users.read"}))
    assert stage.x.pages(stage.app, grant)[0].can_publish is False


# What does not get out -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_secrets_are_in_no_outcome(stage, status):
    secrets = ("c0de-of-theirs", VERIFIER, "s3cret-of-ours", "t0ken with a blank", "r3fresh-of-theirs")
    body = '{"access_token": "t0ken with a blank", "refresh_token": "r3fresh-of-theirs", "detail": "%s"}'
    with peer(answering(said(body % " ".join(secrets[:3]), status))) as (url, _received):
        app = replace(stage.app, api_url=url, client_secret="s3cret-of-ours")
        with pytest.raises(Outcome) as caught:
            stage.x.exchange(app, code="c0de-of-theirs", verifier=VERIFIER)
    shown = f"{caught.value.answer}{caught.value!r}{caught.value.__dict__}{caught.value.__context__!r}"
    assert [secret for secret in secrets if secret in shown] == []
