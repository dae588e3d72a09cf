"""Who looks after whom, who spoke to whom, whose mail comes back, who wants no reminders."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import CommsMember, Student, User
from inet_comms.lifecycle import lock, require

from .. import permissions
from ..mails import chasing as chase_mails
from ..models import Contact, Nudge, Portrait, ResumeLink
from .preparing import call_off


@transaction.atomic
def look_after(student: Student, member: Student | None, *, by: User) -> Portrait:
    """From now on this member of the group goes to see the student; nobody, if None."""
    portrait = _of(student, by)
    if member is not None:
        mandates = CommsMember.objects.active().filter(student__promotion=student.promotion_id)
        require(mandates.filter(student=member).exists())
    portrait.looked_after_by = member
    portrait.save(update_fields=["looked_after_by"])
    return portrait


@transaction.atomic
def note_contact(student: Student, means: str, *, note: str = "", by: User) -> Contact:
    """Somebody of the group spoke to the student, or wrote to them by another way than ours."""
    return Contact.objects.create(portrait=_of(student, by), means=means, note=note, by=by, at=timezone.now())


def send_invitation(portrait: Portrait, by: User) -> None:
    """The mail that invites, once the transaction that decided it has said yes. It counts as a contact."""
    if chase_mails.invitation(portrait, by):
        mail_refused(portrait.student)
    else:
        # As of the decision: the mail follows it within seconds.
        Contact.objects.create(portrait=portrait, means=Contact.Means.MAIL, by=by, at=portrait.invited_at)


@transaction.atomic
def mail_refused(student: Student) -> None:
    """Their mail server says that nobody is there: no mail reminders until the address is changed or said to work."""
    Student.objects.filter(pk=student.pk, mail_refused_at=None).update(mail_refused_at=timezone.now())
    for nudge in Nudge.objects.filter(portrait__student=student, state__in=Nudge.OPEN):
        call_off(lock(nudge), _("mail comes back"))


@transaction.atomic
def mail_works(student: Student, *, by: User) -> None:
    """The address is right after all."""
    require(permissions.can_chase(by, student.promotion))
    Student.objects.filter(pk=student.pk).update(mail_refused_at=None)


@transaction.atomic
def stop_reminders(portrait: Portrait) -> Portrait:
    """The student, known by the link in their mail, wants no more of them. Saying it twice changes nothing."""
    portrait = lock(portrait)
    if portrait.nudges_off_at is None:
        portrait.nudges_off_at = timezone.now()
        portrait.save(update_fields=["nudges_off_at"])
    for nudge in portrait.nudges.filter(state__in=Nudge.OPEN):
        call_off(lock(nudge), _("wants no reminders"))
    return portrait


@transaction.atomic
def allow_reminders(portrait: Portrait, *, by: User) -> Portrait:
    """Only the student switches them on again."""
    portrait = lock(portrait)
    require(permissions.can_write(by, portrait))
    portrait.nudges_off_at = None
    portrait.save(update_fields=["nudges_off_at"])
    return portrait


def use_up(link: ResumeLink) -> bool:
    """In one statement, so that of two requests with one link the second finds it used."""
    return ResumeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()) == 1


def forget_old_links() -> None:
    """What nobody can use any more; the trace of its use stands in the history of signing in."""
    ResumeLink.objects.filter(made_at__lt=timezone.now() - ResumeLink.LIVES).delete()


def _of(student: Student, by: User) -> Portrait:
    """The student's portrait, locked; an empty one for whoever was not invited yet."""
    require(permissions.can_chase(by, student.promotion))
    portrait, _created = Portrait.objects.get_or_create(student=student)
    return lock(portrait)
