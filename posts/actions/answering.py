"""A person's answers where the machine cannot know: it is there, it is not there, leave it, choose another moment."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require
from portraits.permissions import can_edit

from .. import clock, mails
from ..asked import NOT_OUT, NOT_THERE, Asked, asked, seen_ids
from ..content import ContentChanged, frozen_content
from ..models import Delivery, Evidence, Post
from ..networks.base import Content, Found, Outcome
from ..permissions import can_answer
from ..secrecy import UnreadableToken
from .approving import freeze_again
from .locking import lock_portrait
from .writing import draft, may_draft

ANSWERED = {"answer_by": None}


class NotFoundThere(Exception):
    """The link does not lead to this post on our page, or not to it alone. str() says what to do."""


def confirm_there(delivery: Delivery, link: str, *, by: User) -> Delivery:
    """It is online, here is the link: checked on the network before it is believed. Read there twice, it must be there once."""
    require(can_answer(by, delivery))
    remote_id = delivery.account.connector.remote_id_from(link)
    if not remote_id:
        raise NotFoundThere(
            _("This is not the link of a post. Open the post on the page, copy its link and paste it here.")
        )
    found = _read(delivery, remote_id)
    if found is None:
        raise NotFoundThere(
            _("This link leads to another post, or to none. Compare the text, then copy the link again.")
        )
    for other in seen_ids(delivery) if asked(delivery) is Asked.TWICE else []:
        if other != found.remote_id and (twin := _read(delivery, other)):
            raise NotFoundThere(
                _("It is still online twice. First remove the other one on the page: %(link)s")
                % {"link": twin.url}
            )
    try:
        with transaction.atomic():
            delivery = lock(delivery)
            kind, now = asked(delivery), clock.now()
            if kind is Asked.MUST_GO:
                raise MoveRefused(delivery, "say_it_is_there")
            # What was read back already, and found wanting, is not read back again: a person has judged it.
            is_judged = kind in (Asked.UNSEEN, Asked.TWICE)
            later = now + timedelta(seconds=settings.CONFIRM_AFTER_SECONDS)
            Evidence.objects.create(delivery=delivery, remote_id=found.remote_id, source="person")
            return move(
                delivery,
                "say_it_is_there",
                by=by,
                remote_id=found.remote_id,
                url=found.url,
                published_at=found.created_at,
                claim_token=None,
                lease_until=None,
                message="",
                looks=0,
                confirmed_at=now if is_judged else None,
                next_check_at=None if is_judged else later,
                **ANSWERED,
            )
    except IntegrityError as error:
        raise NotFoundThere(
            _("This link already belongs to another post of ours. Copy the link of this one.")
        ) from error


def _read(delivery: Delivery, remote_id: str) -> Found | None:
    """This very post as it stands on the page, or None. Raises NotFoundThere while the network does not say."""
    network = delivery.account.connector
    try:
        found = network.get(remote_id, delivery.account.credentials())
    except (Outcome, UnreadableToken) as error:
        raise NotFoundThere(
            _(
                "The network does not answer at the moment, so the link could not be checked. Nothing has changed: try again in a few minutes."
            )
        ) from error
    try:
        content = frozen_content(delivery)
    except (ContentChanged, OSError):
        content = Content(delivery.text)
    return found if found is not None and network.same(content, found) else None


@transaction.atomic
def resend(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It is not online: send it anew, as a new generation with the name of who decided. Refused when it would be too late."""
    post = lock(Post(pk=delivery.post_id))
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    now = clock.now()
    if (
        asked(delivery) not in NOT_THERE
        or post.state != Post.State.APPROVED
        or post.version != delivery.post_version
        or now >= delivery.latest_useful_at
    ):
        raise MoveRefused(delivery, "say_it_is_not_there")
    move(delivery, "say_it_is_not_there", by=by, note=reason, may_exist=False, **ANSWERED)
    again = freeze_again(
        delivery,
        due_at=max(now, delivery.due_at),
        latest_useful_at=delivery.latest_useful_at,
    )
    ring()
    return again


@transaction.atomic
def close(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It is not online and shall stay so."""
    return _close(lock(delivery), reason, by)


def _close(delivery: Delivery, reason: str, by: User) -> Delivery:
    require(can_answer(by, delivery))
    if asked(delivery) not in NOT_THERE | NOT_OUT:
        raise MoveRefused(delivery, "say_it_is_not_there")
    return move(delivery, "say_it_is_not_there", by=by, note=reason, may_exist=False, **ANSWERED)


@transaction.atomic
def plan_anew(delivery: Delivery, *, reason: str, by: User) -> Post:
    """It is not online: the group chooses another moment. Returns the post in which they do.

    An approved post comes back to them, if nothing of it is online or still to be settled elsewhere. A post that is settled
    stays so: a new one begins with the same words, where it may.
    """
    portrait = lock_portrait(delivery.post.portrait_id)
    post = lock(Post(pk=delivery.post_id))
    _close(lock(delivery), reason, by)
    is_alone = not post.deliveries.filter(state__in=Delivery.LIVE).exists()
    if post.state == Post.State.APPROVED and is_alone:
        return _give_back(post, reason, by)
    if post.state == Post.State.DONE and portrait and can_edit(by, portrait) and may_draft(portrait):
        anew = draft(portrait, by=by)
        anew.variants.filter(account=delivery.account_id).update(text=delivery.text)
        return anew
    return post


def _give_back(post: Post, reason: str, by: User) -> Post:
    void = {"approved_version": None, "approved_by": None, "approved_at": None}
    moment = {"publish_at": None, "latest_useful_at": None}
    post = move(post, "return", by=by, note=reason, version=post.version + 1, **moment, **void)
    transaction.on_commit(partial(mails.returned, post, reason, by))
    return post


@transaction.atomic
def drop(delivery: Delivery, *, by: User) -> Delivery:
    """It was held back, and shall not leave any more."""
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    if delivery.state != Delivery.State.HELD:
        raise MoveRefused(delivery, "cancel")
    return move(delivery, "cancel", by=by, **ANSWERED)


@transaction.atomic
def say_gone(delivery: Delivery, *, by: User) -> Delivery:
    """A person removed by hand what the network would not let us take down, or what was there twice."""
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    if asked(delivery) not in (Asked.MUST_GO, Asked.TWICE):
        raise MoveRefused(delivery, "say_it_is_gone")
    return move(delivery, "say_it_is_gone", by=by, **ANSWERED)
