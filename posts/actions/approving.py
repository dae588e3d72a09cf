"""The staff's key: approve exactly what they read, or return it with a reason."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import lock, move, require, require_version
from portraits.actions.appearing import said_awaited
from portraits.models import Portrait

from .. import mails, permissions
from ..models import Account, Delivery, Picture, Post, Sent
from ..pictures import shown_of
from ..verdicts import in_the_way, said
from .leaving import leave_slots
from .locking import lock_portrait
from .writing import cancel_deliveries, taken_pages

FROZEN = (
    *("post", "account", "post_version", "text", "portrait_version", "image", "picture", "card"),
    *("image_sha256", "alt_text", "document_title", "fingerprint"),
)
"""What approval decides about a delivery, and nothing changes afterwards."""


class NotReady(Exception):
    """The post cannot go out as it is. `reasons` are sentences for people, each saying what to do."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@transaction.atomic
def approve(post: Post, *, read: int, read_portrait: int | None, by: User) -> Post:
    """Turn the staff's key for the versions they read, and freeze one delivery per page.

    Locks portrait, then post: in that order everywhere, so that approving, editing and withdrawing cannot block each other.
    """
    portrait = lock_portrait(post.portrait_id)
    post = lock(post)
    require(permissions.can_approve(by, post))
    require_version(post, "approve", read)
    if portrait:
        require_version(portrait, "approve", read_portrait)
    if reasons := obstacles(post, portrait):
        raise NotReady(reasons)
    post = move(
        post, "approve", by=by, approved_version=post.version, approved_by=by, approved_at=timezone.now()
    )
    for variant in post.variants.select_related("account"):
        freeze(post, variant.account, variant.text, variant.picture)
    transaction.on_commit(partial(mails.approved, post))
    ring()
    return post


@transaction.atomic
def return_to_group(post: Post, *, reason: str, by: User) -> Post:
    """Not yet: the group gets the reason, and nothing leaves."""
    post = lock(post)
    require(permissions.can_return(by, post))
    post = move(post, "return", by=by, note=reason, approved_version=None, approved_by=None, approved_at=None)
    leave_slots(post)
    cancel_deliveries(post, by=by)
    transaction.on_commit(partial(mails.returned, post, reason, by))
    return post


def obstacles(post: Post, portrait: Portrait | None) -> list[str]:
    """Why this post cannot be approved now, in sentences; empty if it can."""
    if portrait and (portrait.version != post.portrait_version or not portrait.is_signed):
        return [
            _(
                "The student has not signed the present version of the portrait. The group must ask them first."
            )
        ]
    found = []
    if portrait and not portrait.is_free_of_others:
        found.append(said_awaited(portrait))
    if portrait is None and post.needs_student:
        found.append(_("Somebody whom it names has not agreed yet. The group must ask them."))
    elif post.needs_student:
        found.append(
            _("The text goes beyond what the student signed. The group must ask for their agreement.")
        )
    if post.publish_at is None:
        found.append(_("No moment is chosen. Return it and ask the group to choose one."))
    elif post.latest_useful_at <= timezone.now():
        found.append(_("Its moment has passed. Return it and ask the group to choose a new one."))
    if portrait and portrait.photo is None:
        found.append(_("The photo is missing. The student must add one."))
    variants = list(post.variants.select_related("account"))
    if not variants and not (portrait and portrait.consent.allows("gallery")):
        found.append(
            _("It goes nowhere: neither a page nor the gallery. Return it and ask the group to choose.")
        )
    taken = taken_pages(portrait, post)
    signed = post.signed
    for variant in variants:
        account = variant.account
        if account.pk in taken:
            found.append(
                _(
                    "It is, or may be, on %(page)s already. First say under “Did it go out?” what is there, or return it and ask the group to leave that page out."
                )
                % {"page": account}
            )
        if portrait and not portrait.consent.allows(account.network):
            found.append(
                _("The student’s consent does not name %(page)s. Remove that page.") % {"page": account}
            )
        if not account.is_ready:
            found.append(
                _("%(page)s must be connected again before anything can go there.") % {"page": account}
            )
        shown = shown_of(post, signed, variant.picture, account)
        problems = account.connector.check(shown.content(variant.text), account.limits)
        found += [f"{account}: {problem.message}" for problem in problems if not problem.is_warning]
        if shown.trouble:
            found.append(f"{account}: {shown.trouble}")
    return found + [said(ruling) for ruling in in_the_way(post)]


def freeze(post: Post, account: Account, text: str, picture: str = Picture.PHOTO) -> Delivery:
    """A delivery of the post's words and picture as they are now; nothing later changes what it sends.

    A card is the very file that staff had before their eyes; another look, chosen later, makes another file.
    """
    shown = shown_of(post, post.signed, picture, account)
    if shown.trouble:
        raise NotReady([f"{account}: {shown.trouble}"])
    sent = shown.image if shown.is_photo else shown.card
    delivery = Delivery(
        post=post,
        account=account,
        post_version=post.version,
        text=text,
        portrait_version=shown.version,
        image=shown.image,
        picture=shown.kind,
        card=shown.card,
        image_sha256=sent.sha256 if sent else "",
        alt_text=shown.alt,
        document_title=shown.title,
        due_at=post.publish_at,
        latest_useful_at=post.latest_useful_at,
    )
    if post.portrait_id is None:
        delivery.save()
        for attachment in shown.attachments:
            Sent.objects.create(delivery=delivery, attachment=attachment, alt_text=attachment.alt_text)
    delivery.fingerprint = delivery.compute_fingerprint()
    delivery.save()
    return delivery


def freeze_again(delivery: Delivery, *, due_at: datetime, latest_useful_at: datetime) -> Delivery:
    """The very same once more, as the next generation: the same words, the same file."""
    again = Delivery.objects.create(
        **{name: getattr(delivery, name) for name in FROZEN},
        generation=delivery.generation + 1,
        due_at=due_at,
        latest_useful_at=latest_useful_at,
    )
    for one in delivery.attachments.all():
        Sent.objects.create(delivery=again, attachment_id=one.attachment_id, alt_text=one.alt_text)
    return again
