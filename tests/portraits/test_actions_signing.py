"""What turns the student's key and what takes it back: sign, ask for a change, withdraw, and the clock that ends consents."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from inet_comms.todo import todos
from portraits import actions, links, receipts
from portraits.models import Consent, Photo, Portrait
from portraits.tasks import end_consents
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db


# Sign, ask for a change -------------------------------------------------------------------------


def test_sign_turns_the_key_for_this_version(student):
    portrait = made("to_sign", student)
    consent = actions.sign(portrait, factories.agreement("gallery"), read=2, by=student.user)
    kept = factories.fresh(portrait)
    assert (kept.signed_version, kept.consent, consent.version.number) == (2, consent, 2)


def test_sign_replaces_the_consent_of_the_hand_in(student):
    portrait = made("to_sign", student)
    actions.sign(portrait, factories.agreement("gallery"), read=2, by=student.user)
    assert list(portrait.consents.order_by("pk").values_list("end", flat=True)) == ["replaced", ""]


def test_sign_of_a_text_that_changed_since_is_refused(student, member):
    portrait = made("to_sign", student, member)
    actions.edit(portrait, read=2, by=member.user, text="Autre texte.")
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    with pytest.raises(StaleVersion):
        actions.sign(factories.fresh(portrait), factories.agreement(), read=2, by=student.user)
    assert factories.fresh(portrait).state == "to_sign"


def test_sign_while_the_group_edits_again_is_refused_as_such(student, member):
    portrait = made("to_sign", student, member)
    actions.edit(portrait, read=2, by=member.user, text="Autre texte.")
    with pytest.raises(MoveRefused) as refused:
        actions.sign(portrait, factories.agreement(), read=2, by=student.user)
    assert (refused.type, refused.value.record.state) == (MoveRefused, "in_edit")


def test_sign_waits_for_the_group_and_sends_the_student_the_receipt(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("to_sign", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        consent = actions.sign(portrait, factories.agreement(), read=2, by=student.user)
    (own,) = mailoutbox
    ((name, data, content_type),) = own.attachments
    assert ([todo.kind.slug for todo in todos(member.user)], own.to) == (["signed"], ["lea@example.org"])
    assert (name, content_type) == (receipts.file_name(consent), "application/pdf")
    assert (data, links.path(consent, links.WITHDRAW) in own.body) == (receipts.receipt(consent), True)


def test_ask_change_keeps_the_students_words_and_waits_for_the_group(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("to_sign", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_change(portrait, message="Pas « la mer ».", by=student.user)
    assert (portrait.moves.last().note, mailoutbox) == ("Pas « la mer ».", [])
    assert [todo.kind.slug for todo in todos(member.user)] == ["to_edit"]


# Withdraw, lapse, begin again -------------------------------------------------------------------


def test_withdraw_keeps_how_they_had_signed_in(student):
    portrait = made("signed", student)
    actions.withdraw(portrait, by=student.user, proof="code:lea@example.org")
    assert portrait.consents.first().ended_with == "code:lea@example.org"


def test_withdraw_by_link_takes_everything_back(student):
    portrait = made("published", student)
    actions.withdraw_by_link(portrait.consent)
    assert everything_taken_back(portrait) is True


def test_withdraw_by_link_says_who_held_it_and_how_it_was_proven(student):
    portrait = made("signed", student)
    actions.withdraw_by_link(portrait.consent)
    move, consent = portrait.moves.last(), portrait.consents.first()
    assert (move.name, move.by) == ("withdraw_by_link", student.user)
    assert (consent.end, consent.ended_with) == ("withdrawn", "signed_link:lea@example.org")


@pytest.mark.parametrize("account", ["closed", "not theirs any more"])
def test_withdraw_by_link_needs_no_login(account, student):
    portrait = made("published", student)
    if account == "closed":
        type(student.user).objects.update(is_active=False)
    else:
        type(student).objects.filter(pk=student.pk).update(user=None)
    actions.withdraw_by_link(portrait.consent)
    assert everything_taken_back(portrait) is True


@pytest.mark.parametrize("end", ["withdrawn", "replaced"])
def test_withdraw_by_link_of_an_agreement_that_ended_is_refused(end, student):
    portrait = made("signed", student)
    consent = portrait.consent
    if end == "withdrawn":
        actions.withdraw(portrait, by=student.user)
    else:
        actions.change_consent(portrait, factories.agreement("x"), read=consent.pk, by=student.user)
    before = factories.fresh(portrait).state
    with pytest.raises(MoveRefused):
        actions.withdraw_by_link(consent)
    assert (factories.fresh(portrait).state, portrait.moves.filter(name="withdraw_by_link").count()) == (
        before,
        0,
    )


def test_lapse_tells_the_student_with_the_link_that_shows_what_is_taken_down(
    student, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = on_the_last_day(made("published", student), days_ago=1)
    consent = portrait.consent
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.lapse(portrait)
    (mail,) = mailoutbox
    assert (mail.to, links.path(consent, links.WITHDRAW) in mail.body) == (["lea@example.org"], True)


def test_publish_tells_the_student_once_with_the_link_that_withdraws(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("signed", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.publish(portrait)
        actions.edit(factories.fresh(portrait), read=2, by=member.user, text="Autre texte.")
        actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    (online,) = [mail for mail in mailoutbox if links.WITHDRAW and "retrait" in mail.body]
    assert (online.to, links.path(portrait.consent, links.WITHDRAW) in online.body) == (
        ["lea@example.org"],
        True,
    )
    actions.sign(factories.fresh(portrait), factories.agreement(), read=3, by=student.user)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.publish(factories.fresh(portrait))
    assert mailoutbox == []


def everything_taken_back(portrait):
    kept = factories.fresh(portrait)
    return (kept.state, kept.online, kept.consent, kept.photo, kept.signed_version) == (
        "withdrawn",
        None,
        None,
        None,
        None,
    )


def test_withdraw_takes_everything_back(student):
    portrait = made("published", student)
    actions.withdraw(portrait, by=student.user)
    assert everything_taken_back(portrait) is True


def test_withdraw_deletes_every_picture(student, django_capture_on_commit_callbacks):
    portrait = made("published", student)
    photo = portrait.photo
    names = [photo.master.name, *photo.renditions.values_list("file", flat=True)]
    before = [default_storage.exists(name) for name in names]
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(portrait, by=student.user)
    after = [default_storage.exists(name) for name in names]
    assert (set(before), set(after), Photo.objects.count()) == ({True}, {False}, 0)


def test_withdraw_dates_and_explains_the_end_of_the_consent(student):
    portrait = made("signed", student)
    actions.withdraw(portrait, by=student.user)
    last = portrait.consents.first()
    assert (last.end, last.ended_at is not None) == (Consent.End.WITHDRAWN, True)


def test_withdraw_keeps_the_answers_and_the_proof(student):
    portrait = made("signed", student)
    actions.withdraw(portrait, by=student.user)
    assert (factories.fresh(portrait).own_words, portrait.consents.count()) == (factories.ANSWERS, 2)


def test_withdraw_writes_to_the_group_and_to_the_student(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("signed", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(portrait, by=student.user)
    assert [mail.to for mail in mailoutbox] == [["ines@example.org"], ["lea@example.org"]]


def test_reopen_brings_nothing_of_the_consent_back(student):
    portrait = made("withdrawn", student)
    actions.reopen(portrait, by=student.user)
    kept = factories.fresh(portrait)
    assert (kept.is_writable, kept.consent, kept.photo, kept.own_words) == (
        True,
        None,
        None,
        factories.ANSWERS,
    )


def on_the_last_day(portrait, days_ago):
    """The portrait as it is, its consent having ended that many days ago."""
    last_day = timezone.localdate() - timedelta(days=days_ago)
    portrait.consents.filter(ended_at=None).update(until=last_day)
    return factories.fresh(portrait)


@pytest.mark.parametrize("state", Portrait.UNDER_WAY)
def test_lapse_takes_everything_back_after_the_last_day(state, student):
    portrait = on_the_last_day(made(state, student), days_ago=1)
    actions.lapse(portrait)
    assert everything_taken_back(portrait) is True


def test_lapse_while_the_student_writes_again(student, member):
    portrait = made("submitted", student, member)
    actions.hand_back(portrait, message="Un mot de plus ?", by=member.user)
    actions.lapse(on_the_last_day(portrait, days_ago=1))
    assert everything_taken_back(portrait) is True


@pytest.mark.parametrize("state", Portrait.UNDER_WAY)
def test_lapse_leaves_it_on_the_last_day(state, student):
    portrait = on_the_last_day(made(state, student), days_ago=0)
    actions.lapse(portrait)
    assert factories.fresh(portrait).state == state


@pytest.mark.parametrize("state", ["invited", "draft", "withdrawn"])
def test_lapse_leaves_what_has_no_consent(state, student):
    portrait = made(state, student)
    actions.lapse(portrait)
    assert factories.fresh(portrait).state == state


def test_lapse_explains_the_end_and_has_no_author(student):
    portrait = on_the_last_day(made("signed", student), days_ago=1)
    actions.lapse(portrait)
    move = portrait.moves.last()
    assert (portrait.consents.first().end, move.name, move.by) == (Consent.End.LAPSED, "lapse", None)


def test_end_consents_ends_those_that_ran_out_only(student, classmate, member):
    over = on_the_last_day(made("signed", student, member), days_ago=1)
    running = made("signed", classmate, member)
    assert end_consents() == 1
    assert (factories.fresh(over).state, factories.fresh(running).state) == ("withdrawn", "signed")
