"""The board: everyone of a promotion with state and what is missing, and the invitations sent from it."""

import re

import pytest
from django.urls import reverse

from portraits import actions
from tests import factories

pytestmark = pytest.mark.django_db
BOARD = "/tableau/"


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


def tiles(response):
    return {tile.student.email: tile for tile in response.context["tiles"]}


def test_board_shows_everyone_of_the_promotion_and_nobody_else(
    as_member, student, classmate, member, neighbour
):
    response = as_member.get(BOARD)
    assert sorted(tiles(response)) == ["ines@example.org", "karim@example.org", "lea@example.org"]


def test_board_says_exactly_what_is_missing(as_member, student, member):
    portrait = actions.invite(student, by=member.user)
    for key in factories.ANSWERS.keys() - {"why"}:
        actions.answer(portrait, key, "Des mots.", by=student.user)
    tile = tiles(as_member.get(BOARD))["lea@example.org"]
    assert [str(what) for what in tile.missing] == [str(what) for what in factories.fresh(portrait).missing]
    assert len(tile.missing) == 2


@pytest.mark.parametrize(
    "state", ["invited", "draft", "submitted", "in_edit", "to_sign", "signed", "withdrawn"]
)
def test_board_knows_the_state_of_each(state, as_member, student, member):
    factories.make_portrait(state, student=student, comms=member)
    assert tiles(as_member.get(BOARD))["lea@example.org"].state == state


def test_board_counts_those_without_a_portrait_as_not_invited(as_member, student):
    assert tiles(as_member.get(BOARD))["lea@example.org"].state == "not_invited"


def test_board_counts_what_is_online(as_member, student, member):
    actions.publish(factories.make_portrait("signed", student=student, comms=member))
    response = as_member.get(BOARD)
    assert (response.context["online"], response.context["total"]) == (1, 2)
    assert "1 portrait" in response.content.decode()


def test_board_filters_by_state(as_member, student, classmate, member):
    factories.make_portrait("signed", student=student, comms=member)
    assert sorted(tiles(as_member.get(BOARD, {"state": "signed"}))) == ["lea@example.org"]


def test_board_of_an_empty_state_offers_the_way_back(as_member, student):
    response = as_member.get(BOARD, {"state": "published"})
    assert (tiles(response), 'class="empty"' in response.content.decode()) == ({}, True)


@pytest.mark.parametrize(
    ("tick", "ticked"),
    [("", ["karim"]), ("not_invited", ["karim"]), ("not_begun", ["karim", "lea"])],
)
def test_board_ticks_whom_one_asks_for(tick, ticked, as_member, student, classmate, member):
    actions.invite(student, by=member.user)
    actions.invite(member, by=member.user)
    actions.answer(actions.invite(member, by=member.user), "why", "Des mots.", by=member.user)
    html = as_member.get(BOARD, {"tick": tick} if tick else {}).content.decode()
    boxes = re.findall(r'name="students" value="(\d+)" checked', html)
    people = {str(classmate.pk): "karim", str(student.pk): "lea"}
    assert sorted(people[pk] for pk in boxes) == ticked


def test_board_of_another_promotion_is_missing_for_the_group(as_member, neighbour):
    assert as_member.get(BOARD, {"promotion": neighbour.promotion.slug}).status_code == 404


def test_board_for_staff_shows_the_promotion_they_choose_and_no_invitations(
    client, staff, student, neighbour
):
    client.force_login(staff)
    response = client.get(BOARD, {"promotion": student.promotion.slug})
    assert (list(tiles(response)), response.context["can_invite"]) == (["lea@example.org"], False)


def test_board_without_any_promotion_says_what_it_is_for(client, staff):
    client.force_login(staff)
    assert 'class="empty"' in client.get(BOARD).content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_board_costs_the_same_for_one_and_three(more, as_member, student, member, django_assert_num_queries):
    factories.make_portrait("draft", student=student, comms=member)
    for _number in range(more):
        factories.make_portrait("draft", comms=member)
    with django_assert_num_queries(8):
        as_member.get(BOARD)


def test_board_is_in_the_order_of_names(as_member, student, classmate, member):
    assert list(tiles(as_member.get(BOARD))) == ["karim@example.org", "lea@example.org", "ines@example.org"]


# Invite -----------------------------------------------------------------------------------------


def invite(client, *students):
    return client.post(
        reverse("invite"), {"students": [one if isinstance(one, str) else one.pk for one in students]}
    )


def test_invite_writes_to_those_ticked(
    as_member, student, classmate, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = invite(as_member, student, classmate)
    assert (response.status_code, sorted(mail.to[0] for mail in mailoutbox)) == (
        302,
        ["karim@example.org", "lea@example.org"],
    )


def test_invite_leaves_out_whoever_has_begun(
    as_member, student, member, mailoutbox, django_capture_on_commit_callbacks
):
    factories.make_portrait("draft", student=student, comms=member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        invite(as_member, student)
    assert mailoutbox == []


@pytest.mark.parametrize("chosen", [[], ["not a number"], ["99999999999999999999999"]])
def test_invite_of_nobody_says_so(chosen, as_member):
    invite(as_member, *chosen)
    assert [message.level_tag for message in as_member.get(BOARD).context["messages"]] == ["warning"]


def test_invite_does_not_reach_the_other_promotion(as_member, neighbour, mailoutbox):
    invite(as_member, neighbour)
    assert hasattr(neighbour, "portrait") is False
