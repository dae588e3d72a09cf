"""Mes notifications: how one wishes to be told of each kind of thing; and the link in a mail that switches a kind off."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cohorts.forms import PreferencesForm
from cohorts.kinds import How, kinds_of
from cohorts.notifying import choose, chosen, hows, read_way_out, switch_off
from cohorts.permissions import is_anyones_comms, is_staff

from .lifecycle import require

either = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@either
@login_required
def notifications(request):
    user = request.user
    require(is_staff(user) or is_anyones_comms(user))
    form = PreferencesForm(hows(user), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        choose(user, form.wishes)
        messages.success(request, _("Noted: your choice holds from now on."))
        return redirect("notifications")
    context = {"form": form, "fixed": [kind for kind in kinds_of(user) if kind.is_fixed]}
    return render(request, "notifications.html", context, status=422 if form.is_bound else 200)


@never_cache
@csrf_exempt
@either
def off(request, token):
    """Without signing in. Mail programs post here by themselves (RFC 8058), hence no CSRF token: the link is the proof."""
    found = read_way_out(token)
    if found is None:
        return render(request, "notices_off.html", {"refused": True}, status=404)
    user, kind = found
    if request.method == "POST":
        switch_off(user, kind)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    is_off = chosen([user], [kind]).get((user.pk, kind.slug)) == How.OFF
    return render(request, "notices_off.html", {"kind": kind, "is_off": is_off, "person": user})
