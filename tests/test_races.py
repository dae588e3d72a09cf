"""People at the same instant, on PostgreSQL: thirty rounds each, and no wrong outcome in any."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from portraits import actions as portrait_actions
from posts import actions
from posts.actions.delivering import claim, deliver, run_pass
from posts.actions.settling import call_off_stale
from posts.models import Delivery, Post
from tests import factories
from tests.factories import fresh

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 30


def at_once(*calls):
    """Run the calls in as many threads, all started by one barrier; what each returned, or the refusal it met."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        try:
            barrier.wait(timeout=20)
            results[number] = call()
        except (MoveRefused, PermissionDenied, actions.NotReady) as refused:
            results[number] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a race ended in a deadlock"
    return results


def succeeded(results):
    return [result for result in results if not isinstance(result, Exception)]


@pytest.fixture
def school(page):
    """A promotion whose posts are made by the round."""
    member = factories.make_member(factories.make_promotion())
    staff = [factories.make_staff() for _number in range(8)]
    return member, staff


def make_post(school, state, in_seconds=3600):
    member, staff = school
    portrait = factories.make_portrait("signed", comms=member)
    moment = timezone.now() + timedelta(seconds=in_seconds)
    return factories.make_post(state, portrait=portrait, comms=member, staff=staff[0], publish_at=moment)


def test_eight_approve_at_once_and_one_approval_counts(school):
    _member, staff = school
    approvals = []
    for _round in range(ROUNDS):
        post = make_post(school, "in_review")
        results = at_once(
            *(
                lambda by=by, post=post: actions.approve(
                    post, read=post.version, read_portrait=post.portrait_version, by=by
                )
                for by in staff
            )
        )
        approvals.append(
            (len(succeeded(results)), post.deliveries.count(), post.moves.filter(name="approve").count())
        )
    assert approvals == [(1, 1, 1)] * ROUNDS


def test_publish_against_withdraw_never_leaves_anything_online(school, rehearsal):
    """Whoever is first, in the end nothing is online and the portrait is withdrawn."""
    outcomes = []
    for _round in range(ROUNDS):
        post = make_post(school, "approved", in_seconds=0)
        held = claim(limit=1)[0]
        at_once(
            lambda held=held: deliver(held),
            lambda post=post: portrait_actions.withdraw(post.portrait, by=post.portrait.student.user),
        )
        for _pass in range(3):
            run_pass(workers=1)
        outcomes.append(
            (fresh(post.portrait).state, post.deliveries.get().state in ("cancelled", "withdrawn"))
        )
    assert outcomes == [("withdrawn", True)] * ROUNDS
    assert rehearsal.ledger.posts() == []


def test_edit_against_approve_never_approves_an_unread_text(school):
    member, staff = school
    wrong = []
    for _round in range(ROUNDS):
        post = make_post(school, "in_review")
        edited, approved = at_once(
            lambda post=post: actions.write(
                post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user
            ),
            lambda post=post: actions.approve(
                post, read=post.version, read_portrait=post.portrait_version, by=staff[0]
            ),
        )
        now = fresh(post)
        if now.state == Post.State.APPROVED and now.approved_version != now.version:
            wrong.append("approved another version")
        if not isinstance(edited, Exception) and now.state == Post.State.APPROVED:
            wrong.append("an edit did not void the approval")
        if now.state != Post.State.APPROVED and post.deliveries.exclude(state="cancelled").exists():
            wrong.append("something would still leave")
    assert wrong == []


def test_portrait_edit_against_approve_never_sends_an_unsigned_text(school, rehearsal):
    member, staff = school
    wrong = []
    for _round in range(ROUNDS):
        post = make_post(school, "in_review", in_seconds=0)
        portrait = fresh(post.portrait)
        edited, _approved = at_once(
            lambda portrait=portrait: portrait_actions.edit(
                portrait, read=portrait.version, by=member.user, text="Autre texte."
            ),
            lambda post=post: actions.approve(
                post, read=post.version, read_portrait=post.portrait_version, by=staff[0]
            ),
        )
        call_off_stale()
        run_pass(workers=1)
        if isinstance(edited, Exception):
            wrong.append("the edit was lost")
        if fresh(post).state == Post.State.APPROVED:
            wrong.append("the approval outlived the text")
    assert wrong == []
    assert rehearsal.ledger.posts() == []


def test_eight_workers_claim_and_each_delivery_leaves_once(school, rehearsal):
    for _number in range(8):
        make_post(school, "approved", in_seconds=0)
    for _round in range(9):
        at_once(*(lambda: run_pass(workers=1) for _worker in range(8)))
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["published"] * 8
    assert len(rehearsal.ledger.posts(with_deleted=True)) == 8


def test_cancel_against_claim_sends_nothing_or_the_person_is_refused(school, rehearsal):
    member, _staff = school
    wrong = []
    for _round in range(ROUNDS):
        post = make_post(school, "approved", in_seconds=0)
        delivery, before = post.deliveries.get(), len(rehearsal.ledger.posts())
        held = claim(limit=1)[0]
        at_once(lambda held=held: deliver(held), lambda post=post: actions.cancel(post, by=member.user))
        sent = len(rehearsal.ledger.posts()) - before
        if (fresh(delivery).state, sent) not in {("cancelled", 0), ("published", 1)}:
            wrong.append((fresh(delivery).state, sent))
    assert wrong == []
