"""Sign in as anyone with one click, and read the mails that were sent: for demonstrations only."""

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cohorts.models import User

from . import letters
from .page import VANITY
from .roles import roles

SHOWN = 50


@require_safe
@never_cache
def people(request):
    """The doors: one card a role."""
    context = {
        "roles": roles(),
        "page_url": f"{settings.REHEARSAL_URL}/linkedin/company/{VANITY}/",
        "letters": len(letters.newest(SHOWN)),
    }
    return render(request, "demo/people.html", context)


@require_POST
def enter(request, pk):
    """Become this person. There is no such address outside demo mode."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    # A consent that is given now says how its author had signed in.
    record_authentication(request, user, method="demo")
    return redirect("home")


@require_safe
@never_cache
def mailbox(request):
    """The mails that would have been sent, newest first."""
    return render(request, "demo/mailbox.html", {"letters": letters.newest(SHOWN)})


@require_safe
@never_cache
def letter(request, name):
    """One mail, as plain text."""
    found = letters.find(name)
    if found is None:
        raise Http404
    return render(request, "demo/letter.html", {"letter": found})
