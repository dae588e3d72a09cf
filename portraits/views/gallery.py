"""Views."""

from django.http import Http404


def home(request, **kw):
    raise Http404


def portraits(request, **kw):
    raise Http404


def promotion(request, **kw):
    raise Http404


def portrait(request, **kw):
    raise Http404


def colours(request, **kw):
    raise Http404
