"""The rehearsal network holds to Facebook's contract: the dialog, codes, lasting tokens, what a token reaches. Numbered as there."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.posts.rehearsal.facebook_wire import PAGE, FacebookWire, problem

BACK = "http://127.0.0.1/back/"
SCOPES = "pages_show_list,pages_manage_posts,pages_read_engagement"
APP = {"client_id": "rehearsal", "client_secret": "rehearsal"}
LONG = 5_183_944


@pytest.fixture
def wire(server):
    return FacebookWire(server)


def dialog(wire, form=None, **changes):
    asked = {"client_id": "rehearsal", "redirect_uri": BACK, "state": "s", "scope": SCOPES} | changes
    url = f"{wire.url}/v26.0/dialog/oauth?{urlencode(asked)}"
    if form is None:
        return requests.get(url, timeout=10)
    return requests.post(url, data=form, timeout=10, allow_redirects=False)


def ticked(*scopes, pages=(PAGE,)):
    names = [f"scope:{scope}" for scope in scopes or SCOPES.split(",")] + [f"page:{page}" for page in pages]
    return dict.fromkeys(names, "on") | {"answer": "allow"}


def back(response):
    url = urlsplit(response.headers["Location"])
    return {name: values[0] for name, values in parse_qs(url.query).items()}


def token(wire, how="post", **form):
    asked = APP | form
    options = {"data": asked} if how == "post" else {"params": asked}
    return requests.request(how, f"{wire.url}/v26.0/oauth/access_token", timeout=10, **options)


def code(wire, *scopes, **options):
    return back(dialog(wire, ticked(*scopes, **options)))["code"]


def short(wire, *scopes, **options):
    return token(wire, code=code(wire, *scopes, **options), redirect_uri=BACK).json()["access_token"]


def lasting(wire, known):
    return token(wire, grant_type="fb_exchange_token", fb_exchange_token=known)


# The dialog ---------------------------------------------------------------------------------------


def test_dialog_shows_each_scope_and_page(wire):
    shown = dialog(wire)
    counts = (shown.text.count('name="scope:'), shown.text.count('name="page:'))
    assert (shown.status_code, counts) == (200, (3, 1))


def test_dialog_of_a_fresh_rehearsal_shows_one_page(server):
    class Fresh:
        url, ledger = f"{server.url}/api/facebook", server.ledger

    assert ("INET" in dialog(Fresh).text, [page["name"] for page in server.ledger.pages("facebook")]) == (
        True,
        ["INET"],
    )


def test_dialog_leads_back_with_code_and_state(wire):
    assert sorted(back(dialog(wire, ticked()))) == ["code", "state"]


def test_dialog_leads_back_with_a_refusal(wire):
    answer = back(dialog(wire, {"answer": "refuse"}))
    assert (answer["error"], answer["error_reason"], answer["state"]) == ("access_denied", "user_denied", "s")


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"client_id": "other"}, (101, None)),
        ({"redirect_uri": "https://evil.example.org/"}, (100, None)),
        ({"scope": "pages_manage_posts,everything"}, (100, None)),
        ({"response_type": "token"}, (100, None)),
    ],
)
def test_dialog_refuses(wire, changes, answer):
    assert problem(dialog(wire, **changes)) == answer


def test_dialog_without_state_is_blamed(wire):
    dialog(wire, state="")
    assert wire.breaches() == [(0, "no-state")]


# 40: codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["get", "post"])
def test_40_code_gives_a_short_token(wire, how):
    data = token(wire, how, code=code(wire), redirect_uri=BACK).json()
    assert (sorted(data), data["token_type"], data["expires_in"]) == (
        ["access_token", "expires_in", "token_type"],
        "bearer",
        5400,
    )


def test_40_code_serves_once(wire):
    once = code(wire)
    answers = [token(wire, code=once, redirect_uri=BACK) for _time in range(2)]
    assert (answers[0].status_code, problem(answers[1])) == (200, (100, 36009))


def test_40_code_is_for_one_address(wire):
    response = token(wire, code=code(wire), redirect_uri=f"{BACK}else")
    assert problem(response) == (100, 36008)


def test_40_code_ends(wire):
    once = code(wire)
    wire.ledger.turn(clock_offset=601)
    assert problem(token(wire, code=once, redirect_uri=BACK)) == (100, None)


@pytest.mark.parametrize(
    ("form", "answer", "message"),
    [
        ({"client_secret": "wrong"}, (1, None), "Error validating client secret."),
        ({"client_id": "7"}, (101, None), "Error validating application. Invalid application ID."),
        ({"code": "nonsense"}, (100, None), "Invalid verification code format."),
    ],
)
def test_40_token_call_that_is_wrong(wire, form, answer, message):
    response = token(wire, **{"code": "c", "redirect_uri": BACK, **form})
    assert (problem(response), response.json()["error"]["message"]) == (answer, message)


def test_40_expired_token_cannot_be_exchanged(wire):
    known = short(wire)
    wire.ledger.turn(clock_offset=5401)
    assert problem(lasting(wire, known)) == (190, 463)


def test_40_lasting_token_has_sixty_days(wire):
    assert lasting(wire, short(wire)).json()["expires_in"] == LONG


# 41-43: what was left ticked ----------------------------------------------------------------------


def permissions(wire, known):
    data = wire.call("GET", "/me/permissions", token=known).json()["data"]
    return {each["permission"]: each["status"] for each in data}


def test_41_declined_scope_is_told(wire):
    known = lasting(wire, short(wire, "pages_show_list", "pages_read_engagement")).json()["access_token"]
    assert permissions(wire, known) == {
        "pages_show_list": "granted",
        "pages_read_engagement": "granted",
        "pages_manage_posts": "declined",
    }


def test_41_permissions_are_a_persons(wire):
    response = wire.call("GET", "/me/permissions")
    assert (problem(response), wire.breaches()) == ((100, None), [(41, "permissions-of-a-page")])


def accounts(wire, known):
    return wire.call("GET", "/me/accounts", token=known).json()["data"]


def test_42_pages_come_with_their_tasks(wire):
    person = FacebookWire(wire.server, kind="user", pages={PAGE: ["ANALYZE"]})
    assert [(page["id"], page["tasks"]) for page in accounts(wire, person.token)] == [(PAGE, ["ANALYZE"])]


def test_42_page_that_was_unticked_is_not_listed(wire):
    wire.there.told("page", {"id": "2002", "name": "INET Strasbourg"})
    assert [page["name"] for page in accounts(wire, short(wire, pages=("2002",)))] == ["INET Strasbourg"]


def test_42_pages_need_their_scope(wire):
    assert accounts(wire, short(wire, "pages_manage_posts")) == []


@pytest.mark.parametrize(("is_lasting", "status"), [(True, 200), (False, 400)])
def test_43_token_of_a_page_lives_as_long_as_the_persons_allows(wire, is_lasting, status):
    known = short(wire)
    known = lasting(wire, known).json()["access_token"] if is_lasting else known
    page = accounts(wire, known)[0]["access_token"]
    wire.ledger.turn(clock_offset=LONG + 86_400)
    assert wire.call("POST", f"/{PAGE}/feed", token=page, json={"message": "Bonjour"}).status_code == status


# debug_token --------------------------------------------------------------------------------------


def facts(wire, known, **options):
    return wire.call("GET", "/debug_token", params={"input_token": known}, **options).json()["data"]


def test_debug_tells_of_a_page_token_without_an_end(wire):
    told = facts(wire, wire.token)
    assert (told["type"], told["is_valid"], told["expires_at"], told["app_id"]) == (
        "PAGE",
        True,
        0,
        "rehearsal",
    )


def test_debug_is_open_to_the_apps_own_token(wire):
    app = "rehearsal|rehearsal"
    assert facts(wire, wire.token, token=app)["is_valid"] is True


def test_debug_tells_why_a_token_is_dead(wire):
    dead = wire.there.told("token", {})["access_token"]
    wire.there.told("revoke", {"token": dead, "why": "password-changed"})
    told = facts(wire, dead)
    assert (told["is_valid"], told["error"]["code"], told["error"]["subcode"]) == (False, 190, 460)


def test_secrets_are_kept_as_digests_only(wire):
    known = lasting(wire, short(wire)).json()["access_token"]
    page = accounts(wire, known)[0]["access_token"]
    kept = str([wire.ledger.rows(f"SELECT * FROM {table}") for table in ("access", "event", "post")])
    assert [secret in kept for secret in (known, page, wire.token)] == [False] * 3
