"""Facebook's posts as they are read back: the list a page at a time, one post, each field by its name."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from ..exchange import Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger
from .photos import PREFIX
from .rules import APP_ID, Asked, Caller, chosen, invalid, not_there

MOST_LISTED = 100


class Reading:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def listed(self, asked: Asked, caller: Caller, page: str, address: str) -> Response:
        """published_posts, newest first, a page at a time."""
        caller.must_read(page)
        limit = asked.text("limit", "25")
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST_LISTED:
            raise invalid("limit must be at most 100", 32, "limit")
        if fault := self.ledger.take_fault("facebook", "find-500", "find-html"):
            return answer_of(fault)
        lag = self.ledger.take_fault("facebook", "find-lag") or {"seconds": 0}
        start = _cursor(asked.text("after"))
        rows = self.ledger.rows(
            "SELECT rowid, * FROM post WHERE network = 'facebook' AND author = ? AND deleted IS NULL"
            " AND json_extract(body, '$.published') AND created <= ?"
            " AND (? OR (created, rowid) < (SELECT created, rowid FROM post WHERE rowid = ?))"
            " ORDER BY created DESC, rowid DESC LIMIT ?",
            *(page, self.ledger.now() - lag["seconds"], start == 0, start, int(limit) + 1),
        )
        shown, fields = rows[: int(limit)], asked.text("fields")
        data = [chosen(self.as_read(row), fields, "created_time,message") for row in shown]
        answer: dict = {"data": data}
        if shown:
            cursors = {"before": _shown_cursor(shown[0]), "after": _shown_cursor(shown[-1])}
            answer["paging"] = {"cursors": cursors}
        if len(rows) > len(shown):
            # As in the reference: with the token in it, for whoever follows an address blindly.
            onward = {
                "access_token": caller.token,
                "limit": limit,
                "after": cursors["after"],
                "fields": fields,
            }
            if self.ledger.take_fault("facebook", "bare-next"):
                del onward["access_token"]
            answer["paging"]["next"] = f"{address}?{urlencode(onward)}"
        return json_response(answer)

    def find(self, number: str) -> dict | None:
        return self.ledger.row("SELECT rowid, * FROM post WHERE network = 'facebook' AND urn = ?", number)

    def get(self, row: dict, asked: Asked, caller: Caller) -> Response:
        caller.must_read(row["author"])
        if self.ledger.take_fault("facebook", "get-500"):
            return broken_response(500)
        if row["deleted"] is not None:
            raise not_there("get", row["urn"])
        return json_response(chosen(self.as_read(row), asked.text("fields"), "created_time,message"))

    def as_read(self, row: dict) -> dict:
        """Every field that a post has here; None where it is absent."""
        sent, page = json.loads(row["body"]), row["author"]
        number = row["urn"].partition("_")[2]
        figures = {
            each["name"]: each["value"]
            for each in self.ledger.rows("SELECT name, value FROM facebook_figure WHERE post = ?", row["urn"])
        }
        name = self.ledger.row("SELECT name FROM page WHERE network = 'facebook' AND id = ?", page)
        is_bare = self.ledger.take_fault("facebook", "no-permalink") is not None
        return {
            "id": row["urn"],
            "message": row["commentary"] or None,
            "created_time": _time(row["created"]),
            "updated_time": _time(row["modified"]),
            "permalink_url": None if is_bare else f"https://www.facebook.com/{page}/posts/{number}",
            "status_type": "added_photos" if row["images"] != "[]" else "mobile_status_update",
            "application": {"id": sent.get("application", APP_ID), "name": "Rehearsal"},
            "from": {"id": sent.get("from", page), "name": name["name"] if name else ""},
            "is_published": sent["published"],
            "attachments": _attachments(row, sent),
            "shares": {"count": figures["shares"]} if figures.get("shares") else None,
            "comments": {"data": [], "summary": {"total_count": figures.get("comments", 0)}},
            "reactions": {"data": [], "summary": {"total_count": figures.get("reactions", 0)}},
        }


def _attachments(row: dict, sent: dict) -> dict | None:
    pictures = [
        {
            "type": "photo",
            "target": {"id": shown["id"].removeprefix(PREFIX)},
            "media": {"image": {"height": 1, "width": 1}},
        }
        for shown in json.loads(row["images"])
    ]
    if len(pictures) == 1:
        return {"data": pictures}
    if pictures:
        album = {"type": "album", "target": {"id": row["urn"].partition("_")[2]}}
        return {"data": [{**album, "subattachments": {"data": pictures}}]}
    return {"data": [{"type": "share", "target": {"url": sent["link"]}}]} if sent.get("link") else None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _shown_cursor(row: dict) -> str:
    return base64.urlsafe_b64encode(f"row {row['rowid']}".encode()).decode()


def _cursor(said: str) -> int:
    """The row after which to go on, 0 for the beginning."""
    if not said:
        return 0
    try:
        match = re.fullmatch(rb"row (\d+)", base64.urlsafe_b64decode(said.encode()))
    except (binascii.Error, ValueError):
        match = None
    if match is None:
        raise invalid("Invalid cursors values", 33, "cursor")
    return int(match[1])
