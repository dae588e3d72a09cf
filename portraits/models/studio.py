"""What people do together on one portrait before a version is made: working copies, who is there, remarks."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import querysets


class WorkingCopy(models.Model):
    """What one person has typed in the studio and not yet saved as a version. `read` is the version they began from."""

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="working_copies", verbose_name=_("portrait")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by"))
    read = models.PositiveIntegerField(_("version they read"))
    words = models.JSONField(_("words"), default=dict)
    at = models.DateTimeField(_("at"), auto_now=True)

    class Meta:
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        constraints = [models.UniqueConstraint("portrait", "by", name="one_working_copy_per_person")]

    def __str__(self):
        return f"{self.portrait_id}: {self.by_id}"


class Presence(models.Model):
    """One person has the studio of one portrait open, as of `seen_at`."""

    ENDS_AFTER = timedelta(seconds=45)
    """Who was not heard of for so long is not announced any more: three beats missed."""

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="presences", verbose_name=_("portrait")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    seen_at = models.DateTimeField(_("seen at"))
    is_typing = models.BooleanField(_("is typing"), default=False)

    objects = querysets.PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint("portrait", "user", name="one_presence_per_person")]

    def __str__(self):
        return f"{self.portrait_id}: {self.user_id}"


class Remark(models.Model):
    """A remark on a passage of one version, for the group only or for the student too.

    `start` and `end` count characters of the field at `version`; with each edit the anchor moves along, as long as the
    passage still stands there (anchors.py).
    """

    class Field(models.TextChoices):
        TEXT = "text", _("Text")
        TITLE = "title", _("Title")
        QUOTE = "quote", _("Quote")
        ALT_TEXT = "alt_text", _("Description of the photo")
        PHOTO = "photo", _("Photo")
        WHOLE = "whole", _("The whole portrait")

    WORDS = (Field.TITLE, Field.QUOTE, Field.TEXT, Field.ALT_TEXT)
    LIMIT = 1000
    """Characters of a remark, and of an answer to one."""

    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="remarks", verbose_name=_("portrait")
    )
    version = models.PositiveIntegerField(_("version"))
    field = models.SlugField(_("field"), max_length=20, choices=Field.choices)
    start = models.PositiveIntegerField(_("from"))
    end = models.PositiveIntegerField(_("to"))
    passage = models.TextField(_("passage"), blank=True)
    text = models.TextField(_("remark"))
    is_internal = models.BooleanField(_("for the group only"), default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )

    objects = querysets.RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.text[:60]

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class RemarkAnswer(models.Model):
    """What somebody answers to a remark: the group, or the student where they may read it."""

    remark = models.ForeignKey(Remark, models.CASCADE, related_name="answers", verbose_name=_("remark"))
    text = models.TextField(_("answer"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("answer to a remark")
        verbose_name_plural = _("answers to remarks")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.text[:60]
