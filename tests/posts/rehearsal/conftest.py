"""A rehearsal server without a database, and a client on its wire."""

import pytest

from posts.rehearsal.server import serve
from tests.posts.rehearsal.wire import Wire


@pytest.fixture
def server(tmp_path):
    with serve(tmp_path / "rehearsal") as server:
        yield server


@pytest.fixture
def wire(server):
    return Wire(server)
