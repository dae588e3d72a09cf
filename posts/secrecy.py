"""Secrets at rest: encrypted with the first of TOKEN_KEYS, read with any of them. The keys are not in the database.

Fernet takes no associated data, so the row that a secret belongs to stands inside the ciphertext: a ciphertext that was
moved to another row or column reads as unreadable there.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.db.models.query_utils import DeferredAttribute
from django.views.decorators.debug import sensitive_variables

MARK, MARK_LENGTH = "\x01", 33
"""What a secret that names its row begins with: the mark, then 32 letters. No token of any network begins like that."""


class UnreadableToken(Exception):
    """No key of ours opens it: keys lost, or a copy of the database without them. Nothing can be sent then."""


def key_ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])


class Unreadable(str):
    """Stands for a secret that no key opens, or that belongs elsewhere. It is empty, so nothing of it can leak or be sent;
    saving it keeps the column."""

    stored: str

    def __new__(cls, stored: str):
        value = super().__new__(cls, "")
        value.stored = stored
        return value


class _Sealed(str):
    """A secret with the row it belongs to (`seal`, empty: none is named), and the column's text where it came from there."""

    seal: str
    stored: str = ""

    def __new__(cls, value: str, seal: str, stored: str = ""):
        sealed = super().__new__(cls, value)
        sealed.seal, sealed.stored = seal, stored
        return sealed

    def __repr__(self) -> str:
        return "<secret>"


class _OfItsRow(DeferredAttribute):
    """Shows a secret only on the row that it was sealed for."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, _Sealed):
            return (
                str(value) if value.seal in ("", self.field.seal_of(instance)) else Unreadable(value.stored)
            )
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text whose column holds a Fernet token. It cannot be searched, and a value that no key opens reads as unreadable.

    `row` names the fields that say which row it is and never change; without them, and in `QuerySet.update`, no row is named.
    """

    descriptor_class = _OfItsRow

    def __init__(self, *args, row: tuple[str, ...] = (), **kwargs):
        self.row = row
        super().__init__(*args, **kwargs)

    def seal_of(self, instance) -> str:
        if not self.row:
            return ""
        names = [self.model._meta.label, self.attname, *(str(getattr(instance, name)) for name in self.row)]
        return hashlib.sha256("\0".join(names).encode()).hexdigest()[: MARK_LENGTH - 1]

    @sensitive_variables()
    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        if not value or isinstance(value, Unreadable) or not isinstance(value, str):
            return value
        return _Sealed(value, self.seal_of(model_instance))

    @sensitive_variables()
    def get_prep_value(self, value):
        if isinstance(value, Unreadable):
            return value.stored
        seal = value.seal if isinstance(value, _Sealed) else ""
        value = super().get_prep_value(value)
        if not value:
            return ""
        return key_ring().encrypt((f"{MARK}{seal}{value}" if seal else value).encode()).decode()

    @sensitive_variables()
    def from_db_value(self, value, expression, connection):
        if not value:
            return ""
        try:
            text = key_ring().decrypt(value.encode()).decode()
        except InvalidToken:
            return Unreadable(value)
        if text.startswith(MARK):
            return _Sealed(text[MARK_LENGTH:], text[1:MARK_LENGTH], value)
        return text


def rotate(model: type[models.Model], name: str) -> Counter:
    """Encrypt a column anew with the first key, row by row: how many were `rotated`, `current` already, `unreadable`.

    Each row is written only if it still holds what was read, so whoever writes a new token meanwhile is not undone.
    """
    newest, counts = Fernet(settings.TOKEN_KEYS[0]), Counter()
    stored = Cast(name, models.TextField())
    for pk in list(model._base_manager.exclude(**{name: ""}).values_list("pk", flat=True)):
        row = model._base_manager.filter(pk=pk).annotate(stored=stored)
        old = row.values_list("stored", flat=True).first()
        if not old:
            continue
        try:
            newest.decrypt(old.encode())
        except InvalidToken:
            try:
                new = key_ring().rotate(old.encode()).decode()
            except InvalidToken:
                counts["unreadable"] += 1
                continue
            as_it_is = models.Value(new, output_field=models.TextField())
            counts["rotated"] += row.filter(stored=old).update(**{name: as_it_is})
        else:
            counts["current"] += 1
    return counts
