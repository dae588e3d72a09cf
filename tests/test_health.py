"""What machines and staff are told about the health of the program: machines a word, staff the figures, others nothing."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from inet_comms import health
from posts.models import Account, Delivery, Stop
from tests import factories


@pytest.fixture
def waiting(account, member):
    """A delivery that waits for its moment tomorrow."""
    return factories.make_post("approved", comms=member).deliveries.get()


def put(delivery, **fields):
    Delivery.objects.filter(pk=delivery.pk).update(**fields)


def answer(response):
    return response.status_code, response.content.decode(), response.headers["Content-Type"]


# livez -------------------------------------------------------------------------------------------


def test_livez_asks_nothing_of_the_database(client):
    """No database mark: a query would fail the test."""
    assert answer(client.get("/livez")) == (200, "ok", "text/plain")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_answers_are_kept_by_nobody(client, path):
    assert client.get(path).headers["Cache-Control"] == (
        "max-age=0, no-cache, no-store, must-revalidate, private"
    )


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/statusz"])
def test_health_is_only_read(client, path):
    assert client.post(path).status_code == 405


# readyz ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_readyz_when_all_is_well(client):
    assert answer(client.get("/readyz")) == (200, "ok", "text/plain")


@pytest.mark.django_db
def test_not_ready_before_the_database_is_migrated(client):
    MigrationRecorder.Migration.objects.filter(app="posts").delete()
    assert answer(client.get("/readyz")) == (503, "not ready", "text/plain")


@pytest.mark.django_db
def test_not_ready_without_a_writable_data_folder(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "absent"
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_not_ready_without_a_database(client, monkeypatch):
    def broken(connection):
        raise DatabaseError("the database is gone")

    monkeypatch.setattr(health, "MigrationExecutor", broken)
    assert answer(client.get("/readyz")) == (503, "not ready", "text/plain")


def test_not_ready_without_the_key_of_a_token(client, account, settings):
    settings.TOKEN_KEYS = ["0123456789abcdefghijklmnopqrstuvwxyzABCDEFG="]
    assert answer(client.get("/readyz")) == (503, "not ready", "text/plain")


# statusz -----------------------------------------------------------------------------------------


def figures(client, staff):
    client.force_login(staff)
    return client.get("/statusz").json()


@pytest.mark.parametrize("person", [None, "student", "member"])
def test_statusz_is_missing_for_others(client, request, student, member, person):
    if person:
        client.force_login(request.getfixturevalue(person).user)
    assert client.get("/statusz").status_code == 404


def test_statusz_when_nothing_waits(client, staff, settings):
    assert figures(client, staff) == {
        "oldest_due_seconds": 0,
        "uncertain": 0,
        "asking_someone": 0,
        "abandoned": 0,
        "stopped": False,
        "accounts_to_reconnect": 0,
        "linkedin_version": settings.LINKEDIN_VERSION,
    }


def test_statusz_says_how_late_the_oldest_is(client, staff, waiting):
    put(waiting, due_at=timezone.now() - timedelta(minutes=5))
    assert round(figures(client, staff)["oldest_due_seconds"] / 60) == 5


def test_statusz_does_not_count_what_is_not_due(client, staff, waiting):
    assert figures(client, staff)["oldest_due_seconds"] == 0


def test_statusz_counts_what_is_uncertain(client, staff, waiting):
    put(waiting, **{"state": "uncertain", "next_check_at": timezone.now()})
    assert figures(client, staff)["uncertain"] == 1


def test_statusz_counts_what_asks_someone(client, staff, waiting):
    put(waiting, **{"state": "needs_person"})
    assert figures(client, staff)["asking_someone"] == 1


@pytest.mark.parametrize(("minutes", "count"), [(5, 1), (-5, 0)])
def test_statusz_counts_claims_that_ran_out(client, staff, waiting, minutes, count):
    claim = {"claim_token": "12345678-1234-5678-1234-567812345678"}
    put(waiting, **{"state": "sending", "lease_until": timezone.now() - timedelta(minutes=minutes)}, **claim)
    assert figures(client, staff)["abandoned"] == count


def test_statusz_says_that_all_is_stopped(client, staff):
    Stop.objects.create(pressed_by=staff)
    assert figures(client, staff)["stopped"] is True


def test_statusz_counts_pages_to_connect_again(client, staff, account):
    Account.objects.update(needs_reconnect=True)
    assert figures(client, staff)["accounts_to_reconnect"] == 1
