"""A person's answers where the machine cannot know: it is there, it is not there, leave it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require

from ..content import ContentChanged, frozen_content
from ..models import Delivery, Evidence, Post
from ..networks.base import Content, Outcome
from ..permissions import can_answer
from ..secrecy import UnreadableToken
from .approving import freeze


class NotFoundThere(Exception):
    """The link does not lead to this post on our page. str() says what to do."""


def confirm_there(delivery: Delivery, link: str, *, by: User) -> Delivery:
    """It is online, here is the link: checked on the network before it is believed."""
    require(can_answer(by, delivery))
    network = delivery.account.connector
    remote_id = network.remote_id_from(link)
    if not remote_id:
        raise NotFoundThere(
            _("This is not the link of a post. Open the post on the page, copy its link and paste it here.")
        )
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
    if found is None or not network.same(content, found):
        raise NotFoundThere(
            _("This link leads to another post, or to none. Compare the text, then copy the link again.")
        )
    try:
        with transaction.atomic():
            delivery = lock(delivery)
            Evidence.objects.create(delivery=delivery, remote_id=found.remote_id, source="person")
            return move(
                delivery,
                "say_it_is_there",
                by=by,
                remote_id=found.remote_id,
                url=found.url,
                published_at=found.created_at,
                next_check_at=None,
                message="",
            )
    except IntegrityError as error:
        raise NotFoundThere(
            _("This link already belongs to another post of ours. Copy the link of this one.")
        ) from error


@transaction.atomic
def resend(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It is not online: send it anew, as a new generation with the name of who decided. Refused when it would be too late."""
    post = lock(Post(pk=delivery.post_id))
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    now = timezone.now()
    if (
        delivery.state != Delivery.State.NEEDS_PERSON
        or post.state != Post.State.APPROVED
        or now >= delivery.latest_useful_at
        or delivery.remote_id
    ):
        raise MoveRefused(delivery, "say_it_is_not_there")
    move(delivery, "say_it_is_not_there", by=by, note=reason)
    again = freeze(
        post,
        delivery.account,
        delivery.text,
        generation=delivery.generation + 1,
        due_at=now,
        latest_useful_at=delivery.latest_useful_at,
    )
    ring()
    return again


@transaction.atomic
def close(delivery: Delivery, *, reason: str, by: User) -> Delivery:
    """It is not online and shall stay so."""
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    if delivery.remote_id:
        raise MoveRefused(delivery, "say_it_is_not_there")
    return move(delivery, "say_it_is_not_there", by=by, note=reason)


@transaction.atomic
def say_gone(delivery: Delivery, *, by: User) -> Delivery:
    """A person removed by hand what the network would not let us take down."""
    delivery = lock(delivery)
    require(can_answer(by, delivery))
    if not delivery.remote_id:
        raise MoveRefused(delivery, "say_it_is_gone")
    return move(delivery, "say_it_is_gone", by=by)
