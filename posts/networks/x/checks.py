"""What X would refuse, found offline, and what people should know before: what a link costs, for example."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..base import Content, Image, Limits, Problem
from . import text as words

NO_DOCUMENT = _("X shows no documents. Add its pages as pictures instead.")


def problems_of(content: Content, limits: Limits) -> list[Problem]:
    text = words.outgoing(content)
    problems = [*_in_length(text, limits), *_in_words(text)]
    if content.document is not None:
        problems.append(Problem("no-document", NO_DOCUMENT))
    if len(content.images) > limits.images:
        sentence = ngettext_lazy(
            "X shows at most %(count)d picture. Remove some.",
            "X shows at most %(count)d pictures. Remove some.",
            "count",
        )
        problems.append(Problem("too-many-images", sentence % {"count": limits.images}))
    for image in content.images:
        problems += _in_image(image, limits)
    return problems


def _in_length(text: str, limits: Limits) -> list[Problem]:
    if not text:
        return [Problem("empty", _("The text is empty. Write what people should read."))]
    over = words.weight(text) - limits.text
    if over <= 0:
        return []
    sentence = ngettext_lazy(
        "The text is %(count)d character too long for X. Shorten it.",
        "The text is %(count)d characters too long for X. Shorten it.",
        "count",
    )
    return [Problem("too-long", sentence % {"count": over})]


def _in_words(text: str) -> list[Problem]:
    problems = []
    if len(words.CASHTAG.findall(text)) > 1:
        sentence = _("X takes at most one word that begins with $. Write the others without it.")
        problems.append(Problem("cashtags", sentence))
    if link := next(iter(words.links(text)), ""):
        sentence = _(
            "“%(link)s” counts as a link: with one, this post costs $0.200 instead of $0.015 (prices of X, August 2026)."
        )
        problems.append(Problem("link-costs", sentence % {"link": link}, is_warning=True))
    if mention := words.MENTION.search(text):
        sentence = _("X may refuse a post in which a program names another account, here “%(mention)s”.")
        problems.append(Problem("mention", sentence % {"mention": mention[0]}, is_warning=True))
    return problems


def _in_image(image: Image, limits: Limits) -> list[Problem]:
    problems = []
    if not image.alt.strip():
        sentence = _("The picture has no description. Write one for those who cannot see it.")
        problems.append(Problem("no-alt", sentence))
    if len(words.tidy(image.alt).encode("utf-16-le")) // 2 > limits.alt:
        sentence = _("The description of the picture is too long for X. A sentence or two is enough.")
        problems.append(Problem("alt-too-long", sentence))
    if image.content_type not in limits.image_types:
        sentence = _("X takes JPEG, PNG and WebP pictures only. Choose another picture.")
        problems.append(Problem("image-type", sentence))
    if image.width * image.height > limits.image_pixels or len(image.data) > limits.image_bytes:
        sentence = _("The picture is too large for X. Choose a smaller one.")
        problems.append(Problem("image-too-large", sentence))
    return problems
