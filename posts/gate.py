"""The gate between a stop and what leaves: whoever writes an intent passes it, whoever stops things shuts it first.

Reading "no stop" and committing an intent are two moments. On PostgreSQL an advisory lock makes them one: an intent either
commits before the stop does, or sees it. SQLite has one writer at a time and needs none.
"""

from __future__ import annotations

from django.db import connection

NUMBER = 0x494E4554
"""Ours alone among the advisory locks of this database."""


def go_through() -> None:
    """Wait while somebody shuts the gate; hold it open until this transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def shut() -> None:
    """Wait for whoever is going through; nobody else does until this transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [NUMBER])
