"""Comptes: what is said of each page and to whom, the forms of Mastodon and Bluesky, disconnecting."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone, translation

from posts.actions.upkeep import plan
from posts.models import Account, Connection, Stop, Upkeep
from posts.networks import NETWORKS
from tests import factories
from tests.factories import fresh
from tests.posts.consenting import point_at

pytestmark = pytest.mark.django_db

PASSWORD = "abcd-efgh-ijkl-mnop"


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def network(settings, rehearsal):
    point_at(settings, rehearsal)
    return rehearsal


def words(response):
    text = re.sub(r"<(script|style|head|nav)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def badge(response):
    return re.search(r'class="badge (\w+)">([^<]+)<', response.content.decode()).groups()


def well(**fields):
    now = timezone.now()
    scopes = " ".join(NETWORKS["linkedin"].scopes)
    account = factories.make_account(
        **{"scopes": scopes, "connected_at": now, "last_read_at": now, "handle": "inet"} | fields
    )
    plan(account, now)
    return account


# What is said -------------------------------------------------------------------------------------


def test_empty_page_says_what_to_do(desk):
    said = words(desk.get("/comptes/"))
    assert "No page is connected yet" in said
    assert "Choose a network below" in said


def test_empty_page_sends_the_group_to_the_staff(client, member):
    client.force_login(member.user)
    said = words(client.get("/comptes/"))
    assert "Ask them to." in said
    assert "Connect a page" not in said


@pytest.mark.parametrize(
    "fields, tone, word",
    [
        ({}, "green", "connected"),
        ({"token": ""}, "grey", "not connected"),
        ({"needs_reconnect": True}, "red", "must be connected again"),
        ({"breaker_until": timezone.now()}, "amber", "resting after trouble"),
        ({"scopes": "w_organization_social"}, "amber", "lacks a right"),
        ({"expires_at": timezone.now() + timedelta(days=13)}, "amber", "ends soon"),
        ({"expires_at": timezone.now() + timedelta(days=15)}, "green", "connected"),
        ({"expires_at": timezone.now() + timedelta(hours=1), "refresh_token": "r"}, "green", "connected"),
    ],
)
def test_state_is_said_in_a_word(desk, fields, tone, word):
    well(**fields)
    assert badge(desk.get("/comptes/")) == (tone, word)


@pytest.mark.parametrize("is_mine, tone", [(True, "red"), (False, "green"), (None, "red")])
def test_stop_of_this_page_or_of_all_is_said(desk, staff, is_mine, tone):
    account = well()
    stopped = {True: account, False: factories.make_account(network="x"), None: None}[is_mine]
    Stop.objects.create(pressed_by=staff, account=stopped)
    Account.objects.exclude(pk=account.pk).delete() if is_mine is None else None
    assert badge(desk.get("/comptes/"))[0] == tone


def test_token_that_no_key_opens_is_said(desk):
    well()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE posts_account SET token = 'gAAAAA-of-another-key'")
    assert badge(desk.get("/comptes/")) == ("red", "cannot be read with the present keys")


def test_missing_right_is_said_in_plain_words(desk):
    well(scopes="w_organization_social rw_organization_admin")
    said = words(desk.get("/comptes/"))
    assert "We may not do everything there: read the page’s posts." in said
    assert "r_organization_social" not in said.partition("For technicians")[0]


def test_facts_are_said(desk, staff):
    well(connected_by=staff, expires_at=timezone.now() + timedelta(days=40, hours=1))
    said = words(desk.get("/comptes/"))
    assert "by Hélène Roux" in said
    assert "(40 days left)" in said


def test_last_trouble_and_warning_are_said(desk):
    account = well(last_error="The network was away.")
    Upkeep.objects.filter(account=account).update(warning="Only people of the program see the posts.")
    said = words(desk.get("/comptes/"))
    assert "Last trouble The network was away." in said
    assert "Only people of the program see the posts." in said


def test_group_reads_and_has_no_buttons(client, member):
    account = well()
    client.force_login(member.user)
    page = client.get("/comptes/").content.decode()
    assert account.name in page
    assert "/deconnecter/" not in page
    assert "Connect" not in words(client.get("/comptes/")).replace("Connected", "")


def test_no_secret_is_on_any_page(desk):
    account = well(token="canary-token", refresh_token="canary-refresh")
    pages = ["/comptes/", f"/comptes/{account.pk}/deconnecter/", f"/comptes/linkedin/?compte={account.pk}"]
    assert [path for path in pages if "canary" in desk.get(path).content.decode()] == []


def test_page_costs_the_same_for_one_and_for_three(desk, django_assert_num_queries):
    for wanted in (1, 3):
        while Account.objects.count() < wanted:
            well()
        desk.get("/comptes/")
        with django_assert_num_queries(8):
            desk.get("/comptes/")


def test_title_counts_what_is_not_well(desk):
    well(needs_reconnect=True)
    assert "<title>(1) Accounts" in desk.get("/comptes/").content.decode()


# Disconnecting ------------------------------------------------------------------------------------


def test_disconnecting_asks_first(desk, account):
    response = desk.get(f"/comptes/{account.pk}/deconnecter/")
    assert (response.status_code, fresh(account).token) == (200, "token-for-tests")


def test_disconnecting_says_what_waits(desk, account, staff):
    factories.make_post("approved", account=account)
    assert "1 post is planned there." in words(desk.get(f"/comptes/{account.pk}/deconnecter/"))


def test_disconnecting_wipes_every_secret(desk):
    account = well(token="canary", refresh_token="canary-2")
    desk.post(f"/comptes/{account.pk}/deconnecter/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, refresh_token, scopes FROM posts_account")
        assert cursor.fetchall() == [("", "", "")]


def test_disconnected_page_cannot_be_disconnected(desk):
    account = well(token="")
    assert desk.post(f"/comptes/{account.pk}/deconnecter/").status_code == 404


# Mastodon's form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "server",
    ["", "localhost", "127.0.0.1", "http://10.0.0.1/", "intranet", "mastodon.local", "a b", "http://[::1]/"],
)
def test_mastodon_server_that_is_none_is_refused_with_what_was_typed(desk, settings, server):
    response = desk.post("/comptes/mastodon/", {"server": server})
    assert (response.status_code, Connection.objects.count()) == (422, 0)
    assert f'value="{server}"' in response.content.decode() or not server


def test_rehearsal_is_a_server_in_the_demo_only(desk, settings, network):
    typed = {"server": f"{network.url}/api/mastodon/"}
    settings.DEMO = False
    assert desk.post("/comptes/mastodon/", typed).status_code == 422
    settings.DEMO = True
    assert desk.post("/comptes/mastodon/", typed).status_code == 200


def test_rehearsal_is_offered_in_the_demo(desk, network):
    assert f'value="{network.url}/api/mastodon"' in desk.get("/comptes/mastodon/").content.decode()


def test_rehearsal_of_another_network_is_no_mastodon_server(desk, network):
    assert desk.post("/comptes/mastodon/", {"server": f"{network.url}/api/x"}).status_code == 422


def test_connecting_again_offers_the_server_that_is_known(desk):
    account = factories.make_account(network="mastodon", api_url="https://mastodon.example.org")
    page = desk.get(f"/comptes/mastodon/?compte={account.pk}").content.decode()
    assert 'value="https://mastodon.example.org"' in page


@pytest.mark.parametrize("number", ["", "x", "0", "99999999999999999999", "²"])
def test_strange_number_of_an_account_is_ignored(desk, number):
    assert desk.get(f"/comptes/mastodon/?compte={number}").status_code == 200


# Bluesky's form -----------------------------------------------------------------------------------


@pytest.fixture
def at_home(network):
    """An account on the rehearsed server."""
    network.networks["bluesky"].told("page", {"handle": "inet.example", "name": "INET", "password": PASSWORD})
    return {"handle": "@inet.example", "password": PASSWORD, "server": f"{network.url}/api/bluesky"}


def test_bluesky_is_connected_with_an_app_password(desk, at_home, network, staff):
    response = desk.post("/comptes/bluesky/", at_home)
    assert (response.status_code, response.url) == (302, "/comptes/")
    account = Account.objects.get()
    assert (account.network, account.handle, account.connected_by, account.is_ready) == (
        *("bluesky", "inet.example", staff),
        True,
    )
    assert account.refresh_token != ""
    assert network.ledger.failures() == []


def test_password_is_kept_nowhere(desk, at_home):
    desk.post("/comptes/bluesky/", at_home)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM posts_account")
        assert PASSWORD not in str(cursor.fetchall())
    assert PASSWORD not in str(dict(desk.session))


def test_wrong_app_password_says_what_to_do_and_forgets_it(desk, at_home):
    response = desk.post("/comptes/bluesky/", at_home | {"password": "wrong-pass-word-here"})
    page = response.content.decode()
    assert (response.status_code, Account.objects.count()) == (422, 0)
    assert "Bluesky does not know this name with this app password" in words(response)
    assert 'value="@inet.example"' in page
    assert "wrong-pass-word-here" not in page


@pytest.mark.parametrize("missing", ["handle", "password"])
def test_bluesky_needs_name_and_password(desk, at_home, missing):
    assert desk.post("/comptes/bluesky/", at_home | {missing: ""}).status_code == 422


def test_unknown_network_is_missing(desk):
    assert [desk.get(f"/comptes/{name}/").status_code for name in ("myspace", "linkedinn")] == [404, 404]


# On to the network --------------------------------------------------------------------------------


def test_leaving_page_leads_on_by_itself_and_by_a_link(desk, network):
    page = desk.post("/comptes/linkedin/").content.decode()
    assert page.count(f"{network.url}/oauth/v2/authorization?") == 2


def test_leaving_needs_a_post(desk, network):
    desk.get("/comptes/linkedin/")
    assert Connection.objects.count() == 0


def test_pages_on_the_way_are_not_stored_by_browsers(desk, network):
    paths = ["/comptes/linkedin/", "/comptes/linkedin/retour/", "/comptes/linkedin/choisir/1/"]
    assert ["no-store" in desk.get(path).headers["Cache-Control"] for path in paths] == [True] * 3
