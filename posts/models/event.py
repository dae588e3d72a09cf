"""What the school lives through and writes about, and who reads the calendar in a programme of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion, hashtag


class Event(models.Model):
    """An event, on the calendar of both groups. Without a promotion it concerns the whole school."""

    name = models.CharField(_("name"), max_length=120)
    promotion = models.ForeignKey(
        Promotion,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("promotion"),
        help_text=_("Leave it empty where the whole school is concerned."),
    )
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    hashtag = models.CharField(_("hashtag"), max_length=60, blank=True, validators=[hashtag])
    link = models.URLField(_("link"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_it_starts",
                violation_error_message=_("An event ends after it begins: check the two moments."),
            )
        ]
        indexes = [models.Index("starts_at", "ends_at", name="event_times")]

    def __str__(self):
        return self.name


class CalendarFeed(models.Model):
    """Somebody’s own address of the calendar. The address names the number: the next number ends the one before."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed", verbose_name=_("whose")
    )
    number = models.PositiveIntegerField(_("number"), default=1)
    read_at = models.DateTimeField(_("last read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return str(self.user)
