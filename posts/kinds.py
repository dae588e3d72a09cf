"""What each kind of post asks for, how long after its moment it is still useful, and the words that it begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Kind, Post


@dataclass(frozen=True)
class About:
    """`fields`: what is asked besides title, text, link and partners. `useful_for`: after its moment, unless what it announces begins before."""

    label: str | Promise
    help: str | Promise
    useful_for: timedelta
    fields: tuple[str, ...] = ()
    takes_document: bool = False
    needs_document: bool = False


ABOUT = {
    Kind.MODULE: About(
        _("Training module"),
        _("What you learnt in a module, and what it changes on the ground."),
        timedelta(days=3),
        ("module", "place", "happens_at"),
        takes_document=True,
    ),
    Kind.ROUND_TABLE: About(
        _("Round table"),
        _("Who speaks of what, where and when; afterwards, what was said."),
        timedelta(hours=12),
        ("place", "happens_at", "event"),
        takes_document=True,
    ),
    Kind.EVENT: About(
        _("Event"),
        _("A congress, a visit, a ceremony: an invitation, or what remains of it."),
        timedelta(hours=3),
        ("event", "place", "happens_at"),
    ),
    Kind.ARTICLE: About(
        _("Article with a document"),
        _("A study, a guide, a report that people leaf through on LinkedIn."),
        timedelta(days=7),
        takes_document=True,
        needs_document=True,
    ),
    Kind.ANNOUNCEMENT: About(
        _("Announcement"),
        _("A deadline, a competition, news of the school."),
        timedelta(hours=24),
        ("happens_at",),
    ),
    Kind.RELAY: About(
        _("Relay"),
        _("Words that pass the ball to another track, or answer it."),
        timedelta(hours=24),
    ),
    Kind.FOLLOW_UP: About(
        _("Follow-up of a portrait"),
        _("A first post, a year later: where somebody has got to since their portrait."),
        timedelta(days=3),
        ("place",),
    ),
}
"""All but portraits, which begin on the board, and what is live, which is published from the event's own page."""
PORTRAIT_USEFUL_FOR = timedelta(hours=24)


def latest_useful(post: Post, publish_at: datetime | None) -> datetime | None:
    """From when on it waits for a new decision rather than leave late. What announces something is useless once that begins."""
    if publish_at is None:
        return None
    if post.portrait_id is not None:
        return publish_at + PORTRAIT_USEFUL_FOR
    latest = publish_at + ABOUT[Kind(post.kind)].useful_for
    begins = post.piece.happens_at
    return min(latest, begins) if begins and publish_at < begins else latest
