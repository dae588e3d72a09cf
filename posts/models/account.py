"""The school's pages on the networks, and the switch that stops everything."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..networks import get_network
from ..networks.base import App, Credentials, Limits, Network, limits_with
from ..secrecy import EncryptedTextField, Unreadable, UnreadableToken

ROW = ("network", "remote_id", "api_url")
"""What says which page it is. A token belongs to exactly that one."""


class NetworkName(models.TextChoices):
    LINKEDIN = "linkedin", "LinkedIn"
    FACEBOOK = "facebook", "Facebook"
    X = "x", "X"
    MASTODON = "mastodon", "Mastodon"
    BLUESKY = "bluesky", "Bluesky"


class Account(models.Model):
    """One page of the school on one network. It belongs to the school, never to a student."""

    network = models.SlugField(_("network"), choices=NetworkName.choices)
    name = models.CharField(_("name"), max_length=120)
    remote_id = models.CharField(
        _("identifier there"), max_length=200, help_text=_("For LinkedIn: urn:li:organization:…")
    )
    handle = models.CharField(_("handle"), max_length=200, blank=True)
    url = models.URLField(_("address of the page"), blank=True)
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    api_url = models.URLField(
        _("address of its server"), blank=True, help_text=_("Mastodon and Bluesky only: https://…")
    )
    limits_there = models.JSONField(_("limits of its server"), default=dict, blank=True, editable=False)

    token = EncryptedTextField(_("token"), row=ROW, blank=True, editable=False)
    refresh_token = EncryptedTextField(_("refresh token"), row=ROW, blank=True, editable=False)
    expires_at = models.DateTimeField(_("access ends at"), null=True, blank=True)
    refresh_expires_at = models.DateTimeField(_("access can be renewed until"), null=True, blank=True)
    scopes = models.TextField(_("what we may do there"), blank=True, editable=False)
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
    last_read_at = models.DateTimeField(_("last answered at"), null=True, blank=True, editable=False)
    version_there = models.CharField(_("version that answered"), max_length=40, blank=True, editable=False)
    warned_days = models.PositiveSmallIntegerField(
        _("last warning, days before the end"), null=True, blank=True, editable=False
    )
    renewing_until = models.DateTimeField(_("being renewed until"), null=True, blank=True, editable=False)

    not_before = models.DateTimeField(_("nothing leaves before"), null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    breaker_until = models.DateTimeField(_("resting until"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(
                "network",
                "remote_id",
                "api_url",
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
    def limits(self) -> Limits:
        """What this page may hold: the network's rule, or what its server says."""
        return limits_with(self.connector.limits, self.limits_there)

    @property
    def is_ready(self) -> bool:
        return bool(self.token) and not self.needs_reconnect

    def credentials(self) -> Credentials:
        """What the connector needs, by network. Raises UnreadableToken if no key opens the token."""
        if isinstance(self.token, Unreadable):
            raise UnreadableToken(str(self))
        app = app_of(self.network, self.api_url)
        return Credentials(
            api_url=app.api_url,
            token=self.token,
            remote_id=self.remote_id,
            version=app.version,
            app_secret=app.client_secret,
            is_public=app.is_public,
        )


def app_of(network: str, api_url: str = "") -> App:
    """Our program on that network, from the settings; `api_url` where each account has its own server.

    Only an address that an account names must be one of the open internet; the rehearsal's never need be.
    """
    prefix = network.upper()
    configured = getattr(settings, f"{prefix}_API_URL", "")
    return App(
        api_url=api_url or configured,
        oauth_url=getattr(settings, f"{prefix}_OAUTH_URL", "") or api_url,
        client_id=getattr(settings, f"{prefix}_CLIENT_ID", ""),
        client_secret=getattr(settings, f"{prefix}_CLIENT_SECRET", ""),
        redirect_uri=f"{settings.PUBLIC_URL}/comptes/{network}/retour/",
        version=getattr(settings, f"{prefix}_VERSION", ""),
        is_public=bool(api_url) and not api_url.startswith(f"{settings.REHEARSAL_URL}/"),
    )


class Stop(models.Model):
    """While a stop runs, nothing leaves for its page, or for any page. Who pressed it, who lifted it and why stay on record."""

    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="stops", verbose_name=_("page"),
        help_text=_("None: everything is stopped."),
    )  # fmt: skip
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
                models.functions.Coalesce("account", 0),
                name="one_stop_at_a_time",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.pressed_at:%d/%m/%Y %H:%M}"

    @classmethod
    def is_on(cls, account_id: int | None = None) -> bool:
        """Is everything stopped, or this page?"""
        mine = models.Q(account__isnull=True)
        if account_id is not None:
            mine |= models.Q(account=account_id)
        return cls.objects.filter(mine, lifted_at__isnull=True).exists()
