"""A client that knows Bluesky's wire and nothing of our connector: it can be wrong in one point at a time."""

import json

import requests

HANDLE, PASSWORD = "inet.test", "rehearsal"
COLLECTION = "app.bsky.feed.post"
KEYS = [f"3lbcdefghij{letters}" for letters in ("2a", "2b", "2c", "2d", "2e")]
KEY = KEYS[0]


def record(**changes):
    """A post that is right; a change to None leaves the field out."""
    post = {
        "$type": COLLECTION,
        "text": "Bonjour",
        "createdAt": "2026-11-24T10:00:00.000Z",
        "langs": ["fr"],
    } | changes
    return {name: value for name, value in post.items() if value is not None}


def images(*shown):
    return {"$type": "app.bsky.embed.images", "images": list(shown)}


def facet(start, end, **feature):
    kind, value = next(iter(feature.items()))
    name = {"link": "uri", "tag": "tag", "mention": "did"}[kind]
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", name: value}],
    }


class Wire:
    """Speaks to a rehearsal server in one session."""

    def __init__(self, server, **grant):
        self.server, self.ledger = server, server.ledger
        self.network = server.networks["bluesky"]
        self.base = f"{server.url}/api/bluesky/xrpc/"
        self.session = self.network.told("token", grant)
        self.did = self.session["did"]

    def call(self, name, data=None, *, token="", method="", **headers):
        """`data`: dict (JSON) or bytes; without it a GET. `token` "none" sends none."""
        sent = {"Authorization": f"Bearer {token or self.session['accessJwt']}"} if token != "none" else {}
        if isinstance(data, dict):
            data, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        method = method or ("GET" if data is None else "POST")
        return requests.request(method, self.base + name, data=data, headers=sent, timeout=10)

    def sign_in(self, identifier=HANDLE, password=PASSWORD):
        body = {"identifier": identifier, "password": password}
        return self.call("com.atproto.server.createSession", body, token="none")

    def refresh(self, token=""):
        token = token or self.session["refreshJwt"]
        return self.call("com.atproto.server.refreshSession", method="POST", token=token)

    def upload(self, data, content_type="image/jpeg", **options):
        return self.call("com.atproto.repo.uploadBlob", data, Content_Type=content_type, **options)

    def put(self, sent=None, key=KEY, *, leave_out=(), **changes):
        body = {
            "repo": self.did,
            "collection": COLLECTION,
            "rkey": key,
            "record": record() if sent is None else sent,
            "swapRecord": None,
        } | changes
        body = {name: value for name, value in body.items() if name not in leave_out}
        return self.call("com.atproto.repo.putRecord", body)

    def create(self, sent=None, key=KEY):
        body = {"repo": self.did, "collection": COLLECTION, "rkey": key, "record": sent or record()}
        return self.call("com.atproto.repo.createRecord", body)

    def delete(self, key=KEY):
        body = {"repo": self.did, "collection": COLLECTION, "rkey": key}
        return self.call("com.atproto.repo.deleteRecord", body)

    def get(self, key=KEY):
        return self.call(f"com.atproto.repo.getRecord?repo={self.did}&collection={COLLECTION}&rkey={key}")

    def list(self, **asked):
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        return self.call(f"com.atproto.repo.listRecords?repo={self.did}&collection={COLLECTION}{query}")

    def picture(self, data, width, height, alt="Une élève sourit"):
        """What stands in a post for an uploaded picture."""
        ratio = {"width": width, "height": height}
        return {"alt": alt, "image": self.upload(data).json()["blob"], "aspectRatio": ratio}

    def breaches(self):
        """(number of the check, rule) of each rule that was broken, in order."""
        return [(found["check"], found["rule"]) for found in self.ledger.failures()]


def problem(response):
    """(status, name of the error)."""
    return response.status_code, response.json().get("error")
