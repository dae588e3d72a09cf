"""The school's rules for its pages, a function each: what is against one page of a post, why, and what to do instead.

Each is given the page as it is typed (`Sheet`), the school's policy for it, and what was loaded around it (policy.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inet_comms.moments import said
from portraits.hints import Words, unexplained_acronyms

from .models import Account, Audience, ChannelPolicy, Event, Kind, Post, Variant
from .models.account import NetworkName
from .policy_words import hours, readers_of, why_so_long
from .rulings import Ruling, Who
from .words import HASHTAG

LINK = re.compile(r"https?://\S+|(?<![\w.@])www\.\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """One page of a post as it stands or is typed. `moment` is None while none is chosen."""

    account: Account
    text: str
    has_picture: bool
    moment: datetime | None


@dataclass(frozen=True)
class Around:
    """What was loaded besides: the rule for each page, the other posts on these pages, the events of the calendar."""

    post: Post
    policies: list[ChannelPolicy]
    neighbours: list[Variant]
    events: list[Event]
    names: dict[int, str]
    """What each page is called in a sentence, by account id: its network, where the post goes to one page of it."""


def spacing_of(rule: ChannelPolicy) -> timedelta:
    return timedelta(hours=float(rule.spacing_hours or 0))


def kind(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    if rule.allows(around.post.kind):
        return
    elsewhere = [one for one in around.policies if one.account_id is None and one.allows(around.post.kind)]
    names = ", ".join(sorted(NetworkName(one.network).label for one in elsewhere))
    said_kind = {"kind": around.post.get_kind_display()}
    yield _ruling(
        "kind",
        sheet,
        rule.kinds_passes,
        _("On %(page)s the school does not publish this kind of content (%(kind)s): %(readers)s read it.")
        % (_named(sheet, around) | said_kind | {"readers": readers_of(rule)}),
        _("Leave this page out. This kind of content has its place on: %(names)s.") % {"names": names}
        if names
        else _("Leave this page out."),
        extra=around.post.kind,
    )


def too_short(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    length = _length(sheet)
    if rule.shortest is None or not 0 < length < rule.shortest:
        return
    missing = rule.shortest - length
    yield _ruling(
        "too-short",
        sheet,
        rule.length_passes,
        _(
            "On %(page)s people expect substance: at least %(shortest)d characters as it counts them, and this text has %(length)d."
        )
        % (_named(sheet, around) | {"shortest": rule.shortest, "length": length}),
        ngettext(
            "Add a moment, a place, an example: %(count)d character is missing.",
            "Add a moment, a place, an example: %(count)d characters are missing.",
            missing,
        )
        % {"count": missing},
    )


def too_long(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    """Beyond what the network itself takes, the network's own sentence says it."""
    length = _length(sheet)
    if rule.longest is None or not rule.longest < length <= sheet.account.limits.text:
        return
    over = length - rule.longest
    yield _ruling(
        "too-long",
        sheet,
        rule.length_passes,
        why_so_long(rule) % (_named(sheet, around) | {"longest": rule.longest, "length": length}),
        ngettext(
            "Keep one idea: %(count)d character has to go.",
            "Keep one idea: %(count)d characters have to go.",
            over,
        )
        % {"count": over},
    )


def picture(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    if sheet.has_picture or not rule.picture_required:
        return
    yield _ruling(
        "picture",
        sheet,
        rule.picture_passes,
        _("On %(page)s a post without a picture goes unseen: the school wants one.") % _named(sheet, around),
        _("Add a picture or a document, or leave this page out."),
    )


def links(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    found = [match[0].rstrip(".,;:!?)»”") for match in LINK.finditer(sheet.text)]
    if rule.links_allowed or not found:
        return
    yield _ruling(
        "links",
        sheet,
        rule.links_passes,
        _("On %(page)s the school puts no link, so that people read on the spot: %(link)s")
        % (_named(sheet, around) | {"link": found[0]}),
        _("Say what stands behind the link, and take it away."),
        extra=_case(found),
    )


def few_hashtags(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    count = len(HASHTAG.findall(sheet.text))
    if rule.fewest_hashtags is None or count >= rule.fewest_hashtags or not sheet.text.strip():
        return
    yield _ruling(
        "few-hashtags",
        sheet,
        rule.hashtags_passes,
        ngettext(
            "On %(page)s a post has at least %(count)d hashtag, by which the other tracks find it and join in.",
            "On %(page)s a post has at least %(count)d hashtags, by which the other tracks find it and join in.",
            rule.fewest_hashtags,
        )
        % (_named(sheet, around) | {"count": rule.fewest_hashtags}),
        _("Add the promotion’s or the track’s: %(hashtag)s.") % {"hashtag": around.post.promotion.hashtag}
        if around.post.promotion.hashtag
        else _("Add the promotion’s or the track’s."),
    )


def many_hashtags(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    count = len(HASHTAG.findall(sheet.text))
    if rule.most_hashtags is None or count <= rule.most_hashtags:
        return
    yield _ruling(
        "many-hashtags",
        sheet,
        rule.hashtags_passes,
        ngettext(
            "On %(page)s more than %(count)d hashtag reads like advertising, and this text has %(found)d.",
            "On %(page)s more than %(count)d hashtags read like advertising, and this text has %(found)d.",
            rule.most_hashtags,
        )
        % (_named(sheet, around) | {"count": rule.most_hashtags, "found": count})
        if rule.most_hashtags
        else _("On %(page)s the school puts no hashtag, and this text has %(found)d.")
        % (_named(sheet, around) | {"found": count}),
        _("Take %(count)d away, and keep the promotion’s.") % {"count": count - rule.most_hashtags}
        if rule.most_hashtags
        else _("Take them away."),
    )


def spacing(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    """The nearest other post on that page. What is live follows its event, and is not held apart."""
    apart = spacing_of(rule)
    if not apart or sheet.moment is None or around.post.kind == Kind.LIVE:
        return
    near = [
        (abs(other.post.publish_at - sheet.moment), other.post)
        for other in around.neighbours
        if other.account_id == sheet.account.pk and abs(other.post.publish_at - sheet.moment) < apart
    ]
    if not near:
        return
    _distance, other = min(near, key=lambda one: (one[0], one[1].pk))
    yield _ruling(
        "spacing",
        sheet,
        rule.spacing_passes,
        _(
            "On %(page)s there are %(hours)s between two posts, so that each is read, and “%(other)s” leaves on %(moment)s."
        )
        % (
            _named(sheet, around)
            | {"hours": hours(rule.spacing_hours), "other": other, "moment": said(other.publish_at)}
        ),
        _("Choose a moment from %(moment)s on.") % {"moment": said(other.publish_at + apart)},
        extra=str(other.pk),
    )


def live(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    if around.post.kind != Kind.LIVE or not rule.live_in_windows or sheet.moment is None:
        return
    if any(event.starts_at <= sheet.moment < event.ends_at for event in around.events):
        return
    yield _ruling(
        "live",
        sheet,
        rule.live_passes,
        _("On %(page)s live posts leave during an event only, and the calendar has none on %(moment)s.")
        % (_named(sheet, around) | {"moment": said(sheet.moment)}),
        _("Choose a moment during the event, or ask the staff to enter it in the calendar."),
        extra=f"{sheet.moment:%Y%m%d%H%M}",
    )


def audience(sheet: Sheet, rule: ChannelPolicy, around: Around) -> Iterator[Ruling]:
    if rule.audience != Audience.EVERYONE:
        return
    found = [hint.passage for hint in unexplained_acronyms(Words(text=sheet.text))]
    if not found:
        return
    yield _ruling(
        "abbreviations",
        sheet,
        rule.audience_passes,
        ngettext(
            "On %(page)s the general public reads, and this abbreviation is not explained: %(found)s.",
            "On %(page)s the general public reads, and these abbreviations are not explained: %(found)s.",
            len(found),
        )
        % (_named(sheet, around) | {"found": ", ".join(found)}),
        _("Write it out once, the abbreviation in brackets behind it."),
        extra=_case(found),
    )


RULES: tuple[Callable[[Sheet, ChannelPolicy, Around], Iterator[Ruling]], ...] = (
    kind,
    too_short,
    too_long,
    picture,
    links,
    few_hashtags,
    many_hashtags,
    spacing,
    live,
    audience,
)


def _ruling(rule: str, sheet: Sheet, passes: str, sentence: str, advice: str, *, extra: str = "") -> Ruling:
    """`extra` is what makes another case of it, that is asked anew: another link, another post beside it."""
    about = f"{sheet.account.pk}:{extra}" if extra else str(sheet.account.pk)
    return Ruling(rule, about, sentence, advice, Who(passes), account=sheet.account.pk)


def _case(found: list[str]) -> str:
    """A short name for exactly these words: with another one among them it is another case."""
    return hashlib.sha256("\n".join(sorted(set(found))).encode()).hexdigest()[:16]


def _named(sheet: Sheet, around: Around) -> dict[str, str]:
    return {"page": around.names[sheet.account.pk]}


def _length(sheet: Sheet) -> int:
    return sheet.account.connector.length(sheet.text.strip(), sheet.account.limits)
