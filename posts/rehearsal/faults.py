"""How the rehearsal network can be told to misbehave, as the real ones do.

A fault is {"name": …, options}. `times` is how often it strikes (default 1; 0 = until the list is replaced), `chance` how
likely it is to strike when its turn comes (default 1). "After" means after the post is stored: then it is online, whatever
is answered.
"""

from __future__ import annotations

from .exchange import Response, broken_response

COMMON: dict[str, set[str]] = {
    # creating: before the post is stored
    "cut-before": set(),
    "refuse-500": set(),
    "refuse-502": set(),
    "refuse-503": set(),
    "refuse-html": set(),
    "slow-before": {"seconds"},
    # creating: after
    "cut-after": set(),
    "answer-500": set(),
    "answer-502": set(),
    "answer-503": set(),
    "answer-504": set(),
    "answer-html": set(),
    "no-id": set(),
    "slow-after": {"seconds"},
    "endless": set(),
    # any call
    "quota": {"retry_after"},
    "token-revoked": set(),
    "token-expired": set(),
    "scope-missing": {"scope"},
    # pictures
    "upload-500": set(),
    "processing-slow": {"polls"},
    "processing-fails": {"polls"},
    # reading and removing
    "find-500": set(),
    "find-html": set(),
    "find-lag": {"seconds"},
    "get-500": set(),
    "delete-500": set(),
    # access
    "refresh-lost": set(),
}
"""Name → its own options; each network knows these, where it has the thing at all."""
OWN: dict[str, dict[str, set[str]]] = {
    "linkedin": {
        "conflict": set(),
        "waiting-upload": set(),
        "version-retired": set(),
        "upload-expired": set(),
        "upload-redirect": {"to"},
        "acl-name": {"field"},
        "shares-restricted": set(),
        "no-refresh": set(),
        "refresh-in-minutes": set(),
    },
    "facebook": {
        "refuse-code-1": set(),
        "refuse-code-2": set(),
        "refuse-transient": set(),
        "answer-code-1": set(),
        "answer-code-2": set(),
        "answer-transient": set(),
        "throttled": {"code"},
        "blocked": set(),
        "already-posted": set(),
        "usage": {"percent"},
        "version-served": {"version"},
        "photo-transient": set(),
        "no-permalink": set(),
        "bare-next": set(),
        "edit-500": set(),
        "exchange-500": set(),
        "total-value": set(),
    },
    "x": {
        "refuse-empty": set(),
        "credits": set(),
        "usage-capped": set(),
        "day-quota": set(),
        "suspended": set(),
        "app-refused": set(),
        "ghost-duplicate": set(),
        "media-gone": set(),
        "errors-too": set(),
    },
    "mastodon": {
        "key-ignored": set(),
        "lock-held": set(),
        "fewer-attachments": {"kept"},
        "media-gone": set(),
        "spam-drop": set(),
        "limited": set(),
        "error-text": set(),
        "error-html": set(),
        "error-empty": set(),
    },
    "bluesky": {
        "swap-refused": set(),
        "blob-gone": set(),
        "appview-down": set(),
        "resolve-500": set(),
    },
}
"""What only one network does."""


class UnknownFault(ValueError):
    """No fault of this name, or not with this option. str() says what there is."""


def check(network: str, fault: dict) -> None:
    """Raises UnknownFault: a fault that never strikes would make a test pass for nothing."""
    known = COMMON | OWN[network]
    name = fault.get("name")
    if name not in known:
        raise UnknownFault(f"No fault {name!r} on {network}. There are: {', '.join(known)}.")
    if strange := sorted(set(fault) - {"name", "times", "chance"} - known[name]):
        raise UnknownFault(f"No option {strange[0]!r} of {name!r}.")


def answer_of(fault: dict) -> Response:
    """What is answered instead of the truth: nothing, the status in the fault's name, or a page of HTML with 503."""
    _what, _dash, how = fault["name"].partition("-")
    if fault["name"].startswith("cut-"):
        return Response(cut=True)
    if fault["name"] == "endless":
        return Response(endless=True)
    return broken_response(503, is_html=True) if how == "html" else broken_response(int(how))
