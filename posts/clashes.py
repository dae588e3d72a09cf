"""What collides with a post on the calendar: other posts, other groups’ slots and events, quiet hours, holidays, shares that are used up.

For many posts at once, in the same number of queries as for one. Each rule is a function that says what is against it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inet_comms.holidays import holiday
from inet_comms.moments import said, said_day, said_time, said_wall
from portraits.quiet import DAY_BEGINS, DAY_ENDS

from .around import SAME_WITHIN, Around
from .models import Account, Exemption, Kind, Post, Variant
from .rulings import Ruling, Who
from .sharing import allowed
from .words import normalise

SPACING = {"linkedin": timedelta(hours=4), "facebook": timedelta(hours=4)}
OTHER_SPACING = timedelta(minutes=30)


def spacing(account: Account) -> timedelta:
    """How long a page leaves between two posts, so that both are read."""
    return SPACING.get(account.network, OTHER_SPACING)


def rulings(post: Post) -> list[Ruling]:
    """What is against this post at its moment, with the exemptions given. Nothing against one without a moment."""
    return rulings_of([post])[post.pk]


def moved(post: Post, moment: datetime) -> Post:
    """The post as it would be at another moment, for `rulings`; never saved."""
    would_be = copy.copy(post)
    would_be.publish_at = moment
    return would_be


def open_at(post: Post, moment: datetime) -> list[Ruling]:
    """What would be against it then, and nobody has let pass."""
    return [ruling for ruling in rulings(moved(post, moment)) if ruling.is_open]


def signature(against: Iterable[Ruling]) -> str:
    """Which cases these are, to know again what was before somebody's eyes."""
    return " ".join(sorted(f"{ruling.rule}:{ruling.about}" for ruling in against))


def rulings_of(posts: Iterable[Post]) -> dict[int, list[Ruling]]:
    """By post, in the same number of queries for one as for many."""
    posts = list(posts)
    timed = [post for post in posts if post.publish_at is not None]
    found = {post.pk: [] for post in posts}
    if not timed:
        return found
    around = Around.of(timed)
    for post in timed:
        found[post.pk] = [ruling for rule in RULES for ruling in rule(post, around)]
    given = Exemption.objects.filter(post__in=[pk for pk, against in found.items() if against])
    by_case = {(row.post_id, row.rule, row.about): row for row in given.select_related("by")}
    return {
        pk: [replace(one, exemption=by_case.get((pk, one.rule, one.about))) for one in against]
        for pk, against in found.items()
    }


def too_near(post: Post, around: Around) -> Iterator[Ruling]:
    """Of two posts that follow each other at once, a page’s readers see the second."""
    if post.kind == Kind.LIVE:
        return
    for mine, other in around.on_pages_of(post):
        apart = spacing(mine.account)
        if other.post.kind == Kind.LIVE or abs(other.post.publish_at - post.publish_at) >= apart:
            continue
        yield Ruling(
            "spacing",
            f"{mine.account_id}-{other.post_id}",
            _("“%(other)s” goes out on %(page)s on %(moment)s: too near, readers see only one of the two.")
            % _about(other),
            _("Leave %(time)s between two posts on this page: choose another time.") % {"time": _long(apart)},
            Who.COMMS,
        )


def same_text(post: Post, around: Around) -> Iterator[Ruling]:
    """A network takes the same text twice for a mistake, and readers do too."""
    for mine, other in around.on_pages_of(post):
        if abs(other.post.publish_at - post.publish_at) >= SAME_WITHIN:
            continue
        if normalise(mine.text) and normalise(mine.text) == normalise(other.text):
            yield Ruling(
                "same-text",
                f"{mine.account_id}-{other.post_id}",
                _("“%(other)s” has the same text on %(page)s, on %(moment)s.") % _about(other),
                _("Write another text, or leave this page out."),
                Who.STAFF,
            )


def same_person(post: Post, around: Around) -> Iterator[Ruling]:
    """Everyone has their turn before anyone has a second one."""
    student = _student(post)
    if student is None or post.kind == Kind.FOLLOW_UP:
        return
    for _mine, other in around.on_pages_of(post):
        if _student(other.post) == student and abs(other.post.publish_at - post.publish_at) < SAME_WITHIN:
            yield Ruling(
                "same-person",
                f"{other.account_id}-{other.post_id}",
                _("%(name)s is on %(page)s already: “%(other)s”, on %(moment)s.")
                % {"name": other.post.label, **_about(other)},
                _("Leave %(days)s days between two posts about the same person, or leave this page out.")
                % {"days": SAME_WITHIN.days},
                Who.COMMS,
            )


def in_a_slot(post: Post, around: Around) -> Iterator[Ruling]:
    """A slot is one group’s, and for one post."""
    for one in around.slots_at(post):
        about = f"{one.slot.pk}-{one.day.isoformat()}"
        said_slot = {"moment": said(one.moment), "page": one.slot.account, "name": one.promotion.name}
        if one.promotion.pk != post.promotion_id:
            yield Ruling(
                "others-slot",
                about,
                _("The slot of %(moment)s on %(page)s is for %(name)s.") % said_slot,
                _("Ask them to cede it, or take the next free slot of your group."),
                Who.STAFF,
            )
        elif one.post is not None and one.post.pk != post.pk:
            yield Ruling(
                "slot-taken",
                f"{about}-{one.post.pk}",
                _("“%(other)s” has the slot of %(moment)s on %(page)s.") % {"other": one.post, **said_slot},
                _("Take the next free slot, or move the other post first."),
                Who.COMMS,
            )


def at_a_quiet_time(post: Post, around: Around) -> Iterator[Ruling]:
    """At night and on weekends few read, and nobody of the group answers what is asked below a post."""
    local = timezone.localtime(post.publish_at)
    if post.kind == Kind.LIVE:
        return
    advice = _("Choose a weekday between %(first)s and %(last)s.") % {
        "first": said_wall(DAY_BEGINS),
        "last": said_wall(DAY_ENDS),
    }
    if not DAY_BEGINS <= local.time() < DAY_ENDS:
        yield Ruling(
            "quiet-hours",
            local.isoformat(),
            _("At %(time)s few people read, and nobody is there to answer.") % {"time": said_time(local)},
            advice,
            Who.COMMS,
        )
    elif local.weekday() >= 5:
        yield Ruling(
            "weekend",
            local.date().isoformat(),
            _("%(day)s is on a weekend: few people read, and nobody is there to answer.")
            % {"day": said_day(local.date()).capitalize()},
            advice,
            Who.COMMS,
        )


def on_a_holiday(post: Post, around: Around) -> Iterator[Ruling]:
    """The readers are not at work."""
    day = timezone.localdate(post.publish_at)
    if post.kind != Kind.LIVE and (name := holiday(day)):
        yield Ruling(
            "holiday",
            day.isoformat(),
            _("%(day)s is a public holiday (%(name)s): those whom you write for are not at work.")
            % {"day": said_day(day).capitalize(), "name": name},
            _("Choose a working day."),
            Who.COMMS,
        )


def on_the_others_event(post: Post, around: Around) -> Iterator[Ruling]:
    """On the day of the other group’s event the pages are for what happens there."""
    day = timezone.localdate(post.publish_at)
    for event in around.events:
        first = timezone.localdate(event.starts_at)
        last = timezone.localdate(event.ends_at - timedelta(microseconds=1))
        if event.promotion_id != post.promotion_id and first <= day <= last:
            yield Ruling(
                "others-event",
                str(event.pk),
                _("On that day there is “%(event)s”, which %(name)s will want to write about.")
                % {"event": event, "name": event.promotion.name},
                _("Agree with their group first, or choose another day."),
                Who.COMMS,
            )


def beyond_its_share(post: Post, around: Around) -> Iterator[Ruling]:
    """A share counts what is planned and out; as long as little is, what the slots of the period promise."""
    day = timezone.localdate(post.publish_at)
    pages = {variant.account_id for variant in around.variants.get(post.pk, ())}
    for period in around.periods:
        share = next((one for one in period.shares.all() if one.promotion_id == post.promotion_id), None)
        if share is None or period.account_id not in pages or not period.starts <= day <= period.ends:
            continue
        there = {
            promotion: posts - {post.pk} for promotion, posts in around.posts_in.get(period.pk, {}).items()
        }
        mine, total = len(there.get(post.promotion_id, ())) + 1, sum(map(len, there.values())) + 1
        if mine > allowed(share.percent, max(total, around.slots_in(period))):
            yield Ruling(
                "share",
                f"{period.pk}",
                ngettext(
                    "With it %(name)s has %(count)s post of %(total)s on %(page)s from %(first)s to %(last)s: its share is %(percent)s %%.",
                    "With it %(name)s has %(count)s posts of %(total)s on %(page)s from %(first)s to %(last)s: its share is %(percent)s %%.",
                    mine,
                )
                % {
                    "name": share.promotion.name,
                    "count": mine,
                    "total": total,
                    "page": period.account,
                    "first": said_day(period.starts),
                    "last": said_day(period.ends),
                    "percent": share.percent,
                },
                _(
                    "Leave this page to the other group for a while: choose a later period, or agree on other shares."
                ),
                Who.STAFF,
            )


def _about(other: Variant) -> dict:
    return {"other": other.post, "page": other.account, "moment": said(other.post.publish_at)}


def _student(post: Post):
    return post.portrait.student if post.portrait_id else None


def _long(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    if minutes % 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}


RULES = (
    too_near,
    same_text,
    same_person,
    in_a_slot,
    at_a_quiet_time,
    on_a_holiday,
    on_the_others_event,
    beyond_its_share,
)
