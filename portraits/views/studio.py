"""Views."""

from django.http import Http404


def board(request, **kw):
    raise Http404


def invite(request, **kw):
    raise Http404


def studio(request, **kw):
    raise Http404


def reframe(request, **kw):
    raise Http404


def act(request, **kw):
    raise Http404
