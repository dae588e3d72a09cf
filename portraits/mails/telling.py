"""Telling the people who work here, each as they wish: at once what waits for them, the rest with their next summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from cohorts.kinds import How, Kind
from cohorts.models import CommsMember, Notice, Promotion, Student, User
from cohorts.notifying import chosen, how_of, way_out
from inet_comms.mailing import Action, compose, log, send

from .. import personal
from ..models import Portrait

MARK = "X-Inet-Comms-Mark"
"""The header by which a mail that comes back is known; see `manage.py bounced`."""


@contextmanager
def in_french() -> Iterator[None]:
    """The school's language, whatever the language of whoever caused the mail. Also a decorator, safe in threads."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@dataclass(frozen=True)
class Reader:
    """Somebody who works here. Without a login they have chosen nothing, and have no summary: they are told at once."""

    email: str
    user: User | None = None
    student: Student | None = None

    @property
    def is_reachable(self) -> bool:
        return self.student is None or self.student.mail_refused_at is None


def group(promotion: Promotion) -> list[Reader]:
    """The promotion's communication group as it is today."""
    mandates = CommsMember.objects.active().filter(student__promotion=promotion)
    students = {mandate.student for mandate in mandates.select_related("student__user")}
    return sorted((Reader(one.email, one.user, one) for one in students), key=lambda one: one.email)


def staff() -> list[Reader]:
    users = User.objects.filter(is_staff=True, is_active=True).select_related("student").order_by("email")
    return [Reader(user.email, user, getattr(user, "student", None)) for user in users]


def parted(readers: list[Reader], is_theirs: Callable[[Reader], bool]) -> tuple[list[Reader], list[Reader]]:
    """Those for whom it waits, and the others; it waits for everybody where it would wait for nobody."""
    theirs = [reader for reader in readers if is_theirs(reader)]
    return (theirs, [one for one in readers if one not in theirs]) if theirs else (readers, [])


def keepers(portrait: Portrait) -> tuple[list[Reader], list[Reader]]:
    """Whoever of the group looks after the student, and the others; the whole group where nobody does."""
    keeper = portrait.looked_after_by_id
    return parted(group(portrait.student.promotion), lambda one: one.student.pk == keeper)


def tell(
    kind: Kind,
    to: Iterable[Reader],
    subject: str,
    sentences: Iterable[str],
    action: Action,
    also: Iterable[Reader] = (),
) -> None:
    """`to`: for whom it waits now; `also`: who should merely know, and reads it in their next summary. Each person once."""
    readers = {reader.email: (reader, False) for reader in also} | {
        reader.email: (reader, True) for reader in to
    }
    wishes = chosen([reader.user.pk for reader, _is_to in readers.values() if reader.user], [kind])
    told, sentences = [], list(map(str, sentences))
    for reader, waits in readers.values():
        if reader.user is None or (kind.is_fixed and waits):
            send([reader.email], subject, sentences, action)
            continue
        how = how_of(kind, wishes.get((reader.user.pk, kind.slug)))
        if how == How.AT_ONCE and waits:
            _send(kind, reader, subject, sentences, action)
        elif how != How.OFF and not (waits and kind.is_listed):
            told.append(Notice(user=reader.user, kind=kind.slug, sentence=subject[:300]))
    Notice.objects.bulk_create(told)


def _send(kind: Kind, reader: Reader, subject: str, sentences: list[str], action: Action) -> None:
    if not reader.is_reachable:
        return
    try:
        addressed(kind, reader, subject, sentences, action).send()
    except (SMTPException, OSError):
        log.exception("A mail could not be sent: %s", subject)


def addressed(
    kind: Kind,
    reader: Reader,
    subject: str,
    sentences: Iterable[str],
    action: Action,
    *,
    template: str = "notice",
    **more,
) -> EmailMultiAlternatives:
    """One mail of this kind as it will leave, not sent, with the link that switches the kind off."""
    off = settings.PUBLIC_URL + way_out(reader.user, kind)
    headers = {
        "List-Unsubscribe": f"<{off}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    if reader.student:
        headers[MARK] = personal.mark(reader.student)
    with in_french():
        mail = compose(
            reader.email,
            subject,
            sentences,
            action,
            template=template,
            headers=headers,
            kind=kind,
            way_out=off,
            **more,
        )
    if reader.student:
        let_it_come_back(mail)
    return mail


def let_it_come_back(mail: EmailMultiAlternatives) -> None:
    """What comes back goes to the address that is piped into `manage.py bounced`, if there is one."""
    if settings.BOUNCE_EMAIL:
        mail.extra_headers["From"] = settings.DEFAULT_FROM_EMAIL
        mail.from_email = settings.BOUNCE_EMAIL
