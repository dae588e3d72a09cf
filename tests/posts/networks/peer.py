"""Servers that say exactly what a test wants, and the transport speaking to them."""

import contextlib
import re
import socket
import threading

import pytest

from posts.networks.base import Credentials, Outcome
from posts.networks.transport import call

TOKEN = "AQXsecretTOKEN-0123456789_abcdef"


@contextlib.contextmanager
def peer(behave):
    """A listener that runs `behave(connection, received)` once. Yields its address, and what it was sent: complete at the end."""
    received = []

    is_over = threading.Event()

    def run():
        while True:
            try:
                connection, _address = listener.accept()
            except TimeoutError:
                if is_over.is_set():
                    return
                continue
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                behave(connection, received)
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        is_over.set()
        thread.join(10)


def answering(*pieces):
    """Read the request, say these bytes, close."""

    def behave(connection, received):
        received.append(whole_request(connection))
        for piece in pieces:
            connection.sendall(piece)

    return behave


def whole_request(connection):
    data = connection.recv(65536)
    while data and b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _blank, body = data.partition(b"\r\n\r\n")
    wanted = int((re.search(rb"content-length: (\d+)", head.lower()) or [0, 0])[1])
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body if data else b""


def to(url, *, token=TOKEN, seconds=5, path="/rest/posts", method="POST", body=b"{}", **options):
    credentials = Credentials(url, token, "urn:li:organization:1001", "202609")
    return call(
        method,
        options.pop("target", url + path),
        credentials=credentials,
        domain="linkedin.com",
        body=body,
        seconds=seconds,
        **options,
    )


def refusal(kind, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        to(*arguments, **options)
    assert type(caught.value) is kind
    return caught.value
