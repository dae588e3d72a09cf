"""X's posts: create and delete; duplicates, money and lost answers included. Reading is in `reading.py`."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

from ..exchange import Request, Response, broken_response, json_response
from ..faults import answer_of
from ..ledger import Ledger, digest
from . import text as words
from .media import Media
from .pictures import urn_of
from .reading import TEXT_LIMIT, as_given
from .rules import SLUG, Caller, Refusal, forbidden, invalid, json_body, not_found, only, problem

FIELDS = (
    "text media reply poll geo quote_tweet_id reply_settings nullcast community_id card_uri for_super_followers_only"
    " direct_message_deep_link made_with_ai paid_partnership share_with_followers"
)
REFUSED_BEFORE = ("cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html")
LOST_AFTER = ("cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "endless")
FIRST_MOMENT = 1_288_834_974_657
TOO_LONG = "Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text."


class Posts:
    """`wait` is how a slow answer passes its time."""

    def __init__(self, ledger: Ledger, media: Media, wait: Callable[[float], object]):
        self.ledger, self.media, self.wait = ledger, media, wait

    # Creating ---------------------------------------------------------------------------------------

    def create(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        if fault := self.ledger.take_fault(SLUG, "slow-before"):
            self.wait(fault["seconds"])
        if fault := self.ledger.take_fault(SLUG, *REFUSED_BEFORE):
            return answer_of(fault)
        if self.ledger.take_fault(SLUG, "refuse-empty"):
            return Response(503)
        self._refuse_for_no_rule()
        numbers = self._checked(body, caller)
        with self.ledger.transaction():
            pictures = self.media.usable(numbers, caller)
            self._check_duplicate(body.get("text", ""), caller)
            number = self._store(body, pictures, caller)
        return self._created(number)

    def _refuse_for_no_rule(self) -> None:
        """What money, X's own people or nobody knows who decides."""
        if self.ledger.take_fault(SLUG, "credits"):
            said = "Your enrolled account does not have any credits to fulfill this request."
            raise problem(402, "CreditsDepleted", said, "credits", check=28)
        if self.ledger.take_fault(SLUG, "usage-capped"):
            raise problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "usage-capped")
        if self.ledger.take_fault(SLUG, "suspended"):
            said = "Your account is suspended and is not permitted to access this feature."
            raise forbidden(said)
        if self.ledger.take_fault(SLUG, "app-refused"):
            raise problem(403, "Client Forbidden", "This program may not do that.", "client-forbidden")
        if self.ledger.take_fault(SLUG, "ghost-duplicate"):
            raise duplicate(0)

    def _checked(self, body: dict, caller: Caller) -> list[str]:
        """The numbers of its media. Refuses a body that is not what the specification says."""
        only(body, set(FIELDS.split()), "", 5, "unknown-field")
        if "quote_tweet_id" in body:
            raise forbidden("Quoting a post is not available on your plan.", check=29, breach="quote")
        if "reply" in body:
            raise forbidden("Reply to this conversation is not allowed.", check=29, breach="reply")
        text, media = body.get("text", ""), body.get("media")
        if not isinstance(text, str):
            raise invalid("$.text: is not a string", 5, "wrong-type")
        numbers: list[str] = []
        if media is not None:
            if not isinstance(media, dict):
                raise invalid("$.media: is not an object", 6, "wrong-type")
            only(media, {"media_ids", "tagged_user_ids"}, "media.", 6, "unknown-field")
            numbers = _media_ids(media.get("media_ids"))
        if not text.strip() and not numbers:
            raise invalid("One of text or media is required", 10, "nothing-to-post")
        if words.weight(text) > caller.page["data"].get("text_limit", TEXT_LIMIT):
            raise invalid(TOO_LONG, 11, "text-too-long")
        if len(words.CASHTAG.findall(text)) > 1:
            raise forbidden("A post may contain at most one cashtag.", check=29, breach="cashtags")
        return numbers

    def _check_duplicate(self, text: str, caller: Caller) -> None:
        """The same words soon after, whatever the pictures. Which posts X compares with, and how long, is not known."""
        since = self.ledger.now() - self.ledger.knob("duplicate_seconds")
        earlier = "SELECT 1 FROM post WHERE network = ? AND author = ? AND fingerprint = ? AND created > ? AND deleted IS NULL"
        if text.strip() and self.ledger.row(earlier, SLUG, caller.user, _fingerprint(text), since):
            raise duplicate(12)

    def _store(self, body: dict, pictures: list[dict], caller: Caller) -> str:
        created, text = self.ledger.now(), unicodedata.normalize("NFC", body.get("text", "")).strip()
        # The time in ms in the high bits, as the real ones.
        number = str((int(created * 1000) - FIRST_MOMENT << 22) + self.ledger.count_up("x post") % (1 << 22))
        shown = [{"id": urn_of(media["id"]), "altText": media["alt"]} for media in pictures]
        for picture in shown:
            if not picture["altText"]:
                self.ledger.failure("no-alt-text", 0, network=SLUG, image=picture["id"])
        self.ledger.add(
            "post",
            urn=number,
            network=SLUG,
            author=caller.user,
            fingerprint=_fingerprint(text),
            body=json.dumps(body),
            commentary=text,
            text=text,
            parts=json.dumps(words.parts(text)),
            images=json.dumps(shown),
            created=created,
            modified=created,
        )
        self.ledger.event("created", network=SLUG, urn=number)
        return number

    def _created(self, number: str) -> Response:
        """The answer, after the commit: where real networks fail."""
        if fault := self.ledger.take_fault(SLUG, *LOST_AFTER):
            return answer_of(fault)
        row = self.ledger.row("SELECT * FROM post WHERE urn = ?", number)
        data = {
            name: value
            for name, value in as_given(row).items()
            if name in ("id", "text", "edit_history_tweet_ids")
        }
        if self.ledger.take_fault(SLUG, "no-id"):
            del data["id"]
        answer: dict = {"data": data}
        if self.ledger.take_fault(SLUG, "errors-too"):
            answer["errors"] = [{"title": "Partial", "detail": "A part failed.", "type": "about:blank"}]
        slow = self.ledger.take_fault(SLUG, "slow-after")
        response = json_response(answer, 201)
        response.delay = slow["seconds"] if slow else 0.0
        return response

    # Deleting ---------------------------------------------------------------------------------------

    def delete(self, caller: Caller, number: str) -> Response:
        if self.ledger.take_fault(SLUG, "delete-500"):
            return broken_response(500)
        row = self.ledger.row("SELECT * FROM post WHERE network = ? AND urn = ?", SLUG, number)
        if row is None or row["deleted"] is not None:
            raise Refusal(404, not_found(number))
        if row["author"] != caller.user:
            raise forbidden("You are not authorized to delete this Tweet.")
        with self.ledger.transaction():
            self.ledger.write("UPDATE post SET deleted = ? WHERE urn = ?", self.ledger.now(), number)
            self.ledger.event("deleted", network=SLUG, urn=number)
        return json_response({"data": {"deleted": True}})


def _media_ids(found: object) -> list[str]:
    if not isinstance(found, list) or not 1 <= len(found) <= 4:
        raise invalid("$.media.media_ids: must have 1 to 4 items", 8, "media-ids")
    for number in found:
        if not isinstance(number, str) or not re.fullmatch(r"[0-9]{1,19}", number):
            raise invalid("$.media.media_ids: must be strings of digits", 7, "media-ids")
    return found


def _fingerprint(text: str) -> str:
    return digest(" ".join(unicodedata.normalize("NFC", text).split()))


def duplicate(check: int) -> Refusal:
    return forbidden("You are not allowed to create a Tweet with duplicate content.", check=check)
