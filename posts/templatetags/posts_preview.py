"""How a text will look on a network: folded where the network folds it, hashtags alive; and how long it is on each page."""

from dataclasses import dataclass

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from ..actions.writing import opening_words
from ..models import Account
from ..networks.linkedin import FOLD, littletext

register = template.Library()
FOLDS = {"linkedin": FOLD, "facebook": 477, "x": 280}
"""Characters before “…see more”, on a desk. Nobody but the networks knows exactly: docs/networks.md."""
LINES, LINE = {"linkedin": 3}, 70
"""Lines before it, where those are counted too, and about how many characters one holds."""
NEARLY = 40
"""A text that is only this much longer is shown whole."""


@register.simple_tag
def network_words(text, network):
    """The text as on this network (LinkedIn if none is named), with a mark where the rest is folded away.

    Without a script all of it is shown and the mark says where the fold is; `preview.js` folds it.
    """
    text = (text or "").strip()
    place = fold_of(text, network or "linkedin")
    if place is None:
        return _with_hashtags(text)
    return format_html(
        '{}<span class="fold-mark">{}</span><button type="button" class="unfold" data-unfold aria-expanded="false">{}</button>'
        '<span class="after-fold">{}</span>',
        _with_hashtags(text[:place]),
        _("here it folds: “…see more”"),
        _("…see more"),
        _with_hashtags(text[place:]),
    )


def fold_of(text: str, network: str) -> int | None:
    """Where the network folds this text, between two words; None where it shows all of it."""
    most = FOLDS.get(network)
    if most is None:
        return None
    place = min(most, _end_of_lines(text, LINES.get(network)))
    if len(text) <= place + NEARLY:
        return None
    cut = max(text.rfind(" ", 0, place + 1), text.rfind("\n", 0, place + 1))
    return cut if cut > 0 else place


def _end_of_lines(text: str, lines: int | None) -> int:
    """Where so many lines on the screen end; the end of the text where lines are not counted, or fewer."""
    if lines is None:
        return len(text)
    place = 0
    for line in text.split("\n"):
        needed = max(1, -(-len(line) // LINE))
        if needed >= lines:
            return place + min(len(line), lines * LINE)
        lines -= needed
        place += len(line) + 1
    return len(text)


@dataclass
class OnPage:
    """How long one page counts the words for it."""

    account: Account
    length: int
    is_shortened: bool

    @property
    def limit(self) -> int:
        return self.account.limits.text

    @property
    def is_over(self) -> bool:
        return self.length > self.limit


@register.simple_tag
def lengths_on_pages(portrait, post):
    """The words of the post on each of its pages; without a post, those that each page it may go to would begin with."""
    if post is not None:
        written = [(variant.account, variant.text) for variant in post.variants.select_related("account")]
    else:
        written = [
            (account, opening_words(portrait, account))
            for account in Account.objects.all()
            if portrait.consent and portrait.consent.allows(account.network)
        ]
    return [
        OnPage(
            account,
            account.connector.length(text, account.limits),
            is_shortened=post is None and portrait.text.strip() not in text,
        )
        for account, text in written
    ]


def _with_hashtags(text):
    pieces, end = [], 0
    for match in littletext.HASHTAG.finditer(text):
        pieces += [("", text[end : match.start()]), ("hashtag", match[0])]
        end = match.end()
    return format_html_join("", '<span class="{}">{}</span>', [*pieces, ("", text[end:])])
