"""How students are chased kindly: the promotion's rhythm, the reminders that wait for a human, who spoke to whom and how."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion
from inet_comms.lifecycle import Arrow, BaseMove

from .. import querysets

MOST_NUDGES = 3


class Rhythm(models.Model):
    """How often a promotion's comms group lets its classmates be reminded. Without a row, or off: never by itself."""

    promotion = models.OneToOneField(
        Promotion, models.CASCADE, related_name="rhythm", verbose_name=_("promotion")
    )
    is_on = models.BooleanField(_("reminders are prepared"), default=False)
    every_days = models.PositiveSmallIntegerField(
        _("days between two reminders"), default=5, validators=[MinValueValidator(2), MaxValueValidator(30)]
    )
    at_most = models.PositiveSmallIntegerField(
        _("reminders at most"),
        default=MOST_NUDGES,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_NUDGES)],
    )
    looked_at = models.DateTimeField(
        _("last looked for what to prepare"), null=True, blank=True, editable=False
    )
    told_on = models.DateField(_("group told of reminders to read"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("rhythm of reminders")
        verbose_name_plural = _("rhythms of reminders")

    def __str__(self):
        return str(self.promotion)


class QuietPeriod(models.Model):
    """Days on which nobody of the promotion is reminded: exams, the first week of an internship, holidays."""

    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="quiet_periods", verbose_name=_("promotion")
    )
    label = models.CharField(_("what for"), max_length=80)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("period without reminders")
        verbose_name_plural = _("periods without reminders")
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="quiet_ends_after_it_starts")
        ]

    def __str__(self):
        return self.label


class Nudge(models.Model):
    """One reminder: one missing thing, one action. The first to a person leaves only after a human has read it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("to be read")
        READY = "ready", _("leaves by itself")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not leave")
        CANCELLED = "cancelled", _("cancelled")

    MOVES = {
        "approve": Arrow((State.PROPOSED,), State.READY),
        "cancel": Arrow((State.PROPOSED, State.READY), State.CANCELLED),
        "call_off": Arrow((State.PROPOSED, State.READY), State.CANCELLED, clock=True),
        "claim": Arrow((State.READY,), State.SENDING, clock=True),
        "give_back": Arrow((State.SENDING,), State.READY, clock=True),
        "settle": Arrow((State.SENDING,), State.SENT, clock=True),
        "fail": Arrow((State.SENDING,), State.FAILED, clock=True),
        "say_it_left": Arrow((State.SENDING,), State.SENT),
        "say_it_did_not_leave": Arrow((State.SENDING,), State.FAILED),
    }
    OPEN = (State.PROPOSED, State.READY)
    WAITING = (*OPEN, State.SENDING)
    UNSURE_AFTER = timedelta(minutes=10)
    """A mail leaves within seconds: what is still leaving after that was lost sight of."""

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="nudges", verbose_name=_("portrait")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    about = models.SlugField(_("about"), max_length=30)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"))
    state = models.SlugField(_("state"), choices=State.choices, default=State.PROPOSED, editable=False)
    due_at = models.DateTimeField(_("leaves at"))
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("read by"),
    )
    claimed_at = models.DateTimeField(_("began to leave at"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("settled at"), null=True, blank=True, editable=False)
    failure = models.CharField(_("why it could not leave"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("prepared at"), auto_now_add=True)

    objects = querysets.NudgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "portrait",
                name="one_waiting_nudge_per_portrait",
                condition=Q(state__in=["proposed", "ready", "sending"]),
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def fingerprint(self) -> str:
        """Of the words: whoever lets a reminder leave says which words they have read."""
        return hashlib.sha256(f"{self.subject}\n{self.text}".encode()).hexdigest()[:16]

    def is_unsure(self, now: datetime) -> bool:
        """Nobody knows whether it left: the answer was lost, or whoever sent it is gone."""
        return self.state == self.State.SENDING and (
            bool(self.failure) or self.claimed_at is None or self.claimed_at < now - self.UNSURE_AFTER
        )


class NudgeMove(BaseMove):
    record = models.ForeignKey(Nudge, models.CASCADE, related_name="moves", verbose_name=_("reminder"))

    class Meta(BaseMove.Meta):
        verbose_name = _("step of a reminder")
        verbose_name_plural = _("steps of reminders")


class Contact(models.Model):
    """Someone of the group spoke to the student, or wrote to them: when, by which means."""

    class Means(models.TextChoices):
        MAIL = "mail", _("mail")
        SMS = "sms", _("text message")
        WHATSAPP = "whatsapp", "WhatsApp"
        PHONE = "phone", _("telephone")
        IN_PERSON = "in_person", _("in person")

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="contacts", verbose_name=_("portrait")
    )
    means = models.SlugField(_("by which means"), choices=Means.choices)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.get_means_display()


class ResumeLink(models.Model):
    """A link in a mail that signs the student in, once, and opens what is missing. Only its fingerprint is kept."""

    LIVES = timedelta(days=14)

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="resume_links", verbose_name=_("portrait")
    )
    digest = models.CharField(_("fingerprint of the link"), max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")

    def __str__(self):
        return str(self.portrait_id)

    @classmethod
    def make(cls, portrait) -> str:
        """The path of a new link; nobody can read it again later."""
        token = secrets.token_urlsafe(16)
        cls.objects.create(portrait=portrait, digest=cls.digest_of(token))
        return reverse("resume", args=[token])

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_over(self) -> bool:
        return self.used_at is not None or self.made_at < timezone.now() - self.LIVES
