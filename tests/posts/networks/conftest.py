"""A rehearsal network without a database, our connector, and the access of a page on it."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.utils import translation

from posts.networks.base import App, Credentials, Image, Key
from posts.networks.linkedin import LinkedIn
from posts.rehearsal.server import serve
from tests.posts.rehearsal.wire import PAGE, VERSION, jpeg

KEY = Key("a1b2c3d4-0001", "3mgqyw7zk2s2a", datetime(2026, 3, 3, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _sentences_as_in_the_code():
    with translation.override("en"):
        yield


@pytest.fixture
def server(tmp_path):
    with serve(tmp_path / "rehearsal") as server:
        server.linkedin.organisation({"id": "1001", "name": "INET", "vanity": "inet", "followers": 3052})
        yield server


@pytest.fixture
def sleeps():
    """How long the connector slept, in order; nobody really waits."""
    return []


@pytest.fixture
def linkedin(sleeps):
    return LinkedIn(sleep=sleeps.append)


@pytest.fixture
def access(server):
    """A function: credentials for a new grant with these options."""

    def grant(**options):
        token = server.linkedin.token(options)["access_token"]
        return Credentials(server.url, token, PAGE, VERSION)

    return grant


@pytest.fixture
def credentials(access):
    return access()


@pytest.fixture
def app(server):
    """Our program, as the rehearsal network knows it."""
    return App(
        api_url=server.url,
        oauth_url=server.url,
        client_id="rehearsal",
        client_secret="rehearsal",
        redirect_uri="http://127.0.0.1:8000/comptes/linkedin/retour/",
        version=VERSION,
        is_public=False,
    )


def image(data=None, alt="Une élève sourit", content_type="image/jpeg", width=40, height=50):
    data = jpeg(width, height) if data is None else data
    return Image(data, content_type, alt, width, height, hashlib.sha256(data).hexdigest())
