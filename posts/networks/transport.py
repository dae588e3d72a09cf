"""The one way in which connectors speak HTTP: one request, bounded in time and size, and honest about what may have left.

No retry, no redirect, no proxy or .netrc of the machine, no kept connection: a second try by a library would be a second post.
The token goes to the network's own hosts only, and no secret gets into an exception, a log or a kept answer.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import requests
import urllib3
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from urllib3.util import parse_url

from . import addresses
from .base import Credentials, NeedsReconnect, NotSent, Outcome, Refused, Unknown

ANSWER_LIMIT = 4096
"""Bytes of an answer that are kept, redacted, for people who must understand it later."""
BODY_LIMIT = 1_000_000
"""Bytes of an answer that are read."""
CONNECT_SECONDS = 5.0
CREATE_SECONDS = 30.0
UPLOAD_SECONDS = 120.0
LONGEST_WAIT = 86_400.0

NOT_REACHED = _("The network could not be reached. Nothing was sent; it will be tried again.")
NO_ANSWER = _("The network did not answer as it should. Whether the post is online is being checked.")
STRANGE_ADDRESS = _(
    "The network named an address that is not its own. Nothing was sent there. Tell the staff."
)
NO_TOKEN = _("This page is not connected, or its token cannot be used. Staff must connect it again.")

SECRET = re.compile(
    r"""(?ix) ((?:bearer|basic)\s+) [^\s"'<>,]+
    | ((?:access_?token|refresh_?token|id_token|client_secret|uploadtoken|accessjwt|refreshjwt|password|code_verifier
        |appsecret_proof)["']?\s*[:=]\s*["']?) [^\s"'&,}<>]+
    | (\?) [^\s"'<>]{3,}"""
)
"""Bearer tokens, named secrets, and the query string of any address (upload addresses carry their secret there)."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no database column takes, or no screen shows."""


def clean(text: str) -> str:
    """Text from outside that may go into a column: no control characters, no halves of characters."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def redact(text: str, *secrets: str) -> str:
    """Without these secrets in any spelling, without tokens and query strings; at most ANSWER_LIMIT bytes."""
    for secret in filter(None, secrets):
        spellings = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "…")
    text = SECRET.sub(lambda match: next(filter(None, match.groups())) + "…", clean(text))
    return text.encode()[:ANSWER_LIMIT].decode(errors="ignore")


# urllib3 logs addresses with their query strings and the remains of headers it cannot read. What is worth knowing is in
# our answers.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(lambda _record: False)


@dataclass(frozen=True)
class Answer:
    """What a server said, whatever it was. `body` ends early if it was too long or the connection broke off."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    shown: str
    """Status, the headers asked for, and the body: redacted, at most ANSWER_LIMIT bytes."""

    def json(self) -> dict:
        """The body if it is a JSON object, else an empty one: HTML, halves and empty bodies do not hurt."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    @property
    def retry_after(self) -> float | None:
        """Seconds, at most a day, from a Retry-After header of either form."""
        value = self.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", value):
            return min(float(value), LONGEST_WAIT)
        try:
            seconds = (parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_WAIT)


def is_trusted(url: str, api_url: str, domain: str) -> bool:
    """May the token go there? Over https to the network's own domain, or to the very server that is configured.

    Parsed by urllib3, which also connects: two parsers that disagree on an odd address would be a way out.
    """
    try:
        target, api = parse_url(url), parse_url(api_url)
    except urllib3.exceptions.LocationParseError:
        return False
    host = (target.host or "").rstrip(".")
    if target.auth or not host or "\\" in url:
        return False
    if (target.scheme, target.host, target.port) == (api.scheme, api.host, api.port):
        return True
    return bool(domain) and target.scheme == "https" and (host == domain or host.endswith(f".{domain}"))


@sensitive_variables()
def call(
    method: str,
    url: str,
    *,
    credentials: Credentials,
    domain: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float,
    show: tuple[str, ...] = (),
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """`send` with the bearer token of these credentials. Raises NeedsReconnect for a token that no header can carry."""
    if not re.fullmatch(r"[\x21-\x7e]+", credentials.token):
        raise NeedsReconnect("no-token", NO_TOKEN)
    return send(
        method,
        url,
        api_url=credentials.api_url,
        domain=domain,
        is_public=credentials.is_public,
        headers={**(headers or {}), "Authorization": f"Bearer {credentials.token}"},
        body=body,
        seconds=seconds,
        show=show,
        secrets=(credentials.token, credentials.app_secret),
        before_first_byte=before_first_byte,
    )


@sensitive_variables()
def send(
    method: str,
    url: str,
    *,
    api_url: str,
    domain: str = "",
    is_public: bool = False,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float,
    show: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
    before_first_byte: Callable[[], None] | None = None,
) -> Answer:
    """One request over one fresh connection, over by `seconds` from now; any status is an Answer.

    Raises NotSent if the request line cannot have left, Unknown if it may have and no status came back, Refused for an
    address that is neither on the server of `api_url` nor, over https, in `domain`. `is_public`: connect to addresses of the
    open internet only. `show` names headers to keep; `secrets` appear in nothing that is kept or raised.
    """
    if not is_trusted(url, api_url, domain):
        raise Refused("untrusted-address", STRANGE_ADDRESS, answer=redact(url, *secrets))
    if is_public:
        addresses.check(url)
    exchange = _Exchange(seconds, before_first_byte)
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", adapter := _Adapter(exchange, is_public))
    session.mount("https://", adapter)
    failure: Outcome
    try:
        with session.send(
            requests.Request(method, url, headers=dict(headers or {}), data=body or None).prepare(),
            timeout=(CONNECT_SECONDS, seconds),
            stream=True,
            allow_redirects=False,
        ) as response:
            received = _read(response)
            kept = [f"{name}: {response.headers[name]}" for name in show if name in response.headers]
            text = "\n".join([f"HTTP {response.status_code}", *kept, received.decode(errors="replace")])
            shown = redact(text.strip(), *secrets)
            return Answer(response.status_code, response.headers, received, shown)
    except Outcome as outcome:
        failure = outcome.with_traceback(None)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        shown = redact(f"{type(error).__name__}: {error}", *secrets)
        if exchange.has_spoken:
            reason = "out-of-time" if exchange.is_over else "no-answer"
            failure = Unknown(reason, NO_ANSWER, answer=shown)
        else:
            failure = NotSent("unreachable", NOT_REACHED, answer=shown)
    finally:
        exchange.end()
        session.close()
    # Raised out here, so that no frame or error of the library, which hold the token, hangs on it.
    raise failure


def _read(response: requests.Response) -> bytes:
    """The body up to BODY_LIMIT bytes. Where it breaks off it ends: status and headers are known all the same."""
    received = bytearray()
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):
        for chunk in response.raw.stream(4096, decode_content=False):
            received += chunk
            if len(received) > BODY_LIMIT:
                break
    return bytes(received[:BODY_LIMIT])


class _Exchange:
    """One request's way: connected, spoke, over. Socket time-outs bound each wait; this bounds their sum."""

    def __init__(self, seconds: float, before_first_byte: Callable[[], None] | None):
        self.deadline = time.monotonic() + seconds
        self.before_first_byte = before_first_byte
        self.has_spoken = False
        self.socket: socket.socket | None = None
        self.timer: threading.Timer | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def begin(self, connection_socket: socket.socket) -> None:
        """The connection stands: the last question, then whatever time is left."""
        if self.is_over:
            raise NotSent("out-of-time", NOT_REACHED)
        if self.before_first_byte is not None:
            self.before_first_byte()
        left = max(self.deadline - time.monotonic(), 0.1)
        self.socket = connection_socket
        connection_socket.settimeout(left)
        self.timer = threading.Timer(left, self.cut)
        self.timer.daemon = True
        self.timer.start()
        self.has_spoken = True

    def cut(self) -> None:
        """Wake whoever waits on the socket: to them it looks as if the other side had hung up."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would leave a reader in another thread on a plain socket.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def end(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class _WholeLines:
    """The head of an answer, line by line. http.client takes a head that breaks off for a complete one: an identifier cut in
    the middle would be believed."""

    def __init__(self, file):
        self.file = file

    def readline(self, limit: int) -> bytes:
        line = self.file.readline(limit)
        if not line.endswith(b"\n"):
            raise http.client.RemoteDisconnected("The head of the answer broke off")
        return line

    def close(self) -> None:
        self.file.close()


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        file, self.fp = self.fp, _WholeLines(self.fp)
        try:
            super().begin()
        finally:
            # None if it was closed meanwhile.
            self.fp = self.fp and file


class _Adapter(requests.adapters.HTTPAdapter):
    """Separates "connected" from "spoke": http.client would connect while it sends the request line."""

    def __init__(self, exchange: _Exchange, is_public: bool):
        self.exchange, self.is_public = exchange, is_public
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args, **kwargs):
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        exchange, is_public = self.exchange, self.is_public

        class Connection(pool.ConnectionCls):
            response_class = _Response

            def _new_conn(self):
                # The name stays what TLS asks for and what the certificate must say.
                if is_public:
                    return addresses.connect(self.host, self.port, CONNECT_SECONDS)
                return super()._new_conn()

            def putrequest(self, *arguments, **options):
                if self.sock is None:
                    self.connect()
                exchange.begin(self.sock)
                return super().putrequest(*arguments, **options)

        pool.ConnectionCls = Connection
        return pool
