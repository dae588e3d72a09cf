"""Mails: one subject, one action, plain text and HTML, each address apart, and no failure passed on."""

import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from inet_comms.mailbox import KeptMailBackend
from inet_comms.mailing import Action, send
from portraits import mails as portrait_mails
from tests import factories


def test_send_writes_to_each_address_apart():
    send(["a@example.org", "b@example.org"], "Sujet", ["Bonjour."])
    assert [message.to for message in mail.outbox] == [["a@example.org"], ["b@example.org"]]


def test_send_carries_the_action_in_text_and_html():
    send(["a@example.org"], "Sujet", ["Bonjour."], Action("Lire", "/mon-portrait/"))
    message = mail.outbox[0]
    assert "http://testserver/mon-portrait/" in message.body
    assert 'href="http://testserver/mon-portrait/"' in message.alternatives[0].content


def test_send_escapes_what_people_wrote_in_html_only():
    send(["a@example.org"], "Sujet", ["<script>alert(1)</script> & l’été"])
    message = mail.outbox[0]
    assert "<script>alert(1)</script> & l’été" in message.body
    assert "&lt;script&gt;" in message.alternatives[0].content
    assert "<script>" not in message.alternatives[0].content


def test_send_makes_one_line_of_a_subject_with_a_line_break():
    send(["a@example.org"], "Sujet\nBcc: x@example.org", ["Bonjour."])
    assert mail.outbox[0].subject == "Sujet Bcc: x@example.org"


def test_send_fails_nobody_when_the_mail_server_does(monkeypatch):
    def broken(self, messages):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", broken)
    send(["a@example.org"], "Sujet", ["Bonjour."])
    assert mail.outbox == []


def test_kept_mail_is_a_file_and_a_line_on_the_console(settings, tmp_path, capsys):
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "inet_comms.mailbox.KeptMailBackend"
    KeptMailBackend().send_messages([mail.EmailMessage("Sujet", "Bonjour.", to=["a@example.org"])])
    assert len(list(settings.MAIL_DIR.glob("*.eml"))) == 1
    assert "Bonjour." in capsys.readouterr().out


@pytest.mark.django_db
def test_comms_addresses_follow_the_mandates(promotion, member, former_member):
    assert portrait_mails.comms_addresses(promotion) == [member.email]


@pytest.mark.django_db
def test_invitation_goes_to_the_student_with_the_way_in(member, student, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        factories.make_portrait("invited", student=student, comms=member)
    message = mail.outbox[0]
    assert (message.to, "http://testserver/reprendre/" in message.body) == ([student.email], True)
