"""The screen on which somebody lets our program publish for a page, or refuses: one for all networks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from .exchange import Request, Response
from .manners import MANNERS
from .pages import html_with_form
from .showing import initials
from .wording import SCOPES


@dataclass(frozen=True)
class Consent:
    """What the person chose: False if they refused; the scopes and pages they left ticked."""

    is_given: bool
    scopes: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


def screen(
    request: Request,
    base: str,
    *,
    network: str,
    scopes: tuple[str, ...],
    pages: list[dict] = (),
    may_untick: bool = False,
) -> Response:
    """GET of an authorisation address. `pages` (id, name) can be ticked one by one, scopes where `may_untick`."""
    origin = _origin(request.asked.get("redirect_uri", ""))
    return html_with_form(
        "consent",
        # The answer leads back to whoever asked, which a browser counts as where the form goes.
        form_action=f"'self' {origin}".strip(),
        network=_manner(network) or network,
        action=f"{urlsplit(base).path}{request.path}?{request.query}",
        back_to=origin.partition("://")[2],
        scopes=[(name, SCOPES.get(name, "")) for name in scopes],
        pages=[{**page, "initials": initials(page["name"])} for page in pages],
        may_untick=may_untick,
    )


def chosen(request: Request) -> Consent:
    """POST of the screen."""
    # A form's fields are kept last first.
    form = request.form
    ticked = {
        kind: tuple(name.removeprefix(f"{kind}:") for name in reversed(form) if name.startswith(f"{kind}:"))
        for kind in ("scope", "page")
    }
    return Consent(form.get("answer") == "allow", ticked["scope"], ticked["page"])


def back(redirect_uri: str, **parameters: str) -> Response:
    """On to the address that was asked for, with these parameters."""
    mark = "&" if "?" in redirect_uri else "?"
    return Response(302, b"", {"Location": f"{redirect_uri}{mark}{urlencode(parameters)}"})


def _manner(network: str):
    """By slug or by name."""
    return next((manner for manner in MANNERS.values() if network in (manner.slug, manner.label)), None)


def _origin(address: str) -> str:
    """Scheme and host, or nothing for what must not stand in a header."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if re.fullmatch(r"https?://[\w.\-:\[\]]+", origin) else ""
