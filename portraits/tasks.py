"""What the clock does with portraits: id in, one action."""

from celery import shared_task
from django.utils import timezone

from . import actions
from .models import Portrait


@shared_task
def end_consents() -> int:
    """Withdraw the portraits whose consent ran out, each in its own transaction."""
    over = list(Portrait.objects.lapsed(timezone.localdate()))
    for portrait in over:
        actions.lapse(portrait)
    return len(over)
