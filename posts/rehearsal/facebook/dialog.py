"""How people let our program in at Facebook: the dialog in which they untick scopes and pages, codes, lasting tokens."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlparse

from .. import consent
from ..exchange import Request, Response, broken_response, json_response
from ..ledger import Ledger
from .access import PERSON, check_alive
from .rules import APP_ID, APP_SECRET, OTHER_SCOPES, SCOPES, TASKS, Asked, Refusal, invalid

CODE_SECONDS, SHORT_SECONDS, LONG_SECONDS = 600, 5400, 5_183_944


class Dialog:
    """`pages` lists the pages that there are, and makes the first of a fresh rehearsal."""

    def __init__(self, ledger: Ledger, pages):
        self.ledger, self.pages = ledger, pages

    def ask(self, request: Request, base: str) -> Response:
        asked = request.asked
        self._check_client(asked.get("client_id", ""))
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state", "")
        if urlparse(redirect_uri).hostname not in ("127.0.0.1", "localhost", "testserver"):
            raise invalid("The redirect_uri is not one of this app", 40, "redirect-uri")
        if not state:
            self.ledger.failure("no-state", 0, path=request.path)
        scopes = tuple(filter(None, re.split(r"[,\s]+", asked.get("scope", ""))))
        if strange := sorted(set(scopes) - {*SCOPES, *OTHER_SCOPES}):
            raise invalid(f"Invalid Scopes: {', '.join(strange)}", 0, "unknown-scope")
        if asked.get("response_type", "code") != "code":
            raise invalid("response_type must be code", 0, "response-type")
        pages = [{"id": page["id"], "name": page["name"]} for page in self.pages()]
        if request.method != "POST":
            return consent.screen(
                request, base, network="Facebook", scopes=scopes, pages=pages, may_untick=True
            )
        choice = consent.chosen(request)
        if not choice.is_given:
            text = {"error_reason": "user_denied", "error_description": "Permissions error"}
            return consent.back(redirect_uri, error="access_denied", error_code="200", **text, state=state)
        code = secrets.token_urlsafe(120)
        granted = [scope for scope in scopes if scope in choice.scopes]
        self.ledger.issue(
            "facebook",
            "code",
            code,
            member=PERSON,
            scopes=granted,
            seconds=CODE_SECONDS,
            redirect_uri=redirect_uri,
            declined=[scope for scope in scopes if scope not in granted],
            pages={page["id"]: list(TASKS) for page in pages if page["id"] in choice.pages},
        )
        return consent.back(redirect_uri, code=code, state=state)

    def token(self, asked: Asked) -> Response:
        """A code, or a short token, for a token."""
        self._check_client(asked.text("client_id"))
        if asked.text("client_secret") != APP_SECRET:
            raise Refusal(1, "Error validating client secret.", check=40)
        if asked.text("grant_type") == "fb_exchange_token":
            return self._lasting(asked.text("fb_exchange_token"))
        code = self.ledger.issued("facebook", "code", asked.text("code"))
        if code is None or code["is_expired"]:
            raise Refusal(100, "Invalid verification code format.", check=40)
        if code["data"]["redirect_uri"] != asked.text("redirect_uri"):
            text = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request"
            raise Refusal(100, text, 36008, check=40)
        if not self.ledger.end_access(asked.text("code")):
            raise Refusal(100, "This authorization code has been used.", 36009, check=40)
        return self._as_person(code, SHORT_SECONDS)

    def _lasting(self, token: str) -> Response:
        if self.ledger.take_fault("facebook", "refresh-lost"):
            return Response(cut=True)
        if self.ledger.take_fault("facebook", "exchange-500"):
            return broken_response(500)
        row = self.ledger.issued("facebook", "token", token)
        if row is None:
            raise Refusal(190, "Invalid OAuth access token.", check=2)
        check_alive(row)
        return self._as_person(row, LONG_SECONDS)

    def _as_person(self, row: dict, seconds: float) -> Response:
        token = f"EAAU{secrets.token_urlsafe(120)}"
        self.ledger.issue(
            "facebook",
            "token",
            token,
            member=row["member"],
            scopes=row["scopes"],
            seconds=seconds,
            declined=row["data"].get("declined", []),
            pages=row["data"].get("pages", {}),
            is_lasting=seconds == LONG_SECONDS,
        )
        self.ledger.event("granted", network="facebook", scopes=" ".join(sorted(row["scopes"])))
        return json_response({"access_token": token, "token_type": "bearer", "expires_in": seconds})

    @staticmethod
    def _check_client(client_id: str) -> None:
        if client_id != APP_ID:
            raise Refusal(101, "Error validating application. Invalid application ID.", check=40)
