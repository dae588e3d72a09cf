"""LinkedIn's pictures: announce, upload, wait until they are usable. What arrives is truly opened."""

from __future__ import annotations

import hashlib
import io
import secrets
import warnings
from dataclasses import asdict, dataclass

from PIL import Image

from .exchange import Request, Response, broken_response, json_response
from .ledger import Ledger
from .linkedin_rules import Caller, Refusal, digest, forbidden, illegal, json_body, not_found

PIXEL_LIMIT = 36_152_320
MOST_FRAMES = 250
FORMATS = ("JPEG", "PNG", "GIF")
METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "icc_profile"})


@dataclass(frozen=True)
class Picture:
    """What is really in the bytes. `problem` is why the network cannot show it, if it cannot."""

    width: int = 0
    height: int = 0
    format: str = ""
    has_metadata: bool = False
    problem: str = ""


def examine(data: bytes) -> Picture:
    """Open and decode, as the network's image machine would, and look for what it would never mention: metadata."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height, form = *picture.size, picture.format or ""
            if problem := _problem_of(picture):
                return Picture(width, height, form, bool(METADATA & set(picture.info)), problem)
            picture.load()
            marks = METADATA & set(picture.info), getattr(picture, "text", None), picture.getexif()
            return Picture(width, height, form, any(marks))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture(problem="unreadable")


def _problem_of(picture: Image.Image) -> str:
    """What can be said before anything is decoded."""
    if picture.format not in FORMATS:
        return "format"
    if picture.width * picture.height >= PIXEL_LIMIT:
        return "too-many-pixels"
    return "too-many-frames" if getattr(picture, "n_frames", 1) > MOST_FRAMES else ""


class Images:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def begin(self, request: Request, caller: Caller) -> Response:
        if request.asked.get("action") != "initializeUpload":
            raise illegal("action=initializeUpload is required", 0, "unknown-action")
        asked = json_body(request).get("initializeUploadRequest")
        caller.must_post_as(asked.get("owner") if isinstance(asked, dict) else None)
        name, signature = f"C4D{self.ledger.count_up('image'):08d}", secrets.token_urlsafe(24)
        ends = self.ledger.now() + self.ledger.knob("upload_seconds")
        self.ledger.add(
            "image",
            urn=f"urn:li:image:{name}",
            owner=asked["owner"],
            signature=digest(signature),
            upload_ends=ends,
            status="WAITING_UPLOAD",
        )
        # The host as the client knows this server: the token goes back to the very same one.
        url = f"http://{request.headers.get('host', '')}/dms-uploads/{name}/uploaded-image/0?sig={signature}"
        return json_response(
            {
                "value": {
                    "uploadUrlExpiresAt": int(ends * 1000),
                    "uploadUrl": url,
                    "image": f"urn:li:image:{name}",
                }
            }
        )

    def receive(self, request: Request, caller: Caller) -> Response:
        """The PUT: answered 201 whatever the bytes are; what they are shows later, when asked for the state."""
        if request.method != "PUT":
            raise Refusal(405, message="Only PUT is supported")
        urn = f"urn:li:image:{request.path.split('/')[2]}"
        image = self.ledger.row("SELECT * FROM image WHERE urn = ?", urn)
        signature = digest(request.asked.get("sig", ""))
        if image is None or image["signature"] != signature or image["owner"] != caller.page:
            raise forbidden("Accessing this image resource is forbidden.", 26)
        is_late = image["upload_ends"] <= self.ledger.now()
        if is_late or self.ledger.take_fault("linkedin", "upload-expired"):
            raise Refusal(400, "EXPIRED_UPLOAD_URL", "The upload url has expired", check=31)
        if fault := self.ledger.take_fault("linkedin", "upload-redirect"):
            return Response(307, b"", {"Location": fault["to"]})
        if self.ledger.take_fault("linkedin", "upload-500"):
            return broken_response(500)
        if len(request.body) > self.ledger.knob("image_bytes"):
            raise Refusal(413, "PAYLOAD_TOO_LARGE", "The image is too large", breach="image-too-large")
        self._keep(urn, request.body)
        return Response(201)

    def _keep(self, urn: str, data: bytes) -> None:
        picture = examine(data)
        if picture.problem:
            self.ledger.failure(f"image-{picture.problem}", 32, image=urn)
        if picture.has_metadata:
            self.ledger.failure("image-metadata", 0, image=urn)
        fails = self.ledger.take_fault("linkedin", "processing-fails")
        slow = self.ledger.take_fault("linkedin", "processing-slow")
        self.ledger.picture_path(urn).write_bytes(data)
        facts = asdict(picture)
        is_doomed = bool(facts.pop("problem")) or fails is not None
        facts |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "is_doomed": is_doomed}
        facts |= {"status": "PROCESSING", "polls": int((fails or slow or {}).get("polls", 0))}
        changes = ", ".join(f"{name} = ?" for name in facts)
        self.ledger.write(f"UPDATE image SET {changes} WHERE urn = ?", *facts.values(), urn)
        self.ledger.event("uploaded", image=urn, size=len(data))

    def state(self, urn: str, caller: Caller) -> Response:
        """Asking is what moves it on: PROCESSING for as many polls as a fault says, then its end."""
        if not caller.scopes & {"w_organization_social", "r_organization_social"}:
            raise forbidden("Not enough permissions to access: images.GET", 9)
        image = self.ledger.row("SELECT * FROM image WHERE urn = ?", urn)
        if image is None:
            raise not_found()
        if image["owner"] != caller.page:
            raise forbidden("Accessing this image resource is forbidden.", 26)
        status = image["status"]
        if status == "PROCESSING" and image["polls"] > 0:
            self.ledger.write("UPDATE image SET polls = polls - 1 WHERE urn = ?", urn)
        elif status == "PROCESSING":
            status = "PROCESSING_FAILED" if image["is_doomed"] else "AVAILABLE"
            self.ledger.write("UPDATE image SET status = ? WHERE urn = ?", status, urn)
        return json_response({"id": urn, "owner": image["owner"], "status": status})
