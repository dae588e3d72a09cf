"""How Facebook lets us in, against the rehearsal's own dialog: codes, lasting tokens, what was unticked, the pages reached."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from posts.networks.base import Choice, Grant, NeedsReconnect, NotSent, Refused, TryLater
from posts.networks.facebook import Facebook
from tests.posts.networks.facebook_stage import PAGE, Stage, refusal, said
from tests.posts.networks.peer import answering, peer


@pytest.fixture
def stage(server):
    return Stage(server)


def consent(stage, *, pages=(PAGE,), without=(), answer="allow", app=None):
    """What the dialog sends back to our address, after somebody unticked scopes."""
    url = Facebook().authorize_url(app or stage.app, state="s3cret", verifier="")
    ticked = [f"scope:{scope}" for scope in Facebook.scopes if scope not in without]
    form = dict.fromkeys([*ticked, *(f"page:{page}" for page in pages)], "on") | {"answer": answer}
    response = requests.post(
        url,
        urlencode(form),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
        allow_redirects=False,
    )
    back = urlsplit(response.headers["Location"])
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def granted(stage, **options):
    code = consent(stage, **options)["code"]
    return stage.facebook.exchange(stage.app, code=code, verifier="")


# The dialog ----------------------------------------------------------------------------------------


def test_address_of_the_dialog(stage):
    app = replace(stage.app, oauth_url="https://www.facebook.com", client_id="77")
    url = urlsplit(stage.facebook.authorize_url(app, state="s3cret", verifier="x"))
    assert (f"{url.scheme}://{url.netloc}{url.path}", parse_qs(url.query)) == (
        "https://www.facebook.com/v26.0/dialog/oauth",
        {
            "client_id": ["77"],
            "redirect_uri": ["http://127.0.0.1/comptes/facebook/retour/"],
            "state": ["s3cret"],
            "response_type": ["code"],
            "scope": ["pages_show_list,pages_manage_posts,pages_read_engagement,read_insights"],
            "auth_type": ["rerequest"],
        },
    )


def test_dialog_shows_every_scope_and_page(stage):
    url = stage.facebook.authorize_url(stage.app, state="s3cret", verifier="")
    shown = requests.get(url, timeout=10)
    assert (shown.status_code, shown.text.count('name="scope:'), shown.text.count('name="page:')) == (
        200,
        4,
        1,
    )


def test_state_comes_back_with_the_code(stage):
    assert sorted(consent(stage)) == ["code", "state"]


def test_refusal_comes_back_as_an_error(stage):
    back = consent(stage, answer="refuse")
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "s3cret")


# The grant -----------------------------------------------------------------------------------------


def test_43_exchange_gives_a_lasting_grant_with_every_scope(stage):
    grant = granted(stage)
    lasting = stage.ledger.issued("facebook", "token", grant.token)["data"]["is_lasting"]
    assert (lasting, replace(grant, token="")) == (
        True,
        Grant("", expires_in=None, scopes=frozenset(Facebook.scopes)),
    )
    assert stage.breaches() == []


def test_41_scope_that_was_unticked_is_not_in_the_grant(stage):
    grant = granted(stage, without=("pages_manage_posts", "read_insights"))
    assert grant.scopes == {"pages_show_list", "pages_read_engagement"}


def test_40_code_serves_once(stage):
    code = consent(stage)["code"]
    stage.facebook.exchange(stage.app, code=code, verifier="")
    outcome = refusal(Refused, stage.facebook.exchange, stage.app, code=code, verifier="")
    assert outcome.reason == "code-refused"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"redirect_uri": "http://127.0.0.1/elsewhere/"}, "code-refused"),
        ({"client_secret": "wrong"}, "app-refused"),
        ({"client_id": "wrong"}, "app-refused"),
    ],
)
def test_40_code_of_another_app_or_address(stage, changes, reason):
    code, app = consent(stage)["code"], replace(stage.app, **changes)
    assert refusal(Refused, stage.facebook.exchange, app, code=code, verifier="").reason == reason


@pytest.mark.parametrize("code", ["", "none", "é\n"])
def test_40_code_that_is_none(stage, code):
    outcome = refusal(Refused, stage.facebook.exchange, stage.app, code=code, verifier="")
    assert outcome.reason == "code-refused"


def test_40_code_that_is_too_old(stage):
    code = consent(stage)["code"]
    stage.ledger.turn(clock_offset=601)
    outcome = refusal(Refused, stage.facebook.exchange, stage.app, code=code, verifier="")
    assert outcome.reason == "code-refused"


@pytest.mark.parametrize("fault", ["refresh-lost", "exchange-500"])
def test_lasting_token_that_does_not_come_is_tried_later(stage, fault):
    code = consent(stage)["code"]
    stage.faults(fault)
    refusal(TryLater, stage.facebook.exchange, stage.app, code=code, verifier="")


@pytest.mark.parametrize(
    "body", ["", "{}", "<html>", '{"access_token": 7}', '{"access_token": "a b"}', '{"access_token": ""}']
)
def test_answer_without_a_token_is_believed_to_hold_none(stage, body):
    with peer(answering(said(body))) as (url, _received):
        app = replace(stage.app, api_url=url)
        assert refusal(TryLater, stage.facebook.exchange, app, code="c", verifier="").reason == "unreadable"


def test_exchange_unreachable(stage):
    app = replace(stage.app, api_url="http://127.0.0.1:9")
    refusal(NotSent, stage.facebook.exchange, app, code="c", verifier="")


def test_secrets_of_the_exchange_stand_in_no_address_and_in_no_error(stage):
    body = '{"error": {"code": 100, "message": "code C0DE of app-secret-77"}}'
    with peer(answering(said(body, 400))) as (url, received):
        app = replace(stage.app, api_url=url, client_secret="app-secret-77")
        outcome = refusal(Refused, stage.facebook.exchange, app, code="C0DE", verifier="")
    assert received[0].splitlines()[0] == b"POST /v26.0/oauth/access_token HTTP/1.1"
    assert (b"app-secret-77" in received[0], "app-secret-77" in outcome.answer, "C0DE" in outcome.answer) == (
        True,
        False,
        False,
    )


def test_access_is_never_renewed(stage):
    assert refusal(NeedsReconnect, stage.facebook.refresh, stage.app, "x").reason == "no-refresh"


# The pages -----------------------------------------------------------------------------------------


def test_page_comes_with_a_token_of_its_own_that_has_no_end(stage):
    (choice,) = stage.facebook.pages(stage.app, granted(stage))
    kept = stage.ledger.issued("facebook", "token", choice.token)
    assert (kept["page"], kept["expires"]) == (PAGE, None)
    assert replace(choice, token="") == Choice(PAGE, "INET", True, "https://www.facebook.com/inet")
    assert stage.breaches() == []


def test_page_so_chosen_can_be_published_on(stage):
    (choice,) = stage.facebook.pages(stage.app, granted(stage))
    credentials = replace(stage.credentials, token=choice.token)
    stage.publish("Bonjour", credentials=credentials)
    assert stage.facebook.verify(credentials).warning == ""


def test_page_that_was_unticked_is_not_there(stage):
    stage.there.told("page", {"id": "2002", "name": "INET Strasbourg"})
    grant = granted(stage, pages=("2002",))
    assert [choice.remote_id for choice in stage.facebook.pages(stage.app, grant)] == ["2002"]


def test_42_page_without_the_posting_task_cannot_be_chosen(stage):
    token = stage.there.told("token", {"kind": "user", "pages": {PAGE: ["ANALYZE", "MODERATE"]}})
    grant = Grant(token["access_token"], scopes=frozenset(Facebook.scopes))
    choices = stage.facebook.pages(stage.app, grant)
    assert [(choice.name, choice.can_publish) for choice in choices] == [("INET", False)]


def test_41_no_page_can_be_chosen_without_the_posting_scope(stage):
    grant = granted(stage, without=("pages_manage_posts",))
    assert [choice.can_publish for choice in stage.facebook.pages(stage.app, grant)] == [False]


def test_pages_need_a_living_grant(stage):
    grant = granted(stage)
    stage.ledger.turn(clock_offset=61 * 86_400)
    outcome = refusal(NeedsReconnect, stage.facebook.pages, stage.app, grant)
    assert outcome.reason == "token-expired"


ODD = """{"data": [null, {}, {"id": "7", "tasks": "CREATE_CONTENT", "access_token": "t"},
 {"id": "8", "tasks": ["CREATE_CONTENT"]}, {"id": "9", "name": 3, "tasks": ["CREATE_CONTENT"], "access_token": "t",
 "link": "javascript:alert(1)"}]}"""


def test_pages_survive_odd_elements(stage):
    with peer(answering(said(ODD))) as (url, _received):
        choices = stage.facebook.pages(replace(stage.app, api_url=url), Grant("t"))
    assert [(choice.remote_id, choice.name, choice.can_publish, choice.url) for choice in choices] == [
        ("7", "7", False, "https://www.facebook.com/7"),
        ("8", "8", False, "https://www.facebook.com/8"),
        ("9", "3", True, "https://www.facebook.com/9"),
    ]


@pytest.mark.parametrize("body", ["{}", "[]", '{"data": {}}', "<html>"])
def test_pages_do_not_take_an_unreadable_answer_for_none(stage, body):
    with peer(answering(said(body))) as (url, _received):
        app = replace(stage.app, api_url=url)
        assert refusal(TryLater, stage.facebook.pages, app, Grant("t")).reason == "unreadable"
