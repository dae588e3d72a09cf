"""Access renewed by one hand at a time and never asked for twice; pages looked at once a day; staff warned in time."""

import sqlite3
import threading
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection, connections
from django.utils import timezone, translation

from cohorts.kinds import ACCESS_ENDS, How
from cohorts.notifying import choose
from posts.actions import joining, renewing, upkeep
from posts.actions.connecting import connect, disconnect
from posts.actions.renewing import look_after_accounts
from posts.models import Account, Connection, Upkeep
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, put
from tests.posts.consenting import point_at

pytestmark = pytest.mark.django_db

DID = "did:plc:inet"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def network(settings, rehearsal):
    point_at(settings, rehearsal)
    return rehearsal


@pytest.fixture
def bluesky(network, staff):
    """Connected with an app password: its access is renewed, and a lost answer may be asked for again."""
    network.networks["bluesky"].told(
        "page", {"handle": "inet.example", "name": "INET", "password": "abcd-efgh-ijkl-mnop"}
    )
    return joining.sign_in(
        "bluesky",
        identifier="inet.example",
        password="abcd-efgh-ijkl-mnop",
        by=staff,
        api_url=f"{network.url}/api/bluesky",
    )


@pytest.fixture
def x(network, staff):
    """Connected: its refresh token works once."""
    given = network.networks["x"].told("token", {})
    return connect(
        "x",
        "",
        token=given["access_token"],
        refresh_token=given["refresh_token"],
        expires_at=timezone.now() + timedelta(hours=2),
        scopes=given["scope"].split(),
        by=staff,
    )


@pytest.fixture
def linkedin(network, staff):
    """Connected for sixty days, not to be renewed."""
    token = network.linkedin.told("token", {"organization": "1001"})["access_token"]
    return connect(
        "linkedin",
        "urn:li:organization:1001",
        token=token,
        by=staff,
        expires_at=timezone.now() + timedelta(days=60),
    )


def make_due(account, **fields):
    Upkeep.objects.filter(account=account).update(renew_at=timezone.now(), **fields)


def look_now(account):
    Upkeep.objects.filter(account=account).update(look_at=timezone.now())
    look_after_accounts(timezone.now())
    return fresh(account)


def renew_now(account):
    make_due(account)
    look_after_accounts(timezone.now())
    return fresh(account)


def refreshes(network, slug):
    """The refresh calls that arrived there."""
    paths = {"bluesky": "/xrpc/com.atproto.server.refreshSession", "x": "/2/oauth2/token"}
    calls = [call for call in network.ledger.events("call") if call.get("network") == slug]
    return len([call for call in calls if call["path"].endswith(paths[slug])])


# Renewing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bluesky", "x"])
def test_access_is_to_be_renewed_at_four_fifths_of_its_life(request, name):
    account = request.getfixturevalue(name)
    left = account.expires_at - account.upkeep.renew_at
    assert abs(left - timedelta(minutes=24)) < timedelta(minutes=1)


@pytest.mark.parametrize("name", ["bluesky", "x"])
def test_renewing_keeps_the_new_pair_which_works(request, name, network):
    account = request.getfixturevalue(name)
    before = fresh(account)
    after = renew_now(account)
    assert after.token != before.token
    assert after.refresh_token != before.refresh_token
    assert after.connector.verify(after.credentials()).remote_id == account.remote_id
    assert (after.needs_reconnect, after.renewing_until, refreshes(network, name)) == (False, None, 1)
    assert network.ledger.failures() == []


def test_renewing_does_not_put_off_the_daily_look(bluesky):
    before = Upkeep.objects.get().look_at
    renew_now(bluesky)
    assert Upkeep.objects.get().look_at == before


@pytest.mark.parametrize("name", ["bluesky", "x"])
def test_renewed_again_and_again(request, name, network):
    account = request.getfixturevalue(name)
    for _time in range(3):
        renew_now(account)
    assert (refreshes(network, name), fresh(account).needs_reconnect) == (3, False)


def test_nothing_is_done_before_its_time_at_the_price_of_one_query(
    bluesky, network, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert look_after_accounts(timezone.now()) == 0
    assert refreshes(network, "bluesky") == 0


def test_page_that_must_be_connected_again_is_left_alone(bluesky, network):
    Account.objects.update(needs_reconnect=True)
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == 0


@pytest.mark.parametrize("state", ["preparing", "sending", "checking"])
def test_nothing_is_renewed_while_a_post_is_on_its_way(bluesky, network, staff, state):
    post = factories.make_post("approved", staff=staff, account=factories.make_account())
    delivery = post.deliveries.get()
    type(delivery).objects.update(account=bluesky)
    put(delivery, state, **CLAIM)
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == 0
    assert (
        timezone.now() < Upkeep.objects.get(account=bluesky).renew_at < timezone.now() + timedelta(minutes=1)
    )
    put(delivery, "published")
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == 1


@pytest.mark.parametrize("state, calls", [("preparing", 1), ("checking", 1), ("sending", 0)])
def test_access_that_has_ended_waits_only_for_what_is_being_sent(bluesky, network, staff, state, calls):
    post = factories.make_post("approved", staff=staff, account=factories.make_account())
    type(post.deliveries.get()).objects.update(account=bluesky)
    put(post.deliveries.get(), state, **CLAIM)
    Account.objects.filter(pk=bluesky.pk).update(expires_at=timezone.now())
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == calls


def test_lease_of_another_is_respected_until_it_ends(bluesky, network):
    Account.objects.update(renewing_until=timezone.now() + timedelta(seconds=60))
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == 0
    Account.objects.update(renewing_until=timezone.now() - timedelta(seconds=1))
    renew_now(bluesky)
    assert refreshes(network, "bluesky") == 1


def test_lost_answer_of_a_refresh_that_works_once_asks_a_person_and_never_again(
    x, network, mailoutbox, staff
):
    network.ledger.set_faults("x", [{"name": "refresh-lost"}])
    with_commit(lambda: renew_now(x))
    renew_now(x)
    account = fresh(x)
    assert (account.needs_reconnect, refreshes(network, "x")) == (True, 1)
    assert account.last_error == (
        "The network did not answer while our access was being renewed. Asking twice could end it for good: connect the page again, it takes a minute."
    )
    assert [mail.subject for mail in mailoutbox] == ["X · INET doit être reconnectée"]


def test_lost_answer_where_it_may_be_asked_again_is_asked_again(bluesky, network, mailoutbox):
    network.ledger.set_faults("bluesky", [{"name": "refresh-lost"}])
    lost = renew_now(bluesky)
    assert (lost.is_ready, lost.renewing_until, lost.token) == (True, None, bluesky.token)
    again = renew_now(bluesky)
    assert (again.is_ready, again.token != bluesky.token, mailoutbox) == (True, True, [])


def test_network_that_is_away_is_asked_again_in_five_minutes(bluesky, settings, network):
    network.stop()
    account = renew_now(bluesky)
    wait = Upkeep.objects.get().renew_at - timezone.now()
    assert (account.is_ready, account.renewing_until) == (True, None)
    assert timedelta(minutes=4) < wait < timedelta(minutes=6)


def test_refused_refresh_asks_a_person_once(bluesky, network, mailoutbox):
    network.networks["bluesky"].told("revoke", {"token": fresh(bluesky).refresh_token})
    with_commit(lambda: renew_now(bluesky))
    renew_now(bluesky)
    account = fresh(bluesky)
    assert (account.needs_reconnect, account.token != "", refreshes(network, "bluesky")) == (True, True, 1)
    assert [mail.subject for mail in mailoutbox] == ["Bluesky · INET doit être reconnectée"]


def test_page_connected_anew_meanwhile_keeps_its_newer_tokens(bluesky, monkeypatch):
    refresh = type(bluesky.connector).refresh

    def refresh_late(self, app, refresh_token):
        grant = refresh(self, app, refresh_token)
        account = fresh(bluesky)
        account.token, account.refresh_token = "newer", "newer still"
        account.save()
        return grant

    monkeypatch.setattr(type(bluesky.connector), "refresh", refresh_late)
    renew_now(bluesky)
    assert (fresh(bluesky).token, fresh(bluesky).refresh_token) == ("newer", "newer still")


def test_error_of_ours_while_renewing_asks_a_person_instead_of_asking_twice(bluesky, monkeypatch):
    monkeypatch.setattr(type(bluesky.connector), "refresh", lambda self, app, token: 1 / 0)
    assert renew_now(bluesky).needs_reconnect is True


def test_token_that_cannot_be_read_stops_nobody_else(bluesky, linkedin, settings):
    settings.TOKEN_KEYS, ring = [Fernet.generate_key().decode()], settings.TOKEN_KEYS
    make_due(bluesky, look_at=timezone.now())
    Upkeep.objects.filter(account=linkedin).update(look_at=timezone.now())
    assert look_after_accounts(timezone.now()) == 2
    settings.TOKEN_KEYS = ring
    assert (fresh(bluesky).token, fresh(bluesky).needs_reconnect) == (bluesky.token, False)


# Ten at once --------------------------------------------------------------------------------------


@pytest.fixture
def on_disk(transactional_db, tmp_path):
    """The database as other threads see it: SQLite's test database is in the memory of this one."""
    if connection.vendor != "sqlite":
        yield lambda: None
        return
    path, names = str(tmp_path / "shared.sqlite3"), connections.databases["default"]
    before = names["NAME"]

    def move():
        connection.ensure_connection()
        with sqlite3.connect(path) as copy:
            connection.connection.backup(copy)
        names["NAME"] = path

    yield move
    names["NAME"] = before


def in_threads(count, call):
    """What each of `count` calls at once returned."""
    barrier, results = threading.Barrier(count), []

    def run():
        try:
            barrier.wait(timeout=20)
            results.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.parametrize("name", ["bluesky", "x"])
def test_ten_at_once_make_one_refresh_call(request, on_disk, name):
    account, network = request.getfixturevalue(name), request.getfixturevalue("network")
    make_due(account)
    before = fresh(account).token
    on_disk()
    renewed = in_threads(10, lambda: renewing.renew(account.pk))
    [after] = in_threads(1, lambda: fresh(account))
    assert (sorted(renewed), refreshes(network, name)) == ([False] * 9 + [True], 1)
    assert (after.token != before, after.is_ready) == (True, True)


# Looking ------------------------------------------------------------------------------------------


def with_commit(call):
    """What waits for the commit happens too, though the test's transaction never does."""
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        return call()


def test_daily_look_fills_in_what_the_page_says(linkedin, network):
    Account.objects.update(last_read_at=None, followers=None, last_error="It was away.")
    network.linkedin.organisation({"id": "1001", "followers": 4321})
    account = look_now(linkedin)
    assert (account.followers, account.last_error) == (4321, "")
    assert timezone.now() - account.last_read_at < timedelta(minutes=1)
    assert timedelta(hours=20) < Upkeep.objects.get().look_at - timezone.now() < timedelta(hours=28)


def test_dead_access_is_found_by_looking(linkedin, network, mailoutbox):
    network.linkedin.told("revoke", {"token": linkedin.token})
    account = with_commit(lambda: look_now(linkedin))
    assert account.needs_reconnect is True
    assert [mail.subject for mail in mailoutbox] == ["LinkedIn · INET doit être reconnectée"]


def test_network_that_is_away_is_looked_at_again_in_an_hour(linkedin, settings):
    settings.LINKEDIN_API_URL = "http://127.0.0.1:9"
    account = look_now(linkedin)
    wait = Upkeep.objects.get().look_at - timezone.now()
    assert (account.is_ready, account.last_error != "") == (True, True)
    assert timedelta(minutes=55) < wait < timedelta(minutes=65)


def test_refusal_of_a_token_that_was_replaced_meanwhile_counts_for_nothing(linkedin, network, monkeypatch):
    network.linkedin.told("revoke", {"token": linkedin.token})
    verify = type(linkedin.connector).verify

    def verify_late(self, credentials):
        Account.objects.update(token="newer")
        return verify(self, credentials)

    monkeypatch.setattr(type(linkedin.connector), "verify", verify_late)
    assert look_now(linkedin).needs_reconnect is False


def test_disconnected_page_is_not_looked_after(linkedin, staff):
    disconnect(linkedin, by=staff)
    assert list(Upkeep.objects.values_list("renew_at", "look_at")) == [(None, None)]


def test_page_from_before_is_looked_after_from_tomorrow_on(account):
    assert look_after_accounts(timezone.now()) == 0
    assert timedelta(hours=20) < Upkeep.objects.get().look_at - timezone.now() < timedelta(hours=28)


def test_connection_that_nobody_finished_is_forgotten(linkedin, staff):
    for number, minutes in enumerate((19, 21)):
        begun_at = timezone.now() - timedelta(minutes=minutes)
        Connection.objects.create(network="x", state_digest=str(number), by=staff, begun_at=begun_at)
    look_after_accounts(timezone.now())
    assert list(Connection.objects.values_list("state_digest", flat=True)) == ["0"]


def test_hands_of_the_caller_do_the_work(linkedin, bluesky):
    Upkeep.objects.update(look_at=timezone.now())
    taken = []
    count = look_after_accounts(timezone.now(), take=lambda call, pk: taken.append((call, pk)))
    assert count == 2
    assert sorted(pk for _call, pk in taken) == sorted([linkedin.pk, bluesky.pk])


# Warning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left, warned",
    [
        (timedelta(days=20), None),
        (timedelta(days=14), 14),
        (timedelta(days=7, hours=1), 14),
        (timedelta(days=7), 7),
        (timedelta(days=1, hours=1), 7),
        (timedelta(hours=23), 1),
    ],
)
def test_staff_are_warned_before_the_end(linkedin, mailoutbox, left, warned):
    """Two weeks and a week before, in their summary; at once on the last day."""
    Account.objects.update(expires_at=timezone.now() + left)
    look_now(linkedin)
    look_now(linkedin)
    assert (fresh(linkedin).warned_days, len(mailoutbox)) == (warned, 1 if warned == 1 else 0)


def test_warning_says_how_long_and_until_when(linkedin, mailoutbox, staff):
    choose(staff, {ACCESS_ENDS: How.AT_ONCE})
    Account.objects.update(expires_at=timezone.now() + timedelta(days=6, hours=12))
    look_now(linkedin)
    [mail] = mailoutbox
    assert (mail.subject, mail.to) == (
        "LinkedIn · INET\u00a0: notre accès se termine dans 7 jours",
        [staff.email],
    )
    assert "/comptes/" in mail.body


def test_each_warning_comes_once_and_in_turn(linkedin, mailoutbox, staff):
    choose(staff, {ACCESS_ENDS: How.AT_ONCE})
    for days in (13, 12, 6, 5, 0.9, 0.5):
        Account.objects.update(expires_at=timezone.now() + timedelta(days=days))
        look_now(linkedin)
    assert [mail.subject.rpartition(" dans ")[2] for mail in mailoutbox] == ["13 jours", "6 jours", "1 jour"]


def test_connecting_again_makes_the_warnings_new(linkedin, staff):
    Account.objects.update(expires_at=timezone.now() + timedelta(days=1))
    look_now(linkedin)
    connect(
        "linkedin",
        linkedin.remote_id,
        token=linkedin.token,
        by=staff,
        expires_at=timezone.now() + timedelta(days=60),
    )
    assert fresh(linkedin).warned_days is None


def test_what_renews_itself_warns_nobody(bluesky, mailoutbox):
    Account.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    look_now(bluesky)
    assert mailoutbox == []


def test_what_cannot_be_renewed_any_more_warns(bluesky, mailoutbox, staff):
    choose(staff, {ACCESS_ENDS: How.AT_ONCE})
    Account.objects.update(refresh_expires_at=timezone.now() + timedelta(days=7))
    look_now(bluesky)
    assert [mail.subject for mail in mailoutbox] == [
        "Bluesky · INET\u00a0: notre accès se termine dans 7 jours"
    ]


def test_next_look_is_not_later_than_the_next_warning(linkedin):
    now = timezone.now()
    linkedin.expires_at = now + timedelta(days=14, hours=3)
    assert upkeep.next_look(linkedin, now) == now + timedelta(hours=3)


def test_access_that_has_ended_asks_a_person(linkedin, network, mailoutbox):
    Account.objects.update(expires_at=timezone.now())
    account = with_commit(lambda: look_now(linkedin))
    assert (account.needs_reconnect, account.last_error) == (
        True,
        "Our access has ended: connect the page again, it takes a minute.",
    )
    assert [mail.subject for mail in mailoutbox] == ["LinkedIn · INET doit être reconnectée"]
