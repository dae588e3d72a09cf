"""Our mails: a subject, a few sentences, one action. Plain text and HTML from the same words."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Action:
    """The one thing to do: what the button says, and the path it leads to."""

    label: str
    path: str

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL + self.path


def send(to: Iterable[str], subject: str, sentences: Iterable[str], action: Action | None = None) -> None:
    """Write to each address apart (nobody sees the others). A mail that cannot leave is logged, and fails nobody."""
    with translation.override(translation.get_language() or settings.LANGUAGE_CODE):
        context = {
            "subject": subject,
            "sentences": [str(sentence) for sentence in sentences],
            "action": action,
            "school": settings.SCHOOL_NAME,
        }
        text = render_to_string("emails/message.txt", context)
        html = render_to_string("emails/message.html", context)
    for address in to:
        mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[address])
        mail.attach_alternative(html, "text/html")
        try:
            mail.send()
        except (SMTPException, OSError):
            log.exception("A mail could not be sent: %s", subject)
