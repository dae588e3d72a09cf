"""Public holidays where the school is."""

from datetime import date

import pytest
from django.utils import translation

from inet_comms import holidays


@pytest.fixture(autouse=True)
def _forget():
    """What was looked up for another place."""
    holidays._of.cache_clear()
    yield
    holidays._of.cache_clear()


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 5, 25), "Lundi de Pentecôte", "Pentecost Monday"),
        (date(2027, 7, 14), "Fête nationale", "National Day"),
        (date(2026, 5, 26), "", ""),
    ],
)
def test_holiday_is_named_in_the_readers_language(day, french, english):
    with translation.override("fr"):
        assert holidays.holiday(day) == french
    with translation.override("en"):
        assert holidays.holiday(day) == english


@pytest.mark.parametrize(("place", "expected"), [("6AE", "Vendredi saint"), ("", "")])
def test_alsace_has_its_own(place, expected, settings):
    settings.HOLIDAYS_IN = place
    with translation.override("fr"):
        assert holidays.holiday(date(2026, 4, 3)) == expected
