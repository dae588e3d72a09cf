"""Sentences about portraits: who sees which, which are on the public's screen, which wait for whom."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.models import F, FilteredRelation, Prefetch, Q
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

    def with_kept_words(self, user):
        """With what this person has typed in the studio and not saved: kept_read is None where there is nothing."""
        mine = FilteredRelation("working_copies", condition=Q(working_copies__by=user))
        return self.annotate(mine=mine).annotate(
            kept_read=F("mine__read"), kept_words=F("mine__words"), kept_at=F("mine__at")
        )

    def newest_first(self):
        return self.order_by("-published_at", "-pk")

    def lapsed(self, day):
        """Consent ran out before that day, though nobody has said so yet."""
        return self.filter(consent__until__lt=day)


class ConsentQuerySet(models.QuerySet):
    def ending(self, until):
        """Running, with its last day not later than that day."""
        return self.filter(ended_at__isnull=True, until__range=(timezone.localdate(), until))


class NudgeQuerySet(models.QuerySet):
    def waiting(self):
        """Proposed, ready or leaving: one a portrait at most."""
        return self.filter(state__in=("proposed", "ready", "sending"))

    def due(self, now):
        """What leaves by itself, or was let go, and whose moment has come."""
        return self.filter(state="ready", due_at__lte=now).order_by("due_at", "pk")

    def on_the_desk_of(self, user):
        """Those of the promotions whose comms group this person is in today; staff see all."""
        if user.is_staff:
            return self
        return self.filter(portrait__student__promotion__in=user.comms_promotion_ids)


class AnswerQuerySet(models.QuerySet):
    def counts_in(self, promotion) -> dict[str, int]:
        """How many students of the promotion have answered each question, by its key. An empty answer is none."""
        given = self.filter(portrait__student__promotion=promotion).exclude(text="")
        return dict(given.values_list("question").annotate(models.Count("pk")).order_by())


class PresenceQuerySet(models.QuerySet):
    def here(self, now, *, besides):
        """Whoever has the page open now, apart from the one who asks."""
        since = now - self.model.ENDS_AFTER
        return (
            self.filter(seen_at__gte=since).exclude(user=besides).select_related("user").order_by("seen_at")
        )


class RemarkQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The comms group reads all; the student and staff what is not for the group only."""
        of_the_group = Q(portrait__student__promotion__in=user.comms_promotion_ids)
        shared = Q(is_internal=False)
        return self.filter(
            of_the_group | (shared if user.is_staff else shared & Q(portrait__student__user=user))
        )

    def for_the_student(self):
        """What is still open and meant for the student's eyes too, also where they are in the group themselves."""
        return self.filter(is_internal=False, resolved_at__isnull=True).with_answers()

    def with_answers(self):
        answers = apps.get_model("portraits", "RemarkAnswer").objects.select_related("by")
        return self.select_related("by", "resolved_by").prefetch_related(Prefetch("answers", answers))


class AppearanceQuerySet(models.QuerySet):
    def standing(self):
        """Those that keep a photo back: not answered yet, refused, or taken back."""
        return self.filter(Q(answer__in=("asked", "refused")) | Q(ended_at__isnull=False))

    def in_photo_of(self, portrait):
        """The people in the photo that the portrait has now. Whoever refused this photo did so for every portrait."""
        photo = apps.get_model("portraits", "Photo").objects.filter(pk=portrait.photo_id)
        concerned = Q(portrait=portrait) | Q(answer="refused") | Q(ended_at__isnull=False)
        return self.filter(concerned, source_sha256__in=photo.values("source_sha256"))

    def refused(self, source):
        """Of a photo, by its fingerprint: somebody in it does not agree, or does not any more."""
        return self.filter(Q(answer="refused") | Q(ended_at__isnull=False), source_sha256=source)

    def follow(self, portrait, source, turned):
        """The photo was turned, and has another fingerprint since."""
        return self.filter(portrait=portrait, source_sha256=source).update(source_sha256=turned)

    def of(self, user):
        """Those of this person, newest first."""
        return self.filter(student__user=user).order_by("-added_at", "-pk")
