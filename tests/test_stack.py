"""The real processes: a worker killed at each step of a publication, and the supervisor of `make run`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posts.failpoints import POINTS
from tests import services
from tests.stack import ROOT, Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

BEFORE_INTENT = ("before_claim", "after_claim", "before_upload", "after_upload", "before_intent")
NEVER_SPOKE = ("after_intent", "before_first_byte")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack with rehearsal and beat running and one approved post for each point; workers come and go."""
    with Stack(tmp_path_factory.mktemp("kills")) as stack:
        stack.set_up()
        stack.start("rehearsal")
        stack.data("connect()")
        stack.posts = stack.data(f"approved({len(POINTS)})")
        stack.start("beat")
        yield stack


@pytest.mark.parametrize("point", POINTS)
def test_worker_killed_at(point, stack):
    """Never two posts, never a lost one, at worst one question to a person."""
    post = stack.posts[POINTS.index(point)]
    before = len(stack.ledger()["posts"])
    if point.endswith("_look"):
        # Only what was lost sight of is looked for.
        stack.faults("linkedin", {"name": "cut-after"})
    stack.data(f"make_due({post})")
    stack.start("worker", FAILPOINT=f"{point}:kill")
    assert stack.wait_for_death("worker") == -signal.SIGKILL
    stack.start("worker")
    try:
        state = stack.wait_until(
            lambda: (found := stack.data(f"state({post})")) in ("published", "needs_person") and found
        )
    finally:
        stack.stop("worker")
    created = len(stack.ledger()["posts"]) - before
    if point in NEVER_SPOKE:
        # Dead between the intent and the first byte: the machine cannot know that nothing left, so it asks.
        assert (state, created) == ("needs_person", 0)
    else:
        assert (state, created) == ("published", 1)
    assert stack.ledger()["failures"] == []


@pytest.fixture
def alone(tmp_path):
    """Rehearsal and one worker: no beat, so nobody nudges."""
    with Stack(tmp_path / "alone") as stack:
        stack.set_up()
        stack.start("rehearsal")
        stack.data("connect()")
        yield stack


def test_worker_without_beat_publishes_by_itself(alone):
    """Row 16 of the fault matrix: without beat things only leave a little later."""
    (post,) = alone.data("approved(1)")
    alone.start("worker")
    alone.data(f"make_due({post})")
    alone.wait_until(lambda: alone.data(f"state({post})") == "published", seconds=30)


BROKEN = [b"", b"{", b"null", b"[1, 2]", b"\x00\xff", b'{"body": "x"}', b'{"headers": 1, "properties": {}}']


def test_broken_messages_do_not_keep_a_post_from_leaving(alone):
    """Row 10: whatever lies in the broker's folder, the next pass does not depend on it."""
    (post,) = alone.data("approved(1)")
    queue = alone.folder / "data" / "broker" / "queue"
    queue.mkdir(parents=True, exist_ok=True)
    for number in range(50):
        (queue / f"{number:013d}_x.publishing.msg").write_bytes(BROKEN[number % len(BROKEN)])
    alone.start("worker")
    alone.data(f"make_due({post})")

    def is_published():
        if alone.running["worker"].poll() is not None:
            # As the supervisor and the container do with a part that dies.
            alone.running.pop("worker")
            alone.start("worker")
        return alone.data(f"state({post})") == "published"

    alone.wait_until(is_published, seconds=90)


def alive(pids):
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.append(pid)
    return found


def children(pid):
    """All processes below this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children(child)]
    return found


@pytest.fixture
def supervised(tmp_path):
    """The supervisor, running web, worker and beat on an empty installation without the demo."""
    port = services.free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "PORT": str(port),
        "DEMO": "0",
    }
    log = (tmp_path / "log.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "inet_comms.supervisor"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    end = time.monotonic() + 60
    while "Ready" not in (tmp_path / "log.txt").read_text():
        assert process.poll() is None and time.monotonic() < end, (tmp_path / "log.txt").read_text()
        time.sleep(0.2)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(timeout=20)


def wait_until_gone(pids, seconds=20):
    end = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.2)
    return alive(pids)


def test_interrupt_stops_everything_and_leaves_no_orphan(supervised):
    pids = children(supervised.pid)
    supervised.send_signal(signal.SIGINT)
    assert (supervised.wait(timeout=30), wait_until_gone(pids), len(pids) >= 3) == (0, [], True)


def test_killing_the_supervisor_leaves_no_orphan(supervised):
    pids = children(supervised.pid)
    supervised.kill()
    supervised.wait(timeout=10)
    assert wait_until_gone(pids, 30) == []


def workers(pid):
    """The worker processes below this one. One may end between being listed and being read: then it is none."""
    found = []
    for child in children(pid):
        with contextlib.suppress(OSError):
            if "worker" in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                found.append(child)
    return found


def test_part_that_dies_is_started_again(supervised):
    (worker,) = workers(supervised.pid)
    os.kill(worker, signal.SIGKILL)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        again = [pid for pid in workers(supervised.pid) if pid != worker]
        if again:
            break
        time.sleep(0.2)
    assert len(again) == 1
