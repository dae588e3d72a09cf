"""À faire: the home page of everyone who works here."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from cohorts.todo import Urgency

from .lifecycle import require
from .todo import todos


@never_cache
@require_safe
@login_required
def page(request):
    require(is_staff(request.user) or is_anyones_comms(request.user))
    found = todos(request.user)
    titles = {Urgency.NOW: _("Now"), Urgency.SOON: _("Soon"), Urgency.LATER: _("When you can")}
    parts = [
        {
            "slug": urgency.name.lower(),
            "title": title,
            "todos": [one for one in found if one.urgency == urgency],
        }
        for urgency, title in titles.items()
    ]
    context = {
        "parts": [part for part in parts if part["todos"]],
        "first": found[0] if found else None,
        "title_count": len(found),
    }
    return render(request, "todo.html", context)
