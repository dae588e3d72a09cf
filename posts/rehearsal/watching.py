"""What the panel says of the ledger: the faults that are set, the rules that were broken, what happened last."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from .ledger import Ledger
from .manners import MANNERS, Manner
from .rules_in_words import rule_in_words
from .wording import EVENTS, OPTIONS, fault_in_words

RECENT = 30


def faults_set(ledger: Ledger, network: str) -> list[dict]:
    """id and fault of each that may still strike, with the times that are left (0: without end)."""
    query = "SELECT id, options, times FROM fault WHERE network = ? AND times != 0 ORDER BY id"
    return [
        {"id": row["id"], "fault": json.loads(row["options"]) | {"times": max(row["times"], 0)}}
        for row in ledger.rows(query, network)
    ]


def in_words(network: Manner, found: dict) -> dict:
    """One of `faults_set` for people."""
    fault = found["fault"]
    return {
        "network": network,
        "id": found["id"],
        "name": fault["name"],
        "said": fault_in_words(network.slug, fault["name"]),
        "times": fault["times"],
        "percent": round(fault.get("chance", 1) * 100),
        "options": [
            (OPTIONS.get(option, (option, ""))[0], value)
            for option, value in fault.items()
            if option not in ("name", "times", "chance")
        ],
    }


def broken_rules(ledger: Ledger) -> list[dict]:
    """Each rule once, with how often and when last; the latest first."""
    rows = ledger.rows(
        "SELECT json_extract(data, '$.network') AS network, json_extract(data, '$.rule') AS rule,"
        " json_extract(data, '$.check') AS number, max(at) AS at, count(*) AS count FROM event"
        " WHERE kind = 'failure' GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT ?",
        RECENT,
    )
    return [
        {**row, "network": network_of(row), "said": rule_in_words(row["rule"]), "at": moment(row["at"])}
        for row in rows
    ]


def events(ledger: Ledger, *, are_calls: bool = False) -> list[dict]:
    """The latest calls, or the latest of everything else that is no broken rule."""
    which = "kind = 'call'" if are_calls else "kind NOT IN ('call', 'failure')"
    query = f"SELECT at, kind, data FROM event WHERE {which} ORDER BY id DESC LIMIT ?"
    return [event(row["kind"], row["at"], json.loads(row["data"])) for row in ledger.rows(query, RECENT)]


def event(kind: str, at: float, data: dict) -> dict:
    network, urn = network_of(data), data.get("urn")
    if kind == "fault":
        said = fault_in_words(str(data.get("network")), data.get("name", ""))
    else:
        said = EVENTS.get(kind, kind)
    has_page = isinstance(network, Manner) and isinstance(urn, str)
    return {
        **{"kind": kind, "at": moment(at), "network": network, "said": said, "data": data},
        "path": network.path_of_post(urn) if has_page else "",
    }


def network_of(data: dict) -> Manner | str:
    """LinkedIn was the first, and alone for a while: what names no network is its."""
    slug = data.get("network") or "linkedin"
    return MANNERS.get(slug, slug)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
