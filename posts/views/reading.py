"""All that the comms group and the student must have before their eyes about one post, in one object for one template."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.moments import next_mornings, said
from portraits import sketches
from portraits.models import PortraitVersion
from portraits.words import word_diff

from .. import permissions, words
from ..actions.writing import may_draft, pages_for, taken_pages
from ..forms.writing import PostForm
from ..models import Account, ChannelPolicy, Delivery, Picture, Post, Variant
from ..networks.base import Problem
from ..pictures import Shown, frozen_for
from ..policy import Sheet, has_picture, policies_for
from ..slots import Occasion, held_by, next_free
from ..steps import OnPage, badge, newest_of_each_page, on_page, said_steps
from .standing import Standing, said_as_typed


@dataclass
class PageSheet:
    """One page beside the words for it: what is typed, what goes with it, how long the network counts it, what it would refuse."""

    account: Account
    use: object
    text: object
    picture: object
    shown: Shown
    length: int
    problems: list[str]
    warnings: list[str]
    beyond: list[str]
    change: list[tuple[str, str]] | None = None
    """Word by word from what is saved to what is typed, where someone else saved in between."""
    rule: ChannelPolicy | None = None
    rulings: list[str] = field(default_factory=list)
    """What the school's rules say about what is typed, and what to do instead."""


class Reading:
    """One post, as `user` may read and move it. `form` is the bound form after an error, else a fresh one; so is `standing`."""

    def __init__(
        self,
        post: Post,
        user: User,
        form: PostForm | None = None,
        *,
        is_stale: bool = False,
        standing: Standing | None = None,
    ):
        self.post, self.user, self.is_stale = post, user, is_stale
        self.portrait = post.portrait
        self.student = post.portrait.student if post.portrait else None
        self.form = form or PostForm(post, accounts_for(post))
        self.standing = standing or Standing(post, user)

    @property
    def can_write(self) -> bool:
        return permissions.can_write(self.user, self.post) and self.post.state in Post.OPEN

    @cached_property
    def version(self) -> PortraitVersion | None:
        """The portrait as it stands, which is what the student signed, or must sign first."""
        found = self.portrait.versions.select_related(*sketches.NEEDED)
        return found.filter(number=self.portrait.version).first()

    @cached_property
    def known(self) -> str:
        """The words that the student signed, to compare with."""
        return words.signed_words(self.version, self.student) if self.version else ""

    def shown(self, account: Account, picture: str | None) -> Shown:
        """`picture` as it was typed: what is none of those offered is shown as the photo."""
        known = picture if picture in Picture.values else Picture.PHOTO
        return Shown(self.version, known, account, self.frozen.get(account.pk))

    @cached_property
    def frozen(self) -> dict[int, Delivery]:
        return frozen_for(self.post)

    @cached_property
    def variants(self) -> list[tuple[Variant, Shown]]:
        """What is saved for each page, with its picture."""
        return [
            (variant, self.shown(variant.account, variant.picture)) for variant in self.post.variants.all()
        ]

    @cached_property
    def pages(self) -> list[PageSheet]:
        saved = {variant.account_id: variant.text for variant in self.post.variants.all()}
        return [self._sheet(page, saved) for page in self.form.pages]

    def _sheet(self, page, saved: dict[int, str]) -> PageSheet:
        text, connector = page.text.value() or "", page.account.connector
        is_used = page.use.value()
        shown = self.shown(page.account, page.picture.value() if page.picture else None)
        return PageSheet(
            page.account,
            page.use,
            page.text,
            page.picture,
            shown,
            length=connector.length(text.strip(), page.account.limits),
            problems=problems(text, shown) if is_used else [],
            warnings=warnings(text, shown) if is_used else [],
            beyond=words.beyond(text, self.known) if is_used else [],
            change=word_diff(saved.get(page.account.pk, ""), text.replace("\r\n", "\n"))
            if self.is_stale
            else None,
            rule=self._rules.get(page.account.pk),
            rulings=self._typed.get(page.account.pk, [])
            if self.form.is_bound
            else self.standing.said_beside(page.account.pk),
        )

    @cached_property
    def _rules(self) -> dict[int, ChannelPolicy]:
        return policies_for([page.account for page in self.form.pages])

    @cached_property
    def _typed(self) -> dict[int, list[str]]:
        """What the school's rules say about the pages that are ticked, as they are typed."""
        used = [page for page in self.form.pages if page.use.value()]
        moment = self.form.moment
        return said_as_typed(
            self.post,
            [Sheet(page.account, page.text.value() or "", has_picture(self.post), moment) for page in used],
        )

    @cached_property
    def passages(self) -> list[str]:
        """What the saved words say beyond the signed ones."""
        return self.post.unsigned_passages()

    @property
    def needs_student(self) -> bool:
        return bool(self.passages) and self.post.student_signed_version != self.post.version

    @cached_property
    def obstacles(self) -> list[str]:
        """What the group must still do before it can ask anybody, in sentences."""
        post, portrait = self.post, self.portrait
        if not portrait.is_signed:
            return [
                _("%(name)s must sign the portrait first: it was changed since.")
                % {"name": self.student.first_name}
            ]
        found = []
        if post.portrait_version != portrait.version:
            found.append(
                _("The portrait was changed and signed anew since: read the text again and save it.")
            )
        if post.publish_at is None:
            found.append(_("Choose the day and the time, and save."))
        elif post.publish_at <= timezone.now():
            found.append(_("The moment has passed: choose a new one, and save."))
        if not self.variants and not portrait.consent.allows("gallery"):
            found.append(_("It goes nowhere yet: tick a page, and save."))
        taken = taken_pages(portrait, post)
        for variant, shown in self.variants:
            if variant.account_id in taken:
                found.append(
                    _(
                        "It is, or may be, on %(page)s already: look under “Did it go out?” first, or leave that page out and save."
                    )
                    % {"page": variant.account}
                )
            if not portrait.consent.allows(variant.account.network):
                found.append(
                    _("%(name)s does not allow %(page)s: leave that page out, and save.")
                    % {"name": self.student.first_name, "page": variant.account}
                )
            if not variant.account.is_ready:
                found.append(
                    _("%(page)s must be connected again: ask the staff.") % {"page": variant.account}
                )
            found += problems(variant.text, shown)
        return found + self.standing.to_settle

    @cached_property
    def deliveries(self) -> list[OnPage]:
        """The one that counts today for each page."""
        return [on_page(delivery) for delivery in newest_of_each_page(self.post)]

    @property
    def is_waiting(self) -> bool:
        """Something of it still leaves at its moment, if only for the gallery."""
        states = {row.delivery.state for row in self.deliveries}
        return not states or bool(states & {*Delivery.DUE, Delivery.State.PREPARING})

    @property
    def online_pages(self) -> int:
        return sum(row.is_online for row in self.deliveries)

    @property
    def is_going(self) -> bool:
        """Something of it is being taken down right now."""
        return any(row.is_going for row in self.deliveries)

    @property
    def badge(self):
        return badge(self.post)

    @property
    def steps(self):
        return said_steps(self.moves)

    @cached_property
    def moves(self) -> list:
        return list(self.post.moves.all())

    @property
    def returned(self):
        """The move that gave the post back to the group with words, while nobody was asked again."""
        if self.post.state != Post.State.DRAFT:
            return None
        asked = [move for move in self.moves if move.name != "edit"]
        return asked[-1] if asked and asked[-1].name in ("refuse", "return") else None

    @property
    def can_begin_again(self) -> bool:
        """This post is settled, something of it did not go out, and another one can be begun."""
        return (
            permissions.can_write(self.user, self.post)
            and self.post.state in (Post.State.DONE, Post.State.CANCELLED)
            and may_draft(self.portrait)
        )

    @property
    def mornings(self):
        """The next weekday mornings on which none of the school's posts goes out yet."""
        planned = Post.objects.filter(
            state__in=[*Post.OPEN, Post.State.DONE], publish_at__gt=timezone.now()
        ).exclude(pk=self.post.pk)
        taken = {timezone.localtime(moment).date() for moment in planned.values_list("publish_at", flat=True)}
        return next_mornings(taken)

    @cached_property
    def slot(self) -> Occasion | None:
        """The slot that it has taken."""
        return held_by(self.post)

    @cached_property
    def next_slot(self) -> Occasion | None:
        """The next free one that it could take."""
        return next_free(self.post)

    @property
    def student_key(self) -> str:
        if self.post.state == Post.State.TO_SIGN:
            return _("Waits for the agreement of %(name)s.") % {"name": self.student.first_name}
        if self.needs_student:
            return _("The words go beyond what %(name)s signed.") % {"name": self.student.first_name}
        if not self.student_key_turned:
            return _("The portrait was changed since.")
        return _("Signed on %(moment)s.") % {"moment": said(self.portrait.consent.given_at)}

    @property
    def student_key_turned(self) -> bool:
        return self.post.is_current and not self.needs_student

    @property
    def staff_key(self) -> str:
        if not self.staff_key_turned:
            return _("Not approved yet.")
        return _("Approved by %(name)s on %(moment)s.") % {
            "name": self.post.approved_by,
            "moment": said(self.post.approved_at),
        }

    @property
    def staff_key_turned(self) -> bool:
        return self.post.approved_version == self.post.version


def accounts_for(post: Post) -> list[Account]:
    """The pages that this post may go to, and those that a variant was already written for."""
    written = {variant.account_id for variant in post.variants.all()}
    if post.portrait is None:
        return list(Account.objects.all())
    may_go = {account.pk for account in pages_for(post.portrait)}
    return [account for account in Account.objects.all() if account.pk in written | may_go]


def problems(text: str, shown: Shown) -> list[str]:
    """What the network would refuse, offline, and why a card cannot be drawn, as sentences."""
    found = [str(problem.message) for problem in _checked(text, shown) if not problem.is_warning]
    return found + [shown.trouble] if shown.trouble else found


def warnings(text: str, shown: Shown) -> list[str]:
    """What can go out and should be known before (what it costs, for example), as sentences."""
    return [str(problem.message) for problem in _checked(text, shown) if problem.is_warning]


def _checked(text: str, shown: Shown) -> list[Problem]:
    return shown.account.connector.check(shown.content(text.strip()), shown.account.limits)
