"""What a Bluesky post's record must be: its words, its time, its languages, its pictures or link card."""

from __future__ import annotations

import re
from datetime import datetime

import regex

from .rules import COLLECTION, Refusal, invalid, invalid_record

GRAPHEMES, BYTES = 300, 3000
MOST_LANGS, MOST_IMAGES = 3, 4
DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d|-(?!00:00)\d\d:\d\d)")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
URI = re.compile(r"\w+:(?://)?[^\s/]\S*")


def check_record(record: object, collection: str) -> dict:
    """The record. Refuses what the lexicon of posts refuses, facets and pictures aside; unknown fields pass, as there."""
    if not isinstance(record, dict):
        raise invalid('Missing required key "record" at $', 9, "missing-field")
    if record.get("$type", collection) != collection or collection != COLLECTION:
        text = f"Invalid $type: expected {collection}, got {record.get('$type')}"
        raise invalid(text, 9, "record-type")
    if "$type" not in record:
        raise invalid('Missing required key "$type" at $.record', 9, "record-type")
    _check_text(record)
    _check_time(record)
    _check_langs(record)
    return record


def _check_text(record: dict) -> None:
    if "text" not in record:
        raise invalid_record('Missing required key "text"', "", 10, "missing-field")
    text = record["text"]
    if not isinstance(text, str):
        raise invalid_record("Expected string value type", ".text", 10, "wrong-type")
    size, count = len(text.encode()), len(regex.findall(r"\X", text))
    if size > BYTES:
        raise invalid_record(f"string too big (maximum {BYTES}, got {size})", ".text", 12, "text-too-long")
    if count > GRAPHEMES:
        said = f"grapheme too big (maximum {GRAPHEMES}, got {count})"
        raise invalid_record(said, ".text", 11, "text-too-long")


def _check_time(record: dict) -> None:
    if "createdAt" not in record:
        raise invalid_record('Missing required key "createdAt"', "", 13, "missing-field")
    said = record["createdAt"]
    refusal = invalid_record(f'Invalid datetime (got "{said}")', ".createdAt", 13, "created-at")
    if not isinstance(said, str) or not DATETIME.fullmatch(said):
        raise refusal
    try:
        datetime.fromisoformat(said)
    except ValueError:
        raise refusal from None


def _check_langs(record: dict) -> None:
    langs = record.get("langs", [])
    if not isinstance(langs, list):
        raise invalid_record("Expected array value type", ".langs", 14, "wrong-type")
    if len(langs) > MOST_LANGS:
        said = f"array too big (maximum {MOST_LANGS}, got {len(langs)})"
        raise invalid_record(said, ".langs", 14, "langs")
    for number, lang in enumerate(langs):
        if not isinstance(lang, str) or not LANGUAGE.fullmatch(lang):
            raise invalid_record(f'Invalid language (got "{lang}")', f".langs[{number}]", 14, "langs")


def pictures_in(record: dict) -> list[dict]:
    """[{"image", "alt", "aspectRatio"?}] of a post with pictures. Refuses what their lexicon refuses."""
    embed = record.get("embed")
    if embed is None:
        return []
    if not isinstance(embed, dict) or not isinstance(embed.get("$type"), str):
        raise invalid_record(
            'Expected an object which includes the "$type" property', ".embed", 0, "wrong-type"
        )
    if embed["$type"] != "app.bsky.embed.images":
        return []
    images = embed.get("images")
    if not isinstance(images, list):
        raise invalid_record('Missing required key "images"', ".embed", 15, "missing-field")
    if len(images) > MOST_IMAGES:
        said = f"array too big (maximum {MOST_IMAGES}, got {len(images)})"
        raise invalid_record(said, ".embed.images", 15, "image-count")
    for number, shown in enumerate(images):
        where = f".embed.images[{number}]"
        if not isinstance(shown, dict) or not isinstance(shown.get("alt"), str):
            raise invalid_record('Missing required key "alt"', where, 16, "no-alt")
        check_blob(shown.get("image"), f"{where}.image")
        _check_ratio(shown.get("aspectRatio"), where)
    return images


def check_blob(blob: object, where: str) -> None:
    ref = blob.get("ref") if isinstance(blob, dict) else None
    is_whole = (
        isinstance(ref, dict)
        and isinstance(ref.get("$link"), str)
        and blob.get("$type") == "blob"
        and isinstance(blob.get("mimeType"), str)
        and isinstance(blob.get("size"), int)
    )
    if not is_whole:
        raise invalid_record("Expected blob value type", where, 18, "no-blob")
    if not blob["mimeType"].startswith("image/"):
        text = f'Expected "image/*" (got "{blob["mimeType"]}") mime type at {where}'
        raise Refusal(400, "InvalidMimeType", text, check=18, breach="image-type")


def _check_ratio(ratio: object, where: str) -> None:
    if ratio is None:
        return
    for side in ("width", "height"):
        value = ratio.get(side) if isinstance(ratio, dict) else None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            said = f"integer too small (minimum 1, got {value})"
            raise invalid_record(said, f"{where}.aspectRatio.{side}", 17, "aspect-ratio")


def card_in(record: dict) -> dict | None:
    """The link card of a post. Refuses what its lexicon refuses."""
    embed = record.get("embed")
    if not isinstance(embed, dict) or embed.get("$type") != "app.bsky.embed.external":
        return None
    card, where = embed.get("external"), ".embed.external"
    if not isinstance(card, dict):
        raise invalid_record('Missing required key "external"', ".embed", 0, "missing-field")
    for name in ("uri", "title", "description"):
        if not isinstance(card.get(name), str):
            raise invalid_record(f'Missing required key "{name}"', where, 0, "missing-field")
    if not URI.fullmatch(card["uri"]):
        raise invalid_record(f'Invalid uri (got "{card["uri"]}")', f"{where}.uri", 24, "link-uri")
    if "thumb" in card:
        check_blob(card["thumb"], f"{where}.thumb")
    return card
