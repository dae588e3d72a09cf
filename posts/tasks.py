"""The nudge: one pass over what is due. Losing a nudge costs a second, getting two at once costs nothing.

Each worker also makes a pass every few seconds by itself: without beat, without broker, things only leave a little later.
"""

import logging
import threading

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.db import Error as DatabaseError
from django.db import connection

from .actions.delivering import HANDS, Hands, carry_on

log = logging.getLogger(__name__)

BY_ITSELF = 5.0
"""Seconds between the passes that nobody asked for."""
hands = Hands(HANDS)
one_pass = threading.Lock()
ending = threading.Event()


@shared_task(ignore_result=True)
def publish_due() -> int:
    """One pass at a time in each process: another would only find the same hands busy."""
    if not one_pass.acquire(blocking=False):
        return 0
    try:
        return carry_on(hands)
    finally:
        one_pass.release()


@worker_ready.connect
def keep_going(**_signal) -> None:
    threading.Thread(target=_tick, daemon=True, name="tick").start()


@worker_shutting_down.connect
def stop_going(**_signal) -> None:
    ending.set()


def _tick() -> None:
    while not ending.is_set():
        try:
            publish_due()
        except DatabaseError as error:
            log.warning("The database did not answer (%s); the next pass will do.", error)
            connection.close()
        ending.wait(BY_ITSELF)
