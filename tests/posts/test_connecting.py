"""Connecting a page from the console, judged by the rehearsal network; one pass of what the worker does."""

import io
import sys
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone, translation

from posts import actions
from posts.actions.connecting import connect, disconnect
from posts.models import Account
from posts.networks.base import NeedsReconnect
from tests import factories
from tests.factories import fresh
from tests.posts.consenting import point_at

pytestmark = pytest.mark.django_db

URN = "urn:li:organization:1001"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def token(rehearsal):
    return rehearsal.linkedin.token({"organization": "1001"})["access_token"]


@pytest.fixture
def token_file(token, tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{token}\n")
    return path


def run(*arguments):
    out = io.StringIO()
    call_command("connect_account", "linkedin", *map(str, arguments), stdout=out)
    return out.getvalue().strip()


def why(*arguments):
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return str(refused.value)


# The command --------------------------------------------------------------------------------------


@pytest.mark.parametrize("organization", ["1001", URN])
def test_connect_asks_the_network_and_keeps_what_it_says(staff, token, token_file, organization):
    said = run("--organization", organization, "--token-file", token_file)
    account = Account.objects.get()
    assert (account.name, account.remote_id, account.token, account.connected_by, account.is_ready) == (
        "INET",
        URN,
        token,
        staff,
        True,
    )
    assert said == f"Connected: LinkedIn · INET, {account.followers} followers."


def test_connect_reads_the_token_from_standard_input(staff, token, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{token}\n"))
    run("--organization", "1001")
    assert Account.objects.get().token == token


def test_token_is_encrypted_in_the_database(staff, token, token_file):
    run("--organization", "1001", "--token-file", token_file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM posts_account")
        [(stored,)] = cursor.fetchall()
    assert token not in stored


def test_connect_keeps_the_last_day_of_the_token(staff, token_file):
    run("--organization", "1001", "--token-file", token_file, "--expires", "2031-03-01")
    assert timezone.localtime(Account.objects.get().expires_at).date().isoformat() == "2031-03-01"


def test_connecting_again_replaces_the_token_of_the_same_page(staff, rehearsal, token_file):
    run("--organization", "1001", "--token-file", token_file)
    Account.objects.update(needs_reconnect=True, last_error="revoked")
    again = rehearsal.linkedin.token({"organization": "1001"})["access_token"]
    token_file.write_text(again)
    run("--organization", "1001", "--token-file", token_file)
    account = Account.objects.get()
    assert (account.token, account.needs_reconnect, account.last_error) == (again, False, "")


def test_dead_token_connects_nothing(staff, rehearsal, token, token_file):
    rehearsal.linkedin.revoke(token)
    said = why("--organization", "1001", "--token-file", token_file)
    assert said.startswith(
        "The page is not connected. The network does not accept this access for this page. "
        "Whoever gives it must be an administrator of the page."
    )
    assert (token in said, Account.objects.count()) == (False, 0)


def test_token_of_another_page_connects_nothing(staff, rehearsal, token_file):
    rehearsal.linkedin.organisation({"id": "2002", "name": "Other"})
    assert "does not accept this access for this page" in why(
        "--organization", "2002", "--token-file", token_file
    )
    assert Account.objects.count() == 0


def test_network_that_cannot_be_reached_is_said(staff, token_file, settings):
    settings.LINKEDIN_API_URL = "http://127.0.0.1:9"
    assert why("--organization", "1001", "--token-file", token_file).startswith(
        "The page is not connected. The network could not be reached. Check the address, and try again in a few minutes."
    )


@pytest.mark.parametrize("content", ["", "\n", "two words", "é", "a\tb"])
def test_what_is_no_token_is_refused_before_anything_is_asked(staff, token_file, content):
    token_file.write_text(content)
    assert why("--organization", "1001", "--token-file", token_file) == (
        "This is not a token: it is empty, or holds blanks or letters that no token has."
    )


@pytest.mark.parametrize("organization", ["", "inet", "1001/x", "urn:li:person:1", "9" * 21])
def test_what_is_no_page_is_refused(staff, token_file, organization):
    assert why(f"--organization={organization}", "--token-file", token_file) == (
        f"“{organization}” is not the number of a page: it has digits only."
    )


def test_connecting_needs_a_member_of_staff(db, student, token_file):
    arguments = ("--organization", "1001", "--token-file", token_file)
    assert why(*arguments) == "Say with --by which member of staff connects this page."
    assert why(*arguments, "--by", "lea@example.org") == "lea@example.org is not a member of staff."


def test_which_of_two_members_of_staff_is_asked(staff, token_file):
    other = factories.make_staff()
    arguments = ("--organization", "1001", "--token-file", token_file)
    assert why(*arguments) == "Say with --by which member of staff connects this page."
    run(*arguments, "--by", other.email.upper())
    assert Account.objects.get().connected_by == other


def test_day_that_is_none_is_refused(staff, token_file):
    assert why("--organization", "1001", "--token-file", token_file, "--expires", "demain") == (
        "“demain” is not a day. Write it like 2026-03-01."
    )


# The other networks -------------------------------------------------------------------------------


@pytest.fixture
def network(settings, rehearsal):
    point_at(settings, rehearsal)
    return rehearsal


def run_for(monkeypatch, secret, network, *arguments):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{secret}\n"))
    call_command("connect_account", network, *map(str, arguments), stdout=io.StringIO())
    return Account.objects.get()


def test_facebook_page_is_connected_by_its_number(staff, network, monkeypatch):
    page = network.networks["facebook"].told("page", {"id": "2002", "name": "INET"})["id"]
    token = network.networks["facebook"].told("token", {"page": page})["access_token"]
    account = run_for(monkeypatch, token, "facebook", "--page", page)
    assert (account.network, account.remote_id, account.token) == ("facebook", "2002", token)


def test_x_account_is_the_one_that_its_token_reaches(staff, network, monkeypatch, tmp_path):
    given = network.networks["x"].told("token", {})
    again = tmp_path / "refresh"
    again.write_text(given["refresh_token"])
    account = run_for(monkeypatch, given["access_token"], "x", "--refresh-token-file", again)
    assert (account.network, account.token, account.refresh_token) == (
        "x",
        given["access_token"],
        given["refresh_token"],
    )


def test_mastodon_account_is_connected_on_its_server(staff, network, monkeypatch):
    token = network.networks["mastodon"].told("token", {})["access_token"]
    server = f"{network.url}/api/mastodon"
    account = run_for(monkeypatch, token, "mastodon", "--instance", server)
    assert (account.api_url, account.token) == (server, token)


def test_bluesky_account_is_connected_with_an_app_password(staff, network, monkeypatch):
    network.networks["bluesky"].told("page", {"handle": "inet.example", "password": "abcd-efgh"})
    server = f"{network.url}/api/bluesky"
    account = run_for(monkeypatch, "abcd-efgh", "bluesky", "--handle", "inet.example", "--server", server)
    assert (account.handle, account.api_url, account.refresh_token != "") == ("inet.example", server, True)


def test_wrong_app_password_connects_nothing(staff, network, monkeypatch):
    network.networks["bluesky"].told("page", {"handle": "inet.example", "password": "abcd-efgh"})
    with pytest.raises(CommandError) as refused:
        run_for(
            monkeypatch,
            "wrong-one",
            "bluesky",
            "--handle",
            "inet.example",
            "--server",
            f"{network.url}/api/bluesky",
        )
    assert "Bluesky does not know this name with this app password" in str(refused.value)
    assert ("wrong-one" in str(refused.value), Account.objects.count()) == (False, 0)


@pytest.mark.parametrize(
    "network, option",
    [("linkedin", "organization"), ("facebook", "page"), ("mastodon", "instance"), ("bluesky", "handle")],
)
def test_which_page_is_asked(staff, network, option):
    with pytest.raises(CommandError) as refused:
        call_command("connect_account", network)
    assert str(refused.value) == f"Say which page: --{option} is missing."


@pytest.mark.parametrize("server", ["localhost", "http://10.0.0.1", "192.168.1.1"])
def test_server_that_is_not_public_is_refused(staff, server):
    with pytest.raises(CommandError) as refused:
        call_command("connect_account", "mastodon", "--instance", server)
    assert "This is not the address of a server." in str(refused.value)


# The actions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["student", "member", "former_member", "neighbour"])
def test_only_staff_connect_and_disconnect(request, name, account):
    user = request.getfixturevalue(name).user
    with pytest.raises(PermissionDenied):
        connect("linkedin", URN, token="x", by=user)
    with pytest.raises(PermissionDenied):
        disconnect(account, by=user)
    assert fresh(account).token == "token-for-tests"


def test_refused_connection_leaves_the_page_as_it_was(staff, page, rehearsal):
    with pytest.raises(NeedsReconnect):
        connect("linkedin", URN, token="dead", by=staff)
    assert (fresh(page).token, fresh(page).is_ready) == (page.token, True)


def test_what_is_planned_waits_while_the_page_is_disconnected(staff, page, rehearsal):
    factories.make_post("approved", staff=staff, account=page, publish_at=timezone.now())
    disconnect(page, by=staff)
    call_command("publish_due", stdout=io.StringIO())
    assert rehearsal.ledger.posts() == []
    token = rehearsal.linkedin.token({"organization": "1001"})["access_token"]
    connect("linkedin", URN, token=token, by=staff)
    call_command("publish_due", stdout=io.StringIO())
    assert len(rehearsal.ledger.posts()) == 1


# publish_due --------------------------------------------------------------------------------------


def publish(*arguments):
    out = io.StringIO()
    call_command("publish_due", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def due(staff, page):
    return factories.make_post("approved", staff=staff, account=page, publish_at=timezone.now())


def test_publish_due_does_what_is_due_once(due, rehearsal):
    publish()
    publish()
    assert (due.deliveries.get().state, len(rehearsal.ledger.posts())) == ("published", 1)


def test_publish_due_until_idle_goes_on_to_the_last(due, staff, page, rehearsal):
    """One post a page and pass: three posts take three passes."""
    for _more in range(2):
        factories.make_post("approved", staff=staff, account=page, publish_at=timezone.now())
    publish("--until-idle")
    assert len(rehearsal.ledger.posts()) == 3


def test_publish_due_leaves_what_is_not_due(staff, page, rehearsal):
    factories.make_post("approved", staff=staff, account=page, publish_at=timezone.now() + timedelta(days=2))
    assert (publish("--until-idle"), rehearsal.ledger.posts()) == (["0 things done."], [])


def test_publish_due_says_that_the_switch_is_on(due, staff, rehearsal):
    actions.press_stop(by=staff)
    said = publish("--until-idle")
    assert (said[0], rehearsal.ledger.posts()) == ("The stop switch is on: nothing leaves.", [])
