"""The summary of the morning: what is in it, when and to whom it leaves, once a day whatever happens."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from cohorts import kinds
from cohorts.kinds import How
from cohorts.models import CommsMember, Digest, Notice, Student
from cohorts.notifying import choose
from inet_comms import digest
from inet_comms.celery import app as celery
from inet_comms.tasks import send_digests
from portraits.bounces import students_refused
from portraits.models import QuietPeriod
from tests import factories
from tests.portraits.test_bounces import report
from tests.posts.conftest import asked_from
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 3, 3, 8, 30, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def waiting(student, member):
    """A portrait waits for the group."""
    return factories.make_portrait("submitted", student=student, comms=member)


@pytest.fixture
def sent():
    """Make one pass now; the addresses that were written to."""

    def pass_now():
        mail.outbox.clear()
        send_digests()
        return sorted(message.to[0] for message in mail.outbox)

    return pass_now


def news(user, sentence="Approuvé\u00a0: le portrait de Karim", kind=kinds.APPROVED, **fields):
    return Notice.objects.create(user=user, kind=kind.slug, sentence=sentence, **fields)


# What is in it ------------------------------------------------------------------------------------


def test_summary_holds_what_waits_and_what_is_new_and_one_action(waiting, member, staff, sent):
    news(member.user)
    assert sent() == ["ines@example.org"]
    (message,) = mail.outbox
    assert message.subject == "1 chose vous attend"
    for words in (message.body, message.alternatives[0].content):
        assert "Léa Le Goff a remis son portrait." in words
        assert "Approuvé\u00a0: le portrait de Karim" in words
    html = message.alternatives[0].content
    assert (html.count("font:600 16px/1.3"), "http://testserver/a-faire/" in message.body) == (1, True)


def test_summary_says_first_what_cannot_wait(student, member, staff, account, sent):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    factories.make_post("in_review", portrait=portrait, publish_at=timezone.now() + timedelta(hours=20))
    assert sent() == ["bureau@example.org"]
    assert mail.outbox[0].subject == "1 chose ne peut pas attendre longtemps"
    assert "Avant mercredi 4 mars à 4\u00a0h\u00a030." in mail.outbox[0].body.replace("\u202f", "\u00a0")


def test_nobody_hears_of_nothing(member, staff, sent):
    assert (sent(), Digest.objects.filter(sent_at=None).count()) == ([], 2)


def test_news_alone_are_enough(member, sent):
    news(member.user)
    assert (sent(), mail.outbox[0].subject) == (["ines@example.org"], "Ce qui est nouveau")


def test_news_are_told_once(member, sent, clock):
    news(member.user)
    sent()
    clock.shift(timedelta(days=1))
    assert sent() == []


def test_old_news_are_none(member, sent):
    news(member.user, at=timezone.now() - timedelta(days=15))
    assert sent() == []


@pytest.mark.parametrize(
    ("kind", "how", "found"),
    [
        (kinds.TO_EDIT, How.AT_ONCE, True),
        (kinds.TO_EDIT, How.DIGEST, True),
        (kinds.TO_EDIT, How.OFF, False),
    ],
)
def test_what_waits_is_in_it_unless_its_kind_is_off(kind, how, found, waiting, member, sent):
    choose(member.user, {kind: how})
    assert bool(sent()) is found


def test_news_of_a_kind_that_is_off_by_now_are_not_told(member, sent):
    news(member.user)
    choose(member.user, {kinds.APPROVED: How.OFF})
    assert sent() == []


def test_many_things_are_cut_short(member, sent):
    for _number in range(14):
        factories.make_portrait("submitted", comms=member)
    sent()
    assert (mail.outbox[0].body.count("a remis son portrait"), "Et 2 autres." in mail.outbox[0].body) == (
        12,
        True,
    )


# Off ----------------------------------------------------------------------------------------------


def test_no_more_summaries(waiting, member, sent):
    choose(member.user, {kinds.DIGEST: How.OFF})
    news(member.user)
    assert sent() == []


def test_link_in_the_summary_switches_it_off(waiting, member, sent, client, clock):
    sent()
    link = mail.outbox[0].message()["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    client.post(link, {"List-Unsubscribe": "One-Click"})
    clock.shift(timedelta(days=1))
    assert sent() == []


@pytest.fixture
def must_go(student, member, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    delivery = factories.make_post("approved", portrait=portrait, comms=member).deliveries.get()
    return asked_from(delivery, "withdrawing", responsible=member.user)


def test_what_must_reach_somebody_is_told_all_the_same(must_go, waiting_classmate, member, sent):
    choose(member.user, {kinds.DIGEST: How.OFF})
    assert "ines@example.org" in sent()
    body = next(message.body for message in mail.outbox if message.to == ["ines@example.org"])
    assert ("à retirer à la main" in body, "a remis son portrait" in body, "désactivé" in body) == (
        True,
        False,
        True,
    )


@pytest.fixture
def waiting_classmate(classmate, member):
    return factories.make_portrait("submitted", student=classmate, comms=member)


# When ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2026-03-03 08:29", False),
        ("2026-03-03 08:30", True),
        ("2026-03-03 11:59", True),
        ("2026-03-03 12:00", False),
        ("2026-07-07 08:29", False),
        ("2026-07-07 08:30", True),
        ("2026-03-07 09:00", False),
        ("2026-03-08 09:00", False),
        ("2026-04-06 09:00", False),
        ("2026-03-30 08:30", True),
        ("2026-10-26 08:30", True),
    ],
)
def test_summary_leaves_on_working_mornings_in_paris(moment, leaves, waiting, member, sent, clock):
    CommsMember.objects.update(ends=None)
    clock.move_to(datetime.fromisoformat(moment).replace(tzinfo=PARIS))
    assert bool(sent()) is leaves


@pytest.mark.parametrize("season", ["2026-03-03", "2026-07-07"])
def test_beat_asks_within_the_morning_in_winter_and_in_summer(season):
    schedule = celery.conf.beat_schedule["send-digests"]["schedule"]
    morning = datetime.fromisoformat(f"{season} 08:30").replace(tzinfo=PARIS).astimezone(ZoneInfo("UTC"))
    assert (morning.hour in schedule.hour, morning.minute in schedule.minute) == (True, True)


def test_nobody_of_the_group_is_written_to_in_its_quiet_period(waiting, promotion, member, neighbour, sent):
    day = timezone.localdate()
    QuietPeriod.objects.create(promotion=promotion, label="Examens", starts=day, ends=day)
    for one in (member, neighbour):
        news(one.user)
    assert sent() == ["maia@example.org"]


def test_news_wait_for_the_end_of_the_quiet_period(promotion, member, sent, clock):
    day = timezone.localdate()
    QuietPeriod.objects.create(promotion=promotion, label="Examens", starts=day, ends=day)
    news(member.user)
    assert sent() == []
    clock.shift(timedelta(days=1))
    assert sent() == ["ines@example.org"]


def test_staff_hear_on_a_sunday_of_what_must_reach_somebody_and_nobody_else_does(
    must_go, staff, member, sent, clock
):
    clock.move_to(datetime(2026, 3, 8, 9, tzinfo=PARIS))
    assert "bureau@example.org" in (found := sent())
    assert "ines@example.org" not in found


# To whom ------------------------------------------------------------------------------------------


def test_students_and_former_members_have_none(student, former_member, sent):
    factories.make_portrait("invited", student=student, comms=factories.make_member(student.promotion))
    for user in (student.user, former_member.user):
        news(user)
    assert sent() == []


def test_whose_mail_comes_back_has_none(member, sent):
    news(member.user)
    Student.objects.update(mail_refused_at=timezone.now())
    assert sent() == []


def test_summary_that_comes_back_says_whose_it_was(member, sent):
    news(member.user)
    sent()
    assert students_refused(report(mail.outbox[0])) == [member]


# Once ---------------------------------------------------------------------------------------------


def test_second_pass_sends_nothing(waiting, member, sent):
    assert [sent(), sent()] == [["ines@example.org"], []]


def test_next_day_has_its_own(waiting, member, sent, clock):
    sent()
    clock.shift(timedelta(days=1))
    assert sent() == ["ines@example.org"]


def test_pass_that_saw_somebody_just_before_another_took_them_sends_nothing(waiting, member, monkeypatch):
    """Both found that nobody had theirs; the row of the day decides."""
    without_one = digest.people_without_one

    def late(day):
        people = list(without_one(day))
        assert digest.claim(member.user, day) is not None
        return people

    monkeypatch.setattr(digest, "people_without_one", late)
    assert (digest.send_all(), mail.outbox) == (0, [])


def test_pass_over_people_who_had_theirs_costs_one_query(waiting, member, sent, django_assert_num_queries):
    sent()
    with django_assert_num_queries(1):
        assert digest.send_all() == 0


@pytest.fixture
def server(settings):
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def test_server_that_is_away_costs_nobody_their_summary(waiting, member, settings, sent):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert (digest.send_all(), Digest.objects.count()) == (0, 0)


def test_what_the_server_puts_off_leaves_with_the_next_pass_and_its_news(member, server):
    news(member.user)
    server.refuses["ines@example.org"] = "450 later"
    assert (digest.send_all(), Digest.objects.count()) == (0, 0)
    server.refuses.clear()
    assert digest.send_all() == 1
    (message,) = server.taken
    assert "Karim" in message.get_body(("plain",)).get_content()


def test_address_that_the_server_refuses_is_marked_and_not_tried_again(member, server):
    news(member.user)
    server.refuses["ines@example.org"] = "550 nobody"
    assert (digest.send_all(), digest.send_all(), server.taken) == (0, 0, [])
    member.refresh_from_db()
    assert (member.mail_refused_at is not None, Digest.objects.get().failure[:3]) == (True, "550")


def test_summary_of_which_nobody_knows_is_not_sent_again(member, server):
    news(member.user)
    server.hangs_up = True
    assert digest.send_all() == 0
    server.hangs_up = False
    assert (digest.send_all(), len(server.taken)) == (0, 1)
    assert (Digest.objects.get().sent_at, Digest.objects.get().failure != "") == (None, True)


def test_command_sends_them_without_celery(waiting, member, capsys):
    call_command("summaries")
    assert (capsys.readouterr().out, len(mail.outbox)) == ("1 résumé est parti.\n", 1)
