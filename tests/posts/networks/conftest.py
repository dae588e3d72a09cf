"""A rehearsal network without a database, our connector, and the access of a page on it."""

import hashlib

import pytest

from posts.networks.base import Credentials, Image
from posts.networks.linkedin import LinkedIn
from posts.rehearsal.server import serve
from tests.posts.rehearsal.wire import PAGE, VERSION, jpeg


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


def image(data=None, alt="Une élève sourit", content_type="image/jpeg", width=40, height=50):
    data = jpeg(width, height) if data is None else data
    return Image(data, content_type, alt, width, height, hashlib.sha256(data).hexdigest())
