"""Consent as proof: who allowed which words and photo, where, until when, in which terms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import querysets


class Place(models.TextChoices):
    """Where a portrait can appear. Each is asked for by itself, none is ticked beforehand."""

    GALLERY = "gallery", _("the school’s public gallery")
    LINKEDIN = "linkedin", "LinkedIn"
    FACEBOOK = "facebook", "Facebook"
    X = "x", "X"
    BLUESKY = "bluesky", "Bluesky"
    MASTODON = "mastodon", "Mastodon"


class Consent(models.Model):
    """One person's agreement to one version. Never edited: a new agreement is a new row, an end is dated and explained."""

    class End(models.TextChoices):
        REPLACED = "replaced", _("replaced by a newer one")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("its time was over")
        PHOTO = "photo", _("somebody else in the photo did not agree")

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="consents", verbose_name=_("portrait")
    )
    version = models.ForeignKey(
        "PortraitVersion", models.RESTRICT, related_name="consents", verbose_name=_("version")
    )
    fingerprint = models.CharField(_("fingerprint of what was shown"), max_length=64)
    gallery = models.BooleanField(Place.GALLERY.label)
    linkedin = models.BooleanField("LinkedIn")
    facebook = models.BooleanField("Facebook")
    x = models.BooleanField("X")
    bluesky = models.BooleanField("Bluesky")
    mastodon = models.BooleanField("Mastodon")
    until = models.DateField(_("until"))
    terms = models.TextField(_("terms shown"), help_text=_("The exact sentences that stood on the screen."))
    language = models.CharField(_("language of the screen"), max_length=5)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    signed_in_with = models.CharField(_("proof of identity"), max_length=120)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded of its end at"), null=True, blank=True, editable=False)
    end = models.SlugField(_("why it ended"), choices=End.choices, blank=True)
    ended_with = models.CharField(_("proof of identity at its end"), max_length=120, blank=True)

    objects = querysets.ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                "portrait", name="one_running_consent", condition=models.Q(ended_at__isnull=True)
            )
        ]

    def __str__(self):
        return f"{self.portrait_id} v{self.version_id}"

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None

    @property
    def places(self) -> list[Place]:
        return [place for place in Place if getattr(self, place.value)]

    def allows(self, place: str) -> bool:
        """It runs today and names this place."""
        return (
            self.ended_at is None and self.until >= timezone.localdate() and bool(getattr(self, place, False))
        )
