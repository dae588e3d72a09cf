"""Views."""

from django.http import Http404


def did_it_go_out(request, **kw):
    raise Http404


def answer(request, **kw):
    raise Http404
