"""People at the same instant, on PostgreSQL: thirty rounds each, and no wrong outcome in any."""

import os
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from cohorts.actions import give_login
from inet_comms.lifecycle import MoveRefused
from portraits import actions as portrait_actions
from posts import actions
from posts.actions.delivering import claim, run_pass
from posts.actions.sending import deliver
from posts.actions.sweeping import call_off_stale
from posts.models import Attempt, Delivery, Post, Stop
from posts.permissions import can_take_down
from tests import factories
from tests.factories import fresh
from tests.torture import load

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("RACE_ROUNDS", "30"))
"""`make torture` runs a thousand."""


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


@pytest.fixture
def due(page):
    """Posts that are due now, one for each round, and who may decide about them."""
    load.fill(ROUNDS, {"linkedin": [page]})
    posts = list(Post.objects.select_related("portrait", "author").order_by("pk"))
    Delivery.objects.update(state="held")
    return posts


def race(posts, rehearsal, decide):
    """Each post's delivery is carried out while somebody decides; (state of the delivery, posts sent) for each."""
    outcomes = []
    for post in posts:
        delivery, before = post.deliveries.get(), len(rehearsal.ledger.events("created"))
        Delivery.objects.filter(pk=delivery.pk).update(state="scheduled")
        (held,) = claim(limit=1)
        at_once(lambda held=held: deliver(held), lambda post=post: decide(post))
        sent = len(rehearsal.ledger.events("created")) - before
        outcomes.append((fresh(delivery).state, sent))
    return outcomes


def edit(post):
    texts = {variant.account_id: f"{variant.text} Corrigé." for variant in post.variants.all()}
    return actions.write(post, texts=texts, publish_at=post.publish_at, read=post.version, by=post.author)


def reschedule(post):
    texts = dict(post.variants.values_list("account_id", "text"))
    later = post.publish_at + timedelta(hours=1)
    return actions.write(post, texts=texts, publish_at=later, read=post.version, by=post.author)


@pytest.mark.parametrize(
    "decide",
    [lambda post: actions.cancel(post, by=post.author), edit, reschedule],
    ids=["cancel", "edit", "reschedule"],
)
def test_decision_against_claim_sends_nothing_or_the_old_version_once(due, rehearsal, decide):
    """What was sent is online under its old version, and can be taken down by whoever decided too late."""
    outcomes = race(due, rehearsal, decide)
    assert set(outcomes) <= {("cancelled", 0), ("published", 1)}
    for delivery in Delivery.objects.filter(state="published", post__state__in=["cancelled", "draft"]):
        assert can_take_down(delivery.post.author, delivery)


def test_withdrawal_against_claim_leaves_nothing_online(due, rehearsal):
    race(due, rehearsal, lambda post: withdraw(post))
    for _pass in range(3):
        run_pass(workers=1)
    assert set(Delivery.objects.values_list("state", flat=True)) <= {"cancelled", "withdrawn"}
    assert rehearsal.ledger.posts() == []


def withdraw(post):
    """As the student does; their login is made on the spot."""
    student = post.portrait.student
    give_login(student)
    return portrait_actions.withdraw(post.portrait, by=fresh(student).user)


def test_stop_against_claim_lets_no_intent_commit_after_it(due, rehearsal):
    staff = factories.make_staff()
    late = []
    for post in due:
        delivery = post.deliveries.get()
        Delivery.objects.filter(pk=delivery.pk).update(state="scheduled")
        (held,) = claim(limit=1)
        _sent, stop = at_once(lambda held=held: deliver(held), lambda: actions.press_stop(by=staff))
        # Whoever pressed the switch sees, from then on, every intent that there will ever be.
        intents = Attempt.objects.filter(delivery=delivery).count()
        was_sent = len([p for p in rehearsal.ledger.posts() if p["text"] == delivery.text])
        if was_sent > intents:
            late.append(delivery.pk)
        if any(attempt.intent_at > stop.pressed_at for attempt in Attempt.objects.filter(delivery=delivery)):
            late.append(delivery.pk)
        Stop.objects.update(lifted_at=timezone.now(), lifted_by=staff)
    assert late == []
