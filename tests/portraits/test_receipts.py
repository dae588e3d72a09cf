"""Receipts: what stands in the PDF, in which language, who may fetch it, and that it never lies about a name."""

import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from cohorts.models import Student
from portraits import actions, links, receipts
from portraits.models import Consent
from tests import factories
from tests.portraits import reading_pdf
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
UNTIL = date(2031, 6, 30)
GIVEN = datetime(2026, 7, 1, 22, 30, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def consent(student):
    portrait = made("signed", student, until=UNTIL)
    Consent.objects.filter(pk=portrait.consent_id).update(
        given_at=GIVEN, language="fr", signed_in_with="code:lea@example.org"
    )
    return Consent.objects.get(pk=portrait.consent_id)


def text(consent, language="fr"):
    consent.language = language
    return reading_pdf.flat(receipts.receipt(consent))


# What it says ------------------------------------------------------------------------------------


def test_receipt_says_who_what_and_when(consent, student):
    said = text(consent, "en")
    version = consent.version
    expected = [
        "Léa Le Goff",
        "lea@example.org",
        "a code sent by mail to lea@example.org",
        version.title,
        version.quote,
        version.text.split("\n\n")[0],
        version.alt_text,
        consent.fingerprint,
        consent.terms,
        "2026-07-01T22:30:00+00:00",
        "00:30:00 (CEST)",
        "30 June 2031",
        "the school’s public gallery, LinkedIn",
        "Facebook, X, Bluesky, Mastodon",
    ]
    assert [words for words in expected if words not in said] == []


def test_receipt_holds_the_link_that_withdraws(consent, settings):
    said = "".join(reading_pdf.words(receipts.receipt(consent)).split())
    assert settings.PUBLIC_URL + links.path(consent, links.WITHDRAW) in said


@pytest.mark.parametrize(
    ("end", "proof", "expected"),
    [
        (
            "withdrawn",
            "signed_link:lea@example.org",
            ["withdrawn", "the signed link sent by mail to lea@example.org"],
        ),
        ("lapsed", "", ["its time was over"]),
        ("replaced", "session", ["replaced by a newer one", "a session that was open already"]),
    ],
)
def test_receipt_of_an_ended_agreement_says_how_and_when(end, proof, expected, consent):
    consent.end, consent.ended_with, consent.ended_at = end, proof, GIVEN + timedelta(days=30)
    said = text(consent, "en")
    assert [
        words
        for words in [*expected, "This agreement has ended", "2026-07-31T22:30:00+00:00"]
        if words not in said
    ] == []


def test_receipt_is_in_the_language_of_the_screen_whoever_asks(consent):
    consent.language = "en"
    with translation.override("fr"):
        in_french = receipts.receipt(consent)
    with translation.override("en"):
        assert in_french == receipts.receipt(consent)


def test_receipt_is_the_same_bytes_each_time(consent):
    first = receipts.receipt(consent)
    again = Consent.objects.get(pk=consent.pk)
    assert first == receipts.receipt(again)


def test_receipt_differs_for_another_agreement(consent, student):
    portrait = consent.portrait
    other = actions.change_consent(
        portrait, factories.agreement("x", until=UNTIL), read=consent.pk, by=student.user
    )
    assert receipts.receipt(other) != receipts.receipt(consent)


def test_receipt_holds_the_picture_while_it_exists(consent, student, django_capture_on_commit_callbacks):
    rendition = consent.version.photo.renditions.get(name=receipts.PICTURE)
    assert rendition.file.read() in receipts.receipt(consent)
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(consent.portrait, by=student.user)
    kept = Consent.objects.get(pk=consent.pk)
    pdf = receipts.receipt(kept)
    assert (b"/DCTDecode" in pdf, kept.fingerprint in reading_pdf.words(pdf)) == (False, True)
    assert "deleted since" in text(kept, "en")


def test_receipt_survives_a_lost_file(consent):
    consent.version.photo.renditions.get(name=receipts.PICTURE).file.delete(save=False)
    assert "deleted since" in text(consent, "en")


def test_receipt_is_tagged_titled_and_in_a_language(consent):
    pdf = receipts.receipt(consent)
    roles = reading_pdf.roles(pdf)
    assert (roles[:2], roles.count("Figure"), set(roles)) == (
        ["Document", "H1"],
        2,
        {"Document", "H1", "H2", "P", "Figure"},
    )
    assert (b"/Lang (fr)" in pdf, b"/Marked true" in pdf, b"/DisplayDocTitle true" in pdf) == (
        True,
        True,
        True,
    )


NAMES = {
    "Polish, Turkish, Czech": ("Wałęsa-Şükrü", "Žižek", "Wałęsa-Şükrü Žižek"),
    "taken apart": ("Le\u0301a", "Nguye\u0302\u0303n", "Léa Nguyễn"),
    "Romanian, Hungarian": ("Ștefan", "Kőrösi", "Ștefan Kőrösi"),
    "not in our type": ("Léa", "שלום", "Léa [U+05E9 HEBREW LETTER SHIN]"),
    "emoji": ("Léa", "👩🏽\u200d🚀", "[U+1F469 WOMAN][U+1F3FD EMOJI MODIFIER FITZPATRICK TYPE-4]"),
    "a mark that nothing carries": ("Léa", "x\u0331", "x[U+0331 COMBINING MACRON BELOW]"),
}


@pytest.mark.parametrize(("first", "last", "shown"), NAMES.values(), ids=NAMES)
def test_receipt_shows_any_name_or_says_what_it_cannot_show(first, last, shown, consent):
    Student.objects.update(first_name=first, last_name=last)
    said = text(Consent.objects.get(pk=consent.pk))
    assert (shown in said, "\ufffd" in said) == (True, False)


def test_receipt_of_the_longest_text_goes_over_several_pages(student, member):
    portrait = made("in_edit", student, member)
    long = "\n\n".join(f"Paragraphe {number}. " + "Un mot long. " * 40 for number in range(16))
    actions.edit(portrait, read=2, by=member.user, text=long)
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    consent = actions.sign(factories.fresh(portrait), factories.agreement(), read=3, by=student.user)
    pdf = receipts.receipt(consent)
    said = reading_pdf.flat(pdf)
    assert [number for number in range(16) if f"Paragraphe {number}." not in said] == []
    assert pdf.count(b"/Type /Page\n") > 1


# Who may fetch it --------------------------------------------------------------------------------


def fetch(client, consent, user):
    client.force_login(user)
    return client.get(reverse("consent_receipt", args=[consent.pk]))


def test_student_fetches_their_receipt(client, consent, student):
    answer = fetch(client, consent, student.user)
    assert (answer.status_code, answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
        200,
        "application/pdf",
        True,
    )
    assert answer.content == receipts.receipt(consent)


def test_staff_fetch_it_as_proof(client, consent, staff):
    assert fetch(client, consent, staff).status_code == 200


def test_others_find_nothing(client, consent, classmate, member):
    assert [fetch(client, consent, person.user).status_code for person in (classmate, member)] == [404, 404]


def test_receipt_of_an_agreement_that_ended_stays(client, consent, student):
    actions.withdraw(consent.portrait, by=student.user)
    assert fetch(client, consent, student.user).status_code == 200


# Our type ----------------------------------------------------------------------------------------


def test_type_carries_the_letters_of_our_students(consent):
    from portraits.paper import Paper

    paper = Paper(
        title="", author="", language="fr", made_at=timezone.now(), foot="", page_words="%(number)s/%(total)s"
    )
    letters = "àâäçéèêëîïôöùûüÿœæÀÉÈÇŒÆłŁşŞžŽșțőűđĐøØñßįğıİčćšńřťľ ăằẵặơờỡợưứữự «»“”’–—…·•€°²ªº\u202f\u00a0"
    assert paper.shown(letters) == letters


def test_picture_in_the_receipt_is_small(consent):
    rendition = consent.version.photo.renditions.get(name=receipts.PICTURE)
    with rendition.file.open("rb") as file:
        assert Image.open(io.BytesIO(file.read())).size == (400, 500)
