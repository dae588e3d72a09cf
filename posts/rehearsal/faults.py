"""How the rehearsal network can be told to misbehave, as the real ones do.

A fault is {"name": …, options}. `times` is how often it strikes (default 1, 0 = until the list is replaced), `chance` how
likely it is to strike when its turn comes (default 1).
"""

from __future__ import annotations

import json
import random

from .exchange import Response, broken_response
from .ledger import Ledger

FAULTS = {
    "cut-before-commit": set(),
    "cut-after-commit": set(),
    "error-before-commit": {"status", "html"},
    "error-after-commit": {"status", "html"},
    "slow-before-commit": {"seconds"},
    "slow-after-commit": {"seconds"},
    "no-id": {"html"},
    "conflict": set(),
    "waiting-upload": set(),
    "throttled": {"retry_after", "html"},
    "token-revoked": set(),
    "version-retired": set(),
    "finder-lag": {"seconds"},
    "finder-error": {"status", "html"},
    "get-error": {"status", "html"},
    "delete-error": {"status", "html"},
    "upload-expired": set(),
    "upload-error": {"status", "html"},
    "upload-redirect": {"to"},
    "processing-fails": set(),
    "processing-slow": {"polls"},
    "acl-field": {"field"},
}
"""Name → options. "commit" is the moment at which a post is stored: after it, the post is online whatever is answered."""


class UnknownFault(ValueError):
    """No fault of this name, or not with this option. str() names what there is."""


def replace(ledger: Ledger, network: str, faults: list[dict]) -> None:
    """From now on exactly these. Raises UnknownFault, and changes nothing then."""
    for fault in faults:
        if fault.get("name") not in FAULTS:
            raise UnknownFault(f"No fault {fault.get('name')!r}. There are: {', '.join(FAULTS)}.")
        known = {"name", "times", "chance"} | FAULTS[fault["name"]]
        if strange := sorted(set(fault) - known):
            raise UnknownFault(f"No option {strange[0]!r} of {fault['name']!r}.")
    with ledger.transaction():
        ledger.write("DELETE FROM fault WHERE network = ?", network)
        for fault in faults:
            ledger.write(
                "INSERT INTO fault (network, name, options, times) VALUES (?, ?, ?, ?)",
                *(network, fault["name"], json.dumps(fault), int(fault.get("times", 1)) or -1),
            )


def take(ledger: Ledger, network: str, *names: str) -> dict | None:
    """The first fault of one of these names that strikes now, used up by one."""
    with ledger.transaction():
        query = "SELECT id, options, times FROM fault WHERE network = ? AND times != 0 ORDER BY id"
        for row in ledger.rows(query, network):
            fault = json.loads(row["options"])
            if fault["name"] not in names or random.random() >= fault.get("chance", 1):
                continue
            if row["times"] > 0:
                ledger.write("UPDATE fault SET times = times - 1 WHERE id = ?", row["id"])
            ledger.event("fault", network=network, name=fault["name"])
            return fault
    return None


def answer_of(fault: dict, default_status: int = 500) -> Response:
    """What is answered instead of the truth."""
    if fault["name"].startswith("cut-"):
        return Response(cut=True)
    return broken_response(
        int(fault.get("status", default_status)), is_html=bool(fault.get("html"))
    )
