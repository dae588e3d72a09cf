"""Words before they are set: one spelling of each letter, French spaces and quotation marks, where a line may break."""

from __future__ import annotations

import re
import unicodedata

from .kinds import Words
from .lettering import THIN, face_for
from .saying import CardRefused

NO_BREAK = "\u00a0"
UNSEEN = re.compile(r"[\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
SAME_AS = str.maketrans(
    {"\u2011": "-", "\u2010": "-", "\u2012": "–", "\u2015": "—", "\u02bc": "’", "\u00b4": "’"}
)
PARTICLES = re.compile(
    r"(?<![\w’-])(de la|de las|van der|van den|von der|de|du|des|la|le|les|van|von|der|den|di|da|do|dos|das|del|della|el|al|ben|bin|af|av|zu|ter|ten) ",
    re.IGNORECASE,
)
EMOJI = re.compile("[\u200d\ufe0f\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U000e0020-\U000e007f]")


def cleaned(text: str) -> str:
    """One spelling of each letter (NFC), one kind of space, nothing that is not seen."""
    text = UNSEEN.sub("", unicodedata.normalize("NFC", text)).translate(SAME_AS)
    return " ".join(text.split())


def french(text: str) -> str:
    """Spaces, quotation marks and apostrophes as French printers set them: no line can then start with ; ? ! : or »."""
    text = text.replace("...", "…").replace("'", "’")
    text = re.sub(r'(^|[\s(«“])"([^"]*)"', r"\1“\2”", text)
    text = re.sub(r"\s*([;?!]+)(?=[\s»”)]|$)", THIN + r"\1", text)
    text = re.sub(r"\s*:(?=\s|$)", NO_BREAK + ":", text)
    text = re.sub(r"«\s*", f"«{THIN}", re.sub(r"\s*»", f"{THIN}»", text))
    text = re.sub(r"(?<=\d)\s+(?=%|€|\d{3}\b)", THIN, text)
    text = re.sub(r"(?<![\w’])([àyôÀYÔ]|n°) ", r"\1" + NO_BREAK, text)
    return text.lstrip(THIN + NO_BREAK)


def typeset(text: str, language: str) -> str:
    text = cleaned(text)
    return french(text) if language == "fr" else text.replace("...", "…").replace("'", "’")


def quoted(text: str, language: str) -> str:
    """In quotation marks, once: those that the text already stands in are taken off."""
    text = cleaned(text)
    for first, last in (("«", "»"), ("“", "”"), ('"', '"')):
        inside = text[1:-1]
        if (
            len(text) > 2
            and text[0] == first
            and text[-1] == last
            and first not in inside
            and last not in inside
        ):
            text = inside.strip()
    if not text:
        return ""
    if language == "fr":
        return f"«{THIN}{french(text.replace('«', '“').replace('»', '”'))}{THIN}»".replace("“ ", "“").replace(
            " ”", "”"
        )
    return f"“{typeset(text, language)}”"


def name(text: str) -> str:
    """A particle stays with the name that it belongs to."""
    return PARTICLES.sub(lambda found: found[0].replace(" ", NO_BREAK), cleaned(text).replace("'", "’"))


def initials(words: Words) -> str:
    """The first letter of each name: "É S" becomes ÉS."""
    letters = (
        next((sign for sign in cleaned(one) if sign.isalpha()), "")
        for one in (words.first_name, words.last_name)
    )
    return unicodedata.normalize("NFC", "".join(letters).upper())[:2]


def check(words: Words, *, with_path: bool = False) -> None:
    """Raises CardRefused where a sign cannot be drawn."""
    path = [text for part in words.path for text in part] if with_path else []
    ours = (words.first_name, words.last_name, words.promotion, words.track, words.quote, words.hashtag)
    for text in (*ours, words.school, *path):
        text = cleaned(text)
        if found := EMOJI.search(text):
            raise CardRefused("emoji", sign=found[0], text=text)
        if sign := face_for("sans", text).lacks(text):
            raise CardRefused("script", sign=sign, text=text)


def pieces(text: str) -> list[tuple[str, bool]]:
    """What cannot be broken, and whether a space follows. A line may also break after the hyphen of a double name."""
    parts: list[tuple[str, bool]] = []
    for word in text.split(" "):
        halves = re.split(r"(?<=\w\w-)(?=\w\w)", word)
        parts += [(half, False) for half in halves[:-1]] + [(halves[-1], True)]
    return parts
