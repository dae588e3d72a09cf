"""A post as X gives it, where people see it, and how it did."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..base import Counts, Found
from . import text as words
from .wire import NUMBER

FIELDS = "tweet.fields"
"""The parameter's name; the specification of August 2026 also says post.fields."""
READ_FIELDS = "author_id,created_at,entities,attachments,note_tweet"
COUNT_FIELDS = ("public_metrics,non_public_metrics", "public_metrics")
"""The private ones exist for thirty days; asked for later, they cost us the public ones too."""
FIRST_MOMENT = 1_288_834_974_657
"""What a post's identifier counts its milliseconds from."""
POST_LINK = re.compile(
    r"(?:(?:\b(?:x|twitter)\.com|/x)/(?:i/web|i|\w{1,20})/status(?:es)?|/x/post)/([0-9]{1,20})(?![0-9])",
    re.ASCII,
)
"""As people copy it from X, or from the rehearsal."""


def permalink(number: str) -> str:
    """Where people see the post, whatever the account is called by then."""
    return f"https://x.com/i/web/status/{number}"


def one_in(answer: dict) -> dict:
    """The object that an answer is about, empty if there is none."""
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def all_in(answer: dict) -> list[dict]:
    """The posts that an answer lists; whatever else stands in it is left out."""
    data = answer.get("data")
    return (
        [each for each in data if isinstance(each, dict) and each.get("id")] if isinstance(data, list) else []
    )


def found(data: dict) -> Found:
    """A post as X gives it."""
    number = str(data["id"])
    return Found(
        remote_id=number,
        url=permalink(number),
        text=words.plain(data),
        created_at=_moment(data.get("created_at"), number),
        media_ids=words.media_keys(data),
    )


def _moment(said: object, number: str) -> datetime:
    """When it was made: as said, or as its identifier says, whose high bits are the time."""
    try:
        moment = datetime.fromisoformat(str(said))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        milliseconds = (int(number) >> 22) + FIRST_MOMENT if NUMBER.fullmatch(number) else 0
        return datetime.fromtimestamp(milliseconds / 1000, UTC)


def number_in(counts: object, *names: str) -> int | None:
    """The sum of these counts, None if none of them is there."""
    given = [counts.get(name) for name in names] if isinstance(counts, dict) else []
    sound = [each for each in given if isinstance(each, int) and not isinstance(each, bool) and each >= 0]
    return sum(sound) if sound else None


def counts(post: dict) -> Counts:
    public, private = post.get("public_metrics"), post.get("non_public_metrics")
    views = number_in(private, "impression_count")
    return Counts(
        views=number_in(public, "impression_count") if views is None else views,
        reactions=number_in(public, "like_count"),
        comments=number_in(public, "reply_count"),
        shares=number_in(public, "retweet_count", "repost_count", "quote_count"),
        clicks=number_in(private, "url_link_clicks"),
    )
