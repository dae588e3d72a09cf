"""The calendar for programmes that read iCalendar: each person’s own address, and the public one."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import require

from .. import actions, ics
from ..models import CalendarFeed


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def subscription(request):
    """One’s own address, made when it is asked for; POST makes it, or another one in its place."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    feed = CalendarFeed.objects.filter(user=request.user).first()
    if request.method == "POST":
        if feed is None:
            actions.subscribe(by=request.user)
        else:
            actions.renew(by=request.user)
            messages.success(request, _("Here is your new address. The one before opens nothing any more."))
        return redirect("calendar_subscription")
    return render(
        request,
        "posts/subscription.html",
        {
            "feed": feed,
            "address": settings.PUBLIC_URL + ics.path(feed) if feed else "",
            "public_address": settings.PUBLIC_URL + reverse("public_calendar"),
        },
    )


@require_safe
def personal(request, token):
    """What this address opens today: rights are looked up at each reading, so it ends with the mandate."""
    feed = ics.read(token)
    if feed is None:
        raise Http404
    now = timezone.now()
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    response = _answer(ics.personal(feed.user, now), "private, max-age=300")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def public(request):
    return _answer(ics.published(), "public, max-age=300")


def _answer(data, cache):
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = cache
    response["X-Robots-Tag"] = "noindex"
    return response
