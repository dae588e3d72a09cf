"""Bluesky's pictures: bytes that are named by themselves, sniffed, kept as they came."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image

from ..exchange import Request, Response, broken_response, json_response
from ..ledger import Ledger
from .rules import Caller, Refusal, cid_of, invalid

TABLE = """CREATE TABLE IF NOT EXISTS bluesky_blob (did TEXT, cid TEXT, mime TEXT, size INTEGER, PRIMARY KEY (did, cid))"""
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "icc_profile"})


@dataclass(frozen=True)
class Picture:
    """What is really in the bytes; nothing in it if they are no picture."""

    width: int = 0
    height: int = 0
    format: str = ""
    has_metadata: bool = False


def examine(data: bytes) -> Picture:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture.load()
            marks = METADATA & set(picture.info), getattr(picture, "text", None), picture.getexif()
            return Picture(picture.width, picture.height, picture.format or "", any(marks))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture()


class Blobs:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        ledger.write(TABLE)

    def upload(self, request: Request, caller: Caller, limit: int) -> Response:
        said = request.headers.get("content-type", "").partition(";")[0].strip()
        if not said:
            text = "Request encoding (Content-Type) required but not provided"
            raise invalid(text, 6, "no-content-type")
        if self.ledger.take_fault("bluesky", "upload-500"):
            return broken_response(500)
        if len(request.body) > limit:
            raise Refusal(
                413, "PayloadTooLarge", "request entity too large", check=7, breach="blob-too-large"
            )
        cid, picture = cid_of(request.body), examine(request.body)
        # What is in it counts, not what was said of it.
        mime = MIMES.get(picture.format, said)
        with self.ledger.transaction():
            self._keep(cid, caller.did, request.body, picture, mime)
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(request.body)}
        return json_response({"blob": blob})

    def _keep(self, cid: str, did: str, data: bytes, picture: Picture, mime: str) -> None:
        if picture.has_metadata:
            self.ledger.failure("image-metadata", 34, network="bluesky", image=cid)
        if not picture.format:
            self.ledger.failure("image-unreadable", 0, network="bluesky", image=cid)
        self.ledger.add("bluesky_blob", did=did, cid=cid, mime=mime, size=len(data))
        if self.ledger.image(cid) is None:
            self.ledger.picture_path(cid).write_bytes(data)
            self.ledger.add(
                "image",
                urn=cid,
                owner=did,
                status="AVAILABLE",
                width=picture.width,
                height=picture.height,
                format=picture.format,
                has_metadata=picture.has_metadata,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            )
        self.ledger.event("uploaded", network="bluesky", image=cid, size=len(data))

    def must_be(self, blob: dict, did: str, limit: int, where: str) -> None:
        """Refuses a blob in a record that is not the one that was uploaded, or too large for its place."""
        cid = blob["ref"]["$link"]
        if blob["size"] > limit:
            text = f"Invalid app.bsky.feed.post record: blob too big (maximum {limit}, got {blob['size']}) at {where}"
            raise invalid(text, 19, "image-too-large")
        known = self.ledger.row("SELECT * FROM bluesky_blob WHERE did = ? AND cid = ?", did, cid)
        if known is None or self.ledger.take_fault("bluesky", "blob-gone"):
            breach = "" if known else "unknown-image"
            raise Refusal(400, "BlobNotFound", f"Could not find blob: {cid}", check=18, breach=breach)
        said = f"does not match stored blob. Expected: {known['mime']}, Got: {blob['mimeType']}"
        if blob["mimeType"] != known["mime"]:
            text = f"Referenced Mimetype {said}"
            raise Refusal(400, "InvalidMimeType", text, check=18, breach="blob-changed")
        if blob["size"] != known["size"]:
            text = (
                f"Referenced Size does not match stored blob. Expected: {known['size']}, Got: {blob['size']}"
            )
            raise Refusal(400, "InvalidSize", text, check=18, breach="blob-changed")
