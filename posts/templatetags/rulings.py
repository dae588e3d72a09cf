"""The school's rules for a page, line by line."""

from django import template

from ..policy_words import in_words

register = template.Library()
register.filter("in_words", in_words)
