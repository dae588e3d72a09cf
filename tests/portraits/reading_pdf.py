"""Reads our own PDFs back for tests: the words as somebody who searches or copies would find them, and the tags."""

import re
import zlib

STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
CHARACTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", re.IGNORECASE)
FONT_OR_TEXT = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words(pdf):
    """All text, one line for each line that was drawn."""
    objects = dict(OBJECT.findall(pdf))
    fonts = {}
    for number, ref in re.findall(rb"/F(\d+) (\d+) 0 R", pdf):
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[ref])
        fonts[number] = _characters(_data(objects[to_unicode[1]]))
    lines = []
    for body in objects.values():
        data = _data(body) if b"stream" in body else b""
        if b" Tj" in data:
            lines += _lines(data, fonts)
    return "\n".join(lines)


def flat(pdf):
    """The same on one line, since a line ends where the paper does."""
    return " ".join(words(pdf).split())


def roles(pdf):
    """The role of each tagged piece, in the order of the document."""
    elements = [body for _number, body in OBJECT.findall(pdf) if b"/StructElem" in body]
    return [re.search(rb"/S /(\w+)", element)[1].decode() for element in elements]


def _data(body):
    raw = STREAM.search(body)[1]
    return zlib.decompress(raw) if b"/FlateDecode" in body and b"/DCTDecode" not in body else raw


def _characters(cmap):
    found = CHARACTER.findall(cmap)
    return {int(code, 16): bytes.fromhex(char.decode()).decode("utf-16-be") for code, char in found}


def _lines(data, fonts):
    current, lines = {}, []
    for font, text in FONT_OR_TEXT.findall(data):
        if font:
            current = fonts[font]
            continue
        raw = re.sub(rb"\\(.)", lambda found: ESCAPED.get(found[1], found[1]), text, flags=re.DOTALL)
        codes = [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]
        lines.append("".join(current.get(code, "\ufffd") for code in codes))
    return lines
