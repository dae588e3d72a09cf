"""What the school lives through and writes about, and who reads the calendar in a programme of their own."""

from __future__ import annotations

from datetime import date, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion, hashtag
from inet_comms.moments import said, said_day, said_time


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
    uid = models.CharField(
        _("identifier in the file it came from"), max_length=255, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_it_starts",
                violation_error_message=_("An event ends after it begins: check the two moments."),
            ),
            models.UniqueConstraint("uid", name="event_uid", condition=~Q(uid="")),
        ]
        indexes = [models.Index("starts_at", "ends_at", name="event_times")]

    def __str__(self):
        return self.name

    @property
    def first_day(self) -> date:
        return timezone.localdate(self.starts_at)

    @property
    def last_day(self) -> date:
        return timezone.localdate(self.ends_at - timedelta(microseconds=1))

    @property
    def is_all_day(self) -> bool:
        return all(timezone.localtime(moment).time() == time.min for moment in (self.starts_at, self.ends_at))

    @property
    def when(self) -> str:
        """From when to when, in words; of a single day without naming it."""
        first = self.first_day
        if self.is_all_day and first == self.last_day:
            return gettext("all day")
        if first == self.last_day:
            hours = {"first": said_time(self.starts_at), "last": said_time(self.ends_at)}
            return gettext("%(first)s to %(last)s") % hours
        if self.is_all_day:
            days = {"first": said_day(first), "last": said_day(self.last_day)}
        else:
            days = {"first": said(self.starts_at), "last": said(self.ends_at)}
        return gettext("from %(first)s to %(last)s") % days

    @property
    def dated(self) -> str:
        """The day and when, in words."""
        if self.first_day == self.last_day:
            return f"{said_day(self.first_day)}, {self.when}"
        return self.when

    @property
    def whose(self) -> str:
        return str(self.promotion or gettext("the whole school"))


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
