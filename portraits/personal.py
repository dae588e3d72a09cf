"""Signed tokens that know one student: the way on by a code, no more reminders, and the mark by which a mail that came back is known."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from cohorts.models import Student

from .models import Portrait, ResumeLink

ON, STOP, MARK = "portraits.personal.on", "portraits.personal.stop", "portraits.personal.mark"


def way_on(portrait: Portrait) -> str:
    """The path of a link that opens what is missing, and asks for a code by mail first.

    For messages that people of the group read before they send them: a link that signs in would let them sign for others.
    """
    return reverse("resume_by_code", args=[signing.dumps(portrait.pk, salt=ON)])


def read_way_on(token: str) -> Portrait | None:
    return _read(token, ON, max_age=ResumeLink.LIVES)


def way_out(portrait: Portrait) -> str:
    """The path of the link “no more reminders”: it lives as long as the mail that carries it."""
    return reverse("no_more_reminders", args=[signing.dumps(portrait.pk, salt=STOP)])


def read_way_out(token: str) -> Portrait | None:
    return _read(token, STOP)


def mark(student: Student) -> str:
    """Goes along in a header of our mails; a server that returns one returns it too, and nobody else can make it."""
    return signing.Signer(salt=MARK).sign_object([student.pk, student.email])


def read_mark(value: str) -> Student | None:
    """The student, while the address that was written to is still theirs."""
    try:
        pk, email = signing.Signer(salt=MARK).unsign_object(value)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Student.objects.filter(pk=pk, email__iexact=email).first()


def _read(token: str, salt: str, max_age=None) -> Portrait | None:
    try:
        pk = signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None
    portraits = Portrait.objects.select_related("student__promotion", "student__user", "photo")
    return portraits.filter(pk=pk).first()
