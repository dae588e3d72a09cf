"""How the two promotions of the demo school share its pages: shares, weekly slots, one ceded, and the posts that stand in theirs."""

from __future__ import annotations

from datetime import date, time, timedelta

from cohorts.models import Promotion
from posts import actions
from posts.models import Account, Post, Slot
from posts.slots import occasions


def share(school, accounts: dict[str, Account]) -> None:
    """As staff set it and the groups live with it; `school.json` says which shares and slots."""
    staff, material = school.staff[0], school.material["sharing"]
    for row in material["shares"]:
        shares = {school.promotions[slug]: percent for slug, percent in row["parts"].items()}
        starts, ends = (school.today + timedelta(days=row[name]) for name in ("starts", "ends"))
        actions.set_shares(accounts[row["network"]], starts, ends, shares, by=staff)
    for row in material["slots"]:
        actions.set_slot(
            Slot(
                account=accounts[row["network"]],
                promotion=school.promotions[row["promotion"]],
                kind=row["kind"],
                weekday=row["weekday"],
                time=time.fromisoformat(row["time"]),
                starts=school.today - timedelta(days=60),
            ),
            by=staff,
        )
    _take(school)
    if cedes := material.get("cedes"):
        _cede(school, school.promotions[cedes["from"]], school.promotions[cedes["to"]])


def _take(school) -> None:
    """The posts to come that stand at the time of a slot of their group have it."""
    slots = list(Slot.objects.select_related("account", "promotion"))
    at = {
        (one.slot.promotion_id, one.slot.account_id, one.moment): one
        for one in occasions(slots, school.today, _horizon(school))
    }
    for post in Post.objects.filter(state__in=Post.OPEN, publish_at__isnull=False).order_by("publish_at"):
        for account in post.variants.values_list("account", flat=True):
            one = at.get((post.promotion_id, account, post.publish_at))
            if one and one.slot.kind == post.kind:
                member = school.members[post.promotion.slug][0]
                actions.take_slot(post, one.slot, one.day, read=post.version, by=member)
                break


def _cede(school, giver: Promotion, taker: Promotion) -> None:
    """The first slot on LinkedIn that nothing has taken."""
    slots = Slot.objects.filter(promotion=giver, account__network="linkedin").select_related(
        "account", "promotion"
    )
    free = [one for one in occasions(slots, school.today, _horizon(school)) if one.is_free]
    for one in free[:1]:
        actions.cede(one.slot, one.day, to=taker, by=school.members[giver.slug][0])


def _horizon(school) -> date:
    return school.today + timedelta(weeks=6)
