"""Mails that come back: whom a report is about, and that only a report about a mail of ours counts."""

import io
import sys

import pytest
from django.core.management import call_command

from portraits import actions, personal
from portraits.mails import chasing as chase_mails
from tests.factories import fresh

pytestmark = pytest.mark.django_db

REPORT = """\
From: MAILER-DAEMON@mx.example.org
To: retours@comms.example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 3 Mar 2026 08:30:00 +0100

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b1
Content-Type: {kind}

{mail}
--b1--
"""


def report(mail, address="lea@example.org", action="failed", status="5.1.1", kind="message/rfc822"):
    raw = mail.message().as_string()
    if kind == "text/rfc822-headers":
        raw = raw.split("\n\n")[0] + "\n"
    return REPORT.format(address=address, action=action, status=status, kind=kind, mail=raw).encode()


@pytest.fixture
def reminder(student, member):
    """A reminder as it leaves."""
    actions.invite(student, by=member.user)
    return chase_mails.reminder(actions.propose(student, by=member.user))


@pytest.fixture
def bounced(monkeypatch, student):
    """Pipe a mail into the command; whether the student is marked, and what it said."""

    def pipe(raw):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        out = io.StringIO()
        call_command("bounced", stdout=out)
        assert out.getvalue() != ""
        return fresh(student).mail_refused_at is not None

    return pipe


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_report_about_a_reminder_marks_the_student(kind, reminder, bounced):
    assert bounced(report(reminder, kind=kind))


def test_report_about_an_invitation_marks_the_student(
    student, member, bounced, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite(student, by=member.user)
    assert bounced(report(mailoutbox[-1]))


def test_report_calls_off_what_waits(reminder, student, bounced):
    bounced(report(reminder))
    assert list(student.portrait.nudges.values_list("state", flat=True)) == ["cancelled"]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_not_given_up_marks_nobody(action, reminder, bounced):
    assert not bounced(report(reminder, action=action, status="4.4.1"))


def test_full_mailbox_that_was_given_up_marks(reminder, bounced):
    assert bounced(report(reminder, status="4.2.2"))


def test_address_behind_a_forwarding_is_no_matter(reminder, bounced):
    assert bounced(report(reminder, address="ailleurs@example.com"))


def test_somebody_elses_report_marks_nobody(student, reminder, bounced):
    """Anybody may write to that address, in the name of any student."""
    del reminder.extra_headers[chase_mails.MARK]
    assert not bounced(report(reminder))


def test_forged_mark_marks_nobody(student, reminder, bounced):
    reminder.extra_headers[chase_mails.MARK] = personal.mark(student)[:-3] + "abc"
    assert not bounced(report(reminder))


def test_report_about_the_address_they_had_before_marks_nobody(student, reminder, bounced):
    type(student).objects.filter(pk=student.pk).update(email="nouvelle@example.org")
    assert not bounced(report(reminder))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: Je suis en vacances\n\nJusqu'au 12 mars.\n",
        b"\xff\xfe\x00garbage",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n--b--\n",
        b"Content-Type: multipart/report\n\nwithout a boundary\n",
    ],
)
def test_anything_else_marks_nobody_and_fails_nothing(raw, bounced):
    assert not bounced(raw)
