"""Somebody let a post pass although a rule was against it, and said why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .post import Post


class Exemption(models.Model):
    """`rule` and `about` are those of the ruling (posts/rulings.py). Never changed and never deleted while the post is there."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="exemptions", verbose_name=_("post"))
    rule = models.SlugField(_("rule"))
    about = models.CharField(_("about"), max_length=100, blank=True)
    said = models.TextField(_("what was against it"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("allowed by")
    )
    at = models.DateTimeField(_("allowed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        ordering = ["at"]
        constraints = [models.UniqueConstraint("post", "rule", "about", name="one_exemption_per_ruling")]

    def __str__(self):
        return f"{self.post} · {self.rule}"
