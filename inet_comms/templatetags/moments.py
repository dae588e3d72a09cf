"""Moments in templates: `{{ post.publish_at|said }}`."""

from django import template

from .. import moments

register = template.Library()


@register.filter
def said(value):
    """“mardi 3 mars à 8 h 30”; nothing for nothing."""
    return moments.said(value) if value else ""


@register.filter
def said_time(value):
    """“8 h 30”; nothing for nothing."""
    return moments.said_time(value) if value else ""


@register.filter
def said_day(value):
    """“mardi 3 mars”; nothing for nothing."""
    return moments.said_day(value) if value else ""


@register.filter
def said_wall(value):
    """“8 h 30” of a time on the wall, whatever the day."""
    return moments.said_wall(value)
