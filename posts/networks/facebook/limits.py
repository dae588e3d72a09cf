"""What a Facebook page may hold, and what would be refused, found offline."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..base import Content, Image, Limits, Problem
from ..words import tidy, units

TEXT_LIMIT = 63_206
"""As widely quoted; Facebook's reference does not say, nor in which unit. UTF-16 units are never too few."""
ALT_LIMIT = 1000
"""Facebook states none."""
BYTE_LIMIT = 4_000_000
"""10 MB by the reference, 4 MB by one of its messages."""
PIXEL_LIMIT = 36_000_000
"""Facebook states none. Our pictures are far below."""
MOST_IMAGES = 10
"""As others found; not in the reference."""
IMAGE_TYPES = ("image/jpeg",)
LIMITS = Limits(TEXT_LIMIT, MOST_IMAGES, ALT_LIMIT, BYTE_LIMIT, PIXEL_LIMIT, IMAGE_TYPES)
NO_DOCUMENT = _("Facebook shows no documents. Add their pages as pictures, or leave this page out.")


def length(text: str) -> int:
    return units(tidy(text))


def check(content: Content, limits: Limits) -> list[Problem]:
    problems = []
    if not tidy(content.text).strip():
        problems.append(Problem("empty", _("The text is empty. Write what people should read.")))
    if (over := length(content.text) - limits.text) > 0:
        sentence = ngettext_lazy(
            "The text is %(count)d character too long for Facebook. Shorten it.",
            "The text is %(count)d characters too long for Facebook. Shorten it.",
            "count",
        )
        problems.append(Problem("too-long", sentence % {"count": over}))
    if content.document:
        problems.append(Problem("document", NO_DOCUMENT))
    if len(content.images) > limits.images:
        problems.append(Problem("too-many-images", _("Facebook shows at most ten pictures. Remove some.")))
    for image in content.images:
        problems += _check_image(image, limits)
    return problems + _check_link(content)


def _check_image(image: Image, limits: Limits) -> list[Problem]:
    problems = []
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        problems.append(Problem("no-alt", sentence))
    if units(image.alt) > limits.alt:
        sentence = _("The description of the picture is too long for Facebook. A sentence or two is enough.")
        problems.append(Problem("alt-too-long", sentence))
    if image.content_type not in limits.image_types:
        sentence = _("Facebook is given JPEG pictures only. Choose another picture.")
        problems.append(Problem("image-type", sentence))
    if image.width * image.height > limits.image_pixels or len(image.data) > limits.image_bytes:
        sentence = _("The picture is too large for Facebook. Choose a smaller one.")
        problems.append(Problem("image-too-large", sentence))
    return problems


def _check_link(content: Content) -> list[Problem]:
    if content.link is None:
        return []
    if not re.fullmatch(r"https?://[^\s/?#.]+\.[^\s]+", content.link.url):
        return [Problem("link", _("The link is not a web address. Write it whole, from https:// on."))]
    if content.images and content.link.url not in content.text:
        sentence = _(
            "Facebook shows either pictures or a link. Put the link into the text, or remove the pictures."
        )
        return [Problem("link-and-images", sentence)]
    return []
