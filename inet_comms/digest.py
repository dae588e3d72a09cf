"""The summary of the morning: what waits for one person and what is new, in one mail a day at most, and none without anything in it.

The row of the day is committed before a byte leaves: dying after it costs one person one summary, and nobody gets two.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import get_connection
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import kinds
from cohorts.kinds import How, Kind
from cohorts.models import CommsMember, Digest, Notice, User
from cohorts.notifying import hows
from cohorts.permissions import is_staff
from cohorts.todo import Todo, Urgency
from portraits.actions import mail_refused
from portraits.mails.telling import Reader, addressed, in_french
from portraits.models import QuietPeriod
from portraits.quiet import is_open

from .mailing import Action
from .moments import MORNING
from .todo import todos

log = logging.getLogger(__name__)

UNTIL = time(12)
"""A summary that could not leave by then is worth less than tomorrow's."""
STALE_AFTER = timedelta(days=14)
"""News that nobody was told of for so long, during the holidays or while summaries were switched off, is none any more."""
AT_MOST = 12
"""Lines of what waits in one mail; the page has them all."""


@dataclass
class Letter:
    """What one person's summary says."""

    todos: list[Todo] = field(default_factory=list)
    news: list[Notice] = field(default_factory=list)
    is_whole: bool = True
    """Else only what must reach somebody: it is no working day for them, or they want no summaries."""

    @property
    def subject(self) -> str:
        count, urgent = len(self.todos), sum(todo.urgency == Urgency.NOW for todo in self.todos)
        if urgent:
            return ngettext(
                "%(count)d thing cannot wait for long", "%(count)d things cannot wait for long", urgent
            ) % {"count": urgent}
        if count:
            return ngettext("%(count)d thing waits for you", "%(count)d things wait for you", count) % {
                "count": count
            }
        return _("What is new")


def send_all(now: datetime | None = None) -> int:
    """Each person's summary of today, if this is the morning; how many left. Safe in any number of processes at once."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    if not MORNING <= local.time() < UNTIL:
        return 0
    people = list(people_without_one(local.date()))
    if not people:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        log.warning("The mail server does not answer (%s); summaries wait for the next pass.", error)
        return 0
    try:
        return _send_each(people, connection, now)
    finally:
        connection.close()


def people_without_one(day: date) -> Iterable[User]:
    """Everyone who works here today, can be written to, and has had no summary yet."""
    mandates = CommsMember.objects.active(day).values("student__user")
    people = User.objects.filter(Q(is_staff=True) | Q(pk__in=mandates), is_active=True)
    people = people.exclude(student__mail_refused_at__isnull=False).exclude(digests__day=day)
    return people.select_related("student").order_by("pk")


def _send_each(people: list[User], connection, now: datetime) -> int:
    day, periods = timezone.localtime(now).date(), _quiet_periods()
    sent = 0
    for user in people:
        student = getattr(user, "student", None)
        quiet = [] if is_staff(user) or student is None else periods[student.promotion_id]
        sent += send_to(user, now, connection, is_working=is_open(day, quiet))
    return sent


def send_to(user: User, now: datetime, connection=None, *, is_working: bool = True) -> bool:
    """This person's summary of the day, unless they have had it, or there is nothing to say. Whether it left."""
    day = claim(user, timezone.localtime(now).date())
    if day is None:
        return False
    with in_french():
        letter = compose(user, now, is_working=is_working)
        return letter is not None and _send(day, letter, connection)


def _quiet_periods() -> dict[int, list[QuietPeriod]]:
    found = defaultdict(list)
    for period in QuietPeriod.objects.all():
        found[period.promotion_id].append(period)
    return found


def claim(user: User, day: date) -> Digest | None:
    """The row of this person's day, committed before anything leaves; None if somebody else has it."""
    try:
        with transaction.atomic():
            return Digest.objects.create(user=user, day=day)
    except IntegrityError:
        return None


def compose(user: User, now: datetime, *, is_working: bool = True) -> Letter | None:
    """What this person hears today, by their own choice. When nobody works, staff hear of what must reach somebody."""
    wishes = hows(user)
    if not is_working and not is_staff(user):
        return None
    is_whole = is_working and wishes.get(kinds.DIGEST) != How.OFF
    waiting = [
        todo
        for todo in todos(user, now)
        if wishes.get(todo.kind, todo.kind.default) != How.OFF and (is_whole or todo.kind.is_fixed)
    ]
    letter = Letter(waiting, _news(user, wishes, now) if is_whole else [], is_whole)
    return letter if letter.todos or letter.news else None


def _news(user: User, wishes: dict[Kind, How], now: datetime) -> list[Notice]:
    kept = [kind.slug for kind, how in wishes.items() if how != How.OFF]
    return list(Notice.objects.filter(user=user, digest=None, kind__in=kept, at__gte=now - STALE_AFTER))


def mail_of(user: User, letter: Letter):
    """The mail as it will leave, not sent."""
    more = len(letter.todos) - AT_MOST
    return addressed(
        kinds.DIGEST,
        Reader(user.email, user, getattr(user, "student", None)),
        letter.subject,
        [],
        Action(_("Open To do"), reverse("todo")),
        template="digest",
        person=user,
        todos=letter.todos[:AT_MOST],
        more=max(more, 0),
        news=letter.news,
        is_whole=letter.is_whole,
    )


def _send(digest: Digest, letter: Letter, connection) -> bool:
    """What the server put off leaves with the next pass; of what went wrong otherwise nobody knows, and it is not sent again."""
    Notice.objects.filter(pk__in=[notice.pk for notice in letter.news]).update(digest=digest)
    mail = mail_of(digest.user, letter)
    mail.connection = connection
    failure = ""
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        if code < 500:
            digest.delete()
            return False
        failure = f"{code} {answer!r}"
        student = getattr(digest.user, "student", None)
        if student is not None:
            mail_refused(student)
    except (SMTPSenderRefused, SMTPDataError) as error:
        if error.smtp_code < 500:
            digest.delete()
            return False
        failure = f"{error.smtp_code} {error.smtp_error!r}"
    except (SMTPException, OSError) as error:
        failure = str(error) or type(error).__name__
    if failure:
        log.warning("Nobody knows whether summary %s left: %s", digest.pk, failure)
    sent_at = None if failure else timezone.now()
    Digest.objects.filter(pk=digest.pk).update(sent_at=sent_at, failure=failure[:200])
    return not failure
