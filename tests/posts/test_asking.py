"""Est-ce parti ? What asks for a look, which answers each state gets, what a wrong answer gets."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portraits import actions as portrait_actions
from posts import actions
from posts.models import Delivery, Post
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, link, put

pytestmark = pytest.mark.django_db
State = Delivery.State
ASKING = "/est-ce-parti/"


def answer_url(delivery, verb):
    return reverse("delivery_answer", args=[delivery.pk, verb])


# What asks ------------------------------------------------------------------------------------------


def test_asking_are_the_doubtful_and_those_that_did_not_go_out(delivery):
    asking = set()
    for state in State.values:
        put(delivery, state, **CLAIM)
        if Delivery.objects.asking().exists():
            asking.add(state)
    assert asking == {"needs_person", "uncertain", "failed", "expired"}


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


# The page -------------------------------------------------------------------------------------------


def questions(client):
    return {question.delivery.pk: question for question in client.get(ASKING).context["questions"]}


def test_page_shows_the_groups_questions_and_no_others(as_member, delivery, neighbour):
    other = factories.make_post("approved", comms=neighbour).deliveries.get()
    put(delivery, State.NEEDS_PERSON)
    put(other, State.NEEDS_PERSON)
    assert list(questions(as_member)) == [delivery.pk]


def test_page_without_questions_says_that_all_is_clear(as_member):
    assert 'class="empty"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize(
    ("state", "remote_id", "offered"),
    [
        ("needs_person", "", ["there", "close", "resend"]),
        ("needs_person", "urn:li:share:7", ["gone"]),
        ("uncertain", "", ["there"]),
        ("failed", "", ["close"]),
        ("expired", "", ["close"]),
    ],
)
def test_page_offers_the_answers_of_the_state(state, remote_id, offered, as_member, delivery):
    put(delivery, state, remote_id=remote_id)
    html = as_member.get(ASKING).content.decode()
    verbs = ("there", "close", "resend", "gone")
    assert [verb for verb in verbs if answer_url(delivery, verb) in html] == offered


def test_page_offers_no_sending_anew_once_it_is_too_late(as_member, delivery):
    put(delivery, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1))
    assert answer_url(delivery, "resend") not in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_page_leads_from_what_did_not_go_out_to_its_post(state, as_member, delivery):
    put(delivery, state)
    assert f'href="{delivery.post.get_absolute_url()}"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_did_not_go_out_can_be_left_and_asks_no_more(state, as_member, delivery):
    put(delivery, state)
    as_member.post(answer_url(delivery, "close"), {"reason": "Plus d’actualité."})
    assert fresh(delivery).state == "not_there"
    assert 'class="empty"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_did_not_go_out_is_not_sent_anew_from_here(state, as_member, delivery):
    put(delivery, state)
    as_member.post(answer_url(delivery, "resend"), {"reason": "Encore."})
    assert fresh(delivery).state == state


def test_page_keeps_technical_words_in_the_fold(as_member, there):
    html = as_member.get(ASKING).content.decode()
    shown, folded = html.split('class="technical', 1)
    assert ("no-answer" in shown, "no-answer" in folded) == (False, True)


def test_page_says_that_everything_is_stopped(as_member, staff):
    actions.press_stop(by=staff)
    assert as_member.get(ASKING).context["stop"].pressed_by == staff


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_three(more, as_member, delivery, member, django_assert_num_queries):
    put(delivery, State.NEEDS_PERSON)
    for _number in range(more):
        put(factories.make_post("approved", comms=member).deliveries.get(), State.NEEDS_PERSON)
    with django_assert_num_queries(9):
        as_member.get(ASKING)


@pytest.mark.parametrize(
    ("verb", "data", "end"),
    [("resend", {"reason": "Rien."}, "not_there"), ("close", {"reason": "Rien."}, "not_there")],
)
def test_answer_moves_the_delivery(verb, data, end, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    assert (response.url, fresh(not_there).state) == (ASKING, end)


def test_answer_there_moves_the_delivery(as_member, there, rehearsal):
    as_member.post(answer_url(there, "there"), {"link": link(rehearsal)})
    assert fresh(there).state == "published"


def test_answer_gone_moves_the_delivery(as_member, stuck):
    as_member.post(answer_url(stuck, "gone"))
    assert fresh(stuck).state == "withdrawn"


@pytest.mark.parametrize(
    ("verb", "form", "data"),
    [
        ("there", "there", {"link": " "}),
        ("there", "there", {"link": "https://example.org/autre"}),
        ("resend", "reason", {"reason": ""}),
        ("close", "reason", {"reason": "r" * 301}),
    ],
)
def test_answer_that_does_not_do_comes_back_as_typed(verb, form, data, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    back = getattr(response.context["questions"][0], form)
    assert (response.status_code, back.data.dict(), bool(back.errors)) == (422, data, True)
    assert fresh(not_there).state == "needs_person"


def test_answer_to_what_was_answered_meanwhile_says_so(as_member, not_there, member):
    actions.close(not_there, reason="Rien.", by=member.user)
    response = as_member.post(answer_url(not_there, "resend"), {"reason": "Rien."}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_answer_of_an_unknown_verb_is_missing(as_member, not_there):
    assert as_member.post(answer_url(not_there, "publish")).status_code == 404
