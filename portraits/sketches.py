"""Which card a version of a portrait has: what it says, how it looks, its address and its description, without drawing it."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from functools import cached_property, lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from cohorts.models import Promotion, Student

from . import cards
from .cards.typography import check
from .models import Card, CardStyle, Portrait, PortraitVersion
from .models.card import NEEDED_FOR_CARDS as NEEDED
from .models.card import address

log = logging.getLogger(__name__)

LANGUAGE = "fr"
"""What students write, and what stands on their cards, is French whatever the screen speaks."""
PATH_LIMIT, PART_LIMIT = 1800, 1200
"""Characters that a carousel holds in a size that can be read on a phone: of the text, and of one paragraph."""
SHORTEST_PART = 120
SENTENCE_END = re.compile(r"(?<=[.!?…])[»”\"]?\s+")
CONTENT_TYPES = {Card.Kind.CAROUSEL: "application/pdf"}


class Sketch:
    """One kind of card of one version. Equal recipes give equal bytes, so the recipe is part of the address."""

    def __init__(self, version: PortraitVersion, kind: str):
        self.version, self.kind = version, Card.Kind(kind)
        self.student = version.portrait.student

    @cached_property
    def style(self) -> cards.Style:
        return look(style_of(self.student.promotion))

    @cached_property
    def words(self) -> cards.Words:
        return words_of(self.student, self.version.quote, self.path)

    @property
    def path(self) -> tuple[tuple[str, str], ...]:
        return path_of(self.version) if self.kind == Card.Kind.CAROUSEL else ()

    @cached_property
    def recipe(self) -> str:
        photo = self.version.photo.fingerprint if self.version.photo else ""
        return cards.fingerprint(photo, self.words, self.style, self.kind)

    @property
    def names(self) -> str:
        return names_of(self.student)

    @property
    def alt(self) -> str:
        return cards.alt_text(self.words, self.version.alt_text, self.kind, self.style)

    @property
    def width(self) -> int:
        return cards.SIZES.get(self.kind, cards.SIZES["portrait"])[0]

    @property
    def height(self) -> int:
        return cards.SIZES.get(self.kind, cards.SIZES["portrait"])[1]

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES.get(self.kind, "image/jpeg")

    @property
    def is_document(self) -> bool:
        return self.kind == Card.Kind.CAROUSEL

    @property
    def url(self) -> str:
        return address(self.version.pk, self.kind, self.recipe)

    @property
    def small_url(self) -> str:
        """A picture of it for a list: of the carousel, its first page."""
        return address(self.version.pk, self.kind, self.recipe, "petit.jpg")

    @property
    def filename(self) -> str:
        """For whoever downloads it."""
        return f"{self.version.portrait.slug}-{self.kind}.{'pdf' if self.is_document else 'jpg'}"

    @cached_property
    def refusal(self) -> str:
        """Why it cannot be drawn, as a sentence for people that says what to do; empty if it can."""
        kind = "portrait" if self.is_document else self.kind.value
        try:
            cards.plan(self.words, self.style, kind, with_photo=self.version.photo_id is not None)
            check(self.words, with_path=self.is_document)
        except cards.CardRefused as refused:
            return str(refused)
        return ""

    def photo_bytes(self) -> bytes | None:
        """The photo as framed, which is what the face is known to stand in the upper third of."""
        photo = self.version.photo
        rendition = photo and photo.renditions.filter(name="1200.jpg").first()
        if rendition is None:
            return None
        with rendition.file.open("rb") as file:
            return file.read()

    def draw(self) -> tuple[bytes, int, str]:
        """(bytes, pages, description). Raises CardRefused, OSError."""
        photo = self.photo_bytes()
        if self.is_document:
            made = _carousel(photo, self.words, self.style)
            return made.data, made.pages, "\n".join(made.alt_texts)
        return cards.draw(photo, self.words, self.style, self.kind).data, 1, self.alt


def sketches_of(portrait: Portrait, version: PortraitVersion | None = None) -> list[Sketch]:
    """Every kind of card of its present version; none while nobody may see it, or once it was taken back.

    `version` is the present one, where it was read already, with its photo.
    """
    if portrait.consent_id is None:
        return []
    version = version or portrait.versions.select_related(*NEEDED).filter(number=portrait.version).first()
    return [Sketch(version, kind) for kind in Card.Kind] if version else []


def page_address(version: int, recipe: str, number: int) -> str:
    """Of the picture of one page of a carousel."""
    return address(version, Card.Kind.CAROUSEL, recipe, f"page-{number}.jpg")


def style_of(promotion: Promotion) -> CardStyle:
    """What its comms group chose, or the style that every promotion begins with (not saved)."""
    return getattr(promotion, "card_style", None) or CardStyle(promotion=promotion)


def look(style: CardStyle, logo: bytes | None = None) -> cards.Style:
    """For the pixels. `logo`: one that is not saved yet, in place of the one that is."""
    return cards.Style(
        layout=style.layout,
        colour=style.colour or style.promotion.colour,
        second_colour=style.second_colour or style.promotion.second_colour,
        logo=logo or (logo_of(style.logo.name) if style.logo else None),
        shows_track=style.shows_track,
        shows_hashtag=style.shows_hashtag,
    )


def logo_of(name: str) -> bytes | None:
    try:
        return _read(name)
    except OSError:
        log.error("The file of a logo is missing: %s", name)
        return None


@lru_cache(maxsize=16)
def _read(name: str) -> bytes:
    """Names are random and never used again, so what was read once stays true."""
    with CardStyle._meta.get_field("logo").storage.open(name, "rb") as file:
        return file.read()


def words_of(student: Student, quote: str, path: tuple[tuple[str, str], ...] = ()) -> cards.Words:
    promotion = student.promotion
    with translation.override(LANGUAGE):
        called = _("Promotion %(name)s") % {"name": promotion.name}
    return cards.Words(
        first_name=student.first_name,
        last_name=student.last_name,
        promotion=called,
        track=promotion.track.name,
        quote=quote,
        hashtag=promotion.hashtag,
        path=path,
        language=LANGUAGE,
        school=settings.SCHOOL_NAME,
    )


def names_of(student: Student) -> str:
    """The names that stand on a card: once one of them is another, what was approved must not go out."""
    return f"{student.first_name} {student.last_name} · {student.promotion.name}"


def path_of(version: PortraitVersion) -> tuple[tuple[str, str], ...]:
    """(heading, text): paragraphs of the signed text, shortened at the end of a sentence where all is too long.

    A paragraph that is the student's answer word for word has its question as heading; nothing is said that was not signed.
    """
    own_words = version.portrait.own_words
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", version.text) if part.strip()]
    with translation.override(LANGUAGE):
        headings = {
            own_words[question.key].strip(): str(question.label) for question in version.portrait.questions
        }
    return tuple((headings.get(whole, ""), part) for whole, part in _fitting(paragraphs))


def _fitting(paragraphs: list[str]) -> list[tuple[str, str]]:
    """(whole paragraph, what of it is shown): as many as fit, each with its first sentences."""
    share = PART_LIMIT
    if sum(map(len, paragraphs)) > PATH_LIMIT:
        paragraphs = paragraphs[: PATH_LIMIT // SHORTEST_PART]
        share = PATH_LIMIT // len(paragraphs)
    return [(whole, _first_sentences(whole, share)) for whole in paragraphs]


def _carousel(photo: bytes | None, words: cards.Words, style: cards.Style) -> cards.Carousel:
    """With as much of the way as fits: what is measured in characters may still be wider than most."""
    while True:
        try:
            return cards.carousel(photo, words, style)
        except cards.CardRefused as refused:
            if refused.code != "path-too-long" or not words.path:
                raise
        *others, (heading, text) = words.path
        last = () if others else ((heading, _first_sentences(text, len(text) // 2)),)
        words = replace(words, path=(*others, *last))


def _first_sentences(text: str, limit: int) -> str:
    """As many whole sentences as `limit` characters hold; where the first is longer, as many words of it, and an ellipsis."""
    if len(text) <= limit:
        return text
    ends = [match.start() for match in SENTENCE_END.finditer(text) if match.start() <= limit]
    if ends:
        return text[: ends[-1]].rstrip()
    return text[: limit - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
