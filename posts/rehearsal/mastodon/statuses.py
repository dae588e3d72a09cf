"""Mastodon's posts: create under a key, list, read, change, delete."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from ..exchange import Request, Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger, digest
from . import text as words
from .body import Bodies
from .media import Media, attachment, not_found
from .rules import NO_RECORD, SLUG, Caller, Refusal

REFUSED_BEFORE = ("cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html")
LOST_AFTER = ("cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "endless")
BUSY = "There was a temporary problem serving your request, please try again"

SCHEMA = """CREATE TABLE IF NOT EXISTS mastodon_key (account TEXT, key TEXT, post TEXT, since REAL, PRIMARY KEY (account, key))"""


class Statuses:
    """`wait` is how a slow answer passes its time."""

    def __init__(self, ledger: Ledger, media: Media, wait: Callable[[float], object], accounts):
        self.ledger, self.media, self.wait = ledger, media, wait
        self.bodies = Bodies(ledger, media, accounts)
        self.busy: set[tuple[str, str]] = set()
        self.lock = threading.Lock()
        ledger.write(SCHEMA)

    # Creating ---------------------------------------------------------------------------------------

    def create(self, request: Request, caller: Caller, here: dict, base: str) -> Response:
        caller.needs("write:statuses")
        body = self.bodies.read(request)
        key = request.headers.get("idempotency-key", "")
        if not key:
            self.ledger.failure("no-key", 6, network=SLUG)
        with self._alone(caller.account, key):
            if fault := self.ledger.take_fault(SLUG, "slow-before"):
                self.wait(fault["seconds"])
            if fault := self.ledger.take_fault(SLUG, *REFUSED_BEFORE):
                return answer_of(fault)
            if self.ledger.take_fault(SLUG, "lock-held"):
                raise Refusal(503, BUSY)
            if body.get("media_ids") and self.ledger.take_fault(SLUG, "media-gone"):
                raise not_found(body["media_ids"])
            with self.ledger.transaction():
                is_kept = bool(key and here["key_seconds"]) and not self.ledger.take_fault(
                    SLUG, "key-ignored"
                )
                if (first := self._made_with(key, caller.account, here) if is_kept else None) is None:
                    first = self._store(body, caller, here, base)
                    if is_kept and not first["is_dropped"]:
                        self.ledger.add(
                            "mastodon_key",
                            account=caller.account,
                            key=key,
                            post=first["urn"],
                            since=self.ledger.now(),
                        )
        return self._created(first, base)

    @contextlib.contextmanager
    def _alone(self, account: str, key: str) -> Iterator[None]:
        """The lock of newer servers; older ones would have posted twice."""
        mine = (account, key)
        with self.lock:
            if key and mine in self.busy:
                raise Refusal(503, BUSY, check=9, breach="same-key-at-once")
            self.busy.add(mine)
        try:
            yield
        finally:
            with self.lock:
                self.busy.discard(mine)

    def _made_with(self, key: str, account: str, here: dict) -> dict | None:
        """The post that this key made, whatever the text says now. Refuses if it was deleted since."""
        known = self.ledger.row("SELECT * FROM mastodon_key WHERE account = ? AND key = ?", account, key)
        if known is None or known["since"] + here["key_seconds"] <= self.ledger.now():
            return None
        row = self.ledger.row("SELECT * FROM post WHERE urn = ?", known["post"])
        if row is None or row["deleted"] is not None:
            raise Refusal(404, NO_RECORD)
        self.ledger.event("same-key", network=SLUG, urn=row["urn"])
        return row

    def _store(self, body: dict, caller: Caller, here: dict, base: str) -> dict:
        account = self.ledger.page(SLUG, caller.account)
        media = self.bodies.media_of(body, caller, here)
        parts, settled = self.bodies.settled(body, account, here, bool(media))
        now = self.ledger.now()
        number = f"{int(now * 1000) << 16 | self.ledger.count_up('mastodon post') % 65536}"
        urn = str(uuid.uuid4()) if here["ids"] == "uuid" else number
        if fault := self.ledger.take_fault(SLUG, "fewer-attachments"):
            media = media[: int(fault.get("kept", 0))]
        row = {
            "urn": urn,
            "network": SLUG,
            "author": caller.account,
            "fingerprint": digest(settled["status"]),
            "body": json.dumps(settled),
            "images": json.dumps([{"id": each["urn"], "altText": each["description"]} for each in media]),
            "created": now,
            "modified": now,
            "is_visible": settled["visibility"] in ("public", "unlisted"),
            **_read(parts, base),
        }
        if self.ledger.take_fault(SLUG, "spam-drop"):
            self.ledger.event("dropped", network=SLUG, urn=urn)
            return {**row, "is_dropped": True}
        self.ledger.add("post", **row)
        self.media.attach(media, urn)
        self.ledger.event("created", network=SLUG, urn=urn)
        return {**row, "is_dropped": False}

    def _created(self, row: dict, base: str) -> Response:
        """The answer, after the commit: where real servers fail."""
        if fault := self.ledger.take_fault(SLUG, *LOST_AFTER):
            return answer_of(fault)
        slow = self.ledger.take_fault(SLUG, "slow-after")
        status = self.as_read(row, base)
        if self.ledger.take_fault(SLUG, "no-id"):
            del status["id"]
        response = json_response(status)
        response.delay = slow["seconds"] if slow else 0.0
        return response

    # Reading ----------------------------------------------------------------------------------------

    def timeline(self, request: Request, caller: Caller, account: str, base: str) -> Response:
        caller.needs("read:statuses")
        if fault := self.ledger.take_fault(SLUG, "find-500", "find-html"):
            return answer_of(fault)
        lag = self.ledger.take_fault(SLUG, "find-lag") or {"seconds": 0}
        limit = request.asked.get("limit", "20")
        if not re.fullmatch(r"[1-9][0-9]?", limit) or int(limit) > 40:
            raise Refusal(400, "limit must be between 1 and 40", breach="limit")
        if self.ledger.page(SLUG, account) is None:
            raise Refusal(404, NO_RECORD)
        last = self.ledger.row("SELECT rowid FROM post WHERE urn = ?", request.asked.get("max_id", ""))
        rows = self.ledger.rows(
            "SELECT * FROM post WHERE network = ? AND author = ? AND deleted IS NULL AND created <= ? AND rowid < ?"
            " ORDER BY rowid DESC LIMIT ?",
            *(
                SLUG,
                account,
                self.ledger.now() - lag["seconds"],
                last["rowid"] if last else 1 << 62,
                int(limit),
            ),
        )
        return json_response([self.as_read(row, base) for row in rows])

    def one(self, request: Request, caller: Caller, key: str, here: dict, base: str) -> Response:
        row = self.ledger.row(
            "SELECT * FROM post WHERE network = ? AND urn = ? AND deleted IS NULL", SLUG, key
        )
        match request.method:
            case "GET":
                caller.needs("read:statuses")
                if self.ledger.take_fault(SLUG, "get-500"):
                    return broken_response(500)
                if row is None:
                    raise Refusal(404, NO_RECORD)
                return json_response(self.as_read(row, base))
            case "PUT":
                return self._change(request, caller, row, here, base)
            case "DELETE":
                return self._delete(request, caller, row, base)
        raise Refusal(404, NO_RECORD)

    def as_read(self, row: dict, base: str) -> dict:
        body, account = json.loads(row["body"]), self.ledger.page(SLUG, row["author"])
        root, handle = base.removesuffix(f"/api/{SLUG}"), account["handle"]
        pictures = [
            attachment(shown["id"].removeprefix("mastodon:media:"), shown["altText"], base)
            for shown in json.loads(row["images"])
        ]
        return {
            "id": row["urn"],
            "created_at": _iso(row["created"]),
            "edited_at": _iso(row["modified"]) if row["modified"] > row["created"] else None,
            "uri": f"{base}/users/{handle}/statuses/{row['urn']}",
            "url": f"{root}/{SLUG}/@{handle}/{row['urn']}",
            **{name: body[name] for name in ("spoiler_text", "visibility", "language", "sensitive")},
            "content": row["commentary"],
            "media_attachments": pictures,
            "reblog": None,
            "account": as_account(account, base),
            **{f"{name}_count": body.get(name, 0) for name in ("replies", "reblogs", "favourites")},
        }

    # Changing ---------------------------------------------------------------------------------------

    def _change(self, request: Request, caller: Caller, row: dict | None, here: dict, base: str) -> Response:
        caller.needs("write:statuses")
        if row is None or row["author"] != caller.account:
            raise Refusal(404, NO_RECORD)
        body = self.bodies.read(request)
        with self.ledger.transaction():
            # What is not named again is taken off.
            media = self.bodies.media_of(body, caller, here, row["urn"])
            account, before = self.ledger.page(SLUG, caller.account), json.loads(row["body"])
            parts, settled = self.bodies.settled(
                {**body, "visibility": before["visibility"]}, account, here, bool(media)
            )
            self.media.attach(
                self.ledger.rows("SELECT id FROM mastodon_media WHERE post = ?", row["urn"]), None
            )
            self.media.attach(media, row["urn"])
            changed = _read(parts, base) | {
                "body": json.dumps(before | settled),
                "modified": self.ledger.now(),
                "images": json.dumps([{"id": each["urn"], "altText": each["description"]} for each in media]),
            }
            changes = ", ".join(f"{name} = ?" for name in changed)
            self.ledger.write(f"UPDATE post SET {changes} WHERE urn = ?", *changed.values(), row["urn"])
            self.ledger.event("updated", network=SLUG, urn=row["urn"])
        return json_response(self.as_read(row | changed, base))

    def _delete(self, request: Request, caller: Caller, row: dict | None, base: str) -> Response:
        caller.needs("write:statuses")
        if self.ledger.take_fault(SLUG, "delete-500"):
            return broken_response(500)
        if row is None or row["author"] != caller.account:
            raise Refusal(404, NO_RECORD, check=31)
        is_whole = request.asked.get("delete_media") == "true"
        if not is_whole and json.loads(row["images"]):
            # Its pictures would stay for a day.
            self.ledger.failure("pictures-stay", 0, network=SLUG, urn=row["urn"])
        with self.ledger.transaction():
            self.ledger.write("UPDATE post SET deleted = ? WHERE urn = ?", self.ledger.now(), row["urn"])
            self.ledger.event("deleted", network=SLUG, urn=row["urn"], with_media=is_whole)
            if is_whole:
                self.media.delete_of(row["urn"])
        return json_response({**self.as_read(row, base), "text": json.loads(row["body"])["status"]})


def as_account(page: dict, base: str) -> dict:
    root = base.removesuffix(f"/api/{SLUG}")
    return {
        "id": page["id"],
        "username": page["handle"],
        "acct": page["handle"],
        "display_name": page["name"],
        "note": page["tagline"],
        "url": f"{root}/{SLUG}/@{page['handle']}",
        "followers_count": page["followers"],
        **{name: True for name in ("limited", "suspended") if page["data"].get(name)},
    }


def _read(parts: list[list[str]], base: str) -> dict:
    shown = words.as_shown(parts)
    return {
        "commentary": words.html_of(shown, base),
        "text": "".join(text for _kind, text in shown),
        "parts": json.dumps(shown),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
