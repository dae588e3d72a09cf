"""How LinkedIn refuses the same words again: within a window it names the live post, after a delete a ghost."""

from __future__ import annotations

import json

from ..ledger import Ledger
from .rules import Refusal, digest


def check_duplicate(ledger: Ledger, body: dict) -> None:
    now = ledger.now()
    windows = ledger.knob("duplicate_seconds"), ledger.knob("ghost_seconds")
    earlier = ledger.rows(
        "SELECT urn, body, created, deleted FROM post WHERE author = ? AND fingerprint = ? ORDER BY created DESC",
        *(body["author"], digest(body["commentary"])),
    )
    for post in earlier:
        if not ledger.knob("duplicate_ignores_pictures") and (
            json.loads(post["body"]).get("content") != body.get("content")
        ):
            continue
        is_gone = post["deleted"] is not None
        if now - (post["deleted"] if is_gone else post["created"]) < windows[is_gone]:
            raise duplicate_of(post["urn"], 24 if is_gone else 23)


def duplicate_of(urn: str, check: int) -> Refusal:
    refusal = Refusal(422, check=check)
    refusal.data = {
        "message": f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}",
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "errorDetails": {
            "inputErrors": [
                {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
            ]
        },
        "status": 422,
    }
    return refusal
