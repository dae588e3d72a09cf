"""What the clock does with portraits: id in, one action."""

from celery import shared_task
from django.utils import timezone

from . import actions, consents
from .models import Consent, Portrait


@shared_task
def end_consents() -> int:
    """Withdraw the portraits whose consent ran out, each in its own transaction."""
    over = list(Portrait.objects.lapsed(timezone.localdate()))
    for portrait in over:
        actions.lapse(portrait)
    return len(over)


@shared_task
def remind_of_ends() -> int:
    """Write to the students whose agreement ends soon, each in its own transaction."""
    soon = Consent.objects.ending(timezone.localdate() + max(consents.REMINDED_BEFORE))
    return sum(actions.remind_of_end(consent) for consent in soon.select_related("portrait"))


@shared_task(ignore_result=True)
def chase() -> int:
    """Prepare the reminders that are near, send those that are due."""
    return actions.chase()
