"""One badge for a post, derived from what people decided and what happened on the pages."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from posts import actions
from posts.models import Delivery, Post
from posts.steps import DELIVERY_TONES, badge
from tests import factories
from tests.posts.conftest import CLAIM

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.mark.parametrize(
    ("delivery_state", "tone"),
    [
        (State.SCHEDULED, "blue"),
        (State.HELD, "amber"),
        (State.RETRY_WAIT, "amber"),
        (State.PREPARING, "blue"),
        (State.SENDING, "blue"),
        (State.UNCERTAIN, "violet"),
        (State.CHECKING, "violet"),
        (State.NEEDS_PERSON, "violet"),
        (State.FAILED, "red"),
        (State.EXPIRED, "red"),
        (State.NOT_THERE, "red"),
        (State.WITHDRAWING, "amber"),
    ],
)
def test_badge_of_an_approved_post_follows_its_delivery(delivery_state, tone, portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=delivery_state, **CLAIM)
    assert badge(post).tone == tone


@pytest.mark.parametrize(
    ("delivery_state", "tone", "url"),
    [
        (State.PUBLISHED, "green", "https://example.org/1"),
        (State.WITHDRAWN, "grey", ""),
        (State.FAILED, "red", ""),
    ],
)
def test_badge_of_a_settled_post_follows_its_delivery(delivery_state, tone, url, portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=delivery_state, url="https://example.org/1")
    Post.objects.filter(pk=post.pk).update(state="done")
    found = badge(factories.fresh(post))
    assert (found.tone, found.url) == (tone, url)


def test_badge_forgets_what_happened_to_an_earlier_version(portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=State.FAILED)
    actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    assert badge(factories.fresh(post)).tone == "grey"


@pytest.mark.parametrize("what", ["changed", "cancelled"])
def test_badge_says_that_it_is_online_whatever_became_of_the_post(what, portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=State.PUBLISHED, url="https://example.org/1")
    if what == "changed":
        actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    else:
        actions.cancel(post, by=member.user)
    found = badge(factories.fresh(post))
    assert (found.tone, found.url) == ("amber", "https://example.org/1")


def test_every_state_has_its_colour():
    assert set(DELIVERY_TONES) == set(State)


@pytest.mark.parametrize(("state", "tone"), [("draft", "grey"), ("in_review", "amber"), ("approved", "blue")])
def test_badge_says_what_people_decided(state, tone, portrait, member):
    assert badge(factories.make_post(state, portrait=portrait, comms=member)).tone == tone


def test_badge_says_the_moment_as_people_do(portrait, member):
    when = datetime(2031, 7, 1, 6, 30, tzinfo=UTC)
    post = factories.make_post("approved", portrait=portrait, comms=member, publish_at=when)
    with translation.override("en"):
        assert badge(post).label == "approved for Tuesday 1 July 2031 at 8:30"
