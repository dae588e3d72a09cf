"""The cards of one portrait, wherever a page shows them."""

from django import template

from ..sketches import sketches_of

register = template.Library()


@register.inclusion_tag("portraits/_cards.html")
def cards_of(portrait, version=None):
    """All that can be made of its present version (`version`, if it was read already): look, description, file."""
    return {"cards": sketches_of(portrait, version)}


@register.inclusion_tag("portraits/_card_to_sign.html")
def card_to_sign(portrait):
    """The card and the carousel that would go out, for the person whose name stands on them."""
    return {"cards": sketches_of(portrait)[::2]}
