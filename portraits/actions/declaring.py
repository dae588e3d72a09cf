"""What a student declares about themselves beside the portrait: facts for the balance, or that they count in none."""

from __future__ import annotations

from django.db import transaction

from cohorts.models import User
from inet_comms.lifecycle import lock, move, require

from .. import permissions
from ..models import Portrait


@transaction.atomic
def set_facts(
    portrait: Portrait,
    *,
    region: str,
    entry_route: str,
    earlier_sector: str,
    host_kind: str = "",
    counts_in_balance: bool = True,
    by: User,
) -> Portrait:
    """The optional facts, at any moment: they are no part of what is signed. Whoever counts in no balance keeps none of them."""
    portrait = lock(portrait)
    require(permissions.can_write(by, portrait))
    facts = {
        "region": region,
        "entry_route": entry_route,
        "earlier_sector": earlier_sector,
        "host_kind": host_kind,
    }
    for name, value in facts.items():
        setattr(portrait, name, value if counts_in_balance else "")
    portrait.counts_in_balance = counts_in_balance
    portrait.save(update_fields=[*facts, "counts_in_balance"])
    if portrait.state == Portrait.State.INVITED:
        portrait = move(portrait, "begin", by=by)
    return portrait
