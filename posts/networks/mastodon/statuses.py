"""A post as a Mastodon server takes it, and what we make of one that it gives back.

Contract: docs.joinmastodon.org/entities/Status.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..base import Content, Found
from ..transport import Answer
from .text import plain, text_of
from .wire import identifier, link_of

SEEN_BY_ALL = ("public", "unlisted")
"""What an account publishes that its server has limited is unlisted, whatever was asked for."""


def body(content: Content, media_ids: tuple[str, ...]) -> dict:
    """What is sent to create it or to change it: when it changes, a picture that is not named again is taken off."""
    status = {"status": text_of(content), "sensitive": False}
    if media_ids:
        status["media_ids"] = list(media_ids)
    if re.fullmatch(r"[a-z]{2}", content.language):
        status["language"] = content.language
    return status


def told(answer: Answer, status: dict, wanted: int) -> str:
    """The answer, and above it how many pictures are missing, if any are.

    The words are online all the same: it is published, and must not be sent again. Whoever reads the post back sees the same
    in `Found.media_ids`.
    """
    attached = len(media_ids(status))
    return answer.shown if attached >= wanted else f"{attached} of {wanted} pictures attached\n{answer.shown}"


def found(status: dict) -> Found:
    """One without a readable time counts as older than everything."""
    try:
        created = datetime.fromisoformat(str(status.get("created_at")))
        created = created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        created = datetime.fromtimestamp(0, UTC)
    return Found(
        remote_id=identifier(status),
        url=link(status),
        text=plain(str(status.get("content") or "")),
        created_at=created,
        media_ids=media_ids(status),
    )


def media_ids(status: dict) -> tuple[str, ...]:
    shown = status.get("media_attachments")
    rows = [row for row in shown if isinstance(row, dict)] if isinstance(shown, list) else []
    return tuple(remote_id for row in rows if (remote_id := identifier(row)))


def is_of(status: dict, account_id: str) -> bool:
    account = status.get("account")
    return isinstance(account, dict) and identifier(account) == account_id


def is_seen(status: dict) -> bool:
    return status.get("visibility", "public") in SEEN_BY_ALL and not status.get("reblog")


def link(status: dict) -> str:
    return link_of(status.get("url"), status.get("uri"))
