"""When a student may be reminded, and of what next: the promotion's rhythm, its quiet periods, nights and weekends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from inet_comms.holidays import holiday
from inet_comms.moments import MORNING

from .models import Contact, Nudge, Portrait, PortraitMove, QuietPeriod, Rhythm
from .models.chasing import MOST_NUDGES
from .nudging import Thing, next_thing

DAY_BEGINS, DAY_ENDS = time(8), time(19)
USUAL_DAYS = Rhythm._meta.get_field("every_days").default
State = Nudge.State


def is_open(day: date, quiet: Iterable[QuietPeriod]) -> bool:
    """A weekday that is no public holiday, outside every quiet period, both ends of which are quiet."""
    return (
        day.weekday() < 5
        and not holiday(day)
        and not any(period.starts <= day <= period.ends for period in quiet)
    )


def next_allowed(moment: datetime, quiet: Iterable[QuietPeriod]) -> datetime:
    """The first instant from then on at which a reminder may leave: by day, on the school's wall clock."""
    local = timezone.localtime(moment)
    day = local.date()
    if is_open(day, quiet) and local.time() < DAY_ENDS:
        if local.time() >= DAY_BEGINS:
            return moment
    else:
        day += timedelta(days=1)
    while not is_open(day, quiet):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, MORNING))


@dataclass(frozen=True)
class Next:
    """The next reminder of one portrait, as far as time alone decides."""

    thing: Thing
    number: int
    at_most: int
    due_at: datetime
    has_answered_for: bool
    """A reminder has left before that someone of the group had read: this one may leave by itself."""

    @property
    def is_used_up(self) -> bool:
        return self.number > self.at_most


def progress_at(portrait: Portrait, last_step: datetime | None) -> datetime | None:
    """When the student, or the life of the portrait, last moved: a step, an answer, a photo."""
    moments = [last_step, *(answer.changed_at for answer in portrait.answers.all())]
    moments.append(portrait.photo.added_at if portrait.photo_id else None)
    return max(filter(None, moments), default=None)


def plan(
    portrait: Portrait,
    rhythm: Rhythm | None,
    quiet: Iterable[QuietPeriod],
    *,
    last_step: datetime | None,
    last_contact: datetime | None,
) -> Next | None:
    """The next reminder; None while nothing is the student's to do. Counted from their last progress.

    Nobody is reminded within `every_days` of any contact, whatever its means, nor of a reminder that was cancelled.
    """
    thing = next_thing(portrait)
    if thing is None:
        return None
    every = timedelta(days=rhythm.every_days if rhythm else USUAL_DAYS)
    moved, nudges = progress_at(portrait, last_step), list(portrait.nudges.all())
    sent = [nudge for nudge in nudges if nudge.state in (State.SENT, State.SENDING)]
    since = [nudge for nudge in sent if moved is None or (nudge.ended_at or nudge.claimed_at) > moved]
    ended = [nudge.ended_at for nudge in nudges if nudge.state != State.CANCELLED or nudge.read_by_id]
    last = filter(None, [moved, last_contact, portrait.invited_at, *ended])
    return Next(
        thing=thing,
        number=len(since) + 1,
        at_most=rhythm.at_most if rhythm else MOST_NUDGES,
        due_at=next_allowed(max(last, default=timezone.now()) + every, quiet),
        has_answered_for=bool(sent),
    )


def last_step_of(portrait: str):
    """For `annotate`: the moment of the newest step; `portrait` is the way from the row to the portrait's id."""
    return Subquery(PortraitMove.objects.filter(record=OuterRef(portrait)).order_by("-pk").values("at")[:1])


def last_contact_of(portrait: str, field: str = "at"):
    """For `annotate`: a field of the newest contact."""
    newest = Contact.objects.filter(portrait=OuterRef(portrait)).order_by("-at", "-pk")
    return Subquery(newest.values(field)[:1])
