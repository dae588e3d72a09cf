"""A Facebook page on the rehearsal network, its access, and our connector: what the tests of Facebook stand on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks.base import App, Content, Credentials, Key, Outcome
from posts.networks.facebook import Facebook

TEXT = "Bravo à Léa (2021/2022) […] C# ~ a_b \\o/ @INET <3 {oui|non} * 🎓\n\n#INET #Élèves"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
VERSION = "v26.0"
PAGE = "1001"


def key():
    return Key("12345678-abcd", "3mabcdefghijk", datetime.now(UTC))


def just_now():
    return datetime.now(UTC) - timedelta(minutes=2)


def nothing():
    """Nothing to ask before the first byte."""


def refusal(kind, function, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


class Stage:
    """`server` is a running rehearsal; `sleeps` is how long the connector slept, in order."""

    def __init__(self, server):
        self.server, self.ledger = server, server.ledger
        self.there = server.networks["facebook"]
        self.sleeps = []
        self.facebook = Facebook(sleep=self.sleeps.append)
        self.there.told("page", {"id": PAGE, "name": "INET", "handle": "inet", "followers": 3052})
        self.credentials = self.access()
        self.app = App(
            api_url=self.url,
            oauth_url=self.url,
            client_id="rehearsal",
            client_secret="rehearsal",
            redirect_uri="http://127.0.0.1/comptes/facebook/retour/",
            version=VERSION,
            is_public=False,
        )

    @property
    def url(self):
        return f"{self.server.url}/api/facebook"

    def access(self, **options):
        """Credentials for a new token of the page with these options."""
        given = self.there.told("token", options)
        return Credentials(self.url, given["access_token"], given["page"], VERSION, "rehearsal")

    def elsewhere(self, url):
        return replace(self.credentials, api_url=url)

    def publish(self, text=TEXT, *images, credentials=None, link=None, before_first_byte=nothing):
        credentials = credentials or self.credentials
        content = Content(text, images, link=link)
        media = self.facebook.prepare(content, credentials)
        return self.facebook.create(
            content, media, credentials, key=key(), before_first_byte=before_first_byte
        )

    def find(self, text=TEXT):
        return self.facebook.find(Content(text), self.credentials, key=key(), since=just_now())

    def faults(self, *names, **options):
        self.ledger.set_faults("facebook", [{"name": name, **options} for name in names])

    def posts(self):
        return self.ledger.posts("facebook")

    def calls(self, method, path):
        """How many such calls there were; the path without its version."""
        called = [(call["method"], call["path"]) for call in self.ledger.events("call")]
        return called.count((method, f"/{VERSION}{path}"))

    def breaches(self):
        return [(failure["check"], failure["rule"]) for failure in self.ledger.failures()]


def said(body, status=200, *headers):
    """The bytes of an answer, for a `peer`."""
    body = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} Said", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body
