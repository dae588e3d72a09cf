"""Bluesky's accounts on the rehearsal network: whose handle it is, its app password, whether it is open."""

from __future__ import annotations

import base64
import hashlib
import secrets

from ..ledger import Ledger, digest
from .rules import Refusal

NETWORK = "bluesky"
DEFAULT_DID, DEFAULT_HANDLE, DEFAULT_PASSWORD = "did:plc:rehearsalinetinetinet234", "inet.test", "rehearsal"
FACTS = {"status": "", "password": digest(DEFAULT_PASSWORD), "pds": ""}
"""What is known of an account beside what every page has; `pds` is where it lives, if not here."""
STATUSES = {
    "deactivated": ("AccountDeactivated", "Account is deactivated"),
    "takendown": ("AccountTakedown", "Account has been taken down"),
}


class Accounts:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def make(self, data: dict) -> dict:
        """Make or change one: id (its DID), handle, name, followers, tagline, status, password, pds. As it is now."""
        handle = str(data.get("handle") or _handle_of(str(data.get("id") or DEFAULT_DID))).lower()
        did = str(data.get("id") or self.did_of(handle) or _new_did(handle))
        known = self.ledger.page(NETWORK, did)
        facts = FACTS | (known["data"] if known else {})
        facts |= {name: data[name] for name in ("status", "pds") if name in data}
        if "password" in data:
            facts["password"] = digest(data["password"])
            if known is not None:
                self._end_refreshing(did)
        columns = {name: data[name] for name in ("name", "followers", "tagline") if name in data}
        if known is None or "handle" in data:
            columns["handle"] = handle
        return self.ledger.set_page(NETWORK, did, **columns, data=facts)

    def _end_refreshing(self, did: str) -> None:
        """As when an app password is deleted: what was given for it can no longer be renewed."""
        query = "UPDATE access SET ended = ? WHERE network = ? AND kind = 'refresh' AND page = ?"
        self.ledger.write(query, self.ledger.now(), NETWORK, did)

    def find(self, did: str) -> dict | None:
        """The page and its facts in one."""
        page = self.ledger.page(NETWORK, did)
        return None if page is None else {**page, **FACTS, **page["data"]}

    def did_of(self, handle: str) -> str:
        """Empty if nobody here has this name. The account of a fresh rehearsal is made when it is first named."""
        query = "SELECT id FROM page WHERE network = ? AND handle = ?"
        row = self.ledger.row(query, NETWORK, handle.lower())
        if row is None and handle == DEFAULT_HANDLE and self.find(DEFAULT_DID) is None:
            self.ledger.set_page(NETWORK, DEFAULT_DID, handle=handle, data=FACTS)
            return DEFAULT_DID
        return row["id"] if row else ""

    def with_password(self, name: str, password: str) -> dict | None:
        account = self.find(name if name.startswith("did:") else self.did_of(name))
        is_right = account is not None and secrets.compare_digest(account["password"], digest(password))
        return account if is_right else None

    def must_be_open(self, did: str) -> None:
        """Refuses the deeds of an account that is closed."""
        if status := self.find(did)["status"]:
            raise Refusal(401, *STATUSES[status], check=31)


def _handle_of(did: str) -> str:
    name = did.rpartition(":")[2].lower()
    return DEFAULT_HANDLE if did == DEFAULT_DID else f"{name[:24]}.test"


def _new_did(handle: str) -> str:
    if handle == DEFAULT_HANDLE:
        return DEFAULT_DID
    name = base64.b32encode(hashlib.sha256(handle.encode()).digest()).decode().lower()
    return f"did:plc:{name[:24]}"
