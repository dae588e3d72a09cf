"""Bluesky's records of posts: put, create, get, list, delete. A key is written once unless what stands there is named."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable

from ..exchange import Request, Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger
from . import marks
from .accounts import Accounts
from .blobs import Blobs
from .body import card_in, check_record, pictures_in
from .rules import COLLECTION, DID, TID, Caller, Refusal, invalid, json_body, record_cid, uri_of

REFUSED_BEFORE = ("cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html")
LOST_AFTER = ("cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "endless")
HALVES = re.compile(r"[\ud800-\udfff]")
THUMB_BYTES = 1_000_000


class Records:
    """`wait` is how a slow answer passes its time; `limit` gives the largest picture of a post, in bytes."""

    def __init__(
        self,
        ledger: Ledger,
        accounts: Accounts,
        blobs: Blobs,
        wait: Callable[[float], object],
        limit: Callable[[], int],
    ):
        self.ledger, self.accounts, self.blobs, self.wait, self.limit = ledger, accounts, blobs, wait, limit

    # Writing ----------------------------------------------------------------------------------------

    def put(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        did, key = self._own(body, caller), self._key(body)
        if (answer := self._before()) is not None:
            return answer
        record, images, parts = self._checked(body, did)
        swap = body.get("swapRecord", "absent")
        uri, cid = uri_of(did, key), record_cid(record)
        with self.ledger.transaction():
            row = self.ledger.row("SELECT body, deleted FROM post WHERE urn = ?", uri)
            is_there = row is not None and row["deleted"] is None
            if swap == "absent":
                # The real one would silently write over what stands there.
                self._fail("no-swap-record", 27, uri=uri)
            present = record_cid(json.loads(row["body"])) if is_there else None
            is_same = present == cid and not self.ledger.take_fault("bluesky", "swap-refused")
            if not is_same:
                if swap != "absent" and swap != present:
                    text = f"Record was at {present or 'null'}"
                    raise Refusal(400, "InvalidSwap", text, check=28)
                self._store(uri, did, record, images, parts, was=row)
        # The very same record again is answered as the first time, and changes nothing.
        return self._written(uri, cid, is_new=not is_same)

    def create(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        did, key = self._own(body, caller), self._key(body)
        if (answer := self._before()) is not None:
            return answer
        record, images, parts = self._checked(body, did)
        uri = uri_of(did, key)
        with self.ledger.transaction():
            row = self.ledger.row("SELECT body, deleted FROM post WHERE urn = ?", uri)
            if row is not None and row["deleted"] is None:
                raise Refusal(
                    500, "InternalServerError", "Internal Server Error", check=29, breach="key-taken"
                )
            self._store(uri, did, record, images, parts, was=row)
        return self._written(uri, record_cid(record), is_new=True)

    def _before(self) -> Response | None:
        if fault := self.ledger.take_fault("bluesky", "slow-before"):
            self.wait(fault["seconds"])
        fault = self.ledger.take_fault("bluesky", *REFUSED_BEFORE)
        return answer_of(fault) if fault else None

    def _own(self, body: dict, caller: Caller) -> str:
        """The DID in whose name is written, which must be the caller's."""
        repo = body.get("repo")
        did = repo if isinstance(repo, str) and DID.fullmatch(repo) else self.accounts.did_of(str(repo))
        if not did or self.accounts.find(did) is None:
            raise Refusal(403, "AccountNotFound", "Account not found", check=30, breach="not-our-repo")
        if did != caller.did:
            raise Refusal(401, "AuthenticationRequired", "", check=30, breach="not-our-repo")
        return did

    def _key(self, body: dict) -> str:
        key = body.get("rkey")
        if not isinstance(key, str) or not TID.fullmatch(key):
            text = f'Invalid record key for {COLLECTION}: Invalid TID string (got "{key}") at $'
            raise invalid(text, 26, "no-tid")
        return key

    def _checked(self, body: dict, did: str) -> tuple[dict, list[dict], list[list[str]]]:
        """The record, its pictures as the ledger keeps them, its text in parts."""
        record = check_record(self._mended(body.get("record")), str(body.get("collection")))
        parts = marks.read(record, self.accounts.did_of, self._fail)
        shown, card = pictures_in(record), card_in(record)
        images = []
        for number, picture in enumerate(shown):
            where = f"$.record.embed.images[{number}].image"
            self.blobs.must_be(picture["image"], did, self.limit(), where)
            cid = picture["image"]["ref"]["$link"]
            self._check_pixels(cid, picture.get("aspectRatio"))
            images.append({"id": cid, "altText": picture["alt"]})
        if card and "thumb" in card:
            self.blobs.must_be(card["thumb"], did, THUMB_BYTES, "$.record.embed.external.thumb")
        return record, images, parts

    def _mended(self, record: object) -> object:
        """The same; halves of characters in its text are replaced, as there, and blamed."""
        text = record.get("text") if isinstance(record, dict) else None
        if not isinstance(text, str) or not HALVES.search(text):
            return record
        self._fail("half-a-character", 10)
        return {**record, "text": HALVES.sub("\N{REPLACEMENT CHARACTER}", text)}

    def _check_pixels(self, cid: str, ratio: dict | None) -> None:
        image = self.ledger.image(cid)
        if ratio is None or (ratio["width"], ratio["height"]) != (image["width"], image["height"]):
            self._fail("aspect-ratio", 17, image=cid)

    def _store(
        self, uri: str, did: str, record: dict, images: list, parts: list, *, was: dict | None
    ) -> None:
        now = self.ledger.now()
        is_update = was is not None and was["deleted"] is None
        if was is not None and not is_update:
            self._fail("written-after-delete", 0, uri=uri)
        changed = {
            "fingerprint": hashlib.sha256(record["text"].encode()).hexdigest(),
            "body": json.dumps(record),
            "commentary": record["text"],
            "text": record["text"],
            "parts": json.dumps(parts),
            "images": json.dumps(images),
            "modified": now,
        }
        if is_update:
            columns = ", ".join(f"{name} = ?" for name in changed)
            self.ledger.write(f"UPDATE post SET {columns} WHERE urn = ?", *changed.values(), uri)
        else:
            self.ledger.add(
                "post", urn=uri, network="bluesky", author=did, created=now, is_visible=1, **changed
            )
        self.ledger.event("updated" if is_update else "created", network="bluesky", urn=uri)

    def _written(self, uri: str, cid: str, *, is_new: bool) -> Response:
        """The answer, after the commit: where real networks fail."""
        if fault := self.ledger.take_fault("bluesky", *LOST_AFTER):
            return answer_of(fault)
        slow = self.ledger.take_fault("bluesky", "slow-after")
        data = {"uri": uri, "cid": cid, "validationStatus": "valid"}
        if is_new:
            data["commit"] = {"cid": cid, "rev": uri.rpartition("/")[2]}
        if self.ledger.take_fault("bluesky", "no-id"):
            data = {}
        response = json_response(data)
        response.delay = slow["seconds"] if slow else 0.0
        return response

    def _fail(self, rule: str, check: int, **data) -> None:
        self.ledger.failure(rule, check, network="bluesky", **data)

    def delete(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        did, key = self._own(body, caller), self._key(body)
        if self.ledger.take_fault("bluesky", "delete-500"):
            return broken_response(500)
        uri = uri_of(did, key)
        with self.ledger.transaction():
            gone = "UPDATE post SET deleted = ? WHERE urn = ? AND deleted IS NULL"
            if not self.ledger.write(gone, self.ledger.now(), uri):
                return json_response({})
            self.ledger.event("deleted", network="bluesky", urn=uri)
        return json_response({"commit": {"cid": record_cid(body), "rev": key}})

    # Reading ----------------------------------------------------------------------------------------

    def get(self, request: Request) -> Response:
        if fault := self.ledger.take_fault("bluesky", "get-500", "find-500", "find-html"):
            return (
                broken_response(503, is_html=True) if fault["name"] == "find-html" else broken_response(500)
            )
        did = self._read_repo(request)
        uri = uri_of(did, request.asked.get("rkey", ""))
        row = self.ledger.row("SELECT body, deleted FROM post WHERE urn = ?", uri)
        if row is None or row["deleted"] is not None:
            raise Refusal(400, "RecordNotFound", f"Could not locate record: {uri}")
        return json_response(_as_read(uri, row))

    def list(self, request: Request) -> Response:
        if fault := self.ledger.take_fault("bluesky", "find-500", "find-html"):
            return (
                broken_response(503, is_html=True) if fault["name"] == "find-html" else broken_response(500)
            )
        lag = self.ledger.take_fault("bluesky", "find-lag") or {"seconds": 0}
        did, limit = self._read_repo(request), request.asked.get("limit", "50")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            text = f"Invalid com.atproto.repo.listRecords params: integer too big (maximum 100, got {limit})"
            raise invalid(text, 0, "list-limit")
        # Keys are times: their order is the order of posts.
        before = uri_of(did, request.asked.get("cursor") or "~")
        rows = self.ledger.rows(
            "SELECT urn, body FROM post WHERE network = 'bluesky' AND author = ? AND deleted IS NULL AND urn < ?"
            " AND created <= ? ORDER BY urn DESC LIMIT ?",
            *(did, before, self.ledger.now() - lag["seconds"], int(limit)),
        )
        data = {"records": [_as_read(row["urn"], row) for row in rows]}
        if rows:
            data["cursor"] = rows[-1]["urn"].rpartition("/")[2]
        return json_response(data)

    def _read_repo(self, request: Request) -> str:
        asked = request.asked
        if asked.get("collection") != COLLECTION:
            raise invalid('Missing required key "collection"', 0, "missing-field")
        repo = asked.get("repo", "")
        did = repo if repo.startswith("did:") else self.accounts.did_of(repo)
        if not did or self.accounts.find(did) is None:
            raise invalid(f"Could not find repo: {repo}", 0, "unknown-repo")
        return did


def _as_read(uri: str, row: dict) -> dict:
    record = json.loads(row["body"])
    return {"uri": uri, "cid": record_cid(record), "value": record}
