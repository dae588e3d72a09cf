"""Summaries at the same instant, on PostgreSQL: four workers, and one mail a person."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cohorts.models import Digest, Notice
from inet_comms import digest
from tests import factories
from tests.smtp import mail_server
from tests.test_races import at_once

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=ZoneInfo("Europe/Paris"))):
        yield


@pytest.fixture
def server(settings):
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def test_four_workers_send_each_person_one_summary(transactional_db, server):
    promotion = factories.make_promotion()
    members = [factories.make_member(promotion) for _number in range(12)]
    for member in members:
        Notice.objects.create(user=member.user, kind="approved", sentence="Du nouveau")
    sent = at_once(*(digest.send_all for _worker in range(4)))
    assert (sum(sent), Digest.objects.exclude(sent_at=None).count()) == (12, 12)
    assert sorted(message["To"] for message in server.taken) == sorted(one.email for one in members)
