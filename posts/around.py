"""What stands on the calendar around some posts: all that `clashes.py` compares them with, in the same number of queries for one as for many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from .models import Event, Post, SharedPeriod, Slot, Variant
from .sharing import posts_in, slots_between
from .slots import Occasion, occasions

SAME_WITHIN = timedelta(days=30)
"""The same text, or the same person, stands on a page once in so long."""
SLOT_WIDTH = timedelta(minutes=30)
"""So near to its time a post is in a slot, or in its way."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Around:
    """What stands on the calendar around some posts."""

    variants: dict[int, list[Variant]]
    """Of these posts, by post."""
    neighbours: list[Variant]
    """Of all posts on the same pages in the time in which anything can be too near."""
    slots: list[Slot]
    """On these pages, also those of the rest of the periods."""
    occasions: list[Occasion]
    events: list[Event]
    periods: list[SharedPeriod]
    posts_in: dict[int, dict[int, set[int]]]

    @classmethod
    def of(cls, posts: list[Post]) -> Around:
        moments = [post.publish_at for post in posts]
        first, last = min(moments), max(moments)
        days = timezone.localdate(first), timezone.localdate(last)
        variants: dict[int, list[Variant]] = {}
        for variant in Variant.objects.filter(post__in=posts).select_related("account").order_by("account"):
            variants.setdefault(variant.post_id, []).append(variant)
        accounts = {variant.account_id for there in variants.values() for variant in there}
        near = Variant.objects.filter(
            account__in=accounts,
            post__publish_at__gt=first - SAME_WITHIN,
            post__publish_at__lt=last + SAME_WITHIN,
        ).exclude(post__state=Post.State.CANCELLED)
        events = Event.objects.filter(
            promotion__isnull=False, starts_at__lt=last + A_DAY, ends_at__gt=first - A_DAY
        )
        periods = SharedPeriod.objects.filter(account__in=accounts, starts__lte=days[1], ends__gte=days[0])
        periods = list(periods.select_related("account").prefetch_related("shares__promotion"))
        begins = min([days[0] - A_DAY, *(period.starts for period in periods)])
        ends = max([days[1] + A_DAY, *(period.ends for period in periods)])
        slots = list(slots_between(begins, ends).filter(account__in=accounts))
        return cls(
            variants,
            list(
                near.select_related(
                    "post__portrait__student", "post__piece", "post__promotion", "account"
                ).order_by("post__publish_at", "post", "account")
            ),
            slots,
            occasions(slots, days[0] - A_DAY, days[1] + A_DAY),
            list(events.select_related("promotion")),
            periods,
            posts_in(periods),
        )

    def on_pages_of(self, post: Post) -> Iterator[tuple[Variant, Variant]]:
        """Its variant and another post’s, for each that goes to the same page."""
        for mine in self.variants.get(post.pk, ()):
            for other in self.neighbours:
                if other.account_id == mine.account_id and other.post_id != post.pk:
                    yield mine, other

    def slots_at(self, post: Post) -> Iterator[Occasion]:
        """The slots on its pages that it would stand in, or in the way of."""
        pages = {variant.account_id for variant in self.variants.get(post.pk, ())}
        for one in self.occasions:
            if one.slot.account_id in pages and abs(one.moment - post.publish_at) < SLOT_WIDTH:
                yield one

    def slots_in(self, period: SharedPeriod) -> int:
        """How many slots its page has in that time."""
        theirs = [slot for slot in self.slots if slot.account_id == period.account_id]
        return len(occasions(theirs, period.starts, period.ends, rows=()))
