"""The staff's key: approve exactly what they read, or return it with a reason."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import lock, move, require, require_version
from portraits.models import Portrait, Rendition

from .. import mails, permissions
from ..content import offline_content
from ..models import Account, Delivery, Post
from .writing import cancel_deliveries, taken_pages


class NotReady(Exception):
    """The post cannot go out as it is. `reasons` are sentences for people, each saying what to do."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@transaction.atomic
def approve(post: Post, *, read: int, read_portrait: int, by: User) -> Post:
    """Turn the staff's key for the versions they read, and freeze one delivery per page.

    Locks portrait, then post: in that order everywhere, so that approving, editing and withdrawing cannot block each other.
    """
    portrait = lock(Portrait(pk=post.portrait_id))
    post = lock(post)
    require(permissions.can_approve(by, post))
    require_version(post, "approve", read)
    require_version(portrait, "approve", read_portrait)
    if reasons := obstacles(post, portrait):
        raise NotReady(reasons)
    post = move(
        post, "approve", by=by, approved_version=post.version, approved_by=by, approved_at=timezone.now()
    )
    for variant in post.variants.select_related("account"):
        freeze(post, variant.account, variant.text)
    transaction.on_commit(partial(mails.approved, post))
    ring()
    return post


@transaction.atomic
def return_to_group(post: Post, *, reason: str, by: User) -> Post:
    """Not yet: the group gets the reason, and nothing leaves."""
    post = lock(post)
    require(permissions.can_return(by, post))
    post = move(post, "return", by=by, note=reason, approved_version=None, approved_by=None, approved_at=None)
    cancel_deliveries(post, by=by)
    transaction.on_commit(partial(mails.returned, post, reason, by))
    return post


def obstacles(post: Post, portrait: Portrait) -> list[str]:
    """Why this post cannot be approved now, in sentences; empty if it can."""
    if portrait.version != post.portrait_version or not portrait.is_signed:
        return [
            _(
                "The student has not signed the present version of the portrait. The group must ask them first."
            )
        ]
    found = []
    if post.needs_student:
        found.append(
            _("The text goes beyond what the student signed. The group must ask for their agreement.")
        )
    if post.publish_at is None:
        found.append(_("No moment is chosen. Return it and ask the group to choose one."))
    elif post.latest_useful_at <= timezone.now():
        found.append(_("Its moment has passed. Return it and ask the group to choose a new one."))
    if portrait.photo is None:
        found.append(_("The photo is missing. The student must add one."))
    variants = list(post.variants.select_related("account"))
    if not variants and not portrait.consent.allows("gallery"):
        found.append(
            _("It goes nowhere: neither a page nor the gallery. Return it and ask the group to choose.")
        )
    taken = taken_pages(portrait, post)
    for variant in variants:
        account = variant.account
        if account.pk in taken:
            found.append(
                _(
                    "It is, or may be, on %(page)s already. First say under “Did it go out?” what is there, or return it and ask the group to leave that page out."
                )
                % {"page": account}
            )
        if not portrait.consent.allows(account.network):
            found.append(
                _("The student’s consent does not name %(page)s. Remove that page.") % {"page": account}
            )
        if not account.is_ready:
            found.append(
                _("%(page)s must be connected again before anything can go there.") % {"page": account}
            )
        content = offline_content(variant.text, portrait.alt_text, portrait.photo)
        problems = account.connector.check(content, account.limits)
        found += [f"{account}: {problem.message}" for problem in problems if not problem.is_warning]
    return found


def freeze(post: Post, account: Account, text: str, generation: int = 1, **when) -> Delivery:
    """A delivery of the post's words and picture as they are now; nothing later changes what it sends."""
    version = post.portrait.versions.select_related("photo").get(number=post.portrait_version)
    image = Rendition.objects.filter(photo=version.photo, name="1200.jpg").first()
    delivery = Delivery(
        post=post,
        account=account,
        post_version=post.version,
        generation=generation,
        text=text,
        portrait_version=version,
        image=image,
        image_sha256=image.sha256 if image else "",
        alt_text=version.alt_text,
        due_at=when.get("due_at", post.publish_at),
        latest_useful_at=when.get("latest_useful_at", post.latest_useful_at),
    )
    delivery.fingerprint = delivery.compute_fingerprint()
    delivery.save()
    return delivery
