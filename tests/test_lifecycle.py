"""lock, move, tick: the promises that every lifecycle stands on."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from inet_comms.lifecycle import MoveRefused, StaleVersion, lock, move, require, require_version, tick
from portraits.models import Nudge, Portrait
from posts.models import Delivery, Post
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait(student):
    return Portrait.objects.create(student=student)


def test_move_writes_the_state_and_a_history_row(portrait, student):
    with transaction.atomic():
        move(lock(portrait), "begin", by=student.user, note="why")
    step = portrait.moves.get()
    assert (factories.fresh(portrait).state, step.source, step.target, step.by, step.note) == (
        "draft",
        "invited",
        "draft",
        student.user,
        "why",
    )


def test_move_that_the_table_does_not_list_is_refused_and_writes_nothing(portrait, student):
    with pytest.raises(MoveRefused), transaction.atomic():
        move(lock(portrait), "sign", by=student.user)
    assert (factories.fresh(portrait).state, portrait.moves.count()) == ("invited", 0)


def test_move_without_lock_is_a_programming_error(portrait, student):
    with pytest.raises(RuntimeError), transaction.atomic():
        move(portrait, "begin", by=student.user)


def test_move_without_person_is_a_programming_error(portrait):
    with pytest.raises(TypeError), transaction.atomic():
        move(lock(portrait), "begin", by=None)


def test_clock_cannot_take_a_persons_arrow(portrait):
    with pytest.raises(TypeError), transaction.atomic():
        tick(lock(portrait), "begin")


def test_person_cannot_take_the_clocks_arrow(portrait, student):
    with pytest.raises(TypeError), transaction.atomic():
        move(lock(portrait), "publish", by=student.user)


def test_lock_reads_the_row_again(portrait, student):
    Portrait.objects.filter(pk=portrait.pk).update(quote="newer")
    with transaction.atomic():
        assert lock(portrait).quote == "newer"


def test_require_stops_whoever_may_not():
    with pytest.raises(PermissionDenied):
        require(False)


def test_require_version_stops_whoever_read_another(portrait):
    with pytest.raises(StaleVersion):
        require_version(portrait, "edit", 7)


def test_database_refuses_signed_without_the_version_signed(portrait):
    with pytest.raises(IntegrityError), transaction.atomic():
        Portrait.objects.filter(pk=portrait.pk).update(state="signed", version=3, signed_version=2)


def test_database_refuses_approved_without_the_version_approved(member, account):
    post = factories.make_post(
        "in_review", comms=member, portrait=factories.make_portrait("signed", comms=member)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(state="approved")


def test_database_refuses_approval_by_the_author(member, account):
    post = factories.make_post(
        "approved", comms=member, portrait=factories.make_portrait("signed", comms=member)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(approved_by=post.author_id)


def test_database_refuses_a_second_live_delivery_for_a_page(member, account):
    post = factories.make_post(
        "approved", comms=member, portrait=factories.make_portrait("signed", comms=member)
    )
    delivery = post.deliveries.get()
    delivery.pk, delivery.generation = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        delivery.save(force_insert=True)


@pytest.mark.parametrize("model", [Portrait, Post, Delivery, Nudge])
def test_every_arrow_joins_known_states(model):
    known = set(model.State.values)
    named = {state for arrow in model.MOVES.values() for state in (*arrow.sources, arrow.target)}
    assert named - known == set()


@pytest.mark.parametrize("model", [Portrait, Post, Delivery, Nudge])
def test_every_state_can_be_reached(model):
    reached = {model._meta.get_field("state").default}
    for _round in model.State.values:
        reached |= {arrow.target for arrow in model.MOVES.values() if reached & set(arrow.sources)}
    assert reached == set(model.State.values)
