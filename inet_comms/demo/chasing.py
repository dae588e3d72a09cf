"""How the demo school is chased: who looks after whom, who spoke to whom, a rhythm, quiet days, reminders that wait to be read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle

from django.utils import timezone

from cohorts.models import Promotion, Student, User
from portraits import actions
from portraits.actions.preparing import prepare_for
from portraits.actions.reminding import send_due
from portraits.models import Contact, Nudge, Portrait

from .timeline import at, standing_at

NOTES = (
    (Contact.Means.IN_PERSON, "Croisé à la cafétéria, s’y met ce week-end."),
    (Contact.Means.PHONE, "Cherche encore sa photo."),
    (Contact.Means.WHATSAPP, ""),
    (Contact.Means.SMS, "Veut relire ses réponses avec son tuteur."),
)
TEN = time(10)


def chase(promotion: Promotion, members: list[User]) -> None:
    """As its group would do it. The reminders are prepared by the clock's own action, and wait to be read."""
    students = list(promotion.students.exclude(user__in=members).order_by("pk"))
    keepers = cycle(Student.objects.filter(user__in=members).order_by("pk"))
    for number, student in enumerate(students):
        if number % 4:
            actions.look_after(student, next(keepers), by=members[0])
    today = timezone.localdate()
    actions.set_rhythm(promotion, is_on=True, every_days=5, at_most=3, by=members[0])
    _remind_some(promotion, members[0])
    _speak_to_some(promotion, members)
    starts, ends = today + timedelta(days=20), today + timedelta(days=26)
    actions.add_quiet(promotion, label="Semaine d’examens", starts=starts, ends=ends, by=members[0])
    prepare_for(promotion, timezone.now())


def _waiting(promotion: Promotion, before: datetime):
    """Those who were invited by then, and have something to do."""
    states = (Portrait.State.INVITED, Portrait.State.DRAFT, Portrait.State.TO_SIGN)
    portraits = Portrait.objects.filter(student__promotion=promotion, state__in=states, invited_at__lt=before)
    return portraits.select_related("student__promotion").order_by("pk")


def _remind_some(promotion: Promotion, by: User) -> None:
    """A first reminder that somebody read and let go, on a working day of last week."""
    day = timezone.localdate() - timedelta(days=5)
    moment = at(day - timedelta(days=max(0, day.weekday() - 4)), TEN)
    with standing_at(moment):
        for portrait in _waiting(promotion, moment)[:2]:
            if portrait.moves.filter(at__gt=moment).exists():
                continue
            nudge = actions.propose(portrait.student, by=by)
            actions.approve_nudge(nudge, read_words=nudge.fingerprint, by=by)
        send_due(moment)


def _speak_to_some(promotion: Promotion, members: list[User]) -> None:
    """Most of those who have something to do were spoken to lately; three are left to be reminded."""
    people, notes = cycle(members), cycle(NOTES)
    free = _waiting(promotion, timezone.now()).exclude(nudges__in=Nudge.objects.all())
    for days, portrait in zip(cycle((0, 1)), free[3:], strict=False):
        with standing_at(max(timezone.now() - timedelta(days=days), portrait.invited_at)):
            means, note = next(notes)
            actions.note_contact(portrait.student, means, note=note, by=next(people))
