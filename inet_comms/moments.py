"""Moments as people say them: “mardi 3 mars à 8 h 30”, always on the school's wall clock."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

MORNING = time(8, 30)
"""When portraits are read: people open LinkedIn on their way to work."""


def said_day(day: date) -> str:
    """The weekday, day and month; the year only where it is not this one."""
    is_this_year = day.year == timezone.localdate().year
    form = pgettext("day", "l j F") if is_this_year else pgettext("day and year", "l j F Y")
    return said_date(day, form)


def said_date(day: date, form: str) -> str:
    """The day in this form of Django's; in French the first of a month is “1er”."""
    said = date_format(day, form)
    is_first_in_french = day.day == 1 and (get_language() or "").startswith("fr")
    return re.sub(r"(?<!\d)1(?!\d)", "1er", said, count=1) if is_first_in_french else said


def said_time(value: datetime) -> str:
    """The hour, and the minutes if there are any."""
    local = timezone.localtime(value)
    return date_format(local, pgettext("time", "G:i") if local.minute else pgettext("full hour", "G:i"))


def said_wall(value: time) -> str:
    """A time of the clock on the wall, whatever the day."""
    return date_format(value, pgettext("time", "G:i") if value.minute else pgettext("full hour", "G:i"))


def said(value: datetime) -> str:
    """Day and time of an instant."""
    return _("%(day)s at %(time)s") % {
        "day": said_day(timezone.localtime(value).date()),
        "time": said_time(value),
    }


def next_mornings(taken: set[date], count: int = 3) -> list[datetime]:
    """The next weekday mornings, from tomorrow on, on days that are not taken."""
    found, day = [], timezone.localdate()
    while len(found) < count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in taken:
            found.append(timezone.make_aware(datetime.combine(day, MORNING)))
    return found
