"""The portrait that a post is about is locked before the post, everywhere: approving, editing and withdrawing cannot block each other."""

from __future__ import annotations

from inet_comms.lifecycle import lock
from portraits.models import Portrait


def lock_portrait(pk: int | None) -> Portrait | None:
    """A post of another kind has none."""
    return lock(Portrait(pk=pk)) if pk is not None else None
