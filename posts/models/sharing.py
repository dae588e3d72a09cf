"""How two promotions share the school's pages: each one's share, the weekly slots, and what becomes of a slot on one day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion

from .account import Account
from .post import Kind, Post

WHOLE = 100


class Weekday(models.IntegerChoices):
    """As `date.weekday()` counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class SharedPeriod(models.Model):
    """Days, both ends included, on which promotions share a page, each to the percentage that stands in its shares."""

    account = models.ForeignKey(
        Account, models.CASCADE, related_name="shared_periods", verbose_name=_("page")
    )
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("sharing of a page")
        verbose_name_plural = _("sharing of the pages")
        ordering = ["account", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="shared_period_ends_after_it_starts",
                violation_error_message=_("The last day comes after the first: check the two dates."),
            )
        ]

    def __str__(self):
        return f"{self.account} · {self.starts:%d/%m/%Y} → {self.ends:%d/%m/%Y}"

    def clean(self):
        super().clean()
        if None in (self.account_id, self.starts, self.ends):
            return
        others = SharedPeriod.objects.filter(
            account=self.account_id, starts__lte=self.ends, ends__gte=self.starts
        )
        if found := others.exclude(pk=self.pk).first():
            raise ValidationError(
                _(
                    "From %(first)s to %(last)s this page is shared already: choose days outside, or change that one."
                ),
                params={"first": f"{found.starts:%d/%m/%Y}", "last": f"{found.ends:%d/%m/%Y}"},
                code="shared-already",
            )


class Share(models.Model):
    """What part of a page's posts is one promotion's. The shares of a period make a hundred together."""

    period = models.ForeignKey(
        SharedPeriod, models.CASCADE, related_name="shares", verbose_name=_("sharing of a page")
    )
    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="shares", verbose_name=_("promotion")
    )
    percent = models.PositiveSmallIntegerField(_("share in percent"), validators=[MaxValueValidator(WHOLE)])

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["period", "promotion__starts", "promotion"]
        constraints = [
            models.UniqueConstraint("period", "promotion", name="one_share_per_promotion"),
            models.CheckConstraint(condition=Q(percent__lte=WHOLE), name="share_is_at_most_the_whole"),
        ]

    def __str__(self):
        return f"{self.promotion} · {self.percent} %"


class Slot(models.Model):
    """A time of the week on one page, kept for one kind of post of one promotion."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="slots", verbose_name=_("page"))
    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="slots", verbose_name=_("promotion")
    )
    kind = models.SlugField(_("kind"), choices=Kind.choices, default=Kind.PORTRAIT)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    time = models.TimeField(_("time"), help_text=_("Paris time, summer and winter."))
    starts = models.DateField(_("from"), default=timezone.localdate)
    ends = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day. Empty: until the promotion leaves.")
    )

    class Meta:
        verbose_name = _("weekly slot")
        verbose_name_plural = _("weekly slots")
        ordering = ["account", "weekday", "time", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="slot_ends_after_it_starts",
                violation_error_message=_("The last day comes after the first: check the two dates."),
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="slot_is_on_a_weekday"),
            models.UniqueConstraint(
                "account",
                "weekday",
                "time",
                "starts",
                name="one_slot_at_a_time",
                violation_error_message=_("There is a slot at this time on this page already."),
            ),
        ]

    def __str__(self):
        return f"{self.account} · {self.get_weekday_display()} {self.time:%H:%M}"

    @property
    def last(self) -> date:
        """Its last day: a promotion that has left has no slot any more."""
        return min(self.ends, self.promotion.ends) if self.ends else self.promotion.ends

    def runs_on(self, day: date) -> bool:
        return day.weekday() == self.weekday and self.starts <= day <= self.last

    def moment(self, day: date) -> datetime:
        """The instant of this slot on that day, in UTC: a time that comes twice is equal to no other where zones are compared.

        In the hour that the clocks leave out it is the first minute after it, in the one that comes twice the first time.
        """
        zone = timezone.get_default_timezone()
        wall = datetime.combine(day, self.time)
        while True:
            instant = wall.replace(tzinfo=zone).astimezone(UTC)
            # There and back, a time that the clocks leave out is found to be another one.
            if instant.astimezone(zone).replace(tzinfo=None) == wall:
                return instant
            wall += timedelta(minutes=1)

    def clean(self):
        super().clean()
        if None in (self.account_id, self.promotion_id, self.weekday, self.time, self.starts):
            return
        ends = Q(ends__isnull=True) | Q(ends__gte=self.starts)
        others = Slot.objects.filter(ends, account=self.account_id, weekday=self.weekday, time=self.time)
        others = others.exclude(pk=self.pk).filter(starts__lte=self.last).select_related("promotion")
        if any(other.last >= self.starts for other in others):
            raise ValidationError(
                _(
                    "There is a slot at this time on this page already: choose another time, or end that one first."
                ),
                code="slot-already",
            )


class SlotDay(models.Model):
    """What is not as usual with a slot on one day: it was ceded to the other promotion, or a post has taken it."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="days", verbose_name=_("weekly slot"))
    day = models.DateField(_("day"))
    ceded_to = models.ForeignKey(
        Promotion,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="slots_ceded",
        verbose_name=_("ceded to"),
    )
    ceded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ceded by"),
    )
    ceded_at = models.DateTimeField(_("ceded at"), null=True, blank=True)
    post = models.ForeignKey(
        Post, models.CASCADE, null=True, blank=True, related_name="slot_days", verbose_name=_("taken by")
    )

    class Meta:
        verbose_name = _("day of a slot")
        verbose_name_plural = _("days of slots")
        ordering = ["day", "slot"]
        constraints = [models.UniqueConstraint("slot", "day", name="one_row_per_slot_and_day")]

    def __str__(self):
        return f"{self.slot} · {self.day:%d/%m/%Y}"
