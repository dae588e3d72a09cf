"""What LinkedIn would refuse, found offline: text, pictures, a document, an article.

Contract: learn.microsoft.com/linkedin/marketing (posts, images, documents, articles). What is not documented says so.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..base import Content, Document, Image, Limits, Link, Problem
from ..words import tidy, units
from . import littletext

LIMITS = Limits(
    text=3000,
    images=20,
    alt=4086,
    # UNVERIFIED: LinkedIn states none; it is said to refuse with 413 above an unknown size. Our pictures are far below.
    image_bytes=8_000_000,
    image_pixels=36_152_319,
    image_types=("image/jpeg", "image/png", "image/gif"),
)
TEXT_MARGIN = 100
"""How LinkedIn counts is not documented: so near the limit, it may count more than we do."""
DOCUMENT_BYTES = 100_000_000
DOCUMENT_PAGES = 300
TITLE_LIMIT = 400
"""UNVERIFIED, as is the next: what others found to be taken."""
DESCRIPTION_LIMIT = 4000
ADDRESS = re.compile(r"https?://[^\s/?#]+\S*")


def length(text: str) -> int:
    """Of the text as it is sent, escapes included."""
    return units(littletext.escape(text))


def problems_of(content: Content, limits: Limits) -> list[Problem]:
    problems = _of_text(content.text, limits)
    if bool(content.images) + bool(content.document) + bool(content.link) > 1:
        sentence = _("LinkedIn shows pictures, or a document, or a link. Keep one of them.")
        problems.append(Problem("one-attachment", sentence))
    if len(content.images) > limits.images:
        sentence = ngettext_lazy(
            "LinkedIn shows at most %(count)d picture. Remove some.",
            "LinkedIn shows at most %(count)d pictures. Remove some.",
            "count",
        )
        problems.append(Problem("too-many-images", sentence % {"count": limits.images}))
    for image in content.images:
        problems += _of_alt(image, limits) + _of_picture(image, limits)
    if content.document is not None:
        problems += _of_document(content.document)
    if content.link is not None:
        problems += _of_link(content.link, limits)
    return problems


def _of_text(text: str, limits: Limits) -> list[Problem]:
    if not tidy(text).strip():
        return [Problem("empty", _("The text is empty. Write what people should read."))]
    over = length(text) - limits.text
    if over > 0:
        sentence = ngettext_lazy(
            "The text is %(count)d character too long for LinkedIn. Shorten it.",
            "The text is %(count)d characters too long for LinkedIn. Shorten it.",
            "count",
        )
        return [Problem("too-long", sentence % {"count": over})]
    if over > -TEXT_MARGIN:
        sentence = _(
            "The text is about as long as LinkedIn takes. Shorten it a little to be on the safe side."
        )
        return [Problem("nearly-too-long", sentence, is_warning=True)]
    return []


def _of_alt(image: Image, limits: Limits) -> list[Problem]:
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        return [Problem("no-alt", sentence)]
    if units(image.alt) > limits.alt:
        sentence = _("The description of the picture is too long for LinkedIn. A sentence or two is enough.")
        return [Problem("alt-too-long", sentence)]
    return []


def _of_picture(image: Image, limits: Limits) -> list[Problem]:
    problems = []
    if image.content_type not in limits.image_types:
        sentence = _("LinkedIn takes JPEG, PNG and GIF pictures only. Choose another picture.")
        problems.append(Problem("image-type", sentence))
    if image.width * image.height > limits.image_pixels or len(image.data) > limits.image_bytes:
        sentence = _("The picture is too large for LinkedIn. Choose a smaller one.")
        problems.append(Problem("image-too-large", sentence))
    return problems


def _of_document(document: Document) -> list[Problem]:
    problems = _of_title(
        document.title, _("The document has no title. Write the one that LinkedIn shows under it.")
    )
    if document.pages > DOCUMENT_PAGES:
        sentence = _("LinkedIn takes documents of at most 300 pages. Shorten this one.")
        problems.append(Problem("document-too-many-pages", sentence))
    if document.size > DOCUMENT_BYTES:
        sentence = _("LinkedIn takes documents of at most 100 MB. Make this one smaller.")
        problems.append(Problem("document-too-large", sentence))
    return problems


def _of_link(link: Link, limits: Limits) -> list[Problem]:
    problems = _of_title(
        link.title, _("The link has no title. Write one: LinkedIn does not read the page behind it.")
    )
    if not ADDRESS.fullmatch(link.url):
        problems.append(
            Problem("link-address", _("This address cannot be opened. It must begin with https://."))
        )
    if units(link.description) > DESCRIPTION_LIMIT:
        sentence = _("The description of the link is too long for LinkedIn. A sentence or two is enough.")
        problems.append(Problem("description-too-long", sentence))
    if link.thumbnail is not None:
        problems += _of_picture(link.thumbnail, limits)
    return problems


def _of_title(title: str, sentence: str | Promise) -> list[Problem]:
    if not tidy(title).strip():
        return [Problem("no-title", sentence)]
    if units(title) > TITLE_LIMIT:
        return [Problem("title-too-long", _("The title is too long for LinkedIn. Shorten it."))]
    return []
