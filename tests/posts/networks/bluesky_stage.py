"""A Bluesky account on the rehearsal network, its access, and our connector: what the tests of Bluesky stand on."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image as Pictures

from posts.networks.base import App, Content, Credentials, Image, Key, Outcome
from posts.networks.bluesky import Bluesky
from tests.posts.networks.peer import answering, peer

TEXT = "Bravo à Léa (2021/2022) […] C# ~ a_b \\o/ @INET <3 * 🎓\n\n#INET #Élèves"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MADE_AT = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)
KEYS = tuple(f"3lbcdefghij{letters}" for letters in ("2a", "2b", "2c", "2d", "2e"))


def nothing():
    """Nothing to ask before the first byte."""


def key(record=KEYS[0], made_at=MADE_AT):
    return Key("12345678-abcd", record, made_at)


def refusal(kind, function, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


class Stage:
    """`server` is a running rehearsal."""

    bluesky = Bluesky()

    def __init__(self, server):
        self.server, self.ledger = server, server.ledger
        self.there = server.networks["bluesky"]
        self.url = f"{server.url}/api/bluesky"
        self.app = App(api_url=self.url, is_public=False)
        self.did = self.there.told("page", {"followers": 3052})["id"]
        self.credentials = self.access()

    def access(self, **options):
        token = self.there.told("token", {"page": self.did, **options})
        return Credentials(self.url, token["access_token"], token["did"])

    def faults(self, *faults):
        self.ledger.set_faults(
            "bluesky", [fault if isinstance(fault, dict) else {"name": fault} for fault in faults]
        )

    def publish(
        self, text=TEXT, *images, record=KEYS[0], link=None, before_first_byte=nothing, credentials=None
    ):
        content, credentials = Content(text, images, link=link), credentials or self.credentials
        media = self.bluesky.prepare(content, credentials)
        return self.bluesky.create(
            content, media, credentials, key=key(record), before_first_byte=before_first_byte
        )

    def calls(self, name):
        return [call for call in self.ledger.events("call") if call["path"] == f"/xrpc/{name}"]

    def posts(self):
        return self.ledger.posts("bluesky")


def just_now():
    return MADE_AT - timedelta(minutes=2)


def saying(status, body, *headers):
    """A server that says this once."""
    head = "\r\n".join([f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", *headers])
    return peer(answering(f"{head}\r\n\r\n".encode() + body))


def noise(width, height, form="JPEG", **options):
    """A picture that is hard to press."""
    out = io.BytesIO()
    Pictures.effect_noise((width, height), 120).convert("RGB").save(out, form, **options)
    return as_image(out.getvalue(), width, height, f"image/{form.lower()}")


def as_image(data, width, height, content_type="image/jpeg", alt="Une élève sourit"):
    return Image(data, content_type, alt, width, height, hashlib.sha256(data).hexdigest())
