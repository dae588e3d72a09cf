"""Facebook's pictures: uploaded unseen, alive for a day, then part of one post. What arrives is truly opened."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image

from ..exchange import Response, broken_response, json_response
from ..ledger import Ledger
from .rules import Asked, Caller, Refusal, chosen, invalid, no_right, not_there

DAY = 86_400.0
BYTE_LIMIT = 10_000_000
FORMATS = ("JPEG", "BMP", "PNG", "GIF", "TIFF")
METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"})
PREFIX = "facebook:photo:"
PICTURE = 324
MISSING = "(#324) Missing or invalid image file"
FIRST_NUMBER = 122_200_000_000_000


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    format: str
    has_metadata: bool


def examine(data: bytes) -> Picture | None:
    """None if it is not a whole picture of an allowed kind."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture.load()
            marks = METADATA & set(picture.info), picture.getexif() if picture.format == "JPEG" else ()
            return Picture(*picture.size, picture.format or "", any(marks))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


class Photos:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def receive(self, asked: Asked, caller: Caller, page: str) -> str:
        """POST /photos: the picture's number. What is to be published at once, the caller publishes."""
        caller.must_write(page)
        self._check(asked)
        picture = self._picture(asked)
        number = str(FIRST_NUMBER + self.ledger.count_up("facebook photo"))
        data = asked.files[0] if asked.files else b""
        urn = f"{PREFIX}{number}"
        if data:
            self.ledger.picture_path(urn).write_bytes(data)
        with self.ledger.transaction():
            self.ledger.add(
                "image",
                urn=urn,
                owner=page,
                upload_ends=self.ledger.now() + DAY,
                status="TEMPORARY" if asked.is_true("temporary") else "UNPUBLISHED",
                width=picture.width,
                height=picture.height,
                format=picture.format,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                has_metadata=picture.has_metadata,
            )
            self.ledger.add("facebook_photo", id=number, alt=asked.text("alt_text_custom"), post="")
            self.ledger.event("uploaded", network="facebook", image=urn, size=len(data))
        if picture.has_metadata:
            self.ledger.failure("image-metadata", 0, image=urn)
        return number

    def _check(self, asked: Asked) -> None:
        if deprecated := sorted({"message", "name"} & set(asked.values)):
            self.ledger.failure("deprecated-caption", 17, parameter=deprecated[0])
        if not asked.text("alt_text_custom"):
            self.ledger.failure("no-alt-text", 0)
        is_temporary, is_scheduled = asked.is_true("temporary"), "scheduled_publish_time" in asked.values
        if is_temporary and (not asked.is_false("published") or is_scheduled):
            raise invalid("temporary is for unpublished photos without a time", 22, "temporary-published")
        if is_scheduled:
            raise invalid("A scheduled photo is uploaded with temporary=true", 21, "scheduled-photo")

    def _picture(self, asked: Asked) -> Picture:
        if not asked.files and not asked.text("url"):
            raise Refusal(PICTURE, MISSING, check=14, breach="no-picture")
        if self.ledger.take_fault("facebook", "photo-transient"):
            raise Refusal(PICTURE, MISSING, 2069019, is_transient=True, check=15)
        if not asked.files:
            self.ledger.failure("picture-by-address", 0)
            return Picture(0, 0, "JPEG", False)
        if len(asked.files[0]) > BYTE_LIMIT:
            raise Refusal(PICTURE, MISSING, 1366046, check=16, breach="picture-too-large")
        picture = examine(asked.files[0])
        if picture is None:
            raise Refusal(PICTURE, MISSING, check=15, breach="no-such-picture")
        return picture

    def usable(self, numbers: list[str], page: str, *, is_scheduled: bool) -> list[dict]:
        """The pictures of a post, as the ledger keeps them. Refuses what cannot be shown."""
        shown = []
        for number in numbers:
            row = self.find(number)
            if row is None or row["owner"] != page or row["status"] == "DELETED":
                raise invalid(f"media_fbid {number} is no photo of this page", 13, "unknown-picture")
            if row["post"]:
                raise invalid(f"Photo {number} already belongs to a post", 13, "picture-used-twice")
            if row["upload_ends"] <= self.ledger.now():
                raise Refusal(100, f"(#100) Photo {number} has expired", check=13)
            if is_scheduled and row["status"] != "TEMPORARY":
                raise invalid("A scheduled post needs temporary photos", 21, "scheduled-photo")
            shown.append({"id": row["urn"], "altText": row["alt"]})
        return shown

    def publish(self, shown: list[dict], post: str) -> None:
        for each in shown:
            self.ledger.write("UPDATE image SET status = 'PUBLISHED' WHERE urn = ?", each["id"])
            number = each["id"].removeprefix(PREFIX)
            self.ledger.write("UPDATE facebook_photo SET post = ? WHERE id = ?", post, number)

    # One picture --------------------------------------------------------------------------------------

    def find(self, number: str) -> dict | None:
        """The picture of that number, gone or not."""
        return self.ledger.row(
            "SELECT image.*, alt, post FROM image JOIN facebook_photo ON image.urn = ? || id WHERE id = ?",
            *(PREFIX, number),
        )

    def get(self, row: dict, asked: Asked, caller: Caller) -> Response:
        caller.must_read(row["owner"])
        number = row["urn"].removeprefix(PREFIX)
        if row["status"] == "DELETED":
            raise not_there("get", number)
        data = {
            "id": number,
            "alt_text_custom": row["alt"],
            "page_story_id": row["post"] or None,
            "width": row["width"],
            "height": row["height"],
        }
        return json_response(chosen(data, asked.text("fields"), "width,height"))

    def delete(self, row: dict, caller: Caller) -> Response:
        number = row["urn"].removeprefix(PREFIX)
        if row["owner"] != caller.page:
            raise no_right(200, "The photo is of another page", 38)
        caller.must_write(row["owner"])
        if self.ledger.take_fault("facebook", "delete-500"):
            return broken_response(500)
        if row["status"] == "DELETED":
            raise not_there("delete", number)
        with self.ledger.transaction():
            self.ledger.write("UPDATE image SET status = 'DELETED' WHERE urn = ?", row["urn"])
            self.ledger.event("deleted", network="facebook", image=row["urn"])
        return json_response({"success": True})
