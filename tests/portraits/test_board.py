"""The board: everyone of a promotion with state and what is missing, and the invitations sent from it."""

import csv
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portraits import actions
from portraits.models import Nudge, Portrait, QuietPeriod, Rhythm
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
    [
        ("", []),
        ("not_invited", ["karim"]),
        ("not_begun", ["karim", "lea"]),
        ("shown", ["ines", "karim", "lea"]),
    ],
)
def test_board_ticks_whom_one_asks_for(tick, ticked, as_member, student, classmate, member):
    actions.invite(student, by=member.user)
    actions.invite(member, by=member.user)
    actions.answer(actions.invite(member, by=member.user), "why", "Des mots.", by=member.user)
    html = as_member.get(BOARD, {"tick": tick} if tick else {}).content.decode()
    boxes = re.findall(r'name="students" value="(\d+)" checked', html)
    people = {str(classmate.pk): "karim", str(student.pk): "lea", str(member.pk): "ines"}
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


STATES = ("invited", "draft", "submitted", "in_edit", "to_sign", "signed", "withdrawn")


def fill(member, count):
    """So many students over all states, chased in every way."""
    Rhythm.objects.create(promotion=member.promotion, is_on=True)
    day = timezone.localdate()
    QuietPeriod.objects.create(promotion=member.promotion, label="Examens", starts=day, ends=day)
    for number in range(count):
        student = factories.make_student(member.promotion)
        portrait = factories.make_portrait(STATES[number % len(STATES)], student=student, comms=member)
        actions.look_after(student, member if number % 2 else None, by=member.user)
        actions.note_contact(student, "phone", by=member.user)
        due = timezone.now()
        for state in ("sent", "cancelled", "proposed"):
            Nudge.objects.create(
                portrait=portrait,
                number=1,
                about="photo",
                subject="s",
                text="t",
                state=state,
                due_at=due,
                ended_at=due,
            )


# One face more is the member's own.
@pytest.mark.parametrize("count", [0, 2, 5, 65])
def test_board_costs_the_same_for_one_and_sixty_six(
    count, as_member, student, member, django_assert_num_queries
):
    factories.make_portrait("draft", student=student, comms=member)
    student.delete() if count else None
    fill(member, count)
    with django_assert_num_queries(11):
        response = as_member.get(BOARD)
    assert len(response.context["tiles"]) == count + 1 + (not count)


def test_board_is_in_the_order_of_names(as_member, student, classmate, member):
    assert list(tiles(as_member.get(BOARD))) == ["karim@example.org", "lea@example.org", "ines@example.org"]


# Filters ----------------------------------------------------------------------------------------


def shown(client, **asked):
    return sorted(tiles(client.get(BOARD, asked)))


@pytest.mark.parametrize("typed", ["le goff", "LE GOFF lea", "léa", "  lea  ", "gof"])
def test_board_finds_a_name_without_accents(typed, as_member, student, classmate):
    assert shown(as_member, q=typed) == ["lea@example.org"]


def test_board_finds_nobody_and_offers_the_way_back(as_member, student):
    response = as_member.get(BOARD, {"q": "zzz"})
    assert (tiles(response), 'class="empty"' in response.content.decode()) == ({}, True)


@pytest.mark.parametrize(
    ("lacks", "found"),
    [
        ("photo", ["karim@example.org"]),
        ("answers", ["karim@example.org"]),
        ("sign", ["lea@example.org"]),
        ("begin", []),
        ("", ["ines@example.org", "karim@example.org", "lea@example.org"]),
        ("rubbish", ["ines@example.org", "karim@example.org", "lea@example.org"]),
    ],
)
def test_board_filters_by_what_is_missing(lacks, found, as_member, student, classmate, member):
    factories.make_portrait("to_sign", student=student, comms=member)
    actions.answer(actions.invite(classmate, by=member.user), "why", "Des mots.", by=classmate.user)
    assert shown(as_member, lacks=lacks) == found


def test_board_filters_by_who_looks_after_them(as_member, student, classmate, member, former_member):
    actions.look_after(student, member, by=member.user)
    Portrait.objects.create(student=classmate, looked_after_by=former_member)
    everyone = {"me": ["lea@example.org"], "others": ["karim@example.org"], str(member.pk): []}
    assert {who: shown(as_member, who=who) for who in ("me", "others")} == {
        who: everyone[who] for who in ("me", "others")
    }
    assert shown(as_member, who="nobody") == ["ines@example.org", "paul@example.org"]


def test_board_filters_by_somebody_else_of_the_group(as_member, student, member, promotion):
    other = factories.make_member(promotion)
    actions.look_after(student, other, by=member.user)
    assert shown(as_member, who=str(other.pk)) == ["lea@example.org"]


def test_board_shows_who_is_to_be_reminded(as_member, student, classmate, member):
    for one, days in ((student, 6), (classmate, 2)):
        portrait = actions.invite(one, by=member.user)
        Portrait.objects.filter(pk=portrait.pk).update(invited_at=timezone.now() - timedelta(days=days + 3))
        portrait.contacts.all().delete()
    actions.note_contact(classmate, "phone", by=member.user)
    assert shown(as_member, remind="on") == ["lea@example.org"]


def test_board_counts_states_among_what_is_asked_for(as_member, student, classmate, member):
    actions.invite(student, by=member.user)
    chips = as_member.get(BOARD, {"q": "lea"}).context["chips"]
    assert [(chip["key"], chip["count"]) for chip in chips] == [("", 1), ("invited", 1)]


# A tile -----------------------------------------------------------------------------------------


def test_tile_says_who_looks_after_them_and_the_last_contact(as_member, student, member):
    actions.look_after(student, member, by=member.user)
    actions.note_contact(student, "sms", by=member.user)
    actions.note_contact(student, "in_person", by=member.user)
    tile = tiles(as_member.get(BOARD))["lea@example.org"]
    assert (tile.keeper, tile.student.last_means) == (member, "in_person")


def test_invitation_counts_as_a_contact_by_mail(
    as_member, student, member, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite(student, by=member.user)
    tile = tiles(as_member.get(BOARD))["lea@example.org"]
    assert (tile.student.last_means, tile.contact_said != "") == ("mail", True)


def test_tile_says_the_next_reminder_and_its_number(as_member, student, member, promotion):
    Rhythm.objects.create(promotion=promotion, is_on=True, every_days=4, at_most=2)
    actions.invite(student, by=member.user)
    tile = tiles(as_member.get(BOARD))["lea@example.org"]
    assert (tile.next.number, tile.next.at_most, tile.next_said != "") == (1, 2, True)


def test_tile_leads_to_the_outbox_where_a_reminder_waits_to_be_read(as_member, student, member):
    actions.invite(student, by=member.user)
    nudge = actions.propose(student, by=member.user)
    response = as_member.get(BOARD)
    assert tiles(response)["lea@example.org"].waiting == nudge
    assert f"#relance-{nudge.pk}" in response.content.decode()


@pytest.mark.parametrize("why", ["opted_out", "mail_back"])
def test_tile_says_that_no_mail_reaches_them(why, as_member, student, member):
    portrait = actions.invite(student, by=member.user)
    before = tiles(as_member.get(BOARD))["lea@example.org"]
    actions.stop_reminders(portrait) if why == "opted_out" else actions.mail_refused(student)
    after = tiles(as_member.get(BOARD))["lea@example.org"]
    assert (before.is_unreachable, before.next_said, after.is_unreachable) == (False, "", True)
    assert after.next_said != ""


def test_staff_may_work_on_the_board_but_do_not_invite_from_it(client, staff, student):
    client.force_login(staff)
    response = client.get(BOARD, {"promotion": student.promotion.slug})
    assert (response.context["can_work"], response.context["can_invite"]) == (True, False)


# Export -----------------------------------------------------------------------------------------


def exported(client, **asked):
    response = client.get(reverse("board_export"), asked)
    data = response.content
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_export_has_a_line_for_each_student_and_stable_columns(as_member, student, classmate, member):
    actions.look_after(student, member, by=member.user)
    actions.note_contact(student, "phone", by=member.user)
    titles, *rows = exported(as_member)
    assert (len(titles), [row[1] for row in rows]) == (
        8,
        ["karim@example.org", "lea@example.org", "ines@example.org"],
    )
    lea = rows[1]
    assert (lea[0], lea[4], lea[5]) == ("Léa Le Goff", "Inès Marchand", f"{timezone.localdate():%d/%m/%Y}")


def test_export_holds_no_formula(as_member, promotion):
    factories.make_student(promotion, first_name="=HYPERLINK(1)", last_name="+x")
    names = [row[0] for row in exported(as_member)]
    assert "'=HYPERLINK(1) +x" in names
    assert [name for name in names if name.startswith(("=", "+", "-", "@"))] == []


def test_export_is_of_ones_own_promotion_only(as_member, neighbour):
    assert as_member.get(reverse("board_export"), {"promotion": neighbour.promotion.slug}).status_code == 404


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


def test_invite_comes_back_to_the_board_as_it_was(as_member, student, member):
    response = as_member.post(
        reverse("invite"),
        {
            "students": [student.pk],
            "promotion": member.promotion.slug,
            "back": "q=l%C3%A9a&state=&tick=shown&evil=1",
        },
    )
    assert response.url == reverse("board", query={"promotion": member.promotion.slug, "q": "léa"})


def test_invite_does_not_reach_the_other_promotion(as_member, neighbour, mailoutbox):
    invite(as_member, neighbour)
    assert hasattr(neighbour, "portrait") is False
