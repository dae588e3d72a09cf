"""The nudge: one pass over what is due. Losing a nudge costs a second, running two at once costs nothing."""

from celery import shared_task

from .actions.delivering import run_pass


@shared_task(ignore_result=True)
def publish_due() -> int:
    return run_pass()
