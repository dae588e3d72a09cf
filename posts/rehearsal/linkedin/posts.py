"""LinkedIn's posts: create, find, read, change, delete; duplicates and ghosts included."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from ..exchange import Request, Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger
from . import littletext
from .body import REQUIRED, check_fields, media_in
from .duplicates import check_duplicate
from .rules import (
    NOT_PERMITTED,
    Caller,
    Refusal,
    digest,
    forbidden,
    illegal,
    json_body,
    not_found,
    urn_in,
    wrong_value,
)
from .uploads import Uploads, kind_of

MUTABLE = {"commentary", "contentCallToActionLabel", "contentLandingPage", "lifecycleState", "adContext"}
FINDER_PARAMETERS = {"author", "q", "count", "start", "sortBy", "viewContext", "isDsc"}
REFUSED_BEFORE = ("cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html")
LOST_AFTER = ("cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "endless")


class Posts:
    """`wait` is how a slow answer passes its time."""

    def __init__(self, ledger: Ledger, uploads: Uploads, wait: Callable[[float], object]):
        self.ledger, self.uploads, self.wait = ledger, uploads, wait

    # Creating ---------------------------------------------------------------------------------------

    def create(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        if fault := self.ledger.take_fault("linkedin", "slow-before"):
            self.wait(fault["seconds"])
        if fault := self.ledger.take_fault("linkedin", *REFUSED_BEFORE):
            return answer_of(fault)
        check_fields(body)
        caller.must_post_as(body["author"])
        if self.ledger.take_fault("linkedin", "conflict"):
            raise Refusal(409, "CONFLICT", "A write conflict occurred. Retry the request.")
        media = media_in(body)
        if media and self.ledger.take_fault("linkedin", "waiting-upload"):
            raise Refusal(400, "MEDIA_ASSET_WAITING_UPLOAD", "The media asset is waiting for upload")
        with self.ledger.transaction():
            visible = [self.uploads.check_usable(shown["id"], body["author"]) for shown in media]
            check_duplicate(self.ledger, body)
            urn = self._store(body, [] if "article" in body.get("content", {}) else media, all(visible))
        return self._created(urn)

    def _store(self, body: dict, media: list[dict], is_visible: bool) -> str:
        created = self.ledger.now()
        # Like the real ones: the time in ms in the high bits.
        urn = f"urn:li:share:{(int(created * 1000) << 22) + self.ledger.count_up('post') % (1 << 22)}"
        reading = self._read(body["commentary"])
        self.ledger.add(
            "post",
            urn=urn,
            network="linkedin",
            author=body["author"],
            fingerprint=digest(body["commentary"]),
            body=json.dumps(body),
            commentary=reading.markup,
            text=reading.text,
            parts=json.dumps(reading.parts),
            images=json.dumps([shown for shown in media if kind_of(shown["id"]) == "image"]),
            created=created,
            modified=created,
            is_visible=is_visible,
        )
        self.ledger.event("created", network="linkedin", urn=urn)
        return urn

    def _created(self, urn: str) -> Response:
        """The answer, after the commit: where real networks fail."""
        if fault := self.ledger.take_fault("linkedin", *LOST_AFTER):
            return answer_of(fault)
        slow = self.ledger.take_fault("linkedin", "slow-after")
        headers = {} if self.ledger.take_fault("linkedin", "no-id") else {"x-restli-id": urn}
        return Response(201, b"", headers, delay=slow["seconds"] if slow else 0.0)

    def _read(self, commentary: str) -> littletext.Reading:
        # Only a mention asks for the names.
        rows = self.ledger.pages("linkedin") if "@[" in commentary else []
        names = {f"urn:li:organization:{row['id']}": row["name"] for row in rows}
        reading = littletext.read(commentary, names)
        if reading.cut:
            self.ledger.failure("text-cut", 17, character=reading.cut, kept=len(reading.text))
        return reading

    # Reading ----------------------------------------------------------------------------------------

    def find(self, request: Request, caller: Caller) -> Response:
        asked = request.asked
        if request.headers.get("x-restli-method", "").upper() != "FINDER":
            raise illegal("X-RestLi-Method: FINDER is required", 39, "finder-not-named")
        caller.must_read("FINDER-author")
        if strange := sorted(set(asked) - FINDER_PARAMETERS):
            text = f"Unpermitted fields present in PARAMETER: {strange}"
            raise Refusal(403, "ACCESS_DENIED", text, 100, check=39, breach="unknown-parameter")
        raw_author = re.search(r"(?:^|&)author=([^&]*)", request.query)
        if asked.get("q") != "author" or raw_author is None:
            raise illegal("q=author and author are required", 39, "finder-without-author")
        author = urn_in(raw_author[1])
        count, start = (asked.get(name, default) for name, default in (("count", "10"), ("start", "0")))
        if not (count.isdecimal() and start.isdecimal() and 1 <= int(count) <= 100):
            raise illegal("count must be between 1 and 100", 39, "finder-count")
        if fault := self.ledger.take_fault("linkedin", "find-500", "find-html"):
            return answer_of(fault)
        lag = self.ledger.take_fault("linkedin", "find-lag") or {"seconds": 0}
        if not caller.role_on(author):
            raise forbidden(NOT_PERMITTED, 10)
        order = "created" if asked.get("sortBy", "LAST_MODIFIED") == "CREATED" else "modified"
        rows = self.ledger.rows(
            "SELECT * FROM post WHERE network = 'linkedin' AND author = ? AND deleted IS NULL AND created <= ?"
            f" ORDER BY {order} DESC, rowid DESC LIMIT ? OFFSET ?",
            *(author, self.ledger.now() - lag["seconds"], int(count), int(start)),
        )
        paging = {"start": int(start), "count": int(count), "links": []}
        return json_response({"elements": [as_read(row) for row in rows], "paging": paging})

    def one(self, request: Request, caller: Caller, urn: str) -> Response:
        """GET, DELETE, or a POST that changes: the Rest.li method header says which it is."""
        if not re.fullmatch(r"urn:li:(?:share|ugcPost):[0-9]+", urn):
            raise Refusal(
                400, "INVALID_URN_TYPE", f"{urn} is no share or ugcPost", check=15, breach="post-urn"
            )
        row = self.ledger.row("SELECT * FROM post WHERE urn = ?", urn)
        method = request.headers.get("x-restli-method", "").upper()
        match request.method, method:
            case "GET", ("" | "GET"):
                return self._get(caller, row)
            case "DELETE", "DELETE":
                return self._delete(caller, row)
            case "POST", "PARTIAL_UPDATE":
                return self._update(request, caller, row)
        text = f"{request.method} with X-RestLi-Method {method or 'absent'} is not supported"
        raise illegal(text, 41, "method-not-named")

    def _get(self, caller: Caller, row: dict | None) -> Response:
        caller.must_read("GET")
        if self.ledger.take_fault("linkedin", "get-500"):
            return broken_response(500)
        if row is None or row["deleted"] is not None:
            raise not_found()
        return json_response(as_read(row))

    # Changing ---------------------------------------------------------------------------------------

    def _delete(self, caller: Caller, row: dict | None) -> Response:
        caller.must_be_allowed_to_post("DELETE")
        if row is not None:
            caller.must_post_as(row["author"], "DELETE")
        if self.ledger.take_fault("linkedin", "delete-500"):
            return broken_response(500)
        if row is None:
            raise not_found()
        with self.ledger.transaction():
            now = self.ledger.now()
            gone = "UPDATE post SET deleted = ? WHERE urn = ? AND deleted IS NULL"
            if self.ledger.write(gone, now, row["urn"]):
                self.ledger.event("deleted", network="linkedin", urn=row["urn"])
        return Response(204)

    def _update(self, request: Request, caller: Caller, row: dict | None) -> Response:
        patch = json_body(request).get("patch")
        changes = patch.get("$set") if isinstance(patch, dict) else None
        if not isinstance(changes, dict) or not changes:
            raise illegal("patch.$set is required", 41, "no-patch")
        if row is None or row["deleted"] is not None:
            raise not_found()
        caller.must_post_as(row["author"], "PARTIAL_UPDATE")
        if fixed := sorted(set(changes) - MUTABLE):
            raise wrong_value(f"{fixed[0]} cannot be updated", 41, "immutable-field")
        body = {**json.loads(row["body"]), **changes}
        check_fields({name: value for name, value in body.items() if name in REQUIRED})
        with self.ledger.transaction():
            reading = self._read(body["commentary"])
            self.ledger.write(
                "UPDATE post SET body = ?, commentary = ?, text = ?, parts = ?, modified = ? WHERE urn = ?",
                *(json.dumps(body), reading.markup, reading.text, json.dumps(reading.parts)),
                *(self.ledger.now(), row["urn"]),
            )
            self.ledger.event("updated", network="linkedin", urn=row["urn"])
        return Response(204)


def as_read(row: dict) -> dict:
    """A post as GET and the finder give it."""
    created, modified = int(row["created"] * 1000), int(row["modified"] * 1000)
    times = {"createdAt": created, "publishedAt": created, "lastModifiedAt": modified}
    return {**json.loads(row["body"]), "commentary": row["commentary"], "id": row["urn"], **times}
