"""Whose phone this is, and whether it may keep the form: for templates/portraits/mine/_phone.html."""

from django import template
from django.conf import settings

from .. import phones, photo_doctor

register = template.Library()


@register.simple_tag(takes_context=True)
def phone_owner(context):
    return phones.owner(context["request"].user)


@register.simple_tag
def is_kept_on_phones():
    return settings.OFFLINE_FORM


@register.simple_tag
def what_the_doctor_measures():
    return photo_doctor.for_script()
