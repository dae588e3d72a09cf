"""Facebook's figures: living and dead metrics, and pages too small to have any."""

from __future__ import annotations

from datetime import UTC, datetime

from ..exchange import Response, json_response
from ..ledger import Ledger
from .rules import Asked, Caller, Refusal, invalid

PAGE_METRICS = {
    "page_follows",
    "page_daily_follows_unique",
    "page_daily_unfollows_unique",
    "page_media_view",
    "page_total_media_view_unique",
    "page_post_engagements",
}
POST_METRICS = {
    "post_media_view",
    "post_total_media_view_unique",
    "post_clicks",
    "post_reactions_by_type_total",
}
FEWEST_LIKES = 100
LONGEST = 90 * 86_400
FIGURES = {"post_media_view": "views", "post_clicks": "clicks", "post_reactions_by_type_total": "reactions"}


class Insights:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def of_page(self, asked: Asked, caller: Caller, page: dict) -> Response:
        caller.must_measure(page["id"])
        names = self._metrics(asked, PAGE_METRICS)
        since, until = asked.text("since"), asked.text("until")
        if since.isdecimal() and until.isdecimal() and int(until) - int(since) > LONGEST:
            raise invalid("since and until are at most 90 days apart", 36, "span")
        if page["followers"] < FEWEST_LIKES:
            return json_response({"data": []})
        end = datetime.fromtimestamp(self.ledger.now(), UTC).strftime("%Y-%m-%dT08:00:00+0000")
        return json_response(
            {
                "data": [
                    self._entry(name, "day", [{"value": 0, "end_time": end}], page["id"]) for name in names
                ]
            }
        )

    def of_post(self, asked: Asked, caller: Caller, post: dict, page: dict) -> Response:
        caller.must_measure(post["author"])
        names = self._metrics(asked, POST_METRICS)
        if page["followers"] < FEWEST_LIKES:
            return json_response({"data": []})
        rows = self.ledger.rows("SELECT name, value FROM facebook_figure WHERE post = ?", post["urn"])
        figures = {row["name"]: row["value"] for row in rows}
        is_total = self.ledger.take_fault("facebook", "total-value") is not None
        entries = []
        for name in names:
            value: object = figures.get(FIGURES.get(name, ""), 0)
            value = {"like": value} if name == "post_reactions_by_type_total" else value
            entry = self._entry(name, "lifetime", [{"value": value}], post["urn"])
            if is_total:
                entry["total_value"] = entry.pop("values")[0]
            entries.append(entry)
        return json_response({"data": entries})

    @staticmethod
    def _metrics(asked: Asked, living: set[str]) -> list[str]:
        """One dead name fails the whole call."""
        names = [name for name in asked.text("metric").split(",") if name]
        if not names:
            raise Refusal(3001, "(#3001) Invalid query", 1504028, check=35, breach="no-metric")
        if not set(names) <= living:
            text = "(#100) The value must be a valid insights metric"
            raise Refusal(100, text, check=34, breach="dead-metric")
        return names

    @staticmethod
    def _entry(name: str, period: str, values: list[dict], owner: str) -> dict:
        key = f"{owner}/insights/{name}/{period}"
        return {"name": name, "period": period, "values": values, "title": name, "description": "", "id": key}
