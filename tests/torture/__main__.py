"""`python -m tests.torture`: the torture run at full length, on PostgreSQL and Redis, then the control run, then SQLite."""

import argparse
import json
import sys
import time
from datetime import timedelta

from django.utils import timezone

from tests.torture import sweep
from tests.torture.run import Torture, Wish, judge


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--flushes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--networks", default="linkedin,facebook,x,mastodon,bluesky")
    parser.add_argument("--sqlite", action="store_true", help="SQLite and the broker of files")
    parser.add_argument("--control", action="store_true", help="without our protection: plain retry")
    parser.add_argument(
        "--sweep", action="store_true", help="kill once at each step × network × answer instead"
    )
    parser.add_argument("--few", action="store_true", help="with --sweep: the answers in turn instead of all")
    parser.add_argument(
        "--lost", type=float, default=0.06, help="share of answers lost after the post was made"
    )
    parser.add_argument("--json", action="store_true", help="the sums as one line of JSON at the end")
    parser.add_argument(
        "--rush", action="store_true", help="1,000 posts due in one second over 20 pages, no faults"
    )
    asked = parser.parse_args()
    if asked.rush:
        return rush(1000)
    if asked.sweep:
        return sweep_all(asked.networks.split(","), is_short=asked.few)
    wish = Wish(
        deliveries=asked.deliveries,
        kills=asked.kills,
        restarts=0 if asked.sqlite else asked.restarts,
        flushes=asked.flushes,
        # Where the database is a file, the machine's clock is its clock: all processes have the same.
        clock_steps=0 if asked.sqlite else Wish.clock_steps,
        seed=asked.seed,
        on_postgres=not asked.sqlite,
        is_control=asked.control,
        lost_answers=asked.lost,
        # Plain retrying has no end where a network refuses to have the same post twice.
        longest=120.0 if asked.control else Wish.longest,
        networks=tuple(asked.networks.split(",")),
    )
    started = time.monotonic()
    with Torture(wish) as torture:
        fill(torture)
        torture.run()
        verdict = judge(torture.folder)
        seconds = time.monotonic() - started
    sys.stdout.write(report(wish, torture.done, verdict, seconds) + "\n")
    if asked.json:
        sys.stdout.write(json.dumps({column: verdict.total(column) for column in verdict.COLUMNS}) + "\n")
    if asked.control:
        # Blind, if it cannot see what plain retrying does.
        return 0 if verdict.total("doubled") > 0.05 * verdict.total("due") else 1
    return 1 if verdict.total("lost") or verdict.total("doubled") or verdict.total("stuck") else 0


def sweep_all(networks, *, is_short=False):
    wanted = sweep.few_cells(networks) if is_short else sweep.cells(networks)
    started = time.monotonic()
    with Torture(Wish(on_postgres=False)) as torture:
        wrong = sweep.sweep(torture, wanted)
    for cell, ended in wrong.items():
        sys.stdout.write(f"{cell}: ended {ended}, expected {cell.expected}\n")
    sys.stdout.write(f"{len(wanted)} cells, {len(wrong)} wrong; {time.monotonic() - started:.0f} s\n")
    sys.stdout.write(json.dumps({"wrong": [str(cell) for cell in wrong]}) + "\n")
    return 1 if wrong else 0


def rush(deliveries):
    """All are due in the same second; how late each first byte leaves, and how evenly the pages are served."""
    wish = Wish(deliveries=deliveries, kills=0, lost_answers=0.0)
    with Torture(wish) as torture:
        fill(torture, due_in=5)
        torture.run()
        verdict, waits = judge(torture.folder), first_bytes()
    everyone = sorted(wait for page in waits.values() for wait in page)
    # When the first page has everything out, how much of the slowest one is out?
    first_done = min(max(page) for page in waits.values())
    share = min(sum(wait <= first_done for wait in page) / len(page) for page in waits.values())
    late = [everyone[int(len(everyone) * part)] for part in (0.5, 0.95, 0.99)]
    sys.stdout.write(
        f"{deliveries} due in one second over {len(waits)} pages: first byte after {late[0]:.1f} s (median), {late[1]:.1f} s (95 %),"
        f" {late[2]:.1f} s (99 %), {everyone[-1]:.1f} s (last), none before its time: {everyone[0] >= 0};"
        f" when the first page was done, the slowest had {share:.0%} out\n{verdict.table()}\n"
    )
    return 0 if everyone[0] >= 0 and everyone[-1] <= 60 and len(everyone) == verdict.total("due") else 1


def first_bytes():
    """{page: [seconds from due to the first byte]}"""
    from posts.models import Attempt

    waits = {}
    for attempt in Attempt.objects.filter(number=1, first_byte_at__isnull=False).select_related(
        "delivery__post"
    ):
        wait = (attempt.first_byte_at - attempt.delivery.post.publish_at).total_seconds()
        waits.setdefault(attempt.delivery.account_id, []).append(wait)
    return waits


def fill(torture, due_in=0):
    from tests.torture import load

    accounts = load.connect(torture.wish.accounts_each, torture.wish.networks)
    due_at = timezone.now() + timedelta(seconds=due_in)
    load.fill(-(-torture.wish.deliveries // len(accounts)), accounts, due_at=due_at)
    torture.set_faults()


def report(wish, done, verdict, seconds):
    where = "PostgreSQL and Redis" if wish.on_postgres else "SQLite and the broker of files"
    how = "CONTROL: plain retry" if wish.is_control else "as shipped"
    head = (
        f"{how}, {where}, seed {wish.seed}: {done.kills} kills, {done.restarts} database restarts, {done.flushes} broker"
        f" flushes, {done.freezes} frozen workers, {done.clock_steps} clock steps, {wish.lost_answers:.0%} of answers lost; {seconds:.0f} s"
    )
    return f"{head}\n{verdict.table()}"


if __name__ == "__main__":
    sys.exit(main())
