"""X's posts as the interface gives them: an account's list, one post, several with their figures."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from ..exchange import Request, Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger
from . import text as words
from .rules import PROBLEMS, SLUG, invalid, not_found

POST_FIELDS = (
    "id text author_id created_at entities attachments note_tweet public_metrics non_public_metrics lang"
    " edit_history_tweet_ids conversation_id"
)
TEXT_LIMIT = 280
PRIVATE_DAYS = 30
PAGE_MARK = "7140"
"""How our page tokens begin."""


class Reading:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def timeline(self, request: Request, user: str) -> Response:
        asked = request.asked
        known = {
            "max_results",
            "start_time",
            "end_time",
            "exclude",
            "pagination_token",
            "tweet.fields",
            "since_id",
            "until_id",
        }
        if strange := sorted(set(asked) - known):
            raise invalid(
                f"The query parameter [{strange[0]}] is not one of the known ones", 0, "unknown-parameter"
            )
        count = asked.get("max_results", "10")
        if not re.fullmatch(r"[0-9]{1,3}", count) or not 5 <= int(count) <= 100:
            raise invalid("The `max_results` query parameter value is not between 5 and 100", 0, "page-size")
        start = _moment(asked.get("start_time", "2010-11-06T00:00:00Z"))
        token = asked.get("pagination_token", PAGE_MARK)
        if not re.fullmatch(rf"{PAGE_MARK}[0-9]{{0,9}}", token):
            raise invalid("The `pagination_token` is not one that was given", 0, "page-token")
        if fault := self.ledger.take_fault(SLUG, "find-500", "find-html"):
            return answer_of(fault)
        lag = self.ledger.take_fault(SLUG, "find-lag") or {"seconds": 0}
        if self.ledger.page(SLUG, user) is None:
            return json_response({"errors": [not_found(user, "user")]})
        begin = int(token.removeprefix(PAGE_MARK) or 0)
        rows = self.ledger.rows(
            "SELECT * FROM post WHERE network = ? AND author = ? AND deleted IS NULL AND is_visible AND created BETWEEN ? AND ?"
            " ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?",
            *(SLUG, user, start, self.ledger.now() - lag["seconds"], int(count) + 1, begin),
        )
        posts = [self._fields(row, asked) for row in rows[: int(count)]]
        meta: dict = {"result_count": len(posts)}
        if posts:
            meta |= {"newest_id": posts[0]["id"], "oldest_id": posts[-1]["id"]}
        if len(rows) > int(count):
            meta["next_token"] = f"{PAGE_MARK}{begin + int(count)}"
        return json_response({"data": posts, "meta": meta} if posts else {"meta": meta})

    def one(self, request: Request, number: str) -> Response:
        """GET of a post that is gone: 200 with errors, and no data."""
        if self.ledger.take_fault(SLUG, "get-500"):
            return broken_response(500)
        data, errors = self._several([number], request.asked)
        return json_response(({"data": data[0]} if data else {}) | ({"errors": errors} if errors else {}))

    def several(self, request: Request) -> Response:
        numbers = request.asked.get("ids", "").split(",")
        if not 1 <= len(numbers) <= 100 or not all(
            re.fullmatch(r"[0-9]{1,19}", number) for number in numbers
        ):
            raise invalid("The `ids` query parameter must be 1 to 100 numbers", 0, "ids")
        data, errors = self._several(numbers, request.asked)
        return json_response(({"data": data} if data else {}) | ({"errors": errors} if errors else {}))

    def _several(self, numbers: list[str], asked: dict[str, str]) -> tuple[list[dict], list[dict]]:
        data, errors = [], []
        wants_private = "non_public_metrics" in asked.get("tweet.fields", "")
        for number in numbers:
            row = self.ledger.row("SELECT * FROM post WHERE network = ? AND urn = ?", SLUG, number)
            if row is None or row["deleted"] is not None or not row["is_visible"]:
                errors.append(not_found(number))
            elif wants_private and row["created"] < self.ledger.now() - PRIVATE_DAYS * 86_400:
                said = f"Sorry, you are not authorized to access 'non_public_metrics' on the Tweet with id: [{number}]."
                kind = f"{PROBLEMS}not-authorized-for-field"
                errors.append(
                    {"title": "Field Authorization Error", "detail": said, "type": kind, "value": number}
                )
            else:
                data.append(self._fields(row, asked))
        return data, errors

    def _fields(self, row: dict, asked: dict[str, str]) -> dict:
        """What was asked for; without a word that is little."""
        wanted = set(filter(None, asked.get("tweet.fields", "").split(",")))
        if strange := sorted(wanted - set(POST_FIELDS.split())):
            raise invalid(
                f"The `tweet.fields` query parameter value [{strange[0]}] is not known",
                0,
                "unknown-parameter",
            )
        shown = {"id", "text", "edit_history_tweet_ids", *wanted}
        figures = self._figures(row["urn"]) if wanted & {"public_metrics", "non_public_metrics"} else {}
        return {name: value for name, value in (as_given(row) | figures).items() if name in shown}

    def _figures(self, number: str) -> dict:
        row = self.ledger.row("SELECT data FROM x_figures WHERE id = ?", number)
        told = json.loads(row["data"]) if row else {}
        public = (
            "retweet_count",
            "reply_count",
            "like_count",
            "quote_count",
            "bookmark_count",
            "impression_count",
        )
        private = ("impression_count", "url_link_clicks", "user_profile_clicks")
        return {
            "public_metrics": {name: told.get(name, 0) for name in public},
            "non_public_metrics": {name: told.get(name, 0) for name in private},
        }


def as_given(row: dict) -> dict:
    """A post with everything but its figures."""
    number, text = row["urn"], row["text"]
    keys = tuple(f"3_{picture['id'].rpartition(':')[2]}" for picture in json.loads(row["images"]))
    is_long = words.weight(text) > TEXT_LIMIT
    given, urls = words.as_given(text, number, keys, most=TEXT_LIMIT - 1 if is_long else 0)
    moment = datetime.fromtimestamp(row["created"], UTC)
    post = {
        "id": number,
        "text": given,
        "edit_history_tweet_ids": [number],
        "author_id": row["author"],
        "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if urls:
        post["entities"] = {"urls": urls}
    if keys:
        post["attachments"] = {"media_keys": list(keys)}
    if is_long:
        whole, urls = words.as_given(text, number)
        post["note_tweet"] = {"text": whole, "entities": {"urls": urls}}
    return post


def _moment(said: str) -> float:
    """Seconds since 1970 of an RFC 3339 time in UTC."""
    try:
        if not re.fullmatch(r"[0-9-]{10}T[0-9:]{8}(?:\.[0-9]+)?Z", said):
            raise ValueError(said)
        return datetime.fromisoformat(said).timestamp()
    except ValueError:
        raise invalid(
            f"The `start_time` query parameter value [{said}] is not a time", 0, "start-time"
        ) from None
