"""A client that knows the wire of X's API v2 and nothing of our connector: it can be wrong in one point at a time."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tests.posts.rehearsal.wire import jpeg

USER = "1001"
ALT = "Une élève sourit"
BACK = "http://127.0.0.1:8000/comptes/x/retour/"
VERIFIER = "v" * 64
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


class XWire:
    """Speaks to a rehearsal server as the holder of one token, or of none yet."""

    def __init__(self, server, *, has_token=True, **grant):
        self.server, self.ledger = server, server.ledger
        self.there = server.networks["x"]
        self.url = f"{server.url}/api/x"
        self.token = self.there.told("token", grant)["access_token"] if has_token else ""

    def call(self, method, path, *, headers=None, **options):
        """`options` as of requests. None as a header leaves it out."""
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return requests.request(
            method,
            f"{self.url}{path}",
            headers={name: value for name, value in sent.items() if value is not None},
            timeout=10,
            allow_redirects=False,
            **options,
        )

    # Posts ------------------------------------------------------------------------------------------

    def create(self, **body):
        return self.call("POST", "/2/tweets", json=body or {"text": "Bonjour"})

    def created(self, **body):
        """The number of a new post."""
        response = self.create(**body)
        assert response.status_code == 201, response.text
        return response.json()["data"]["id"]

    def read(self, number, **query):
        return self.call("GET", f"/2/tweets/{number}", params=query).json()

    def listed(self, **query):
        return self.call("GET", f"/2/users/{USER}/tweets", params={"max_results": 100} | query)

    def numbers(self, **query):
        return [post["id"] for post in self.listed(**query).json().get("data", [])]

    # Pictures ---------------------------------------------------------------------------------------

    def upload(self, data=None, name="p.jpg", **fields):
        form = {"media_category": "tweet_image"} | fields
        form = {name: value for name, value in form.items() if value is not None}
        files = {} if data is False else {"media": (name, jpeg() if data is None else data, "image/jpeg")}
        return self.call("POST", "/2/media/upload", data=form, files=files)

    def uploaded(self, data=None):
        """The number of a new picture."""
        response = self.upload(data)
        assert response.status_code == 200, response.text
        return response.json()["data"]["id"]

    def described(self, data=None):
        number = self.uploaded(data)
        assert self.describe(number).status_code == 200
        return number

    def describe(self, number, text=ALT):
        return self.call(
            "POST", "/2/media/metadata", json={"id": number, "metadata": {"alt_text": {"text": text}}}
        )

    def begin(self, total, **changes):
        body = {"media_type": "image/jpeg", "total_bytes": total, "media_category": "tweet_image"} | changes
        return self.call("POST", "/2/media/upload/initialize", json=body)

    def append(self, number, index, data):
        form = {} if index is None else {"segment_index": str(index)}
        path = f"/2/media/upload/{number}/append"
        return self.call("POST", path, data=form, files={"media": ("chunk", data)})

    def finalize(self, number):
        return self.call("POST", f"/2/media/upload/{number}/finalize")

    def state(self, number):
        query = {"command": "STATUS", "media_id": number}
        return self.call("GET", "/2/media/upload", params=query).json()["data"]["processing_info"]["state"]

    # Doors ------------------------------------------------------------------------------------------

    def consent(self, *, method="POST", answer="allow", **changes):
        query = {
            "response_type": "code",
            "client_id": "rehearsal",
            "redirect_uri": BACK,
            "scope": SCOPES,
            "state": "s3cret",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        url = f"{self.url}/i/oauth2/authorize?{urlencode({k: v for k, v in query.items() if v is not None})}"
        return requests.request(
            method, url, data={"answer": answer}, timeout=10, allow_redirects=False, headers={"Accept": "*/*"}
        )

    def code(self, **changes):
        return sent_back(self.consent(**changes))["code"]

    def token_call(self, *, auth=("rehearsal", "rehearsal"), path="/2/oauth2/token", **form):
        return requests.post(f"{self.url}{path}", data=form, auth=auth, timeout=10)

    def exchange(self, code, **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return self.token_call(**form | changes)

    def refresh(self, token, **changes):
        return self.token_call(**{"grant_type": "refresh_token", "refresh_token": token} | changes)

    def whoami(self, token=None):
        return self.call(
            "GET", "/2/users/me", headers={"Authorization": f"Bearer {token}"} if token else None
        ).status_code

    # Judging ----------------------------------------------------------------------------------------

    def faults(self, *names, **options):
        self.ledger.set_faults("x", [{"name": name, **options} for name in names])

    def posts(self):
        return self.ledger.posts("x")

    def breaches(self):
        """(check, rule) of everything this server blames a client for."""
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def sent_back(response):
    """The parameters with which somebody comes back to us."""
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def problem(response):
    """(status, last word of the type): what is wrong, in one line."""
    data = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, data["type"].rpartition("/")[2]
