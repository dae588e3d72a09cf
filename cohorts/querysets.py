"""Sentences about people: who is visible to whom, whose mandate runs today."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone


class UserManager(BaseUserManager):
    """Users have an e-mail address and no password: they sign in with a code."""

    use_in_migrations = True

    def create_user(self, email: str, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(email, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, email: str):
        return self.get(email=email.lower())


class PromotionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see every promotion, everyone else their own."""
        if user.is_staff:
            return self
        return self.filter(Q(pk__in=user.comms_promotion_ids) | Q(students__user=user)).distinct()

    def running(self, day: date | None = None):
        day = day or timezone.localdate()
        return self.filter(starts__lte=day, ends__gte=day)


class StudentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see everyone, the comms group its promotion, a student themself."""
        if user.is_staff:
            return self
        return self.filter(Q(promotion__in=user.comms_promotion_ids) | Q(user=user))


class CommsMemberQuerySet(models.QuerySet):
    def active(self, day: date | None = None):
        """Mandates that run on that day (today by default), both ends included."""
        day = day or timezone.localdate()
        return self.filter(starts__lte=day).filter(Q(ends__isnull=True) | Q(ends__gte=day))
