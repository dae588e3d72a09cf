"""A post that goes to another moment, or back to its group, leaves the slot that it had taken."""

from __future__ import annotations

from ..models import Post, SlotDay


def leave_slots(post: Post) -> None:
    """Inside the transaction that moves the post. What was ceded stays ceded."""
    SlotDay.objects.filter(post=post, ceded_to__isnull=True).delete()
    SlotDay.objects.filter(post=post).update(post=None)
