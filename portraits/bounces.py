"""Mails that came back: who they were to, read out of a delivery status notification (RFC 3464) about a mail of ours."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message

from cohorts.models import Student

from .mails.chasing import MARK
from .personal import read_mark

MAX_BYTES = 10_000_000


def students_refused(raw: bytes) -> list[Student]:
    """The students whom a server will never reach at this address. Empty for a delay, a holiday note, somebody else's mail.

    Anybody can write to the address that bounces come to: only a report that returns our mark counts.
    """
    message = message_from_bytes(raw[:MAX_BYTES], policy=policy.compat32)
    if message.get_content_type() != "multipart/report" or not any(_failures(message)):
        return []
    marked = {student.pk: student for student in map(read_mark, _marks(message)) if student}
    return list(marked.values())


def _failures(report: Message) -> Iterator[bool]:
    """For each recipient that the report names: is it given up? A 4.x.x that is given up is given up too."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # The first block is about the message, each of the others about one recipient.
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if block.get("Final-Recipient"):
                yield str(block.get("Action", "")).strip().lower() == "failed"


def _marks(report: Message) -> Iterator[str]:
    """What came back of the mail itself: the whole of it (message/rfc822), or its headers only."""
    for part in report.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from map(_unfolded, part.get_payload()[0].get_all(MARK, []))
        elif kind == "text/rfc822-headers":
            headers = message_from_bytes(part.get_payload(decode=True) or b"", policy=policy.compat32)
            yield from map(_unfolded, headers.get_all(MARK, []))


def _unfolded(value) -> str:
    return "".join(str(value).split())
