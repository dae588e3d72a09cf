"""A person's answers about a delivery: by state, by right, judged by the rehearsal network where it is asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from posts import actions
from posts.actions.answering import NotFoundThere
from posts.actions.delivering import run_pass
from posts.models import Delivery
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, link, put

pytestmark = pytest.mark.django_db
State = Delivery.State


# It is there -------------------------------------------------------------------------------


def test_there_with_the_right_link_is_online(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    after = fresh(there)
    assert (after.state, after.remote_id, after.evidence.last().source) == (
        "published",
        rehearsal.ledger.posts()[0]["urn"],
        "person",
    )


def test_there_never_sends_again(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 1


def refused_link(delivery, text, by):
    with pytest.raises(NotFoundThere):
        actions.confirm_there(delivery, text, by=by)
    return fresh(delivery).state


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/",
        "https://www.linkedin.com/company/inet/",
        "https://www.linkedin.com/feed/update/urn:li:share:1/",
        "javascript:alert(1)",
    ],
)
def test_there_with_a_link_to_nothing_is_refused(text, there, member):
    assert refused_link(there, text, member.user) == "needs_person"


def test_there_with_a_link_to_another_post_of_the_page_is_refused(there, member, rehearsal):
    found = rehearsal.ledger.posts()[0]["urn"]
    Delivery.objects.filter(pk=there.pk).update(text="Un autre texte.")
    assert (
        refused_link(fresh(there), f"https://www.linkedin.com/feed/update/{found}/", member.user)
        == "needs_person"
    )


def test_there_with_the_link_of_another_delivery_is_refused(there, member, rehearsal):
    other = factories.make_post("approved", comms=member).deliveries.get()
    put(other, State.PUBLISHED, remote_id=rehearsal.ledger.posts()[0]["urn"], published_at=timezone.now())
    assert refused_link(there, link(rehearsal), member.user) == "needs_person"


def test_there_while_the_network_is_silent_changes_nothing(there, member, rehearsal):
    text = link(rehearsal)
    rehearsal.ledger.set_faults("linkedin", [{"name": "get-500"}])
    assert refused_link(there, text, member.user) == "needs_person"


# It is not there ---------------------------------------------------------------------------


def test_resend_goes_out_once_more_under_the_name_of_who_decided(not_there, member, rehearsal):
    again = actions.resend(not_there, reason="Rien sur la page.", by=member.user)
    run_pass(workers=1)
    before = not_there.moves.last()
    assert (fresh(again).state, again.generation, before.by, before.note) == (
        "published",
        2,
        member.user,
        "Rien sur la page.",
    )
    assert len(rehearsal.ledger.posts()) == 1


def test_resend_twice_sends_once(not_there, member, rehearsal):
    actions.resend(not_there, reason="Rien.", by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 1


def test_resend_that_comes_too_late_is_refused(not_there, member):
    put(not_there, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_resend_of_a_post_that_was_changed_since_is_refused(not_there, member):
    post = not_there.post
    actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_close_keeps_the_reason_and_settles_the_post(not_there, member):
    actions.close(not_there, reason="Trop tard.", by=member.user)
    run_pass(workers=1)
    assert (fresh(not_there).state, not_there.moves.last().note, fresh(not_there.post).state) == (
        "not_there",
        "Trop tard.",
        "done",
    )


def test_gone_settles_what_could_not_be_taken_down(stuck, member):
    assert (stuck.state, bool(stuck.remote_id)) == ("needs_person", True)
    actions.say_gone(stuck, by=member.user)
    assert fresh(stuck).state == "withdrawn"


def test_gone_of_what_was_never_seen_online_is_refused(not_there, member):
    with pytest.raises(MoveRefused):
        actions.say_gone(not_there, by=member.user)


@pytest.mark.parametrize("verb", ["resend", "close"])
def test_not_there_of_what_was_seen_online_is_refused(verb, stuck, member):
    with pytest.raises(MoveRefused):
        getattr(actions, verb)(stuck, reason="Rien.", by=member.user)


# By state, by right ------------------------------------------------------------------------

ANSWERS = {
    "resend": lambda delivery, by: actions.resend(delivery, reason="Rien.", by=by),
    "close": lambda delivery, by: actions.close(delivery, reason="Rien.", by=by),
    "gone": lambda delivery, by: actions.say_gone(delivery, by=by),
}


def is_taken(answer, delivery, by):
    """Whether the answer is taken from where the row stands; what it did is undone."""
    with transaction.atomic():
        try:
            answer(fresh(delivery), by)
            return True
        except MoveRefused:
            return False
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("verb", ANSWERS)
def test_answers_are_taken_where_someone_is_asked_and_nowhere_else(verb, delivery, member):
    taken = set()
    for state in State.values:
        put(delivery, state, remote_id="urn:li:share:1" if verb == "gone" else "", **CLAIM)
        if is_taken(ANSWERS[verb], delivery, member.user):
            taken.add(state)
    not_out = {"failed", "expired"} if verb == "close" else set()
    assert taken == {"needs_person", *not_out}


def test_there_is_taken_while_nobody_knows_and_at_no_other_time(there, member, rehearsal):
    text, taken = link(rehearsal), set()
    for state in State.values:
        put(there, state, **CLAIM)
        if is_taken(lambda delivery, by: actions.confirm_there(delivery, text, by=by), there, member.user):
            taken.add(state)
    assert taken == {"needs_person", "uncertain"}


@pytest.mark.parametrize("verb", [*ANSWERS, "there"])
def test_answers_are_for_the_group_and_staff(
    verb, there, student, classmate, member, former_member, neighbour, staff, rehearsal
):
    answer = ANSWERS.get(verb, lambda delivery, by: actions.confirm_there(delivery, link(rehearsal), by=by))
    put(there, State.NEEDS_PERSON, remote_id="urn:li:share:7" if verb == "gone" else "")
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                answer(fresh(there), user)
                allowed.append(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == ["member", "staff"]
