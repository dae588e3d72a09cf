"""Somebody at the networks' consent screens: settings that lead to the rehearsal, and the clicks there."""

import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

# Loaded here, before any test turns the demo on: what loads them first decides which addresses there are.
from tests import demo_urls

OURS = "http://127.0.0.1:8000"
"""Where the networks lead back to; the tests go on in Django's client from there."""


def point_at(settings, server):
    """All five networks are rehearsed on this server."""
    settings.DEMO, settings.ROOT_URLCONF = True, demo_urls.__name__
    settings.PUBLIC_URL, settings.REHEARSAL_URL = OURS, server.url
    for network in ("LINKEDIN", "FACEBOOK", "X"):
        base = server.url if network == "LINKEDIN" else f"{server.url}/api/{network.lower()}"
        for name, value in {
            "API_URL": base,
            "OAUTH_URL": base,
            "CLIENT_ID": "rehearsal",
            "CLIENT_SECRET": "rehearsal",
        }.items():
            setattr(settings, f"{network}_{name}", value)


def leave(client, network, **typed):
    """Press the button on our page; the address at the network to which it leads."""
    response = client.post(f"/comptes/{network}/", typed)
    assert response.status_code == 200, response.content.decode()
    [url] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', response.content.decode())
    return unescape(url)


def consent(url, answer="allow", untick=()):
    """Open the screen, leave everything ticked but `untick`, answer; path and query of the way back."""
    screen = requests.get(url, timeout=10)
    assert screen.status_code == 200, screen.text
    action = urljoin(url, unescape(re.search(r'<form[^>]* action="([^"]+)"', screen.text)[1]))
    boxes = [unescape(name) for name in re.findall(r'type="checkbox" name="([^"]+)"', screen.text)]
    form = {name: "on" for name in boxes if name not in untick} | {"answer": answer}
    answered = requests.post(action, data=form, allow_redirects=False, timeout=10)
    assert answered.status_code in (302, 303), answered.text
    location = answered.headers["Location"]
    assert location.startswith(f"{OURS}/comptes/"), location
    return location.removeprefix(OURS)


def parts(way_back):
    """Its parameters by name."""
    return dict(parse_qsl(urlsplit(way_back).query))


def go(client, network, **typed):
    """All the way to the choice of the page; the address of that choice."""
    response = client.get(consent(leave(client, network, **typed)))
    assert response.status_code == 302, response.content.decode()
    return response.url
