"""Letting a post pass although a rule is against it: by whoever that rule names, with a reason, on record."""

from __future__ import annotations

from django.db import transaction

from cohorts.models import User
from inet_comms.lifecycle import lock, require

from .. import permissions
from ..models import Exemption, Post
from ..rulings import Ruling


@transaction.atomic
def exempt(post: Post, ruling: Ruling, *, reason: str, by: User) -> Exemption:
    """The same ruling is exempted once; whoever comes second changes nothing."""
    post = lock(post)
    require(permissions.can_exempt(by, post, ruling.who))
    exemption, _is_new = Exemption.objects.get_or_create(
        post=post,
        rule=ruling.rule,
        about=ruling.about,
        defaults={"said": str(ruling.sentence), "reason": reason.strip(), "by": by},
    )
    return exemption
