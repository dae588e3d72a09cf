"""What a stack's database needs before its processes run; called inside it by Stack.data()."""

from datetime import timedelta

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from cohorts.models import CommsMember, User
from portraits.models import Portrait
from posts.models import Account, Delivery, Post
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


def session(email):
    """A session of this person, as if they had signed in; the value of its cookie."""
    user = User.objects.get(email=email)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def someone(state, slug=None, **fields):
    """The e-mail address and the portrait of the first student whose portrait is in this state."""
    found = Portrait.objects.filter(state=state, student__mandates__isnull=True, **fields).order_by("pk")
    if slug:
        found = found.filter(student__promotion__slug=slug)
    portrait = found.select_related("student__promotion").first()
    return {"email": portrait.student.email, "pk": portrait.pk, "url": portrait.get_absolute_url()}


def comms(slug):
    """The e-mail address of somebody in this promotion's comms group today."""
    return CommsMember.objects.active().filter(student__promotion__slug=slug).first().student.email


def post_in(state):
    return Post.objects.filter(state=state).order_by("pk").first().pk


def page_on(network):
    """The identifier, on that network, of the school's page there."""
    return Account.objects.filter(network=network).first().remote_id


def staff():
    return User.objects.filter(is_superuser=True).first().email


def comms_of(portrait):
    """Somebody of the group that edits this portrait; staff where the group's mandate is over."""
    promotion = Portrait.objects.get(pk=portrait).student.promotion
    member = CommsMember.objects.active().filter(student__promotion=promotion).first()
    return member.student.email if member else staff()
