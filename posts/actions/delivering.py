"""The clock's pass: everything that is due now, done once. The database is the queue; whoever runs this is its hand.

A pass goes on until nothing is due: it decides what time alone decides, claims a fair share for each page, and has its hands
carry that out. Safe to run in any number of processes at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Window
from django.db.models.functions import RowNumber

from inet_comms.lifecycle import lock, tick
from portraits.actions import chase

from .. import clock
from ..failpoints import reach
from ..models import Delivery, Stop
from . import checking, holding, looking, pacing, reminding, renewing, sweeping
from .sending import LEASE, Claim, deliver

log = logging.getLogger(__name__)

HANDS = 8
"""Calls that one process has under way at most."""
AT_ONCE = 4
"""Deliveries of one page under way at most, over all processes: a slow network does not take all hands."""
CHORES_EVERY, SELDOM = 1.0, 15.0
LONGEST_PASS = 20.0
"""Seconds after which a pass begins nothing new: whoever stops a worker should not have to wait for an empty queue."""


def run_pass(workers: int = HANDS) -> int:
    """Do what is due until nothing is; the number of things done. With one worker in this very thread."""
    hands = Hands(workers)
    try:
        return carry_on(hands)
    finally:
        hands.close()


def carry_on(hands: Hands) -> int:
    """Keep these hands busy until nothing is due or LONGEST_PASS is over; what they still do then, they finish."""
    started, next_chores, total, claimed = time.monotonic(), 0.0, 0, 0
    while time.monotonic() - started < LONGEST_PASS:
        done = 0
        # First, and between claims once a second; without claims each time, since then it is all there is to do.
        if time.monotonic() >= next_chores or not (claimed or hands.busy):
            next_chores = time.monotonic() + CHORES_EVERY
            done = chores(hands)
        claimed = start_claims(hands)
        done += claimed
        total += done
        if not done and not hands.busy:
            break
        hands.wait(CHORES_EVERY)
    return total


def chores(hands: Hands) -> int:
    """What time alone decides, then the pages to read back or to take something down from."""
    holding.feel_pulse(clock.now())
    done = seldom_chores(hands) if hands.is_time_for_seldom() else 0
    done += (
        sweeping.call_off_stale()
        + sweeping.call_off_unconsented()
        + sweeping.call_off_unanswered()
        + sweeping.call_off_placeless()
    )
    done += sweeping.take_down_unconsented() + sweeping.put_portraits_online()
    done += sweeping.sweep(clock.now()) + sweeping.expire(clock.now())
    done += looking.start_looks(hands) + looking.start_confirmations(hands) + looking.start_take_downs(hands)
    done += pacing.start_probes(hands)
    return done + sweeping.finish_posts()


def seldom_chores(hands: Hands) -> int:
    """What may wait a quarter of a minute."""
    now = clock.now()
    # In a hand of its own: a mail server may be slow, and posts do not wait for it. What it did is nothing to wait for.
    hands.take(chase)
    done = sweeping.take_down_disowned() + checking.check_ahead(now) + reminding.remind(now)
    return done + renewing.look_after_accounts(now, hands.take)


def start_claims(hands: Hands) -> int:
    reach("before_claim")
    claims = claim(limit=hands.free)
    for held in claims:
        hands.take(deliver, held)
    return len(claims)


def claim(limit: int) -> list[Claim]:
    """Take up to `limit` due deliveries, a fair share of each page, oldest first: token and lease go into the row."""
    if limit < 1:
        return []
    with transaction.atomic():
        now = clock.now()
        wanted = _fair_share(now, limit)
        if not wanted or Stop.is_on():
            return []
        claims = []
        rows = Delivery.objects.filter(pk__in=wanted, state__in=Delivery.DUE)
        for delivery in rows.select_for_update(skip_locked=True, of=("self",)):
            held = Claim.of(delivery)
            tick(lock(delivery), "claim", claim_token=held.token, lease_until=now + LEASE)
            claims.append(held)
        pacing.space(claims, now)
        return claims


def _fair_share(now, limit: int) -> list[int]:
    """Ids of what each page may have sent next: the first of every page, then the second of every page."""
    at_once = 1 if settings.SPACING_SECONDS else AT_ONCE
    nth = Window(RowNumber(), partition_by="account_id", order_by=["due_at", "pk"])
    due = (
        Delivery.objects.due(now)
        .annotate(nth=nth)
        .filter(nth__lte=at_once)
        .order_by("nth", "due_at", "pk")
        .values_list("pk", "account_id")[: limit * 2]
    )
    under_way: dict[int, int] = {}
    chosen = []
    rows = list(due)
    if rows:
        leased = Delivery.objects.filter(
            state__in=Delivery.LEASED, account__in={account for _pk, account in rows}
        )
        for account in leased.values_list("account_id", flat=True):
            under_way[account] = under_way.get(account, 0) + 1
    for pk, account in rows:
        if under_way.get(account, 0) < at_once and len(chosen) < limit:
            under_way[account] = under_way.get(account, 0) + 1
            chosen.append(pk)
    return chosen


class Hands:
    """The threads of a pass; with one, this very thread. Each call that they take has its claim in the database."""

    def __init__(self, count: int):
        self.count = count
        self.pool = ThreadPoolExecutor(count) if count > 1 else None
        self.under_way: set[Future] = set()
        self.next_seldom = 0.0

    @property
    def free(self) -> int:
        return max(self.count - len(self.under_way), 0) if self.pool else self.count

    @property
    def busy(self) -> bool:
        return bool(self.under_way)

    def is_time_for_seldom(self) -> bool:
        """Once in SELDOM seconds; asked in a pass of its own thread, always."""
        if self.pool and time.monotonic() < self.next_seldom:
            return False
        self.next_seldom = time.monotonic() + SELDOM
        return True

    def take(self, verb: Callable, *arguments) -> None:
        if self.pool is None:
            verb(*arguments)
        else:
            self.under_way.add(self.pool.submit(_safely, verb, *arguments))

    def wait(self, seconds: float) -> None:
        """Until one of them is free, at most so long."""
        if self.under_way:
            done, self.under_way = wait(self.under_way, timeout=seconds, return_when=FIRST_COMPLETED)

    def close(self) -> None:
        """Wait for all of them, and give back the connection that each thread holds."""
        if self.pool is None:
            return
        wait(self.under_way)
        together = threading.Barrier(self.count)
        for _each in range(self.count):
            self.pool.submit(_let_go, together)
        self.pool.shutdown(wait=True)


def _let_go(together: threading.Barrier) -> None:
    connection.close()
    together.wait()


def _safely(verb: Callable, *arguments) -> None:
    try:
        verb(*arguments)
    except Exception:
        # The lease runs out and the sweeper decides by what the row says; the other threads go on.
        log.exception("%s stopped on an error of ours", verb.__name__)
        connection.close()
