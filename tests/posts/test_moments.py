"""Moments on the school's wall clock: the hours of a clock change, the mornings that are offered."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from inet_comms.moments import next_mornings, said_date, said_day
from posts.forms.fields import on_the_wall
from posts.views.reading import Reading
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2027, 3, 28, 2, 0), "no-such-time"),
        (datetime(2027, 3, 28, 2, 59), "no-such-time"),
        (datetime(2027, 10, 31, 2, 0), "twice"),
        (datetime(2027, 10, 31, 2, 59), "twice"),
    ],
)
def test_wall_clock_refuses_the_hours_of_a_clock_change(moment, code):
    with pytest.raises(ValidationError) as refused:
        on_the_wall(moment)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        (datetime(2027, 3, 28, 1, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (datetime(2027, 3, 28, 3, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (datetime(2027, 10, 31, 1, 59), datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        (datetime(2027, 10, 31, 3, 0), datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
    ],
)
def test_wall_clock_takes_the_minutes_around_a_clock_change(moment, instant):
    assert on_the_wall(moment) == instant


@time_machine.travel(datetime(2026, 2, 27, 12, tzinfo=UTC), tick=False)
def test_mornings_are_weekdays_at_half_past_eight_that_are_free():
    taken = {datetime(2026, 3, 3).date()}
    assert [f"{timezone.localtime(morning):%a %d %H:%M}" for morning in next_mornings(taken)] == [
        "Mon 02 08:30",
        "Wed 04 08:30",
        "Thu 05 08:30",
    ]


def test_mornings_leave_out_the_days_of_other_posts(post, member, neighbour):
    first = next_mornings({timezone.localtime(post.publish_at).date()})[0]
    factories.make_post("draft", comms=neighbour, publish_at=first.replace(hour=17))
    assert first not in Reading(factories.fresh(post), member.user).mornings


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 1), "mardi 1er décembre"),
        (date(2026, 12, 11), "vendredi 11 décembre"),
        (date(2026, 12, 31), "jeudi 31 décembre"),
    ],
)
def test_first_of_a_month_is_said_as_in_french(day, words):
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC)):
        assert said_day(day) == words


def test_first_of_january_2021_keeps_its_year():
    assert said_date(date(2021, 1, 1), "j F Y") == "1er janvier 2021"
