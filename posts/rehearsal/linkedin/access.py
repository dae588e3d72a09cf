"""How LinkedIn gives access: the screen that asks for consent, and the calls that turn a code into tokens and renew them."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from ..consent import back, chosen, screen
from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .organizations import Organizations
from .rules import DEFAULT_SCOPES
from .tokens import Tokens

CLIENT = ("rehearsal", "rehearsal")
MEMBER = "somebody"
"""Whoever consents on the screen."""
CODE_SECONDS = 1800
SCOPES = {*DEFAULT_SCOPES.split(), "r_organization_admin", "r_organization_followers"}
NO_MATCH = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code."
    " Or authorization code expired. Or external member binding exists"
)
NO_CODE = "Unable to retrieve access token: authorization code not found"
NO_REFRESH = "The provided authorization grant or refresh token is invalid, expired or revoked"


class OAuthRefusal(Exception):
    """An error of OAuth 2, which is not in Rest.li's shape. With `breach` the client broke the rule numbered `check`."""

    def __init__(self, status: int, error: str, description: str, *, check: int = 0, breach: str = ""):
        super().__init__(error)
        self.status, self.data = status, {"error": error, "error_description": description}
        self.check, self.breach = check, breach


class Access:
    def __init__(self, ledger: Ledger, organizations: Organizations, tokens: Tokens):
        self.ledger, self.organizations, self.tokens = ledger, organizations, tokens

    def answer(self, request: Request, base: str) -> Response:
        try:
            match request.method, request.path:
                case (("GET" | "POST"), "/oauth/v2/authorization"):
                    return self._authorize(request, base)
                case "POST", "/oauth/v2/accessToken":
                    return self._token_call(request)
        except OAuthRefusal as refusal:
            if refusal.breach:
                self.ledger.failure(refusal.breach, refusal.check, network="linkedin")
            return json_response(refusal.data, refusal.status)
        return json_response({"error": "not_found"}, 404)

    def _authorize(self, request: Request, base: str) -> Response:
        asked = request.asked
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state", "")
        if asked.get("client_id") != CLIENT[0]:
            raise OAuthRefusal(401, "invalid_client", "The passed in client_id is invalid")
        if not _is_ours(redirect_uri):
            raise OAuthRefusal(
                400, "invalid_redirect_uri", "The redirect_uri does not match the registered value"
            )
        if not state:
            text = 'A required parameter "state" is missing'
            raise OAuthRefusal(400, "invalid_request", text, breach="no-state")
        if "code_challenge" in asked:
            self.ledger.failure("pkce-in-the-web-flow", 0, network="linkedin")
        scopes = tuple(asked.get("scope", "").split())
        if asked.get("response_type") != "code":
            return back(redirect_uri, error="unsupported_response_type", state=state)
        if not scopes or not set(scopes) <= SCOPES:
            strange = ", ".join(sorted(set(scopes) - SCOPES))
            text = f'Scope "{strange}" is not authorized for your application'
            return back(redirect_uri, error="unauthorized_scope_error", error_description=text, state=state)
        roles = self.organizations.of_whoever_consents()
        if request.method == "GET":
            return screen(request, base, network="LinkedIn", scopes=scopes)
        if not chosen(request).is_given:
            text = "The user cancelled the authorization"
            return back(redirect_uri, error="user_cancelled_authorize", error_description=text, state=state)
        code = f"AQ{secrets.token_urlsafe(40)}"
        self.ledger.issue(
            "linkedin",
            "code",
            code,
            member=MEMBER,
            scopes=scopes,
            seconds=CODE_SECONDS,
            redirect_uri=redirect_uri,
            roles=roles,
        )
        return back(redirect_uri, code=code, state=state)

    def _token_call(self, request: Request) -> Response:
        form = request.form
        if request.query:
            self.ledger.failure("token-call-with-a-query", 0, network="linkedin")
        kind = _needed(form, "grant_type")
        if (_needed(form, "client_id"), _needed(form, "client_secret")) != CLIENT:
            raise OAuthRefusal(401, "invalid_client", "Client authentication failed")
        if kind == "refresh_token":
            if (renewed := self.tokens.renew(_needed(form, "refresh_token"))) is None:
                raise OAuthRefusal(400, "invalid_request", NO_REFRESH)
            is_lost = self.ledger.take_fault("linkedin", "refresh-lost")
            return Response(cut=True) if is_lost else json_response(renewed)
        if kind != "authorization_code":
            raise OAuthRefusal(400, "unsupported_grant_type", "The grant type is not supported")
        with self.ledger.transaction():
            code = self._used_up(_needed(form, "code"), _needed(form, "redirect_uri"))
            granted = self.tokens.grant(code["member"], code["scopes"], code["data"]["roles"])
        return json_response(granted)

    def _used_up(self, secret: str, redirect_uri: str) -> dict:
        code = self.ledger.issued("linkedin", "code", secret)
        if code is None:
            raise OAuthRefusal(401, "invalid_request", NO_CODE)
        if code["ended"] is not None:
            raise OAuthRefusal(401, "invalid_request", NO_CODE, check=43, breach="code-reused")
        if code["is_expired"]:
            raise OAuthRefusal(400, "invalid_redirect_uri", NO_MATCH)
        if code["data"]["redirect_uri"] != redirect_uri:
            breach = "redirect-uri-differs"
            raise OAuthRefusal(400, "invalid_redirect_uri", NO_MATCH, check=43, breach=breach)
        self.ledger.end_access(secret)
        return code


def _needed(form: dict, name: str) -> str:
    if not form.get(name):
        raise OAuthRefusal(400, "invalid_request", f'A required parameter "{name}" is missing')
    return form[name]


def _is_ours(redirect_uri: str) -> bool:
    """What would be registered: an address on this very machine, without a fragment."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return parts.hostname in ("127.0.0.1", "localhost") and "#" not in redirect_uri
