"""Who else can be recognised in a photo: each is tied to it, and each must agree."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import Student

from .. import querysets


class Appearance(models.Model):
    """One student who can be recognised in someone else's photo. Tied to the master, so that every frame of it counts.

    What they answered stays as proof, with the sentences that they read: an agreement that is taken back is dated, not undone.
    """

    class Answer(models.TextChoices):
        ASKED = "asked", _("has not answered yet")
        AGREED = "agreed", _("agrees")
        REFUSED = "refused", _("does not agree")
        NOT_ME = "not_me", _("is not in it")

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="appearances", verbose_name=_("portrait")
    )
    source_sha256 = models.CharField(_("fingerprint of the photo"), max_length=64, db_index=True)
    student = models.ForeignKey(
        Student, models.CASCADE, related_name="appearances", verbose_name=_("student")
    )
    answer = models.SlugField(_("answer"), choices=Answer.choices, default=Answer.ASKED, editable=False)
    terms = models.TextField(_("terms shown"), blank=True)
    language = models.CharField(_("language of the screen"), max_length=5, blank=True)
    answered_with = models.CharField(_("proof of identity"), max_length=120, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    ended_with = models.CharField(_("proof of identity at its end"), max_length=120, blank=True)

    objects = querysets.AppearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in a photo")
        verbose_name_plural = _("people in photos")
        ordering = ["student__last_name", "student__first_name"]
        constraints = [
            models.UniqueConstraint(
                "portrait", "source_sha256", "student", name="one_appearance_per_photo_and_person"
            ),
            models.CheckConstraint(
                condition=~Q(answer="agreed") | ~Q(terms=""), name="agreed_means_terms_were_shown"
            ),
        ]

    def __str__(self):
        return str(self.student)

    @property
    def is_awaited(self) -> bool:
        return self.answer == self.Answer.ASKED

    @property
    def runs(self) -> bool:
        """They agreed, and have not taken it back."""
        return self.answer == self.Answer.AGREED and self.ended_at is None

    @property
    def holds_back(self) -> bool:
        """The same as `standing()` says of rows: not answered yet, refused, or taken back."""
        return self.answer in (self.Answer.ASKED, self.Answer.REFUSED) or self.ended_at is not None

    @property
    def said(self):
        """Their answer as it stands today, in words."""
        return _("has taken it back") if self.ended_at else self.get_answer_display()

    @property
    def tone(self) -> str:
        if self.is_awaited:
            return "amber"
        return "green" if self.runs else "grey" if self.answer == self.Answer.NOT_ME else "red"
