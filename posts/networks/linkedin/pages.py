"""The organization pages that a member's token reaches, and what the member may do there.

Contract: learn.microsoft.com/linkedin/marketing (organization access control, organization lookup, network sizes).
"""

from __future__ import annotations

from collections.abc import Callable

from ..base import Credentials, NeedsReconnect, Outcome, Refused
from ..transport import Answer, clean
from .wire import ask, elements, encoded

FRESH_TOKEN_SECONDS = 8
"""A token just issued may be called revoked for some seconds."""
POSTING_ROLES = {
    "ADMINISTRATOR",
    "CONTENT_ADMIN",
    "CONTENT_ADMINISTRATOR",
    "DIRECT_SPONSORED_CONTENT_POSTER",
}
PAGE_FIELDS = ("organization", "organizationTarget", "organizationalTarget")
"""The names that the field has had."""
ROLES_AT_ONCE, MOST_ANSWERS = 100, 5


def roles(credentials: Credentials, sleep: Callable[[float], None]) -> dict[str, str]:
    """Organization URN → the role held there, one that may post if there is one."""
    held: dict[str, str] = {}
    for number in range(MOST_ANSWERS):
        path = f"/rest/organizationAcls?q=roleAssignee&state=APPROVED&start={number * ROLES_AT_ONCE}"
        answer = _patiently(credentials, f"{path}&count={ROLES_AT_ONCE}", sleep)
        found = elements(answer)
        for element in found:
            page = next((str(element[name]) for name in PAGE_FIELDS if element.get(name)), "")
            role = str(element.get("role") or "")
            if page and held.get(page) not in POSTING_ROLES:
                held[page] = role
        if len(found) < ROLES_AT_ONCE:
            break
    return held


def _patiently(credentials: Credentials, path: str, sleep: Callable[[float], None]) -> Answer:
    try:
        return ask(credentials, "GET", path, method="FINDER")
    except NeedsReconnect as outcome:
        if outcome.reason != "token-revoked":
            raise
    sleep(FRESH_TOKEN_SECONDS)
    return ask(credentials, "GET", path, method="FINDER")


def organization(urn: str, credentials: Credentials) -> tuple[str, str, str]:
    """Its name, its handle and its address. Whoever is not its administrator may publish there but not ask for its name."""
    number = urn.rpartition(":")[2]
    try:
        data = ask(credentials, "GET", f"/rest/organizations/{encoded(number)}").json()
    except (NeedsReconnect, Refused) as outcome:
        if outcome.status not in (403, 404):
            raise
        data = {}
    name = clean(str(data.get("localizedName") or f"LinkedIn {number}"))
    handle = clean(str(data.get("vanityName") or ""))
    return name, handle, f"https://www.linkedin.com/company/{encoded(handle or number)}/"


def followers(urn: str, credentials: Credentials) -> int | None:
    """A figure that is nice to have: nothing fails for want of it."""
    path = f"/rest/networkSizes/{encoded(urn)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    try:
        size = ask(credentials, "GET", path).json().get("firstDegreeSize")
    except Outcome:
        return None
    return size if isinstance(size, int) and size >= 0 else None
