"""The school’s events in an iCalendar file (RFC 5545): read strictly, repetitions laid out one by one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from dateutil.rrule import rrule, rruleset, rrulestr
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar import Event as Entry
from icalendar.prop import vRecur

from .models import Event

MAX_BYTES = 2_000_000
MAX_EVENTS = 2_000
"""Days and hours that a file may lead to, repetitions included."""
MAX_PROBLEMS = 10
AHEAD = timedelta(days=548)
"""Eighteen months: as long as a promotion."""
WITHOUT_END = timedelta(hours=1)
FIRST_YEAR, LAST_YEAR = 1990, 2099
OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
DAMAGED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What the parsers raise on files that are none."""


class Unreadable(Exception):
    """`problems`: sentences for whoever chose the file. Nothing of it is taken."""

    def __init__(self, *problems: str):
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Found:
    """One event as the file has it; `uid` is its own among all files, one day of a repeated one has it with its moment."""

    uid: str
    name: str
    place: str
    starts_at: datetime
    ends_at: datetime
    link: str


def window(now: datetime) -> tuple[datetime, datetime]:
    """From when to when events are taken: from today on, eighteen months."""
    begins = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    return begins, begins + AHEAD


def read(data: bytes, now: datetime) -> list[Found]:
    """All that happens in the window, by its beginning. Cancelled and private events are left out. Raises Unreadable."""
    entries = _entries(data)
    begins, ends = window(now)
    overrides = {key for entry in entries if (key := _override(entry))}
    found: dict[str, tuple[int, Found]] = {}
    problems = []
    for entry in entries:
        try:
            for one in _occurrences(entry, overrides, begins, ends):
                sequence = int(entry.get("sequence", 0))
                if one.uid not in found or found[one.uid][0] <= sequence:
                    found[one.uid] = sequence, one
                if len(found) > MAX_EVENTS:
                    raise Unreadable(
                        _(
                            "The file leads to more than %(most)d events. Export a shorter time, or fewer calendars."
                        )
                        % {"most": MAX_EVENTS}
                    )
        except DAMAGED:
            problems.append(
                _("“%(name)s”: its date or its repetition cannot be read. Correct it in your programme.")
                % {"name": _text(entry, "summary")}
            )
    if problems:
        raise Unreadable(*problems[:MAX_PROBLEMS])
    return sorted((one for _sequence, one in found.values()), key=lambda one: (one.starts_at, one.uid))


def _entries(data: bytes) -> list[Entry]:
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 2 MB. Export a shorter time, or fewer calendars."))
    try:
        calendars = Calendar.from_ical(_decoded(data), multiple=True)
        if not calendars or any(found.name != "VCALENDAR" for found in calendars):
            raise ValueError
    except DAMAGED as error:
        raise Unreadable(
            _("This is not a calendar file. Export the calendar from your programme as iCalendar (.ics).")
        ) from error
    entries = [entry for found in calendars for entry in found.walk("VEVENT")]
    if not entries:
        raise Unreadable(_("There is no event in this file. Choose the one that your programme exported."))
    return entries


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _override(entry: Entry) -> tuple[str, datetime] | None:
    """Which day of a repeated event this entry stands for."""
    recurrence = entry.get("recurrence-id")
    return (str(entry.get("uid", "")), _instant(recurrence.dt)) if hasattr(recurrence, "dt") else None


def _occurrences(
    entry: Entry, overrides: set[tuple[str, datetime]], begins: datetime, ends: datetime
) -> Iterator[Found]:
    uid, first = str(entry["uid"]).strip(), entry["dtstart"].dt
    if not uid or not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise ValueError
    is_left_out = str(entry.get("status", "")).upper() == "CANCELLED" or str(
        entry.get("class", "")
    ).upper() in ("PRIVATE", "CONFIDENTIAL")
    if is_left_out:
        return
    stands_for = _override(entry)
    is_repeated = stands_for is None and ("rrule" in entry or "rdate" in entry)
    for start in _repeated(entry, first, ends) if is_repeated else [first]:
        starts_at = _instant(start)
        if is_repeated and (uid, starts_at) in overrides:
            continue
        ends_at = _end(entry, first, start)
        if ends_at > begins and starts_at < ends:
            of = stands_for[1] if stands_for else starts_at if is_repeated else None
            yield Found(
                _key(uid, of),
                _text(entry, "summary") or _("Event"),
                _text(entry, "location"),
                starts_at,
                ends_at,
                _link(entry),
            )


def _repeated(entry: Entry, first: date | datetime, ends: datetime) -> Iterator[date | datetime]:
    """Each beginning, on the clock of the event’s own zone, as far as the window reaches."""
    zone = getattr(first, "tzinfo", None)
    naive = _naive(first, zone)
    last = _naive(ends, zone or timezone.get_default_timezone())
    days = rruleset()
    days.rdate(naive)
    for rule in _listed(entry.get("rrule")):
        for moment in _rule(rule, naive, zone, last):
            days.rdate(moment)
    for name, add in (("rdate", days.rdate), ("exdate", days.exdate)):
        for listed in _listed(entry.get(name)):
            for value in listed.dts:
                add(_naive(value.dt, zone))
    for moment in days:
        if moment > last:
            return
        yield moment.replace(tzinfo=zone) if isinstance(first, datetime) else moment.date()


def _rule(rule: vRecur, naive: datetime, zone: tzinfo | None, last: datetime) -> Iterator[datetime]:
    parts = {name.upper(): values for name, values in rule.items()}
    if OFTEN & set(parts["FREQ"]) or {"BYHOUR", "BYMINUTE", "BYSECOND"} & set(parts):
        raise ValueError
    if any(int(number) < 1 for number in parts.get("INTERVAL", [1])):
        raise ValueError
    (count,) = parts.pop("COUNT", [None])
    (until,) = parts.pop("UNTIL", [last])
    until = _naive(until, zone) if isinstance(until, datetime) else datetime.combine(until, time.max)
    repeats: rrule = rrulestr(vRecur(parts).to_ical().decode(), dtstart=naive)
    return islice(repeats.replace(until=min(until, last)), count)


def _listed(value) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


def _naive(value: date | datetime, zone: tzinfo | None) -> datetime:
    """On the clock of this zone, without saying so: repetitions keep their hour when the clocks change."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return (value.astimezone(zone) if value.tzinfo and zone else value).replace(tzinfo=None)


def _instant(value: date | datetime) -> datetime:
    """A day begins at midnight at the school; a time without zone is the school’s."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
    return (moment if moment.tzinfo else timezone.make_aware(moment)).astimezone(UTC)


def _end(entry: Entry, first: date | datetime, start: date | datetime) -> datetime:
    if "dtend" in entry:
        last = entry["dtend"].dt
        length = last - first if not isinstance(first, datetime) else _instant(last) - _instant(first)
    elif "duration" in entry:
        length = entry["duration"].dt
    else:
        length = timedelta(0)
    if isinstance(first, datetime):
        return _instant(start) + (length if length > timedelta(0) else WITHOUT_END)
    return _instant(start + max(timedelta(length.days), timedelta(days=1)))


def _key(uid: str, of: datetime | None) -> str:
    key = f"{uid} {of:%Y%m%dT%H%M%SZ}" if of else uid
    fits = len(key) <= Event._meta.get_field("uid").max_length and key.isprintable()
    return key if fits else hashlib.sha256(key.encode()).hexdigest()


def _text(entry: Entry, name: str) -> str:
    words = re.sub(r"[ \t\r\n]+", " ", str(entry.get(name, ""))).strip()
    kept = "".join(sign for sign in words if sign.isprintable() or sign in "\u00a0\u202f")
    return Truncator(kept).chars(Event._meta.get_field("name").max_length)


def _link(entry: Entry) -> str:
    address = str(entry.get("url", ""))
    try:
        URLValidator(["http", "https"])(address)
    except ValidationError:
        return ""
    return address if len(address) <= Event._meta.get_field("link").max_length else ""
