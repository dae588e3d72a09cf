"""What the clock does for the whole of the app: the rules of retention at night, the summaries in the morning."""

from celery import shared_task
from django.utils import timezone

from . import digest, retention

HOUR = 3
"""In Paris. Celery's clock is UTC, so beat asks at both hours that this may be; a night without the right one is made up for by the next."""


@shared_task
def retain() -> int:
    """Apply the rules, if it is that hour of the night; how many rows they reached."""
    if timezone.localtime().hour != HOUR:
        return 0
    return sum(reached for _rule, reached in retention.apply())


@shared_task(ignore_result=True)
def send_digests() -> int:
    """Each person's summary, if it is the morning in Paris; how many left."""
    return digest.send_all()
