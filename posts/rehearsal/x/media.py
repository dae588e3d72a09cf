"""X's pictures: in one piece or in chunks, their processing, their description. What arrives is truly opened."""

from __future__ import annotations

import hashlib
import re

from ..exchange import Request, Response, broken_response, json_response
from ..ledger import Ledger
from .pictures import FORMATS, examine, urn_of
from .rules import SLUG, Caller, Refusal, form_parts, invalid, json_body, only

CATEGORIES = (
    "tweet_image",
    "tweet_gif",
    "tweet_video",
    "dm_image",
    "dm_gif",
    "dm_video",
    "subtitles",
    "amplify_video",
)
IMAGE_BYTES, GIF_BYTES, CHUNK_BYTES = 5_000_000, 15_000_000, 1_048_576
LIFE = 86_400
ALT_LIMIT = 1000


class Media:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def answer(self, request: Request, caller: Caller) -> Response | None:
        """None for what is no door here."""
        path = request.path.removeprefix("/2/media/upload")
        chunk = re.fullmatch(r"/([0-9]{1,20})/(append|finalize)", path)
        match request.method, path:
            case "POST", "":
                return self._whole(request, caller)
            case "GET", "":
                return self._status(request, caller)
            case "POST", "/initialize":
                return self._begin(request, caller)
            case "POST", _ if chunk and chunk[2] == "append":
                return self._append(request, self._mine(chunk[1], caller, 17))
            case "POST", _ if chunk:
                return self._end(request, self._mine(chunk[1], caller, 19))
        return None

    # In one piece -----------------------------------------------------------------------------------

    def _whole(self, request: Request, caller: Caller) -> Response:
        parts = form_parts(request, 15)
        category = self._category(parts.get("media_category", ("", b""))[1].decode(errors="replace"))
        name, data = parts.get("media", ("", b""))
        if not name:
            raise invalid("media: a file with its name is required", 15, "no-file")
        if self.ledger.take_fault(SLUG, "upload-500"):
            return broken_response(500)
        if len(data) > (GIF_BYTES if category.endswith("gif") else IMAGE_BYTES):
            raise Refusal(413, None, check=15, breach="picture-too-large")
        number = self._new(caller, category, "", len(data))
        self.ledger.picture_path(urn_of(number)).write_bytes(data)
        return self._kept(number)

    def _category(self, category: object) -> str:
        if category not in CATEGORIES:
            raise invalid("media_category: does not match any of the enum values", 14, "media-category")
        return str(category)

    def _new(self, caller: Caller, category: str, kind: str, total: int) -> str:
        number = str((int(self.ledger.now() * 1000) << 20) + self.ledger.count_up("x media"))
        self.ledger.add(
            "x_media",
            id=number,
            owner=caller.user,
            category=category,
            kind=kind,
            state="arriving",
            total=total,
            segments=0,
            ends=self.ledger.now() + LIFE,
        )
        return number

    def _kept(self, number: str) -> Response:
        """All bytes are there: open them, and begin whatever a fault says about processing."""
        media, urn = self._row(number), urn_of(number)
        data = self.ledger.picture_path(urn).read_bytes()
        picture = examine(data)
        if picture["problem"] or (media["kind"] and media["kind"] != FORMATS[picture["format"]]):
            self.ledger.write("DELETE FROM x_media WHERE id = ?", number)
            raise invalid("media: is no picture of its type", 15, "image-unreadable")
        if picture["has_metadata"]:
            self.ledger.failure("image-metadata", 0, network=SLUG, image=urn)
        fails, slow = (self.ledger.take_fault(SLUG, f"processing-{how}") for how in ("fails", "slow"))
        state = "pending" if fails or slow else "succeeded"
        change = "UPDATE x_media SET state = ?, polls = ?, is_doomed = ? WHERE id = ?"
        polls = int((fails or slow or {}).get("polls", 1))
        with self.ledger.transaction():
            self.ledger.write(change, state, polls, bool(fails), number)
            self.ledger.add(
                "image",
                urn=urn,
                owner=media["owner"],
                status="AVAILABLE" if state == "succeeded" else "PROCESSING",
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                **{name: picture[name] for name in ("width", "height", "format", "has_metadata")},
            )
            self.ledger.event("uploaded", network=SLUG, image=urn, size=len(data))
        shown = {"w": picture["width"], "h": picture["height"], "image_type": FORMATS[picture["format"]]}
        info = {"processing_info": {"state": state, "check_after_secs": 1}} if state == "pending" else {}
        return self._described(number, size=len(data), image=shown, **info)

    def _described(self, number: str, **more) -> Response:
        return json_response(
            {"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": LIFE, **more}}
        )

    # In chunks --------------------------------------------------------------------------------------

    def _begin(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        only(
            body,
            {"media_type", "total_bytes", "media_category", "shared", "additional_owners"},
            "",
            16,
            "unknown-field",
        )
        category, kind, total = (
            self._category(body.get("media_category")),
            body.get("media_type"),
            body.get("total_bytes"),
        )
        if kind not in FORMATS.values():
            raise invalid("media_type: does not match any of the enum values", 16, "media-type")
        if not isinstance(total, int) or isinstance(total, bool) or total < 1:
            raise invalid("total_bytes: must be an integer", 16, "total-bytes")
        if self.ledger.take_fault(SLUG, "upload-500"):
            return broken_response(500)
        number = self._new(caller, category, str(kind), total)
        self.ledger.picture_path(urn_of(number)).write_bytes(b"")
        return self._described(number)

    def _append(self, request: Request, media: dict) -> Response:
        parts = form_parts(request, 17)
        index = parts.get("segment_index", ("", b""))[1]
        if not re.fullmatch(rb"[0-9]{1,3}", index) or int(index) != media["segments"]:
            raise invalid("segment_index: must be the next one, at most 999", 17, "segment-index")
        data = parts.get("media", ("", b""))[1]
        if len(data) > CHUNK_BYTES:
            raise Refusal(413, None, check=18, breach="chunk-too-large")
        with open(self.ledger.picture_path(urn_of(media["id"])), "ab") as file:
            file.write(data)
        self.ledger.write("UPDATE x_media SET segments = segments + 1 WHERE id = ?", media["id"])
        return json_response({"data": {"expires_at": int(media["ends"])}})

    def _end(self, request: Request, media: dict) -> Response:
        if request.body:
            raise invalid("No body is expected", 19, "finalize-with-body")
        if media["state"] != "arriving":
            raise invalid("This upload is finalized already", 19, "finalized-twice")
        arrived = self.ledger.picture_path(urn_of(media["id"])).stat().st_size
        if arrived != media["total"]:
            check = 19 if arrived < media["total"] else 16
            raise invalid(
                f"Segments do not add up to provided total file size: {arrived}", check, "bytes-missing"
            )
        return self._kept(media["id"])

    # Processing, description, use ---------------------------------------------------------------------

    def _status(self, request: Request, caller: Caller) -> Response:
        """Asking is what moves it on: as many polls as a fault says, then its end."""
        if request.asked.get("command", "STATUS") != "STATUS":
            raise invalid("command: does not match any of the enum values", 0, "media-command")
        media = self._mine(request.asked.get("media_id", ""), caller, 20)
        state = media["state"]
        if state in ("pending", "in_progress"):
            left = media["polls"] - 1
            state = "in_progress" if left > 0 else "failed" if media["is_doomed"] else "succeeded"
            self.ledger.write(
                "UPDATE x_media SET state = ?, polls = ? WHERE id = ?", state, left, media["id"]
            )
            seen = {"succeeded": "AVAILABLE", "failed": "PROCESSING_FAILED"}.get(state, "PROCESSING")
            self.ledger.write("UPDATE image SET status = ? WHERE urn = ?", seen, urn_of(media["id"]))
        info: dict = {"state": state, "progress_percent": 100 if state == "succeeded" else 50}
        if state == "in_progress":
            info["check_after_secs"] = 2
        if state == "failed":
            info["error"] = {"code": 1, "name": "InvalidMedia", "message": "InvalidMedia"}
        return self._described(media["id"], processing_info=info)

    def describe(self, request: Request, caller: Caller) -> Response:
        body = json_body(request)
        only(body, {"id", "metadata"}, "", 21, "metadata-shape")
        metadata = body.get("metadata")
        alt = metadata.get("alt_text") if isinstance(metadata, dict) else None
        text = alt.get("text") if isinstance(alt, dict) else None
        if not isinstance(body.get("id"), str) or not isinstance(text, str) or not text:
            raise invalid("id and metadata.alt_text.text are required", 21, "metadata-shape")
        if len(text) > ALT_LIMIT:
            raise invalid(
                f"metadata.alt_text.text: must be at most {ALT_LIMIT} characters long", 21, "alt-too-long"
            )
        media = self._mine(body["id"], caller, 21)
        if media["is_used"]:
            self.ledger.failure("metadata-after-the-post", 22, network=SLUG, image=urn_of(media["id"]))
        self.ledger.write("UPDATE x_media SET alt = ? WHERE id = ?", text, media["id"])
        return json_response({"data": {"id": media["id"], "associated_metadata": metadata}})

    def usable(self, numbers: list[str], caller: Caller) -> list[dict]:
        """The pictures of a post, marked as used. Refuses what is unknown, somebody else's, too old or not ready."""
        found = [self._row(number) for number in numbers]
        if self.ledger.take_fault(SLUG, "media-gone"):
            raise invalid("Your media IDs are invalid.", 0, "")
        for media in found:
            if media is None or media["owner"] != caller.user:
                raise invalid("Your media IDs are invalid.", 9, "unknown-media")
            if media["ends"] <= self.ledger.now():
                raise invalid("Your media IDs are invalid.", 9, "")
            if media["state"] != "succeeded":
                raise invalid("Your media IDs are not ready.", 20, "media-not-awaited")
            self.ledger.write("UPDATE x_media SET is_used = 1 WHERE id = ?", media["id"])
        return found

    def _row(self, number: str) -> dict | None:
        return self.ledger.row("SELECT * FROM x_media WHERE id = ?", number)

    def _mine(self, number: str, caller: Caller, check: int) -> dict:
        media = self._row(number)
        if media is None or media["owner"] != caller.user:
            raise invalid("Your media IDs are invalid.", check, "unknown-media")
        return media
