"""A client that knows the Graph API's wire and nothing of our connector: it can be wrong in one point at a time."""

import hashlib
import hmac
import json

import requests

from tests.posts.rehearsal.wire import jpeg

PAGE = "1001"
VERSION = "v26.0"
ALT = "Une élève sourit"


class FacebookWire:
    """Speaks to a rehearsal server as the holder of one token."""

    def __init__(self, server, **grant):
        self.server, self.ledger = server, server.ledger
        self.there = server.networks["facebook"]
        self.url = f"{server.url}/api/facebook"
        self.token = self.there.told("token", grant)["access_token"]

    def proof(self, token=None):
        return hmac.new(b"rehearsal", (token or self.token).encode(), hashlib.sha256).hexdigest()

    def call(self, method, path, *, version=VERSION, token=None, headers=None, proof=None, **options):
        """`options` as of requests. None as a header leaves it out; the proof goes into the query, "" leaves it out."""
        token = token or self.token
        sent = {"Authorization": f"Bearer {token}"} | (headers or {})
        params = dict(options.pop("params", {}))
        if proof != "":
            params["appsecret_proof"] = proof or self.proof(token)
        return requests.request(
            method,
            f"{self.url}/{version}{path}" if version else f"{self.url}{path}",
            params=params,
            headers={name: value for name, value in sent.items() if value is not None},
            timeout=10,
            allow_redirects=False,
            **options,
        )

    def create(self, **body):
        return self.call("POST", f"/{PAGE}/feed", json=body or {"message": "Bonjour"})

    def created(self, **body):
        """The identifier of a new post."""
        response = self.create(**body)
        assert response.status_code == 200, response.text
        return response.json()["id"]

    def upload(self, data=None, **fields):
        form = {"published": "false", "alt_text_custom": ALT} | fields
        form = {name: value for name, value in form.items() if value is not None}
        files = {} if data is False else {"source": ("p.jpg", data or jpeg(), "image/jpeg")}
        return self.call("POST", f"/{PAGE}/photos", data=form, files=files)

    def uploaded(self, data=None, **fields):
        """The number of a new picture."""
        response = self.upload(data, **fields)
        assert response.status_code == 200, response.text
        return response.json()["id"]

    def listed(self, **query):
        return self.call("GET", f"/{PAGE}/published_posts", params=query)

    def faults(self, *names, **options):
        self.ledger.set_faults("facebook", [{"name": name, **options} for name in names])

    def posts(self):
        return self.ledger.posts("facebook")

    def breaches(self):
        """(check, rule) of everything this server blames a client for."""
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


def problem(response):
    """(code, subcode) of an error."""
    error = response.json()["error"]
    assert error["type"] in ("OAuthException", "GraphMethodException")
    return error["code"], error.get("error_subcode")


def usage(response):
    """What the usage header of a page's call says of this page."""
    return json.loads(response.headers["X-Business-Use-Case-Usage"])[PAGE][0]
