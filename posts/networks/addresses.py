"""Where what somebody typed may lead our machine: to servers of the open internet, by their name, over https, nowhere else.

A Mastodon or Bluesky server is named by whoever connects the page. Without this its address could be a machine of the school's
own network. Three gates: the name as written, every address the name stands for, and a connection to exactly that address.
"""

from __future__ import annotations

import re
import socket
import time
from ipaddress import ip_address, ip_network

import urllib3
from django.utils.translation import gettext_lazy as _
from urllib3.util import parse_url

from .base import Refused

NOT_A_SERVER = _(
    "This is not the address of a server. Write it as in “piaille.fr”, or as in “@ecole@piaille.fr”."
)
NOT_PUBLIC = _(
    "This address does not lead to a server of the open internet. Nothing was sent there. Check it."
)

TYPED = re.compile(r"(?:@?[\w.+-]+@|https?://)?([^\s\\/?#@%]+)(?:[/?#].*)?", re.IGNORECASE)
"""A handle, a name or an address of the web; an "@" before the host would hide the true one from a reader."""
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
NAME = re.compile(rf"(?=.{{4,253}}\Z)(?:{LABEL}\.)+(?:xn--[a-z0-9-]{{1,59}}(?<!-)|[a-z]{{2,63}})")
"""Two labels or more, the last of letters: no number in any base is one, and no name that only a local network knows."""
CLOSED_NAMES = {
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "test", "example",
    "invalid", "onion", "alt",
}  # fmt: skip
"""Last labels that the open internet does not have (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's .internal)."""
OTHER_LETTERS = re.compile("[ßςẞ\u200c\u200d]")
"""What the two editions of the rules for international names read as different names."""

CLOSED = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # Inside a cloud of Microsoft's, the machine that hands out the secrets of the others.
        "168.63.129.16/32",
        # Teredo, ORCHID, documentation, 6to4: what is inside them is somewhere else.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48",
    )
]  # fmt: skip
"""IANA's special-purpose registries, since Python 3.11 calls some of these global."""
GLOBAL_UNICAST = ip_network("2000::/3")
"""All that is given out of IPv6. Outside: loopback, IPv4 in disguise, NAT64, unique local, link and site local, multicast."""


def server_address(typed: str) -> str:
    """https://host for "piaille.fr", "https://piaille.fr/", "@inet@piaille.fr" or the address of a profile.

    Raises Refused, with what to do. Whether the name leads anywhere is not asked here.
    """
    match = TYPED.fullmatch(typed.strip())
    host, _colon, port = (match[1] if match else "").lower().partition(":")
    try:
        host = "" if OTHER_LETTERS.search(host) else host.removesuffix(".").encode("idna").decode()
    except UnicodeError:
        host = ""
    if port not in ("", "443") or not is_name(host):
        raise Refused("no-server-address", NOT_A_SERVER)
    return f"https://{host}"


def is_name(host: str) -> bool:
    """Can this be the name of a server that everybody reaches?"""
    return bool(NAME.fullmatch(host)) and host.rpartition(".")[2] not in CLOSED_NAMES


def is_public(address: str) -> bool:
    """Is this IP address one of the open internet?"""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or any(ip in network for network in CLOSED):
        return False
    return ip.version == 4 or (ip in GLOBAL_UNICAST and ip.scope_id is None)


def check(url: str) -> None:
    """The first gate: https, the usual port, a name. Raises Refused. Parsed by urllib3, which also connects."""
    try:
        target = parse_url(url)
    except urllib3.exceptions.LocationParseError:
        raise Refused("not-public", NOT_PUBLIC) from None
    is_right = target.scheme == "https" and target.port in (None, 443) and not target.auth
    if not is_right or not is_name(target.host or ""):
        raise Refused("not-public", NOT_PUBLIC, answer=f"{target.scheme}://{target.host}:{target.port}")


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """The other gates: the name is looked up once, and the connection goes to an address that was looked at.

    Raises Refused if a single one of its addresses is not public, OSError if none answers within `seconds`.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    closed = sorted({address[0] for *_kind, address in found if not is_public(address[0])})
    if closed:
        raise Refused("not-public", NOT_PUBLIC, answer=f"{host}: {', '.join(closed)}")
    end, failure = time.monotonic() + seconds, OSError(f"{host} has no address")
    for position, (family, kind, protocol, _name, address) in enumerate(found):
        share = (end - time.monotonic()) / (len(found) - position)
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(max(share, 0.1))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            connection.settimeout(seconds)
            return connection
    raise failure
