"""LinkedIn's organization pages: who holds which role there, what they are called, who follows them."""

from __future__ import annotations

from ..exchange import Request, Response, json_response
from ..ledger import Ledger
from .rules import ADMIN_SCOPES, Caller, Refusal, forbidden, illegal

FOLLOWERS = 3050


class Organizations:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger

    def roles(self, request: Request, caller: Caller) -> Response:
        asked = request.asked
        if not caller.scopes & ADMIN_SCOPES:
            raise forbidden("Not enough permissions to access: organizationAcls.FINDER-roleAssignee", 9)
        if asked.get("q") != "roleAssignee":
            raise illegal("q=roleAssignee is required", 46, "acls-without-finder")
        count, start = asked.get("count", "10"), asked.get("start", "0")
        if not (count.isdecimal() and start.isdecimal() and 1 <= int(count) <= 100):
            raise illegal("count must be between 1 and 100", 39, "finder-count")
        field = (self.ledger.take_fault("linkedin", "acl-name") or {"field": "organization"})["field"]
        found = [
            {
                field: f"urn:li:organization:{number}",
                "role": role,
                "roleAssignee": f"urn:li:person:{caller.member}",
                "state": "APPROVED",
            }
            for number, role in caller.roles.items()
            if role and asked.get("role", role) == role and asked.get("state", "APPROVED") == "APPROVED"
        ]
        paging = {"start": int(start), "count": int(count), "links": []}
        return json_response({"elements": found[int(start) :][: int(count)], "paging": paging})

    def one(self, number: str, caller: Caller) -> Response:
        caller.must_administer(number, "organizations.GET")
        row = self.ledger.page("linkedin", number)
        return json_response({"id": int(number), "localizedName": row["name"], "vanityName": row["handle"]})

    def followers(self, request: Request, urn: str) -> Response:
        # CompanyFollowedByMember belongs to v2.
        if request.asked.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            raise illegal("edgeType must be COMPANY_FOLLOWED_BY_MEMBER", 0, "old-edge-type")
        row = self.ledger.page("linkedin", urn.rpartition(":")[2])
        if row is None:
            raise Refusal(404, "NOT_FOUND", "Could not find entity")
        return json_response({"firstDegreeSize": row["followers"]})

    def change(self, data: dict) -> dict:
        """Make or change a page: id, name, vanity (or handle), followers, tagline; role is what whoever consents is there.

        The page as it is now.
        """
        number = str(data.get("id", "1001")).rpartition(":")[2]
        known = self.ledger.page("linkedin", number) or {"followers": FOLLOWERS, "data": {}}
        changes = {name: data[name] for name in ("name", "followers", "tagline") if name in data}
        if handle := data.get("vanity", data.get("handle")):
            changes["handle"] = handle
        changes["data"] = known["data"] | ({"role": data["role"]} if "role" in data else {})
        page = self.ledger.set_page("linkedin", number, **{"followers": known["followers"], **changes})
        return {
            "id": page["id"],
            "name": page["name"],
            "vanity": page["handle"],
            "followers": page["followers"],
            "tagline": page["tagline"],
        }

    def of_whoever_consents(self) -> dict[str, str]:
        """Number → role. There is always a page to connect."""
        if not self.ledger.pages("linkedin"):
            self.change({})
        pages = self.ledger.pages("linkedin")
        return {page["id"]: page["data"].get("role", "ADMINISTRATOR") for page in pages}
