"""What is said about a card: its description for those who do not see it, and why one cannot be drawn."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .kinds import SIZES, Style, Words

SENTENCES = {
    "emoji": gettext_lazy("An emoji cannot be drawn on a card: “%(sign)s” in “%(text)s”. Take it out there."),
    "script": gettext_lazy(
        "No font of ours has the sign “%(sign)s” in “%(text)s”. Write it in Latin letters for the card."
    ),
    "too-long": gettext_lazy("This text does not fit on the card: “%(text)s”. Shorten it."),
    "path-too-long": gettext_lazy("The text does not fit on three pages of the carousel. Shorten it."),
}

MARKS = ' \u00a0\u202f«»“”"'
WRITTEN = gettext_lazy("Portrait card. Written on it: %(words)s.")
COVERS = dict.fromkeys(SIZES, WRITTEN) | {
    "carousel": gettext_lazy("Cover of a portrait to leaf through. Written on it: %(words)s.")
}


class CardRefused(Exception):
    """This card cannot be drawn. `code` for programs, str() a sentence for people that says what to do."""

    def __init__(self, code: str, **details: str):
        self.code, self.details = code, details
        super().__init__(code, details)

    def __str__(self):
        return str(SENTENCES[self.code]) % self.details


def alt_text(words: Words, photo_alt: str, kind: str, style: Style | None = None) -> str:
    """The description of the card itself, in the language of its words: what is written on it, then the photo.

    `kind` is a size, or "carousel" for its cover; with `style`, what it does not show is not said.
    """
    style = style or Style()
    with translation.override(words.language):
        written = [f"{words.first_name} {words.last_name}", words.promotion]
        written.append(words.track if style.shows_track else "")
        if words.quote and kind != "carousel":
            written.append(_("“%(quote)s”") % {"quote": words.quote.strip(MARKS)})
        written += [words.hashtag if style.shows_hashtag else "", words.school]
        said = [COVERS[kind] % {"words": ", ".join(filter(None, written))}]
        if photo_alt:
            said.append(_("Photo: %(description)s") % {"description": photo_alt})
        return " ".join(said)
