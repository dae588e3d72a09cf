"""A client that knows LinkedIn's wire and nothing of our connector: it can be wrong in one point at a time."""

import io
import json
from urllib.parse import parse_qsl, quote

import requests
from PIL import Image

PAGE = "urn:li:organization:1001"
VERSION = "202609"
BACK = "http://127.0.0.1:8000/comptes/linkedin/retour/"
SCOPES = "w_organization_social r_organization_social rw_organization_admin"


def jpeg(width=40, height=50, **options):
    return picture("JPEG", width, height, **options)


def picture(form, width=40, height=50, **options):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (14, 90, 99)).save(out, form, **options)
    return out.getvalue()


def pdf(pages=2):
    """The least that is a PDF of so many pages."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 250] >>"] * pages
    numbered = "".join(f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, 1))
    return f"%PDF-1.4\n{numbered}trailer\n<< /Root 1 0 R >>\n%%EOF\n".encode()


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

    def begin(self, owner=PAGE, kind="image"):
        data = {"initializeUploadRequest": {"owner": owner}}
        return self.call("POST", f"/rest/{kind}s?action=initializeUpload", data).json()["value"]

    def state(self, urn):
        return self.call("GET", f"/rest/{urn.split(':')[2]}s/{encoded(urn)}").json()["status"]

    def uploaded(self, data=None, kind="image"):
        """The URN of a picture (or document) that arrived and was not asked about yet."""
        begun = self.begin(kind=kind)
        assert self.call("PUT", begun["uploadUrl"], data or jpeg()).status_code == 201
        return begun[kind]

    def available(self, data=None, kind="image"):
        urn = self.uploaded(data, kind)
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


class Door:
    """A browser and a program at LinkedIn's door: consent, code, tokens; it can be wrong in one point at a time."""

    def __init__(self, server):
        self.server, self.ledger = server, server.ledger

    def asked(self, **changes):
        """The parameters of a right authorisation address; a change to None leaves one out."""
        parameters = {
            "response_type": "code",
            "client_id": "rehearsal",
            "redirect_uri": BACK,
            "state": "s-1",
            "scope": SCOPES,
        } | changes
        return {name: value for name, value in parameters.items() if value is not None}

    def authorize(self, method="GET", answer="allow", **changes):
        return requests.request(
            method,
            f"{self.server.url}/oauth/v2/authorization",
            params=self.asked(**changes),
            data={"answer": answer} if method == "POST" else None,
            timeout=10,
            allow_redirects=False,
        )

    def returned(self, **changes):
        """What the browser brings back after somebody answered."""
        response = self.authorize("POST", **changes)
        assert response.status_code == 302, response.text
        address, _mark, query = response.headers["Location"].partition("?")
        return {"address": address, **dict(parse_qsl(query))}

    def token_call(self, **changes):
        form = {"client_id": "rehearsal", "client_secret": "rehearsal"} | changes
        form = {name: value for name, value in form.items() if value is not None}
        return requests.post(f"{self.server.url}/oauth/v2/accessToken", data=form, timeout=10)

    def exchange(self, code, **changes):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | changes
        return self.token_call(**form)

    def refresh(self, token, **changes):
        return self.token_call(**{"grant_type": "refresh_token", "refresh_token": token} | changes)

    def granted(self, **changes):
        """The answer of the token call after somebody consented."""
        return self.exchange(self.returned(**changes)["code"]).json()

    def wire(self, token):
        """Speaks as the holder of this token."""
        wire = Wire(self.server)
        wire.token = token
        return wire


def problem(response):
    """(status, code or number): what is wrong, in one line."""
    data = response.json()
    assert response.headers["x-restli-error-response"] == "true"
    return response.status_code, data.get("code") or data.get("serviceErrorCode")
