"""The rehearsal network as an HTTP server of its own: `manage.py rehearsal`, or `with serve(folder) as server` in a test.

`/rest/`, `/dms-uploads/` speak LinkedIn's contract; `/linkedin/…` shows the pages to people; `/_/…` is for tests and the demo:
POST /_/linkedin/token, /_/linkedin/organization, /_/linkedin/faults, /_/linkedin/revoke, GET /_/ledger, /_/linkedin/image/<urn>.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from . import pages
from .ledger import Ledger
from .linkedin import LinkedInServer, Request, Response, ok

BODY_LIMIT = 110 * 1024 * 1024


class Server:
    """A running rehearsal network. `url` is where it is reached; `ledger` is what it received."""

    def __init__(self, directory: Path, host: str, port: int, public_url: str | None):
        self.ledger = Ledger(directory)
        self.http = ThreadingHTTPServer((host, port), Handler, bind_and_activate=True)
        self.http.daemon_threads = True
        self.url = (public_url or f"http://{host}:{self.http.server_port}").rstrip("/")
        self.linkedin = LinkedInServer(self.ledger, self.url)
        self.http.rehearsal = self
        self.thread: threading.Thread | None = None

    def __enter__(self) -> Server:
        self.thread = threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self.thread.start()
        return self

    def __exit__(self, *_exc) -> None:
        self.stop()

    def run(self) -> None:
        """Serve until `stop`, in this thread."""
        self.http.serve_forever()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.ledger.close()

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/_/"):
            return self._control(request)
        if request.path.startswith(("/rest/", "/dms-uploads/")):
            return self.linkedin.answer(request)
        return pages.answer(self.ledger, request)

    def _control(self, request: Request) -> Response:
        data = json.loads(request.body or b"{}")
        match request.method, request.path:
            case "POST", "/_/linkedin/token":
                return ok(self.linkedin.token(data))
            case "POST", "/_/linkedin/organization":
                return ok(self.linkedin.organisation(data))
            case "POST", "/_/linkedin/revoke":
                self.linkedin.revoke(data["token"])
                return ok({})
            case "POST", "/_/linkedin/faults":
                self.ledger.set_faults("linkedin", data["faults"])
                return ok({})
            case "GET", "/_/ledger":
                return ok(
                    {
                        "posts": self.ledger.posts(with_deleted=True),
                        "failures": self.ledger.failures(),
                        "events": self.ledger.events(),
                    }
                )
        if request.path.startswith("/_/linkedin/image/"):
            picture = self.ledger.picture(unquote(request.path.removeprefix("/_/linkedin/image/")))
            if picture is not None:
                return Response(200, picture, {"Content-Type": pages.picture_type(picture)})
        return ok({"error": "no such control"}, 404)


class Handler(BaseHTTPRequestHandler):
    """From sockets to Request and back. HTTP/1.1 with a strict Content-Length."""

    protocol_version = "HTTP/1.1"
    server_version = "rehearsal"
    timeout = 60

    def _serve(self) -> None:
        split = urlsplit(self.path)
        length = self.headers.get("Content-Length")
        if length is None and self.command in ("POST", "PUT"):
            self._reply(Response(411))
            return
        size = int(length or 0)
        if size > BODY_LIMIT:
            self.close_connection = True
            self._reply(Response(413))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, split.path, split.query, headers, self.rfile.read(size))
        self._reply(self.server.rehearsal.answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _reply(self, response: Response) -> None:
        if response.cut:
            # RST, as when a machine in between dies.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if response.delay:
            time.sleep(response.delay)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, *_args) -> None:
        """The ledger is the log."""

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            # The connection was cut on purpose, or the client is gone.
            self.close_connection = True


def serve(
    directory: Path, port: int = 0, *, host: str = "127.0.0.1", public_url: str | None = None
) -> Server:
    """A server on `port` (0: a free one), its ledger below `directory`. Use it in a `with`, or call run() and stop()."""
    return Server(directory, host, port, public_url)
