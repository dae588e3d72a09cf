"""The school's pages on the networks, and the switch that stops everything."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..networks import get_network
from ..networks.base import Credentials, Network
from ..secrecy import EncryptedTextField, Unreadable, UnreadableToken


class NetworkName(models.TextChoices):
    LINKEDIN = "linkedin", "LinkedIn"


class Account(models.Model):
    """One page of the school on one network. It belongs to the school, never to a student."""

    network = models.SlugField(_("network"), choices=NetworkName.choices)
    name = models.CharField(_("name"), max_length=120)
    remote_id = models.CharField(
        _("identifier there"), max_length=200, help_text=_("For LinkedIn: urn:li:organization:…")
    )
    url = models.URLField(_("address of the page"), blank=True)
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    token = EncryptedTextField(_("token"), blank=True, editable=False)
    expires_at = models.DateTimeField(_("access ends at"), null=True, blank=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("connected by"),
    )
    connected_at = models.DateTimeField(_("connected at"), null=True, blank=True)
    needs_reconnect = models.BooleanField(_("must be connected again"), default=False)
    last_error = models.CharField(_("last trouble"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(
                "network",
                "remote_id",
                name="one_account_per_page",
                violation_error_message=_("This page is already connected."),
            )
        ]

    def __str__(self):
        return f"{self.get_network_display()} · {self.name}"

    @property
    def connector(self) -> Network:
        return get_network(self.network)

    @property
    def is_ready(self) -> bool:
        return bool(self.token) and not self.needs_reconnect

    def credentials(self) -> Credentials:
        """What the connector needs, by network. Raises UnreadableToken if no key opens the token."""
        if isinstance(self.token, Unreadable):
            raise UnreadableToken(str(self))
        prefix = self.network.upper()
        return Credentials(
            api_url=getattr(settings, f"{prefix}_API_URL"),
            token=self.token,
            remote_id=self.remote_id,
            version=getattr(settings, f"{prefix}_VERSION", ""),
        )


class Stop(models.Model):
    """While a stop runs, nothing leaves for any network. Who pressed it, who lifted it and why stay on record."""

    pressed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("pressed by")
    )
    pressed_at = models.DateTimeField(_("pressed at"), auto_now_add=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    reason = models.CharField(_("reason for lifting it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["-pressed_at"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), name="one_stop_at_a_time", condition=models.Q(lifted_at__isnull=True)
            )
        ]

    def __str__(self):
        return f"{self.pressed_at:%d/%m/%Y %H:%M}"

    @classmethod
    def is_on(cls) -> bool:
        return cls.objects.filter(lifted_at__isnull=True).exists()
