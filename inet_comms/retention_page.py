"""*Ce que nous gardons*: the rules of retention as everyone may read them."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from .retention import policy
from .retention_words import chapters


@require_safe
def page(request):
    """From the very data that the nightly job applies."""
    return render(request, "retention.html", {"chapters": chapters(policy())})
