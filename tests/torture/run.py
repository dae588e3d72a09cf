"""One torture run: services, networks, workers and beats, somebody who breaks them all the time, and a judge."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests import services

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS, BEATS = 4, 3
FINAL = ("published", "needs_person", "failed", "expired", "cancelled", "not_there", "withdrawn")


@dataclass
class Wish:
    """What the run should do. Times in seconds; 0 faults of a kind means never."""

    deliveries: int = 10_000
    accounts_each: int = 4
    kills: int = 500
    restarts: int = 20
    flushes: int = 10
    freezes: int = 10
    clock_steps: int = 20
    lost_answers: float = 0.06
    seed: int = 1
    on_postgres: bool = True
    is_control: bool = False
    longest: float = 1500.0
    networks: tuple = ("linkedin", "facebook", "x", "mastodon", "bluesky")


@dataclass
class Done:
    """What was done to the processes."""

    kills: int = 0
    restarts: int = 0
    flushes: int = 0
    freezes: int = 0
    clock_steps: int = 0


class Torture:
    def __init__(self, wish):
        self.wish, self.done = wish, Done()
        self.random = random.Random(wish.seed)
        self.folder = Path(tempfile.mkdtemp(prefix="inet-comms-torture-"))
        self.port = services.free_port()
        self.postgres = services.Postgres() if wish.on_postgres else None
        self.redis = services.Redis() if wish.on_postgres else None
        self.workers, self.beats = [], []
        self.rehearsal = self.zygote = None
        self.ending = threading.Event()
        self.kill_lock = threading.Lock()

    # Setting up and taking apart --------------------------------------------------------------------

    def environment(self):
        url = f"http://127.0.0.1:{self.port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        variables = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "inet_comms.settings",
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.folder / "data"),
            "SECRET_KEY": "for tests only",
            "DEMO": "0",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "ERROR",
            "REHEARSAL_URL": url,
            "LINKEDIN_API_URL": url,
            "FACEBOOK_API_URL": f"{url}/api/facebook",
            "X_API_URL": f"{url}/api/x",
            "FACEBOOK_CLIENT_SECRET": "rehearsal",
            "DELIVERY_LEASE_SECONDS": "5",
            "LOOK_AFTER_SECONDS": "2,3,5,8",
            "SPACING_SECONDS": "0",
            "BREAKER_SECONDS": "1",
            "CONFIRM_AFTER_SECONDS": "100000",
            "CONTROL": "1" if self.wish.is_control else "0",
        }
        if self.wish.on_postgres:
            variables |= {"DATABASE_URL": self.postgres.url, "CELERY_BROKER_URL": self.redis.url}
        return variables

    def __enter__(self):
        for service in filter(None, (self.postgres, self.redis)):
            service.start()
        (self.folder / "data").mkdir()
        self.log = (self.folder / "log.txt").open("w")
        environment = self.environment()
        self._program("manage.py", "migrate", "--verbosity", "0").wait()
        self.rehearsal = self._program("manage.py", "rehearsal", "--port", str(self.port))
        services.wait_for_port(self.port, self.rehearsal)
        # From here on this process is part of the installation: it fills it, and judges it.
        os.environ.update(environment)
        import django

        django.setup()
        return self

    def __exit__(self, *_exc):
        self.ending.set()
        for pid in [*self.workers, *self.beats]:
            self._signal(pid, signal.SIGKILL)
        if self.zygote:
            self.zygote.stdin.close()
            self.zygote.wait(timeout=10)
        if self.rehearsal:
            self.rehearsal.terminate()
            self.rehearsal.wait(timeout=20)
        from django.db import connection

        connection.close()
        for service in filter(None, (self.postgres, self.redis)):
            service.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _program(self, *arguments):
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment(), stdout=self.log, stderr=self.log
        )

    def start_zygote(self):
        self.zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.zygote"],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def fork(self, kind, **order):
        self.zygote.stdin.write(json.dumps({"kind": kind, **order}) + "\n")
        self.zygote.stdin.flush()
        return int(self.zygote.stdout.readline())

    # What goes wrong --------------------------------------------------------------------------------

    def break_things(self):
        """Until told to end: kills every 0.3 to 0.9 s, everything else spread evenly between them."""
        wish, done = self.wish, self.done
        while not self.ending.wait(self.random.uniform(0.3, 0.9)):
            done.kills += self._replace(signal.SIGKILL)
            share = min(done.kills / max(wish.kills, 1), 1)
            if wish.on_postgres and done.restarts < wish.restarts * share:
                self._restart_database()
            if done.flushes < wish.flushes * share:
                self._flush()
            if done.freezes < wish.freezes * share:
                self._freeze()

    def _replace(self, number):
        """Another worker instead of one of them; some believe that it is another hour."""
        offset = 0
        if self.done.clock_steps < self.wish.clock_steps and self.random.random() < 0.1:
            offset = self.random.choice([3600, -3600, 86_400, -300])
            self.done.clock_steps += 1
        with self.kill_lock:
            index = self.random.randrange(len(self.workers))
            self._signal(self.workers[index], number)
            self.workers[index] = self.fork("worker", offset=offset)
        return 1

    def _restart_database(self):
        self.postgres.restart_immediately()
        self.done.restarts += 1

    def _flush(self):
        if self.redis:
            redis.Redis(port=self.redis.port).flushall()
        else:
            for message in (self.folder / "data" / "broker" / "queue").glob("*"):
                message.unlink(missing_ok=True)
        self.done.flushes += 1

    def _freeze(self):
        """A worker stands still for longer than its lease, then goes on as if nothing had been."""
        with self.kill_lock:
            pid = self.workers.pop(0)
            self.workers.append(self.fork("worker"))
        self._signal(pid, signal.SIGSTOP)
        self.done.freezes += 1

        def wake():
            self.ending.wait(self.random.uniform(2, 14))
            self._signal(pid, signal.SIGCONT)
            self.ending.wait(5)
            self._signal(pid, signal.SIGKILL)

        threading.Thread(target=wake, daemon=True).start()

    @staticmethod
    def _signal(pid, number):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return

    # The run ----------------------------------------------------------------------------------------

    def set_faults(self):
        """Posts that are stored and whose answer is lost, half by a cut, half by an error; reads that lag."""
        from posts.rehearsal.ledger import Ledger

        ledger = Ledger(self.folder / "data" / "rehearsal")
        half = self.wish.lost_answers / 2
        for network in self.wish.networks:
            ledger.set_faults(
                network,
                [
                    {"name": "cut-after", "times": 0, "chance": half},
                    {"name": "answer-502", "times": 0, "chance": half},
                ],
            )
        ledger.close()

    def run(self):
        """Until every delivery has an end, or nothing moves any more; the counts by state."""
        self.start_zygote()
        self.beats = [self.fork("beat") for _each in range(BEATS)]
        self.workers = [self.fork("worker") for _each in range(WORKERS)]
        breaker = threading.Thread(target=self.break_things, daemon=True)
        if self.wish.kills:
            breaker.start()
        started = last_change = time.monotonic()
        before = None
        while time.monotonic() - started < self.wish.longest:
            self.ending.wait(1)
            states = self.states()
            if states is None:
                continue
            if states != before:
                before, last_change = states, time.monotonic()
            is_over = not any(count for state, count in states.items() if state not in FINAL)
            if is_over or time.monotonic() - last_change > 120:
                break
            if os.environ.get("TORTURE_TALK"):
                sys.stderr.write(f"{time.monotonic() - started:6.0f} s {self.done} {states}\n")
        self.ending.set()
        if self.wish.kills:
            breaker.join(timeout=60)
        return before

    def states(self):
        """How many deliveries are in each state; None while the database is away."""
        from django.db import Error, connection
        from django.db.models import Count

        from posts.models import Delivery

        try:
            rows = Delivery.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
            return dict(rows)
        except Error:
            connection.close()
            return None


@dataclass
class Verdict:
    """Per network and in all: created, published, uncertain (ever), asked, lost, doubled, stuck, and questions about what exists."""

    rows: dict = field(default_factory=dict)

    COLUMNS = (
        "due",
        "created",
        "published",
        "uncertain",
        "asked",
        "asked_online",
        "lost",
        "doubled",
        "stuck",
        "early",
    )

    def total(self, column):
        return sum(row[column] for row in self.rows.values())

    def table(self):
        lines = [f"{'':10}" + "".join(f"{column.replace('_', ' '):>13}" for column in self.COLUMNS)]
        for name, row in [
            *self.rows.items(),
            ("all", {column: self.total(column) for column in self.COLUMNS}),
        ]:
            lines.append(f"{name:10}" + "".join(f"{row[column]:>13,}" for column in self.COLUMNS))
        return "\n".join(lines)


def judge(folder):
    """Compare every delivery with what its network's ledger holds."""
    from collections import Counter

    from posts.models import Attempt, Delivery, DeliveryMove
    from posts.rehearsal.ledger import Ledger

    ledger = Ledger(folder / "data" / "rehearsal")
    online = Counter((post["network"], post["text"].split()[2]) for post in ledger.posts())
    assert not ledger.failures(), ledger.failures()[:5]
    ledger.close()
    uncertain = set(DeliveryMove.objects.filter(name="lose_sight").values_list("record_id", flat=True))
    first_byte = dict(
        Attempt.objects.exclude(first_byte_at=None)
        .order_by("-number")
        .values_list("delivery_id", "first_byte_at")
    )
    verdict = Verdict()
    for delivery in Delivery.objects.select_related("account", "post").order_by("pk"):
        network = delivery.account.network
        row = verdict.rows.setdefault(network, dict.fromkeys(Verdict.COLUMNS, 0))
        count = online[network, delivery.text.split()[2]]
        row["due"] += 1
        row["created"] += count
        row["published"] += delivery.state == "published"
        row["uncertain"] += delivery.pk in uncertain
        row["asked"] += delivery.state == "needs_person"
        row["asked_online"] += delivery.state == "needs_person" and count > 0
        row["lost"] += not count and delivery.state in FINAL and delivery.state != "needs_person"
        row["doubled"] += count > 1
        row["stuck"] += delivery.state not in FINAL
        row["early"] += delivery.pk in first_byte and first_byte[delivery.pk] < delivery.post.publish_at
    return verdict
