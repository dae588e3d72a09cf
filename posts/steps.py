"""A post and its deliveries in words: the badge that is derived from both, and what each step is called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inet_comms.moments import said, said_time

from .asked import last_move
from .models import Delivery, DeliveryMove, Post

STEPS = {
    "edit": gettext_lazy("wrote"),
    "ask_student": gettext_lazy("asked for the student’s agreement"),
    "sign": gettext_lazy("agreed to the words"),
    "refuse": gettext_lazy("did not agree"),
    "ask_review": gettext_lazy("asked for approval"),
    "approve": gettext_lazy("approved"),
    "return": gettext_lazy("returned it"),
    "cancel": gettext_lazy("cancelled"),
    "call_off": gettext_lazy("called off: the portrait was changed or withdrawn"),
    "drop": gettext_lazy("dropped: the portrait was withdrawn"),
    "finish": gettext_lazy("everything is settled"),
}
POST_TONES = {
    Post.State.DRAFT: "grey",
    Post.State.TO_SIGN: "amber",
    Post.State.IN_REVIEW: "amber",
    Post.State.APPROVED: "blue",
    Post.State.DONE: "green",
    Post.State.CANCELLED: "grey",
}
DELIVERY_TONES = {
    Delivery.State.SCHEDULED: "blue",
    Delivery.State.HELD: "amber",
    Delivery.State.PREPARING: "blue",
    Delivery.State.SENDING: "blue",
    Delivery.State.PUBLISHED: "green",
    Delivery.State.RETRY_WAIT: "amber",
    Delivery.State.UNCERTAIN: "violet",
    Delivery.State.CHECKING: "violet",
    Delivery.State.NEEDS_PERSON: "violet",
    Delivery.State.NOT_THERE: "red",
    Delivery.State.FAILED: "red",
    Delivery.State.EXPIRED: "red",
    Delivery.State.CANCELLED: "grey",
    Delivery.State.WITHDRAWING: "amber",
    Delivery.State.WITHDRAWN: "grey",
}
ASKING = {Delivery.State.NEEDS_PERSON, Delivery.State.UNCERTAIN, Delivery.State.CHECKING}
NOT_OUT = {Delivery.State.FAILED, Delivery.State.EXPIRED, Delivery.State.NOT_THERE}
ON_ITS_WAY = {Delivery.State.PREPARING, Delivery.State.SENDING}
LEFT = {Delivery.State.SENDING, Delivery.State.PUBLISHED, *ASKING}
"""It is online, or may be."""


@dataclass(frozen=True)
class Badge:
    """For `_parts/state_badge.html`; `url` leads to the page where the post can be read online."""

    label: str | Promise
    tone: str
    url: str = ""


@dataclass(frozen=True)
class OnPage:
    """What became of a post on one page, as the page of the post shows it."""

    delivery: Delivery
    is_former: bool
    """It left, and the post was changed or cancelled since: what is online there is not what the post says now."""

    @property
    def tone(self) -> str:
        """Green once it is taken down as well: that is what was wanted."""
        return (
            "green"
            if self.delivery.state == Delivery.State.WITHDRAWN
            else DELIVERY_TONES[self.delivery.state]
        )

    @property
    def is_online(self) -> bool:
        return self.delivery.state == Delivery.State.PUBLISHED

    @property
    def is_going(self) -> bool:
        return self.delivery.state == Delivery.State.WITHDRAWING

    @property
    def is_asked(self) -> bool:
        """“Did it go out?” has the question."""
        return self.delivery.state in (Delivery.State.NEEDS_PERSON, Delivery.State.HELD)

    @property
    def foreseen(self) -> str:
        """What a check before its time found in the way."""
        return self.delivery.message if self.delivery.state == Delivery.State.SCHEDULED else ""

    @cached_property
    def removed(self) -> DeliveryMove | None:
        """The step that ended it there. Lists should prefetch `moves__by`."""
        return last_move(self.delivery) if self.delivery.state == Delivery.State.WITHDRAWN else None


def on_page(delivery: Delivery) -> OnPage:
    post = delivery.post
    is_changed = post.version != delivery.post_version or post.state == Post.State.CANCELLED
    has_left = delivery.state in LEFT and (
        delivery.state != Delivery.State.NEEDS_PERSON or delivery.may_exist or bool(delivery.remote_id)
    )
    return OnPage(delivery, is_former=is_changed and has_left)


def newest_of_each_page(post: Post) -> list[Delivery]:
    """The delivery that counts today for each page: a later version or a new try stands for the earlier ones."""
    by_page: dict[int, Delivery] = {}
    for delivery in sorted(post.deliveries.all(), key=lambda d: (d.post_version, d.generation)):
        by_page[delivery.account_id] = delivery
    return list(by_page.values())


def badge(post: Post, *, with_moment: bool = True) -> Badge:
    """What people decided and what happened on the pages, as one state. `post.deliveries` should be prefetched.

    `with_moment`: an approved one says for when, where it is not said beside it.
    """
    deliveries = newest_of_each_page(post)
    states = {delivery.state for delivery in deliveries}
    if states & ASKING:
        return Badge(_("to be checked"), "violet")
    if Delivery.State.WITHDRAWING in states:
        return Badge(_("being taken down"), "amber")
    online = [delivery for delivery in deliveries if delivery.state == Delivery.State.PUBLISHED]
    if post.state not in (Post.State.APPROVED, Post.State.DONE):
        if online:
            return Badge(_("online all the same"), "amber", online[0].url)
        return Badge(post.get_state_display(), POST_TONES[post.state])
    if Delivery.State.HELD in states:
        return Badge(_("held back"), "amber")
    if states & NOT_OUT:
        return Badge(_("did not go out"), "red")
    if states & ON_ITS_WAY:
        return Badge(_("on its way"), "blue")
    for delivery in deliveries:
        if delivery.state == Delivery.State.RETRY_WAIT:
            return Badge(_("will be tried again at %(time)s") % {"time": said_time(delivery.due_at)}, "amber")
    if post.state == Post.State.APPROVED and with_moment:
        return Badge(_("approved for %(moment)s") % {"moment": said(post.publish_at)}, "blue")
    if online:
        return Badge(_("online"), "green", online[0].url)
    if Delivery.State.WITHDRAWN in states:
        return Badge(_("taken down"), "grey")
    return Badge(post.get_state_display(), POST_TONES[post.state])


def said_steps(moves) -> list[tuple]:
    """(what was done, the move) for `_parts/history.html`, newest first."""
    return [(STEPS[move.name], move) for move in reversed(moves)]
