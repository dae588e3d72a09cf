"""Facebook's posts: create, change, delete; what is stored although the answer says otherwise included."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..exchange import Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger
from .body import Body, body_of, fingerprint, read
from .photos import Photos
from .reading import Reading
from .rules import APP_ID, Asked, Caller, Refusal, chosen, invalid, no_right, not_there

FIRST_NUMBER = 122_100_000_000_000
REFUSED_BEFORE = ("cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html")
LOST_AFTER = ("cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "endless")
GRAPH_ERRORS = {
    "code-1": (1, "An unknown error occurred", 99, 400, False),
    "code-2": (2, "An unexpected error has occurred. Please retry your request later.", None, 500, True),
    "transient": (1390008, "Something went wrong. Please try again.", None, 400, True),
}
"""What may come instead of an answer, whether or not the post was made: code, message, subcode, status, is_transient."""
FIRM_NO = ("throttled", "blocked", "already-posted")


class Posts:
    """`wait` is how a slow answer passes its time; `is_public` tells whether readers see what the app publishes."""

    def __init__(self, ledger: Ledger, wait: Callable[[float], object], photos: Photos, is_public):
        self.ledger, self.wait, self.photos, self.is_public = ledger, wait, photos, is_public
        self.reading = Reading(ledger)

    # Creating ---------------------------------------------------------------------------------------

    def create(self, asked: Asked, caller: Caller, page: str) -> Response:
        if fault := self.ledger.take_fault("facebook", "slow-before"):
            self.wait(fault["seconds"])
        before = (*REFUSED_BEFORE, *(f"refuse-{name}" for name in GRAPH_ERRORS), *FIRM_NO)
        if fault := self.ledger.take_fault("facebook", *before):
            return _said(fault)
        caller.must_write(page)
        body = body_of(asked, self.ledger.now())
        with self.ledger.transaction():
            shown = self.photos.usable(body.pictures, page, is_scheduled=body.is_scheduled)
            self._check_duplicate(body, page)
            post = self.store(body, shown, page, asked)
        after = (*LOST_AFTER, *(f"answer-{name}" for name in GRAPH_ERRORS), "no-id", "slow-after")
        fault = self.ledger.take_fault("facebook", *after) or {"name": ""}
        if fault["name"] == "no-id":
            return json_response({})
        if fault["name"] not in ("", "slow-after"):
            return _said(fault)
        answer = json_response(chosen(self.reading.as_read(post), asked.text("fields"), "id"))
        answer.delay = fault.get("seconds", 0.0)
        return answer

    def store(self, body: Body, shown: list[dict], page: str, asked: Asked) -> dict:
        """Inside the caller's transaction. The row."""
        created = self.ledger.now()
        urn = f"{page}_{FIRST_NUMBER + self.ledger.count_up('facebook post')}"
        names = {
            row["id"]: row["name"]
            for row in self.ledger.rows("SELECT id, name FROM page WHERE network = 'facebook'")
        }
        text, parts = read(body.message, names)
        sent = {name: value for name, value in asked.values.items() if name != "appsecret_proof"}
        self.ledger.add(
            "post",
            urn=urn,
            network="facebook",
            author=page,
            fingerprint=body.fingerprint,
            body=json.dumps({**sent, "published": body.is_published}),
            commentary=body.message,
            text=text,
            parts=json.dumps(parts),
            images=json.dumps(shown),
            created=created,
            modified=created,
            is_visible=body.is_published and self.is_public(),
        )
        self.photos.publish(shown, urn)
        self.ledger.event("created", network="facebook", urn=urn)
        return self.ledger.row("SELECT rowid, * FROM post WHERE urn = ?", urn)

    def publish_photo(self, number: str, asked: Asked, page: str) -> dict:
        """A photo that becomes a post at once, under its caption."""
        body = Body(asked.text("caption"), "", [number], True, False)
        with self.ledger.transaction():
            return self.store(body, self.photos.usable([number], page, is_scheduled=False), page, asked)

    def foreign(self, data: dict) -> dict:
        """A post that our program did not make, or (`from`) that somebody left on the page."""
        values = {name: data[name] for name in ("application", "from") if name in data}
        body = Body(str(data.get("message", "Bonjour")), "", [], True, False)
        with self.ledger.transaction():
            return self.store(body, [], str(data["page"]), Asked(values))

    def _check_duplicate(self, body: Body, page: str) -> None:
        """The same text twice in a row. Posts with pictures are not compared."""
        last = self.ledger.row(
            "SELECT fingerprint, images FROM post WHERE network = 'facebook' AND author = ? AND deleted IS NULL"
            " ORDER BY created DESC, rowid DESC LIMIT 1",
            page,
        )
        if last and not body.pictures and last["images"] == "[]" and last["fingerprint"] == body.fingerprint:
            raise Refusal(506, "(#506) Duplicate status message", check=24)

    # Changing ---------------------------------------------------------------------------------------

    def update(self, row: dict, asked: Asked, caller: Caller) -> Response:
        """New words, or an unpublished post made public."""
        caller.must_write(row["author"])
        if self.ledger.take_fault("facebook", "edit-500"):
            return broken_response(500)
        sent = json.loads(row["body"])
        if row["deleted"] is not None:
            raise not_there("post", row["urn"])
        if sent.get("application", APP_ID) != APP_ID:
            raise no_right(200, "The post was not made by this app", 38)
        if "message" not in asked.values and not asked.is_true("is_published"):
            raise invalid("Nothing to change", 38, "empty-edit")
        with self.ledger.transaction():
            if "message" in asked.values:
                text, parts = read(asked.text("message"), {})
                self.ledger.write(
                    "UPDATE post SET commentary = ?, text = ?, parts = ?, fingerprint = ? WHERE urn = ?",
                    *(asked.text("message"), text, json.dumps(parts)),
                    *(fingerprint(asked.text("message")), row["urn"]),
                )
            if asked.is_true("is_published"):
                sent["published"] = True
                is_visible = self.is_public()
                query = "UPDATE post SET body = ?, is_visible = ? WHERE urn = ?"
                self.ledger.write(query, json.dumps(sent), is_visible, row["urn"])
            self.ledger.write("UPDATE post SET modified = ? WHERE urn = ?", self.ledger.now(), row["urn"])
            self.ledger.event("updated", network="facebook", urn=row["urn"])
        return json_response({"success": True})

    def delete(self, row: dict, caller: Caller) -> Response:
        """The post alone: its pictures stay on the page until they are deleted too (the worse of two cases we know of)."""
        caller.must_write(row["author"])
        if self.ledger.take_fault("facebook", "delete-500"):
            return broken_response(500)
        with self.ledger.transaction():
            gone = "UPDATE post SET deleted = ? WHERE urn = ? AND deleted IS NULL"
            if not self.ledger.write(gone, self.ledger.now(), row["urn"]):
                raise not_there("delete", row["urn"])
            self.ledger.event("deleted", network="facebook", urn=row["urn"])
        return json_response({"success": True})


def _said(fault: dict) -> Response:
    """What a fault answers instead of the truth."""
    name = fault["name"]
    how = name.partition("-")[2]
    if how in GRAPH_ERRORS:
        code, message, subcode, status, is_transient = GRAPH_ERRORS[how]
        return Refusal(code, message, subcode, status=status, is_transient=is_transient).response()
    if name == "throttled":
        code = fault.get("code", 4)
        text = f"(#{code}) Application request limit reached"
        return Refusal(code, text, is_transient=True, check=30).response()
    if name == "blocked":
        text = "(#368) The action attempted has been deemed abusive or is otherwise disallowed"
        return Refusal(368, text, 1390008, words="You can't post right now.", check=31).response()
    if name == "already-posted":
        return Refusal(368, "(#368) You've already posted this", check=24).response()
    return answer_of(fault)
