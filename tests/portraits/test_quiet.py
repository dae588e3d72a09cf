"""When a student may be reminded: by day, on weekdays, outside quiet periods, days after the last word, at most so many times."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portraits.models import QuietPeriod
from portraits.quiet import next_allowed

PARIS = ZoneInfo("Europe/Paris")


def paris(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=PARIS)


def quiet(first, last):
    return QuietPeriod(label="Examens", starts=date(2026, 3, first), ends=date(2026, 3, last))


# 2 March 2026 is a Monday.
@pytest.mark.parametrize(
    ("moment", "periods", "allowed"),
    [
        (paris(3, 10), [], paris(3, 10)),
        (paris(3, 8), [], paris(3, 8)),
        (paris(3, 18, 59), [], paris(3, 18, 59)),
        (paris(3, 19), [], paris(4, 8, 30)),
        (paris(3, 7, 59), [], paris(3, 8, 30)),
        (paris(6, 19), [], paris(9, 8, 30)),
        (paris(7, 12), [], paris(9, 8, 30)),
        (paris(8, 12), [], paris(9, 8, 30)),
        (paris(3, 10), [quiet(3, 3)], paris(4, 8, 30)),
        (paris(3, 10), [quiet(3, 5)], paris(6, 8, 30)),
        (paris(3, 10), [quiet(1, 6)], paris(9, 8, 30)),
        (paris(3, 10), [quiet(3, 4), quiet(5, 9)], paris(10, 8, 30)),
        (paris(3, 10), [quiet(4, 9)], paris(3, 10)),
        (paris(3, 22), [quiet(4, 4)], paris(5, 8, 30)),
        # The clock goes forward in the night to the 29th: half past eight is said by the wall clock.
        (paris(27, 19), [], paris(30, 8, 30)),
    ],
)
def test_next_allowed_moment(moment, periods, allowed):
    assert next_allowed(moment, periods) == allowed


def test_wall_clock_is_the_one_of_paris():
    """18:30 in London is half past seven in Paris."""
    assert next_allowed(datetime(2026, 3, 3, 18, 30, tzinfo=ZoneInfo("Europe/London")), []) == paris(4, 8, 30)


def test_no_moment_of_a_year_is_at_night_or_on_a_weekend():
    moments = [paris(1, 0) + timedelta(hours=hour, minutes=hour % 60) for hour in range(0, 24 * 365, 5)]
    allowed = [next_allowed(moment, []).astimezone(PARIS) for moment in moments]
    assert [one for one in allowed if one.weekday() > 4 or not 8 <= one.hour < 19] == []
    assert [one for one, other in zip(allowed, moments, strict=True) if one < other] == []
