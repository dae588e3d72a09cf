"""What the rehearsal network received, in a file that outlives it: posts, pictures, grants, and each rule that was broken."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS organisation (id TEXT PRIMARY KEY, name TEXT, vanity TEXT, followers INTEGER);
CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, organisation TEXT, scopes TEXT, role TEXT, issued REAL,
  expires REAL, revoked INTEGER DEFAULT 0, fresh_refusals INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS image (urn TEXT PRIMARY KEY, owner TEXT, key TEXT, status TEXT, polls INTEGER DEFAULT 0,
  width INTEGER, height INTEGER, format TEXT, sha256 TEXT, has_metadata INTEGER, created REAL);
CREATE TABLE IF NOT EXISTS post (urn TEXT PRIMARY KEY, network TEXT, author TEXT, body TEXT, text TEXT, images TEXT,
  created REAL, deleted REAL, visible INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, network TEXT, name TEXT, options TEXT, times INTEGER);
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, at REAL, kind TEXT, data TEXT);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER);
"""


class Ledger:
    """One SQLite file and a folder of pictures below `directory`. Safe for the server's threads."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        (self.directory / "images").mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(
            self.directory / "ledger.sqlite3", check_same_thread=False, timeout=20
        )
        self.connection.row_factory = sqlite3.Row
        with self.lock:
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.executescript(SCHEMA)

    def close(self) -> None:
        self.connection.close()

    def write(self, statement: str, *values) -> int:
        """Execute and commit; the number of rows changed."""
        with self.lock, self.connection:
            return self.connection.execute(statement, values).rowcount

    def rows(self, query: str, *values) -> list[dict]:
        with self.lock:
            return [dict(row) for row in self.connection.execute(query, values)]

    def row(self, query: str, *values) -> dict | None:
        found = self.rows(query, *values)
        return found[0] if found else None

    def next_number(self, name: str) -> int:
        with self.lock, self.connection:
            self.connection.execute(
                "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
                (name,),
            )
            return self.connection.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()[0]

    # What the judge reads ---------------------------------------------------------------------------

    def event(self, kind: str, **data) -> None:
        self.write("INSERT INTO event (at, kind, data) VALUES (?, ?, ?)", time.time(), kind, json.dumps(data))

    def failure(self, rule: str, **data) -> None:
        """The client broke a rule that the real network would not even report."""
        self.event("failure", rule=rule, **data)

    def events(self, kind: str = "") -> list[dict]:
        found = self.rows("SELECT at, kind, data FROM event WHERE ? IN ('', kind) ORDER BY id", kind)
        return [{"at": row["at"], "kind": row["kind"], **json.loads(row["data"])} for row in found]

    def failures(self) -> list[dict]:
        return self.events("failure")

    def posts(self, network: str = "linkedin", *, with_deleted: bool = False) -> list[dict]:
        """Newest first. `text` is what readers see, `commentary` what was sent, `images` the pictures' rows with `alt`."""
        found = self.rows(
            "SELECT * FROM post WHERE network = ? AND (? OR deleted IS NULL) ORDER BY created DESC, rowid DESC",
            network,
            with_deleted,
        )
        return [self._post(row) for row in found]

    def post(self, urn: str) -> dict | None:
        row = self.row("SELECT * FROM post WHERE urn = ?", urn)
        return self._post(row) if row else None

    def _post(self, row: dict) -> dict:
        body = json.loads(row["body"])
        pictures = []
        for shown in json.loads(row["images"]):
            picture = self.row("SELECT * FROM image WHERE urn = ?", shown["id"]) or {}
            pictures.append({**picture, "urn": shown["id"], "alt": shown.get("altText", "")})
        return {**row, "body": body, "commentary": body["commentary"], "images": pictures}

    def picture(self, urn: str) -> bytes | None:
        path = self.directory / "images" / f"{urn.rsplit(':', 1)[-1]}.bin"
        return path.read_bytes() if path.is_file() else None

    def keep_picture(self, urn: str, data: bytes) -> None:
        (self.directory / "images" / f"{urn.rsplit(':', 1)[-1]}.bin").write_bytes(data)

    # Misbehaviour -----------------------------------------------------------------------------------

    def set_faults(self, network: str, faults: list[dict]) -> None:
        """Replace the faults: [{"name", "times" (default 1, 0 = until changed), …options}]."""
        self.write("DELETE FROM fault WHERE network = ?", network)
        for fault in faults:
            options = {key: value for key, value in fault.items() if key not in ("name", "times")}
            self.write(
                "INSERT INTO fault (network, name, options, times) VALUES (?, ?, ?, ?)",
                network,
                fault["name"],
                json.dumps(options),
                int(fault.get("times", 1)) or -1,
            )

    def take_fault(self, network: str, *names: str) -> dict | None:
        """The first standing fault of one of these names, used up by one; None if there is none."""
        with self.lock:
            for row in self.rows("SELECT * FROM fault WHERE network = ? AND times != 0 ORDER BY id", network):
                if row["name"] in names:
                    if row["times"] > 0:
                        self.write("UPDATE fault SET times = times - 1 WHERE id = ?", row["id"])
                    return {"name": row["name"], **json.loads(row["options"])}
        return None
