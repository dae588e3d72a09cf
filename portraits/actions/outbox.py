"""What people of the group do in the outbox: read, write anew, let go, cancel, say what became of one; rhythm and quiet periods."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.lifecycle import MoveRefused, StaleVersion, lock, move, require

from .. import permissions, quiet
from ..models import Contact, Nudge, QuietPeriod, Rhythm
from .preparing import call_off, read, untrue


@transaction.atomic
def approve_nudge(nudge: Nudge, *, read_words: str, by: User) -> Nudge:
    """Let it leave at its moment. `read_words` is the fingerprint of the words that were before their eyes.

    One that is no longer true is called off instead, and returned so.
    """
    nudge, found = _on_desk(nudge, by)
    if nudge.state == Nudge.State.PROPOSED and (reason := untrue(nudge, found)):
        call_off(nudge, reason)
        return nudge
    if nudge.fingerprint != read_words:
        raise StaleVersion(nudge, "approve")
    due_at = max(nudge.due_at, quiet.next_allowed(timezone.now(), found.quiet_periods))
    return move(nudge, "approve", by=by, read_by=by, due_at=due_at)


@transaction.atomic
def rewrite_nudge(nudge: Nudge, *, subject: str, text: str, read_words: str, by: User) -> Nudge:
    """Other words; it waits, or leaves by itself, as before."""
    nudge, _found = _on_desk(nudge, by)
    if nudge.state not in Nudge.OPEN:
        raise MoveRefused(nudge, "rewrite")
    if nudge.fingerprint != read_words:
        raise StaleVersion(nudge, "rewrite")
    nudge.subject, nudge.text = subject, text
    nudge.save(update_fields=["subject", "text"])
    return nudge


@transaction.atomic
def cancel_nudge(nudge: Nudge, *, by: User) -> Nudge:
    """This one does not leave. The next is prepared after the usual number of days."""
    nudge, _found = _on_desk(nudge, by)
    return move(nudge, "cancel", by=by, read_by=by, ended_at=timezone.now())


@transaction.atomic
def answer_for_nudge(nudge: Nudge, *, has_left: bool, by: User) -> Nudge:
    """Somebody asked the student, or looked at the mail server: it has left, or it has not."""
    nudge, _found = _on_desk(nudge, by)
    now = timezone.now()
    if not nudge.is_unsure(now):
        raise MoveRefused(nudge, "answer")
    if not has_left:
        return move(nudge, "say_it_did_not_leave", by=by, ended_at=now)
    Contact.objects.create(
        portrait=nudge.portrait, means=Contact.Means.MAIL, by=by, at=nudge.claimed_at, note=nudge.subject
    )
    return move(nudge, "say_it_left", by=by, sent_at=nudge.claimed_at, ended_at=now)


@transaction.atomic
def set_rhythm(promotion: Promotion, *, is_on: bool, every_days: int, at_most: int, by: User) -> Rhythm:
    """How often, how many times, or not at all. Switched off, what would have left unread is called off."""
    require(permissions.can_chase(by, promotion))
    rhythm, _created = Rhythm.objects.update_or_create(
        promotion=promotion,
        defaults={"is_on": is_on, "every_days": every_days, "at_most": at_most, "looked_at": None},
    )
    if not is_on:
        unread = Nudge.objects.filter(state=Nudge.State.READY, read_by=None)
        for nudge in unread.filter(portrait__student__promotion=promotion):
            call_off(lock(nudge), _("reminders were switched off"))
    return rhythm


@transaction.atomic
def add_quiet(promotion: Promotion, *, label: str, starts, ends, by: User) -> QuietPeriod:
    """Nobody is reminded on these days, both included."""
    require(permissions.can_chase(by, promotion))
    return QuietPeriod.objects.create(promotion=promotion, label=label, starts=starts, ends=ends)


@transaction.atomic
def remove_quiet(period: QuietPeriod, *, by: User) -> None:
    require(permissions.can_chase(by, period.promotion))
    period.delete()


def _on_desk(nudge: Nudge, by: User):
    """The reminder and its portrait as they are now, both locked: the portrait first, as whoever sends does."""
    found = read(lock(nudge.portrait))
    require(permissions.can_chase(by, found.portrait.student.promotion))
    return lock(nudge), found
