"""A real Bluesky server for one test run: fresh, on this machine only, gone at the end."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from .install import FOLDER, is_installed

MISSING = "The real Bluesky server is not installed: `make peers` installs it."
START_SECONDS = 60


@dataclass(frozen=True)
class Peer:
    """`secret` signs its tokens; `admin_password` opens its administration."""

    url: str
    secret: str = field(repr=False)
    admin_password: str = field(repr=False)

    def call(self, name: str, data: dict | None = None, token: str = "", **options) -> requests.Response:
        """One XRPC call: a question without `data`, else a deed."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method = "GET" if data is None and "data" not in options else "POST"
        return requests.request(
            method, f"{self.url}/xrpc/{name}", json=data, headers=headers, timeout=30, **options
        )

    def account(self, name: str) -> dict:
        """A new account and its app password: did, handle, password, accessJwt, refreshJwt."""
        asked = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": secrets.token_hex(12)}
        made = self.call("com.atproto.server.createAccount", asked).json()
        new = {"name": "newsroom"}
        password = self.call("com.atproto.server.createAppPassword", new, made["accessJwt"]).json()
        return {**made, "password": password["password"]}


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[Peer]:
    """`environment` changes how the server is set up (PDS_… names)."""
    pds_port, plc_port = free_ports(2)
    peer = Peer(f"http://127.0.0.1:{pds_port}", secrets.token_hex(16), secrets.token_hex(8))
    own = {
        "PATH": f"{FOLDER}/venv/bin:/usr/bin:/bin",
        "PDS_JWT_SECRET": peer.secret,
        "PDS_ADMIN_PASSWORD": peer.admin_password,
        "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX": secrets.token_hex(32),
    }
    launcher = Path(__file__).with_name("pds.mjs")
    process = subprocess.Popen(
        ["venv/bin/node", launcher, folder, str(pds_port), str(plc_port)],
        cwd=FOLDER,
        env=own | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    patience = threading.Timer(START_SECONDS, process.kill)
    patience.start()
    try:
        assert process.stdout.readline() == "ready\n", "The real Bluesky server did not start"
        patience.cancel()
        yield peer
    finally:
        patience.cancel()
        # Its input ends, so it ends.
        process.communicate(timeout=START_SECONDS)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _number in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


__all__ = ["MISSING", "Peer", "is_installed", "running"]
