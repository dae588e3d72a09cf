"""Bluesky's sessions: signing in with an app password, tokens that expire, refresh tokens that are replaced when used."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .accounts import NETWORK, STATUSES, Accounts
from .rules import WRONG_LOGIN, Caller, Refusal, invalid, json_body

HOST = "did:web:rehearsal"
ACCESS_SECONDS, REFRESH_SECONDS, GRACE_SECONDS = 7200, 90 * 86_400, 7200
SCOPES = {"access": "com.atproto.appPass", "refresh": "com.atproto.refresh"}


class Sessions:
    def __init__(self, ledger: Ledger, accounts: Accounts):
        self.ledger, self.accounts = ledger, accounts

    # Calls ------------------------------------------------------------------------------------------

    def create(self, request: Request, base: str) -> Response:
        asked = json_body(request)
        name, password = asked.get("identifier"), asked.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise invalid("Missing required key at $", 0, "missing-field")
        if name.startswith("@"):
            raise Refusal(401, "AuthenticationRequired", WRONG_LOGIN, check=1, breach="at-sign")
        account = self.accounts.with_password(name, password)
        # So says the real one also of an account that it has closed.
        if account is None or account["status"]:
            raise Refusal(401, "AuthenticationRequired", WRONG_LOGIN, check=31 if account else 0)
        did = account["id"]
        session = secrets.token_hex(8)
        self.ledger.event("granted", network=NETWORK, page=did)
        return self._answer(account, base, session, self._refresh_token(did, session, secrets.token_hex(16)))

    def refresh(self, request: Request, base: str) -> Response:
        token = bearer(request)
        row = self.ledger.issued(NETWORK, "refresh", token)
        if row is None:
            is_access = self.ledger.issued(NETWORK, "access", token) is not None
            breach = "access-token-to-refresh" if is_access else ""
            raise Refusal(400, "InvalidToken", "Token could not be verified", check=3, breach=breach)
        account = self.accounts.find(row["page"])
        if account["status"] == "takendown":
            raise Refusal(401, *STATUSES["takendown"], check=31)
        if row["ended"] is not None or row["is_expired"]:
            said = "Token has been revoked" if row["ended"] or "used" in row["data"] else "Token has expired"
            raise Refusal(400, "ExpiredToken", said, check=4)
        with self.ledger.transaction():
            used = row["data"].get("used")
            if used is None:
                used = self.ledger.now()
                grace = min(row["expires"], used + GRACE_SECONDS)
                self.ledger.write(
                    "UPDATE access SET expires = ?, data = ? WHERE digest = ?",
                    *(grace, json.dumps({**row["data"], "used": used}), row["digest"]),
                )
            # Asked again in time it gives the same: what follows is made of what came before.
            name = hashlib.sha256(f"{row['digest']} next".encode()).hexdigest()[:32]
            again = self._refresh_token(row["page"], row["member"], name, at=used)
        self.ledger.event("refreshed", network=NETWORK, page=row["page"])
        if self.ledger.take_fault(NETWORK, "refresh-lost"):
            return Response(cut=True)
        return self._answer(account, base, row["member"], again)

    def session(self, caller: Caller) -> Response:
        account = self.accounts.find(caller.did)
        status = account["status"]
        known = {"did": caller.did, "handle": account["handle"], "active": not status}
        return json_response(known | ({"status": status} if status else {}))

    def caller(self, request: Request) -> Caller:
        """Whose access token this is."""
        token = bearer(request)
        row = self.ledger.issued(NETWORK, "access", token)
        if row is None:
            is_refresh = self.ledger.issued(NETWORK, "refresh", token) is not None
            breach = "refresh-token-to-call" if is_refresh else ""
            raise Refusal(400, "InvalidToken", "Token could not be verified", check=2, breach=breach)
        if row["ended"] is not None or self.ledger.take_fault(NETWORK, "token-revoked"):
            raise Refusal(400, "ExpiredToken", "Token has been revoked", check=2)
        if row["is_expired"] or self.ledger.take_fault(NETWORK, "token-expired"):
            raise Refusal(400, "ExpiredToken", "Token has expired", check=2)
        if self.ledger.take_fault(NETWORK, "scope-missing"):
            raise Refusal(400, "InvalidToken", "Bad token scope", check=2)
        return Caller(row["page"], row["member"])

    # Tokens -----------------------------------------------------------------------------------------

    def token(self, data: dict) -> dict:
        """A session without a password: page or organization (its DID), expires_in, member, token (if the access token must be
        a certain one). Under the names of OAuth and of Bluesky."""
        who = data.get("page") or data.get("organization")
        account = self.accounts.make({"id": who} if who else {})
        session = str(data.get("member") or secrets.token_hex(8))
        seconds = int(data.get("expires_in", ACCESS_SECONDS))
        access = data.get("token") or self._jwt("access", account["id"], secrets.token_hex(16), seconds)
        self._keep("access", access, account["id"], session, seconds)
        again = self._refresh_token(account["id"], session, secrets.token_hex(16))
        self.ledger.event("granted", network=NETWORK, page=account["id"])
        return {
            **{"access_token": access, "refresh_token": again, "expires_in": seconds},
            **{"accessJwt": access, "refreshJwt": again, "did": account["id"], "handle": account["handle"]},
        }

    def revoke(self, token: str) -> None:
        """All of the session that this token belongs to; the real one leaves the access token two hours."""
        for kind in SCOPES:
            if row := self.ledger.issued(NETWORK, kind, token):
                self.ledger.end_access(network=NETWORK, member=row["member"])
                self.ledger.event("revoked", network=NETWORK, page=row["page"])

    def _answer(self, account: dict, base: str, session: str, again: str) -> Response:
        access = self._jwt("access", account["id"], secrets.token_hex(16), ACCESS_SECONDS)
        self._keep("access", access, account["id"], session, ACCESS_SECONDS)
        home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer"}
        home["serviceEndpoint"] = account["pds"] or base
        return json_response(
            {
                "accessJwt": access,
                "refreshJwt": again,
                "did": account["id"],
                "didDoc": {"id": account["id"], "service": [home]},
                "handle": account["handle"],
                "active": not account["status"],
            }
        )

    def _refresh_token(self, did: str, session: str, name: str, at: float | None = None) -> str:
        token = self._jwt("refresh", did, name, REFRESH_SECONDS, at)
        if not self.ledger.issued(NETWORK, "refresh", token):
            self._keep("refresh", token, did, session, REFRESH_SECONDS)
        return token

    def _keep(self, kind: str, token: str, did: str, session: str, seconds: float) -> None:
        scopes = (SCOPES[kind],)
        self.ledger.issue(NETWORK, kind, token, page=did, member=session, scopes=scopes, seconds=seconds)

    def _jwt(self, kind: str, did: str, name: str, seconds: float, at: float | None = None) -> str:
        """In the shape of the real ones. What makes it ours is that its digest is in the ledger."""
        start = int(self.ledger.now() if at is None else at)
        claims = {"scope": SCOPES[kind], "aud": HOST, "sub": did, "jti": name, "iat": start}
        claims["exp"] = start + int(seconds)
        head = {"typ": {"access": "at+jwt", "refresh": "refresh+jwt"}[kind], "alg": "HS256"}
        parts = [json.dumps(head).encode(), json.dumps(claims).encode()]
        parts.append(hashlib.sha256(b"signed" + parts[1]).digest())
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def bearer(request: Request) -> str:
    kind, _blank, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refusal(401, "AuthMissing", "Authentication Required", check=2, breach="no-token")
    return token
