"""Weekly slots: their moments across clock changes, who takes, cedes and takes back which, and what sets one free."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from posts import actions
from posts.models import Post, Slot, SlotDay
from posts.slots import free_for, held_by, next_free, occasions, said_occasion
from tests import factories
from tests.factories import fresh

TUESDAY = date(2026, 10, 13)


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026, nine o’clock: the clocks go back on Sunday 25."""
    with time_machine.travel(wall(12, 9, 0), tick=False):
        yield


def wall(day, hour=8, minute=30):
    return timezone.make_aware(datetime(2026, 10, day, hour, minute))


@pytest.fixture
def slot(promotion, account):
    return factories.make_slot(promotion, account)


@pytest.fixture
def post(member, account):
    return factories.make_post(comms=member, publish_at=wall(30, 10, 0))


def taken(post):
    return [(row.slot_id, row.day) for row in SlotDay.objects.filter(post=post)]


# The days of a slot ---------------------------------------------------------------------------------


def test_slot_comes_back_each_week_at_the_same_time_on_the_wall(slot):
    found = occasions([slot], date(2026, 10, 12), date(2026, 11, 3))
    assert [timezone.localtime(one.moment).strftime("%d/%m %H:%M") for one in found] == [
        "13/10 08:30",
        "20/10 08:30",
        "27/10 08:30",
        "03/11 08:30",
    ]


def test_slot_begins_and_ends_on_its_days_and_with_its_promotion(promotion, account):
    slot = factories.make_slot(promotion, account, starts=date(2026, 10, 20), ends=date(2026, 10, 27))
    assert [one.day.day for one in occasions([slot], TUESDAY, date(2026, 12, 1))] == [20, 27]
    slot.ends, promotion.ends = None, date(2026, 11, 4)
    assert [one.day.day for one in occasions([slot], TUESDAY, date(2026, 12, 1))] == [20, 27, 3]


@pytest.mark.parametrize(
    ("day", "at", "leaves", "said"),
    [
        (date(2027, 3, 28), time(2, 30), "2027-03-28T01:00:00+00:00", "il n’y a pas de 2\xa0h\xa030"),
        (date(2027, 3, 28), time(1, 59), "2027-03-28T00:59:00+00:00", ""),
        (date(2027, 3, 28), time(3, 0), "2027-03-28T01:00:00+00:00", ""),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00", "existe deux fois"),
        (date(2026, 10, 25), time(8, 30), "2026-10-25T07:30:00+00:00", ""),
    ],
)
def test_clock_change_moves_a_slot_and_says_so(day, at, leaves, said, promotion, account):
    slot = factories.make_slot(promotion, account, weekday=6, time=at)
    (one,) = occasions([slot], day, day)
    assert one.moment == datetime.fromisoformat(leaves)
    assert (said in one.clocks, bool(one.clocks)) == (True, bool(said))


# Taking ---------------------------------------------------------------------------------------------


def test_post_takes_a_slot_and_goes_out_then(slot, post, member):
    moved = actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)
    assert (moved.publish_at, moved.version) == (wall(13), post.version + 1)
    assert taken(post) == [(slot.pk, TUESDAY)]
    assert said_occasion(held_by(post)) == "mardi 13 octobre à 8\xa0h\xa030 sur LinkedIn · INET."


def test_approved_post_that_takes_a_slot_goes_back_to_the_staff(slot, member, account):
    post = factories.make_post("approved", comms=member, publish_at=wall(30))
    assert actions.take_next_slot(post, read=post.version, by=member.user).state == "in_review"


def test_next_slot_is_the_first_free_one_of_its_kind_and_group(promotion, post, member, neighbour, account):
    factories.make_slot(neighbour.promotion, account, time=time(8, 0))
    factories.make_slot(promotion, account, time=time(8, 10), kind="module")
    factories.make_slot(promotion, factories.make_account(network="x"), time=time(8, 20))
    mine = factories.make_slot(promotion, account)
    other = factories.make_post(comms=member)
    actions.take_slot(other, mine, TUESDAY, read=other.version, by=member.user)
    actions.take_next_slot(post, read=post.version, by=member.user)
    assert taken(post) == [(mine.pk, date(2026, 10, 20))]


def test_post_takes_the_slots_of_the_same_moment_on_its_other_pages(promotion, slot, member):
    facebook = factories.make_account(network="facebook")
    with_it = factories.make_slot(promotion, facebook)
    portrait = factories.make_portrait("signed", comms=member, places=("gallery", "linkedin", "facebook"))
    post = factories.make_post(portrait=portrait, comms=member)
    actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)
    assert sorted(taken(post)) == sorted([(slot.pk, TUESDAY), (with_it.pk, TUESDAY)])


def test_second_of_two_is_told_which_is_free_next_and_stays_where_it_was(slot, post, member):
    faster = factories.make_post(comms=member)
    actions.take_slot(faster, slot, TUESDAY, read=faster.version, by=member.user)
    with pytest.raises(actions.SlotRefused) as refused:
        actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)
    assert refused.value.for_people == (
        f"Quelqu’un a été plus rapide\xa0: «\xa0{faster}\xa0» vient de prendre le créneau du mardi 13 octobre à 8\xa0h\xa030. "
        "Le prochain créneau libre\xa0: mardi 20 octobre à 8\xa0h\xa030 sur LinkedIn · INET."
    )
    assert (fresh(post).publish_at, fresh(post).version) == (wall(30, 10, 0), post.version)


def test_taking_twice_changes_nothing(slot, post, member):
    once = actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)
    twice = actions.take_slot(once, slot, TUESDAY, read=once.version, by=member.user)
    assert (twice.version, taken(post)) == (once.version, [(slot.pk, TUESDAY)])


def test_without_a_free_slot_it_says_what_to_do(post, member):
    with pytest.raises(actions.SlotRefused, match="Aucun créneau de ce type"):
        actions.take_next_slot(post, read=post.version, by=member.user)


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 10, 6), "Ce créneau est passé."), (date(2026, 10, 14), "pas de tel créneau")],
)
def test_slot_that_is_none_is_refused(day, said, slot, post, member):
    with pytest.raises(actions.SlotRefused, match=said):
        actions.take_slot(post, slot, day, read=post.version, by=member.user)


def test_other_groups_slot_is_theirs(neighbour, account, post, member):
    theirs = factories.make_slot(neighbour.promotion, account)
    with pytest.raises(actions.SlotRefused, match="demandez-lui"):
        actions.take_slot(post, theirs, TUESDAY, read=post.version, by=member.user)


@pytest.mark.parametrize("fields", [{"kind": "module"}, {"network": "mastodon"}])
def test_slot_for_something_else_is_refused(fields, promotion, account, post, member):
    if "network" in fields:
        slot = factories.make_slot(promotion, factories.make_account(**fields))
    else:
        slot = factories.make_slot(promotion, account, **fields)
    with pytest.raises(actions.SlotRefused, match="n’est pas pour cette publication"):
        actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)


def test_only_the_group_takes_and_only_what_it_has_read(slot, post, member, neighbour, staff):
    for person in (neighbour.user, staff, post.portrait.student.user):
        with pytest.raises(PermissionDenied):
            actions.take_slot(post, slot, TUESDAY, read=post.version, by=person)
        with pytest.raises(PermissionDenied):
            actions.take_next_slot(post, read=post.version, by=person)
    with pytest.raises(StaleVersion):
        actions.take_slot(post, slot, TUESDAY, read=post.version + 1, by=member.user)


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_post_that_is_over_takes_nothing(state, slot, member, account):
    post = factories.make_post("approved", comms=member, publish_at=wall(13))
    Post.objects.filter(pk=post.pk).update(**{"state": state})
    with pytest.raises(MoveRefused):
        actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)


# Leaving --------------------------------------------------------------------------------------------


@pytest.fixture
def held(slot, post, member):
    """The post, in its slot."""
    return actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)


def test_moved_post_leaves_its_slot(held, member):
    actions.reschedule(held, publish_at=wall(14), read=held.version, by=member.user)
    assert taken(held) == []


def test_post_saved_with_another_moment_leaves_its_slot(held, member):
    texts = dict(held.variants.values_list("account_id", "text"))
    saved = actions.write(
        held,
        texts=texts | dict.fromkeys(texts, "Autre."),
        publish_at=wall(13),
        read=held.version,
        by=member.user,
    )
    assert len(taken(held)) == 1
    actions.write(saved, texts=texts, publish_at=wall(14), read=saved.version, by=member.user)
    assert taken(held) == []


def test_cancelled_and_returned_posts_leave_their_slots(held, member, staff):
    asked = actions.ask_review(held, read=held.version, by=member.user)
    actions.return_to_group(asked, reason="Trop long.", by=staff)
    assert taken(held) == []
    again = actions.take_next_slot(held, read=fresh(held).version, by=member.user)
    assert (again.publish_at, again.version, len(taken(held))) == (wall(13), held.version, 1)
    actions.cancel(again, by=member.user)
    assert taken(held) == []


def test_post_that_the_clock_dropped_holds_nothing(held, slot, member):
    Post.objects.filter(pk=held.pk).update(**{"state": "cancelled"})
    other = factories.make_post(comms=member)
    actions.take_slot(other, slot, TUESDAY, read=other.version, by=member.user)
    assert (taken(other), taken(held)) == ([(slot.pk, TUESDAY)], [])


# Ceding ---------------------------------------------------------------------------------------------


def test_ceded_slot_is_the_other_groups_for_that_day(slot, post, member, neighbour, account):
    row = actions.cede(slot, TUESDAY, to=neighbour.promotion, by=member.user)
    assert (row.ceded_to, row.ceded_by) == (neighbour.promotion, member.user)
    theirs = factories.make_post(comms=neighbour)
    actions.take_next_slot(theirs, read=theirs.version, by=neighbour.user)
    assert fresh(theirs).publish_at == wall(13)
    assert next_free(post).day == date(2026, 10, 20)
    actions.cancel(fresh(theirs), by=neighbour.user)
    assert [one.day.day for one in free_for(theirs)] == [13]


def test_ceded_slot_is_taken_back_while_it_is_free(slot, member, neighbour, post):
    actions.cede(slot, TUESDAY, to=neighbour.promotion, by=member.user)
    actions.take_back(slot, TUESDAY, by=member.user)
    actions.take_back(slot, TUESDAY, by=member.user)
    assert (SlotDay.objects.count(), next_free(post).day) == (0, TUESDAY)


def test_slot_that_the_others_have_taken_is_not_taken_back(slot, member, neighbour):
    actions.cede(slot, TUESDAY, to=neighbour.promotion, by=member.user)
    theirs = factories.make_post(comms=neighbour)
    actions.take_next_slot(theirs, read=theirs.version, by=neighbour.user)
    with pytest.raises(actions.SlotRefused, match="y a déjà mis une publication"):
        actions.take_back(slot, TUESDAY, by=member.user)


def test_slot_with_a_post_or_in_the_past_or_to_nobody_is_not_ceded(slot, held, member, neighbour, promotion):
    with pytest.raises(actions.SlotRefused, match="Déplacez d’abord"):
        actions.cede(slot, TUESDAY, to=neighbour.promotion, by=member.user)
    with pytest.raises(actions.SlotRefused, match="rien à céder"):
        actions.cede(slot, date(2026, 10, 6), to=neighbour.promotion, by=member.user)
    with pytest.raises(actions.SlotRefused, match="n’en a pas l’usage"):
        actions.cede(slot, date(2026, 10, 20), to=promotion, by=member.user)


def test_only_the_owners_cede_and_take_back(slot, neighbour, staff, student, former_member):
    for person in (neighbour.user, staff, student.user, former_member.user):
        with pytest.raises(PermissionDenied):
            actions.cede(slot, TUESDAY, to=neighbour.promotion, by=person)
        with pytest.raises(PermissionDenied):
            actions.take_back(slot, TUESDAY, by=person)


# Setting --------------------------------------------------------------------------------------------


def test_staff_set_shares_and_change_them(account, promotion, neighbour, staff):
    first, last = date(2026, 10, 1), date(2026, 12, 31)
    period = actions.set_shares(account, first, last, {promotion: 60, neighbour.promotion: 40}, by=staff)
    actions.set_shares(
        account, first, last, {promotion: 30, neighbour.promotion: 70}, by=staff, period=fresh(period)
    )
    assert dict(period.shares.values_list("promotion", "percent")) == {
        promotion.pk: 30,
        neighbour.promotion.pk: 70,
    }


def test_shares_make_a_hundred_on_days_not_shared_yet(account, promotion, neighbour, staff):
    first, last, both = date(2026, 10, 1), date(2026, 12, 31), {promotion: 60, neighbour.promotion: 40}
    with pytest.raises(ValidationError, match="ensemble 100, et font 110"):
        actions.set_shares(account, first, last, {promotion: 70, neighbour.promotion: 40}, by=staff)
    with pytest.raises(ValidationError, match="deux promotions"):
        actions.set_shares(account, first, last, {promotion: 100}, by=staff)
    actions.set_shares(account, first, last, both, by=staff)
    with pytest.raises(ValidationError, match="déjà partagé"):
        actions.set_shares(account, last, date(2027, 1, 31), both, by=staff)
    actions.set_shares(factories.make_account(network="x"), first, last, both, by=staff)


def test_two_slots_are_not_at_the_same_time_on_one_page(account, promotion, neighbour, staff):
    def new(**fields):
        fields = {"account": account, "promotion": promotion, "weekday": 1, "time": time(8, 30)} | fields
        return actions.set_slot(Slot(**{"starts": date(2026, 10, 1)} | fields), by=staff)

    new(ends=date(2026, 11, 1))
    with pytest.raises(ValidationError, match="déjà un créneau"):
        new(promotion=neighbour.promotion, starts=date(2026, 11, 1))
    new(promotion=neighbour.promotion, starts=date(2026, 11, 2))
    new(time=time(9, 30))
    assert Slot.objects.count() == 3


def test_only_staff_set_shares_and_slots(account, promotion, neighbour, member):
    with pytest.raises(PermissionDenied):
        actions.set_shares(
            account, TUESDAY, TUESDAY, {promotion: 60, neighbour.promotion: 40}, by=member.user
        )
    with pytest.raises(PermissionDenied):
        actions.set_slot(Slot(account=account, promotion=promotion, weekday=1, time=time(8)), by=member.user)
