"""LinkedIn's uploads: announce a picture or a document, send it, wait until it is usable. What arrives is truly opened."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict

from ..exchange import Request, Response, broken_response, json_response
from ..ledger import Ledger
from . import documents, images
from .rules import Caller, Refusal, digest, forbidden, illegal, json_body, not_found

SCHEMA = """CREATE TABLE IF NOT EXISTS document (urn TEXT PRIMARY KEY, owner TEXT, signature TEXT, upload_ends REAL,
  status TEXT, polls INTEGER DEFAULT 0, is_doomed INTEGER DEFAULT 0, pages INTEGER, size INTEGER, sha256 TEXT)"""
EXAMINE = {"image": images.examine, "document": documents.examine}
PREFIX = {"image": "C4D", "document": "D4D"}


def kind_of(urn: str) -> str:
    """Which table it is kept in: image or document."""
    return "document" if urn.startswith("urn:li:document:") else "image"


def no_access(kind: str) -> Refusal:
    text = f"Accessing this {kind} resource is forbidden. Please check your permissions for this resource"
    return forbidden(text, 26)


class Uploads:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        ledger.write(SCHEMA)

    def file(self, urn: str) -> dict | None:
        return self.ledger.row(f"SELECT * FROM {kind_of(urn)} WHERE urn = ?", urn)

    def begin(self, request: Request, caller: Caller, kind: str) -> Response:
        if request.asked.get("action") != "initializeUpload":
            raise illegal("action=initializeUpload is required", 0, "unknown-action")
        asked = json_body(request).get("initializeUploadRequest")
        caller.must_post_as(asked.get("owner") if isinstance(asked, dict) else None)
        name, signature = f"{PREFIX[kind]}{self.ledger.count_up(kind):08d}", secrets.token_urlsafe(24)
        urn, ends = f"urn:li:{kind}:{name}", self.ledger.now() + self.ledger.knob("upload_seconds")
        self.ledger.add(
            kind,
            urn=urn,
            owner=asked["owner"],
            signature=digest(signature),
            upload_ends=ends,
            status="WAITING_UPLOAD",
        )
        # The host as the client knows this server: the token goes back to the very same one.
        host = request.headers.get("host", "")
        url = f"http://{host}/dms-uploads/{name}/uploaded-{kind}/0?sig={signature}"
        value = {"uploadUrlExpiresAt": int(ends * 1000), "uploadUrl": url, kind: urn}
        return json_response({"value": value})

    def receive(self, request: Request, caller: Caller) -> Response:
        """The PUT: answered 201 whatever the bytes are; what they are shows later, when asked for the state."""
        if request.method != "PUT":
            raise Refusal(405, message="Only PUT is supported")
        name = request.path.split("/")[2]
        kind = "document" if name.startswith(PREFIX["document"]) else "image"
        file = self.file(f"urn:li:{kind}:{name}")
        signature = digest(request.asked.get("sig", ""))
        if file is None or file["signature"] != signature or not caller.role_on(file["owner"]):
            raise no_access(kind)
        is_late = file["upload_ends"] <= self.ledger.now()
        if is_late or self.ledger.take_fault("linkedin", "upload-expired"):
            raise Refusal(400, "EXPIRED_UPLOAD_URL", "The upload url has expired", check=31)
        if fault := self.ledger.take_fault("linkedin", "upload-redirect"):
            return Response(307, b"", {"Location": fault["to"]})
        if self.ledger.take_fault("linkedin", "upload-500"):
            return broken_response(500)
        if kind == "image" and len(request.body) > self.ledger.knob("image_bytes"):
            raise Refusal(413, "PAYLOAD_TOO_LARGE", "The image is too large", breach="image-too-large")
        self._keep(file["urn"], request.body)
        return Response(201)

    def _keep(self, urn: str, data: bytes) -> None:
        kind = kind_of(urn)
        facts = asdict(EXAMINE[kind](data))
        if problem := facts.pop("problem"):
            self.ledger.failure(f"{kind}-{problem}", 32 if kind == "image" else 33, **{kind: urn})
        if facts.get("has_metadata"):
            self.ledger.failure("image-metadata", 0, image=urn)
        fails = self.ledger.take_fault("linkedin", "processing-fails")
        slow = self.ledger.take_fault("linkedin", "processing-slow")
        self.ledger.picture_path(urn).write_bytes(data)
        is_doomed = bool(problem) or fails is not None
        facts |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "is_doomed": is_doomed}
        facts |= {"status": "PROCESSING", "polls": int((fails or slow or {}).get("polls", 0))}
        changes = ", ".join(f"{name} = ?" for name in facts)
        self.ledger.write(f"UPDATE {kind} SET {changes} WHERE urn = ?", *facts.values(), urn)
        self.ledger.event("uploaded", network="linkedin", size=len(data), **{kind: urn})

    def state(self, kind: str, urn: str, caller: Caller) -> Response:
        """Asking is what moves it on: PROCESSING for as many polls as a fault says, then its end."""
        if not caller.scopes & {"w_organization_social", "r_organization_social"}:
            raise forbidden(f"Not enough permissions to access: {kind}s.GET", 9)
        file = self.file(urn)
        if file is None or kind_of(urn) != kind:
            raise not_found()
        if not caller.role_on(file["owner"]):
            raise no_access(kind)
        status = file["status"]
        if status == "PROCESSING" and file["polls"] > 0:
            self.ledger.write(f"UPDATE {kind} SET polls = polls - 1 WHERE urn = ?", urn)
        elif status == "PROCESSING":
            status = "PROCESSING_FAILED" if file["is_doomed"] else "AVAILABLE"
            self.ledger.write(f"UPDATE {kind} SET status = ? WHERE urn = ?", status, urn)
        return json_response({"id": urn, "owner": file["owner"], "status": status})

    def check_usable(self, urn: str, author: str) -> bool:
        """Whether people will see a post with it. Refuses what cannot be shown at all."""
        kind, file = kind_of(urn), self.file(urn)
        if file is None:
            code, text = f"INVALID_{kind.upper()}_ID", f"{kind.capitalize()} {urn} does not exist"
            raise Refusal(400, code, text, check=29, breach=f"unknown-{kind}")
        if file["owner"] != author:
            raise no_access(kind)
        if file["status"] == "WAITING_UPLOAD":
            text = "The media asset is waiting for upload"
            raise Refusal(400, "MEDIA_ASSET_WAITING_UPLOAD", text, check=27, breach=f"{kind}-not-uploaded")
        if file["status"] == "PROCESSING_FAILED":
            text = "The media asset could not be processed"
            raise Refusal(400, "MEDIA_ASSET_PROCESSING_FAILED", text, check=32, breach=f"{kind}-failed")
        if file["status"] == "PROCESSING":
            self.ledger.failure(f"{kind}-not-awaited", 28, **{kind: urn})
            return not file["is_doomed"]
        return True
