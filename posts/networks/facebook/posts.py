"""A post as Facebook writes it, what we make of one that we read back, and where its identifier stands in a link."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from ..base import Content, Counts, Found, Media
from ..words import tidy

FIELDS = "id,message,created_time,permalink_url,is_published,from,attachments{type,target,subattachments}"
COUNT_FIELDS = "shares,comments.summary(true).limit(0),reactions.summary(true).limit(0)"
ADDRESS = re.compile(r"https?://(?:[\w-]+\.)*(?:facebook|fb)\.com/([^\s?#]*)(?:\?([^\s#]*))?", re.IGNORECASE)
WHOLE_ID = re.compile(r"[0-9]{1,20}_[0-9]{1,20}")
POST_PATH = re.compile(r"/(?:posts|permalink)/(?:[^/]+/)?([0-9]{1,20}|pfbid\w{10,120})/?$")
PHOTO_PATH = re.compile(r"/photos/(?:[^/]+/)?([0-9]{1,20})/?$")
PHOTO = "photo:"
"""Before the number of a picture: a post with one picture has no other address on its page."""


def body(content: Content, media: Media) -> dict:
    """What is sent to create it. With pictures the link is left to the text: a post shows one or the other."""
    post: dict = {"message": tidy(content.text)}
    if media.ids:
        post["attached_media"] = [{"media_fbid": number} for number in media.ids]
    elif content.link:
        post["link"] = content.link.url
    return post


def permalink(remote_id: str, said: object) -> str:
    """Where people see the post: as Facebook says it, or the address under which it always leads on."""
    try:
        url = parse_url(said if isinstance(said, str) else "")
    except LocationParseError:
        url = parse_url("")
    host = url.host or ""
    is_theirs = host == "facebook.com" or host.endswith(".facebook.com")
    return str(said) if url.scheme == "https" and is_theirs else f"https://www.facebook.com/{remote_id}"


def found(data: dict) -> Found:
    """A post as Facebook gives it. One without a readable time counts as older than everything."""
    remote_id = str(data.get("id", ""))
    return Found(
        remote_id=remote_id,
        url=permalink(remote_id, data.get("permalink_url")),
        text=str(data.get("message") or ""),
        created_at=_time(data.get("created_time")),
        media_ids=tuple(_pictures(data)),
    )


def is_ours(data: dict, page: str) -> bool:
    """People can see it, and the page itself wrote it: a visitor's post carries the page's number too."""
    author = data.get("from")
    wrote = author.get("id", page) if isinstance(author, dict) else page
    return (
        str(data.get("id", "")).startswith(f"{page}_")
        and str(wrote) == page
        and data.get("is_published") is not False
    )


def listed(data: dict) -> list[dict]:
    """The objects of a collection; whatever else stands in it is left out."""
    objects = data.get("data")
    return [each for each in objects if isinstance(each, dict)] if isinstance(objects, list) else []


def next_cursor(data: dict) -> str:
    """Where the collection goes on. Its `next` address carries the token and is never used."""
    paging = data.get("paging") if isinstance(data.get("paging"), dict) else {}
    cursors = paging.get("cursors") if isinstance(paging.get("cursors"), dict) else {}
    after = cursors.get("after")
    return after if paging.get("next") and isinstance(after, str) else ""


def counts(data: dict, views: int | None, clicks: int | None) -> Counts:
    """`shares` is left out where there are none."""
    return Counts(
        views=views,
        reactions=_total(data, "reactions"),
        comments=_total(data, "comments"),
        shares=_figure(data["shares"].get("count")) if isinstance(data.get("shares"), dict) else 0,
        clicks=clicks,
    )


def insight(data: dict) -> int | None:
    """The one figure of a lifetime metric, in either of its two forms."""
    for entry in listed(data):
        whole = entry.get("total_value")
        values = entry.get("values")
        last = values[-1] if isinstance(values, list) and values else whole
        if isinstance(last, dict):
            return _figure(last.get("value"))
    return None


def remote_id_in(link: str) -> str:
    """The post that an address names: whole, or the number of the post, of its picture, or what stands for it publicly.

    The page's number in an address is often not the one that the Graph API knows: it is not believed.
    """
    if WHOLE_ID.fullmatch(link.strip()):
        return link.strip()
    match = ADDRESS.search(link)
    if match is None:
        return ""
    path, asked = f"/{match[1]}", parse_qs(match[2] or "")
    if whole := WHOLE_ID.fullmatch(path.strip("/")):
        return whole[0]
    story = asked.get("story_fbid", [""])[0]
    if re.fullmatch(r"[0-9]{1,20}|pfbid\w{10,120}", story, re.ASCII):
        return story
    if post := POST_PATH.search(path):
        return post[1]
    number = asked.get("fbid", [""])[0] if re.match(r"/photo(\.php)?/?$", path) else ""
    if photo := PHOTO_PATH.search(path):
        number = photo[1]
    return f"{PHOTO}{number}" if re.fullmatch(r"[0-9]{1,20}", number) else ""


def _pictures(data: dict):
    """The pictures' numbers: several hang below the first attachment, a single one is it. What is not called a photo may
    be anything, somebody else's post included."""
    attachments = data.get("attachments")
    for shown in listed(attachments) if isinstance(attachments, dict) else []:
        below = shown.get("subattachments")
        for each in (listed(below) if isinstance(below, dict) else []) or [shown]:
            target = each.get("target")
            if each.get("type") == "photo" and isinstance(target, dict) and target.get("id"):
                yield str(target["id"])


def _time(said: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(said))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _total(data: dict, name: str) -> int | None:
    edge = data.get(name) if isinstance(data.get(name), dict) else {}
    summary = edge.get("summary")
    return _figure(summary.get("total_count")) if isinstance(summary, dict) else None


def _figure(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
