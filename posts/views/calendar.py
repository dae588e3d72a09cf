"""The calendar of both groups: month, week and list; and moving a post to another moment."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, require
from inet_comms.moments import said, said_date

from .. import actions, clashes, permissions
from ..agenda import agenda, span
from ..forms.moving import MoveForm
from ..models import Post
from ..verdicts import of_the_group, verdicts
from .desk import on_desk

VIEWS = {"month": gettext_lazy("Month"), "week": gettext_lazy("Week"), "list": gettext_lazy("List")}


@require_safe
@login_required
def calendar(request):
    """What goes out and went out on the school’s pages, with what else happens. Of the other group only titles and moments."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    view = _view(request) or ("list" if _is_phone(request) else "month")
    kept = {name: request.GET[name] for name in ("promotion", "network") if request.GET.get(name)}
    found = span(view, _day(request.GET.get("day", "")))
    shown = agenda(found, request.user, **kept)

    def address(**changes):
        query = {"view": view, "day": found.day.isoformat(), **kept, **changes}
        return reverse("calendar", query={name: value for name, value in query.items() if value})

    return render(
        request,
        "posts/calendar.html",
        {
            "title": _title(found),
            "view": view,
            "agenda": shown,
            "is_filtered": bool(kept),
            "all_url": address(promotion="", network=""),
            "previous_url": address(day=found.previous.isoformat()),
            "next_url": address(day=found.next.isoformat()),
            "today_url": address(day=""),
            "list_url": address(view="list", day=""),
            "views": [(label, address(view=name), name == view) for name, label in VIEWS.items()],
            "promotions": [
                (one, address(promotion=one.slug), one.slug == kept.get("promotion"))
                for one in shown.promotions
            ],
            "networks": [
                (name, address(network=key), key == kept.get("network")) for key, name in shown.networks
            ],
        },
    )


def _view(request):
    return request.GET.get("view") if request.GET.get("view") in VIEWS else ""


def _is_phone(request):
    """What the browser says of itself; whoever is mistaken for one chooses the month."""
    return request.headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in request.headers.get("User-Agent", "")


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


def _title(found):
    if found.view == "month":
        return said_date(found.day, "F Y").capitalize()
    if found.view == "week":
        return _("Week of %(day)s") % {"day": said_date(found.first, _("F j, Y"))}
    return _("From %(day)s") % {"day": said_date(found.first, _("F j, Y"))}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move(request, pk):
    """Another day or time for a post; says first what that voids. `?day=` is where it was dropped, `?view=` where they come from."""
    post = get_object_or_404(on_desk(request.user), pk=pk)
    require(permissions.can_write(request.user, post))
    if post.state not in Post.OPEN:
        messages.warning(request, _("This post is out or cancelled: it has no moment to choose any more."))
        return redirect(post)
    if request.method != "POST":
        return _show(request, post, MoveForm(initial=_initial(post, request.GET.get("day", ""))))
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _show(request, post, form, status=422)
    against = clashes.open_at(post, form.moment)
    if against and form.cleaned_data["seen"] != clashes.signature(against):
        return _show(request, post, form, against, status=422)
    try:
        moved = actions.reschedule(
            post, publish_at=form.moment, read=form.cleaned_data["version"], by=request.user
        )
    except MoveRefused as refused:
        form.data = form.data.copy()
        form.data["version"] = get_object_or_404(on_desk(request.user), pk=pk).version
        form.add_error(None, refused.for_people)
        return _show(request, post, form, status=422)
    messages.success(request, _said(moved))
    return redirect(_back(request, timezone.localdate(moved.publish_at)))


def _back(request, day):
    """The view they come from, on this day."""
    view = {"view": _view(request)} if _view(request) else {}
    return reverse("calendar", query={**view, "day": day.isoformat()})


def _initial(post, day):
    local = timezone.localtime(post.publish_at) if post.publish_at else None
    return {
        "version": post.version,
        "day": _day(day) if day or local is None else local.date(),
        "time": local.time() if local else None,
    }


def _said(post):
    moment = {"moment": said(post.publish_at)}
    if post.state == Post.State.IN_REVIEW:
        return _("Moved to %(moment)s. The staff are asked to approve this moment.") % moment
    if of_the_group(verdicts(post)):
        sentence = _(
            "Moved to %(moment)s. Rules of the school are against it: open the post and settle them before you ask for approval."
        )
        return sentence % moment
    return _("Moved to %(moment)s.") % moment


def _show(request, post, form, against=(), status=200):
    day = _day(
        form["day"].value().isoformat()
        if hasattr(form["day"].value(), "isoformat")
        else str(form["day"].value())
    )
    return render(
        request,
        "posts/move.html",
        {
            "post": post,
            "form": form,
            "calendar_url": _back(request, day),
            "moment": said(post.publish_at) if post.publish_at else "",
            "against": against,
            "seen": clashes.signature(against),
        },
        status=status,
    )
