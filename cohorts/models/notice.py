"""How people wish to be told, what they are told with the next summary, and which summaries were sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..kinds import How


class Preference(models.Model):
    """What one person chose for one kind. Without a row, the kind's own default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences", verbose_name=_("person")
    )
    kind = models.SlugField(_("kind"), max_length=20)
    how = models.SlugField(_("how"), max_length=10, choices=How.choices)

    class Meta:
        verbose_name = _("notification setting")
        verbose_name_plural = _("notification settings")
        constraints = [models.UniqueConstraint("user", "kind", name="one_preference_per_kind")]

    def __str__(self):
        return f"{self.user_id}: {self.kind} {self.how}"


class Digest(models.Model):
    """One person's summary of one day: the row is written before the mail leaves, so that none leaves twice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", verbose_name=_("person")
    )
    day = models.DateField(_("day"))
    begun_at = models.DateTimeField(_("begun at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failure = models.CharField(_("why it could not leave"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("summary")
        verbose_name_plural = _("summaries")
        constraints = [models.UniqueConstraint("user", "day", name="one_digest_per_person_and_day")]

    def __str__(self):
        return f"{self.user_id}: {self.day}"


class Notice(models.Model):
    """Something that one person is told with their next summary, since nothing about it waits for them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("person")
    )
    kind = models.SlugField(_("kind"), max_length=20)
    sentence = models.CharField(_("sentence"), max_length=300)
    at = models.DateTimeField(_("at"), default=timezone.now)
    digest = models.ForeignKey(
        Digest, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("summary")
    )

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")
        ordering = ["at", "pk"]
        indexes = [
            models.Index("user", name="notice_untold", condition=models.Q(digest__isnull=True)),
        ]

    def __str__(self):
        return self.sentence
