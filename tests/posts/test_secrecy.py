"""Tokens at rest: unreadable in the database, readable with any key of the ring, empty when no key opens them."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.utils import timezone, translation

from posts import secrecy
from posts.models import Account, Connection
from posts.secrecy import Unreadable, UnreadableToken
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def column(account):
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM posts_account WHERE id = %s", [account.pk])
        return cursor.fetchone()[0]


def test_token_is_not_in_the_column(account):
    assert "token-for-tests" not in column(account)


def test_token_reads_back(account):
    assert factories.fresh(account).token == "token-for-tests"


def test_token_reads_with_an_older_key_of_the_ring(account, settings):
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_KEYS]
    assert factories.fresh(account).token == "token-for-tests"


def test_token_that_no_key_opens_is_empty_and_says_so(account, settings):
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    account = factories.fresh(account)
    assert (account.token, isinstance(account.token, Unreadable), account.is_ready) == ("", True, False)
    with pytest.raises(UnreadableToken):
        account.credentials()


def test_saving_an_unreadable_token_keeps_what_is_stored(account, settings):
    stored = column(account)
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    broken = Account.objects.get(pk=account.pk)
    broken.name = "Renamed"
    broken.save()
    assert column(account) == stored


def test_credentials_do_not_show_the_token(account):
    assert "token-for-tests" not in repr(account.credentials())


# Which row it belongs to --------------------------------------------------------------------------


def put(account, ciphertext, name="token"):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE posts_account SET {name} = %s WHERE id = %s", [ciphertext, account.pk])


def test_token_moved_to_another_row_is_unreadable_there(account):
    other = factories.make_account(token="of another page")
    put(other, column(account))
    moved = Account.objects.get(pk=other.pk)
    assert (moved.token, isinstance(moved.token, Unreadable), moved.is_ready) == ("", True, False)
    with pytest.raises(UnreadableToken):
        moved.credentials()


def test_token_moved_to_another_column_is_unreadable_there(account):
    put(account, column(account), "refresh_token")
    assert isinstance(Account.objects.get(pk=account.pk).refresh_token, Unreadable)


def test_token_of_a_row_that_became_another_page_is_unreadable(account):
    Account.objects.filter(pk=account.pk).update(remote_id="urn:li:organization:666")
    assert isinstance(Account.objects.get(pk=account.pk).token, Unreadable)


def test_saving_a_moved_token_keeps_what_is_stored(account):
    other = factories.make_account(token="of another page")
    put(other, column(account))
    moved = Account.objects.get(pk=other.pk)
    moved.name = "Renamed"
    moved.save()
    assert column(other) == column(account)


def test_token_from_before_rows_were_named_still_reads(account, settings):
    put(account, Fernet(settings.TOKEN_KEYS[0]).encrypt(b"old").decode())
    assert Account.objects.get(pk=account.pk).token == "old"


def test_token_read_without_its_row_is_the_token(account):
    assert list(Account.objects.values_list("token", flat=True)) == ["token-for-tests"]


def test_token_survives_a_refresh_from_the_database(account):
    account.refresh_from_db()
    account.save()
    assert Account.objects.get(pk=account.pk).token == "token-for-tests"


# A new key ----------------------------------------------------------------------------------------


def rotated(capsys):
    call_command("rotate_tokens")
    return capsys.readouterr().out.splitlines()[0]


@pytest.fixture
def new_key(account, settings):
    """A key before the one that the account's token is encrypted with."""
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_KEYS]
    return settings.TOKEN_KEYS[0]


def test_rotation_encrypts_with_the_first_key_alone(account, new_key, settings, capsys):
    said = rotated(capsys)
    settings.TOKEN_KEYS = [new_key]
    assert said == "1 encrypted anew, 0 were already, 0 cannot be read with any of the keys."
    assert Account.objects.get(pk=account.pk).token == "token-for-tests"


def test_rotation_covers_every_secret_of_every_model(account, staff, new_key, settings, capsys):
    settings.TOKEN_KEYS, ring = settings.TOKEN_KEYS[1:], settings.TOKEN_KEYS
    account.refresh_token = "refresh"
    account.save()
    secrets = {"verifier": "v", "client_id": "i", "client_secret": "s", "grant": '{"token": "t"}'}
    Connection.objects.create(network="x", state_digest="d", by=staff, begun_at=timezone.now(), **secrets)
    settings.TOKEN_KEYS = ring
    assert rotated(capsys).startswith("6 encrypted anew, 0 were already")
    settings.TOKEN_KEYS = [new_key]
    kept = Connection.objects.get()
    assert {name: getattr(kept, name) for name in secrets} == secrets


def test_rotation_done_again_changes_nothing(account, new_key, capsys):
    rotated(capsys)
    before = column(account)
    assert rotated(capsys).startswith("0 encrypted anew, 1 were already")
    assert column(account) == before


def test_rotation_halfway_reads_both(account, new_key, settings, capsys):
    settings.TOKEN_KEYS, ring = settings.TOKEN_KEYS[1:], settings.TOKEN_KEYS
    other = factories.make_account(token="second")
    settings.TOKEN_KEYS = ring
    account.save()
    assert [factories.fresh(each).token for each in (account, other)] == ["token-for-tests", "second"]


def test_rotation_counts_what_no_key_opens_and_leaves_it(account, settings, capsys):
    before, settings.TOKEN_KEYS = column(account), [Fernet.generate_key().decode()]
    assert rotated(capsys) == "0 encrypted anew, 0 were already, 1 cannot be read with any of the keys."
    assert column(account) == before


def test_rotation_does_not_undo_a_token_written_meanwhile(account, new_key, monkeypatch, capsys):
    ring = secrecy.key_ring

    def write_first():
        monkeypatch.setattr(secrecy, "key_ring", ring)
        Account.objects.filter(pk=account.pk).update(token="written meanwhile")
        return ring()

    monkeypatch.setattr(secrecy, "key_ring", write_first)
    assert rotated(capsys).startswith("0 encrypted anew")
    assert factories.fresh(account).token == "written meanwhile"
