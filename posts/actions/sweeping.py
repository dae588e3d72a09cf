"""What time alone decides: claims that were abandoned, what came too late, decisions that became void, posts that are finished."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock, tick
from portraits import actions as portrait_actions
from portraits.models import Appearance, Consent, Place, Portrait

from .. import clock, mails
from ..models import Delivery, Post
from . import reminding, settling

CLAIMS_WITHOUT_PROGRESS = 5
"""Workers die for other reasons too: fewer would set innocents aside."""
INTERRUPTED = "interrupted"
State = Delivery.State


def sweep(now: datetime) -> int:
    """Claims whose worker died or froze: before the intent they go back in line, after it someone looks at the page."""
    done = 0
    for pk in list(Delivery.objects.abandoned(now).values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            delivery = lock(Delivery(pk=pk))
            if delivery.lease_until is None or delivery.lease_until > clock.now():
                continue
            if delivery.state == State.SENDING:
                settling.lose_sight(
                    delivery, now, _("The sending was interrupted. The page is being looked at.")
                )
            elif delivery.state == State.CHECKING:
                settling.look_later(delivery, now)
            elif delivery.state == State.PREPARING:
                _give_back(delivery, now)
            done += 1
    return done


def _give_back(delivery: Delivery, now: datetime) -> None:
    """One that takes its worker down each time is set aside, so that the others flow."""
    if delivery.moves.filter(name="give_back", note=INTERRUPTED).count() + 1 >= CLAIMS_WITHOUT_PROGRESS:
        settling.ask(delivery, _("Its preparation was interrupted several times. Nothing was sent."))
    else:
        settling.give_back(delivery, now, note=INTERRUPTED)


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
    """Posts whose portrait was edited, withdrawn or lapsed since, or whose card names somebody as they are not called any
    more: what waited is called off, the decision is void."""
    stale = (
        Post.objects.filter(state__in=Post.OPEN, portrait__isnull=False)
        .exclude(state=Post.State.DRAFT, portrait__consent__isnull=False)
        .filter(
            Q(portrait__consent__isnull=True)
            | ~Q(portrait__state__in=Portrait.KEYED)
            | ~Q(portrait__signed_version=F("portrait_version"))
            | Exists(Delivery.objects.misnamed().filter(post=OuterRef("pk")))
        )
    )
    done = 0
    for pk, portrait_id in list(stale.values_list("pk", "portrait_id")[:200]):
        with transaction.atomic():
            portrait = lock(Portrait(pk=portrait_id))
            post = lock(Post(pk=pk))
            is_misnamed = post.deliveries.misnamed().exists()
            if post.state not in Post.OPEN or (post.is_current and not is_misnamed):
                continue
            for delivery in post.deliveries.filter(state__in=Delivery.WAITING):
                tick(lock(delivery), "call_off", message=_why_void(is_misnamed and post.is_current))
            void = {"approved_version": None, "approved_by": None, "approved_at": None}
            if portrait.state == Portrait.State.WITHDRAWN:
                tick(post, "drop", **void)
            elif post.state != Post.State.DRAFT:
                tick(post, "call_off", **void)
            else:
                continue
            done += 1
    return done


def _why_void(is_misnamed: bool) -> str:
    if is_misnamed:
        return _("A name on its card has changed since. Look at the new card, then ask for approval again.")
    return _("The portrait was changed or withdrawn.")


def call_off_unanswered() -> int:
    """Approved posts in whose photo somebody can be recognised who has not agreed: tied to it after the approval."""
    standing = Appearance.objects.standing().filter(
        portrait=OuterRef("portrait"), source_sha256=OuterRef("portrait__photo__source_sha256")
    )
    waiting = Post.objects.filter(Exists(standing), state=Post.State.APPROVED)
    done = 0
    for pk, portrait_id in list(waiting.values_list("pk", "portrait_id")[:200]):
        with transaction.atomic():
            portrait, post = lock(Portrait(pk=portrait_id)), lock(Post(pk=pk))
            if post.state != Post.State.APPROVED or portrait.is_free_of_others:
                continue
            for delivery in post.deliveries.filter(state__in=Delivery.WAITING):
                tick(lock(delivery), "call_off", message=_("Somebody in the photo has not agreed yet."))
            tick(post, "call_off", approved_version=None, approved_by=None, approved_at=None)
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
            or not portrait.is_free_of_others
        ):
            return False
        portrait_actions.publish(portrait)
        return True


def unconsented() -> Q:
    """Deliveries to a network that the student's consent does not name, or does not name any more."""
    found = Q()
    for place in Place:
        if place is not Place.GALLERY:
            found |= Q(account__network=place.value, post__portrait__isnull=False) & (
                Q(post__portrait__consent__isnull=True)
                | Q(**{f"post__portrait__consent__{place.value}": False})
            )
    return found


def call_off_unconsented() -> int:
    """What waits for a page that the student took away; the other pages of the post go on."""
    waiting = Delivery.objects.filter(unconsented(), state__in=Delivery.WAITING)
    done = 0
    for pk, post_id, portrait_id in list(waiting.values_list("pk", "post_id", "post__portrait_id")[:200]):
        with transaction.atomic():
            portrait, post = lock(Portrait(pk=portrait_id)), lock(Post(pk=post_id))
            delivery = lock(Delivery(pk=pk))
            is_allowed = portrait.consent and portrait.consent.allows(delivery.account.network)
            if delivery.state not in Delivery.WAITING or is_allowed:
                continue
            tick(delivery, "call_off", message=_("The student no longer allows this page."))
            if not post.deliveries.filter(state__in=Delivery.LIVE).exists():
                _void(portrait, post)
            done += 1
    return done


def call_off_placeless() -> int:
    """Posts for the gallery alone, which the student took away: there is nowhere left to go."""
    found = Post.objects.filter(
        state=Post.State.APPROVED, deliveries__isnull=True, portrait__consent__gallery=False
    )
    done = 0
    for pk, portrait_id in list(found.values_list("pk", "portrait_id")[:200]):
        with transaction.atomic():
            portrait, post = lock(Portrait(pk=portrait_id)), lock(Post(pk=pk))
            done += _void(portrait, post)
    return done


def _void(portrait: Portrait, post: Post) -> bool:
    """The staff's decision holds no longer, unless the post still goes to the gallery (the caller holds both locks)."""
    goes_to_gallery = (
        portrait.state == Portrait.State.SIGNED and portrait.consent and portrait.consent.gallery
    )
    if post.state != Post.State.APPROVED or goes_to_gallery:
        return False
    tick(post, "call_off", approved_version=None, approved_by=None, approved_at=None)
    return True


def take_down_unconsented() -> int:
    """What is online on a network that the student's consent does not name any more."""
    online = Delivery.objects.filter(unconsented(), state=State.PUBLISHED)
    done = 0
    for pk in list(online.values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            delivery = lock(Delivery(pk=pk))
            if delivery.state == State.PUBLISHED:
                tick(delivery, "take_down", next_check_at=clock.now(), looks=0)
                done += 1
    return done


def take_down_disowned() -> int:
    """What must not be there, whatever the present consent says: a person said so while it was on the wire; or it shows a
    version whose consent was taken back, or a picture that we had to delete (the student may have begun anew since)."""
    over = Consent.objects.filter(
        version=OuterRef("portrait_version"),
        end__in=(Consent.End.WITHDRAWN, Consent.End.LAPSED, Consent.End.PHOTO),
    )
    has_lost_its_picture = Q(image__isnull=True) & ~Q(image_sha256="")
    gone = Q(disowned_at__isnull=False) | has_lost_its_picture | Q(Exists(over))
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
        if post.portrait and post.deliveries.filter(state=State.PUBLISHED).exists():
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
