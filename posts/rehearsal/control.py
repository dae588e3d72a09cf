"""What tests and the demo ask of the rehearsal network, as JSON below /_/. No real network has these doors.

POST /_/linkedin/organization   id, name, vanity, followers, tagline
POST /_/linkedin/token          organization, name, scopes, role, expires_in, fresh, member, token → access_token, …
POST /_/linkedin/revoke         token
POST /_/<network>/faults        faults: the whole list, see faults.py
POST /_/<network>/<what>        whatever that network's `told` knows: page, token, revoke, …
POST /_/knobs                   name: value, see KNOBS in ledger.py
GET  /_/ledger                  posts (deleted ones too), failures, events
GET  /_/<network>/image/<urn>   the bytes as they were received
GET  /_/permalink/<urn>         on to the page that shows this post
"""

from __future__ import annotations

import json
from urllib.parse import unquote

from .exchange import Request, Response, json_response
from .faults import UnknownFault
from .ledger import Ledger
from .manners import MANNERS

PICTURE_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
LASTING = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "sandbox; default-src 'none'"}


class Control:
    def __init__(self, ledger: Ledger, networks: dict):
        self.ledger, self.networks = ledger, networks

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/_/")
        if request.method == "POST":
            return self._told(path, request)
        if request.method not in ("GET", "HEAD"):
            return json_response({"error": "GET or POST"}, 405)
        if path == "ledger":
            return json_response(
                {
                    "posts": self.ledger.posts(with_deleted=True),
                    "failures": self.ledger.failures(),
                    "events": self.ledger.events(),
                }
            )
        what, _slash, urn = path.rpartition("/")
        network, _slash, kind = what.partition("/")
        if network in MANNERS and kind == "image":
            return self._picture(unquote(urn))
        if what == "permalink" and (post := self.ledger.post(unquote(urn))):
            return Response(302, b"", {"Location": MANNERS[post["network"]].path_of_post(post["urn"])})
        return json_response({"error": f"There is nothing at {request.path}"}, 404)

    def _told(self, path: str, request: Request) -> Response:
        # A page in somebody's browser cannot send this type to another site unasked.
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return json_response({"error": "Send application/json"}, 415)
        try:
            data = json.loads(request.body or b"{}")
            if path == "knobs":
                self.ledger.turn(**data)
                return json_response({})
            slug, _slash, what = path.partition("/")
            if slug not in self.networks or not what:
                return json_response({"error": f"There is nothing at {request.path}"}, 404)
            if what == "faults":
                self.ledger.set_faults(slug, data["faults"])
                return json_response({})
            return json_response(self.networks[slug].told(what, data))
        except (UnknownFault, KeyError, TypeError, ValueError, AttributeError) as error:
            return json_response({"error": f"{type(error).__name__}: {error}"}, 400)

    def _picture(self, urn: str) -> Response:
        image, path = self.ledger.image(urn), self.ledger.picture_path(urn)
        if image is None or not path.is_file():
            return json_response({"error": "There is no such picture"}, 404)
        kind = PICTURE_TYPES.get(image["format"], "application/octet-stream")
        return Response(200, path.read_bytes(), {"Content-Type": kind, **LASTING})
