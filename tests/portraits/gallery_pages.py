"""Portraits that are online, and what a page of the gallery shows of them."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from portraits import actions
from portraits.models import Portrait
from tests import factories

NAME = re.compile(r'<h3><a href="[^"]*">([^<]+)</a></h3>')


def published(promotion=None, days_ago=0, places=(), **person):
    """A portrait that is online since some days."""
    student = factories.make_student(promotion, **person)
    portrait = factories.make_portrait("signed", student=student, places=places)
    actions.publish(portrait)
    moment = timezone.now() - timedelta(days=days_ago)
    Portrait.objects.filter(pk=portrait.pk).update(published_at=moment)
    return factories.fresh(portrait)


def withdraw(portrait):
    actions.withdraw(portrait, by=portrait.student.user)


def names(response):
    """Of the people on a page of the gallery, from top to bottom."""
    return NAME.findall(response.content.decode())


def addresses(portrait):
    """Of every public page that shows this portrait."""
    yield from (reverse(name) for name in ("home", "gallery", "gallery_feed"))
    yield portrait.student.promotion.get_absolute_url()
    yield portrait.get_absolute_url()
