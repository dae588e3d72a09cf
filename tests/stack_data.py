"""What a stack's database needs before its processes run; called inside it by Stack.data()."""

from datetime import timedelta

import requests
from django.conf import settings
from django.utils import timezone

from posts.models import Delivery, Post
from tests import factories


def connect():
    """Connect the school's page to the stack's rehearsal network."""
    requests.post(
        f"{settings.REHEARSAL_URL}/_/linkedin/organization", json={"id": "1001"}, timeout=10
    ).raise_for_status()
    token = requests.post(f"{settings.REHEARSAL_URL}/_/linkedin/token", json={}, timeout=10).json()[
        "access_token"
    ]
    return factories.make_account(remote_id="urn:li:organization:1001", token=token).pk


def approved(count, in_seconds=3600):
    """`count` approved posts that are due in so many seconds; their ids."""
    promotion, staff = factories.make_promotion(), factories.make_staff()
    member = factories.make_member(promotion)
    made = []
    for _number in range(count):
        portrait = factories.make_portrait("signed", student=factories.make_student(promotion), comms=member)
        moment = timezone.now() + timedelta(seconds=in_seconds)
        made.append(
            factories.make_post(
                "approved", portrait=portrait, comms=member, staff=staff, publish_at=moment
            ).pk
        )
    return made


def make_due(post):
    """Its moment has come."""
    now = timezone.now()
    Post.objects.filter(pk=post).update(publish_at=now, latest_useful_at=now + timedelta(hours=1))
    Delivery.objects.filter(post=post).update(due_at=now, latest_useful_at=now + timedelta(hours=1))


def state(post):
    return Delivery.objects.get(post=post).state


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def journey_people():
    """A promotion with one member of its comms group, one student who knows of nothing yet, and the staff."""
    promotion = factories.make_promotion(
        name="Joséphine Baker", slug="josephine-baker", hashtag="#JoséphineBaker"
    )
    factories.make_member(promotion, first_name="Inès", last_name="Marchand", email="ines@example.org")
    student = factories.make_student(
        promotion, login=False, first_name="Léa", last_name="Le Goff", email="lea@example.org"
    )
    factories.make_staff(email="bureau@example.org", first_name="Hélène", last_name="Roux")
    return student.pk
