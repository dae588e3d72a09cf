"""How cards are made and kept, and how a comms group chooses the look of its promotion's."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from cohorts.models import Promotion, User
from inet_comms.lifecycle import lock, require

from .. import permissions
from ..models import Card, CardStyle, Portrait, PortraitVersion
from ..sketches import Sketch
from .keeping import discard_cards, remove_on_commit


class NoCard(Exception):
    """There is no card of this version: it was withdrawn, or another version took its place."""


def kept_card(sketch: Sketch) -> Card | None:
    """The file of exactly this recipe, if somebody has made it already."""
    return Card.objects.filter(version=sketch.version, kind=sketch.kind, recipe=sketch.recipe).first()


def make_card(sketch: Sketch) -> Card:
    """The file of this recipe, made now unless it is there. Raises CardRefused, NoCard, OSError.

    It is drawn before anything is locked, and kept under the portrait's lock: a withdrawal came before, and nothing is kept,
    or comes after, and takes it away. Whoever was slower throws their own pixels away.
    """
    if (kept := kept_card(sketch)) is not None:
        return kept
    if not may_be_made(sketch.version.portrait, sketch.version):
        raise NoCard
    data, pages, alt_text = sketch.draw()
    with transaction.atomic():
        portrait = lock(Portrait(pk=sketch.version.portrait_id))
        if not may_be_made(portrait, sketch.version):
            raise NoCard
        if (kept := kept_card(sketch)) is not None:
            return kept
        card = Card(
            version=sketch.version,
            kind=sketch.kind,
            recipe=sketch.recipe,
            content_type=sketch.content_type,
            width=sketch.width,
            height=sketch.height,
            pages=pages,
            sha256=hashlib.sha256(data).hexdigest(),
            alt_text=alt_text,
            names=sketch.names,
        )
        card.file.save(f"card{'.pdf' if sketch.is_document else '.jpg'}", ContentFile(data), save=False)
        card.save()
        _discard_older(portrait, card)
    return card


def may_be_made(portrait: Portrait, version: PortraitVersion) -> bool:
    """Of the version being worked on or online, with an agreement that runs, and with the photo that it had when it was read."""
    is_of_today = version.number == portrait.version or version.pk == portrait.online_id
    same_photo = PortraitVersion.objects.filter(pk=version.pk, photo=version.photo_id)
    return portrait.consent_id is not None and is_of_today and same_photo.exists()


def _discard_older(portrait: Portrait, made: Card) -> None:
    """Other recipes of the same card, and cards of versions that nobody sees any more; not what was frozen for a page."""
    same = Q(version=made.version, kind=made.kind) & ~Q(recipe=made.recipe)
    past = ~Q(version__number=portrait.version) & ~Q(version=portrait.online_id)
    older = Card.objects.filter(same | past, version__portrait=portrait, deliveries__isnull=True)
    discard_cards(older)


@transaction.atomic
def set_card_style(
    promotion: Promotion, *, by: User, logo: bytes | None = None, without_logo: bool = False, **look
) -> CardStyle:
    """Choose the layout, the colours, what is said; `logo` is a clean PNG (see logos.py) that takes the place of the last one.

    Cards are made anew as somebody looks at them. What was approved before goes out as it was approved.
    """
    require(permissions.can_style_cards(by, promotion))
    style, _is_new = CardStyle.objects.select_for_update().get_or_create(promotion=promotion)
    for name, value in look.items():
        setattr(style, name, value)
    before = style.logo.name
    if logo is not None:
        style.logo.save("logo.png", ContentFile(logo), save=False)
    elif without_logo:
        style.logo = ""
    style.save()
    if before and before != style.logo.name:
        remove_on_commit(style.logo.storage, {before})
    return style
