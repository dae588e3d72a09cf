"""What the school's rules say about a post as it is saved, or about what is typed: what they go by is loaded here. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, prefetch_related_objects

from .models import Account, ChannelPolicy, Event, Kind, Post, Variant
from .policy_rules import RULES, Around, Sheet, spacing_of
from .rulings import Ruling

__all__ = ["Sheet", "has_picture", "policies_for", "rulings", "rulings_by_page"]


def rulings(post: Post) -> list[Ruling]:
    """What the school's rules say about the post as it is saved. At most five queries, however many pages it has."""
    prefetch_related_objects([post], "variants__account")
    sheets = [
        Sheet(variant.account, variant.text, has_picture(post), post.publish_at)
        for variant in post.variants.all()
    ]
    return [one for found in rulings_by_page(post, sheets).values() for one in found]


def rulings_by_page(post: Post, sheets: Iterable[Sheet]) -> dict[int, list[Ruling]]:
    """The same by account id, for what is typed: the sheets are compared with the rules, not with what is saved."""
    sheets = list(sheets)
    around = look_around(post, sheets)
    found = {}
    for sheet in sheets:
        rule = _policy_for(sheet.account, around.policies)
        found[sheet.account.pk] = [one for ask in RULES for one in ask(sheet, rule, around)] if rule else []
    return found


def policies_for(accounts: Iterable[Account]) -> dict[int, ChannelPolicy]:
    """By account id; a page without any rule is not in it. One query."""
    known = _policies()
    found = {account.pk: _policy_for(account, known) for account in accounts}
    return {account: rule for account, rule in found.items() if rule}


def _policies() -> list[ChannelPolicy]:
    return list(ChannelPolicy.objects.select_related("account"))


def _policy_for(account: Account, known: list[ChannelPolicy]) -> ChannelPolicy | None:
    """The page's own, else its network's."""
    own = [one for one in known if one.account_id == account.pk]
    of_network = [one for one in known if one.account_id is None and one.network == account.network]
    return next(iter(own + of_network), None)


def has_picture(post: Post) -> bool:
    """A portrait always has its photo; another kind of post what was added to it."""
    return post.portrait_id is not None or bool(post.piece.used)


def look_around(post: Post, sheets: list[Sheet]) -> Around:
    known = _policies()
    networks = [sheet.account.network for sheet in sheets]
    return Around(
        post,
        known,
        _neighbours(post, sheets, known),
        _events(post, sheets),
        {
            sheet.account.pk: str(sheet.account)
            if networks.count(sheet.account.network) > 1
            else sheet.account.get_network_display()
            for sheet in sheets
        },
    )


def _neighbours(post: Post, sheets: list[Sheet], known: list[ChannelPolicy]) -> list[Variant]:
    """What else is planned for these pages, or went out there, within the longest spacing of theirs."""
    rules = filter(None, (_policy_for(sheet.account, known) for sheet in sheets))
    apart = max((spacing_of(rule) for rule in rules), default=timedelta())
    moments = [sheet.moment for sheet in sheets if sheet.moment]
    if not moments or not apart:
        return []
    near = Q(post__publish_at__gt=min(moments) - apart, post__publish_at__lt=max(moments) + apart)
    others = Variant.objects.filter(near, account__in=[sheet.account for sheet in sheets])
    others = others.exclude(post=post.pk).exclude(post__kind=Kind.LIVE)
    others = others.exclude(post__state=Post.State.CANCELLED)
    return list(
        others.select_related("post__portrait__student", "post__piece").order_by("post__publish_at", "pk")
    )


def _events(post: Post, sheets: list[Sheet]) -> list[Event]:
    moments = [sheet.moment for sheet in sheets if sheet.moment]
    if post.kind != Kind.LIVE or not moments:
        return []
    concerned = Q(promotion=None) | Q(promotion=post.promotion_id)
    return list(Event.objects.filter(concerned, starts_at__lte=max(moments), ends_at__gt=min(moments)))
