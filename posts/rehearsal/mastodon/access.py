"""Mastodon's doors: programs made known to the server, the consent screen, codes and tokens."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from urllib.parse import urlsplit

from .. import consent
from ..exchange import Request, Response, json_response
from ..ledger import Ledger, digest
from .rules import SLUG, TOKEN_INVALID, Caller, Refusal, body_of, invalid

SCOPES = re.compile(r"(?:read|write)(?::[a-z_]+)?|profile|follow|push")
CODE_SECONDS = 600
BAD_GRANT = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
BAD_CLIENT = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
REHEARSAL = {"digest": digest("rehearsal"), "redirect_uris": [], "scopes": frozenset()}
"""Known to every rehearsal; it may lead back to this machine only."""


class Access:
    """`accounts` gives the accounts of this server, made on first need."""

    def __init__(self, ledger: Ledger, accounts):
        self.ledger, self.accounts = ledger, accounts

    def answer(self, request: Request, base: str) -> Response | None:
        """None for what is no door."""
        match request.method, request.path:
            case "POST", "/api/v1/apps":
                return self._register(request)
            case "GET", "/oauth/authorize":
                return self._screen(request, base)
            case "POST", "/oauth/authorize":
                return self._consented(request)
            case "POST", "/oauth/token":
                return self._token(request)
            case "POST", "/oauth/revoke":
                return self._revoke(request)
        return None

    # Programs ---------------------------------------------------------------------------------------

    def _register(self, request: Request) -> Response:
        data, _is_json = body_of(request)
        name, scopes = str(data.get("client_name") or ""), str(data.get("scopes") or "read")
        uris = data.get("redirect_uris") or ""
        uris = uris if isinstance(uris, list) else str(uris).split()
        if not name:
            raise invalid("Application name can't be blank", 3, "app-without-name")
        if not uris or not all(isinstance(uri, str) and urlsplit(uri).scheme for uri in uris):
            raise invalid("Redirect URI must be an absolute URI.", 3, "app-redirect")
        if strange := [scope for scope in scopes.split() if not SCOPES.fullmatch(scope)]:
            raise invalid(f"Scopes doesn't match configured on the server: {strange[0]}", 2, "app-scopes")
        client_id, client_secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.ledger.issue(
            SLUG,
            "client",
            client_id,
            name=name,
            redirect_uris=uris,
            scopes=scopes.split(),
            digest=digest(client_secret),
        )
        return json_response(
            {
                "id": str(self.ledger.count_up("mastodon app")),
                "name": name,
                "scopes": scopes.split(),
                "redirect_uris": uris,
                "client_id": client_id,
                "client_secret": client_secret,
                "client_secret_expires_at": 0,
            }
        )

    def _app(self, client_id: str) -> dict:
        if client_id == "rehearsal":
            return REHEARSAL
        if row := self.ledger.issued(SLUG, "client", client_id):
            return row["data"] | {"scopes": row["scopes"]}
        raise Refusal(401, "invalid_client", BAD_CLIENT, check=3, breach="unknown-app")

    # Consent ----------------------------------------------------------------------------------------

    def _screen(self, request: Request, base: str) -> Response:
        self._must_be_asked_rightly(request.asked)
        accounts = self.accounts()
        several = [{"id": each["id"], "name": each["name"]} for each in accounts] if accounts[1:] else []
        scopes = tuple(request.asked.get("scope", "read").split())
        return consent.screen(request, base, network="Mastodon", scopes=scopes, pages=several)

    def _must_be_asked_rightly(self, asked: dict) -> None:
        app = self._app(asked.get("client_id", ""))
        if asked.get("response_type") != "code":
            raise Refusal(400, "unsupported_response_type", check=3, breach="response-type")
        if not _leads_to(asked.get("redirect_uri", ""), app):
            raise Refusal(
                400,
                "invalid_redirect_uri",
                "The redirect uri included is not valid.",
                check=3,
                breach="redirect-uri",
            )
        wanted = set(asked.get("scope", "read").split())
        known = app["scopes"] or {scope for scope in wanted if SCOPES.fullmatch(scope)}
        if not wanted <= known | {scope for scope in wanted if scope.partition(":")[0] in known}:
            raise Refusal(
                400,
                "invalid_scope",
                "The requested scope is invalid, unknown, or malformed.",
                check=2,
                breach="scope",
            )
        challenge = asked.get("code_challenge", "")
        if asked.get("code_challenge_method") != "S256" or not re.fullmatch(r"[\w-]{43}", challenge):
            raise Refusal(
                400,
                "invalid_code_challenge_method",
                "The code challenge method must be S256.",
                check=5,
                breach="pkce",
            )

    def _consented(self, request: Request) -> Response:
        asked = request.asked
        self._must_be_asked_rightly(asked)
        said, state = consent.chosen(request), {"state": asked["state"]} if "state" in asked else {}
        accounts = {account["id"] for account in self.accounts()}
        chosen = [page for page in said.pages if page in accounts] or (
            sorted(accounts) if len(accounts) == 1 else []
        )
        if not said.is_given or not chosen:
            refused = "The resource owner or authorization server denied the request."
            return consent.back(
                asked["redirect_uri"], error="access_denied", error_description=refused, **state
            )
        code = secrets.token_urlsafe(32)
        self.ledger.issue(
            SLUG,
            "code",
            code,
            page=chosen[0],
            scopes=asked.get("scope", "read").split(),
            seconds=CODE_SECONDS,
            client=asked["client_id"],
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
        )
        return consent.back(asked["redirect_uri"], code=code, **state)

    # Tokens -----------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Response:
        data, _is_json = body_of(request)
        client_id = self._authenticated(data)
        if data.get("grant_type") != "authorization_code":
            raise Refusal(400, "unsupported_grant_type", check=4, breach="grant-type")
        code = str(data.get("code") or "")
        row = self.ledger.issued(SLUG, "code", code)
        if row is None or row["is_expired"]:
            raise Refusal(400, "invalid_grant", BAD_GRANT, check=4)
        if not self.ledger.end_access(code):
            raise Refusal(400, "invalid_grant", BAD_GRANT, check=4, breach="code-used-twice")
        if (row["data"]["client"], row["data"]["redirect_uri"]) != (client_id, data.get("redirect_uri")):
            raise Refusal(400, "invalid_grant", BAD_GRANT, check=3, breach="redirect-uri")
        made = hashlib.sha256(str(data.get("code_verifier") or "").encode()).digest()
        if base64.urlsafe_b64encode(made).decode().rstrip("=") != row["data"]["challenge"]:
            raise Refusal(400, "invalid_grant", BAD_GRANT, check=5, breach="pkce")
        return json_response(self.give(row["page"], sorted(row["scopes"]), app=client_id))

    def _authenticated(self, data: dict) -> str:
        client_id = str(data.get("client_id") or "")
        if digest(str(data.get("client_secret") or "")) != self._app(client_id)["digest"]:
            raise Refusal(401, "invalid_client", BAD_CLIENT, check=3, breach="app-secret")
        return client_id

    def give(
        self, account: str, scopes: list[str], *, app="rehearsal", token="", seconds: float | None = None
    ) -> dict:
        """A token for this account: it does not end by itself, unless `seconds` says when."""
        token = token or secrets.token_urlsafe(32)
        self.ledger.issue(
            SLUG, "access", token, page=account, member=account, scopes=scopes, seconds=seconds, app=app
        )
        self.ledger.event("granted", network=SLUG, account=account, scopes=scopes)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
            "created_at": int(self.ledger.now()),
        }

    def _revoke(self, request: Request) -> Response:
        data, _is_json = body_of(request)
        self._authenticated(data)
        row = self.ledger.issued(SLUG, "access", str(data.get("token") or ""))
        if row is None or row["data"]["app"] != data["client_id"]:
            raise Refusal(403, "unauthorized_client", "You are not authorized to revoke this token")
        self.ledger.end_access(str(data["token"]))
        return json_response({})

    def caller(self, request: Request) -> Caller:
        """Who asks. Refuses a token that is none, that ended, or that an account no longer stands behind."""
        kind, _blank, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal(401, TOKEN_INVALID, check=1, breach="no-token")
        row = self.ledger.issued(SLUG, "access", token)
        if row is None:
            raise Refusal(401, TOKEN_INVALID, check=1)
        if row["ended"] is not None or self.ledger.take_fault(SLUG, "token-revoked"):
            raise Refusal(401, "The access token was revoked", check=1)
        if row["is_expired"] or self.ledger.take_fault(SLUG, "token-expired"):
            raise Refusal(401, "The access token expired", check=1)
        scopes = row["scopes"]
        if fault := self.ledger.take_fault(SLUG, "scope-missing"):
            # One that is named, or all that let somebody write.
            scopes -= {fault["scope"]} if "scope" in fault else {s for s in scopes if s.startswith("write")}
        return Caller(row["page"], row["data"]["app"], scopes)


def _leads_to(uri: str, app: dict) -> bool:
    if app["redirect_uris"]:
        return uri in app["redirect_uris"]
    return urlsplit(uri).hostname in ("127.0.0.1", "localhost")
