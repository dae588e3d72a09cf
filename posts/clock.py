"""The database's clock: due times and leases are compared with one clock, whatever the workers' machines say."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """The present instant, UTC. On PostgreSQL the server's; SQLite runs on this machine and has no other."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)
