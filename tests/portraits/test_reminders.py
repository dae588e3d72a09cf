"""The clock and the reminders: what each is about, when it is prepared, who must read it, what calls it off, what leaves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits import actions
from portraits.actions.preparing import prepare_for, tidy
from portraits.actions.reminding import claim
from portraits.models import Contact, Nudge, QuietPeriod, Rhythm
from portraits.nudging import lacking, next_thing, short_message
from tests import factories
from tests.factories import fresh
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db
State = Nudge.State
# A Monday, at ten in Paris.
MONDAY = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rhythm(clock, promotion):
    return Rhythm.objects.create(promotion=promotion, is_on=True, every_days=5, at_most=3)


@pytest.fixture
def invited(rhythm, student, member):
    return factories.make_portrait("invited", student=student, comms=member)


def days(number):
    return timedelta(days=number)


def chase(clock, after):
    """The clock's pass so long after now."""
    clock.shift(after)
    return actions.chase()


def let_go(nudge, member):
    return actions.approve_nudge(nudge, read_words=fresh(nudge).fingerprint, by=member.user)


def states(portrait):
    return list(portrait.nudges.order_by("pk").values_list("state", flat=True))


# What it is about -------------------------------------------------------------------------------------


def test_reminder_is_about_one_thing_in_the_order_of_doing(student, member):
    found = []
    portrait = actions.invite(student, by=member.user)
    found.append(next_thing(portrait).about)
    for key in factories.ANSWERS:
        actions.answer(portrait, key, "Des mots.", by=student.user)
        portrait = fresh(portrait)
        if next_thing(portrait).about != found[-1]:
            found.append(next_thing(portrait).about)
    for state in ("draft", "to_sign"):
        found.append(next_thing(factories.make_portrait(state, comms=member)).about)
    assert found == ["begin", "answers", "photo", "hand_in", "sign"]


@pytest.mark.parametrize("state", ["submitted", "in_edit", "signed", "withdrawn"])
def test_nobody_is_reminded_of_what_others_do(state, student, member):
    assert next_thing(factories.make_portrait(state, student=student, comms=member)) is None


def test_answers_are_one_thing_and_all_are_named(student, member):
    portrait = actions.invite(student, by=member.user)
    for key in factories.ANSWERS.keys() - {"why", "origin"}:
        actions.answer(portrait, key, "Des mots.", by=student.user)
    portrait = fresh(portrait)
    assert [str(words) for words in next_thing(portrait).missing] == [
        str(words) for words in portrait.missing[:-1]
    ]
    assert [about for about, _words in lacking(portrait)] == ["answers", "answers", "photo"]


def test_subject_names_the_thing_and_stays_short(student, member):
    portrait = actions.invite(student, by=member.user)
    actions.answer(portrait, "quote", "Des mots.", by=student.user)
    subject = actions.propose(student, by=member.user).subject
    first, *_others, last = map(str, next_thing(fresh(portrait)).missing)
    assert (first in subject, last in subject, "…" in subject, len(subject) < 120) == (
        True,
        False,
        True,
        True,
    )


# Preparing --------------------------------------------------------------------------------------------


def test_first_reminder_is_proposed_three_days_ahead_and_does_not_leave(invited, clock):
    assert [chase(clock, days(3)), states(invited)] == [0, []]
    chase(clock, days(1))
    nudge = invited.nudges.get()
    assert (nudge.state, nudge.number, nudge.about) == ("proposed", 1, "begin")
    assert nudge.due_at.astimezone(MONDAY.tzinfo) == datetime(2026, 3, 9, 8, 30, tzinfo=MONDAY.tzinfo)
    mail.outbox.clear()
    chase(clock, days(30))
    assert (states(invited), mail.outbox) == (["proposed"], [])


def test_due_moment_is_a_working_day(invited, clock):
    """Five days after Monday is Saturday."""
    chase(clock, days(4))
    assert invited.nudges.get().due_at.astimezone(MONDAY.tzinfo).strftime("%A %H:%M") == "Monday 08:30"


def test_nothing_is_prepared_without_a_rhythm(invited, rhythm, clock):
    rhythm.delete()
    assert (chase(clock, days(20)), states(invited)) == (0, [])


def test_nothing_is_prepared_while_reminders_are_off(invited, rhythm, member, promotion, clock):
    actions.set_rhythm(promotion, is_on=False, every_days=5, at_most=3, by=member.user)
    assert (chase(clock, days(20)), states(invited)) == (0, [])


def test_nobody_who_was_not_invited_is_reminded(rhythm, student, member, clock):
    actions.look_after(student, member, by=member.user)
    assert chase(clock, days(20)) == 0


def test_a_contact_of_any_kind_puts_the_reminder_off(invited, student, member, clock):
    clock.shift(days(2))
    actions.note_contact(student, "phone", by=member.user)
    assert [chase(clock, days(1)), chase(clock, days(1))] == [0, 1]


def test_group_is_told_once_a_day_that_something_waits(
    invited, classmate, member, clock, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        chase(clock, days(4))
        factories.make_portrait("invited", student=classmate, comms=member)
        Contact.objects.all().delete()
        type(invited).objects.update(invited_at=MONDAY)
        mail.outbox.clear()
        chase(clock, timedelta(minutes=5))
    assert Nudge.objects.filter(state="proposed").count() == 2
    assert [message.to for message in mail.outbox if "reminder" in message.body.lower()] in (
        [],
        [[member.email]],
    )


def test_two_passes_prepare_one(invited, promotion, clock):
    clock.shift(days(4))
    assert [prepare_for(promotion, timezone.now()) for _pass in range(2)] == [1, 0]


def test_clock_looks_again_only_after_a_while(invited, clock, django_assert_num_queries):
    chase(clock, days(1))
    with django_assert_num_queries(2):
        chase(clock, timedelta(seconds=30))


# Letting go -------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(invited, clock):
    chase(clock, days(4))
    return invited.nudges.get()


def test_what_was_read_leaves_at_its_moment(proposed, invited, student, member, clock):
    let_go(proposed, member)
    mail.outbox.clear()
    chase(clock, days(1))
    assert mail.outbox == []
    chase(clock, days(2))
    nudge = fresh(proposed)
    assert (nudge.state, nudge.read_by, nudge.sent_at) == ("sent", member.user, timezone.now())
    assert [(message.to, message.subject) for message in mail.outbox] == [([student.email], nudge.subject)]


def test_what_left_is_a_contact_by_mail(proposed, invited, member, clock):
    let_go(proposed, member)
    chase(clock, days(4))
    last = invited.contacts.first()
    assert (last.means, last.note, last.by) == ("mail", proposed.subject, member.user)


def test_next_ones_leave_by_themselves_up_to_three(proposed, invited, member, clock):
    let_go(proposed, member)
    for _day in range(60):
        chase(clock, days(1))
    assert [(nudge.number, nudge.state) for nudge in invited.nudges.order_by("pk")] == [
        (1, "sent"),
        (2, "sent"),
        (3, "sent"),
    ]


def test_reminders_are_at_least_the_agreed_days_apart(proposed, invited, member, clock):
    let_go(proposed, member)
    for _hour in range(24 * 40):
        chase(clock, timedelta(hours=1))
    moments = list(invited.nudges.order_by("sent_at").values_list("sent_at", flat=True))
    assert [later - earlier >= days(5) for earlier, later in zip(moments, moments[1:], strict=False)] == [
        True,
        True,
    ]
    assert {8 <= moment.astimezone(MONDAY.tzinfo).hour < 19 for moment in moments} == {True}


def test_words_that_nobody_read_do_not_leave(proposed, member):
    before = proposed.fingerprint
    actions.rewrite_nudge(proposed, subject="Autre", text="Autre", read_words=before, by=member.user)
    with pytest.raises(StaleVersion):
        actions.approve_nudge(proposed, read_words=before, by=member.user)
    assert fresh(proposed).state == "proposed"


def test_words_of_somebody_faster_are_not_overwritten(proposed, member):
    before = proposed.fingerprint
    actions.rewrite_nudge(proposed, subject="Autre", text="Autre", read_words=before, by=member.user)
    with pytest.raises(StaleVersion):
        actions.rewrite_nudge(proposed, subject="Encore", text="Encore", read_words=before, by=member.user)
    assert fresh(proposed).subject == "Autre"


def test_cancelled_ones_do_not_leave_and_the_next_waits_its_days(proposed, invited, member, clock):
    actions.cancel_nudge(proposed, by=member.user)
    mail.outbox.clear()
    assert [chase(clock, days(1)), chase(clock, days(3))] == [0, 1]
    assert (states(invited), mail.outbox) == (["cancelled", "proposed"], [])


@pytest.mark.parametrize("who", ["student", "former_member", "neighbour"])
def test_only_the_group_and_staff_let_go(who, proposed, request):
    person = request.getfixturevalue(who)
    for verb in (
        lambda: actions.approve_nudge(proposed, read_words=proposed.fingerprint, by=person.user),
        lambda: actions.cancel_nudge(proposed, by=person.user),
        lambda: actions.rewrite_nudge(
            proposed, subject="s", text="t", read_words=proposed.fingerprint, by=person.user
        ),
        lambda: actions.answer_for_nudge(proposed, has_left=True, by=person.user),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert fresh(proposed).state == "proposed"


@pytest.mark.parametrize("state", ["sent", "failed", "cancelled", "sending"])
def test_what_is_over_is_neither_let_go_nor_cancelled_nor_changed(state, proposed, member):
    Nudge.objects.update(**{"state": state})
    for verb in (
        lambda: actions.approve_nudge(proposed, read_words=proposed.fingerprint, by=member.user),
        lambda: actions.cancel_nudge(proposed, by=member.user),
        lambda: actions.rewrite_nudge(
            proposed, subject="s", text="t", read_words=proposed.fingerprint, by=member.user
        ),
    ):
        with pytest.raises(MoveRefused):
            verb()
    assert fresh(proposed).state == state


# What calls one off -----------------------------------------------------------------------------------


@pytest.fixture
def ready(proposed, member):
    return let_go(proposed, member)


def test_progress_calls_it_off_before_it_leaves(ready, invited, student, member, clock):
    clock.shift(days(3))
    actions.answer(invited, "origin", "Brest.", by=student.user)
    mail.outbox.clear()
    assert claim(ready.pk, invited.pk) is None
    assert (fresh(ready).state, mail.outbox) == ("cancelled", [])


def test_progress_on_the_same_thing_calls_it_off_too(rhythm, student, member, clock):
    portrait = actions.invite(student, by=member.user)
    actions.answer(portrait, "origin", "Brest.", by=student.user)
    chase(clock, days(4))
    nudge = let_go(portrait.nudges.get(), member)
    clock.shift(days(1))
    actions.answer(portrait, "why", "Le service.", by=student.user)
    clock.shift(days(3))
    assert (claim(nudge.pk, portrait.pk), fresh(nudge).state) == (None, "cancelled")


def test_after_progress_it_counts_anew_and_leaves_by_itself(ready, invited, student, member, clock):
    chase(clock, days(3))
    clock.shift(days(1))
    actions.answer(invited, "origin", "Brest.", by=student.user)
    chase(clock, days(4))
    second = invited.nudges.order_by("pk").last()
    assert (second.number, second.about, second.state) == (1, "answers", "ready")


def test_proposals_that_are_no_longer_true_leave_the_outbox(proposed, invited, student, promotion, clock):
    clock.shift(days(1))
    actions.answer(invited, "origin", "Brest.", by=student.user)
    assert (tidy(promotion), fresh(proposed).state) == (1, "cancelled")


def test_letting_go_of_what_is_no_longer_true_cancels_it(proposed, invited, student, member, clock):
    clock.shift(days(1))
    actions.answer(invited, "origin", "Brest.", by=student.user)
    assert let_go(proposed, member).state == "cancelled"


def test_switching_off_calls_off_what_nobody_has_read(ready, invited, member, promotion, clock):
    chase(clock, days(4))
    chase(clock, days(5))
    second = invited.nudges.order_by("pk").last()
    assert (second.number, second.state) == (2, "ready")
    actions.set_rhythm(promotion, is_on=False, every_days=5, at_most=3, by=member.user)
    assert fresh(second).state == "cancelled"


def test_what_somebody_let_go_leaves_though_the_clock_is_off(ready, promotion, member, clock):
    actions.set_rhythm(promotion, is_on=False, every_days=5, at_most=3, by=member.user)
    chase(clock, days(4))
    assert fresh(ready).state == "sent"


def test_a_quiet_period_begun_meanwhile_puts_it_off(ready, invited, promotion, member, clock):
    clock.shift(days(4))
    today = timezone.localdate()
    actions.add_quiet(promotion, label="Examens", starts=today, ends=today + days(2), by=member.user)
    mail.outbox.clear()
    assert actions.chase() == 0
    assert (fresh(ready).state, mail.outbox) == ("ready", [])
    assert timezone.localtime(fresh(ready).due_at).date() == today + days(3)


def test_nothing_leaves_at_night(ready, clock):
    clock.move_to(datetime(2026, 3, 10, 23, tzinfo=MONDAY.tzinfo))
    assert actions.chase() == 0
    clock.move_to(datetime(2026, 3, 11, 9, tzinfo=MONDAY.tzinfo))
    assert actions.chase() == 1


@pytest.mark.parametrize("silence", ["opted_out", "mail_back"])
def test_who_wants_none_or_gets_none_is_not_reminded(silence, ready, invited, student, member, clock):
    if silence == "opted_out":
        actions.stop_reminders(invited)
    else:
        actions.mail_refused(student)
    mail.outbox.clear()
    for _day in range(20):
        chase(clock, days(1))
    assert (states(invited), mail.outbox) == (["cancelled"], [])
    with pytest.raises(actions.NothingToSend):
        actions.propose(student, by=member.user)


def test_only_the_student_switches_them_on_again(invited, student, member):
    actions.stop_reminders(invited)
    with pytest.raises(PermissionDenied):
        actions.allow_reminders(invited, by=member.user)
    actions.allow_reminders(invited, by=student.user)
    assert fresh(invited).nudges_off_at is None


# By hand ----------------------------------------------------------------------------------------------


def test_one_more_by_hand_waits_to_be_read(invited, student, member, clock):
    nudge = actions.propose(student, by=member.user)
    assert (nudge.state, nudge.due_at, nudge.number) == ("proposed", timezone.now(), 1)


def test_by_hand_works_without_a_rhythm(student, member, clock):
    factories.make_portrait("to_sign", student=student, comms=member)
    assert actions.propose(student, by=member.user).about == "sign"


def test_by_hand_does_not_exceed_the_agreed_number(invited, student, member, clock):
    for _time in range(3):
        let_go(actions.propose(student, by=member.user), member)
        chase(clock, timedelta(minutes=1))
    assert states(invited) == ["sent"] * 3
    with pytest.raises(actions.NothingToSend):
        actions.propose(student, by=member.user)


@pytest.mark.parametrize("state", [None, "submitted", "withdrawn"])
def test_nothing_by_hand_where_nothing_is_missing(state, student, member):
    if state:
        factories.make_portrait(state, student=student, comms=member)
    with pytest.raises(actions.NothingToSend):
        actions.propose(student, by=member.user)


def test_nothing_by_hand_while_one_waits(proposed, student, member):
    with pytest.raises(actions.NothingToSend):
        actions.propose(student, by=member.user)


@pytest.mark.parametrize("who", ["student", "former_member", "neighbour"])
def test_others_prepare_nothing(who, invited, student, request):
    with pytest.raises(PermissionDenied):
        actions.propose(student, by=request.getfixturevalue(who).user)


# The mail, over the wire ------------------------------------------------------------------------------


@pytest.fixture
def server(settings):
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def test_mail_carries_the_link_the_way_out_and_who_answers(ready, invited, student, member, server, clock):
    actions.look_after(student, member, by=member.user)
    chase(clock, days(4))
    (message,) = server.taken
    body = message.get_body(("plain",)).get_content()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip(" <>") in body
    assert message["Reply-To"] == member.email
    assert body.count("http://testserver/reprendre/") == 1


def test_answers_go_to_the_whole_group_where_nobody_looks_after_them(ready, member, server, clock):
    chase(clock, days(4))
    assert server.taken[0]["Reply-To"] == member.email


def test_what_comes_back_goes_where_the_school_says(ready, server, clock, settings):
    settings.BOUNCE_EMAIL = "retours@example.org"
    chase(clock, days(4))
    assert server.taken[0]["From"] == settings.DEFAULT_FROM_EMAIL


def test_address_that_nobody_has_is_marked(ready, student, server, clock):
    server.refuses[student.email] = "550 5.1.1 no such user"
    chase(clock, days(4))
    assert (fresh(ready).state, fresh(ready).failure) == ("failed", "550 5.1.1 no such user")
    assert fresh(student).mail_refused_at == timezone.now()
    assert ready.portrait.contacts.filter(note=ready.subject).count() == 0


def test_full_mailbox_is_tried_again_and_marks_nobody(ready, student, server, clock):
    server.refuses[student.email] = "452 4.2.2 mailbox full"
    chase(clock, days(4))
    assert (fresh(ready).state, fresh(student).mail_refused_at) == ("ready", None)
    server.refuses.clear()
    chase(clock, timedelta(hours=1))
    assert (fresh(ready).state, len(server.taken)) == ("sent", 1)


def test_tries_end(ready, student, server, clock):
    server.refuses[student.email] = "452 4.2.2 mailbox full"
    for _day in range(8):
        chase(clock, days(1))
    assert (fresh(ready).state, ready.moves.filter(name="claim").count()) == ("failed", 5)


def test_lost_answer_is_never_sent_again_by_itself(ready, invited, server, clock):
    server.hangs_up = True
    chase(clock, days(4))
    server.hangs_up = False
    for _day in range(20):
        chase(clock, days(1))
    assert (fresh(ready).state, len(server.taken)) == ("sending", 1)
    assert fresh(ready).is_unsure(timezone.now())


@pytest.mark.parametrize(("has_left", "state", "contacts"), [(True, "sent", 1), (False, "failed", 0)])
def test_a_person_says_what_became_of_it(has_left, state, contacts, ready, member, server, clock):
    server.hangs_up = True
    chase(clock, days(4))
    actions.answer_for_nudge(ready, has_left=has_left, by=member.user)
    assert fresh(ready).state == state
    assert ready.portrait.contacts.filter(note=ready.subject).count() == contacts


def test_nobody_answers_for_what_is_just_leaving(ready, invited, member, clock):
    clock.shift(days(4))
    claim(ready.pk, invited.pk)
    with pytest.raises(MoveRefused):
        actions.answer_for_nudge(ready, has_left=False, by=member.user)
    clock.shift(timedelta(minutes=11))
    assert actions.answer_for_nudge(ready, has_left=False, by=member.user).state == "failed"


def test_a_worker_that_died_leaves_a_question_and_no_second_mail(ready, invited, server, clock):
    """It wrote down that the mail leaves, and was never seen again."""
    clock.shift(days(4))
    assert claim(ready.pk, invited.pk) is not None
    for _day in range(10):
        chase(clock, days(1))
    assert (fresh(ready).state, server.taken) == ("sending", [])


def test_mail_server_that_is_down_loses_nothing(ready, server, settings, clock):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    chase(clock, days(4))
    assert (fresh(ready).state, ready.moves.filter(name="claim").count()) == ("ready", 0)
    settings.EMAIL_PORT = port
    chase(clock, timedelta(minutes=1))
    assert (fresh(ready).state, len(server.taken)) == ("sent", 1)


def test_sender_that_is_refused_stops_the_pass(ready, server, clock):
    server.sender_answer = "550 5.7.1 not you"
    chase(clock, days(4))
    assert (fresh(ready).state, server.taken) == ("ready", [])


# A message to copy ------------------------------------------------------------------------------------


def test_short_message_fits_whatever_is_missing(student, member):
    student.first_name = "Marie-Charlotte-Élisabeth-Antoinette-Joséphine"
    student.save()
    portrait = actions.invite(student, by=member.user)
    actions.answer(portrait, "origin", "Brest.", by=student.user)
    portrait = fresh(portrait)
    url = "https://comms.une-tres-longue-adresse.example.org/reprendre/code/" + "x" * 70
    text = short_message(portrait, next_thing(portrait), url, "Marie-Charlotte-Élisabeth")
    assert (len(text) <= 300, url in text) == (True, True)


def test_quiet_periods_belong_to_the_group(promotion, neighbour, student, member):
    for person in (neighbour, student):
        with pytest.raises(PermissionDenied):
            actions.add_quiet(
                promotion, label="x", starts=timezone.localdate(), ends=timezone.localdate(), by=person.user
            )
    period = actions.add_quiet(
        promotion, label="x", starts=timezone.localdate(), ends=timezone.localdate(), by=member.user
    )
    with pytest.raises(PermissionDenied):
        actions.remove_quiet(period, by=neighbour.user)
    actions.remove_quiet(period, by=member.user)
    assert QuietPeriod.objects.count() == 0
