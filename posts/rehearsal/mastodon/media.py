"""Mastodon's pictures: taken with their description, worked on, and gone a day later if no post shows them."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import warnings
from urllib.parse import quote

from PIL import Image

from ..exchange import Request, Response, broken_response, json_response
from ..ledger import Ledger
from .rules import NO_RECORD, SLUG, Caller, Refusal, invalid

KEPT_SECONDS = 86_400
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
METADATA = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "icc_profile"}
FORM = re.compile(rb"\A(?P<head>.*?)\r\n\r\n(?P<body>.*)\r\n\Z", re.DOTALL)
NOT_READY = "Cannot attach files that have not finished processing. Try again in a moment!"

SCHEMA = """CREATE TABLE IF NOT EXISTS mastodon_media (id TEXT PRIMARY KEY, urn TEXT, account TEXT, description TEXT, focus TEXT,
  made REAL, post TEXT)"""


class Media:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        ledger.write(SCHEMA)

    # Taking -----------------------------------------------------------------------------------------

    def receive(self, request: Request, caller: Caller, here: dict, base: str) -> Response:
        caller.needs("write:media")
        if self.ledger.take_fault(SLUG, "upload-500"):
            return broken_response(500)
        fields = fields_of(request)
        name, kind, data = fields.get("file", ("", "", b""))
        description = fields.get("description", ("", "", b""))[2].decode(errors="replace")
        focus = fields.get("focus", ("", "", b""))[2].decode(errors="replace")
        if not name or not data:
            raise invalid("File can't be blank", 18, "no-file")
        self._check_words(description, focus, here)
        picture = self._look(data, kind, here)
        number = f"{int(self.ledger.now() * 1000) << 16 | self.ledger.count_up('mastodon media') % 65536}"
        key = str(uuid.uuid4()) if here["ids"] == "uuid" else number
        fails = self.ledger.take_fault(SLUG, "processing-fails")
        slow = fails or self.ledger.take_fault(SLUG, "processing-slow")
        is_ready = slow is None and here["media"] == "at-once"
        urn = f"mastodon:media:{key}"
        self.ledger.picture_path(urn).write_bytes(data)
        with self.ledger.transaction():
            self.ledger.add(
                "image",
                urn=urn,
                owner=caller.account,
                status="AVAILABLE" if is_ready else "PROCESSING",
                polls=int((slow or {}).get("polls", 0)),
                is_doomed=fails is not None,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                **picture,
            )
            self.ledger.add(
                "mastodon_media",
                id=key,
                urn=urn,
                account=caller.account,
                description=description,
                focus=focus,
                made=self.ledger.now(),
            )
        return json_response(attachment(key, description, base, is_ready), 200 if is_ready else 202)

    def _check_words(self, description: str, focus: str, here: dict) -> None:
        if len(description) > here["description_limit"]:
            text = f"Description is too long (maximum is {here['description_limit']} characters)"
            raise invalid(text, 20, "description-too-long")
        number = r"-?(?:0?\.\d+|[01](?:\.\d+)?)"
        if focus and not (
            re.fullmatch(f"{number},{number}", focus) and all(abs(float(n)) <= 1 for n in focus.split(","))
        ):
            raise invalid("Focus must be two numbers between -1 and 1", 21, "focus")

    def _look(self, data: bytes, kind: str, here: dict) -> dict:
        """Open and decode. Refuses what cannot be shown; says whether anything about its maker is still inside."""
        if len(data) > here["image_size_limit"]:
            raise invalid("File must be less than the limit", 19, "image-too-large")
        try:
            with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                width, height, form = *picture.size, picture.format or ""
                if width * height > here["image_matrix_limit"]:
                    raise invalid(f"File {width}x{height} images are not supported", 19, "too-many-pixels")
                picture.load()
                marks = METADATA & set(picture.info), getattr(picture, "text", None), picture.getexif()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            form, width, height, marks = "", 0, 0, ()
        # By what it is, and by what it was called.
        if not {FORMATS.get(form), kind} <= set(here["supported_mime_types"]):
            raise invalid("File content type is invalid, File is invalid", 18, "image-type")
        if any(marks):
            self.ledger.failure("image-metadata", 0, network=SLUG)
        return {"width": width, "height": height, "format": form, "has_metadata": any(marks)}

    # Working on it ----------------------------------------------------------------------------------

    def state(self, key: str, caller: Caller, base: str) -> Response:
        """Asking is what moves it on: 206 for as many polls as a fault says, then its end."""
        caller.needs("write:media")
        row = self._row(key, caller.account)
        if row is None or row["post"]:
            raise Refusal(404, NO_RECORD)
        if row["status"] == "PROCESSING" and row["polls"] > 0:
            self.ledger.write("UPDATE image SET polls = polls - 1 WHERE urn = ?", row["urn"])
            return json_response(attachment(key, row["description"], base, is_ready=False), 206)
        if row["is_doomed"]:
            raise Refusal(422, "Error processing thumbnail for uploaded media")
        self.ledger.write("UPDATE image SET status = 'AVAILABLE' WHERE urn = ?", row["urn"])
        return json_response(attachment(key, row["description"], base))

    def _row(self, key: str, account: str) -> dict | None:
        return self.ledger.row(
            "SELECT m.*, i.status, i.polls, i.is_doomed FROM mastodon_media m JOIN image i ON i.urn = m.urn"
            " WHERE m.id = ? AND m.account = ? AND (m.post IS NOT NULL OR m.made > ?)",
            *(key, account, self.ledger.now() - KEPT_SECONDS),
        )

    def attachable(self, ids: list[str], account: str, here: dict, post: str = "") -> list[dict]:
        """The pictures of these ids, in this order. Refuses one that is not there, or not ready, or shown by another post."""
        found = {key: self._row(key, account) for key in ids}
        usable = {key: row for key, row in found.items() if row and row["post"] in (None, post)}
        missing = [key for key in ids if key not in usable]
        if missing and here["unknown_media"] == "missing":
            raise Refusal(404, NO_RECORD, check=14, breach="unknown-media")
        if missing and here["unknown_media"] == "refused":
            raise not_found(missing, "unknown-media")
        if missing:
            self.ledger.failure("unknown-media", 14, network=SLUG)
        if any(row["status"] != "AVAILABLE" for row in usable.values()):
            raise Refusal(422, f"Validation failed: {NOT_READY}", check=17, breach="media-not-awaited")
        return [usable[key] for key in ids if key in usable]

    def attach(self, rows: list[dict], post: str | None) -> None:
        for row in rows:
            self.ledger.write("UPDATE mastodon_media SET post = ? WHERE id = ?", post, row["id"])

    def delete_of(self, post: str) -> None:
        for row in self.ledger.rows("SELECT id, urn FROM mastodon_media WHERE post = ?", post):
            self.ledger.write("UPDATE image SET status = 'DELETED' WHERE urn = ?", row["urn"])
            self.ledger.picture_path(row["urn"]).unlink(missing_ok=True)

    def shown(self, key: str) -> Response:
        """The bytes, to whoever has the address."""
        urn = f"mastodon:media:{key}"
        image, path = self.ledger.image(urn), self.ledger.picture_path(urn)
        if image is None or not path.is_file():
            raise Refusal(404, NO_RECORD)
        kind = FORMATS.get(image["format"], "application/octet-stream")
        return Response(200, path.read_bytes(), {"Content-Type": kind, "Content-Security-Policy": "sandbox"})


def not_found(ids: list[str], breach: str = "") -> Refusal:
    return invalid(f"Media {', '.join(ids)} not found or already attached to another post", 14, breach)


def attachment(key: str, description: str, base: str, is_ready: bool = True) -> dict:
    url = f"{base}/media/{quote(key, safe='')}"
    return {
        "id": key,
        "type": "image",
        "url": url if is_ready else None,
        "preview_url": url,
        "remote_url": None,
        "description": description or None,
    }


def fields_of(request: Request) -> dict[str, tuple[str, str, bytes]]:
    """Name → (file name, type, content) of a multipart body; empty for any other."""
    match = re.fullmatch(
        r'multipart/form-data;\s*boundary="?([^";]+)"?', request.headers.get("content-type", "")
    )
    fields = {}
    for piece in request.body.split(b"--" + match[1].encode())[1:-1] if match else ():
        if part := FORM.match(piece.removeprefix(b"\r\n")):
            head = part["head"].decode(errors="replace")
            named = dict(re.findall(r'[; ](name|filename)="([^"]*)"', head))
            kind = re.search(r"(?im)^content-type:\s*(\S+)", head)
            fields[named.get("name", "")] = (named.get("filename", ""), kind[1] if kind else "", part["body"])
    return fields
