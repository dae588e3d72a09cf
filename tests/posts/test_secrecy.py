"""Tokens at rest: unreadable in the database, readable with any key of the ring, empty when no key opens them."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from posts.models import Account
from posts.secrecy import Unreadable, UnreadableToken
from tests import factories

pytestmark = pytest.mark.django_db


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
