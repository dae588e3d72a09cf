"""The plan of the portraits: how it is laid, what it is made of, and what applying it does."""

import random
import time as clock
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from portraits.models import Portrait
from portraits.models.portrait import Region
from posts import actions
from posts.campaign import material_of
from posts.models import Post, SlotDay
from posts.planning import Candidate, Place, lay
from tests import factories
from tests.factories import fresh

PLAN = reverse("plan")
TODAY = date(2026, 10, 12)


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026, nine o’clock."""
    with time_machine.travel(wall(12, 9, 0), tick=False):
        yield


def wall(day, hour=8, minute=30, month=10):
    return timezone.make_aware(datetime(2026, month, day, hour, minute))


# Laying ---------------------------------------------------------------------------------------------


def candidate(pk, *groups, readiness=3, ready_in=2, pages=(1,), deficit=0):
    facts = frozenset(("region", group) for group in groups)
    return Candidate(
        pk, f"P{pk:02}", readiness, TODAY + timedelta(days=ready_in), frozenset(pages), facts, deficit
    )


def place(week, pages=(1,)):
    day = TODAY + timedelta(days=7 * week)
    return Place(f"s{week}", day, datetime.combine(day, datetime.min.time(), UTC), frozenset(pages))


PLACES = [place(week) for week in (1, 2, 3, 4)]


def order(plan):
    return [(line.place.key, line.candidate.pk) for line in plan.lines]


def test_nearest_to_being_signed_goes_first():
    plan = lay([candidate(1, readiness=1), candidate(2, readiness=3), candidate(3, readiness=2)], PLACES)
    assert order(plan) == [("s1", 2), ("s2", 3), ("s3", 1)]
    assert [one.key for one in plan.left] == ["s4"]


def test_those_shown_least_go_first():
    assert order(lay([candidate(1), candidate(2, deficit=12)], PLACES)) == [("s1", 2), ("s2", 1)]


def test_two_alike_do_not_follow_each_other():
    plan = lay(
        [candidate(1, "breton"), candidate(2, "breton"), candidate(3, "alsacien"), candidate(4, "alsacien")],
        PLACES,
    )
    assert [pk for _place, pk in order(plan)] in ([1, 3, 2, 4], [2, 3, 1, 4], [1, 4, 2, 3])


def test_nobody_goes_before_they_can_be_ready_nor_where_they_do_not_allow():
    plan = lay([candidate(1, ready_in=14), candidate(2, pages=(9,))], PLACES)
    assert order(plan) == [("s2", 1)]
    assert [one.pk for one in plan.waiting] == [2]


def test_locked_lines_stay_and_the_others_are_laid_around_them():
    people = [candidate(1, readiness=3), candidate(2, readiness=2), candidate(3, readiness=1)]
    plan = lay(people, PLACES, {3: "s1", 99: "s2", 2: "nowhere"})
    assert order(plan) == [("s1", 3), ("s2", 1), ("s3", 2)]
    assert [line.is_locked for line in plan.lines] == [True, False, False]


def test_of_two_locked_at_one_place_one_stays():
    assert order(lay([candidate(1), candidate(2)], PLACES, {1: "s2", 2: "s2"})) == [("s1", 2), ("s2", 1)]


def many(people, places):
    regions = ["a", "b", "c", "d", "e"]
    rows = [
        candidate(pk, regions[pk * 7 % 5], readiness=1 + pk % 3, ready_in=pk % 15, deficit=pk * 3 % 11)
        for pk in range(people)
    ]
    return rows, [place(week) for week in range(1, places + 1)]


def test_same_input_in_any_order_gives_the_same_plan():
    people, places = many(30, 40)
    once = order(lay(people, places))
    shuffled = random.Random(7)
    for _time in range(3):
        shuffled.shuffle(people)
        shuffled.shuffle(places)
        assert order(lay(people, places)) == once


def test_whole_promotion_is_laid_within_a_second():
    people, places = many(66, 80)
    with time_machine.travel(wall(12), tick=True):
        begins = clock.process_time()
        plan = lay(people, places)
        took = clock.process_time() - begins
    assert len(plan.lines) == 66
    assert took < 1


def test_changing_places_makes_no_plan_worse():
    people, places = many(20, 20)
    plan = lay(people, places)
    following = zip(plan.lines, plan.lines[1:], strict=False)
    alike = sum(bool(one.candidate.groups & other.candidate.groups) for one, other in following)
    assert alike <= 2


# What it is made of ---------------------------------------------------------------------------------


@pytest.fixture
def slot(promotion, account):
    return factories.make_slot(promotion, account)


def portrait(member, state="signed", **fields):
    student = factories.make_student(member.promotion, **fields)
    return factories.make_portrait(state, student=student, comms=member)


def test_portraits_that_are_ready_or_nearly_are_laid_with_their_lead(member, slot):
    signed, to_sign, edited = (portrait(member, state) for state in ("signed", "to_sign", "in_edit"))
    portrait(member, "submitted")
    factories.make_post(portrait=portrait(member), comms=member)
    found = material_of(member.promotion)
    assert [(one.pk, one.readiness, one.ready_from.day) for one in found.candidates] == [
        (signed.pk, 3, 14),
        (to_sign.pk, 2, 19),
        (edited.pk, 1, 26),
    ]


def test_draft_without_a_moment_is_laid_too(member, slot):
    post = factories.make_post(portrait=portrait(member), comms=member)
    Post.objects.filter(pk=post.pk).update(publish_at=None)
    assert [one.pk for one in material_of(member.promotion).candidates] == [post.portrait_id]


def test_slots_of_one_moment_are_one_place(promotion, slot, member, neighbour):
    facebook = factories.make_account(network="facebook")
    factories.make_slot(promotion, facebook)
    factories.make_slot(promotion, slot.account, kind="module", weekday=2)
    factories.make_slot(neighbour.promotion, slot.account, weekday=3)
    first = material_of(promotion).places[0]
    assert (first.day, first.pages) == (date(2026, 10, 13), frozenset({slot.account_id, facebook.pk}))


def test_ceded_slots_are_the_others(promotion, slot, member, neighbour):
    actions.cede(slot, date(2026, 10, 13), to=neighbour.promotion, by=member.user)
    assert material_of(promotion).places[0].day == date(2026, 10, 20)
    assert [one.day for one in material_of(neighbour.promotion).places] == [date(2026, 10, 13)]


def test_share_of_the_period_is_kept(promotion, slot, neighbour, staff):
    factories.make_slot(promotion, slot.account, weekday=3)
    factories.make_slot(neighbour.promotion, slot.account, weekday=4)
    parts = {promotion: 50, neighbour.promotion: 50}
    actions.set_shares(slot.account, TODAY, date(2026, 10, 25), parts, by=staff)
    found = material_of(promotion)
    assert [one.day.day for one in found.places if one.day <= date(2026, 10, 25)] == [13, 15, 20]
    assert found.beyond_share == 1


def test_reasons_name_no_fact(client, member, promotion, slot):
    """With the member three have said nothing: fewer would hide a whole group among themselves."""
    shown, unshown = Region.values[1], Region.values[2]
    for _silent in range(2):
        factories.make_student(promotion)
    for number in range(6):
        one = portrait(member, last_name=f"Nom{9 - number}")
        Portrait.objects.filter(pk=one.pk).update(region=shown if number < 3 else unshown)
        if number < 3:
            out = {"state": "published", "online": one.versions.last(), "published_at": wall(1)}
            Portrait.objects.filter(pk=one.pk).update(**out)
    response = page(client, member.user)
    found = response.content.decode()
    assert found.count("une région d’origine encore peu montrée") == 3
    assert str(Region(unshown).label) not in found
    assert str(Region(shown).label) not in found


# The page -------------------------------------------------------------------------------------------


def page(client, person, **data):
    client.force_login(person)
    return client.post(PLAN, data) if data else client.get(PLAN)


def lines(response):
    return [f"{line.candidate.pk} {line.place.key}" for line, _reasons in response.context["lines"]]


def test_plan_is_shown_with_its_reasons(client, member, slot):
    one = portrait(member)
    found = page(client, member.user).content.decode()
    assert one.student.full_name in found
    assert "signé, peut partir dès le mercredi 14 octobre" in found
    assert "mardi 20 octobre à 8\xa0h\xa030" in found


def test_line_is_locked_and_portrait_put_elsewhere(client, member, slot):
    first, second = portrait(member, last_name="Abadie"), portrait(member, last_name="Zola")
    shown = page(client, member.user)
    keys = [line.place.key for line, _reasons in shown.context["lines"]]
    moved = page(client, member.user, do="move", who=first.pk, to=keys[1], lock=[f"{second.pk} {keys[1]}"])
    assert lines(moved) == [f"{second.pk} {keys[0]}", f"{first.pk} {keys[1]}"]
    assert "vous l’avez mis là" in moved.content.decode()
    again = page(client, member.user, do="plan", lock=[f"{first.pk} {keys[1]}"])
    assert lines(again) == lines(moved)


@pytest.mark.parametrize("data", [{"who": "", "to": ""}, {"who": "x", "to": "y"}, {"who": "999", "to": "y"}])
def test_move_without_a_choice_says_so(data, client, member, slot):
    portrait(member)
    assert (
        "Choisissez un portrait et un créneau"
        in page(client, member.user, do="move", **data).content.decode()
    )


def test_applied_plan_dates_drafts_and_begins_those_that_are_missing(client, member, slot):
    first, second = portrait(member, last_name="Abadie"), portrait(member, "to_sign", last_name="Zola")
    draft = actions.draft(first, by=member.user)
    response = client_apply(client, member)
    assert "2 portraits sont planifiés." in response.content.decode()
    assert fresh(draft).publish_at == wall(20)
    begun = Post.objects.get(portrait=second)
    assert (begun.publish_at, begun.state) == (wall(27), "draft")
    assert SlotDay.objects.count() == 2
    assert "Aucun portrait à planifier" in page(client, member.user).content.decode()


def client_apply(client, member):
    shown = page(client, member.user)
    return client.post(PLAN, {"do": "apply", "line": lines(shown)}, follow=True)


def test_line_that_was_taken_meanwhile_holds_up_no_other(client, member, slot):
    first, second = portrait(member, last_name="Abadie"), portrait(member, last_name="Zola")
    shown = lines(page(client, member.user))
    faster = factories.make_post(comms=member)
    actions.take_slot(faster, slot, date(2026, 10, 20), read=faster.version, by=member.user)
    response = client.post(PLAN, {"do": "apply", "line": [*shown, "x", "7 nowhere"]}, follow=True)
    assert "Une ligne a changé entre-temps" in response.content.decode()
    assert Post.objects.filter(portrait=first).count() == 0
    assert Post.objects.get(portrait=second).publish_at == wall(27)


def test_only_the_group_applies(client, member, neighbour, staff, slot):
    one = portrait(member)
    with pytest.raises(PermissionDenied):
        actions.plan_portrait(
            one, material_of(member.promotion).occasions[wall_key(20)][0], by=neighbour.user
        )
    client.force_login(staff)
    assert client.get(PLAN, {"promotion": member.promotion.slug}).status_code == 200
    assert client.post(PLAN, {"do": "apply", "promotion": member.promotion.slug}).status_code == 403


def wall_key(day):
    return wall(day).astimezone(UTC).isoformat()


def test_portrait_that_may_not_be_drafted_is_refused(member, slot):
    one = portrait(member, "submitted")
    found = material_of(member.promotion).occasions[wall_key(20)][0]
    with pytest.raises(MoveRefused):
        actions.plan_portrait(one, found, by=member.user)


def test_without_slots_the_page_says_what_to_do(client, member, account):
    portrait(member)
    assert "Aucun créneau libre pour ces portraits" in page(client, member.user).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same(count, client, member, slot, neighbour, staff, django_assert_num_queries):
    for number in range(count):
        first = TODAY + timedelta(days=30 * number)
        parts = {member.promotion: 50, neighbour.promotion: 50}
        actions.set_shares(slot.account, first, first + timedelta(days=20), parts, by=staff)
        factories.make_slot(member.promotion, slot.account, weekday=2 + number)
        actions.draft(portrait(member), by=member.user)
        factories.make_post(comms=member)
    client.force_login(member.user)
    with django_assert_num_queries(15):
        client.get(PLAN)
