"""A Bluesky post's facets, byte by byte. The real network checks them against no text: here a wrong one is a failure."""

from __future__ import annotations

from collections.abc import Callable

import regex

from .body import URI
from .rules import DID, invalid_record

KINDS = {
    "app.bsky.richtext.facet#link": ("link", "uri"),
    "app.bsky.richtext.facet#tag": ("hashtag", "tag"),
    "app.bsky.richtext.facet#mention": ("mention", "did"),
}
TAG_GRAPHEMES, TAG_BYTES = 64, 640


def read(record: dict, did_of: Callable[[str], str], fail: Callable[[str, int], None]) -> list[list[str]]:
    """The text in parts, [kind, words], as readers see them. Refuses what the lexicon refuses; tells `fail` of what else
    is wrong (rule, number of the check)."""
    data = record["text"].encode()
    parts: list[list[str]] = []
    end = 0
    for start, stop, kind, value in _facets(record):
        if not 0 <= start < stop <= len(data):
            fail("facet-outside", 20)
            continue
        if start < end:
            fail("facets-overlap", 22)
            continue
        words = _decoded(data[start:stop])
        if words is None or _decoded(data[:start]) is None:
            fail("facet-inside-a-character", 21)
            continue
        if kind and not _fits(kind, words, value, did_of):
            fail("facet-beside-its-words", 21)
        parts += [["text", data[end:start].decode()]] if start > end else []
        parts.append([kind or "text", words])
        end = stop
    rest = data[end:].decode()
    return [*parts, ["text", rest]] if rest else parts


def _facets(record: dict) -> list[tuple[int, int, str, str]]:
    """(start, end, kind, value) of each, in the order in which they came."""
    facets = record.get("facets", [])
    if not isinstance(facets, list):
        raise invalid_record("Expected array value type", ".facets", 20, "wrong-type")
    return [_facet(facet, f".facets[{number}]") for number, facet in enumerate(facets)]


def _facet(facet: object, where: str) -> tuple[int, int, str, str]:
    index = facet.get("index") if isinstance(facet, dict) else None
    edges = [index.get(name) if isinstance(index, dict) else None for name in ("byteStart", "byteEnd")]
    if not all(isinstance(edge, int) and not isinstance(edge, bool) and edge >= 0 for edge in edges):
        raise invalid_record("integer too small (minimum 0)", f"{where}.index", 20, "facet-edges")
    features = facet.get("features")
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise invalid_record('Missing required key "features"', where, 20, "missing-field")
    kind = value = ""
    for number, feature in enumerate(features):
        known = KINDS.get(feature.get("$type", ""))
        if known is not None:
            kind, value = known[0], _value(feature, known[1], f"{where}.features[{number}]")
    return edges[0], edges[1], kind, value


def _value(feature: dict, name: str, where: str) -> str:
    value = feature.get(name)
    if not isinstance(value, str):
        raise invalid_record(f'Missing required key "{name}"', where, 20, "missing-field")
    if name == "did" and not DID.fullmatch(value):
        raise invalid_record(f'Invalid DID (got "{value}")', f"{where}.did", 23, "mention-without-did")
    if name == "uri" and not URI.fullmatch(value):
        raise invalid_record(f'Invalid uri (got "{value}")', f"{where}.uri", 24, "link-uri")
    if name == "tag" and (
        len(regex.findall(r"\X", value)) > TAG_GRAPHEMES or len(value.encode(errors="replace")) > TAG_BYTES
    ):
        raise invalid_record(f"grapheme too big (maximum {TAG_GRAPHEMES})", f"{where}.tag", 0, "tag-too-long")
    return value


def _fits(kind: str, words: str, value: str, did_of: Callable[[str], str]) -> bool:
    if kind == "link":
        return value in (words, f"https://{words}")
    if kind == "hashtag":
        return words in (f"#{value}", f"＃{value}")
    return words.startswith("@") and did_of(words[1:].lower()) == value


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
