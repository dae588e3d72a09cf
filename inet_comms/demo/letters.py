"""The mails that an installation without a mail server has kept, as people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"\d{18,20}-[0-9a-f]{8}")
"""How `mailbox.KeptMailBackend` names a file: nanoseconds, then something random."""


@dataclass(frozen=True)
class Letter:
    name: str
    subject: str
    to: str
    sent_at: datetime
    text: str


def newest(count: int) -> list[Letter]:
    """The last `count` mails, newest first."""
    paths = [path for path in settings.MAIL_DIR.glob("*.eml") if NAME.fullmatch(path.stem)]
    return [_read(path) for path in sorted(paths, reverse=True)[:count]]


def find(name: str) -> Letter | None:
    """The mail of that name, None if there is none."""
    path = settings.MAIL_DIR / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return Letter(
        name=path.stem,
        subject=message["subject"] or "",
        to=message["to"] or "",
        sent_at=datetime.fromtimestamp(int(path.stem.partition("-")[0]) / 1e9, UTC),
        text=body.get_content() if body else "",
    )
