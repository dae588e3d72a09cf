"""Two who want the same slot at the same instant, on PostgreSQL: one has it, the other is told what is free."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from posts import actions
from posts.models import SlotDay
from tests import factories
from tests.factories import fresh
from tests.test_races import at_once, succeeded

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))


@pytest.fixture
def school():
    """A slot each week, and posts of its group that want one."""
    account = factories.make_account()
    member = factories.make_member(factories.make_promotion())
    day = timezone.localdate() + timedelta(days=7)
    slot = factories.make_slot(member.promotion, account, weekday=day.weekday())
    posts = [factories.make_post(comms=member) for _number in range(4)]
    return slot, day, member, posts


def test_race_for_the_last_slot_has_one_winner_and_polite_losers(school):
    slot, day, member, posts = school
    for _round in range(ROUNDS):
        results = at_once(
            *(
                lambda post=post: actions.take_slot(post, slot, day, read=post.version, by=member.user)
                for post in map(fresh, posts)
            )
        )
        lost = [one for one in results if isinstance(one, actions.SlotRefused)]
        assert (len(succeeded(results)), len(lost)) == (1, 3)
        assert {"Quelqu’un a été plus rapide" in one.for_people for one in lost} == {True}
        assert {"Le prochain créneau libre" in one.for_people for one in lost} == {True}
        holder = SlotDay.objects.get()
        assert holder.post == succeeded(results)[0]
        SlotDay.objects.all().delete()
        later = timezone.now() + timedelta(days=3)
        winner = fresh(holder.post)
        actions.reschedule(winner, publish_at=later, read=winner.version, by=member.user)


def test_those_who_take_the_next_one_share_the_weeks_among_them(school):
    _slot, _day, member, posts = school
    results = at_once(
        *(
            lambda post=post: actions.take_next_slot(post, read=post.version, by=member.user)
            for post in map(fresh, posts)
        )
    )
    assert len(succeeded(results)) == 4
    assert len(set(SlotDay.objects.values_list("day", flat=True))) == 4


def test_ceding_against_taking_leaves_one_owner(school):
    slot, day, member, posts = school
    other = factories.make_promotion()
    wrong = []
    for _round in range(ROUNDS):
        post = fresh(posts[0])
        results = at_once(
            lambda post=post: actions.take_slot(post, slot, day, read=post.version, by=member.user),
            lambda: actions.cede(slot, day, to=other, by=member.user),
        )
        row = SlotDay.objects.get()
        if len(succeeded(results)) != 1 or (row.post_id is None) == (row.ceded_to_id is None):
            wrong.append(results)
        row.delete()
        post = fresh(post)
        later = timezone.now() + timedelta(days=3, seconds=_round)
        actions.reschedule(post, publish_at=later, read=post.version, by=member.user)
    assert wrong == []
