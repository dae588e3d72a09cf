"""What the rehearsal network received: posts, pictures, grants, and every rule that a client broke.

One SQLite file and a folder of pictures that outlive a restart and a `kill -9`. It may be opened by any number of processes: the
server writes, a test reads. `posts()`, `events()` and `failures()` are what tests judge by.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import faults

SCHEMA = """
CREATE TABLE IF NOT EXISTS image (urn TEXT PRIMARY KEY, owner TEXT, signature TEXT, upload_ends REAL, status TEXT,
  polls INTEGER DEFAULT 0, is_doomed INTEGER DEFAULT 0, width INTEGER, height INTEGER, format TEXT, size INTEGER,
  sha256 TEXT, has_metadata INTEGER);
CREATE TABLE IF NOT EXISTS post (urn TEXT PRIMARY KEY, network TEXT, author TEXT, fingerprint TEXT, body TEXT, commentary TEXT, text TEXT,
  parts TEXT, images TEXT, created REAL, modified REAL, deleted REAL, is_visible INTEGER DEFAULT 1);
CREATE INDEX IF NOT EXISTS post_by_author ON post (author, created);
CREATE INDEX IF NOT EXISTS post_by_words ON post (author, fingerprint);
CREATE TABLE IF NOT EXISTS page (network TEXT, id TEXT, name TEXT, handle TEXT, followers INTEGER, tagline TEXT, data TEXT,
  PRIMARY KEY (network, id));
CREATE TABLE IF NOT EXISTS access (digest TEXT PRIMARY KEY, network TEXT, kind TEXT, page TEXT, member TEXT, scopes TEXT,
  issued REAL, expires REAL, ended REAL, data TEXT);
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, network TEXT, name TEXT, options TEXT, times INTEGER);
CREATE TABLE IF NOT EXISTS knob (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER);
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, at REAL, kind TEXT, data TEXT);
CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events stay'); END;
CREATE TRIGGER IF NOT EXISTS event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events stay'); END;
"""
KNOBS = {
    "clock_offset": 0.0,
    "duplicate_seconds": 600.0,
    "duplicate_ignores_pictures": True,
    "ghost_seconds": 48 * 3600.0,
    "calls_per_day": 100_000,
    "live_versions": [f"2026{month:02d}" for month in range(1, 10)],
    "upload_seconds": 86_400.0,
    "image_bytes": 20_000_000,
}
"""What the contract leaves open or the passing of time decides, and a test may change. The real development tier grants
100 calls a day and member: a rehearsal is not rationed unless asked."""


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Ledger:
    """Safe for the threads of a server. Secrets are kept as digests only."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        (self.directory / "images").mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(
            self.directory / "ledger.sqlite3", check_same_thread=False, timeout=20, isolation_level=None
        )
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode=WAL")
        # What is committed outlives the process; it need not outlive the machine.
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(SCHEMA)

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    # Rows -------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time among threads and processes."""
        with self.lock:
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def write(self, statement: str, *values) -> int:
        """Execute; the number of rows changed."""
        with self.lock:
            return self.connection.execute(statement, values).rowcount

    def rows(self, query: str, *values) -> list[dict]:
        with self.lock:
            return [dict(row) for row in self.connection.execute(query, values)]

    def row(self, query: str, *values) -> dict | None:
        return next(iter(self.rows(query, *values)), None)

    def add(self, table: str, **columns) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.write(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", *columns.values())

    def count_up(self, name: str) -> int:
        """The next number of that name, from 1."""
        with self.transaction():
            self.write(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", name
            )
            return self.rows("SELECT value FROM counter WHERE name = ?", name)[0]["value"]

    # Time and knobs ---------------------------------------------------------------------------------

    def now(self) -> float:
        """Seconds since 1970 by this network's clock, which a test may move."""
        return time.time() + self.knob("clock_offset")

    def knob(self, name: str):
        row = self.row("SELECT value FROM knob WHERE name = ?", name)
        return json.loads(row["value"]) if row else KNOBS[name]

    def turn(self, **knobs) -> None:
        """Set knobs. Raises KeyError for a name that is none."""
        for name, value in knobs.items():
            if name not in KNOBS:
                raise KeyError(name)
            self.add("knob", name=name, value=json.dumps(value))

    # Pages and who may use them -------------------------------------------------------------------------

    def set_page(self, network: str, key: str, **columns) -> dict:
        """Make or change a page: name, handle, followers, tagline, data (a dict). The page as it is now."""
        page = self.page(network, key) or {
            "name": "INET", "handle": "inet", "followers": 100, "tagline": "", "data": {}
        }  # fmt: skip
        page |= {"network": network, "id": key, **columns}
        self.add("page", **{**page, "data": json.dumps(page["data"])})
        return page

    def page(self, network: str, key: str) -> dict | None:
        row = self.row("SELECT * FROM page WHERE network = ? AND id = ?", network, key)
        return {**row, "data": json.loads(row["data"])} if row else None

    def pages(self, network: str) -> list[dict]:
        found = self.rows("SELECT id FROM page WHERE network = ? ORDER BY name", network)
        return [self.page(network, row["id"]) for row in found]

    def issue(
        self, network: str, kind: str, secret: str, *, page="", member="", scopes=(), seconds=None, **data
    ) -> None:
        """Keep a secret we gave out (an access or refresh token, a code, an app's secret: `kind`), by its digest."""
        self.add(
            "access",
            digest=digest(secret),
            network=network,
            kind=kind,
            page=page,
            member=member,
            scopes=" ".join(sorted(scopes)),
            issued=self.now(),
            expires=None if seconds is None else self.now() + seconds,
            data=json.dumps(data),
        )

    def issued(self, network: str, kind: str, secret: str) -> dict | None:
        """What we gave out under this secret, ended (`ended` is when) and expired (`is_expired`) or not."""
        query = "SELECT * FROM access WHERE digest = ? AND network = ? AND kind = ?"
        row = self.row(query, digest(secret), network, kind)
        if row is None:
            return None
        is_expired = row["expires"] is not None and row["expires"] <= self.now()
        scopes = frozenset(row["scopes"].split())
        return {**row, "scopes": scopes, "data": json.loads(row["data"]), "is_expired": is_expired}

    def end_access(self, secret: str = "", *, network: str = "", member: str = "") -> int:
        """End one secret, or everything of one member on a network; how many ended."""
        query = (
            "UPDATE access SET ended = ? WHERE ended IS NULL AND (digest = ? OR (network = ? AND member = ?))"
        )
        return self.write(query, self.now(), digest(secret), network, member)

    # What the judge reads ---------------------------------------------------------------------------

    def event(self, kind: str, **data) -> None:
        """Add to the list that nothing is ever taken from."""
        self.write("INSERT INTO event (at, kind, data) VALUES (?, ?, ?)", self.now(), kind, json.dumps(data))

    def failure(self, rule: str, check: int, **data) -> None:
        """A client broke a rule of the contract; `check` is the rule's number there, 0 for one of our own."""
        self.event("failure", rule=rule, check=check, **data)

    def events(self, kind: str = "") -> list[dict]:
        found = self.rows("SELECT at, kind, data FROM event WHERE ? IN ('', kind) ORDER BY id", kind)
        return [{"at": row["at"], "kind": row["kind"], **json.loads(row["data"])} for row in found]

    def failures(self) -> list[dict]:
        return self.events("failure")

    def posts(self, network: str = "", *, with_deleted: bool = False) -> list[dict]:
        """Of one network or of all, newest first. `text` is what readers see, `commentary` the markup it is kept in, `body` what was sent;
        `images` are the pictures as received, with their `alt`; `deleted` is None or when it was taken down."""
        found = self.rows(
            "SELECT * FROM post WHERE ? IN ('', network) AND (? OR deleted IS NULL) ORDER BY created DESC, rowid DESC",
            network,
            with_deleted,
        )
        return [self._with_pictures(row) for row in found]

    def post(self, urn: str) -> dict | None:
        row = self.row("SELECT * FROM post WHERE urn = ?", urn)
        return self._with_pictures(row) if row else None

    def _with_pictures(self, row: dict) -> dict:
        pictures = []
        for shown in json.loads(row["images"]):
            image = self.image(shown["id"]) or {"urn": shown["id"]}
            pictures.append({**image, "alt": shown.get("altText", "")})
        parsed = {name: json.loads(row[name]) for name in ("body", "parts")}
        return {**row, **parsed, "images": pictures, "is_visible": bool(row["is_visible"])}

    def image(self, urn: str) -> dict | None:
        """A picture's facts; never its upload signature."""
        columns = "urn, owner, status, width, height, format, size, sha256, has_metadata"
        row = self.row(f"SELECT {columns} FROM image WHERE urn = ?", urn)
        return {**row, "has_metadata": bool(row["has_metadata"])} if row else None

    def picture_path(self, urn: str) -> Path:
        """Where the bytes of a picture are, if they arrived."""
        return self.directory / "images" / hashlib.sha256(urn.encode()).hexdigest()

    # Misbehaviour -----------------------------------------------------------------------------------

    def set_faults(self, network: str, wanted: list[dict]) -> None:
        """From now on exactly these (`faults.py`). Raises UnknownFault, and changes nothing then."""
        for fault in wanted:
            faults.check(network, fault)
        with self.transaction():
            self.write("DELETE FROM fault WHERE network = ?", network)
            for fault in wanted:
                self.write(
                    "INSERT INTO fault (network, name, options, times) VALUES (?, ?, ?, ?)",
                    *(network, fault["name"], json.dumps(fault), int(fault.get("times", 1)) or -1),
                )

    def take_fault(self, network: str, *names: str) -> dict | None:
        """The first fault of one of these names that strikes now, used up by one."""
        if not self.rows("SELECT 1 FROM fault WHERE network = ? AND times != 0 LIMIT 1", network):
            return None
        with self.transaction():
            query = "SELECT id, options, times FROM fault WHERE network = ? AND times != 0 ORDER BY id"
            for row in self.rows(query, network):
                fault = json.loads(row["options"])
                if fault["name"] not in names or random.random() >= fault.get("chance", 1):
                    continue
                if row["times"] > 0:
                    self.write("UPDATE fault SET times = times - 1 WHERE id = ?", row["id"])
                self.event("fault", network=network, name=fault["name"])
                return fault
        return None
