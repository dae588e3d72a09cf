"""Servers that the tests start and stop themselves, on 127.0.0.1 and free ports."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def postgres_programs():
    """The folder of initdb and postgres, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


class Postgres:
    """A cluster of its own in a temporary folder; run as the user `postgres` when we are root, since PostgreSQL refuses root."""

    def __init__(self):
        # A folder of its own: pytest's temporary folders are closed to the user `postgres`.
        self.folder = Path(tempfile.mkdtemp(prefix="inet-comms-postgres-"))
        self.port, self.process = free_port(), None
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def start(self):
        programs = postgres_programs()
        if self.as_user:
            shutil.chown(self.folder, "postgres")
        data = self.folder / "data"
        subprocess.run(
            [
                *self.as_user,
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self._serve(programs, data)

    def _serve(self, programs, data):
        options = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", "fsync=off", "-c", "max_connections=200"]
        log = (self.folder / "postgres.log").open("a")
        self.process = subprocess.Popen(
            [*self.as_user, programs / "postgres", "-D", data, *options],
            stdout=log,
            stderr=log,
            cwd=self.folder,
        )
        wait_for_port(self.port, self.process)
        self._wait_ready(programs)

    def restart_immediately(self):
        """As if the machine had lost power: no shutdown, recovery from the log at the start."""
        pid_file = self.folder / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        self.process.wait(timeout=30)
        self._serve(postgres_programs(), self.folder / "data")

    def _wait_ready(self, programs):
        end = time.monotonic() + 30
        check = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(check, stdout=subprocess.DEVNULL).returncode:
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL does not get ready")
            time.sleep(0.1)

    def stop(self):
        # SIGINT to the server itself (runuser would not pass it on): a fast shutdown.
        pid_file = self.folder / "data" / "postmaster.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text().split()[0]), 2)
        if self.process:
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A Redis without persistence on a free port."""

    def __init__(self):
        self.port, self.process = free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def chromium():
    """The browser's program, or None."""
    return shutil.which("chromium")


AVAILABLE = {
    "postgres": postgres_programs() is not None,
    "redis": shutil.which("redis-server") is not None,
    "browser": chromium() is not None,
}


def main(arguments):
    """`--has NAME`: exit code 0 if it is there. Without arguments: says what this run leaves out."""
    if arguments[:1] == ["--has"]:
        return 0 if AVAILABLE[arguments[1]] else 1
    for name, there in AVAILABLE.items():
        if not there:
            sys.stdout.write(f"Left out: tests that need {name}, which this machine does not have.\n")
    required = set(filter(None, os.environ.get("REQUIRE", "").split(",")))
    missing = sorted(name for name in required if not AVAILABLE.get(name))
    if missing:
        sys.stdout.write(f"REQUIRE names what this machine does not have: {', '.join(missing)}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
