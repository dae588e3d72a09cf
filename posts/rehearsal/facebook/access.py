"""Facebook's tokens: whose each is, whether it lives, the proof beside it, and the permissions and pages it reaches."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from ..exchange import Response, json_response
from ..ledger import Ledger, digest
from .rules import (
    APP_ID,
    APP_SECRET,
    SCOPES,
    TASKS,
    Asked,
    Caller,
    Refusal,
    chosen,
    invalid,
)

PERSON = "rehearsal-person"
DEAD_TOKEN = {
    458: "Error validating access token: The user has not authorized application rehearsal.",
    460: "Error validating access token: The session has been invalidated because the user changed their password.",
    463: "Error validating access token: Session has expired.",
}


class Access:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    # Whose token ----------------------------------------------------------------------------------------

    def caller(self, token: str) -> Caller:
        if not token:
            text = "An active access token must be used to query information about the current user."
            raise Refusal(2500, text, check=1, breach="no-token")
        if token == f"{APP_ID}|{APP_SECRET}":
            return Caller("APP", token)
        row = self.ledger.issued("facebook", "token", token)
        if row is None:
            raise Refusal(190, "Invalid OAuth access token - Cannot parse access token", check=2)
        fault = self.ledger.take_fault("facebook", "token-revoked", "token-expired", "scope-missing")
        name = fault["name"] if fault else ""
        if name.startswith("token-"):
            raise _dead(463 if name == "token-expired" else 458)
        check_alive(row)
        scopes = row["scopes"] - ({fault.get("scope", "pages_manage_posts")} if fault else set())
        return Caller(
            "PAGE" if row["page"] else "USER",
            token,
            row["page"],
            row["member"],
            scopes,
            tuple(row["data"].get("tasks", ())),
            row["expires"],
            row["data"],
        )

    @staticmethod
    def check_proof(caller: Caller, proof: str, *, is_required: bool) -> None:
        """A proof is made for one token: a person's does not serve for a page's."""
        made = hmac.new(APP_SECRET.encode(), caller.token.encode(), hashlib.sha256).hexdigest()
        if not proof and is_required:
            text = "API calls from the server require an appsecret_proof argument"
            raise Refusal(100, text, kind="GraphMethodException", check=6, breach="no-proof")
        if proof and not hmac.compare_digest(proof.encode(), made.encode()):
            text = "Invalid appsecret_proof provided in the API argument"
            raise Refusal(100, text, kind="GraphMethodException", check=7, breach="wrong-proof")

    # What it reaches ------------------------------------------------------------------------------------

    def permissions(self, caller: Caller) -> Response:
        if caller.kind != "USER":
            raise invalid("me/permissions is for a person's token", 41, "permissions-of-a-page")
        given = [{"permission": scope, "status": "granted"} for scope in sorted(caller.scopes)]
        declined = [{"permission": scope, "status": "declined"} for scope in caller.data.get("declined", [])]
        return json_response({"data": given + declined})

    def accounts(self, caller: Caller, asked: Asked) -> Response:
        """The pages left ticked, each with a token of its own: without an end only if this one is long-lived."""
        if caller.kind != "USER":
            raise invalid("me/accounts is for a person's token", 1, "accounts-of-a-page")
        if "pages_show_list" not in caller.scopes:
            return json_response({"data": []})
        found = []
        for number, tasks in caller.data.get("pages", {}).items():
            page = self.ledger.page("facebook", number)
            if page is None:
                continue
            data = {
                "id": number,
                "name": page["name"],
                "category": "School",
                "category_list": [],
                "link": f"https://www.facebook.com/{page['handle']}",
                "username": page["handle"],
                "tasks": tasks,
                "access_token": self._page_token(number, caller, tasks),
            }
            found.append(chosen(data, asked.text("fields"), "name,access_token,tasks,category"))
        return json_response({"data": found, "paging": {"cursors": {"before": "a", "after": "b"}}})

    def _page_token(self, page: str, caller: Caller, tasks: list[str]) -> str:
        token = f"EAAP{secrets.token_urlsafe(120)}"
        left = None if caller.data.get("is_lasting") else (caller.expires or 0) - self.ledger.now()
        self.ledger.issue(
            "facebook",
            "token",
            token,
            page=page,
            member=caller.member,
            scopes=caller.scopes,
            seconds=left,
            tasks=tasks,
        )
        return token

    def debug(self, asked: Asked) -> Response:
        row = self.ledger.issued("facebook", "token", asked.text("input_token"))
        if row is None:
            raise invalid("The input_token is none", 0, "no-input-token")
        data = {
            "app_id": APP_ID,
            "type": "PAGE" if row["page"] else "USER",
            "is_valid": True,
            "expires_at": int(row["expires"] or 0),
            "data_access_expires_at": int(self.ledger.now()) + 90 * 86_400,
            "scopes": sorted(row["scopes"]),
            "user_id": row["member"],
        }
        try:
            check_alive(row)
        except Refusal as refusal:
            error = {name: refusal.error[name] for name in ("code", "message")}
            data |= {"is_valid": False, "error": error | {"subcode": refusal.error["error_subcode"]}}
        return json_response({"data": data})

    # What tests and the demo ask --------------------------------------------------------------------------

    def give(self, data: dict) -> dict:
        """A page's token, or with kind "user" a person's: page, scopes, tasks, expires_in, member, token, pages, declined."""
        is_person = data.get("kind") == "user"
        token = data.get("token") or f"EAA{'U' if is_person else 'P'}{secrets.token_urlsafe(120)}"
        scopes, tasks = data.get("scopes", SCOPES), data.get("tasks", TASKS)
        scopes = re.split(r"[\s,]+", scopes.strip()) if isinstance(scopes, str) else scopes
        page = "" if is_person else str(data["page"])
        extra = {"pages": data.get("pages", {}), "is_lasting": True} if is_person else {"tasks": list(tasks)}
        self.ledger.issue(
            "facebook",
            "token",
            token,
            page=page,
            member=data.get("member", PERSON),
            scopes=filter(None, scopes),
            seconds=data.get("expires_in"),
            declined=data.get("declined", []),
            **extra,
        )
        self.ledger.event("granted", network="facebook", page=page, scopes=" ".join(sorted(scopes)))
        return {"access_token": token, "page": page, "expires_in": data.get("expires_in")}

    def end(self, token: str, subcode: int) -> None:
        """As when a person removes the app (458) or changes their password (460)."""
        query = "UPDATE access SET ended = ?, data = json_set(data, '$.subcode', ?) WHERE digest = ?"
        self.ledger.write(query, self.ledger.now(), subcode, digest(token))


def check_alive(row: dict) -> None:
    if row["ended"] is not None:
        raise _dead(row["data"].get("subcode", 458))
    if row["is_expired"]:
        raise _dead(463)


def _dead(subcode: int) -> Refusal:
    text = DEAD_TOKEN.get(subcode, "Error validating access token: The session is invalid.")
    return Refusal(190, text, subcode, check={463: 3, 460: 4}.get(subcode, 5))
