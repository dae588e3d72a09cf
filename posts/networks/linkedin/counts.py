"""How a LinkedIn post did: the page's statistics, which lag two days behind, and the live reactions and comments.

Contract: learn.microsoft.com/linkedin/marketing (organization share statistics, social actions).
"""

from __future__ import annotations

from ..base import Counts, Credentials, NeedsReconnect, Refused
from .wire import ask, elements, encoded


def counts(urn: str, credentials: Credentials) -> Counts:
    """Lifetime, for LinkedIn twelve months. Statistics are for administrators: whoever only publishes gets the live ones."""
    figures, live = _statistics(urn, credentials), _live(urn, credentials)
    likes, comments = live.get("likesSummary"), live.get("commentsSummary")
    reactions = _number(likes, "totalLikes")
    answers = _number(comments, "aggregatedTotalComments")
    return Counts(
        views=_number(figures, "impressionCount"),
        reactions=_number(figures, "likeCount") if reactions is None else reactions,
        comments=_number(figures, "commentCount") if answers is None else answers,
        shares=_number(figures, "shareCount"),
        clicks=_number(figures, "clickCount"),
    )


def _statistics(urn: str, credentials: Credentials) -> dict:
    """The post's own; zeros if it is left out, which is how LinkedIn says that nothing happened; {} if we may not ask."""
    kind = "ugcPosts" if urn.startswith("urn:li:ugcPost:") else "shares"
    page = encoded(credentials.remote_id)
    path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
    # The list's own brackets stand unencoded, the URN in it does not.
    path += f"&organizationalEntity={page}&{kind}=List({encoded(urn)})"
    try:
        answer = ask(credentials, "GET", path, method="FINDER")
    except NeedsReconnect as outcome:
        if outcome.reason != "no-right":
            raise
        return {}
    found = [element.get("totalShareStatistics") for element in elements(answer)]
    if not found:
        names = ("impressionCount", "clickCount", "likeCount", "commentCount", "shareCount")
        return dict.fromkeys(names, 0)
    return found[0] if isinstance(found[0], dict) else {}


def _live(urn: str, credentials: Credentials) -> dict:
    """{} if we may not ask, or the post is gone."""
    try:
        return ask(credentials, "GET", f"/rest/socialActions/{encoded(urn)}").json()
    except (NeedsReconnect, Refused) as outcome:
        if outcome.status not in (403, 404):
            raise
    return {}


def _number(figures: object, name: str) -> int | None:
    value = figures.get(name) if isinstance(figures, dict) else None
    return value if type(value) is int and value >= 0 else None
