"""What waits for one person about posts: to approve, to finish, to sign, to answer for, and pages to connect again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts import kinds
from cohorts.models import CommsMember, User
from cohorts.permissions import is_staff
from cohorts.todo import Todo, Urgency, by_age, by_moment, keys
from portraits.models import Portrait, PortraitMove
from portraits.todo import theirs

from .actions.reminding import REMINDERS
from .actions.upkeep import end_of
from .condition import SOON
from .models import Account, Delivery, DeliveryMove, Post, PostMove, Proposal
from .querysets import is_about

State = Delivery.State
CAME_BACK = ("return", "refuse", "call_off")


def todos(user: User, now: datetime) -> Iterator[Todo]:
    """The same number of queries however much waits."""
    if is_staff(user):
        yield from _to_approve(user, now)
        yield from _pages(now)
    if user.comms_promotion_ids:
        yield from _drafts(user, now)
        yield from _to_prepare(user, now)
        yield from _proposals(user, now)
    if is_staff(user) or user.comms_promotion_ids:
        yield from _questions(user, now)
    if user.as_student:
        yield from _to_sign(user, now)


def counted(user: User, now: datetime) -> list[QuerySet]:
    """The same things as (area, key), to be counted together with those of others. Questions are apart: `asking`."""
    found = []
    if is_staff(user):
        found += [keys("to_approve", to_approve(user)), keys("pages", pages(now))]
    if user.comms_promotion_ids:
        found += [keys("drafts", drafts(user)), keys("to_prepare", to_prepare(user))]
        found.append(keys("proposals", Proposal.objects.waiting_for(user)))
    if user.as_student:
        found.append(keys("to_sign", Post.objects.to_be_signed_by(user)))
    return found


def asking(user: User) -> QuerySet[Delivery]:
    """All the questions on this person's desk, each with whether it waits for them (`waits`)."""
    last = DeliveryMove.objects.filter(record=OuterRef("pk")).order_by("-pk")
    rows = Delivery.objects.for_desk(user).awaiting_someone()
    rows = rows.annotate(came_from=Subquery(last.values("source")[:1]), since=Subquery(last.values("at")[:1]))
    everybodys = Q(responsible=None) | Q(reminders__gte=REMINDERS) | _must_go()
    return rows.annotate(waits=Case(When(everybodys | Q(responsible=user), then=Value(1)), default=Value(0)))


def _must_go() -> Q:
    """As `asked.asked` says of one."""
    return Q(state=State.NEEDS_PERSON, came_from=State.WITHDRAWING)


def to_approve(user: User) -> QuerySet[Post]:
    """As `permissions.can_approve` says of one."""
    own = Post.objects.filter(Q(author=user) | is_about(user)).values("pk")
    return Post.objects.waiting_for_review().exclude(pk__in=own)


def drafts(user: User) -> QuerySet[Post]:
    """Those of this person, and of authors who are not in the group any more."""
    mandates = CommsMember.objects.active().filter(
        student__user=OuterRef("author"), student__promotion=OuterRef("promotion")
    )
    rows = Post.objects.filter(promotion__in=user.comms_promotion_ids, state=Post.State.DRAFT)
    return rows.filter(Q(author=user) | ~Exists(mandates))


def to_prepare(user: User) -> QuerySet[Portrait]:
    """Signed, and nobody has begun a post."""
    begun = Post.objects.filter(portrait=OuterRef("pk"), state__in=Post.OPEN)
    return theirs(user).filter(~Exists(begun), state=Portrait.State.SIGNED)


def pages(now: datetime) -> QuerySet[Account]:
    """As `upkeep.end_of` says of one: must be connected again, or must be soon."""
    renewed = ~Q(refresh_token="")
    ends = Q(refresh_token="", expires_at__lte=now + SOON) | (renewed & Q(refresh_expires_at__lte=now + SOON))
    return Account.objects.filter(Q(needs_reconnect=True) | (ends & ~Q(token="")))


def _to_approve(user: User, now: datetime) -> Iterator[Todo]:
    last = PostMove.objects.filter(record=OuterRef("pk")).order_by("-pk").values("at")[:1]
    rows = to_approve(user).select_related("portrait__student", "piece").annotate(since=Subquery(last))
    for post in rows:
        urgency = by_moment(post.publish_at, now)
        yield Todo(
            kinds.TO_APPROVE_SOON if urgency == Urgency.NOW else kinds.TO_APPROVE,
            _("%(post)s: a post awaits your approval.") % {"post": post},
            _("Read and decide"),
            reverse("admin:posts_post_review", args=[post.pk]),
            post.since or post.created_at,
            urgency,
            post.publish_at,
        )


def _drafts(user: User, now: datetime) -> Iterator[Todo]:
    last = PostMove.objects.filter(record=OuterRef("pk")).order_by("-pk")
    rows = drafts(user).select_related("portrait__student", "piece")
    rows = rows.annotate(step=Subquery(last.values("name")[:1]), since=Subquery(last.values("at")[:1]))
    for post in rows:
        came_back = post.step in CAME_BACK
        since = post.since or post.created_at
        urgency = min(by_moment(post.publish_at, now), Urgency.SOON if came_back else by_age(since, now))
        yield Todo(
            kinds.RETURNED if came_back else kinds.DRAFTS,
            _draft_sentence(post.step) % {"post": post},
            _("Edit the post") if came_back else _("Finish the post"),
            post.get_absolute_url(),
            since,
            urgency,
            post.publish_at,
        )


def _draft_sentence(step: str | None) -> str:
    return {
        "return": _("%(post)s: the staff return the post."),
        "refuse": _("%(post)s: the student does not agree with the post."),
        "call_off": _("%(post)s: something has changed, look at the post again."),
    }.get(step, _("%(post)s: the post is not finished."))


def _to_prepare(user: User, now: datetime) -> Iterator[Todo]:
    last = PortraitMove.objects.filter(record=OuterRef("pk")).order_by("-pk").values("at")[:1]
    for portrait in to_prepare(user).select_related("student").annotate(since=Subquery(last)):
        yield Todo(
            kinds.SIGNED,
            _("%(name)s has signed: a post can be prepared.") % {"name": portrait.student},
            _("Prepare the post"),
            reverse("studio", args=[portrait.pk]),
            portrait.since,
            by_age(portrait.since, now),
        )


def _proposals(user: User, now: datetime) -> Iterator[Todo]:
    for proposal in Proposal.objects.waiting_for(user).select_related("student"):
        yield Todo(
            kinds.PROPOSALS,
            _("%(name)s proposes: “%(title)s”") % {"name": proposal.student, "title": proposal},
            _("Read the proposal"),
            f"{reverse('proposals')}#proposition-{proposal.pk}",
            proposal.sent_at,
            by_age(proposal.sent_at, now),
        )


def _to_sign(user: User, now: datetime) -> Iterator[Todo]:
    last = PostMove.objects.filter(record=OuterRef("pk")).order_by("-pk").values("at")[:1]
    for post in Post.objects.to_be_signed_by(user).annotate(since=Subquery(last)):
        yield Todo(
            kinds.OWN,
            _("A post about you needs your agreement."),
            _("Read the post"),
            reverse("post_words", args=[post.pk]),
            post.since or post.created_at,
            min(by_moment(post.publish_at, now), Urgency.SOON),
            post.publish_at,
        )


def _questions(user: User, now: datetime) -> Iterator[Todo]:
    for delivery in (
        asking(user).filter(waits=1).select_related("post__portrait__student", "post__piece", "account")
    ):
        must_go = delivery.state == State.NEEDS_PERSON and delivery.came_from == State.WITHDRAWING
        is_late = delivery.answer_by is not None and delivery.answer_by <= now
        yield Todo(
            _question_kind(delivery, must_go),
            _question_sentence(delivery, must_go) % {"post": delivery.post, "page": delivery.account},
            _("Look and answer"),
            f"{reverse('did_it_go_out')}#envoi-{delivery.pk}",
            delivery.since or delivery.due_at,
            Urgency.NOW if is_late or delivery.state == State.NEEDS_PERSON else Urgency.SOON,
            delivery.answer_by,
        )


def _question_kind(delivery: Delivery, must_go: bool) -> kinds.Kind:
    if must_go:
        return kinds.WITHDRAWAL
    return kinds.UNANSWERED if delivery.reminders >= REMINDERS else kinds.QUESTION


def _question_sentence(delivery: Delivery, must_go: bool) -> str:
    if must_go:
        return _("%(post)s is online on %(page)s and must be taken down by hand.")
    return {
        State.NEEDS_PERSON: _("%(post)s on %(page)s: did it go out?"),
        State.HELD: _("%(post)s is held back on %(page)s: does it still leave?"),
    }.get(delivery.state, _("%(post)s did not go out on %(page)s: say what becomes of it."))


def _pages(now: datetime) -> Iterator[Todo]:
    for account in pages(now):
        end = end_of(account)
        ended = account.needs_reconnect
        sentence = (
            _("%(page)s must be connected again: nothing goes out there.")
            if ended
            else _("%(page)s must be connected again before our access ends.")
        )
        urgency = Urgency.NOW if ended else by_moment(end, now)
        yield Todo(
            kinds.ACCESS_ENDED if urgency == Urgency.NOW else kinds.ACCESS_ENDS,
            sentence % {"page": account},
            _("See the accounts"),
            reverse("accounts"),
            None,
            urgency,
            None if ended else end,
        )
