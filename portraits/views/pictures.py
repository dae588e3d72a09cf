"""Views."""

from django.http import Http404


def picture(request, **kw):
    raise Http404
