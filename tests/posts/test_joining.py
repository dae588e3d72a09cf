"""Connecting a page in the browser, judged by the rehearsal: the way there, back, the choice, and every wrong turn."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone, translation

from posts.models import Account, Connection, Upkeep
from posts.networks import NETWORKS
from tests import factories
from tests.posts.consenting import consent, go, leave, parts, point_at

pytestmark = pytest.mark.django_db

BROWSED = [name for name in ("linkedin", "facebook", "x", "mastodon") if name in NETWORKS]


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def network(settings, rehearsal):
    """The five networks, rehearsed."""
    point_at(settings, rehearsal)
    return rehearsal


@pytest.fixture
def desk(client, staff, network):
    client.force_login(staff)
    return client


def typed(network, settings):
    return {"server": f"{settings.REHEARSAL_URL}/api/mastodon"} if network == "mastodon" else {}


def words(response):
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def pages_in(response):
    return re.findall(r'type="radio" name="page" value="([^"]+)"', response.content.decode())


# The whole way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BROWSED)
def test_page_is_connected_by_way_of_the_network(desk, staff, settings, network, name):
    address = go(desk, name, **typed(name, settings))
    [page] = pages_in(desk.get(address))
    response = desk.post(address, {"page": page})
    assert (response.status_code, response.url) == (302, "/comptes/")
    account = Account.objects.get()
    assert (account.network, account.remote_id, account.name, account.connected_by, account.is_ready) == (
        *(name, page, "INET", staff),
        True,
    )
    assert account.connector.verify(account.credentials()).remote_id == page
    assert set(account.scopes.split()) == set(account.connector.scopes)
    assert network.ledger.failures() == []


@pytest.mark.parametrize("name", BROWSED)
def test_nothing_is_connected_before_the_page_is_chosen(desk, settings, name):
    address = go(desk, name, **typed(name, settings))
    desk.get(address)
    assert Account.objects.count() == 0


@pytest.mark.parametrize("name", BROWSED)
def test_nothing_is_left_of_the_way_once_it_is_connected(desk, settings, name):
    address = go(desk, name, **typed(name, settings))
    desk.post(address, {"page": pages_in(desk.get(address))[0]})
    assert Connection.objects.count() == 0


@pytest.mark.parametrize("name", BROWSED)
def test_pkce_is_used_where_the_network_has_it(desk, settings, name):
    url = leave(desk, name, **typed(name, settings))
    assert ("code_challenge" in url) == NETWORKS[name].uses_pkce


def test_connected_page_is_looked_after_from_then_on(desk):
    address = go(desk, "linkedin")
    desk.post(address, {"page": pages_in(desk.get(address))[0]})
    upkeep = Upkeep.objects.get()
    assert timedelta(hours=20) < upkeep.look_at - timezone.now() < timedelta(hours=28)


def test_the_only_page_is_chosen_already(desk):
    page = desk.get(go(desk, "linkedin")).content.decode()
    assert re.findall(r'type="radio"[^>]*checked', page) != []


def test_page_without_the_right_to_publish_is_shown_and_cannot_be_chosen(desk, network):
    network.linkedin.organisation({"id": "1001", "name": "INET"})
    network.linkedin.organisation({"id": "1002", "name": "École voisine", "role": "ANALYST"})
    address = go(desk, "linkedin")
    page = desk.get(address)
    assert pages_in(page) == ["urn:li:organization:1001"]
    assert "1002 : you may see it on LinkedIn, but not publish there." in words(page)
    response = desk.post(address, {"page": "urn:li:organization:1002"})
    assert (response.status_code, Account.objects.count()) == (422, 0)


def test_no_page_with_the_right_to_publish_is_said(desk, network):
    network.linkedin.organisation({"id": "1001", "name": "INET", "role": "ANALYST"})
    page = desk.get(go(desk, "linkedin"))
    assert pages_in(page) == []
    assert "You may publish on none of these pages." in words(page)


def test_one_of_several_pages_is_chosen(desk, network):
    network.linkedin.organisation({"id": "1002", "name": "Fondation"})
    address = go(desk, "linkedin")
    assert re.findall(r'type="radio"[^>]*checked', desk.get(address).content.decode()) == []
    assert desk.post(address).status_code == 422
    desk.post(address, {"page": "urn:li:organization:1002"})
    assert [account.name for account in Account.objects.all()] == ["Fondation"]


def test_right_that_was_unticked_refuses_the_connection_in_words(desk, network):
    way_back = consent(leave(desk, "facebook"), untick=["scope:pages_manage_posts"])
    said = refused(desk, way_back)
    assert (
        "Something that is needed was not allowed on Facebook: publish on the page. Nothing was connected."
        in said
    )
    assert Connection.objects.count() == 0


def test_connecting_again_replaces_the_tokens_of_the_same_page(desk, network):
    for _time in range(2):
        address = go(desk, "x")
        desk.post(address, {"page": pages_in(desk.get(address))[0]})
        Account.objects.update(needs_reconnect=True, last_error="It was away.")
    address = go(desk, "x")
    desk.post(address, {"page": pages_in(desk.get(address))[0]})
    account = Account.objects.get()
    assert (account.is_ready, account.last_error, account.refresh_token != "") == (True, "", True)


# Wrong turns of the way back ----------------------------------------------------------------------


def refused(client, way_back):
    response = client.get(way_back)
    assert Account.objects.count() == 0
    assert (response.status_code, "Nothing was connected" in words(response)) == (400, True)
    return words(response)


@pytest.mark.parametrize("name", BROWSED)
def test_refusing_at_the_network_connects_nothing(desk, settings, name):
    way_back = consent(leave(desk, name, **typed(name, settings)), answer="refuse")
    said = refused(desk, way_back)
    assert "You did not allow it on" in said
    assert Connection.objects.count() == 0


def test_way_back_taken_twice_connects_nothing_more(desk):
    way_back = consent(leave(desk, "linkedin"))
    desk.get(way_back)
    assert "This was used already" in refused(desk, way_back)


def test_way_back_replayed_after_the_page_was_connected_changes_nothing(desk, network):
    way_back = consent(leave(desk, "linkedin"))
    address = desk.get(way_back).url
    desk.post(address, {"page": pages_in(desk.get(address))[0]})
    before = Account.objects.get()
    response = desk.get(way_back)
    assert (response.status_code, Account.objects.get().connected_at) == (400, before.connected_at)
    assert network.ledger.failures() == []


@pytest.mark.parametrize("state", ["", "another", "0" * 500])
def test_wrong_state_is_refused(desk, state):
    way_back = consent(leave(desk, "linkedin"))
    said = refused(desk, f"/comptes/linkedin/retour/?code={parts(way_back)['code']}&state={state}")
    assert "does not belong to a connection that you began in this window" in said


def test_refused_state_does_not_use_up_the_right_one(desk):
    way_back = consent(leave(desk, "linkedin"))
    refused(desk, "/comptes/linkedin/retour/?code=x&state=wrong")
    assert desk.get(way_back).status_code == 302


def test_state_of_another_network_is_refused(desk, settings):
    way_back = consent(leave(desk, "linkedin"))
    other = next(name for name in BROWSED if name != "linkedin")
    refused(desk, way_back.replace("/linkedin/", f"/{other}/"))


def test_another_session_of_the_same_person_is_refused(desk, staff):
    way_back = consent(leave(desk, "linkedin"))
    other = Client()
    other.cookies["django_language"] = "en"
    other.force_login(staff)
    refused(other, way_back)


def test_another_person_is_refused(desk):
    way_back = consent(leave(desk, "linkedin"))
    desk.force_login(factories.make_staff())
    refused(desk, way_back)


def test_missing_code_is_refused(desk):
    state = parts(consent(leave(desk, "linkedin")))["state"]
    assert "led you back without saying yes" in refused(desk, f"/comptes/linkedin/retour/?state={state}")
    assert Connection.objects.count() == 0


def test_unknown_error_is_refused_and_kept_out_of_the_sentence(desk):
    state = parts(consent(leave(desk, "linkedin")))["state"]
    response = desk.get(f"/comptes/linkedin/retour/?state={state}&error=<script>server_error")
    assert (response.status_code, b"<script>server_error" in response.content) == (400, False)


@pytest.mark.parametrize("name", BROWSED)
def test_wrong_code_is_refused(desk, settings, name):
    state = parts(consent(leave(desk, name, **typed(name, settings))))["state"]
    refused(desk, f"/comptes/{name}/retour/?state={state}&code=not-a-code")
    assert Connection.objects.count() == 0


def test_code_of_one_connection_in_another_is_refused(desk):
    """What an attacker would plant: their own code behind our state, twice."""
    code = parts(consent(leave(desk, "linkedin")))["code"]
    desk.get(consent(leave(desk, "linkedin")))
    state = parts(consent(leave(desk, "linkedin")))["state"]
    other = parts(consent(leave(desk, "linkedin")))["state"]
    assert desk.get(f"/comptes/linkedin/retour/?state={state}&code={code}").status_code == 302
    refused(desk, f"/comptes/linkedin/retour/?state={other}&code={code}")


def test_ten_minutes_are_the_limit(desk):
    way_back = consent(leave(desk, "linkedin"))
    Connection.objects.update(begun_at=timezone.now() - timedelta(minutes=10))
    assert "It took longer than ten minutes" in refused(desk, way_back)
    assert Connection.objects.count() == 0


def test_choice_lapses_after_ten_minutes(desk):
    address = go(desk, "linkedin")
    Connection.objects.update(returned_at=timezone.now() - timedelta(minutes=10))
    assert "There is nothing to choose here any more" in refused(desk, address)


def test_choice_belongs_to_whoever_came_back(desk):
    address = go(desk, "linkedin")
    desk.force_login(factories.make_staff())
    refused(desk, address)


def test_network_that_does_not_answer_connects_nothing(desk, settings):
    way_back = consent(leave(desk, "linkedin"))
    settings.LINKEDIN_OAUTH_URL = "http://127.0.0.1:9"
    assert "could not be reached" in refused(desk, way_back)
    assert Connection.objects.count() == 0


def test_page_that_is_none_of_the_choices_is_refused(desk):
    address = go(desk, "linkedin")
    response = desk.post(address, {"page": "urn:li:organization:9"})
    assert (response.status_code, Account.objects.count()) == (422, 0)


def test_page_that_does_not_answer_may_be_tried_again(desk, settings):
    address = go(desk, "linkedin")
    page = pages_in(desk.get(address))[0]
    url, settings.LINKEDIN_API_URL = settings.LINKEDIN_API_URL, "http://127.0.0.1:9"
    response = desk.post(address, {"page": page})
    assert (response.status_code, Account.objects.count()) == (422, 0)
    assert "could not be reached" in words(response)
    settings.LINKEDIN_API_URL = url
    assert desk.post(address, {"page": page}).status_code == 302


def test_choosing_twice_connects_once(desk):
    address = go(desk, "linkedin")
    page = pages_in(desk.get(address))[0]
    answers = [desk.post(address, {"page": page}).status_code for _click in range(2)]
    assert (answers, Account.objects.count()) == ([302, 400], 1)


def test_state_is_kept_as_a_digest_only(desk):
    state = parts(consent(leave(desk, "linkedin")))["state"]
    assert state not in str(Connection.objects.values().get())


def test_old_connections_are_forgotten_when_another_is_begun(desk):
    leave(desk, "linkedin")
    Connection.objects.update(begun_at=timezone.now() - timedelta(minutes=21))
    leave(desk, "linkedin")
    assert Connection.objects.count() == 1


def test_network_where_we_are_not_registered_cannot_be_connected(desk, settings):
    settings.LINKEDIN_CLIENT_ID = ""
    response = desk.post("/comptes/linkedin/")
    assert (response.status_code, Connection.objects.count()) == (422, 0)
    assert "must first have our program registered with LinkedIn" in words(response)


def test_fresh_sign_in_is_asked_of_staff_who_have_a_second_factor(desk, staff):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=staff, type="totp", data={"secret": "x"})
    asked, typed_too_late = (
        desk.get("/comptes/linkedin/"),
        desk.post("/comptes/linkedin/", {"password": "canary"}),
    )
    assert asked.url.startswith("/compte/2fa/reauthenticate/")
    assert (typed_too_late.url, Connection.objects.count()) == ("/comptes/linkedin/", 0)
    assert "canary" not in str(dict(desk.session))
