"""Views."""

from django.http import Http404


def overview(request, **kw):
    raise Http404


def question(request, **kw):
    raise Http404


def facts(request, **kw):
    raise Http404


def photo(request, **kw):
    raise Http404


def hand_in(request, **kw):
    raise Http404


def sign(request, **kw):
    raise Http404


def withdraw(request, **kw):
    raise Http404


def reopen(request, **kw):
    raise Http404
