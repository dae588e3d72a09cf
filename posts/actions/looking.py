"""Reading the pages back: is what we lost sight of online? Is what we published still there? And taking down what must go."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick

from .. import clock
from ..content import ContentChanged, frozen_content
from ..failpoints import reach
from ..models import Attempt, Delivery, Evidence, Stop
from ..networks.base import Content, Found, Outcome
from ..secrecy import UnreadableToken
from . import settling
from .sending import LEASE, Claim, deliver, key_of

log = logging.getLogger(__name__)

TAKE_DOWN_TRIES = 5
AT_ONCE = 20
MARGIN = timedelta(minutes=2)
"""How far the network's clock may be behind ours when we ask for posts made since the intent."""
State = Delivery.State


# Lost sight of ----------------------------------------------------------------------------------


def start_looks(hands) -> int:
    """Claim what is due for a look, as far as hands are free; how many."""
    claims = []
    with transaction.atomic():
        now = clock.now()
        due = Delivery.objects.to_look_for(now).order_by("next_check_at", "pk")
        for delivery in due.select_for_update(skip_locked=True, of=("self",))[: hands.free]:
            held = Claim.of(delivery)
            tick(lock(delivery), "look", claim_token=held.token, lease_until=now + LEASE)
            claims.append(held)
    for held in claims:
        hands.take(look, held)
    return len(claims)


def look(held: Claim) -> None:
    """Look once. Exactly one match settles it; none, and the network knows our key: the same call once more, which cannot
    make a second post; looks used up ask a person."""
    reach("before_look")
    delivery = Delivery.objects.select_related("account", "image", "card").get(pk=held.delivery_id)
    try:
        matches = find_matches(delivery)
    except (Outcome, UnreadableToken) as error:
        log.info("Delivery %s could not be looked for: %r", delivery.pk, error)
        matches = None
    reach("after_look")
    if matches == [] and _may_repeat(delivery):
        deliver(held)
    else:
        _note(held, matches)


def find_matches(delivery: Delivery) -> list[Found]:
    """Our page's posts since the first intent that are this one, and that no other delivery of ours already claims."""
    account = delivery.account
    attempt = delivery.attempts.filter(kind=Attempt.Kind.CREATE).order_by("number").first()
    since = (attempt.intent_at if attempt else delivery.due_at) - MARGIN
    content, credentials = readable_content(delivery), account.credentials()
    found = account.connector.find(content, credentials, key=key_of(delivery), since=since)
    # A post that the network itself named may not be in its lists yet.
    named = set(delivery.evidence.values_list("remote_id", flat=True)) - {post.remote_id for post in found}
    for remote_id in sorted(named):
        post = account.connector.get(remote_id, credentials)
        if post is not None and post.created_at >= since and account.connector.same(content, post):
            found.append(post)
    taken = set(
        Delivery.objects.filter(account=account, remote_id__in=[post.remote_id for post in found])
        .exclude(pk=delivery.pk)
        .values_list("remote_id", flat=True)
    )
    return [post for post in found if post.remote_id not in taken]


def readable_content(delivery: Delivery) -> Content:
    """What was approved; its words alone if the picture cannot be read any more."""
    try:
        return frozen_content(delivery)
    except (ContentChanged, OSError):
        return Content(delivery.text)


def _may_repeat(delivery: Delivery) -> bool:
    """The second look found nothing either, and the network still knows our key."""
    seconds = delivery.account.limits.repeat_seconds
    return (
        delivery.looks > 0
        and seconds > 0
        and delivery.keyed_at is not None
        and clock.now() < delivery.keyed_at + timedelta(seconds=seconds)
        and delivery.account.breaker_until is None
        and not Stop.is_on(delivery.account_id)
    )


def _note(held: Claim, matches: list[Found] | None) -> None:
    with transaction.atomic():
        delivery = lock(Delivery(pk=held.delivery_id))
        now = clock.now()
        for found in matches or []:
            Evidence.objects.create(delivery=delivery, remote_id=found.remote_id, source="look")
        if delivery.claim_token != held.token or delivery.state != State.CHECKING:
            return
        if not matches:
            settling.look_later(delivery, now)
        elif len(matches) == 1:
            settling.confirm(delivery, matches[0].remote_id, matches[0].url, now)
        else:
            twice = _("It seems to be online twice. Please look at the page and remove one.")
            settling.ask(delivery, twice, looks=delivery.looks + 1)


# Published --------------------------------------------------------------------------------------


def start_confirmations(hands) -> int:
    """Read once more what was published a few minutes ago; how many."""
    now = clock.now()
    due = Delivery.objects.to_confirm(now).select_related("account", "image", "card")[
        : min(hands.free, AT_ONCE)
    ]
    done = 0
    for delivery in list(due):
        # Whoever else passes here meanwhile sees a later time to look, and leaves it to us.
        later = now + timedelta(seconds=settings.CONFIRM_AFTER_SECONDS * 2)
        claimed = Delivery.objects.filter(pk=delivery.pk, next_check_at=delivery.next_check_at)
        if claimed.update(next_check_at=later, looks=delivery.looks + 1):
            hands.take(confirm_seen, delivery)
            done += 1
    return done


def confirm_seen(delivery: Delivery) -> None:
    """Is it still there, and there once? Gone at the last look, a person is asked; a page that cannot be read is no proof."""
    try:
        found = delivery.account.connector.get(delivery.remote_id, delivery.account.credentials())
        others = _others(delivery) if found else []
    except (Outcome, UnreadableToken) as error:
        log.info("Delivery %s could not be read back: %r", delivery.pk, error)
        if delivery.looks + 1 >= len(settings.LOOK_AFTER_SECONDS):
            Delivery.objects.filter(pk=delivery.pk, state=State.PUBLISHED).update(next_check_at=None)
        return
    with transaction.atomic():
        delivery = lock(delivery)
        if delivery.state != State.PUBLISHED:
            return
        for post in others:
            Evidence.objects.create(delivery=delivery, remote_id=post.remote_id, source="look")
        if others:
            _miss(delivery, _("It seems to be online twice. Please look at the page and remove one."))
        elif found and len(found.media_ids) < bool(delivery.image_sha256):
            _miss(delivery, _("It is online without its picture. Please look at the page."))
        elif found:
            delivery.confirmed_at, delivery.next_check_at = clock.now(), None
            delivery.save(update_fields=["confirmed_at", "next_check_at"])
        elif delivery.looks >= len(settings.LOOK_AFTER_SECONDS):
            _miss(delivery, _("The network said that it is online, but nobody can see it there."))


def _others(delivery: Delivery) -> list[Found]:
    """Where a person sent it anew: the earlier try, if it has appeared after all."""
    if delivery.generation == 1:
        return []
    first = delivery.post.deliveries.filter(account=delivery.account).order_by("pk").first()
    return (
        [post for post in find_matches(first) if post.remote_id != delivery.remote_id]
        if first.keyed_at
        else []
    )


def _miss(delivery: Delivery, message: str) -> None:
    tick(delivery, "miss", message=message, next_check_at=None)
    settling.tell(delivery)


# Taking down ------------------------------------------------------------------------------------


def start_take_downs(hands) -> int:
    """Remove what must go. Removing is safe to repeat; after five tries a person gets the link."""
    due = Delivery.objects.to_take_down(clock.now()).values_list("pk", flat=True)
    done = 0
    for pk in list(due[: min(hands.free, AT_ONCE)]):
        if (attempt := _claim_take_down(pk)) is not None:
            hands.take(take_down, attempt)
            done += 1
    return done


def _claim_take_down(pk: int) -> Attempt | None:
    with transaction.atomic():
        delivery = lock(Delivery(pk=pk))
        now = clock.now()
        if delivery.state != State.WITHDRAWING or (delivery.next_check_at and delivery.next_check_at > now):
            return None
        # Whoever else passes here meanwhile sees a later time to look, and leaves it to us.
        later = now + settling.backoff(delivery.looks + 3)
        tick(delivery, "take_down_later", looks=delivery.looks + 1, next_check_at=later)
        return Attempt.objects.create(
            delivery=delivery,
            number=delivery.attempts.count() + 1,
            kind=Attempt.Kind.REMOVE,
            claim_token=uuid.uuid4(),
            intent_at=now,
        )


def take_down(attempt: Attempt) -> None:
    account = attempt.delivery.account
    error: Outcome | UnreadableToken | None = None
    try:
        account.connector.remove(attempt.delivery.remote_id, account.credentials())
    except (Outcome, UnreadableToken) as problem:
        error = problem
    with transaction.atomic():
        delivery = lock(attempt.delivery)
        attempt.ended_at = clock.now()
        attempt.outcome = "removed" if error is None else getattr(error, "reason", "unreadable-token")[:50]
        attempt.answer = getattr(error, "answer", "")
        attempt.save(update_fields=["ended_at", "outcome", "answer"])
        if delivery.state != State.WITHDRAWING:
            return
        if error is None:
            tick(delivery, "removed", next_check_at=None, message="")
        elif delivery.looks >= TAKE_DOWN_TRIES:
            by_hand = _("It must be taken down and the network does not let us. Please remove it by hand.")
            settling.ask(delivery, by_hand)
