"""Putting a plan into effect: each line dates its draft, which is begun where there is none."""

from __future__ import annotations

from django.db import transaction

from cohorts.models import User
from portraits.models import Portrait

from ..models import Post
from ..slots import Occasion
from .slotting import take_slot
from .writing import draft


@transaction.atomic
def plan_portrait(portrait: Portrait, occasion: Occasion, *, by: User) -> Post:
    """This portrait goes out in this slot: one line of a plan, whole or not at all. Raises as `draft` and `take_slot` do."""
    post = portrait.posts.filter(state__in=Post.OPEN, publish_at__isnull=True).first()
    if post is None:
        post = draft(portrait, by=by)
    return take_slot(post, occasion.slot, occasion.day, read=post.version, by=by)
