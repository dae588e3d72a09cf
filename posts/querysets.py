"""Sentences about posts and deliveries: whose they are, what waits for whom, what is due."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class PostQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see all, the comms group its promotion's, a student those about them."""
        if user.is_staff:
            return self
        return self.filter(Q(promotion__in=user.comms_promotion_ids) | Q(portrait__student__user=user))

    def for_desk(self, user):
        """What the publications page lists: staff all, the comms group its promotion's."""
        return self if user.is_staff else self.filter(promotion__in=user.comms_promotion_ids)

    def waiting_for_review(self):
        return self.filter(state="in_review")

    def to_be_signed_by(self, user):
        return self.filter(state="to_sign", portrait__student__user=user)


class DeliveryQuerySet(models.QuerySet):
    def for_desk(self, user):
        return self if user.is_staff else self.filter(post__promotion__in=user.comms_promotion_ids)

    def due(self, now: datetime):
        """Waiting, its time has come, still useful, and its page is connected."""
        return self.filter(
            state__in=["scheduled", "retry_wait"],
            due_at__lte=now,
            latest_useful_at__gt=now,
            account__needs_reconnect=False,
        )

    def overdue(self, now: datetime):
        return self.filter(state__in=["scheduled", "retry_wait"], latest_useful_at__lte=now)

    def abandoned(self, now: datetime):
        """Claimed by a worker whose lease ran out: it died, or froze."""
        return self.filter(state__in=["preparing", "sending"], lease_until__lte=now)

    def to_look_for(self, now: datetime):
        return self.filter(state="uncertain", next_check_at__lte=now)

    def to_take_down(self, now: datetime):
        return self.filter(state="withdrawing", next_check_at__lte=now)

    def asking(self):
        """What a person must look at: nobody knows; or refused or too late, while nothing newer has taken its place."""
        unknown = Q(state__in=["needs_person", "uncertain"])
        not_out = Q(state__in=["failed", "expired"], post_version=F("post__version"))
        is_over = Q(post__state="cancelled") | Q(post__portrait__state="withdrawn")
        return self.filter(unknown | (not_out & ~is_over)).exclude(
            not_out, post__portrait__posts__pk__gt=F("post_id")
        )
