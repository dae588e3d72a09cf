"""Sentences about portraits: who sees which, which are on the public's screen, which wait for whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class PortraitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see all, the comms group its promotion's, a student their own."""
        if user.is_staff:
            return self
        return self.filter(Q(student__promotion__in=user.comms_promotion_ids) | Q(student__user=user))

    def editable_by(self, user):
        """The portraits of the promotions whose comms group this person is in today."""
        return self.filter(student__promotion__in=user.comms_promotion_ids)

    def online(self):
        """What anyone may see: a version is online and the consent still allows the gallery today."""
        return self.filter(
            online__isnull=False,
            consent__gallery=True,
            consent__ended_at__isnull=True,
            consent__until__gte=timezone.localdate(),
        )

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def lapsed(self, day):
        """Consent ran out before that day, though nobody has said so yet."""
        return self.filter(consent__until__lt=day)
