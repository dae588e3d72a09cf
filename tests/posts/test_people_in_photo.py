"""A photo in which somebody has not agreed is neither approved nor sent; one no takes down what is online."""

import pytest
from django.utils import timezone

from portraits import actions as portrait_actions
from posts import actions
from posts.actions import sending
from posts.actions.delivering import claim, run_pass
from posts.models import Delivery, Post
from tests import factories
from tests.factories import fresh
from tests.posts.test_withdrawal import go_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait(page, student, member):
    return factories.make_portrait("signed", student=student, comms=member)


def tie(portrait, classmate):
    return portrait_actions.tie(portrait, classmate, by=portrait.student.user)


def agree(appearance):
    return portrait_actions.agree(appearance, terms="J’accepte.", proof="code")


def make_post(portrait, member, state="approved"):
    return factories.make_post(state, portrait=portrait, comms=member, publish_at=timezone.now())


def test_approval_waits_for_everyone_and_says_who(portrait, member, staff, classmate):
    post = make_post(portrait, member, "in_review")
    asked = tie(portrait, classmate)
    with pytest.raises(actions.NotReady) as refused:
        actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    assert any("Karim Benali" in reason for reason in refused.value.reasons)
    agree(asked)
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    assert fresh(post).state == "approved"


def test_somebody_found_after_the_approval_calls_it_off(portrait, member, classmate, rehearsal):
    post = make_post(portrait, member)
    tie(portrait, classmate)
    go_on(2)
    assert (fresh(post).state, post.deliveries.get().state, rehearsal.ledger.posts()) == (
        "draft",
        "cancelled",
        [],
    )
    assert fresh(portrait).online is None


def test_somebody_found_at_the_last_moment_stops_it_before_a_byte_leaves(
    portrait, member, classmate, rehearsal
):
    make_post(portrait, member)
    (held,) = claim(limit=1)
    tie(portrait, classmate)
    sending.deliver(held)
    assert (Delivery.objects.get().state, rehearsal.ledger.posts(with_deleted=True)) == ("cancelled", [])


def test_last_decision_asks_one_query_more(portrait, member, django_assert_num_queries):
    post = make_post(portrait, member)
    delivery = Delivery.objects.select_related("account", "portrait_version", "card").get()
    portrait = type(portrait).objects.select_related("consent").get(pk=portrait.pk)
    with django_assert_num_queries(1):
        assert sending.may_leave(portrait, post, delivery)


def test_one_no_takes_down_what_is_online(portrait, member, classmate, rehearsal):
    asked = tie(portrait, classmate)
    agree(asked)
    post = make_post(portrait, member)
    run_pass(workers=1)
    assert (len(rehearsal.ledger.posts()), fresh(portrait).state) == (1, "published")
    portrait_actions.take_back(asked, proof="code")
    go_on(3)
    assert (rehearsal.ledger.posts(), post.deliveries.get().state, fresh(portrait).state) == (
        [],
        "withdrawn",
        "draft",
    )


def test_one_no_stops_what_waits(portrait, member, classmate, rehearsal):
    asked = tie(portrait, classmate)
    agree(asked)
    post = make_post(portrait, member)
    portrait_actions.take_back(asked, proof="code")
    go_on(3)
    assert (post.deliveries.get().state, fresh(post).state) == ("cancelled", "draft")
    assert rehearsal.ledger.posts(with_deleted=True) == []


def test_one_no_reaches_what_was_published_with_an_earlier_photo(
    portrait, member, student, classmate, rehearsal
):
    """The student has gone on with another photo since, and has signed it for the same page."""
    asked = tie(portrait, classmate)
    agree(asked)
    post = make_post(portrait, member)
    run_pass(workers=1)
    portrait_actions.take_back(asked, proof="code")
    alone = factories.io.BytesIO(factories.picture_bytes(colour=(200, 150, 140)))
    portrait_actions.set_photo(fresh(portrait), upload=alone, alt_text="Seule", by=student.user)
    portrait_actions.submit(fresh(portrait), factories.agreement(), by=student.user)
    portrait_actions.take_up(fresh(portrait), by=member.user)
    portrait_actions.ask_signature(fresh(portrait), read=fresh(portrait).version, by=member.user)
    portrait_actions.sign(
        fresh(portrait), factories.agreement(), read=fresh(portrait).version, by=student.user
    )
    assert fresh(portrait).consent.allows("linkedin")
    go_on(3)
    assert (rehearsal.ledger.posts(), post.deliveries.get().state) == ([], "withdrawn")


def test_post_in_review_stays_and_its_page_says_who_is_awaited(client, portrait, member, classmate):
    post = make_post(portrait, member, "in_review")
    tie(portrait, classmate)
    go_on(1)
    client.cookies["django_language"] = "en"
    client.force_login(member.user)
    page = client.get(post.get_absolute_url()).content.decode()
    assert (fresh(post).state, "Karim Benali can be recognised in the photo" in page) == (
        Post.State.IN_REVIEW,
        True,
    )
