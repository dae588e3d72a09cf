"""A reminder's way out: look once more under the lock, write down that it leaves, send, write down what became of it.

Dying before the note is harmless; after it, the reminder stays “leaving”, a person is asked, and nothing is sent twice.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from inet_comms.lifecycle import lock, tick

from .. import quiet
from ..mails import chasing as chase_mails
from ..models import Contact, Nudge, Portrait
from .chasing import forget_old_links, mail_refused
from .preparing import call_off, prepare, read, untrue

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Reminders in one pass at most: a slow mail server does not keep a worker for long."""
LATER = timedelta(hours=1)
MOST_TRIES = 4
State = Nudge.State
one_pass = threading.Lock()


class Outcome(Enum):
    LEFT = "left"
    REFUSED = "refused"
    STOP = "stop"
    """The connection is lost, or the server takes nothing from us: the others would fare no better."""


def chase() -> int:
    """One pass of the clock: prepare what is near, send what is due. Safe in any number of processes at once.

    Within one process one at a time: a mail server that does not answer must not keep all its threads.
    """
    if not one_pass.acquire(blocking=False):
        return 0
    try:
        now = timezone.now()
        prepared = prepare(now)
        if prepared:
            forget_old_links()
        return prepared + send_due(now)
    finally:
        one_pass.release()


def send_due(now: datetime) -> int:
    """Send what is due, one after the other; the number that left."""
    due = list(Nudge.objects.due(now).values_list("pk", "portrait_id")[:AT_ONCE])
    if not due:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        log.warning("The mail server does not answer (%s); reminders wait for the next pass.", error)
        return 0
    sent = 0
    try:
        for pk, portrait in due:
            nudge = claim(pk, portrait)
            if nudge is None:
                continue
            outcome = _send(nudge, connection)
            sent += outcome is Outcome.LEFT
            if outcome is Outcome.STOP:
                break
    finally:
        connection.close()
    return sent


@transaction.atomic
def claim(pk: int, portrait_id: int) -> Nudge | None:
    """The decision, committed before a byte leaves: None if it must not leave, or not now, or somebody else has it."""
    try:
        found = read(lock(Portrait(pk=portrait_id)))
        nudge = lock(Nudge(pk=pk))
    except (Portrait.DoesNotExist, Nudge.DoesNotExist):
        return None
    now = timezone.now()
    if nudge.state != State.READY or nudge.due_at > now:
        return None
    if reason := untrue(nudge, found):
        call_off(nudge, reason)
        return None
    allowed = quiet.next_allowed(now, found.quiet_periods)
    if allowed > now:
        nudge.due_at = allowed
        nudge.save(update_fields=["due_at"])
        return None
    tick(nudge, "claim", claimed_at=now, failure="")
    nudge.portrait = found.portrait
    return nudge


def _send(nudge: Nudge, connection) -> Outcome:
    """What the server refused in so many words did not leave; of anything else that went wrong nobody knows."""
    mail: EmailMessage = chase_mails.reminder(nudge)
    mail.connection = connection
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        _refused(nudge, code, answer, is_nobody_there=code >= 500)
        return Outcome.REFUSED
    except SMTPSenderRefused as error:
        _refused(nudge, 450, error.smtp_error)
        return Outcome.STOP
    except SMTPDataError as error:
        _refused(nudge, error.smtp_code, error.smtp_error)
        return Outcome.REFUSED
    except (SMTPException, OSError) as error:
        log.exception("Nobody knows whether reminder %s left", nudge.pk)
        Nudge.objects.filter(pk=nudge.pk).update(failure=str(error)[:200] or type(error).__name__)
        return Outcome.STOP
    _settle(nudge)
    return Outcome.LEFT


@transaction.atomic
def _settle(nudge: Nudge) -> None:
    """It left: a contact by mail. Somebody who answered for it meanwhile is right."""
    # The portrait first, as everywhere: the contact names it, and would wait for whoever holds it.
    lock(nudge.portrait)
    locked, now = lock(nudge), timezone.now()
    if locked.state != State.SENDING:
        return
    tick(locked, "settle", sent_at=now, ended_at=now)
    means, by = Contact.Means.MAIL, locked.read_by
    Contact.objects.create(portrait_id=locked.portrait_id, means=means, by=by, at=now, note=locked.subject)


@transaction.atomic
def _refused(nudge: Nudge, code: int, answer, *, is_nobody_there: bool = False) -> None:
    """A 4xx is tried again in an hour, a few times; a 5xx about the address says that nobody is there."""
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    failure = f"{code} {' '.join(said.split())}"[:200]
    locked, now = lock(nudge), timezone.now()
    if locked.state != State.SENDING:
        return
    if code < 500 and locked.moves.filter(name="give_back").count() < MOST_TRIES:
        tick(locked, "give_back", due_at=now + LATER, failure=failure)
    else:
        tick(locked, "fail", ended_at=now, failure=failure)
    if is_nobody_there:
        mail_refused(nudge.portrait.student)
