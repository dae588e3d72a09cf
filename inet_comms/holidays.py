"""Public holidays where the school is (`HOLIDAYS_IN`), named in the reader’s language."""

from __future__ import annotations

from datetime import date
from functools import cache

from django.conf import settings
from django.utils.translation import get_language


def holiday(day: date) -> str:
    """What holiday this day is, or nothing."""
    is_french = (get_language() or "").startswith("fr")
    return _of(day.year, "fr" if is_french else "en_US").get(day, "").replace("'", "’")


@cache
def _of(year: int, language: str) -> dict[date, str]:
    # Half a second of imports that only few pages need.
    from holidays import country_holidays

    return dict(country_holidays("FR", subdiv=settings.HOLIDAYS_IN or None, language=language, years=year))
