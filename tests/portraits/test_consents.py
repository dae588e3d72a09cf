"""The terms of a consent, its last day, and how a person had proved who they are."""

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from portraits import consents
from portraits.models import Consent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("invited", student=student, comms=member)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_terms_name_the_person_and_the_school(language, portrait):
    with translation.override(language):
        first = consents.terms(portrait, "INET")[0]
    assert ("Léa Le Goff" in first, "INET" in first) == (True, True)


def test_agreed_terms_are_the_screen_with_what_was_chosen(portrait):
    with translation.override("en"):
        first, *others = consents.terms(portrait, "INET")
        said = consents.agreed_terms(portrait, "INET", {"linkedin", "gallery"}, date(2028, 6, 30))
    assert said.split("\n") == [
        first,
        "Where may your portrait appear? the school’s public gallery, LinkedIn",
        "Until when? 30 June 2028",
        *others,
    ]


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2026, 11, 24), 1, date(2027, 11, 24)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
    ],
)
def test_years_after(day, years, expected):
    assert consents.years_after(day, years) == expected


def test_suggested_end_is_a_year_after_the_studies(portrait):
    portrait.student.promotion.ends = date(2030, 6, 30)
    assert consents.suggested_end(portrait) == date(2031, 6, 30)


def test_suggested_end_of_a_former_student_is_a_year_from_now(portrait):
    portrait.student.promotion.ends = date(2020, 6, 30)
    assert consents.suggested_end(portrait) == consents.years_after(timezone.localdate(), 1)


def test_offered_ends_begin_with_the_suggested_one(portrait):
    today = timezone.localdate()
    assert [day for day, _words in consents.offered_ends(portrait)] == [
        consents.suggested_end(portrait),
        consents.years_after(today, 1),
        consents.years_after(today, 2),
    ]


def test_offered_ends_of_a_former_student_are_each_offered_once(portrait):
    portrait.student.promotion.ends = timezone.localdate() - timedelta(days=900)
    assert len(consents.offered_ends(portrait)) == 2


RECORDS = {
    "none": ([], "session"),
    "code": ([{"method": "code", "at": 1.0, "email": "lea@example.org"}], "code:lea@example.org"),
    "link": ([{"method": "login_link", "at": 1.0}], "login_link:lea@example.org"),
    "twice the same": (
        [{"method": "code", "at": 1.0}, {"method": "code", "at": 2.0}],
        "code:lea@example.org",
    ),
    "code and key": (
        [{"method": "code"}, {"method": "mfa", "type": "webauthn"}],
        "code:lea@example.org, mfa:webauthn",
    ),
}


@pytest.mark.parametrize(("records", "said"), RECORDS.values(), ids=RECORDS)
def test_proof_of_identity(records, said, student):
    assert consents.proof_of_identity({"account_authentication_methods": records}, student.user) == said


def test_proof_of_identity_fits_its_column(student):
    records = [{"method": "code", "email": f"{'x' * 200}@example.org"}]
    said = consents.proof_of_identity({"account_authentication_methods": records}, student.user)
    assert len(said) == Consent._meta.get_field("signed_in_with").max_length
