"""The mail of an installation without a mail server: shown on the console and kept in a folder, one file a mail."""

from __future__ import annotations

import sys
import time
import uuid

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend


class KeptMailBackend(BaseEmailBackend):
    """Writes each mail as `MAIL_DIR/<time>-<random>.eml` (so that names sort by time) and prints its plain text."""

    def send_messages(self, messages):
        settings.MAIL_DIR.mkdir(parents=True, exist_ok=True)
        for message in messages:
            path = settings.MAIL_DIR / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.eml"
            path.write_bytes(message.message().as_bytes())
            sys.stdout.write(
                f"\n--- mail to {', '.join(message.to)}: {message.subject}\n{message.body}\n---\n"
            )
            sys.stdout.flush()
        return len(messages)
