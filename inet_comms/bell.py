"""The bell that wakes the worker: a nudge once the transaction has said yes. Losing it costs a second, beat rings too."""

from __future__ import annotations

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from .celery import app

log = logging.getLogger(__name__)


def ring() -> None:
    """Ask the worker for one pass over what is due, after the present transaction commits. Never fails its caller."""
    transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    try:
        app.send_task("posts.tasks.publish_due", queue="publishing", expires=10, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The broker did not take a nudge (%s); the next tick will do.", error)
