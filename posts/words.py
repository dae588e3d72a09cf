"""What a variant says against what the student signed: plain text comparisons, nothing stored."""

from __future__ import annotations

import re
import unicodedata

HASHTAG = re.compile(r"(?<!\w)#\w+")
SPACES = re.compile(r"\s+")


def normalise(text: str) -> str:
    """NFC, one blank between words, hashtags and the blanks around them gone."""
    return SPACES.sub(" ", HASHTAG.sub(" ", unicodedata.normalize("NFC", text))).strip()


def signed_words(version, student) -> str:
    """All that the student agreed to, as one normalised string: title, quote, text, name and promotion."""
    parts = (version.title, version.quote, version.text, student.full_name, str(student.promotion))
    return normalise("\n".join(parts))


def beyond(text: str, known: str) -> list[str]:
    """The lines of `text` that do not stand word for word in `known`, hashtags aside. Guillemets may be added around."""
    lines = (normalise(line) for line in text.splitlines())
    return [line for line in lines if line and line.strip('«»“”" ') and line.strip('«»“”" ') not in known]
