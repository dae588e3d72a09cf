"""While the studio is open: unsaved words kept, who else is there, whether another version was saved meanwhile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inet_comms.lifecycle import MoveRefused, require
from inet_comms.moments import said_time

from .. import actions, permissions
from ..forms.studio import WORDS, KeepForm
from ..words import shortened
from . import beside
from .reading import differences
from .studio import on_the_desk_of, whole


@require_POST
@login_required
def keep(request, pk):
    """JSON for the editor: the words are kept, what there is to say about them, what was saved meanwhile. Or drop them."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    if "drop" in request.POST:
        actions.drop_words(portrait, by=request.user)
        messages.info(request, _("Your unsaved words are dropped."))
        return redirect("studio", pk)
    form = KeepForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"note": " ".join(sum(form.errors.values(), []))}, status=422)
    try:
        kept = actions.keep_words(portrait, words=form.words, read=form.read, by=request.user)
    except MoveRefused as refused:
        return JsonResponse({"note": refused.for_people}, status=409)
    return JsonResponse(
        {
            "note": _said_kept(kept),
            "hints": _part("hints", hints=beside.style_hints(portrait, form.words)),
            "comparison": _part("comparison", comparison=beside.comparison(portrait, _as_saved(form.words))),
            "newer": _newer(portrait, form.cleaned_data["version"]),
        }
    )


def _said_kept(kept):
    if kept is None:
        return ""
    return _("Kept at %(time)s, not saved yet.") % {"time": said_time(kept.at)}


def _as_saved(words):
    return {name: text.strip() for name, text in words.items()}


@require_POST
@login_required
def here(request, pk):
    """JSON for the open page: who else is here, and whether another version was saved meanwhile. `leaving`: it closes."""
    portrait = get_object_or_404(on_the_desk_of(request.user), pk=pk)
    if "leaving" in request.POST:
        actions.leave(portrait, by=request.user)
        return HttpResponse(status=204)
    actions.be_here(portrait, is_typing="typing" in request.POST, by=request.user)
    others = portrait.presences.here(timezone.now(), besides=request.user)
    read = request.POST.get("version", "")
    newer = _newer(portrait, int(read)) if read.isdecimal() else ""
    return JsonResponse({"here": _part("here", others=others), "newer": newer})


def _newer(portrait, read):
    """What was saved since the version that they have before their eyes; empty if nothing was."""
    if portrait.version <= read:
        return ""
    known = portrait.versions.filter(number=read).first()
    newest = portrait.versions.select_related("by").filter(number=portrait.version).first()
    now = {name: getattr(portrait, name) for name in WORDS}
    changes = [(label, shortened(diff)) for label, diff in differences(known, now)] if known else []
    is_reframed = known is not None and known.photo_id != portrait.photo_id
    return _part("newer", newest=newest, changes=changes, is_reframed=is_reframed)


def _part(name, **context):
    return render_to_string(f"portraits/studio_{name}.html", context)
