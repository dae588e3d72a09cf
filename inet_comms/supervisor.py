"""`make run`: sets everything up, then keeps web, worker, beat and rehearsal running together until Ctrl-C.

A part that dies is started again, a little later each time. When this process ends, however it ends, all parts end:
each runs in a process group of its own, and on Linux the kernel tells it when its parent is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
GRACE = 12.0
"""Seconds a part gets to end by itself before it is killed."""
LONG_LIFE = 60.0
"""A part that lived this long starts again at once the next time it dies."""


def die_with_parent() -> None:
    """Runs in the child before it becomes the part: SIGTERM if the supervisor is gone (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """One process of the whole, and when it may be started again."""

    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=BASE_DIR,
            start_new_session=True,
            preexec_fn=die_with_parent,
            stdin=subprocess.DEVNULL,
        )
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start it again if it died, unless that happened a moment ago."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            self.deaths = 0 if now - self.started > LONG_LIFE else self.deaths + 1
            self.not_before = now + min(30, 2**self.deaths - 1)
            say(f"{self.name} ended ({self.process.returncode}); starting it again.")
            self.signal(signal.SIGKILL)
            self.process = None
        if now >= self.not_before:
            self.start()

    def signal(self, number: int) -> None:
        """To the whole group: what the part started ends with it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def parts(port: int, rehearsal_port: int) -> dict[str, Part]:
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "-A", "inet_comms"]
    commands = {
        "rehearsal": [python, "manage.py", "rehearsal", "--port", str(rehearsal_port)],
        "web": [
            *(python, "-m", "gunicorn", "inet_comms.wsgi", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--threads", "8", "--timeout", "60", "--log-level", "warning"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "4", "--queues", "publishing,default"),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ],
        "beat": [*celery, "beat", "--pidfile", "", "--loglevel", "WARNING"],
    }
    return {name: Part(name, command) for name, command in commands.items()}


def wait_until_answers(url: str, running: list[Part], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for part in running:
            part.watch()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def manage(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE_DIR, check=True, preexec_fn=die_with_parent
    )


def stop_all(running: list[Part]) -> None:
    """SIGTERM to all, then SIGKILL to those that do not end in time."""
    for part in running:
        part.signal(signal.SIGTERM)
    end = time.monotonic() + GRACE
    for part in running:
        if part.process is None:
            continue
        try:
            part.process.wait(timeout=max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{part.name} does not end; killing it.")
        part.signal(signal.SIGKILL)
        part.process.wait()


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    rehearsal_port = int(os.environ.get("REHEARSAL_PORT", port + 1))
    is_demo = os.environ.get("DEMO", "1") not in ("", "0", "false", "False")
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("REHEARSAL_URL", f"http://127.0.0.1:{rehearsal_port}")
    if is_demo:
        # Everything goes to the rehearsal network, nothing to a real one.
        os.environ["LINKEDIN_API_URL"] = os.environ["REHEARSAL_URL"]
    os.environ["DEMO"] = "1" if is_demo else "0"
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    every = parts(port, rehearsal_port)
    if not is_demo:
        every.pop("rehearsal")
    running: list[Part] = []

    def stop(_number, _frame):
        # A second Ctrl-C while stopping kills at once.
        signal.signal(signal.SIGINT, lambda *_: [part.signal(signal.SIGKILL) for part in running])
        raise SystemExit(0)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        say("Setting up…")
        manage("migrate", "--verbosity", "0")
        manage("collectstatic", "--noinput", "--verbosity", "0")
        if is_demo:
            running.append(every["rehearsal"])
            if not wait_until_answers(os.environ["REHEARSAL_URL"], running):
                say("The rehearsal network does not start; see above.")
                return 1
            manage("demo")
        running[:] = every.values()
        if not wait_until_answers(f"http://127.0.0.1:{port}/readyz", running):
            say("The web server does not get ready; see above.")
            return 1
        say(
            f"\nReady: {os.environ['PUBLIC_URL']}/" + ("demo/   (Ctrl-C stops everything)" if is_demo else "")
        )
        if is_demo:
            say(f"The rehearsal network: {os.environ['REHEARSAL_URL']}/")
        while True:
            for part in running:
                part.watch()
            time.sleep(0.5)
    except subprocess.CalledProcessError as error:
        say(f"Setting up failed: {' '.join(map(str, error.cmd))}")
        return 1
    finally:
        stop_all(running)
        say("Stopped.")


if __name__ == "__main__":
    sys.exit(main())
