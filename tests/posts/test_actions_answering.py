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
from posts.asked import Asked, asked
from posts.models import Account, Delivery, Post, Variant
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, asked_from, link, put

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


def test_there_asks_nobody_any_more_and_is_read_once_more_by_itself(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    after = fresh(there)
    assert (after.answer_by, after.confirmed_at, after.next_check_at > timezone.now()) == (None, None, True)


def test_there_of_what_was_read_back_before_is_not_read_back_again(there, member, rehearsal):
    asked_from(there, "published", remote_id=rehearsal.ledger.posts()[0]["urn"])
    actions.confirm_there(fresh(there), link(rehearsal), by=member.user)
    after = fresh(there)
    assert (after.state, after.confirmed_at is None, after.next_check_at) == ("published", False, None)


def test_there_never_sends_again(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 1


def test_there_takes_what_is_being_looked_for_out_of_the_workers_hand(there, member, rehearsal):
    put(there, State.CHECKING, **CLAIM)
    actions.confirm_there(there, link(rehearsal), by=member.user)
    assert (fresh(there).state, fresh(there).claim_token) == ("published", None)


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


# It is there twice -------------------------------------------------------------------------


@pytest.fixture
def twice(there, rehearsal):
    """The network shows it twice, and both were seen."""
    row = rehearsal.ledger.row("SELECT * FROM post")
    rehearsal.ledger.add("post", **{**row, "urn": "urn:li:share:9999"})
    for post in rehearsal.ledger.posts():
        there.evidence.create(remote_id=post["urn"], source="look")
    return there


def test_one_of_two_stays_only_once_the_other_is_gone(twice, member, rehearsal):
    stays = f"https://www.linkedin.com/feed/update/{rehearsal.ledger.posts()[0]['urn']}/"
    assert refused_link(twice, stays, member.user) == "needs_person"
    rehearsal.ledger.write("UPDATE post SET deleted = 1 WHERE urn = ?", rehearsal.ledger.posts()[1]["urn"])
    actions.confirm_there(twice, stays, by=member.user)
    assert fresh(twice).state == "published"


def test_what_was_said_not_to_be_there_and_appears_after_all_is_asked_about_as_twice(
    there, member, rehearsal
):
    """Fault row 39: a person errs, or the network was late."""
    rehearsal.ledger.turn(duplicate_seconds=0)
    again = actions.resend(there, reason="Rien sur la page.", by=member.user)
    run_pass(workers=1)
    Delivery.objects.filter(pk=again.pk).update(next_check_at=timezone.now())
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 2
    assert (fresh(again).state, asked(fresh(again)), fresh(again).responsible) == (
        "needs_person",
        Asked.TWICE,
        member.user,
    )


def test_both_can_be_said_to_be_gone(twice, member):
    actions.say_gone(twice, by=member.user)
    assert fresh(twice).state == "withdrawn"


@pytest.mark.parametrize("verb", ["resend", "close", "plan_anew"])
def test_not_there_of_what_is_there_twice_is_refused(verb, twice, member):
    with pytest.raises(MoveRefused):
        getattr(actions, verb)(twice, reason="Rien.", by=member.user)


# It is not there ---------------------------------------------------------------------------


def test_resend_goes_out_once_more_under_the_name_of_who_decided(not_there, member, rehearsal):
    again = actions.resend(not_there, reason="Rien sur la page.", by=member.user)
    Account.objects.update(not_before=None)
    run_pass(workers=1)
    before = not_there.moves.last()
    assert (fresh(again).state, again.generation, before.by, before.note) == (
        "published",
        2,
        member.user,
        "Rien sur la page.",
    )
    assert len(rehearsal.ledger.posts()) == 1


def test_resend_twice_sends_once(not_there, member):
    actions.resend(not_there, reason="Rien.", by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)
    assert not_there.post.deliveries.count() == 2


def test_resend_before_its_time_waits_for_it(delivery, member):
    moment = timezone.now() + timedelta(hours=3)
    asked_from(delivery, "scheduled", due_at=moment)
    assert actions.resend(fresh(delivery), reason="Photo revenue.", by=member.user).due_at == moment


def test_resend_that_comes_too_late_is_refused(not_there, member):
    put(not_there, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_resend_of_a_post_that_was_changed_since_is_refused(not_there, member):
    post = not_there.post
    actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_resend_of_what_the_network_accepted_and_nobody_sees_makes_a_new_one(delivery, member):
    asked_from(delivery, "published", remote_id="urn:li:share:7")
    again = actions.resend(fresh(delivery), reason="Invisible.", by=member.user)
    assert (again.generation, again.remote_id) == (2, "")


def test_close_keeps_the_reason_and_settles_the_post(not_there, member):
    actions.close(not_there, reason="Trop tard.", by=member.user)
    run_pass(workers=1)
    assert (fresh(not_there).state, not_there.moves.last().note, fresh(not_there.post).state) == (
        "not_there",
        "Trop tard.",
        "done",
    )


# Another moment ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_plan_anew_gives_the_post_back_to_the_group(state, delivery, member):
    put(delivery, state)
    post = actions.plan_anew(delivery, reason="Trop tard.", by=member.user)
    after = fresh(post)
    assert (after.state, after.publish_at, after.approved_version) == ("draft", None, None)
    assert (fresh(delivery).state, after.version) == ("not_there", delivery.post_version + 1)


def test_plan_anew_can_be_approved_and_go_out_again(delivery, member, staff, rehearsal):
    put(delivery, State.EXPIRED)
    post = actions.plan_anew(delivery, reason="Trop tard.", by=member.user)
    texts = dict(post.variants.values_list("account_id", "text"))
    post = actions.write(post, texts=texts, publish_at=timezone.now(), read=post.version, by=member.user)
    post = actions.ask_review(post, read=post.version, by=member.user)
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    run_pass(workers=1)
    assert [one["text"] for one in rehearsal.ledger.posts()] == [delivery.text]


def test_plan_anew_leaves_a_post_that_is_online_elsewhere(delivery, member, staff):
    other = factories.make_account(network="linkedin", name="INET bis")
    Delivery.objects.create(
        **{
            field.attname: getattr(delivery, field.attname)
            for field in Delivery._meta.concrete_fields
            if field.name not in ("id", "key", "account")
        },
        account=other,
    )
    put(delivery.post.deliveries.get(account=other), State.PUBLISHED, remote_id="7")
    put(delivery, State.FAILED)
    post = actions.plan_anew(delivery, reason="Refusé.", by=member.user)
    assert (fresh(post).state, fresh(delivery).state) == ("approved", "not_there")


def test_plan_anew_of_a_settled_post_begins_another_with_the_same_words(delivery, member):
    put(delivery, State.EXPIRED)
    Post.objects.filter(pk=delivery.post_id).update(state="done")
    Delivery.objects.update(text="Ces mots-ci.")
    anew = actions.plan_anew(fresh(delivery), reason="Trop tard.", by=member.user)
    assert (anew.pk == delivery.post_id, Variant.objects.get(post=anew).text) == (False, "Ces mots-ci.")


def test_plan_anew_of_a_settled_post_leaves_the_beginning_to_the_group(delivery, staff):
    put(delivery, State.EXPIRED)
    Post.objects.filter(pk=delivery.post_id).update(state="done")
    assert actions.plan_anew(fresh(delivery), reason="Trop tard.", by=staff).pk == delivery.post_id


# It must not be there ----------------------------------------------------------------------


def test_gone_settles_what_could_not_be_taken_down(stuck, member):
    assert (stuck.state, bool(stuck.remote_id)) == ("needs_person", True)
    actions.say_gone(stuck, by=member.user)
    assert fresh(stuck).state == "withdrawn"


def test_gone_of_what_was_never_seen_online_is_refused(not_there, member):
    with pytest.raises(MoveRefused):
        actions.say_gone(not_there, by=member.user)


@pytest.mark.parametrize("verb", ["resend", "close", "plan_anew"])
def test_not_there_of_what_must_go_is_refused(verb, stuck, member):
    with pytest.raises(MoveRefused):
        getattr(actions, verb)(stuck, reason="Rien.", by=member.user)


def test_there_of_what_must_go_is_refused(stuck, member, rehearsal):
    rehearsal.ledger.set_faults("linkedin", [])
    with pytest.raises(MoveRefused):
        actions.confirm_there(stuck, link(rehearsal), by=member.user)


# By state, by right ------------------------------------------------------------------------

ANSWERS = {
    "resend": lambda delivery, by: actions.resend(delivery, reason="Rien.", by=by),
    "close": lambda delivery, by: actions.close(delivery, reason="Rien.", by=by),
    "plan_anew": lambda delivery, by: actions.plan_anew(delivery, reason="Rien.", by=by),
    "drop": lambda delivery, by: actions.drop(delivery, by=by),
    "gone": lambda delivery, by: actions.say_gone(delivery, by=by),
}
NOT_OUT = {"failed", "expired"}
TAKEN = {
    "resend": {"needs_person"},
    "close": {"needs_person"} | NOT_OUT,
    "plan_anew": {"needs_person"} | NOT_OUT,
    "drop": {"held"},
    "gone": {"needs_person"},
}
FROM = {"gone": "withdrawing"}


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
        asked_from(delivery, FROM.get(verb, "checking"), state, **CLAIM)
        if is_taken(ANSWERS[verb], delivery, member.user):
            taken.add(state)
    assert taken == TAKEN[verb]


def test_there_is_taken_while_nobody_knows_and_at_no_other_time(there, member, rehearsal):
    text, taken = link(rehearsal), set()
    for state in State.values:
        put(there, state, **CLAIM)
        if is_taken(lambda delivery, by: actions.confirm_there(delivery, text, by=by), there, member.user):
            taken.add(state)
    assert taken == {"needs_person", "uncertain", "checking"}


@pytest.mark.parametrize("verb", [*ANSWERS, "there"])
def test_answers_are_for_the_group_and_staff(
    verb, there, student, classmate, member, former_member, neighbour, staff, rehearsal
):
    answer = ANSWERS.get(verb, lambda delivery, by: actions.confirm_there(delivery, link(rehearsal), by=by))
    asked_from(there, FROM.get(verb, "checking"), "held" if verb == "drop" else "needs_person")
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
