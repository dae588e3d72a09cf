"""Two texts compared word by word, for whoever must see what has changed before they decide."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

TOKEN = re.compile(r"\s*[\w’'-]+|\s*[^\w\s]|\s+")


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """(op, text) in reading order; op is "same", "added" or "removed". Joining what is not removed gives `after`.

    A blank belongs to the word that follows it, and in long texts frequent words do not anchor a match (difflib's
    autojunk): otherwise two long texts that share little but "de" and blanks take minutes to compare.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if op == "equal":
            pieces.append(("same", "".join(new[j1:j2])))
            continue
        if i1 < i2:
            pieces.append(("removed", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(("added", "".join(new[j1:j2])))
    return pieces
