"""Every named step × every network × every answer: killed there once, where does a delivery end?

Each cell has one right end. A network that knows our key publishes whatever happens; any other asks a person where the machine
cannot know, and only there.
"""

import os
import time
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from posts.failpoints import POINTS

ANSWERS = ("fine", "cut-after", "answer-500", "cut-before", "refuse-500", "refuse-503")
CREATED = ("fine", "cut-after", "answer-500")
BEFORE_SPEAKING = ("after_intent", "before_first_byte")
KEYED = ("mastodon", "bluesky")
PASSES = 12
ENDS = ("published", "needs_person", "failed", "expired")


@dataclass(frozen=True)
class Cell:
    network: str
    point: str
    answer: str

    @property
    def expected(self):
        """State at the end, and how many posts there are on the network."""
        if self.network in KEYED:
            return ("published", 1)
        if self.point in BEFORE_SPEAKING or self.answer not in CREATED:
            return ("needs_person", 0)
        return ("published", 1)


def cells(networks, answers=ANSWERS):
    return [Cell(network, point, answer) for network in networks for point in POINTS for answer in answers]


def few_cells(networks):
    """Every network and every point, with the answers in turn."""
    pairs = [(network, point) for network in networks for point in POINTS]
    return [Cell(network, point, ANSWERS[n % len(ANSWERS)]) for n, (network, point) in enumerate(pairs)]


def sweep(torture, wanted):
    """Run these cells one after the other; {cell: (state, posts)} of those that did not end as they must."""
    from posts.models import Delivery
    from posts.rehearsal.ledger import Ledger
    from tests.torture import load

    networks = tuple(dict.fromkeys(cell.network for cell in wanted))
    accounts = load.connect(1, networks)
    load.fill(
        max(sum(cell.network == network for cell in wanted) for network in networks),
        accounts,
        due_at=_ago() + timedelta(days=1),
    )
    waiting = {
        network: list(Delivery.objects.filter(account__network=network).order_by("pk"))
        for network in networks
    }
    torture.start_zygote()
    ledger = Ledger(torture.folder / "data" / "rehearsal")
    wrong = {}
    for cell in wanted:
        delivery = waiting[cell.network].pop()
        faults = [] if cell.answer == "fine" else [{"name": cell.answer}]
        ledger.set_faults(cell.network, faults)
        ended = _carry_through(torture, cell, delivery)
        marker = delivery.text.split()[2]
        count = sum(post["text"].split()[2] == marker for post in ledger.posts(cell.network))
        if (ended, count) != cell.expected:
            wrong[cell] = (ended, count)
    ledger.close()
    return wrong


def _carry_through(torture, cell, delivery):
    """Passes until it has an end, dying once at the point; time is moved on between them."""
    from posts.models import Account, Delivery

    row = Delivery.objects.filter(pk=delivery.pk)
    row.update(due_at=_ago())
    has_died = False
    for _round in range(PASSES):
        variables = {} if has_died else {"FAILPOINT": f"{cell.point}:kill"}
        marker = torture.folder / "done"
        marker.unlink(missing_ok=True)
        pid = torture.fork("pass", variables=variables | {"DONE": str(marker)})
        _wait_for(pid)
        has_died |= not marker.exists()
        row.update(lease_until=_ago(), next_check_at=_ago(), due_at=_ago())
        Account.objects.update(not_before=None, breaker_until=None, failures=0)
        state = row.values_list("state", flat=True).get()
        if state in ENDS:
            break
    return state


def _ago():
    return timezone.now() - timedelta(seconds=1)


def _wait_for(pid, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} does not end")
