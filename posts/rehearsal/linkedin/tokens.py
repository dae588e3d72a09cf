"""LinkedIn's tokens: given out, renewed, ended, and whose they are when they come back with a call."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from ..exchange import Request
from ..ledger import Ledger
from .organizations import Organizations
from .rules import DEFAULT_SCOPES, Caller, Refusal

TOKEN_SECONDS = 60 * 86_400
REFRESH_SECONDS = 365 * 86_400
REVOKED = "The token used in the request has been revoked by the user"
END_OTHERS = """UPDATE access SET ended = ?
  WHERE network = 'linkedin' AND member = ? AND scopes != ? AND ended IS NULL"""
RIPEN = (
    "UPDATE access SET data = json_set(data, '$.fresh', json_extract(data, '$.fresh') - 1) WHERE digest = ?"
)


class Tokens:
    def __init__(self, ledger: Ledger, organizations: Organizations):
        self.ledger, self.organizations = ledger, organizations

    def grant(self, member: str, scopes: frozenset[str], roles: Mapping[str, str]) -> dict:
        if fault := self.ledger.take_fault("linkedin", "scope-missing"):
            scopes -= {fault.get("scope", "w_organization_social")}
        self._end_other_scopes(member, scopes)
        granted = self._access_token(member, scopes, roles)
        if self.ledger.take_fault("linkedin", "no-refresh"):
            return granted
        return granted | self._refresh_token(member, scopes, roles)

    def _end_other_scopes(self, member: str, scopes: frozenset[str]) -> None:
        """Asking one member for another set of scopes ends everything granted before."""
        self.ledger.write(END_OTHERS, self.ledger.now(), member, " ".join(sorted(scopes)))

    def _access_token(self, member: str, scopes: frozenset[str], roles: Mapping[str, str]) -> dict:
        token = f"AQ{secrets.token_urlsafe(300)}"
        self.ledger.issue(
            "linkedin", "access", token, member=member, scopes=scopes, seconds=TOKEN_SECONDS, roles=roles
        )
        self.ledger.event("granted", network="linkedin", scopes=sorted(scopes))
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "scope": ",".join(sorted(scopes))}

    def _refresh_token(self, member: str, scopes: frozenset[str], roles: Mapping[str, str]) -> dict:
        token = f"AQ{secrets.token_urlsafe(200)}"
        self.ledger.issue(
            "linkedin", "refresh", token, member=member, scopes=scopes, seconds=REFRESH_SECONDS, roles=roles
        )
        return {"refresh_token": token, "refresh_token_expires_in": self._refresh_life(REFRESH_SECONDS)}

    def _refresh_life(self, seconds: float) -> int:
        """In seconds, or as in the documentation's examples, which say seconds and mean minutes."""
        return int(seconds / 60 if self.ledger.take_fault("linkedin", "refresh-in-minutes") else seconds)

    def renew(self, secret: str) -> dict | None:
        """The same refresh token comes back, and does not live longer for it. None if it is over."""
        row = self.ledger.issued("linkedin", "refresh", secret)
        if row is None or row["ended"] is not None or row["is_expired"]:
            return None
        granted = self._access_token(row["member"], row["scopes"], row["data"]["roles"])
        left = self._refresh_life(row["expires"] - self.ledger.now())
        return {**granted, "refresh_token": secret, "refresh_token_expires_in": left}

    # Whose a token is -------------------------------------------------------------------------------

    def caller(self, request: Request) -> Caller:
        kind, _blank, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            check = 30 if request.path.startswith("/dms-uploads/") else 4
            text = "Empty or missing OAuth2 access token"
            raise Refusal(401, "EMPTY_ACCESS_TOKEN", text, check=check, breach="no-token")
        row = self.ledger.issued("linkedin", "access", token)
        if row is None:
            raise Refusal(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600, check=5)
        fault = self.ledger.take_fault("linkedin", "token-revoked", "token-expired", "scope-missing") or {}
        name = fault.get("name")
        if row["ended"] is not None or name == "token-revoked":
            raise Refusal(401, "REVOKED_ACCESS_TOKEN", REVOKED, 65601, check=6)
        if row["is_expired"] or name == "token-expired":
            raise Refusal(401, "EXPIRED_ACCESS_TOKEN", "Expired access token", 65602, check=7)
        if row["data"].get("fresh"):
            self.ledger.write(RIPEN, row["digest"])
            raise Refusal(401, "REVOKED_ACCESS_TOKEN", REVOKED, 65601, check=8)
        missing = {fault.get("scope", "w_organization_social")} if name == "scope-missing" else set()
        return Caller(row["member"], row["data"]["roles"], row["scopes"] - missing)

    # What tests and the demo ask for ------------------------------------------------------------------

    def token(self, data: dict) -> dict:
        """A grant, as the consent screen would give it: organization (or page), name (of the page), scopes, role, expires_in,
        fresh (how often it is refused at first), member, token (if it must be a certain one), refresh (give one of those too).
        The answer of the token call."""
        number = data.get("organization", data.get("page", "1001"))
        page = self.organizations.change({"id": number} | ({"name": data["name"]} if "name" in data else {}))
        wanted = data.get("scopes", DEFAULT_SCOPES)
        scopes = frozenset(wanted if isinstance(wanted, list) else re.split(r"[\s,]+", wanted.strip()))
        member = str(data.get("member") or secrets.token_hex(5))
        roles = {page["id"]: data.get("role", "ADMINISTRATOR")}
        token, lifetime = data.get("token") or f"AQ{secrets.token_urlsafe(300)}", data.get("expires_in")
        seconds = TOKEN_SECONDS if lifetime is None else int(lifetime)
        self._end_other_scopes(member, scopes)
        self.ledger.issue(
            "linkedin",
            "access",
            token,
            page=page["id"],
            member=member,
            scopes=scopes,
            seconds=seconds,
            roles=roles,
            fresh=int(data.get("fresh", 0)),
        )
        self.ledger.event("granted", network="linkedin", organization=page["id"], scopes=sorted(scopes))
        granted = {"access_token": token, "expires_in": seconds, "scope": ",".join(sorted(scopes))}
        return granted | (self._refresh_token(member, scopes, roles) if data.get("refresh") else {})
