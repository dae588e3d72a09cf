"""All that staff must have before their eyes to decide about a post, in one object for one template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.moments import said
from portraits.models import Photo, PortraitVersion
from portraits.words import word_diff

from .. import permissions
from ..actions.approving import obstacles
from ..models import Account, Delivery, Named, Post
from ..pictures import Shown, ShownPiece, frozen_for, shown_of
from ..steps import said_steps
from ..views.standing import Standing

Diff = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """One page the post goes to: its text and picture, and how the text differs from what was approved for it last (None:
    never was)."""

    account: Account
    text: str
    shown: Shown | ShownPiece
    diff: Diff | None


class Review:
    """One post before one member of staff. What is posted back are the versions that this shows."""

    def __init__(self, post: Post, user: User, standing: Standing | None = None):
        self.post, self.user, self.portrait = post, user, post.portrait
        self.standing = standing or Standing(post, user)

    @cached_property
    def version(self) -> PortraitVersion | None:
        """The portrait as the post was made from it."""
        return self.post.signed

    @cached_property
    def steps(self) -> list[tuple]:
        return said_steps(self.post.moves.select_related("by"))

    @cached_property
    def consent(self):
        return self.portrait.consent if self.portrait else None

    @cached_property
    def people(self) -> list[Named]:
        return list(self.post.named.all())

    @cached_property
    def places(self) -> list[str]:
        return [str(place.label) for place in self.consent.places] if self.consent else []

    @cached_property
    def _approved(self) -> dict[int, Delivery]:
        """The last delivery of this portrait to each page, from approvals before this version."""
        earlier = (
            Delivery.objects.filter(
                Q(post=self.post) if self.portrait is None else Q(post__portrait=self.portrait)
            )
            .exclude(post=self.post, post_version=self.post.version)
            .select_related("portrait_version__photo")
            .order_by("pk")
        )
        return {delivery.account_id: delivery for delivery in earlier}

    @cached_property
    def last_version(self) -> PortraitVersion | None:
        """The portrait as it was approved last; None the first time."""
        newest = max(self._approved.values(), key=lambda delivery: delivery.pk, default=None)
        return newest.portrait_version if newest else self.portrait and self.portrait.online

    @cached_property
    def pages(self) -> list[Page]:
        frozen = frozen_for(self.post)
        return [
            Page(
                variant.account,
                variant.text,
                shown_of(
                    self.post, self.version, variant.picture, variant.account, frozen.get(variant.account_id)
                ),
                word_diff(self._approved[variant.account_id].text, variant.text)
                if variant.account_id in self._approved
                else None,
            )
            for variant in self.post.variants.select_related("account").order_by("account__network", "pk")
        ]

    @cached_property
    def portrait_diff(self) -> Diff | None:
        """How the portrait's words changed since the last approval; None if they did not, or there was none."""
        if self.last_version is None or self.version is None or self.last_version.pk == self.version.pk:
            return None
        before, after = (
            "\n\n".join(filter(None, [version.title, version.quote, version.text]))
            for version in (self.last_version, self.version)
        )
        return word_diff(before, after) if before != after else None

    @cached_property
    def photo_before(self) -> Photo | None:
        """The photo of the last approval, if it is another one or framed differently."""
        before = self.last_version.photo if self.last_version else None
        now = self.version.photo if self.version else None
        return before if before and now and before.fingerprint != now.fingerprint else None

    @cached_property
    def obstacles(self) -> list[str]:
        return [str(reason) for reason in obstacles(self.post, self.portrait)] if self.is_waiting else []

    @property
    def is_waiting(self) -> bool:
        return self.post.state == Post.State.IN_REVIEW

    @property
    def can_return(self) -> bool:
        return self.post.state in Post.MOVES["return"].sources and permissions.can_return(
            self.user, self.post
        )

    @property
    def can_approve(self) -> bool:
        return self.why_not == "" and not self.obstacles

    @cached_property
    def why_not(self) -> str:
        """Why this person cannot approve this post, whatever it says; empty if they can."""
        if self.post.author_id == self.user.pk:
            return _("You wrote this post: someone else approves it.")
        if permissions.is_about(self.user, self.post):
            return _("This post is about you: someone else approves it.")
        if not self.is_waiting:
            return _("It does not wait for approval: it is “%(state)s”.") % {
                "state": self.post.get_state_display()
            }
        return "" if permissions.can_approve(self.user, self.post) else _("You cannot approve it.")

    @property
    def approve_label(self) -> str:
        if self.post.publish_at is None or self.post.publish_at <= timezone.now():
            return _("Approve: it leaves at once")
        return _("Approve and plan for %(moment)s") % {"moment": said(self.post.publish_at)}

    @property
    def leaves(self) -> str:
        """When it goes out, in words."""
        return said(self.post.publish_at) if self.post.publish_at else _("no moment chosen")
