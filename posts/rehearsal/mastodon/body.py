"""What the body of a Mastodon post must be: JSON, words within the limits, pictures that are there."""

from __future__ import annotations

import re

from ..exchange import Request
from ..ledger import Ledger
from . import text as words
from .media import Media
from .rules import SLUG, Caller, body_of, invalid

VISIBILITIES = ("public", "unlisted", "private", "direct")


class Bodies:
    """`accounts` gives the accounts of this server: whom a text can name without a host."""

    def __init__(self, ledger: Ledger, media: Media, accounts):
        self.ledger, self.media, self.accounts = ledger, media, accounts

    def read(self, request: Request) -> dict:
        body, is_json = body_of(request)
        if not is_json:
            # Read, but for what a form says with brackets, as some software does.
            self.ledger.failure("not-json", 10, network=SLUG)
            body = {name: value for name, value in body.items() if not name.endswith("[]")}
        if "scheduled_at" in body:
            self.ledger.failure("scheduled", 25, network=SLUG)
        return body

    def media_of(self, body: dict, caller: Caller, here: dict, post: str = "") -> list[dict]:
        ids = body.get("media_ids") or []
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise invalid("Media ids must be strings", 26, "media-ids")
        if len(ids) > here["max_media_attachments"]:
            limit = here["max_media_attachments"]
            raise invalid(f"Cannot attach more than {limit} files", 15, "too-many-media")
        return self.media.attachable(ids, caller.account, here, post)

    def settled(self, body: dict, account: dict, here: dict, has_media: bool) -> tuple[list, dict]:
        """The text in its parts, and everything as the server takes it. Refuses what it cannot take."""
        text, warning = (str(body.get(name) or "").strip() for name in ("status", "spoiler_text"))
        if not text and not has_media:
            raise invalid("Text can't be blank", 24, "nothing-said")
        parts = words.parts_of(text, {each["handle"].lower() for each in self.accounts()})
        counted = words.units([["text", warning], *parts], here["characters_reserved_per_url"])
        if counted > (limit := here["max_characters"]):
            raise invalid(f"Text character limit of {limit} exceeded", _blame(parts), "text-too-long")
        visibility = body.get("visibility") or "public"
        if visibility not in VISIBILITIES:
            raise invalid("Visibility is not included in the list", 22, "visibility")
        language = body.get("language")
        if language is not None and not re.fullmatch(r"[a-z]{2}", str(language)):
            self.ledger.failure("language", 23, network=SLUG, language=str(language))
            language = None
        if visibility == "public" and (
            account["data"].get("limited") or self.ledger.take_fault(SLUG, "limited")
        ):
            visibility = "unlisted"
        sensitive = bool(body.get("sensitive") or warning)
        return parts, {
            "status": text,
            "spoiler_text": warning,
            "visibility": visibility,
            "language": language,
            "sensitive": sensitive,
        }


def _blame(parts: list) -> int:
    """Which of the three rules of counting it may be."""
    kinds = {kind for kind, _words in parts}
    return 12 if "link" in kinds else 13 if "mention" in kinds else 11
