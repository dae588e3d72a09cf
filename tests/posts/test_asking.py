"""Est-ce parti ? What asks for a look, which answers each question gets, what a wrong answer gets."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from portraits import actions as portrait_actions
from posts import actions
from posts.asked import Asked, asked
from posts.models import Delivery, Post
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, asked_from, put

pytestmark = pytest.mark.django_db
State = Delivery.State
ASKING = "/est-ce-parti/"


def answer_url(delivery, verb):
    return reverse("delivery_answer", args=[delivery.pk, verb])


def questions(client):
    return {question.delivery.pk: question for question in client.get(ASKING).context["found"]}


def words(client):
    """The page as it is for somebody who chose English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client.get(ASKING).content.decode()


def known(client, delivery):
    """The sentences of what we know about it."""
    question = questions(client)[delivery.pk]
    with translation.override("en"):
        return question.known


# What asks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("asking", {"needs_person", "uncertain", "checking", "held", "failed", "expired"}),
        ("awaiting_someone", {"needs_person", "held", "failed", "expired"}),
    ],
)
def test_asking_are_the_doubtful_the_held_and_those_that_did_not_go_out(sentence, states, delivery):
    found = set()
    for state in State.values:
        put(delivery, state, **CLAIM)
        if getattr(Delivery.objects, sentence)().exists():
            found.add(state)
    assert found == states


SINCE = {
    "another version": lambda post, by: actions.write(
        post, texts={}, publish_at=post.publish_at, read=post.version, by=by
    ),
    "cancelled": lambda post, by: actions.cancel(post, by=by),
    "withdrawn": lambda post, by: portrait_actions.withdraw(post.portrait, by=post.portrait.student.user),
}


@pytest.mark.parametrize("what", SINCE)
def test_asking_ends_for_what_did_not_go_out_once_something_newer_took_its_place(what, delivery, member):
    put(delivery, State.FAILED)
    SINCE[what](fresh(delivery.post), member.user)
    assert Delivery.objects.asking().exists() is False


def test_asking_ends_for_what_did_not_go_out_once_a_new_post_is_prepared(delivery, member):
    put(delivery, State.EXPIRED)
    Post.objects.filter(pk=delivery.post_id).update(state="done")
    actions.draft(fresh(delivery.post.portrait), by=member.user)
    assert Delivery.objects.asking().exists() is False


def test_asking_goes_on_for_what_may_be_online_whatever_came_since(delivery, member):
    put(delivery, State.NEEDS_PERSON)
    actions.cancel(fresh(delivery.post), by=member.user)
    assert Delivery.objects.asking().exists() is True


@pytest.mark.parametrize(
    ("source", "fields", "seen", "kind"),
    [
        ("withdrawing", {"remote_id": "urn:li:share:7"}, [], Asked.MUST_GO),
        ("checking", {"may_exist": True}, [("7", "look"), ("8", "look")], Asked.TWICE),
        ("published", {"remote_id": "7"}, [("8", "look")], Asked.TWICE),
        ("published", {"remote_id": "7"}, [("7", "answer"), ("7", "look")], Asked.UNSEEN),
        ("checking", {"may_exist": True}, [], Asked.UNKNOWN),
        ("checking", {"may_exist": True}, [("7", "answer"), ("9", "duplicate")], Asked.UNKNOWN),
        ("sending", {}, [], Asked.UNKNOWN),
        ("preparing", {}, [], Asked.NOT_SENT),
        ("scheduled", {}, [], Asked.NOT_SENT),
        ("preparing", {"may_exist": True}, [], Asked.UNKNOWN),
    ],
)
def test_question_is_what_the_way_there_says(source, fields, seen, kind, delivery):
    for remote_id, sign in seen:
        delivery.evidence.create(remote_id=remote_id, source=sign)
    assert asked(asked_from(delivery, source, **fields)) is kind


# The page -------------------------------------------------------------------------------------------


def test_page_shows_the_groups_questions_and_no_others(as_member, delivery, neighbour):
    other = factories.make_post("approved", comms=neighbour).deliveries.get()
    put(delivery, State.NEEDS_PERSON)
    put(other, State.NEEDS_PERSON)
    assert list(questions(as_member)) == [delivery.pk]


def test_page_without_questions_says_that_all_is_clear(as_member):
    assert 'class="empty"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize(
    ("source", "state", "fields", "offered"),
    [
        ("checking", "needs_person", {"may_exist": True}, ["there", "resend", "close"]),
        ("published", "needs_person", {"remote_id": "7"}, ["there", "resend", "close"]),
        ("preparing", "needs_person", {}, ["resend", "close"]),
        ("withdrawing", "needs_person", {"remote_id": "7"}, ["gone"]),
        ("sending", "uncertain", {}, ["there"]),
        ("uncertain", "checking", CLAIM, ["there"]),
        ("sending", "failed", {}, ["anew", "close"]),
        ("scheduled", "expired", {}, ["anew", "close"]),
        ("scheduled", "held", {}, ["drop"]),
    ],
)
def test_page_offers_the_answers_of_the_question(source, state, fields, offered, as_member, delivery):
    asked_from(delivery, source, state, **fields)
    html = as_member.get(ASKING).content.decode()
    verbs = ("there", "resend", "anew", "close", "gone", "drop")
    assert [verb for verb in verbs if answer_url(delivery, verb) in html] == offered


def test_page_offers_the_two_ends_of_what_is_there_twice(as_member, delivery):
    for remote_id in ("7", "8"):
        delivery.evidence.create(remote_id=remote_id, source="look")
    asked_from(delivery, "checking")
    html = as_member.get(ASKING).content.decode()
    assert [verb for verb in ("there", "gone", "resend", "close") if answer_url(delivery, verb) in html] == [
        "there",
        "gone",
    ]


@pytest.mark.parametrize(
    "since",
    [
        lambda delivery, by: put(
            delivery, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1)
        ),
        lambda delivery, by: actions.cancel(fresh(delivery.post), by=by),
    ],
    ids=["too late", "cancelled"],
)
def test_page_offers_another_moment_where_sending_it_anew_makes_no_sense(since, as_member, member, delivery):
    asked_from(delivery, "checking", may_exist=True)
    since(delivery, member.user)
    html = as_member.get(ASKING).content.decode()
    assert (answer_url(delivery, "resend") in html, answer_url(delivery, "anew") in html) == (False, True)


def test_page_says_when_it_was_tried_what_was_said_and_when_it_was_looked_for(as_member, there):
    assert [sentence.split(" on ")[0] for sentence in known(as_member, there)] == [
        "We sent it",
        "The network did not say clearly whether it is online.",
        "We looked at the page 3 times, last",
    ]


def test_page_says_when_the_next_look_is(as_member, delivery):
    moment = timezone.now() + timedelta(minutes=3)
    put(delivery, State.UNCERTAIN, next_check_at=moment)
    assert "nothing to do" in known(as_member, delivery)[-1]


@pytest.mark.parametrize(
    ("source", "state", "said"),
    [
        ("preparing", "needs_person", ["It was to leave", "The picture is missing."]),
        ("scheduled", "expired", ["It was to leave", "Nothing was sent.", "The picture is missing."]),
    ],
)
def test_page_says_what_was_in_the_way_of_what_was_not_sent(source, state, said, as_member, delivery):
    asked_from(delivery, source, state, message="The picture is missing.")
    assert [sentence.split(" on ")[0] for sentence in known(as_member, delivery)] == said


def test_page_names_who_answers_and_until_when(as_member, delivery, member):
    put(delivery, State.NEEDS_PERSON, responsible=member.user, answer_by=timezone.now() + timedelta(hours=2))
    html = words(as_member)
    assert ("Inès Marchand answers, by" in html, "That has passed" in html) == (True, False)


def test_page_says_that_the_deadline_has_passed(as_member, delivery, member):
    put(delivery, State.FAILED, responsible=member.user, answer_by=timezone.now() - timedelta(minutes=1))
    assert "That has passed" in words(as_member)


def test_page_keeps_technical_words_in_the_fold(as_member, there):
    html = as_member.get(ASKING).content.decode()
    shown, folded = html.split('class="technical', 1)
    words = ("no-answer", str(there.key), "needs_person")
    assert ([word in shown for word in words], [word in folded for word in words]) == (
        [False] * 3,
        [True] * 3,
    )


def test_page_says_that_everything_is_stopped(as_member, staff):
    actions.press_stop(by=staff)
    assert as_member.get(ASKING).context["stop"].pressed_by == staff


def test_page_says_that_one_page_is_stopped(as_member, staff, account):
    actions.press_stop(by=staff, account=account)
    assert as_member.get(ASKING).context["stopped_pages"] == [account]


def test_page_shows_what_went_out_lately(as_member, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now(), url="https://example.org/7")
    html = as_member.get(ASKING).content.decode()
    assert ("https://example.org/7" in html, reverse("delivery_take_down", args=[delivery.pk]) in html) == (
        True,
        True,
    )


def test_badge_in_the_navigation_counts_what_waits_for_someone(as_member, delivery, member):
    counts = {}
    for state in (State.NEEDS_PERSON, State.UNCERTAIN):
        put(delivery, state)
        entries = as_member.get(ASKING).context["navigation"]
        counts[state] = {entry.url: entry.count for entry in entries}[ASKING]
    assert counts == {"needs_person": 1, "uncertain": 0}


STATES = (State.NEEDS_PERSON, State.HELD, State.PUBLISHED, State.WITHDRAWN)


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_three(more, as_member, delivery, member, django_assert_num_queries):
    asked_from(delivery, "checking", may_exist=True)
    for state in STATES:
        for _number in range(more + 1):
            other = factories.make_post("approved", comms=member).deliveries.get()
            other.moves.create(name="say_it_is_gone", source="needs_person", target=state, by=member.user)
            put(other, state, published_at=timezone.now(), responsible=member.user, answer_by=timezone.now())
    with django_assert_num_queries(14):
        as_member.get(ASKING)
