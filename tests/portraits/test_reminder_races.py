"""Reminders at the same instant, on PostgreSQL: two workers, a student who goes on, a member who cancels. Nothing leaves twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from portraits import actions
from portraits.actions.preparing import prepare_for
from portraits.actions.reminding import send_due
from portraits.models import Nudge, Rhythm
from tests import factories
from tests.factories import fresh
from tests.smtp import mail_server
from tests.test_races import at_once

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 15


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("Europe/Paris"))):
        yield


@pytest.fixture
def server(settings):
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def member(transactional_db):
    return factories.make_member(factories.make_promotion())


def ready(member):
    """A reminder that somebody let go, and whose moment has come."""
    portrait = factories.make_portrait("invited", comms=member)
    nudge = actions.propose(portrait.student, by=member.user)
    return actions.approve_nudge(nudge, read_words=nudge.fingerprint, by=member.user)


def reminded(server):
    """To whom reminders went; invitations are mails too."""
    return [message["To"] for message in server.taken if message["List-Unsubscribe"]]


def test_four_workers_send_each_reminder_once(member, server):
    nudges = [ready(member) for _number in range(12)]
    at_once(*(lambda: send_due(timezone.now()) for _worker in range(4)))
    while Nudge.objects.due(timezone.now()).exists():
        send_due(timezone.now())
    assert {(fresh(nudge).state, fresh(nudge).failure) for nudge in nudges} == {("sent", "")}
    assert sorted(reminded(server)) == sorted(nudge.portrait.student.email for nudge in nudges)


def test_progress_against_sending_leaves_one_truth(member, server):
    """Either it left before the student went on, or it was called off: never both."""
    outcomes = []
    for _round in range(ROUNDS):
        nudge, before = ready(member), len(reminded(server))
        portrait = nudge.portrait
        at_once(
            lambda: send_due(timezone.now()),
            lambda portrait=portrait: actions.answer(portrait, "origin", "Brest.", by=portrait.student.user),
        )
        send_due(timezone.now())
        outcomes.append((fresh(nudge).state, len(reminded(server)) - before))
    assert set(outcomes) <= {("sent", 1), ("cancelled", 0)}


def test_cancelling_against_sending_leaves_one_truth(member, server):
    outcomes = []
    for _round in range(ROUNDS):
        nudge, before = ready(member), len(reminded(server))
        at_once(
            lambda: send_due(timezone.now()),
            lambda nudge=nudge: actions.cancel_nudge(nudge, by=member.user),
        )
        outcomes.append((fresh(nudge).state, len(reminded(server)) - before))
    assert set(outcomes) <= {("sent", 1), ("cancelled", 0)}


def test_opting_out_against_sending_leaves_one_truth(member, server):
    outcomes = []
    for _round in range(ROUNDS):
        nudge, before = ready(member), len(reminded(server))
        at_once(
            lambda: send_due(timezone.now()),
            lambda nudge=nudge: actions.stop_reminders(nudge.portrait),
        )
        send_due(timezone.now())
        outcomes.append((fresh(nudge).state, len(reminded(server)) - before))
    assert set(outcomes) <= {("sent", 1), ("cancelled", 0)}


def test_workers_and_people_prepare_one_reminder_a_person(member):
    Rhythm.objects.create(promotion=member.promotion, is_on=True, every_days=2)
    portraits = [factories.make_portrait("invited", comms=member) for _number in range(4)]
    now = timezone.now() + timedelta(hours=1)

    def by_hand():
        for portrait in portraits:
            try:
                actions.propose(portrait.student, by=member.user)
            except actions.NothingToSend:
                continue

    at_once(*(lambda: prepare_for(member.promotion, now) for _worker in range(3)), by_hand)
    assert [portrait.nudges.count() for portrait in portraits] == [1] * 4


def test_two_who_let_go_at_once_send_one(member, server):
    portrait = factories.make_portrait("invited", comms=member)
    nudge = actions.propose(portrait.student, by=member.user)
    results = at_once(
        *(
            lambda: actions.approve_nudge(nudge, read_words=nudge.fingerprint, by=member.user)
            for _person in range(3)
        )
    )
    send_due(timezone.now())
    assert (sum(not isinstance(result, Exception) for result in results), len(reminded(server))) == (1, 1)
