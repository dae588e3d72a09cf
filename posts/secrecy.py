"""Tokens at rest: encrypted with the first of TOKEN_KEYS, read with any of them. The keys are not in the database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class UnreadableToken(Exception):
    """No key of ours opens it: keys lost, or a copy of the database without them. Nothing can be sent then."""


def key_ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])


class EncryptedTextField(models.TextField):
    """Text whose column holds a Fernet token. It cannot be searched, and a value that no key opens reads as unreadable."""

    def get_prep_value(self, value):
        if isinstance(value, Unreadable):
            return value.stored
        value = super().get_prep_value(value)
        return key_ring().encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value, expression, connection):
        if not value:
            return ""
        try:
            return key_ring().decrypt(value.encode()).decode()
        except InvalidToken:
            return Unreadable(value)


class Unreadable(str):
    """Stands for a token that no key opens. It is empty, so nothing of it can leak or be sent; saving it keeps the column."""

    stored: str

    def __new__(cls, stored: str):
        value = super().__new__(cls, "")
        value.stored = stored
        return value
