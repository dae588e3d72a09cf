"""A page on its way to being connected, and when each connected page is next looked after."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..networks.base import Choice
from ..secrecy import EncryptedTextField
from .account import Account, NetworkName

LIFE = timedelta(minutes=10)
"""From the button to the way back from the network, and from there to the chosen page."""


class Connection(models.Model):
    """Begun by a member of staff, in one session, until the page is chosen: then it is deleted, as it is once it is old.

    `state` is known to that person's browser and to the network; only its digest is kept. What the network gave stands
    in `grant` (JSON) until the page is chosen.
    """

    network = models.SlugField(_("network"), choices=NetworkName.choices)
    api_url = models.URLField(_("address of its server"), blank=True)
    state_digest = models.CharField(max_length=64, unique=True, editable=False)
    session_digest = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("begun by")
    )
    begun_at = models.DateTimeField(_("begun at"))
    returned_at = models.DateTimeField(_("came back at"), null=True, blank=True)

    verifier = EncryptedTextField(row=("state_digest",), blank=True, editable=False)
    client_id = EncryptedTextField(row=("state_digest",), blank=True, editable=False)
    client_secret = EncryptedTextField(row=("state_digest",), blank=True, editable=False)
    grant = EncryptedTextField(row=("state_digest",), blank=True, editable=False)

    class Meta:
        verbose_name = _("connection that was begun")
        verbose_name_plural = _("connections that were begun")
        ordering = ["-begun_at"]

    def __str__(self):
        return f"{self.get_network_display()} · {self.begun_at:%d/%m/%Y %H:%M}"

    @property
    def choices(self) -> list[Choice]:
        """The pages that the grant reaches, once it came back."""
        return [Choice(**choice) for choice in json.loads(self.grant or "{}").get("choices", [])]


class Upkeep(models.Model):
    """When an account's access is next to be renewed, and when it is next looked at. One row an account."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="upkeep")
    renew_at = models.DateTimeField(_("to be renewed at"), null=True, blank=True, db_index=True)
    look_at = models.DateTimeField(_("to be looked at"), null=True, blank=True, db_index=True)
    warning = models.CharField(_("what staff should know"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("upkeep of an account")
        verbose_name_plural = _("upkeep of accounts")

    def __str__(self):
        return str(self.account)


def digest(secret: str) -> str:
    """What is kept of a state or of a session's key."""
    return hashlib.sha256(secret.encode()).hexdigest()
