"""What Bluesky would refuse, found offline."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..base import Content, Image, Limits, Link, Problem
from ..words import graphemes
from .pictures import BYTE_LIMIT, PIXEL_LIMIT
from .text import tidy

TEXT_BYTES = 3000
LIMITS = Limits(
    text=300,
    images=4,
    alt=2000,
    image_bytes=BYTE_LIMIT,
    image_pixels=PIXEL_LIMIT,
    image_types=("image/jpeg", "image/png", "image/webp"),
    repeat_seconds=86_400.0,
)
"""A picture with more bytes is made smaller when it is sent. The limit of descriptions is that of Bluesky's own app."""


def problems_of(content: Content, limits: Limits) -> list[Problem]:
    problems = _in_text(content, limits)
    if content.document is not None:
        sentence = _("Bluesky shows no documents. Add its pages as pictures instead.")
        problems.append(Problem("no-document", sentence))
    if len(content.images) > limits.images:
        sentence = ngettext_lazy(
            "Bluesky shows at most %(count)d picture. Remove some.",
            "Bluesky shows at most %(count)d pictures. Remove some.",
            "count",
        )
        problems.append(Problem("too-many-images", sentence % {"count": limits.images}))
    if content.images and content.link is not None:
        sentence = _("Bluesky shows pictures or a link card, not both. Remove one of them.")
        problems.append(Problem("pictures-and-link", sentence))
    for image in content.images:
        problems += _in_image(image, limits)
    return problems if content.link is None else problems + _in_link(content.link, limits)


def _in_text(content: Content, limits: Limits) -> list[Problem]:
    text = tidy(content.text)
    if not text and not content.images and content.link is None:
        return [Problem("empty", _("The text is empty. Write what people should read."))]
    problems = []
    if (over := graphemes(text) - limits.text) > 0:
        sentence = ngettext_lazy(
            "The text is %(count)d character too long for Bluesky. Shorten it.",
            "The text is %(count)d characters too long for Bluesky. Shorten it.",
            "count",
        )
        problems.append(Problem("too-long", sentence % {"count": over}))
    elif len(text.encode()) > TEXT_BYTES:
        sentence = _("The text has too many emoji or rare characters for Bluesky. Remove some.")
        problems.append(Problem("too-many-bytes", sentence))
    return problems


def _in_image(image: Image, limits: Limits) -> list[Problem]:
    problems = []
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        problems.append(Problem("no-alt", sentence))
    if graphemes(tidy(image.alt)) > limits.alt:
        sentence = _("The description of the picture is too long for Bluesky. A sentence or two is enough.")
        problems.append(Problem("alt-too-long", sentence))
    return problems + _in_pixels(image, limits)


def _in_pixels(image: Image, limits: Limits) -> list[Problem]:
    if image.content_type not in limits.image_types:
        sentence = _("Bluesky takes JPEG, PNG and WebP pictures only. Choose another picture.")
        return [Problem("image-type", sentence)]
    if image.width * image.height > limits.image_pixels:
        return [Problem("image-too-large", _("The picture is too large for Bluesky. Choose a smaller one."))]
    return []


def _in_link(link: Link, limits: Limits) -> list[Problem]:
    problems = [] if link.thumbnail is None else _in_pixels(link.thumbnail, limits)
    if not re.fullmatch(r"https?://[^\s/][^\s]*", link.url):
        sentence = _("The address of the link must begin with https://. Copy it from the browser.")
        problems.append(Problem("link", sentence))
    return problems
