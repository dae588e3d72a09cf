"""A student takes back their agreement to be in a post: at any moment, and what is online goes."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.lifecycle import MoveRefused, lock, move, require

from .. import permissions, piece_mails
from ..models import Delivery, Post
from .composing import VOID
from .removing import take_down
from .writing import cancel_deliveries


@transaction.atomic
def take_agreement_back(post: Post, *, by: User) -> Post:
    """What waits does not leave, what is online is taken down, and the post goes back to the group."""
    post = lock(post)
    require(permissions.is_about(by, post))
    mine = post.named.filter(student__user=by, agreed_version__isnull=False)
    if post.portrait_id is not None or not mine.exists():
        raise MoveRefused(post, "return")
    mine.update(agreed_version=None, agreed_at=None)
    reason = _("%(name)s no longer agrees to be in it.") % {"name": by}
    cancel_deliveries(post, by=by)
    there = Q(state=Delivery.State.PUBLISHED) | Q(state__in=Delivery.ON_THE_WIRE, disowned_at__isnull=True)
    for delivery in post.deliveries.filter(there).order_by("pk"):
        take_down(delivery, reason=reason, by=by)
    if post.state in (Post.State.IN_REVIEW, Post.State.APPROVED):
        post = move(post, "return", by=by, note=reason, **VOID)
    transaction.on_commit(partial(piece_mails.refused, post, by, reason))
    return post
