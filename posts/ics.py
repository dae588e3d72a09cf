"""The calendar as iCalendar (RFC 5545): whose address it is, and what each reader gets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar import Event as Entry

from cohorts.models import User
from cohorts.permissions import is_anyones_comms, is_staff

from . import permissions
from .models import CalendarFeed, Delivery, Event, Post
from .steps import badge

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
"""What a personal calendar holds, from today."""
PUBLIC = 200
"""At most as many published posts, the newest."""
MOMENT = timedelta(minutes=15)
"""A post takes no time; programmes show what lasts so long."""
SALT = "posts.ics"


def path(feed: CalendarFeed) -> str:
    """The address of this person’s calendar, as long as its number holds."""
    return reverse("calendar_feed", args=[signing.Signer(salt=SALT).sign_object([feed.user_id, feed.number])])


def read(token: str) -> CalendarFeed | None:
    """Whose address this is; None once it was renewed, or when whoever it was made for no longer works here."""
    try:
        user, number = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    feed = CalendarFeed.objects.select_related("user").filter(user=user, number=number).first()
    if feed is None or not feed.user.is_active:
        return None
    return feed if is_staff(feed.user) or is_anyones_comms(feed.user) else None


def personal(user: User, now: datetime) -> bytes:
    """Posts of both groups and events. Of the other group the title, the moment and the state, as on the screen."""
    posts = Post.objects.on_calendar(now - BACK, now + AHEAD).select_related(
        "portrait__student", "piece", "promotion"
    )
    entries = [_planned(post, user) for post in posts.prefetch_related("deliveries")]
    events = Event.objects.filter(starts_at__lt=now + AHEAD, ends_at__gt=now - BACK)
    return _calendar(
        _("%(school)s, the calendar") % {"school": settings.SCHOOL_NAME},
        [*entries, *(_event(event) for event in events)],
    )


def published() -> bytes:
    """For anyone: what is online now, with its link."""
    online = Delivery.objects.filter(state=Delivery.State.PUBLISHED).exclude(url="")
    newest = online.select_related("post__portrait__student", "post__piece", "account").order_by(
        "-published_at"
    )[:PUBLIC]
    return _calendar(
        _("%(school)s, what was published") % {"school": settings.SCHOOL_NAME},
        [
            _entry(
                f"delivery-{delivery.pk}",
                str(delivery.post),
                delivery.published_at,
                delivery.published_at + MOMENT,
                stamp=delivery.published_at,
                description=delivery.account.get_network_display(),
                url=delivery.url,
            )
            for delivery in newest
        ],
    )


def _planned(post: Post, user: User) -> Entry:
    is_open = is_staff(user) or permissions.can_write(user, post)
    return _entry(
        f"post-{post.pk}",
        f"{post} ({post.promotion.name})",
        post.publish_at,
        post.publish_at + MOMENT,
        stamp=post.approved_at or post.created_at,
        sequence=post.version,
        description=str(badge(post, with_moment=False).label),
        url=settings.PUBLIC_URL + post.get_absolute_url() if is_open else "",
    )


def _event(event: Event) -> Entry:
    entry = _entry(
        f"event-{event.pk}", event.name, event.starts_at, event.ends_at, stamp=event.starts_at, url=event.link
    )
    if event.place:
        entry.add("location", event.place)
    if event.is_all_day:
        days = {"dtstart": event.first_day, "dtend": event.last_day + timedelta(days=1)}
        for name, day in days.items():
            del entry[name]
            entry.add(name, day)
    return entry


def _entry(key, summary, begins, ends, *, stamp, sequence=0, description="", url="") -> Entry:
    entry = Entry()
    entry.add("uid", f"{key}@{urlsplit(settings.PUBLIC_URL).hostname}")
    entry.add("summary", summary)
    for name, moment in (("dtstart", begins), ("dtend", ends), ("dtstamp", stamp)):
        entry.add(name, moment.astimezone(UTC))
    entry.add("sequence", sequence)
    for name, text in (("description", description), ("url", url)):
        if text:
            entry.add(name, text)
    return entry


def _calendar(name: str, entries: Iterable[Entry]) -> bytes:
    made = Calendar()
    made.add("prodid", "-//Inet Comms//FR")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", settings.TIME_ZONE)
    made.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for entry in entries:
        made.add_component(entry)
    return made.to_ical()
