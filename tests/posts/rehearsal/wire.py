"""A client that knows LinkedIn's wire and nothing of our connector: it can be wrong in one point at a time."""

import io
import json
from urllib.parse import quote

import requests
from PIL import Image

PAGE = "urn:li:organization:1001"
VERSION = "202609"


def jpeg(width=40, height=50, **options):
    return picture("JPEG", width, height, **options)


def picture(form, width=40, height=50, **options):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (14, 90, 99)).save(out, form, **options)
    return out.getvalue()


def body(**changes):
    """A post that is right; a change to None leaves the field out."""
    post = {
        "author": PAGE,
        "commentary": "Bonjour",
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    } | changes
    return {name: value for name, value in post.items() if value is not None}


def encoded(urn):
    return quote(urn, safe="")


class Wire:
    """Speaks to a rehearsal server as the holder of one token."""

    def __init__(self, server, **grant):
        self.server, self.ledger = server, server.ledger
        self.token = server.linkedin.token(grant)["access_token"]

    def call(self, method, path, data=None, *, restli="", **headers):
        """`headers` by name with _ for -; None leaves one out. `data`: dict (JSON) or bytes."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Linkedin-Version": VERSION,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if restli:
            sent["X-RestLi-Method"] = restli
        if isinstance(data, dict):
            data, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        url = path if path.startswith("http") else self.server.url + path
        return requests.request(method, url, data=data, headers=sent, timeout=10, allow_redirects=False)

    def create(self, *, headers=None, **changes):
        return self.call("POST", "/rest/posts", body(**changes), **(headers or {}))

    def created(self, **changes):
        """The URN of a new post."""
        response = self.create(**changes)
        assert response.status_code == 201, response.text
        return response.headers["x-restli-id"]

    def begin(self, owner=PAGE):
        data = {"initializeUploadRequest": {"owner": owner}}
        return self.call("POST", "/rest/images?action=initializeUpload", data).json()["value"]

    def state(self, urn):
        return self.call("GET", f"/rest/images/{encoded(urn)}").json()["status"]

    def uploaded(self, data=None):
        """The URN of a picture that arrived and was not asked about yet."""
        begun = self.begin()
        assert self.call("PUT", begun["uploadUrl"], data or jpeg()).status_code == 201
        return begun["image"]

    def available(self, data=None):
        urn = self.uploaded(data)
        assert self.state(urn) == "AVAILABLE"
        return urn

    def find(self, *, restli="FINDER", **query):
        asked = {"author": encoded(PAGE), "q": "author", "count": "20", "sortBy": "CREATED"} | query
        return self.call(
            "GET", "/rest/posts?" + "&".join(f"{k}={v}" for k, v in asked.items()), restli=restli
        )

    def breaches(self):
        """(check, rule) of everything this server blames a client for."""
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


def problem(response):
    """(status, code or number): what is wrong, in one line."""
    data = response.json()
    assert response.headers["x-restli-error-response"] == "true"
    return response.status_code, data.get("code") or data.get("serviceErrorCode")
