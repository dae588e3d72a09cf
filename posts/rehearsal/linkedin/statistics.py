"""LinkedIn's figures: what posts and pages are said to have brought, which is whatever a test or the demo told."""

from __future__ import annotations

import json
import re

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .rules import Caller, Refusal, forbidden, illegal, not_found, urn_in

SCHEMA = "CREATE TABLE IF NOT EXISTS linkedin_figures (urn TEXT PRIMARY KEY, figures TEXT)"
FIGURES = (
    "impressionCount",
    "uniqueImpressionsCount",
    "clickCount",
    "likeCount",
    "commentCount",
    "shareCount",
)
PARAMETER = re.compile(r"(?:^|&)([^=&]+)=([^&]*)")
LIST = re.compile(r"List\(([^()]*)\)")
INTERVALS = re.compile(
    r"\(timeRange:\(start:([0-9]+)(?:,end:([0-9]+))?\),timeGranularityType:(?:DAY|MONTH)\)"
)
DAY_MS = 86_400_000
KNOWN = {"q", "organizationalEntity", "shares", "ugcPosts", "timeIntervals"}


class Statistics:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        ledger.write(SCHEMA)

    def of_shares(self, request: Request, caller: Caller) -> Response:
        asked = dict(PARAMETER.findall(request.query))
        if asked.get("q") != "organizationalEntity" or "organizationalEntity" not in asked:
            raise illegal("q=organizationalEntity is required", 37, "statistics-without-finder")
        page = urn_in(asked["organizationalEntity"])
        caller.must_administer(page, "organizationalEntityShareStatistics.FINDER-organizationalEntity")
        lists = [name for name in ("shares", "ugcPosts") if name in asked]
        if strange := sorted(set(asked) - KNOWN):
            raise _unpermitted(strange, breach="unknown-parameter")
        if lists and self.ledger.take_fault("linkedin", "shares-restricted"):
            raise _unpermitted(lists)
        if lists and "timeIntervals" in asked:
            raise illegal(f"{lists[0]} cannot be asked for by timeIntervals", 37, "list-with-intervals")
        if lists:
            found = [self._of_post(name, urn, page) for name in lists for urn in _urns(asked[name])]
            return _collection([element for element in found if element])
        start, end = _interval(asked["timeIntervals"]) if "timeIntervals" in asked else (0, 10**14)
        rows = self.ledger.rows(
            "SELECT figures FROM linkedin_figures JOIN post USING (urn)"
            " WHERE author = ? AND deleted IS NULL AND created * 1000 BETWEEN ? AND ?",
            *(page, start, end),
        )
        figures = [json.loads(row["figures"]) for row in rows]
        total = {name: sum(each[name] for each in figures) for name in FIGURES}
        return _collection([{"organizationalEntity": page, "totalShareStatistics": _with_rate(total)}])

    def _of_post(self, name: str, urn: str, page: str) -> dict | None:
        """None for a post of somebody else, and for one on which nothing happened: those are left out."""
        kind = {"shares": "share", "ugcPosts": "ugcPost"}[name]
        if not re.fullmatch(f"urn:li:{kind}:[0-9]+", urn):
            raise illegal(f"{urn} is no {kind}", 37, "list-of-another-kind")
        post, figures = self._post(urn), self._figures(urn)
        if post is None or post["author"] != page or figures is None:
            return None
        return {"organizationalEntity": page, kind: urn, "totalShareStatistics": _with_rate(figures)}

    def _post(self, urn: str) -> dict | None:
        return self.ledger.row("SELECT author FROM post WHERE urn = ? AND deleted IS NULL", urn)

    def _figures(self, urn: str) -> dict | None:
        row = self.ledger.row("SELECT figures FROM linkedin_figures WHERE urn = ?", urn)
        return json.loads(row["figures"]) if row else None

    def live(self, urn: str, caller: Caller) -> Response:
        """The reactions and comments of one post, as they are now."""
        if not caller.scopes & {"r_organization_social"}:
            raise forbidden("Not enough permissions to access: socialActions.GET", 39)
        post = self._post(urn)
        if post is None or not caller.role_on(post["author"]):
            raise not_found()
        figures = self._figures(urn) or {}
        likes, comments = figures.get("likeCount", 0), figures.get("commentCount", 0)
        return json_response(
            {
                "target": urn,
                "likesSummary": {"totalLikes": likes, "aggregatedTotalLikes": likes},
                "commentsSummary": {"totalFirstLevelComments": comments, "aggregatedTotalComments": comments},
            }
        )

    def tell(self, data: dict) -> dict:
        """What a post brought: urn, and any of FIGURES. Raises KeyError for a figure that is none."""
        figures = dict.fromkeys(FIGURES, 0) | {name: int(data[name]) for name in data if name != "urn"}
        if set(figures) != set(FIGURES):
            raise KeyError(sorted(set(figures) - set(FIGURES))[0])
        self.ledger.add("linkedin_figures", urn=data["urn"], figures=json.dumps(figures))
        return figures


def _collection(elements: list[dict]) -> Response:
    return json_response({"elements": elements, "paging": {"start": 0, "count": 10, "links": []}})


def _with_rate(figures: dict) -> dict:
    acts = sum(figures[name] for name in ("clickCount", "likeCount", "commentCount", "shareCount"))
    return {**figures, "engagement": acts / figures["impressionCount"] if figures["impressionCount"] else 0.0}


def _urns(text: str) -> list[str]:
    if (match := LIST.fullmatch(text)) is None:
        raise illegal("List(...) is expected", 35, "no-list")
    return [urn_in(item) for item in match[1].split(",") if item]


def _interval(text: str) -> tuple[int, int]:
    """Start and end in ms, both at midnight UTC."""
    match = INTERVALS.fullmatch(text)
    moments = [int(moment) for moment in match.groups() if moment] if match else []
    if not moments or any(moment % DAY_MS for moment in moments):
        raise illegal("Parameter 'timeIntervals' is invalid", 36, "time-intervals")
    return moments[0], moments[1] if len(moments) > 1 else 10**14


def _unpermitted(names: list[str], breach: str = "") -> Refusal:
    text = (
        f"Unpermitted fields present in PARAMETER: Data Processing Exception while processing fields {names}"
    )
    return Refusal(403, "ACCESS_DENIED", text, 100, check=37, breach=breach)
