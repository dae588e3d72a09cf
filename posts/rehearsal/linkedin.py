"""LinkedIn's wire contract, strictly: every rule we know of headers, versions, rights, posts and pictures.

Where the real network forgives or stays silent, this one records a failure, so that tests fail instead of readers.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote

from PIL import Image, UnidentifiedImageError

from ..networks import littletext
from .ledger import Ledger

LIVE_VERSIONS = {f"2026{month:02d}" for month in range(1, 10)}
PIXEL_LIMIT = 36_152_320
CALLS_A_DAY = 100_000
"""Far above LinkedIn's development tier (100): a rehearsal is not rationed. The fault `quota` answers 429."""
DUPLICATE_SECONDS = 600
GHOST_SECONDS = 48 * 3600
FIELDS = {
    "author": str,
    "commentary": str,
    "visibility": str,
    "distribution": dict,
    "lifecycleState": str,
}
OPTIONAL_FIELDS = {"content", "isReshareDisabledByAuthor"}
ORGANISATION = re.compile(r"urn:li:organization:(\d+)")


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Close the connection instead of answering."""
    delay: float = 0.0


def ok(data: dict, status: int = 200) -> Response:
    return Response(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


class Failed(Exception):
    """An answer that is not the wanted one."""

    def __init__(self, status: int, code: str = "", message: str = "", number: int | None = None):
        data = {"status": status, "message": message}
        if code:
            data["code"] = code
        if number is not None:
            data["serviceErrorCode"] = number
        self.response = ok(data, status)
        self.response.headers["x-restli-error-response"] = "true"


class LinkedInServer:
    """Answers the requests below /rest/ and /dms-uploads/. `origin` is the address it is reached at."""

    def __init__(self, ledger: Ledger, origin: str):
        self.ledger, self.origin = ledger, origin

    def answer(self, request: Request) -> Response:
        try:
            if request.path.startswith("/dms-uploads/"):
                return self._upload(request)
            grant = self._authorised(request)
            return self._route(request, grant)
        except Failed as failed:
            return failed.response

    # Who asks ---------------------------------------------------------------------------------------

    def _authorised(self, request: Request) -> dict:
        version = request.headers.get("linkedin-version")
        if not version:
            raise Failed(
                400,
                "VERSION_MISSING",
                "A version must be present. Please specify a version by adding the Linkedin-Version header.",
            )
        if version not in LIVE_VERSIONS or self.ledger.take_fault("linkedin", "version-retired"):
            raise Failed(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
        if request.headers.get("x-restli-protocol-version") != "2.0.0":
            raise Failed(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version must be 2.0.0")
        grant = self._grant(request.headers.get("authorization", ""))
        if fault := self.ledger.take_fault("linkedin", "quota"):
            raise self._throttled(fault)
        today = time.strftime("%Y%m%d", time.gmtime())
        if self.ledger.next_number(f"calls:{grant['token']}:{today}") > CALLS_A_DAY:
            raise self._throttled({})
        return grant

    @staticmethod
    def _throttled(fault: dict) -> Failed:
        failed = Failed(
            429, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached."
        )
        if "retry_after" in fault:
            failed.response.headers["Retry-After"] = str(fault["retry_after"])
        return failed

    def _grant(self, authorization: str) -> dict:
        kind, _blank, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Failed(401, "EMPTY_ACCESS_TOKEN", "Empty or missing OAuth2 access token")
        grant = self.ledger.row("SELECT * FROM token WHERE token = ?", token)
        if grant is None:
            raise Failed(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
        if grant["fresh_refusals"] and self.ledger.write(
            "UPDATE token SET fresh_refusals = fresh_refusals - 1 WHERE token = ? AND fresh_refusals > 0",
            token,
        ):
            raise Failed(
                401,
                "REVOKED_ACCESS_TOKEN",
                "The token used in the request has been revoked by the user",
                65601,
            )
        if grant["revoked"]:
            raise Failed(
                401,
                "REVOKED_ACCESS_TOKEN",
                "The token used in the request has been revoked by the user",
                65601,
            )
        if grant["expires"] <= time.time():
            raise Failed(401, "EXPIRED_ACCESS_TOKEN", "Expired access token", 65602)
        return grant

    def _route(self, request: Request, grant: dict) -> Response:
        path, method = request.path, request.method
        if path == "/rest/images" and method == "POST":
            return self._begin_upload(request, grant)
        if path.startswith("/rest/images/") and method == "GET":
            return self._image(self._urn(path, "/rest/images/"))
        if path == "/rest/posts" and method == "POST":
            return self._create(request, grant)
        if path == "/rest/posts" and method == "GET":
            return self._find(request, grant)
        if path.startswith("/rest/posts/"):
            return self._one_post(request, grant, self._urn(path, "/rest/posts/"))
        if path == "/rest/organizationAcls" and method == "GET":
            return self._acls(grant)
        if path.startswith("/rest/organizations/") and method == "GET":
            return self._organisation(path.rsplit("/", 1)[1], grant)
        if path.startswith("/rest/networkSizes/") and method == "GET":
            return self._followers(request, self._urn(path, "/rest/networkSizes/"))
        raise Failed(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {path}")

    @staticmethod
    def _urn(path: str, prefix: str) -> str:
        raw = path.removeprefix(prefix)
        if ":" in raw:
            raise Failed(400, "ILLEGAL_ARGUMENT", "A URN in a path must be percent-encoded")
        return unquote(raw)

    # Pictures ---------------------------------------------------------------------------------------

    def _begin_upload(self, request: Request, grant: dict) -> Response:
        if parse_qs(request.query).get("action") != ["initializeUpload"]:
            raise Failed(400, "ILLEGAL_ARGUMENT", "Unknown action")
        owner = (self._json(request).get("initializeUploadRequest") or {}).get("owner")
        self._check_author(owner, grant)
        number, key = self.ledger.next_number("image"), secrets.token_urlsafe(24)
        urn = f"urn:li:image:C4D{number:08d}"
        self.ledger.write(
            "INSERT INTO image (urn, owner, key, status, created) VALUES (?, ?, ?, 'WAITING_UPLOAD', ?)",
            *(urn, owner, key, time.time()),
        )
        url = f"{self.origin}/dms-uploads/{urn.rsplit(':', 1)[1]}/uploaded-image?sig={key}"
        return ok(
            {
                "value": {
                    "uploadUrlExpiresAt": int((time.time() + 86400) * 1000),
                    "uploadUrl": url,
                    "image": urn,
                }
            }
        )

    def _upload(self, request: Request) -> Response:
        if request.method != "PUT":
            raise Failed(405, message="PUT only")
        self._grant(request.headers.get("authorization", ""))
        urn = f"urn:li:image:{request.path.split('/')[2]}"
        image = self.ledger.row("SELECT * FROM image WHERE urn = ?", urn)
        if image is None or parse_qs(request.query).get("sig") != [image["key"]]:
            raise Failed(403, "ACCESS_DENIED", "Accessing this image resource is forbidden.")
        if image["created"] + 86400 < time.time() or self.ledger.take_fault("linkedin", "upload-expired"):
            raise Failed(400, "EXPIRED_UPLOAD_URL", "The upload url has expired")
        if fault := self.ledger.take_fault("linkedin", "upload-redirect"):
            return Response(302, b"", {"Location": fault.get("to", "http://127.0.0.1:9/")})
        self._inspect(urn, request.body)
        return Response(201)

    def _inspect(self, urn: str, data: bytes) -> None:
        """What the network's own image machine would find, and what it would never tell: metadata."""
        status, width, height, form, metadata = "PROCESSING", 0, 0, "", 0
        try:
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
                width, height, form = *picture.size, picture.format
                metadata = int(
                    bool(picture.getexif())
                    or bool(set(picture.info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"})
                )
            if form not in {"JPEG", "PNG", "GIF"} or width * height >= PIXEL_LIMIT:
                status = "PROCESSING_FAILED"
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
            status = "PROCESSING_FAILED"
        if metadata:
            self.ledger.failure("image-metadata", image=urn)
        if self.ledger.take_fault("linkedin", "processing-fails"):
            status = "PROCESSING_FAILED"
        fault = self.ledger.take_fault("linkedin", "processing-slow")
        self.ledger.keep_picture(urn, data)
        self.ledger.write(
            "UPDATE image SET status = ?, width = ?, height = ?, format = ?, sha256 = ?, has_metadata = ?, polls = ? WHERE urn = ?",
            *(status, width, height, form, hashlib.sha256(data).hexdigest(), metadata),
            *(int(fault["polls"]) if fault else 0, urn),
        )

    def _image(self, urn: str) -> Response:
        image = self.ledger.row("SELECT * FROM image WHERE urn = ?", urn)
        if image is None:
            raise Failed(404, "NOT_FOUND", "Not found")
        if image["status"] == "PROCESSING":
            if image["polls"] > 0:
                self.ledger.write("UPDATE image SET polls = polls - 1 WHERE urn = ?", urn)
            else:
                self.ledger.write("UPDATE image SET status = 'AVAILABLE' WHERE urn = ?", urn)
                image["status"] = "AVAILABLE"
        return ok({"id": urn, "owner": image["owner"], "status": image["status"]})

    # Posts ------------------------------------------------------------------------------------------

    def _json(self, request: Request) -> dict:
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Failed(415, "UNSUPPORTED_MEDIA_TYPE", "Only application/json is supported")
        try:
            data = json.loads(request.body)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise Failed(400, "ILLEGAL_ARGUMENT", "Request body could not be converted to data map")
        return data

    def _check_author(self, author, grant: dict) -> None:
        if not isinstance(author, str) or not re.fullmatch(r"urn:li:[a-zA-Z]+:.+", author):
            raise Failed(400, "INVALID_URN_TYPE", f"Invalid urn {author}")
        if not author.startswith(("urn:li:organization:", "urn:li:person:")):
            raise Failed(400, "INVALID_URN_TYPE", f"Invalid urn type {author}")
        if author.startswith("urn:li:organization:") and not ORGANISATION.fullmatch(author):
            raise Failed(400, "INVALID_URN_ID", f"Invalid urn id {author}")
        if "w_organization_social" not in grant["scopes"].split():
            raise Failed(
                403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPostsExternal.CREATE", 100
            )
        roles = {"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"}
        if author != f"urn:li:organization:{grant['organisation']}" or grant["role"] not in roles:
            raise Failed(
                403, "ACCESS_DENIED", "Insufficient permissions to perform the requested action", 100
            )

    def _create(self, request: Request, grant: dict) -> Response:
        body = self._json(request)
        if fault := self.ledger.take_fault("linkedin", "slow-before"):
            time.sleep(fault["seconds"])
        if fault := self.ledger.take_fault("linkedin", "refuse-500", "refuse-503", "refuse-html"):
            return self._broken(fault["name"].removeprefix("refuse-"))
        self._check_fields(body)
        self._check_author(body["author"], grant)
        pictures = self._check_content(body)
        self._check_duplicate(body)
        text = self._published_text(body["commentary"])
        urn = f"urn:li:share:{7_000_000_000_000_000_000 + self.ledger.next_number('post')}"
        self.ledger.write(
            "INSERT INTO post (urn, network, author, body, text, images, created) VALUES (?, 'linkedin', ?, ?, ?, ?, ?)",
            *(urn, body["author"], json.dumps(body), text, json.dumps(pictures), time.time()),
        )
        self.ledger.event("created", urn=urn)
        return self._created(urn)

    def _created(self, urn: str) -> Response:
        """The answer after the commit, which is where real networks fail."""
        names = ("cut-after", "answer-500", "answer-502", "answer-504", "answer-html", "no-id", "slow-after")
        fault = self.ledger.take_fault("linkedin", *names) or {"name": ""}
        if fault["name"] == "cut-after":
            return Response(0, cut=True)
        if fault["name"].startswith("answer-"):
            return self._broken(fault["name"].removeprefix("answer-"))
        response = Response(201, b"", {} if fault["name"] == "no-id" else {"x-restli-id": urn})
        response.delay = float(fault.get("seconds", 0))
        return response

    @staticmethod
    def _broken(kind: str) -> Response:
        if kind == "html":
            return Response(
                503,
                b"<html><body><h1>We&#39;ll be back soon</h1></body></html>",
                {"Content-Type": "text/html"},
            )
        return ok({"status": int(kind), "message": "Internal Server Error"}, int(kind))

    @staticmethod
    def _check_fields(body: dict) -> None:
        wrong = [
            f"ERROR :: /{name} :: unrecognized field found but not allowed\n"
            for name in body
            if name not in {*FIELDS, *OPTIONAL_FIELDS}
        ]
        wrong += [
            f"ERROR :: /{name} :: field is required but not found and has no default value\n"
            for name in FIELDS
            if name not in body
        ]
        wrong += [
            f"ERROR :: /{name} :: wrong type\n"
            for name, kind in FIELDS.items()
            if name in body and not isinstance(body[name], kind)
        ]
        if wrong:
            raise Failed(422, message="".join(wrong))
        if body["lifecycleState"] != "PUBLISHED":
            raise Failed(400, "INVALID_VALUE_FOR_FIELD", "lifecycleState must be PUBLISHED")
        if body["visibility"] not in {"PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"}:
            raise Failed(400, "INVALID_VALUE_FOR_FIELD", "visibility is not an enum symbol")
        if body["distribution"].get("feedDistribution") not in {"MAIN_FEED", "NONE"}:
            raise Failed(400, "INVALID_VALUE_FOR_FIELD", "feedDistribution is not an enum symbol")
        if littletext.units(body["commentary"]) > 3000:
            raise Failed(400, "FIELD_LENGTH_TOO_LONG", "commentary is longer than 3000")

    def _check_content(self, body: dict) -> list[dict]:
        content = body.get("content") or {}
        if "multiImage" in content:
            pictures = (content["multiImage"] or {}).get("images") or []
            if not 2 <= len(pictures) <= 20:
                raise Failed(400, "INVALID_VALUE_FOR_FIELD", "multiImage takes 2 to 20 images")
        else:
            pictures = [content["media"]] if "media" in content else []
        for shown in pictures:
            image = self.ledger.row("SELECT * FROM image WHERE urn = ?", shown.get("id"))
            if image is None:
                raise Failed(400, "INVALID_IMAGE_ID", f"Unknown image {shown.get('id')}")
            if image["owner"] != body["author"]:
                raise Failed(
                    403,
                    "ACCESS_DENIED",
                    "Accessing this image resource is forbidden. Please check your permissions for this resource",
                )
            if image["status"] == "WAITING_UPLOAD":
                raise Failed(400, "MEDIA_ASSET_WAITING_UPLOAD", "The media asset is waiting for upload")
            if image["status"] == "PROCESSING_FAILED":
                raise Failed(400, "MEDIA_ASSET_PROCESSING_FAILED", "The media asset could not be processed")
            if image["status"] != "AVAILABLE":
                self.ledger.failure("image-not-awaited", image=shown["id"])
            if len(shown.get("altText", "")) > 4086:
                raise Failed(400, "FIELD_LENGTH_TOO_LONG", "altText is longer than 4086")
            if not shown.get("altText"):
                self.ledger.failure("no-alt", image=shown["id"])
        return pictures

    def _check_duplicate(self, body: dict) -> None:
        now = time.time()
        for post in self.ledger.rows(
            "SELECT * FROM post WHERE network = 'linkedin' AND author = ?", body["author"]
        ):
            window = GHOST_SECONDS if post["deleted"] else DUPLICATE_SECONDS
            if (
                now - post["created"] < window
                and json.loads(post["body"])["commentary"] == body["commentary"]
            ):
                message = f"Content is a duplicate of {post['urn']}"
                failed = Failed(422, message=message)
                failed.response.body = json.dumps(
                    {
                        "message": message,
                        "errorDetailType": "com.linkedin.common.error.BadRequest",
                        "errorDetails": {
                            "inputErrors": [
                                {
                                    "description": "Duplicate post is detected",
                                    "input": {},
                                    "code": "DUPLICATE_POST",
                                }
                            ]
                        },
                        "status": 422,
                    }
                ).encode()
                self.ledger.event("duplicate-refused", urn=post["urn"])
                raise failed

    def _published_text(self, commentary: str) -> str:
        """What readers see: a reserved character left bare cuts the text there, silently, as reported of the real network."""
        rest = littletext.TEMPLATE.sub(lambda match: " " * len(match[0]), commentary)
        rest = littletext.ESCAPED.sub("  ", rest)
        bare = re.search("[" + re.escape(littletext.RESERVED) + "]", rest)
        if bare:
            self.ledger.failure("text-cut", character=bare[0], at=bare.start())
            commentary = commentary[: bare.start()]
        return littletext.plain(commentary)

    def _post_data(self, post: dict) -> dict:
        created = int(post["created"] * 1000)
        times = {"createdAt": created, "publishedAt": created, "lastModifiedAt": created}
        return {**json.loads(post["body"]), "id": post["urn"], **times}

    def _find(self, request: Request, grant: dict) -> Response:
        if request.headers.get("x-restli-method", "").upper() != "FINDER":
            raise Failed(400, "ILLEGAL_ARGUMENT", "X-RestLi-Method must be FINDER")
        if "r_organization_social" not in grant["scopes"].split():
            raise Failed(
                403,
                "ACCESS_DENIED",
                "Not enough permissions to access: partnerApiPostsExternal.FINDER-author",
                100,
            )
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        if asked.get("q") != "author" or "author=urn%3Ali%3A" not in request.query:
            raise Failed(400, "ILLEGAL_ARGUMENT", "q=author with an encoded author urn is required")
        count = int(asked.get("count", "10"))
        if count > 100:
            raise Failed(400, "ILLEGAL_ARGUMENT", "count must not exceed 100")
        if fault := self.ledger.take_fault("linkedin", "find-500"):
            return self._broken(fault["name"].removeprefix("find-"))
        lag = self.ledger.take_fault("linkedin", "find-lag") or {"seconds": 0}
        found = self.ledger.rows(
            "SELECT * FROM post WHERE network = 'linkedin' AND author = ? AND deleted IS NULL AND created <= ? ORDER BY created DESC LIMIT ?",
            *(asked["author"], time.time() - lag["seconds"], count),
        )
        return ok(
            {
                "elements": [self._post_data(post) for post in found],
                "paging": {"start": 0, "count": count, "links": []},
            }
        )

    def _one_post(self, request: Request, grant: dict, urn: str) -> Response:
        post = self.ledger.row("SELECT * FROM post WHERE urn = ?", urn)
        verb = request.headers.get("x-restli-method", "").upper()
        if request.method == "GET":
            if post is None or post["deleted"]:
                raise Failed(404, "NOT_FOUND", "Could not find entity")
            return ok(self._post_data(post))
        if request.method == "DELETE" and verb == "DELETE":
            self._check_author(
                post["author"] if post else f"urn:li:organization:{grant['organisation']}", grant
            )
            if fault := self.ledger.take_fault("linkedin", "delete-500"):
                return self._broken(fault["name"].removeprefix("delete-"))
            if self.ledger.write(
                "UPDATE post SET deleted = ? WHERE urn = ? AND deleted IS NULL", time.time(), urn
            ):
                self.ledger.event("deleted", urn=urn)
            return Response(204)
        if request.method == "POST" and verb == "PARTIAL_UPDATE":
            return self._update(request, grant, post)
        raise Failed(
            400, "ILLEGAL_ARGUMENT", f"Method {request.method} with X-RestLi-Method {verb or 'absent'}"
        )

    def _update(self, request: Request, grant: dict, post: dict | None) -> Response:
        changes = (self._json(request).get("patch") or {}).get("$set") or {}
        if post is None or post["deleted"]:
            raise Failed(404, "NOT_FOUND", "Could not find entity")
        self._check_author(post["author"], grant)
        mutable = {
            "commentary",
            "contentCallToActionLabel",
            "contentLandingPage",
            "lifecycleState",
            "adContext",
        }
        if set(changes) - mutable:
            raise Failed(400, "INVALID_VALUE_FOR_FIELD", "An immutable field cannot be changed")
        body = {**json.loads(post["body"]), **changes}
        text = self._published_text(body["commentary"])
        self.ledger.write(
            "UPDATE post SET body = ?, text = ? WHERE urn = ?", json.dumps(body), text, post["urn"]
        )
        return Response(204)

    # Organisations ----------------------------------------------------------------------------------

    def _acls(self, grant: dict) -> Response:
        fault = self.ledger.take_fault("linkedin", "acl-name") or {"field": "organization"}
        element = {
            fault["field"]: f"urn:li:organization:{grant['organisation']}",
            "role": grant["role"],
            "roleAssignee": "urn:li:person:rehearsal",
            "state": "APPROVED",
        }
        return ok({"elements": [element], "paging": {"start": 0, "count": 10, "links": []}})

    def _organisation(self, number: str, grant: dict) -> Response:
        row = self.ledger.row("SELECT * FROM organisation WHERE id = ?", number)
        if row is None or number != grant["organisation"]:
            raise Failed(
                403, "ACCESS_DENIED", "Insufficient permissions to perform the requested action", 100
            )
        return ok({"id": int(number), "localizedName": row["name"], "vanityName": row["vanity"]})

    def _followers(self, request: Request, urn: str) -> Response:
        if parse_qs(request.query).get("edgeType") != ["COMPANY_FOLLOWED_BY_MEMBER"]:
            raise Failed(400, "ILLEGAL_ARGUMENT", "edgeType must be COMPANY_FOLLOWED_BY_MEMBER")
        row = self.ledger.row("SELECT followers FROM organisation WHERE id = ?", urn.rsplit(":", 1)[1])
        if row is None:
            raise Failed(404, "NOT_FOUND", "Not found")
        return ok({"firstDegreeSize": row["followers"]})

    # What tests and the demo ask for ------------------------------------------------------------------

    def organisation(self, data: dict) -> dict:
        """Make or change a page: id, name, vanity, followers."""
        row = {"id": "1001", "name": "INET", "vanity": "inet", "followers": 3050} | data
        self.ledger.write(
            "INSERT OR REPLACE INTO organisation VALUES (?, ?, ?, ?)",
            str(row["id"]),
            row["name"],
            row["vanity"],
            row["followers"],
        )
        return row

    def token(self, data: dict) -> dict:
        """A grant, as the consent screen would give it: organization, scopes, role, expires_in, fresh (refusals at first)."""
        granted = {
            "organization": "1001",
            "scopes": "w_organization_social r_organization_social rw_organization_admin",
            "role": "ADMINISTRATOR",
            "expires_in": 5_184_000,
            "fresh": 0,
        } | data
        token, now = f"AQ{secrets.token_urlsafe(48)}", time.time()
        self.ledger.write(
            "INSERT INTO token (token, organisation, scopes, role, issued, expires, fresh_refusals) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(
                token,
                str(granted["organization"]),
                granted["scopes"],
                granted["role"],
                now,
                now + granted["expires_in"],
            ),
            granted["fresh"],
        )
        return {
            "access_token": token,
            "expires_in": granted["expires_in"],
            "scope": granted["scopes"].replace(" ", ","),
        }

    def revoke(self, token: str) -> None:
        self.ledger.write("UPDATE token SET revoked = 1 WHERE token = ?", token)


def permalink_path(urn: str) -> str:
    """Where this server shows a post to people."""
    return f"/linkedin/feed/update/{quote(urn, safe='')}/"
