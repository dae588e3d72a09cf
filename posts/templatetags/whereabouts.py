"""Where a portrait is online, for the student's own pages: `{% whereabouts portrait as there %}`, then `there|on:"linkedin"`."""

from django import template

from ..whereabouts import Whereabouts

register = template.Library()


@register.simple_tag
def whereabouts(portrait):
    """All its sendings: see posts/whereabouts.py."""
    return Whereabouts(portrait)


@register.filter
def on(there, network):
    """Those on one network."""
    return there.on(network)
