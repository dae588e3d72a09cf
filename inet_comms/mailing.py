"""Our mails: a subject, a few sentences, one action. Plain text and HTML from the same words."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

log = logging.getLogger(__name__)

BREAKS = re.compile(r"(?:[^\S\u00a0\u202f]|[\x00-\x1f\x7f])+")
"""What no subject may hold, line ends first of all; the narrow and wide spaces of French stay."""


@dataclass(frozen=True)
class Action:
    """The one thing to do: what the button says, and the path it leads to."""

    label: str
    path: str

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL + self.path


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail. The name is read by people: no path in it."""

    name: str
    data: bytes
    content_type: str


def send(
    to: Iterable[str],
    subject: str,
    sentences: Iterable[str],
    action: Action | None = None,
    attachments: Iterable[Attachment] = (),
) -> None:
    """Write to each address apart (nobody sees the others). A mail that cannot leave is logged, and fails nobody."""
    attachments, sentences = list(attachments), list(sentences)
    for address in to:
        mail = compose(address, subject, sentences, action)
        for file in attachments:
            mail.attach(file.name, file.data, file.content_type)
        try:
            mail.send()
        except (SMTPException, OSError):
            log.exception("A mail could not be sent: %s", subject)


def compose(
    address: str,
    subject: str,
    sentences: Iterable[str],
    action: Action | None = None,
    *,
    template: str = "message",
    headers: dict[str, str] | None = None,
    **more,
) -> EmailMultiAlternatives:
    """One mail as it will leave, not sent. `template` is the name of a pair in templates/emails/, `more` is for it."""
    with translation.override(translation.get_language() or settings.LANGUAGE_CODE):
        context = {
            "subject": subject,
            "sentences": [str(sentence) for sentence in sentences],
            "action": action,
            "school": settings.SCHOOL_NAME,
            **more,
        }
        text = render_to_string(f"emails/{template}.txt", context)
        html = render_to_string(f"emails/{template}.html", context)
    mail = EmailMultiAlternatives(BREAKS.sub(" ", subject).strip(), text, to=[address], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail
