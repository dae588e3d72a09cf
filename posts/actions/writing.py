"""What the comms group does with a post, and the student's key for words that go beyond the signed portrait."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require, require_version
from portraits.models import Portrait
from portraits.permissions import can_edit

from .. import mails, permissions, piece_mails
from ..kinds import latest_useful
from ..models import Account, Delivery, Picture, Post, Variant
from ..shortening import shortened
from ..verdicts import of_the_group, require_settled, verdicts
from .leaving import leave_slots
from .locking import lock_portrait


@transaction.atomic
def draft(portrait: Portrait, *, by: User) -> Post:
    """Begin a post from a portrait: one variant for each page it may go to and is not on yet."""
    portrait = lock(portrait)
    require(can_edit(by, portrait))
    if not may_draft(portrait):
        raise MoveRefused(portrait, "draft")
    post = Post.objects.create(
        promotion=portrait.student.promotion, portrait=portrait, author=by, portrait_version=portrait.version
    )
    for account in pages_for(portrait):
        Variant.objects.create(post=post, account=account, text=opening_words(portrait, account))
    return post


def may_draft(portrait: Portrait) -> bool:
    """No post is open, and it is being edited, waits to be signed, or is signed; once public, only while a page lacks it.

    Before the signature it is but prepared: `ask_review` refuses it until then.
    """
    if portrait.posts.filter(state__in=Post.OPEN).exists():
        return False
    if portrait.state in (Portrait.State.IN_EDIT, Portrait.State.TO_SIGN):
        return portrait.consent_id is not None
    if not portrait.is_signed:
        return False
    return portrait.state == Portrait.State.SIGNED or bool(pages_for(portrait))


def pages_for(portrait: Portrait) -> list[Account]:
    """The pages that the student's consent names, without those where this very version is, or may be, already."""
    taken = taken_pages(portrait)
    return [
        account
        for account in Account.objects.all()
        if account.pk not in taken
        and portrait.consent is not None
        and portrait.consent.allows(account.network)
    ]


def taken_pages(portrait: Portrait | None, post: Post | None = None) -> set[int]:
    """Ids of the accounts where this version of the portrait, or anything of this post, is, is going or may be already."""
    there = Q(post=post) if post is not None else Q()
    if portrait is not None:
        there |= Q(post__portrait=portrait, portrait_version__number=portrait.version)
    live = Delivery.objects.filter(there, state__in=Delivery.LIVE).exclude(state__in=Delivery.WAITING)
    return set(live.values_list("account_id", flat=True))


def opening_words(portrait: Portrait, account: Account) -> str:
    """The words that a variant begins with: title, text and hashtags; where a page holds less, as many sentences as fit."""
    promotion = portrait.student.promotion
    hashtags = " ".join(filter(None, [promotion.hashtag, promotion.track.hashtag]))
    text = portrait.text

    def whole(text: str) -> str:
        return "\n\n".join(filter(None, [portrait.title, text.strip(), hashtags]))

    return shortened(text, whole, account)


@transaction.atomic
def write(
    post: Post,
    *,
    texts: dict[int, str],
    publish_at: datetime | None,
    read: int,
    by: User,
    pictures: dict[int, str] | None = None,
) -> Post:
    """Write the variants (text by account id; a page left out does not get the post) and the moment it goes out.

    `pictures`: what goes with the words, by account id; a page not named keeps what it has, or gets the photo. Any change
    makes a new version and voids what was agreed or approved; what waited to leave is cancelled.
    """
    portrait = lock_portrait(post.portrait_id)
    post = lock(post)
    require(permissions.can_write(by, post))
    require_version(post, "edit", read)
    texts = {account: text.replace("\r\n", "\n").strip() for account, text in texts.items()}
    before = {variant.account_id: (variant.text, variant.picture) for variant in post.variants.all()}
    after = {
        account: (text, (pictures or {}).get(account) or before.get(account, ("", Picture.PHOTO))[1])
        for account, text in texts.items()
    }
    portrait_version = portrait.version if portrait else None
    if before == after and post.publish_at == publish_at and post.portrait_version == portrait_version:
        return post
    if post.publish_at != publish_at:
        leave_slots(post)
    post = move(
        post,
        "edit",
        by=by,
        version=post.version + 1,
        portrait_version=portrait_version,
        publish_at=publish_at,
        latest_useful_at=latest_useful(post, publish_at),
        approved_version=None,
        approved_by=None,
        approved_at=None,
    )
    post.variants.exclude(account__in=texts).delete()
    for account, (text, picture) in after.items():
        Variant.objects.update_or_create(
            post=post, account_id=account, defaults={"text": text, "picture": picture}
        )
    cancel_deliveries(post, by=by)
    return post


@transaction.atomic
def reschedule(post: Post, *, publish_at: datetime, read: int, by: User) -> Post:
    """Another moment for the same words: what the student agreed to holds, what staff approved does not.

    What was with the staff goes back to them at once, with the new moment, unless a rule is against that moment; what waited to
    leave is cancelled.
    """
    lock_portrait(post.portrait_id)
    post = lock(post)
    require(permissions.can_write(by, post))
    require_version(post, "edit", read)
    if post.publish_at == publish_at:
        return post
    was_with_staff = post.state in (Post.State.IN_REVIEW, Post.State.APPROVED)
    has_agreed = post.student_signed_version == post.version
    was_asked = post.state == Post.State.TO_SIGN
    leave_slots(post)
    post = move(
        post,
        "edit",
        by=by,
        version=post.version + 1,
        student_signed_version=post.version + 1 if has_agreed else post.student_signed_version,
        publish_at=publish_at,
        latest_useful_at=latest_useful(post, publish_at),
        approved_version=None,
        approved_by=None,
        approved_at=None,
    )
    # Whoever agreed to these words agreed to them at any moment.
    post.named.filter(agreed_version=post.version - 1).update(agreed_version=post.version)
    cancel_deliveries(post, by=by)
    if was_asked:
        return move(post, "ask_student", by=by)
    if was_with_staff and post.is_current and not post.needs_student and not of_the_group(verdicts(post)):
        post = move(post, "ask_review", by=by)
        transaction.on_commit(partial(mails.to_approve, post))
    return post


@transaction.atomic
def ask_student(post: Post, *, read: int, by: User) -> Post:
    """Some words go beyond what the student signed: ask them first."""
    post = _writable(post, by, read, "ask_student")
    if not post.is_current or not post.needs_student:
        raise MoveRefused(post, "ask_student")
    require_settled(post, "ask_student")
    post = move(post, "ask_student", by=by)
    _tell_the_student(post, by)
    return post


def _tell_the_student(post: Post, by: User) -> None:
    if post.portrait_id is not None:
        transaction.on_commit(partial(mails.words_to_sign, post, by))
        return
    for one in post.awaited():
        transaction.on_commit(partial(piece_mails.named, post, one, by))


@transaction.atomic
def sign_words(post: Post, *, read: int, by: User) -> Post:
    """The student agrees to exactly these variants; the post goes on to the staff."""
    post = lock(post)
    require(permissions.can_sign(by, post))
    require_version(post, "sign", read)
    if post.portrait_id is None:
        return _agree_to_be_named(post, by)
    post = move(post, "sign", by=by, student_signed_version=post.version)
    transaction.on_commit(partial(mails.to_approve, post))
    return post


def _agree_to_be_named(post: Post, by: User) -> Post:
    """One of those whom it names or shows; once all have agreed it goes on to the staff."""
    if post.state != Post.State.TO_SIGN:
        raise MoveRefused(post, "sign")
    post.named.filter(student__user=by).update(agreed_version=post.version, agreed_at=timezone.now())
    if post.awaited():
        return post
    post = move(post, "sign", by=by, student_signed_version=post.version)
    transaction.on_commit(partial(mails.to_approve, post))
    return post


@transaction.atomic
def refuse_words(post: Post, *, message: str, by: User) -> Post:
    """The student does not agree, and says why."""
    post = lock(post)
    require(permissions.can_sign(by, post))
    post = move(post, "refuse", by=by, note=message)
    if post.portrait_id is None:
        transaction.on_commit(partial(piece_mails.refused, post, by, message))
    else:
        transaction.on_commit(partial(mails.words_refused, post, message))
    return post


@transaction.atomic
def ask_review(post: Post, *, read: int, by: User) -> Post:
    """Hand the post to the staff. Refused while the student's signature or agreement, or a moment, is missing, or a rule stands."""
    post = _writable(post, by, read, "ask_review")
    if not post.is_current or post.needs_student or post.publish_at is None:
        raise MoveRefused(post, "ask_review")
    require_settled(post, "ask_review")
    post = move(post, "ask_review", by=by)
    transaction.on_commit(partial(mails.to_approve, post))
    return post


@transaction.atomic
def cancel(post: Post, *, by: User) -> Post:
    """Give the post up. What already left stays where it is."""
    post = lock(post)
    require(permissions.can_write(by, post))
    post = move(post, "cancel", by=by)
    leave_slots(post)
    cancel_deliveries(post, by=by)
    return post


def cancel_deliveries(post: Post, *, by: User) -> None:
    """Take back what has not left yet. A delivery on the wire is not touched: its answer is still to come."""
    waiting = post.deliveries.select_for_update().filter(
        state__in=[*Delivery.WAITING, Delivery.State.PREPARING]
    )
    for delivery in waiting:
        move(lock(delivery), "cancel", by=by)
    ring()


def _writable(post: Post, by: User, read: int, name: str) -> Post:
    post = lock(post)
    require(permissions.can_write(by, post))
    require_version(post, name, read)
    return post
