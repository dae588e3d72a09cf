"""The words that a post of another kind than a portrait begins with, on each network as that network is read."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from inet_comms.moments import said

from .models import Account, Post
from .shortening import shortened

BRIEF = frozenset({"x", "bluesky", "mastodon"})
"""Read in passing: the title, when and where, the link. Elsewhere the text stands in full."""


def piece_words(post: Post, account: Account) -> str:
    """Title, text, who, when and where, partners, link, hashtags; as many sentences of the text as the page holds.

    In French: it is what goes out, whatever the language of whoever writes.
    """
    with override("fr"):
        piece, promotion = post.piece, post.promotion
        tags = [promotion.hashtag, promotion.track.hashtag, piece.event.hashtag if piece.event else ""]
        hashtags = " ".join(dict.fromkeys(filter(None, tags)))
        is_brief = account.network in BRIEF
        about = [_when_and_where(piece), "" if is_brief else _who(post), "" if is_brief else _with(piece)]

        def whole(text: str) -> str:
            parts = [piece.title, "" if is_brief else text.strip(), *about, piece.link, hashtags]
            return "\n\n".join(filter(None, parts))

        return shortened(piece.text, whole, account)


def _when_and_where(piece) -> str:
    moment = said(piece.happens_at) if piece.happens_at else ""
    place = piece.place or (piece.event.place if piece.event else "")
    return " · ".join(filter(None, [piece.module, moment, place]))


def _who(post: Post) -> str:
    people = [", ".join(filter(None, [one.name, one.role])) for one in post.named.all()]
    return _("With %(people)s.") % {"people": " ; ".join(people)} if people else ""


def _with(piece) -> str:
    return _("In partnership with %(partners)s.") % {"partners": piece.partners} if piece.partners else ""
