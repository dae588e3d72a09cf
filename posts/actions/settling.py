"""What the clock writes after a call, or when time alone decides: settle, sweep, expire, call off, finish."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick
from portraits import actions as portrait_actions
from portraits.models import Place, Portrait

from .. import clock, mails
from ..failpoints import reach
from ..models import Attempt, Delivery, Evidence, Post, Upkeep
from ..networks.base import Duplicate, NeedsReconnect, Outcome, Published, Refused, Unknown
from ..steps import on_page
from . import pacing, reminding, upkeep

log = logging.getLogger(__name__)

CLAIMS_WITHOUT_PROGRESS = 5
"""Workers die for other reasons too: fewer would set innocents aside."""
INTERRUPTED = "interrupted"
State = Delivery.State


def settle(held, attempt: Attempt, answer: Published | Outcome, first_byte_at: datetime | None) -> None:
    """Write down what the network said. If the claim was lost meanwhile, only evidence is left; nobody's state is touched."""
    reach("before_settle")
    with transaction.atomic():
        delivery = lock(Delivery(pk=held.delivery_id))
        now = clock.now()
        attempt.first_byte_at, attempt.ended_at = first_byte_at, now
        attempt.outcome = "published" if isinstance(answer, Published) else answer.reason[:50]
        attempt.answer = answer.answer
        attempt.save(update_fields=["first_byte_at", "ended_at", "outcome", "answer"])
        if isinstance(answer, (Published, Duplicate)) and answer.remote_id:
            source = "answer" if isinstance(answer, Published) else "duplicate"
            Evidence.objects.create(delivery=delivery, remote_id=answer.remote_id, source=source)
        pacing.learn(delivery.account_id, answer, now)
        if delivery.claim_token != held.token or delivery.state != State.SENDING:
            log.warning("Delivery %s was answered after its claim was lost", delivery.pk)
            return
        if isinstance(answer, Published):
            confirm(delivery, answer.remote_id, answer.url, now)
        elif isinstance(answer, (Unknown, Duplicate)) or delivery.may_exist:
            # Whatever this try met, an earlier one may be online: it is looked for, never sent anew by itself.
            lose_sight(delivery, now, str(answer.message))
            _note_reconnect(delivery, answer)
        elif isinstance(answer, Refused):
            _fail(delivery, answer)
        else:
            _retry(delivery, answer, now)


def settle_unsent(held, outcome: Outcome) -> None:
    """The upload did not succeed: nothing new can be online, whatever was answered."""
    with transaction.atomic():
        delivery = lock(Delivery(pk=held.delivery_id))
        if delivery.claim_token != held.token or delivery.state not in (State.PREPARING, State.CHECKING):
            return
        now = clock.now()
        pacing.learn(delivery.account_id, outcome, now)
        if delivery.state == State.CHECKING:
            look_later(delivery, now)
            _note_reconnect(delivery, outcome)
        elif isinstance(outcome, Refused):
            _fail(delivery, outcome)
        else:
            _retry(delivery, outcome, now)


def ask(delivery: Delivery, message: str, **changes) -> None:
    """A person must say what to do (inside the caller's transaction, `delivery` locked)."""
    tick(delivery, "ask", message=message, claim_token=None, lease_until=None, next_check_at=None, **changes)
    tell(delivery)


def tell(delivery: Delivery) -> None:
    """Somebody answers for it from now on, and hears of it."""
    reminding.assign(delivery)
    transaction.on_commit(lambda: mails.question(delivery))


def confirm(delivery: Delivery, remote_id: str, url: str, now: datetime) -> None:
    """It is online, and we hold its identifier (inside the caller's transaction, `delivery` locked)."""
    tick(
        delivery,
        "confirm",
        remote_id=remote_id,
        # From outside, and linked: nothing but the web.
        url=url if url.startswith(("https://", "http://")) else "",
        published_at=now,
        message="",
        claim_token=None,
        lease_until=None,
        looks=0,
        next_check_at=now + timedelta(seconds=settings.CONFIRM_AFTER_SECONDS),
    )
    if on_page(delivery).is_former:
        transaction.on_commit(lambda: mails.left_before_the_change(delivery))


def lose_sight(delivery: Delivery, now: datetime, message: str) -> None:
    """It may be online: look at the page at set times, never send again (inside the caller's transaction)."""
    tick(
        delivery,
        "lose_sight",
        message=message,
        claim_token=None,
        lease_until=None,
        may_exist=True,
        looks=0,
        next_check_at=now + timedelta(seconds=settings.LOOK_AFTER_SECONDS[0]),
    )


def look_later(delivery: Delivery, now: datetime) -> None:
    """Not found yet, or the page could not be read: the next look, or a person if there is none (inside the caller's transaction)."""
    looks = delivery.looks + 1
    if looks < len(settings.LOOK_AFTER_SECONDS):
        tick(
            delivery,
            "look_later",
            claim_token=None,
            lease_until=None,
            looks=looks,
            next_check_at=now + timedelta(seconds=settings.LOOK_AFTER_SECONDS[looks]),
        )
    else:
        ask(
            delivery,
            _("We looked at the page several times and cannot tell whether it is online."),
            looks=looks,
        )


def give_back(delivery: Delivery, now: datetime, note: str = "") -> None:
    """Not now: back in line, or back among those that are looked for (inside the caller's transaction)."""
    if delivery.state == State.CHECKING:
        look_later(delivery, now)
    else:
        tick(delivery, "give_back", note=note, claim_token=None, lease_until=None)


def call_off(delivery: Delivery, now: datetime) -> None:
    """It must not leave any more. What may be online already is still looked for (inside the caller's transaction)."""
    if delivery.state == State.CHECKING:
        look_later(delivery, now)
    else:
        message = _("It was changed, returned or withdrawn before it left.")
        tick(delivery, "call_off", message=message, claim_token=None, lease_until=None)


def backoff(tries: int) -> timedelta:
    """20 s doubling to 15 min, each half to one and a half times as long, so that workers do not march in step."""
    return timedelta(seconds=min(900, 20 * 2**tries) * random.uniform(0.5, 1.5))


def _fail(delivery: Delivery, outcome: Refused) -> None:
    tick(delivery, "fail", message=str(outcome.message), claim_token=None, lease_until=None)
    reminding.assign(delivery)
    transaction.on_commit(lambda: mails.not_out(delivery))


def _retry(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    wait = (
        timedelta(seconds=outcome.retry_after) if outcome.retry_after is not None else backoff(delivery.tries)
    )
    tick(
        delivery,
        "retry_later",
        message=str(outcome.message),
        due_at=max(delivery.due_at, now + wait),
        tries=delivery.tries + 1,
        claim_token=None,
        lease_until=None,
    )
    _note_reconnect(delivery, outcome)


def _note_reconnect(delivery: Delivery, outcome: Outcome) -> None:
    """The page's access is over: renewed if it merely ran out and can be, else a person connects it again."""
    if not isinstance(outcome, NeedsReconnect):
        return
    account = delivery.account
    if outcome.reason == "token-expired" and account.refresh_token:
        Upkeep.objects.filter(account=account).update(renew_at=clock.now())
    else:
        upkeep.ask_to_reconnect(account, str(outcome.message))


# What time alone decides ------------------------------------------------------------------------


def sweep(now: datetime) -> int:
    """Claims whose worker died or froze: before the intent they go back in line, after it someone looks at the page."""
    done = 0
    for pk in list(Delivery.objects.abandoned(now).values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            delivery = lock(Delivery(pk=pk))
            if delivery.lease_until is None or delivery.lease_until > clock.now():
                continue
            if delivery.state == State.SENDING:
                lose_sight(delivery, now, _("The sending was interrupted. The page is being looked at."))
            elif delivery.state == State.CHECKING:
                look_later(delivery, now)
            elif delivery.state == State.PREPARING:
                _give_back(delivery, now)
            done += 1
    return done


def _give_back(delivery: Delivery, now: datetime) -> None:
    """One that takes its worker down each time is set aside, so that the others flow."""
    if delivery.moves.filter(name="give_back", note=INTERRUPTED).count() + 1 >= CLAIMS_WITHOUT_PROGRESS:
        ask(delivery, _("Its preparation was interrupted several times. Nothing was sent."))
    else:
        give_back(delivery, now, note=INTERRUPTED)


def expire(now: datetime) -> int:
    """Too late to be of use: it does not leave any more."""
    done = 0
    for pk in list(Delivery.objects.overdue(now).values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            delivery = lock(Delivery(pk=pk))
            if delivery.state in Delivery.WAITING and delivery.latest_useful_at <= clock.now():
                tick(
                    delivery,
                    "expire",
                    message=_("It could not leave in time, and a late post is worse than none."),
                )
                reminding.assign(delivery)
                transaction.on_commit(lambda delivery=delivery: mails.not_out(delivery))
                done += 1
    return done


def call_off_stale() -> int:
    """Posts whose portrait was edited, withdrawn or lapsed since: what waited is called off, the decision is void."""
    stale = (
        Post.objects.filter(state__in=Post.OPEN)
        .exclude(state=Post.State.DRAFT, portrait__consent__isnull=False)
        .filter(
            Q(portrait__consent__isnull=True)
            | ~Q(portrait__state__in=Portrait.KEYED)
            | ~Q(portrait__signed_version=F("portrait_version"))
        )
    )
    done = 0
    for pk, portrait_id in list(stale.values_list("pk", "portrait_id")[:200]):
        with transaction.atomic():
            portrait = lock(Portrait(pk=portrait_id))
            post = lock(Post(pk=pk))
            if post.is_current or post.state not in Post.OPEN:
                continue
            for delivery in post.deliveries.filter(state__in=Delivery.WAITING):
                tick(lock(delivery), "call_off", message=_("The portrait was changed or withdrawn."))
            void = {"approved_version": None, "approved_by": None, "approved_at": None}
            if portrait.state == Portrait.State.WITHDRAWN:
                tick(post, "drop", **void)
            elif post.state != Post.State.DRAFT:
                tick(post, "call_off", **void)
            else:
                continue
            done += 1
    return done


def put_portraits_online() -> int:
    """Approved posts whose time has come and whose student allows the gallery: the portrait appears there."""
    now = clock.now()
    due = Post.objects.filter(
        state=Post.State.APPROVED,
        publish_at__lte=now,
        latest_useful_at__gt=now,
        portrait__state=Portrait.State.SIGNED,
        portrait__consent__gallery=True,
    )
    return sum(publish_portrait(post) for post in list(due[:200]))


def publish_portrait(post: Post) -> bool:
    """The portrait of an approved post becomes public, unless something changed in the meantime."""
    with transaction.atomic():
        portrait = lock(Portrait(pk=post.portrait_id))
        post = lock(post)
        if (
            post.state not in (Post.State.APPROVED, Post.State.DONE)
            or portrait.state != Portrait.State.SIGNED
            or not post.is_current
        ):
            return False
        portrait_actions.publish(portrait)
        return True


def take_down_unconsented() -> int:
    """What is online on a network that the student's consent does not name any more."""
    gone = Q()
    for place in Place:
        if place is not Place.GALLERY:
            gone |= Q(account__network=place.value) & (
                Q(post__portrait__consent__isnull=True)
                | Q(**{f"post__portrait__consent__{place.value}": False})
            )
    done = 0
    for pk in list(Delivery.objects.filter(gone, state=State.PUBLISHED).values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            delivery = lock(Delivery(pk=pk))
            if delivery.state == State.PUBLISHED:
                tick(delivery, "take_down", next_check_at=clock.now(), looks=0)
                done += 1
    return done


def finish_posts() -> int:
    """Approved posts with nothing left to do: every page has its answer and the portrait is where it may be."""
    open_deliveries = Delivery.objects.filter(state__in=Delivery.UNSETTLED).values("post_id")
    candidates = Post.objects.filter(state=Post.State.APPROVED, publish_at__lte=clock.now()).exclude(
        pk__in=open_deliveries
    )
    done = 0
    for post in list(candidates.select_related("portrait")[:200]):
        if post.deliveries.filter(state=State.PUBLISHED).exists():
            publish_portrait(post)
        with transaction.atomic():
            post = lock(post)
            if (
                post.state == Post.State.APPROVED
                and not post.deliveries.filter(state__in=Delivery.UNSETTLED).exists()
            ):
                tick(post, "finish")
                done += 1
    return done
