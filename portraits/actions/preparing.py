"""Reminders before they leave: the clock prepares them three days ahead, a member of the group by hand, and the clock calls off what is no longer true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Promotion, Student, User
from inet_comms.lifecycle import lock, require, tick

from .. import nudging, permissions, quiet
from ..mails import chasing as chase_mails
from ..models import Nudge, Portrait, QuietPeriod, Rhythm

AHEAD = timedelta(days=3)
"""How long before its moment a reminder is prepared: Monday’s can be read, or cancelled, on Friday."""
LOOK_EVERY = timedelta(minutes=2)


class NothingToSend(Exception):
    """No reminder can be prepared by hand; str() says why, in words for the group."""


@dataclass(frozen=True)
class Found:
    """A portrait with all that decides about its next reminder, read in the present transaction."""

    portrait: Portrait
    rhythm: Rhythm | None
    quiet_periods: list[QuietPeriod]

    @property
    def next(self) -> quiet.Next | None:
        return quiet.plan(
            self.portrait,
            self.rhythm,
            self.quiet_periods,
            last_step=self.portrait.last_step,
            last_contact=self.portrait.last_contact,
        )


def prepare(now: datetime) -> int:
    """For each promotion with a rhythm, every LOOK_EVERY: call off what is untrue, prepare what is near. The number prepared."""
    today, count = timezone.localdate(now), 0
    due = Q(looked_at=None) | Q(looked_at__lt=now - LOOK_EVERY)
    rhythms = Rhythm.objects.filter(due, is_on=True, promotion__ends__gte=today)
    for rhythm in rhythms.select_related("promotion"):
        # Whoever writes the moment looks; another worker that asked at the same time finds it written.
        if Rhythm.objects.filter(due, pk=rhythm.pk).update(looked_at=now):
            count += prepare_for(rhythm.promotion, now)
    return count


def prepare_for(promotion: Promotion, now: datetime) -> int:
    """All reminders of one promotion whose moment is near; the group hears once a day of those that wait to be read."""
    tidy(promotion)
    portraits = Portrait.objects.filter(
        state__in=nudging.CHASED,
        student__promotion=promotion,
        student__mail_refused_at=None,
        student__user__is_active=True,
        nudges_off_at=None,
    )
    rhythm, periods = _pace_of(promotion)
    made = []
    for portrait in _whole(portraits.exclude(nudges__in=Nudge.objects.waiting())):
        planned = Found(portrait, rhythm, periods).next
        if planned and not planned.is_used_up and planned.due_at <= now + AHEAD:
            made.append(_prepare(portrait, now))
    made = list(filter(None, made))
    if any(nudge.state == Nudge.State.PROPOSED for nudge in made):
        _tell(promotion, now)
    return len(made)


@transaction.atomic
def _prepare(portrait: Portrait, now: datetime) -> Nudge | None:
    """The same question asked again under the lock: meanwhile the student may have gone on."""
    found = read(lock(portrait))
    planned, portrait = found.next, found.portrait
    if planned is None or planned.is_used_up or planned.due_at > now + AHEAD or _silence(portrait):
        return None
    state = Nudge.State.READY if planned.has_answered_for else Nudge.State.PROPOSED
    return _create(
        found, planned, state=state, due_at=max(planned.due_at, quiet.next_allowed(now, found.quiet_periods))
    )


@transaction.atomic
def propose(student: Student, *, by: User) -> Nudge:
    """One more reminder now, prepared by hand: it leaves once somebody has read it. Raises NothingToSend."""
    require(permissions.can_chase(by, student.promotion))
    portrait = Portrait.objects.filter(student=student).first()
    if portrait is None:
        raise NothingToSend(_("not invited yet"))
    found = read(lock(portrait))
    planned, portrait = found.next, found.portrait
    if planned is None:
        raise NothingToSend(_("nothing to do at the moment") if portrait.invited_at else _("not invited yet"))
    if reason := _silence(portrait):
        raise NothingToSend(reason)
    if any(nudge.state in Nudge.WAITING for nudge in portrait.nudges.all()):
        raise NothingToSend(_("a reminder waits already"))
    if planned.is_used_up:
        raise NothingToSend(_("reminded as often as agreed: speak to them"))
    due_at = quiet.next_allowed(timezone.now(), found.quiet_periods)
    nudge = _create(found, planned, state=Nudge.State.PROPOSED, due_at=due_at)
    if nudge is None:
        raise NothingToSend(_("a reminder waits already"))
    return nudge


def tidy(promotion: Promotion) -> int:
    """Call off what waits and is no longer true, so that nobody reads it for nothing."""
    waiting = Nudge.objects.filter(state__in=Nudge.OPEN, portrait__student__promotion=promotion)
    count = 0
    for nudge in waiting.select_related("portrait"):
        with transaction.atomic():
            found = read(lock(nudge.portrait))
            nudge = lock(nudge)
            if nudge.state in Nudge.OPEN and (reason := untrue(nudge, found)):
                call_off(nudge, reason)
                count += 1
    return count


def untrue(nudge: Nudge, found: Found) -> str:
    """Why this reminder must not leave any more; empty while it may."""
    thing = nudging.next_thing(found.portrait)
    moved = quiet.progress_at(found.portrait, found.portrait.last_step)
    if thing is None or thing.about != nudge.about or (moved and moved > nudge.created_at):
        return _("the student has gone on")
    if reason := _silence(found.portrait):
        return reason
    if nudge.state == Nudge.State.READY and nudge.read_by_id is None:
        if found.rhythm is None or not found.rhythm.is_on:
            return _("reminders were switched off")
        if nudge.number > found.rhythm.at_most:
            return _("reminded as often as agreed")
    return ""


def call_off(nudge: Nudge, reason: str) -> None:
    """The clock's cancellation (`nudge` locked)."""
    if nudge.state in Nudge.OPEN:
        tick(nudge, "call_off", note=reason, ended_at=timezone.now())


def read(portrait: Portrait) -> Found:
    """Everything about this portrait as it is in the present transaction."""
    whole = _whole(Portrait.objects.filter(pk=portrait.pk)).get()
    return Found(whole, *_pace_of(whole.student.promotion))


def _whole(portraits):
    return (
        portraits.select_related("student__promotion", "student__user", "photo", "looked_after_by")
        .prefetch_related("answers", "nudges", "student__promotion__questions")
        .annotate(last_step=quiet.last_step_of("pk"), last_contact=quiet.last_contact_of("pk"))
    )


def _pace_of(promotion: Promotion) -> tuple[Rhythm | None, list[QuietPeriod]]:
    return Rhythm.objects.filter(promotion=promotion).first(), list(promotion.quiet_periods.all())


def _silence(portrait: Portrait) -> str:
    """Why no reminder reaches this person by mail; empty if one does."""
    if portrait.nudges_off_at:
        return _("wants no reminders")
    if portrait.student.mail_refused_at:
        return _("mail comes back")
    return ""


def _create(found: Found, planned: quiet.Next, *, state: str, due_at: datetime) -> Nudge | None:
    portrait = found.portrait
    subject, text = nudging.reminder_words(portrait, planned.thing, chase_mails.signature(portrait))
    try:
        with transaction.atomic():
            return Nudge.objects.create(
                portrait=portrait,
                number=planned.number,
                about=planned.thing.about,
                subject=subject,
                text=text,
                due_at=due_at,
                state=state,
            )
    except IntegrityError:
        # One waiting reminder a person: another worker was faster.
        return None


def _tell(promotion: Promotion, now: datetime) -> None:
    today = timezone.localdate(now)
    if Rhythm.objects.filter(Q(told_on=None) | Q(told_on__lt=today), promotion=promotion).update(
        told_on=today
    ):
        count = Nudge.objects.filter(
            state=Nudge.State.PROPOSED, portrait__student__promotion=promotion
        ).count()
        transaction.on_commit(lambda: chase_mails.reminders_to_read(promotion, count))
