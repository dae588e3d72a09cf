"""The rehearsal network as an HTTP server of its own: `manage.py rehearsal`, or `with serve(folder) as server` in a test.

`/api/<network>/…` speaks that network's contract (LinkedIn's stands at the root, where its paths are unlike all others);
`/` and `/<network>/…` show the pages to people; `/_/…` is for tests and the demo (`control.py`).
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import socketserver
import struct
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

from .bluesky import Bluesky
from .control import Control
from .exchange import Request, Response, json_response
from .facebook import Facebook
from .ledger import Ledger
from .linkedin import LinkedIn
from .mastodon import Mastodon
from .pages import Pages
from .panel import PATH as PANEL
from .panel import Panel
from .x import X

log = logging.getLogger(__name__)

BODY_LIMIT = 110_000_000
IDLE_SECONDS = 60
LINKEDIN_PATHS = ("/rest/", "/dms-uploads/", "/oauth/v2/")
API = re.compile(r"/api/(?P<network>[a-z]+)(?P<path>/.*)")
NETWORKS: dict[str, type] = {"facebook": Facebook, "bluesky": Bluesky, "mastodon": Mastodon, "x": X}
"""The networks below /api/, by slug: classes made with (ledger, wait)."""


class Rehearsed(Protocol):
    """One network's side of the wire. `base` is the address under which it is reached."""

    def answer(self, request: Request, base: str) -> Response: ...

    def told(self, what: str, data: dict) -> dict:
        """What tests and the demo ask: POST /_/<network>/<what>. Raises KeyError for what it does not know."""


class Server:
    """A rehearsal network on an open port. `url` is where people reach it; `ledger` is what it received.

    As a context manager it serves in a thread of its own. Else call `run`, then `stop`.
    """

    def __init__(self, directory: Path, host: str, port: int, public_url: str | None):
        self.ending = threading.Event()
        self.ledger = Ledger(directory)
        self.linkedin = LinkedIn(self.ledger, wait=self.ending.wait)
        self.networks: dict[str, Rehearsed] = {
            "linkedin": self.linkedin,
            **{slug: network(self.ledger, wait=self.ending.wait) for slug, network in NETWORKS.items()},
        }
        self.control = Control(self.ledger, self.networks)
        self.pages = Pages(self.ledger)
        self.panel = Panel(self.ledger)
        self.http = _Http((host, port), _Handler)
        self.http.rehearsal = self
        self.port = self.http.server_port
        self.url = (public_url or f"http://{host}:{self.port}").rstrip("/")

    def __enter__(self) -> Server:
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(self, *_exc) -> None:
        self.stop()

    def run(self) -> None:
        """Serve until `stop` is called from another thread."""
        self.http.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self.http.shutdown()
        self.close()

    def close(self) -> None:
        """Give back port and file, once nobody serves any more."""
        self.ending.set()
        self.http.server_close()
        self.ledger.close()

    def answer(self, request: Request) -> Response:
        try:
            if request.path.startswith("/_/"):
                return self.control.answer(request)
            if request.path.startswith(LINKEDIN_PATHS):
                return self.linkedin.answer(request)
            if match := API.fullmatch(request.path):
                network = self.networks.get(match["network"])
                if network is not None:
                    return network.answer(
                        replace(request, path=match["path"]), base=f"{self.url}/api/{match['network']}"
                    )
            if request.path == PANEL:
                return self.panel.answer(request)
            return self.pages.answer(request)
        except Exception as error:
            if self.ending.is_set():
                return Response(cut=True)
            # A bug of this server must not pass for a fault of the network.
            log.exception("The rehearsal network failed at %s", request.path)
            self.ledger.failure("bug-of-the-rehearsal-network", 0, path=request.path, error=repr(error))
            return json_response({"error": "bug of the rehearsal network"}, 500)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    rehearsal: Server

    def server_bind(self) -> None:
        # Not HTTPServer's, which looks up this machine's name.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no error of ours."""
        log.debug("Connection of %s ended", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """From sockets to Request and back: HTTP/1.1, kept alive, with a strict Content-Length."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rehearsal", ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def _serve(self) -> None:
        if (body := self._body()) is None:
            return
        path, _mark, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._reply(self.server.rehearsal.answer(Request(self.command, path, query, headers, body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _body(self) -> bytes | None:
        """The whole body, or None if the length was wrong and has been answered."""
        length = self.headers.get("Content-Length")
        if (
            length is None
            and self.command not in ("POST", "PUT", "PATCH")
            and "Transfer-Encoding" not in self.headers
        ):
            return b""
        if length is None or not re.fullmatch(r"[0-9]{1,12}", length):
            status = 411 if length is None else 400
            return self._refuse(status, "Content-Length is required")
        if int(length) > BODY_LIMIT:
            return self._refuse(413, "The body is too large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._reply(json_response({"status": status, "message": message}, status, Connection="close"))

    def _reply(self, response: Response) -> None:
        if response.delay:
            self.server.rehearsal.ending.wait(response.delay)
        if response.cut:
            self._hang_up()
            return
        self.send_response(response.status)
        headers = {"Content-Length": str(len(response.body)), "X-Content-Type-Options": "nosniff"}
        if response.status == 204 or response.endless:
            del headers["Content-Length"]
        for name, value in (headers | response.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()
        while response.endless and not self.server.rehearsal.ending.wait(1):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _hang_up(self) -> None:
        """RST instead of an answer, as when a machine in between dies."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_args) -> None:
        """The ledger is the log."""


def serve(
    directory: Path, port: int = 0, *, host: str = "127.0.0.1", public_url: str | None = None
) -> Server:
    """A server that listens on `port` (0: a free one), with its ledger below `directory`."""
    return Server(directory, host, port, public_url)
