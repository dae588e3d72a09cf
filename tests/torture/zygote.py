"""Workers by fork: this process has loaded everything once, so that a killed worker is back in a tenth of a second.

Reads one JSON line for each child to make ({"kind": "worker" | "beat" | "pass", "variables": {…}, "offset": seconds}) from standard
input, answers with its process id. A child is a real Celery worker or beat; `offset` moves its own clock. It ends with its input.
"""

import contextlib
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django


def main():
    django.setup()
    # What a worker would import at its start.
    from celery.bin import worker  # noqa: F401

    import posts.tasks  # noqa: F401
    from inet_comms.celery import app

    app.loader.import_default_modules()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            # Only this process answers on standard output.
            os.dup2(2, 1)
            os.environ |= order.get("variables", {})
            with clock_moved(order.get("offset", 0)):
                CHILDREN[order["kind"]](app)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


@contextlib.contextmanager
def clock_moved(offset):
    """This process believes another time; the monotonic clock is left alone."""
    if not offset:
        yield
        return
    import time_machine

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=offset), tick=True):
        yield


def run_worker(app):
    guard()
    app.worker_main(
        ["worker", "--pool", "threads", "--concurrency", "2", "--queues", "publishing,default", "--loglevel", "ERROR",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"w{os.getpid()}@torture"]
    )  # fmt: skip


def run_beat(app):
    app.Beat(schedule=f"{os.environ['DATA_DIR']}/beat-{os.getpid()}", loglevel="ERROR", quiet=True).run()


def run_one_pass(app):
    """One pass in this very thread, for the sweep of fail-points. Whoever lives through it leaves a file."""
    from posts.actions.delivering import run_pass

    guard()
    run_pass(workers=1)
    Path(os.environ["DONE"]).touch()


def guard():
    """CONTROL=1 takes our protection away, as plain retrying code has it: what was not answered is sent again."""
    if os.environ.get("CONTROL") == "1":
        from tests.torture import control

        control.take_protection_away()


CHILDREN = {"worker": run_worker, "beat": run_beat, "pass": run_one_pass}


if __name__ == "__main__":
    main()
