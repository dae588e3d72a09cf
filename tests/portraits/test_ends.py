"""Before the last day: one mail at thirty days and one at seven, never twice, never in the night, none to who knows."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from portraits import actions, consents, links
from portraits.models import Consent
from portraits.tasks import remind_of_ends
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 3, 1, 12, tzinfo=PARIS)
LAST_DAY = NOON.date() + timedelta(days=100)


@pytest.fixture
def portrait(student, member):
    with time_machine.travel(NOON, tick=False):
        return made("published", student, member, until=LAST_DAY)


@pytest.fixture
def at(mailoutbox, django_capture_on_commit_callbacks):
    """What the clock's task sends at that moment."""

    def run(days_before, hour=12):
        moment = datetime.combine(LAST_DAY - timedelta(days=days_before), NOON.time(), PARIS).replace(
            hour=hour
        )
        mailoutbox.clear()
        with time_machine.travel(moment, tick=False), django_capture_on_commit_callbacks(execute=True):
            remind_of_ends()
        return [mail.to[0] for mail in mailoutbox]

    return run


LEA = ["lea@example.org"]


def test_reminder_leaves_at_thirty_and_at_seven_days_once_each(portrait, at):
    days = [40, 31, 30, 30, 29, 15, 8, 7, 7, 6, 1, 0]
    assert [at(day) for day in days] == [[], [], LEA, [], [], [], [], LEA, [], [], [], []]


@pytest.mark.parametrize(("hour", "sent"), [(0, []), (7, []), (8, LEA), (23, LEA)])
def test_reminder_does_not_leave_in_the_night(hour, sent, portrait, at):
    assert at(30, hour=hour) == sent


def test_reminder_that_was_missed_leaves_once_when_the_clock_runs_again(portrait, at):
    assert [at(5), at(5), at(4)] == [LEA, [], []]


def test_reminder_after_the_last_day_does_not_leave(portrait, at):
    assert at(-1) == []


def test_reminder_is_not_for_who_has_just_chosen_that_day(portrait, at, student):
    with time_machine.travel(NOON + timedelta(days=80), tick=False):
        actions.change_consent(
            portrait,
            factories.agreement("gallery", until=LAST_DAY),
            read=portrait.consent_id,
            by=student.user,
        )
    assert [at(20), at(8), at(7)] == [[], [], LEA]


def test_reminder_is_not_for_what_has_ended(portrait, at, student):
    with time_machine.travel(NOON, tick=False):
        actions.withdraw(portrait, by=student.user)
    assert at(30) == []


def test_reminder_begins_anew_after_prolonging(portrait, at, student):
    at(30)
    with time_machine.travel(NOON + timedelta(days=75), tick=False):
        later = factories.agreement("gallery", until=LAST_DAY + timedelta(days=365))
        actions.change_consent(portrait, later, read=portrait.consent_id, by=student.user)
    assert [at(7), at(-335)] == [[], LEA]


def test_reminder_has_one_action_which_keeps_it_and_the_link_that_withdraws(portrait, at, mailoutbox):
    at(30)
    (mail,) = mailoutbox
    kept = settings.PUBLIC_URL + links.path(portrait.consent, links.KEEP)
    assert (kept in mail.body, links.path(portrait.consent, links.WITHDRAW) in mail.body) == (True, True)
    assert consents.said_end(LAST_DAY) in mail.subject


def test_two_clocks_at_once_send_one_reminder(portrait, mailoutbox, django_capture_on_commit_callbacks):
    moment = datetime.combine(LAST_DAY - timedelta(days=30), NOON.time(), PARIS)
    with time_machine.travel(moment, tick=False), django_capture_on_commit_callbacks(execute=True):
        same = [Consent.objects.select_related("portrait").get(ended_at=None) for _clock in range(2)]
        sent = [actions.remind_of_end(consent) for consent in same]
    assert sent == [True, False]


def test_reminder_is_on_the_clocks_list():
    assert settings.CELERY_BEAT_SCHEDULE["remind-of-ends"]["task"] == remind_of_ends.name
    assert timezone.get_default_timezone_name() == "Europe/Paris"
