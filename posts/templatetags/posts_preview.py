"""How a text will look on a network: folded where the network folds it, hashtags alive."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from ..networks.linkedin import FOLD, littletext

register = template.Library()


@register.simple_tag
def network_words(text, network):
    """The text as on this network; on LinkedIn (also if none is named) what stands before "…see more", the rest behind it."""
    text = (text or "").strip()
    if len(text) <= FOLD + 40 or network not in ("linkedin", "", None):
        return _with_hashtags(text)
    cut = text.rfind(" ", 0, FOLD)
    cut = FOLD if cut < 0 else cut
    return format_html(
        "{}<details><summary>{}</summary>{}</details>",
        _with_hashtags(text[:cut]),
        _("…see more"),
        _with_hashtags(text[cut:]),
    )


def _with_hashtags(text):
    pieces, end = [], 0
    for match in littletext.HASHTAG.finditer(text):
        pieces += [("", text[end : match.start()]), ("hashtag", match[0])]
        end = match.end()
    return format_html_join("", '<span class="{}">{}</span>', [*pieces, ("", text[end:])])
