"""Who can be recognised in a portrait's photo, and in which photos one can be recognised oneself."""

from django import template

from ..likeness import path
from ..models import Appearance

register = template.Library()


@register.simple_tag
def people_in(portrait):
    """Those tied to the photo that the portrait has now."""
    if portrait.photo_id is None:
        return []
    return list(Appearance.objects.in_photo_of(portrait).filter(portrait=portrait).select_related("student"))


@register.simple_tag
def my_appearances(user):
    """(appearance, address where it is answered and taken back), newest first."""
    found = Appearance.objects.of(user).select_related("portrait__student", "student")
    return [(appearance, path(appearance)) for appearance in found]
