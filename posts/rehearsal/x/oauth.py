"""X's doors: the consent screen, the code, tokens that are renewed, and taking them back.

A family is everything that comes from one consent: a refresh token used twice ends all of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from .. import consent
from ..exchange import Request, Response, json_response
from ..ledger import Ledger, digest
from .rules import SCOPES, SLUG, Refusal

CODE_SECONDS, ACCESS_SECONDS, REFRESH_SECONDS = 30, 7200, 183 * 86_400
SCREEN = "/i/oauth2/authorize"


class OAuth:
    """`accounts` gives the accounts that somebody may be signed in with; there is always one."""

    def __init__(self, ledger: Ledger, accounts: Callable[[], list[dict]]):
        self.ledger, self.accounts = ledger, accounts

    def answer(self, request: Request, base: str) -> Response | None:
        """None for what is no door."""
        match request.method, request.path:
            case "GET", ("/i/oauth2/authorize" | "/2/oauth2/authorize"):
                return self._screen(request, base)
            case "POST", ("/i/oauth2/authorize" | "/2/oauth2/authorize"):
                return self._consented(request)
            case "POST", "/2/oauth2/token":
                return self._token(request)
            case "POST", "/2/oauth2/revoke":
                return self._revoke(request)
        return None

    # Consent ----------------------------------------------------------------------------------------

    def _screen(self, request: Request, base: str) -> Response:
        scopes = self._asked_rightly(request.asked)
        accounts = self.accounts()
        # Somebody is signed in with one; with several, the screen stands for choosing.
        pages = accounts if len(accounts) > 1 else []
        return consent.screen(request, base, network="X", scopes=scopes, pages=pages)

    def _asked_rightly(self, asked: dict[str, str]) -> tuple[str, ...]:
        """The scopes. Refuses an address that the real screen would not open for."""
        scopes = tuple(asked.get("scope", "").split())
        rules = (
            ("response-type", asked.get("response_type") == "code"),
            ("unknown-app", self._app(asked.get("client_id", "")) is not None),
            ("redirect-uri", _is_here(asked.get("redirect_uri", ""))),
            ("no-state", 0 < len(asked.get("state", "")) <= 500),
            ("unknown-scope", bool(scopes) and set(scopes) <= set(SCOPES)),
            ("pkce", asked.get("code_challenge_method") == "S256"),
            ("pkce", bool(re.fullmatch(r"[\w-]{43}", asked.get("code_challenge", ""), re.ASCII))),
        )
        for breach, is_kept in rules:
            if not is_kept:
                raise _denied(400, "invalid_request", f"Something went wrong: {breach}", 23, breach)
        return scopes

    def _consented(self, request: Request) -> Response:
        asked, chosen = request.asked, consent.chosen(request)
        scopes = self._asked_rightly(asked)
        accounts = [page["id"] for page in self.accounts()]
        ticked = [page for page in chosen.pages if page in accounts] or (
            accounts if len(accounts) == 1 else []
        )
        if not chosen.is_given or not ticked:
            return consent.back(asked["redirect_uri"], error="access_denied", state=asked["state"])
        code = secrets.token_urlsafe(60)
        self.ledger.issue(
            SLUG,
            "code",
            code,
            page=ticked[0],
            scopes=scopes,
            seconds=CODE_SECONDS,
            challenge=asked["code_challenge"],
            redirect_uri=asked["redirect_uri"],
            client=asked["client_id"],
        )
        return consent.back(asked["redirect_uri"], code=code, state=asked["state"])

    # Tokens -----------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Response:
        client = self._client(request)
        match request.form.get("grant_type"):
            case "authorization_code":
                return self._exchange(request.form, client)
            case "refresh_token":
                return self._refresh(request.form, client)
        raise _denied(
            400, "invalid_request", "Value passed for the grant type was invalid.", 23, "grant-type"
        )

    def _exchange(self, form: dict[str, str], client: str) -> Response:
        with self.ledger.transaction():
            code = self.ledger.issued(SLUG, "code", form.get("code", ""))
            breach = _wrong_with(code, form, client)
            if breach is not None:
                said = "Value passed for the authorization code was invalid."
                raise _denied(400, "invalid_request", said, 23, breach)
            self.ledger.end_access(form["code"])
            return json_response(self.give(code["page"], code["scopes"], client=client))

    def _refresh(self, form: dict[str, str], client: str) -> Response:
        secret = form.get("refresh_token", "")
        said = "Value passed for the token was invalid."
        with self.ledger.transaction():
            old = self.ledger.issued(SLUG, "refresh", secret)
            is_alive = old is not None and old["ended"] is None and not old["is_expired"]
            if is_alive and old["data"]["client"] == client:
                used = "UPDATE access SET ended = ?, data = json_set(data, '$.is_used', 1) WHERE digest = ?"
                self.ledger.write(used, self.ledger.now(), digest(secret))
                new = self.give(old["page"], old["scopes"], family=old["member"], client=client)
                self.ledger.event("refreshed", network=SLUG, page=old["page"])
        if old is None or old["data"]["client"] != client:
            raise _denied(400, "invalid_request", said, 25, "")
        if not is_alive:
            self.ledger.end_access(network=SLUG, member=old["member"])
            breach = "refresh-token-reused" if old["data"].get("is_used") else ""
            raise _denied(400, "invalid_request", said, 25, breach)
        if self.ledger.take_fault(SLUG, "refresh-lost"):
            return Response(cut=True)
        return json_response(new)

    def give(
        self,
        page: str,
        scopes: frozenset[str],
        *,
        family: str = "",
        client: str = "rehearsal",
        token: str = "",
        seconds: float = ACCESS_SECONDS,
    ) -> dict:
        """A new access token, and a refresh token where offline.access was granted. The answer of the token call."""
        token, family = token or secrets.token_urlsafe(60), family or secrets.token_hex(8)
        granted = {"page": page, "member": family, "scopes": scopes, "client": client}
        self.ledger.issue(SLUG, "access", token, seconds=seconds, **granted)
        given = {
            "token_type": "bearer",
            "expires_in": seconds,
            "access_token": token,
            "scope": " ".join(sorted(scopes)),
        }
        if "offline.access" in scopes:
            given["refresh_token"] = secrets.token_urlsafe(60)
            self.ledger.issue(SLUG, "refresh", given["refresh_token"], seconds=REFRESH_SECONDS, **granted)
        return given

    def _revoke(self, request: Request) -> Response:
        self._client(request)
        self.ledger.end_access(request.form.get("token", "-"))
        return json_response({"revoked": True})

    # Programs ---------------------------------------------------------------------------------------

    def _client(self, request: Request) -> str:
        """The program that asks. A confidential one says its secret in the Authorization header, never in the body."""
        if "client_secret" in request.form:
            said = "Missing valid authorization header"
            raise _denied(401, "unauthorized_client", said, 24, "secret-in-the-body")
        kind, _blank, pair = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                name, _colon, secret = base64.b64decode(pair, validate=True).decode().partition(":")
            except ValueError:
                name, secret = "", ""
            app = self._app(unquote(name))
            if app and not app["is_public"] and app["digest"] == digest(unquote(secret)):
                return unquote(name)
        else:
            app = self._app(name := request.form.get("client_id", ""))
            if app and app["is_public"]:
                return name
        raise _denied(401, "unauthorized_client", "Missing valid authorization header", 24, "app-secret")

    def _app(self, client_id: str) -> dict | None:
        if client_id == "rehearsal":
            return {"digest": digest("rehearsal"), "is_public": False}
        row = self.ledger.issued(SLUG, "client", client_id)
        return row["data"] if row else None

    def register(self, client_id: str, client_secret: str = "", *, is_public: bool = False) -> None:
        self.ledger.issue(SLUG, "client", client_id, digest=digest(client_secret), is_public=is_public)


def _wrong_with(code: dict | None, form: dict[str, str], client: str) -> str | None:
    """None if this code may be exchanged; else the rule that the program broke, "" if it broke none."""
    if code is None or code["is_expired"]:
        return ""
    if code["ended"] is not None:
        return "code-used-twice"
    if code["data"]["client"] != client:
        return "code-of-another-app"
    if code["data"]["redirect_uri"] != form.get("redirect_uri"):
        return "redirect-uri"
    made = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    is_proved = base64.urlsafe_b64encode(made).rstrip(b"=").decode() == code["data"]["challenge"]
    return None if is_proved else "pkce"


def _is_here(uri: str) -> bool:
    """The rehearsal leads back to this machine only."""
    address = urlsplit(uri)
    return address.scheme in ("http", "https") and address.hostname in ("127.0.0.1", "localhost")


def _denied(status: int, error: str, said: str, check: int, breach: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": said}, check=check, breach=breach)
