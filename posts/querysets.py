"""Sentences about posts and deliveries: whose they are, what waits for whom, what is due."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat


class PostQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see all, the comms group its promotion's, a student those about them."""
        if user.is_staff:
            return self
        return self.filter(Q(promotion__in=user.comms_promotion_ids) | is_about(user))

    def for_desk(self, user):
        """What the publications page lists: staff all, the comms group its promotion's."""
        return self if user.is_staff else self.filter(promotion__in=user.comms_promotion_ids)

    def on_calendar(self, begins: datetime, ends: datetime):
        """Of every promotion, what goes out or went out between these instants."""
        return (
            self.filter(publish_at__gte=begins, publish_at__lt=ends)
            .exclude(state="cancelled")
            .order_by("publish_at", "pk")
        )

    def undated(self, promotions):
        """Of these promotions, what is being prepared and has no moment yet."""
        return self.filter(
            publish_at__isnull=True, promotion__in=promotions, state__in=["draft", "to_sign", "in_review"]
        )

    def waiting_for_review(self):
        return self.filter(state="in_review")

    def to_be_signed_by(self, user):
        named = apps.get_model("posts", "Named").objects.filter(post=OuterRef("pk"), student__user=user)
        has_agreed = named.filter(agreed_version=OuterRef("version"))
        mine = Q(portrait__student__user=user) | Q(Exists(named)) & ~Q(Exists(has_agreed))
        return self.filter(mine, state="to_sign")

    def about(self, user):
        """Those of which this person is the student, or which name or show them."""
        return self.filter(is_about(user))


def is_about(user) -> Q:
    named = apps.get_model("posts", "Named").objects.filter(post=OuterRef("pk"), student__user=user)
    return Q(portrait__student__user=user) | Q(Exists(named))


class ProposalQuerySet(models.QuerySet):
    def at_hand(self, user):
        """Staff see all, the comms group its promotion's."""
        return self if user.is_staff else self.filter(student__promotion__in=user.comms_promotion_ids)

    def waiting_for(self, user):
        """Those that the comms group has to decide about."""
        return self.filter(state="sent", student__promotion__in=user.comms_promotion_ids)


def check_is_due(now: datetime) -> Q:
    """One without a time to look has none to wait for: no state is without a way out."""
    return Q(next_check_at__lte=now) | Q(next_check_at__isnull=True)


def account_stops():
    """The stops that run now for the page of the outer query's delivery, or for all."""
    stops = apps.get_model("posts", "Stop").objects
    mine = Q(account=OuterRef("account")) | Q(account__isnull=True)
    return stops.filter(mine, lifted_at__isnull=True)


class DeliveryQuerySet(models.QuerySet):
    def for_desk(self, user):
        return self if user.is_staff else self.filter(post__promotion__in=user.comms_promotion_ids)

    def due(self, now: datetime):
        """Waiting, its time has come, still useful; its page is connected, well, not stopped, and not just spoken to."""
        return self.filter(
            Q(account__not_before__isnull=True) | Q(account__not_before__lte=now),
            Q(account__expires_at__isnull=True) | Q(account__expires_at__gt=now),
            ~Exists(account_stops()),
            state__in=["scheduled", "retry_wait"],
            due_at__lte=now,
            latest_useful_at__gt=now,
            account__needs_reconnect=False,
            account__breaker_until__isnull=True,
        )

    def misnamed(self):
        """Waiting to leave with a card on which somebody, or their promotion, has a name that is not theirs any more."""
        student = "post__portrait__student__"
        names = Concat(
            F(f"{student}first_name"),
            Value(" "),
            F(f"{student}last_name"),
            Value(" · "),
            F(f"{student}promotion__name"),
            output_field=models.TextField(),
        )
        waiting = self.filter(state__in=["scheduled", "retry_wait", "held"], card__isnull=False)
        return waiting.exclude(card__names=names)

    def overdue(self, now: datetime):
        return self.filter(state__in=["scheduled", "retry_wait", "held"], latest_useful_at__lte=now)

    def abandoned(self, now: datetime):
        """Claimed by a worker whose lease ran out: it died, or froze."""
        return self.filter(state__in=["preparing", "sending", "checking"], lease_until__lte=now)

    def to_look_for(self, now: datetime):
        return self.filter(check_is_due(now), state="uncertain")

    def to_confirm(self, now: datetime):
        return self.filter(state="published", next_check_at__lte=now, confirmed_at__isnull=True)

    def to_take_down(self, now: datetime):
        return self.filter(check_is_due(now), state="withdrawing")

    def asking(self):
        """What a person must look at: nobody knows; or refused or too late, while nothing newer has taken its place."""
        unknown = Q(state__in=["needs_person", "uncertain", "checking", "held"])
        not_out = Q(state__in=["failed", "expired"], post_version=F("post__version"))
        is_over = Q(post__state="cancelled") | Q(post__portrait__state="withdrawn")
        return self.filter(unknown | (not_out & ~is_over)).exclude(
            not_out, post__portrait__posts__pk__gt=F("post_id")
        )

    def awaiting_someone(self):
        """Of these, what waits for a person's word; the rest is still being looked for by itself."""
        return self.asking().exclude(state__in=["uncertain", "checking"])

    def left_since(self, moment: datetime):
        """What came online since then, and what may have: it is on the wire or has been lost sight of."""
        online = Q(state__in=["published", "withdrawing", "withdrawn"], published_at__gte=moment)
        maybe = Q(state__in=["sending", "uncertain", "checking"], attempts__intent_at__gte=moment)
        return self.filter(online | maybe).distinct()
