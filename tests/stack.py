"""The whole program as separate processes, as `make run` starts it, with a database and a broker of its own."""

import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from inet_comms.supervisor import parts
from tests import services

ROOT = Path(__file__).resolve().parent.parent
FAST = {
    "DELIVERY_LEASE_SECONDS": "5",
    "LOOK_AFTER_SECONDS": "1,1,2",
    "SPACING_SECONDS": "0",
    "BREAKER_SECONDS": "1",
}


SERVE = "from tests import stack_data; stack_data.serve()"
PREPARED = Path(os.environ["PREPARED_DIR"])
"""Shared by all workers of one run (tests/environment.py): static files, and an empty school on SQLite."""


@functools.cache
def prepare():
    """Made once, by whichever worker comes first."""
    with (PREPARED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PREPARED / "is_made").exists():
            school = Stack(PREPARED)
            school.manage("migrate", "--verbosity", "0")
            school.manage("collectstatic", "--noinput", "--verbosity", "0")
            (PREPARED / "is_made").touch()


class Stack:
    """Web, worker, beat and rehearsal on free ports below `folder`. `variables` go to every process."""

    def __init__(self, folder, **variables):
        self.folder = Path(folder)
        self.port, self.rehearsal_port = services.free_port(), services.free_port()
        self.url, self.rehearsal_url = (
            f"http://127.0.0.1:{port}" for port in (self.port, self.rehearsal_port)
        )
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.folder / "data"),
            "STATIC_ROOT": str(PREPARED / "static"),
            "PUBLIC_URL": self.url,
            "REHEARSAL_URL": self.rehearsal_url,
            "LINKEDIN_API_URL": self.rehearsal_url,
            "SECRET_KEY": "for tests only",
            "DEMO": "0",
            # The second factor has its own tests (test_sign_in.py); the stack's people sign in with the code alone.
            "STAFF_SECOND_FACTOR": "0",
            "LOG_LEVEL": "WARNING",
            **FAST,
            **variables,
        }
        self.commands = {name: part.command for name, part in parts(self.port, self.rehearsal_port).items()}
        self.running = {}
        self.revived = ()
        """Names of processes that start again when they end by themselves, while one waits for something."""
        self.log = self.data_process = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = (self.folder / "log.txt").open("a")
        return self

    def __exit__(self, *_exc):
        for name in list(self.running):
            self.stop(name)
        if self.data_process:
            self.data_process.communicate(timeout=30)
        self.log.close()

    def set_up(self):
        """Static files and an empty school: copied where one was prepared for SQLite."""
        prepare()
        if "DATABASE_URL" in self.environment:
            self.manage("migrate", "--verbosity", "0")
        else:
            shutil.copytree(PREPARED / "data", self.folder / "data")

    def manage(self, *arguments, **variables):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def data(self, call):
        """Run one function of tests/stack_data.py inside the stack's own database, without mail; what it returns."""
        if self.data_process is None:
            self.data_process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", SERVE],
                cwd=ROOT,
                env=self.environment | {"EMAIL_URL": "dummymail://"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                text=True,
            )
        self.data_process.stdin.write(call + "\n")
        self.data_process.stdin.flush()
        answer = self.data_process.stdout.readline()
        assert answer, f"{call} failed\n{self.said()}"
        return json.loads(answer)

    def start(self, *names, **variables):
        for name in names:
            self.running[name] = subprocess.Popen(
                self.commands[name],
                cwd=ROOT,
                env=self.environment | variables,
                stdout=self.log,
                stderr=self.log,
                start_new_session=True,
            )
            if name == "web":
                services.wait_for_port(self.port, self.running[name])
            if name == "rehearsal":
                services.wait_for_port(self.rehearsal_port, self.running[name])

    def stop(self, name, number=signal.SIGTERM):
        process = self.running.pop(name)
        for sent in (number, signal.SIGKILL):
            try:
                os.killpg(process.pid, sent)
            except ProcessLookupError:
                break
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                continue
            break
        process.wait(timeout=5)

    def wait_for_death(self, name, seconds=40):
        """How the process ended by itself: its return code."""
        return self.running.pop(name).wait(timeout=seconds)

    def ledger(self):
        return requests.get(f"{self.rehearsal_url}/_/ledger", timeout=10).json()

    def faults(self, network, *faults):
        """From now on the rehearsal of this network misbehaves exactly so."""
        told = {"faults": list(faults)}
        requests.post(f"{self.rehearsal_url}/_/{network}/faults", json=told, timeout=10).raise_for_status()

    def _revive(self):
        """What the supervisor of `make run` does: a worker that fell over an empty message file starts again."""
        for name in self.revived:
            if name in self.running and self.running[name].poll() is not None:
                self.start(name)

    def wait_until(self, condition, seconds=60):
        """Poll `condition()` until it is true; its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := condition():
                return value
            self._revive()
            time.sleep(0.25)
        raise AssertionError(
            f"did not happen within {seconds} s; see {self.folder / 'log.txt'}\n{self.said()}"
        )

    def said(self):
        """The last of what all its processes said."""
        return (self.folder / "log.txt").read_text()[-3000:]
