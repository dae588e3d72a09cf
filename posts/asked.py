"""What exactly is asked about a delivery: its state says that a person must look, the way it came there says why."""

from __future__ import annotations

from enum import Enum

from .models import Delivery, DeliveryMove

State = Delivery.State
HEARSAY = ("duplicate", "person")
"""Evidence that nobody of ours has read on the page: the network named it, or a person did."""


class Asked(Enum):
    """In the order in which a person should turn to them."""

    MUST_GO = "must_go"
    """It is online, must not be any more, and the network does not let us take it down."""
    TWICE = "twice"
    """It was read there twice."""
    UNSEEN = "unseen"
    """The network accepted it, and nobody can see it."""
    UNKNOWN = "unknown"
    """Nobody knows whether it is online."""
    NOT_SENT = "not_sent"
    """Nothing has left: something was wrong before."""
    HELD = "held"
    """It came due while nothing could leave."""
    FAILED = "failed"
    EXPIRED = "expired"
    LOOKED_FOR = "looked_for"
    """Nobody knows, and we are still looking ourselves."""


BY_STATE = {
    State.HELD: Asked.HELD,
    State.FAILED: Asked.FAILED,
    State.EXPIRED: Asked.EXPIRED,
    State.UNCERTAIN: Asked.LOOKED_FOR,
    State.CHECKING: Asked.LOOKED_FOR,
}
MAY_BE_THERE = {Asked.TWICE, Asked.UNSEEN, Asked.UNKNOWN, Asked.LOOKED_FOR}
"""What a person can find online."""
NOT_THERE = {Asked.UNSEEN, Asked.UNKNOWN, Asked.NOT_SENT}
"""What a person can find not to be online, and send anew."""
NOT_OUT = {Asked.FAILED, Asked.EXPIRED}


def asked(delivery: Delivery) -> Asked | None:
    """The question that this delivery puts, or None. Looks at `moves` and `evidence`, which lists should prefetch."""
    if delivery.state != State.NEEDS_PERSON:
        return BY_STATE.get(delivery.state)
    last = last_move(delivery)
    if last is not None and last.source == State.WITHDRAWING:
        return Asked.MUST_GO
    if len(seen_ids(delivery)) > 1:
        return Asked.TWICE
    if last is not None and last.source == State.PUBLISHED:
        return Asked.UNSEEN
    if last is not None and last.source in (State.SCHEDULED, State.PREPARING) and not delivery.may_exist:
        return Asked.NOT_SENT
    return Asked.UNKNOWN


def last_move(delivery: Delivery) -> DeliveryMove | None:
    moves = list(delivery.moves.all())
    return moves[-1] if moves else None


def seen_ids(delivery: Delivery) -> list[str]:
    """The identifiers under which it was seen on the page, oldest first."""
    seen = [delivery.remote_id] if delivery.remote_id else []
    seen += [sign.remote_id for sign in delivery.evidence.all() if sign.source not in HEARSAY]
    return list(dict.fromkeys(seen))
