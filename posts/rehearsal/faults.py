"""How the rehearsal network can be told to misbehave, as the real ones do.

A fault is {"name": …, options}. `times` is how often it strikes (default 1; 0 = until the list is replaced), `chance` how
likely it is to strike when its turn comes (default 1). "After" means after the post is stored: then it is online, whatever
is answered.
"""

from __future__ import annotations

from .exchange import Response, broken_response

FAULTS: dict[str, set[str]] = {
    # creating: before the post is stored
    "cut-before": set(),
    "refuse-500": set(),
    "refuse-502": set(),
    "refuse-503": set(),
    "refuse-html": set(),
    "slow-before": {"seconds"},
    "conflict": set(),
    "waiting-upload": set(),
    # creating: after
    "cut-after": set(),
    "answer-500": set(),
    "answer-502": set(),
    "answer-503": set(),
    "answer-504": set(),
    "answer-html": set(),
    "no-id": set(),
    "slow-after": {"seconds"},
    # any call
    "quota": {"retry_after"},
    "token-revoked": set(),
    "version-retired": set(),
    # pictures
    "upload-500": set(),
    "upload-expired": set(),
    "upload-redirect": {"to"},
    "processing-slow": {"polls"},
    "processing-fails": {"polls"},
    # reading and removing
    "find-500": set(),
    "find-html": set(),
    "find-lag": {"seconds"},
    "get-500": set(),
    "delete-500": set(),
    "acl-name": {"field"},
}
"""Name → its own options."""


class UnknownFault(ValueError):
    """No fault of this name, or not with this option. str() says what there is."""


def check(fault: dict) -> None:
    """Raises UnknownFault: a fault that never strikes would make a test pass for nothing."""
    name = fault.get("name")
    if name not in FAULTS:
        raise UnknownFault(f"No fault {name!r}. There are: {', '.join(FAULTS)}.")
    if strange := sorted(set(fault) - {"name", "times", "chance"} - FAULTS[name]):
        raise UnknownFault(f"No option {strange[0]!r} of {name!r}.")


def answer_of(fault: dict) -> Response:
    """What is answered instead of the truth: nothing, the status in the fault's name, or a page of HTML with 503."""
    _what, _dash, how = fault["name"].partition("-")
    if fault["name"].startswith("cut-"):
        return Response(cut=True)
    return broken_response(503, is_html=True) if how == "html" else broken_response(int(how))
