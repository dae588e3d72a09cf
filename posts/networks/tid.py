"""Timestamp identifiers, the keys of Bluesky's records: atproto.com/specs/tid."""

from __future__ import annotations

from datetime import datetime

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def tid(moment: datetime, clock_id: int) -> str:
    """Thirteen characters that sort by time: 53 bits of microseconds since 1970, then 10 bits that tell makers apart."""
    number = int(moment.timestamp() * 1_000_000) << 10 | clock_id % 1024
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))
