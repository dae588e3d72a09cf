"""Nobody forgets a question: who is named, by when, who is written to and how often."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from cohorts.models import CommsMember, User
from posts.actions import reminding
from posts.actions.reminding import answer_by, assign, remind, reminders_by
from posts.models import Delivery, DeliveryMove
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import asked_from, put

pytestmark = pytest.mark.django_db
State = Delivery.State
ASKED_AT = datetime(2031, 3, 4, 9, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Paris."""


def minutes(count):
    return ASKED_AT + timedelta(minutes=count)


@pytest.fixture
def asked(delivery):
    asked_from(delivery, "checking")
    return at(delivery, ASKED_AT)


def at(delivery, moment):
    """As if it had been asked then, and assigned."""
    DeliveryMove.objects.filter(record=delivery).update(at=moment)
    delivery = fresh(delivery)
    assign(delivery)
    return fresh(delivery)


@pytest.fixture
def written(django_capture_on_commit_callbacks):
    """Remind at a moment: (number of deliveries, the addresses that were written to)."""

    def write(now):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            count = remind(now)
        return count, sorted(message.to[0] for message in mail.outbox)

    return write


# Who, and by when -----------------------------------------------------------------------------------


def test_the_author_answers_while_their_mandate_runs(asked, member):
    assert asked.responsible == member.user


def test_another_of_the_group_answers_for_an_author_whose_mandate_is_over(delivery, member, promotion):
    second = factories.make_member(promotion)
    CommsMember.objects.filter(student=member).update(ends=timezone.localdate() - timedelta(days=1))
    assign(delivery)
    assert fresh(delivery).responsible == second.user


def test_somebody_of_the_group_without_a_login_is_not_named(delivery, member, promotion):
    factories.make_member(promotion, login=False)
    CommsMember.objects.filter(student=member).update(ends=timezone.localdate() - timedelta(days=1))
    assign(delivery)
    assert fresh(delivery).responsible == delivery.post.approved_by


def test_who_approved_it_answers_where_there_is_no_group(delivery, staff):
    CommsMember.objects.all().delete()
    assign(delivery)
    assert fresh(delivery).responsible == delivery.post.approved_by != staff


def test_some_staff_answer_if_who_approved_it_has_left(delivery, staff):
    CommsMember.objects.all().delete()
    User.objects.filter(pk=delivery.post.approved_by_id).update(is_active=False)
    assign(delivery)
    assert fresh(delivery).responsible == staff


def test_nobody_is_named_where_there_is_nobody(delivery):
    CommsMember.objects.all().delete()
    User.objects.filter(is_staff=True).update(is_active=False)
    assign(delivery)
    assert (fresh(delivery).responsible, fresh(delivery).answer_by is None) == (None, False)


@pytest.mark.parametrize(
    ("state", "asked_at", "until"),
    [
        ("needs_person", "2031-03-04 23:30", "2031-03-05 01:30"),
        ("failed", "2031-03-04 10:00", "2031-03-04 12:00"),
        ("failed", "2031-03-04 06:10", "2031-03-04 10:00"),
        ("failed", "2031-03-04 16:00", "2031-03-04 18:00"),
        ("failed", "2031-03-04 16:01", "2031-03-05 10:00"),
        ("failed", "2031-03-04 23:30", "2031-03-05 10:00"),
        ("expired", "2031-03-07 17:00", "2031-03-10 10:00"),
        ("held", "2031-03-08 11:00", "2031-03-10 10:00"),
        ("held", "2031-03-09 05:00", "2031-03-10 10:00"),
        ("held", "2031-03-28 17:00", "2031-03-31 10:00"),
    ],
)
def test_deadline_is_two_hours_on_or_two_hours_of_a_working_day(state, asked_at, until):
    moment = timezone.make_aware(datetime.fromisoformat(asked_at))
    assert timezone.localtime(answer_by(state, moment)).strftime("%Y-%m-%d %H:%M") == until


# How often ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "count"),
    [
        (timedelta(minutes=14), 0),
        (timedelta(minutes=15), 1),
        (timedelta(minutes=119), 1),
        (timedelta(hours=2), 2),
        (timedelta(hours=4), 3),
        (timedelta(days=10), 3),
    ],
)
def test_reminders_that_should_have_left(after, count):
    assert reminders_by(ASKED_AT + after, ASKED_AT) == count


def test_what_is_held_is_told_at_once(delivery, written):
    asked_from(delivery, "scheduled", "held")
    at(delivery, ASKED_AT)
    assert [written(minutes(count)) for count in (0, 15, 120)] == [
        (1, ["ines@example.org"]),
        (0, []),
        (1, ["ines@example.org"]),
    ]


def test_who_answers_is_reminded_twice_then_everybody_once(asked, member, promotion, staff, written):
    factories.make_member(promotion, email="paul@example.org")
    User.objects.filter(is_staff=True).exclude(pk=staff.pk).update(is_active=False)
    everybody = ["bureau@example.org", "ines@example.org", "paul@example.org"]
    assert [written(minutes(count)) for count in (14, 15, 16, 120, 240, 1350)] == [
        (0, []),
        (1, ["ines@example.org"]),
        (0, []),
        (1, ["ines@example.org"]),
        (1, everybody),
        (0, []),
    ]


@pytest.mark.parametrize("state", ["needs_person", "failed", "expired", "held"])
def test_every_kind_of_question_is_reminded_of(state, delivery, written):
    asked_from(delivery, "sending", state)
    at(delivery, ASKED_AT)
    assert written(minutes(15))[0] == 1


@pytest.mark.parametrize("state", ["uncertain", "published", "not_there", "withdrawn"])
def test_what_was_answered_or_is_being_looked_for_is_not(state, asked, written):
    put(asked, state)
    assert written(minutes(15)) == (0, [])


def test_many_questions_make_one_mail(asked, member, written):
    for _number in range(2):
        other = factories.make_post("approved", comms=member).deliveries.get()
        asked_from(other, "scheduled", "held")
        at(other, ASKED_AT)
    assert written(minutes(15)) == (3, ["ines@example.org"])
    assert mail.outbox[0].body.count("LinkedIn · INET") == 3


def test_after_an_outage_only_the_newest_reminder_leaves(asked, written):
    count, to = written(minutes(241))
    assert (count, len(to) > 1, fresh(asked).reminders) == (1, True, 3)


def test_somebody_else_is_named_once_the_mandate_is_over(asked, member, promotion, written):
    second = factories.make_member(promotion, email="paul@example.org")
    CommsMember.objects.filter(student=member).update(ends=timezone.localdate() - timedelta(days=1))
    assert written(minutes(15)) == (1, ["paul@example.org"])
    assert fresh(asked).responsible == second.user


def test_a_new_question_begins_anew(asked, written):
    written(minutes(240))
    put(asked, State.PUBLISHED)
    asked_from(asked, "published")
    at(asked, minutes(300))
    assert (written(minutes(314))[0], written(minutes(315))) == (0, (1, ["ines@example.org"]))


def test_nothing_due_costs_one_query(asked, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert remind(minutes(1)) == 0


def test_what_another_worker_wrote_meanwhile_is_not_written_twice(asked, written, monkeypatch):
    """Both saw it due; the second finds it noted once it holds the row."""
    write = reminding._write

    def twice(wanted):
        write(wanted)
        return write(wanted)

    monkeypatch.setattr(reminding, "_write", twice)
    assert written(minutes(15)) == (0, ["ines@example.org"])
