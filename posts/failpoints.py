"""Named places where a test may stop the process dead: `FAILPOINT=after_intent:kill`. Without the variable they do nothing."""

from __future__ import annotations

import os
import signal

POINTS = (
    "before_claim",
    "after_claim",
    "before_upload",
    "after_upload",
    "before_intent",
    "after_intent",
    "before_first_byte",
    "after_answer",
    "before_settle",
    "after_settle",
    "before_look",
    "after_look",
)


def reach(point: str) -> None:
    """Die here if the environment says so. Unknown names are a programming error."""
    if point not in POINTS:
        raise ValueError(point)
    if os.environ.get("FAILPOINT") == f"{point}:kill":
        os.kill(os.getpid(), signal.SIGKILL)
