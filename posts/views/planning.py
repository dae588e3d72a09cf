"""The plan of the portraits to come: laid by the machine, changed by people, put into effect by one button."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cohorts.permissions import is_comms
from inet_comms.lifecycle import MoveRefused, require
from inet_comms.moments import said
from portraits.views.choosing import choose

from .. import actions
from ..campaign import material_of
from ..planning import lay


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan(request):
    """Show the plan and why; lock a line, put a portrait elsewhere, plan anew around it, or date the drafts by it."""
    chosen = choose(request, "plan")
    may_apply = chosen.promotion is not None and is_comms(request.user, chosen.promotion)
    material = material_of(chosen.promotion) if chosen.promotion else None
    if request.method != "POST":
        return _show(request, chosen, material, may_apply, {})
    require(may_apply)
    if request.POST.get("do") == "apply":
        return _apply(request, chosen, material)
    locked = _pairs(request.POST.getlist("lock"))
    if request.POST.get("do") == "move":
        locked |= _moved(request, material, locked)
    return _show(request, chosen, material, may_apply, locked)


def _pairs(texts):
    """Key of the place by portrait, of “12 2026-…”; what is no such pair is left out."""
    pairs = (text.split(" ", 1) for text in texts if " " in text)
    return {int(pk): key for pk, key in pairs if pk.isdecimal()}


def _moved(request, material, locked):
    """Whom they put elsewhere; whoever was locked there makes room."""
    pairs = _pairs([f"{request.POST.get('who', '')} {request.POST.get('to', '')}"])
    known = {one.pk: one for one in material.candidates}
    places = {one.key: one for one in material.places}
    pairs = {pk: key for pk, key in pairs.items() if pk in known and key in places}
    if not pairs:
        messages.warning(request, _("Choose a portrait and a slot, then put it there."))
    for pk, key in list(pairs.items()):
        if not known[pk].pages & places[key].pages:
            messages.warning(
                request,
                _("%(name)s does not allow the page of this slot: choose another one.")
                % {"name": known[pk].name},
            )
            del pairs[pk]
    for pk, key in list(locked.items()):
        if key in pairs.values():
            del locked[pk]
    return pairs


def _apply(request, chosen, material):
    """What was before their eyes, line by line: one that cannot be had any more holds up no other."""
    done, known = 0, {one.pk: one for one in material.candidates}
    for pk, key in _pairs(request.POST.getlist("line")).items():
        there = [
            one
            for one in material.occasions.get(key, ())
            if pk in known and one.slot.account_id in known[pk].pages
        ]
        if not there:
            messages.warning(
                request, _("One line has changed meanwhile and was left out: look at the new plan.")
            )
            continue
        try:
            actions.plan_portrait(material.portraits[pk], there[0], by=request.user)
            done += 1
        except MoveRefused as refused:
            messages.warning(request, f"{known[pk].name} · {refused.for_people}")
    if done:
        said_done = ngettext("%(count)d portrait is planned.", "%(count)d portraits are planned.", done)
        messages.success(request, said_done % {"count": done})
    return redirect(reverse("plan", query={"promotion": chosen.promotion.slug}))


def _show(request, chosen, material, may_apply, locked):
    made = lay(material.candidates, material.places, locked) if material else None
    return render(
        request,
        "posts/plan.html",
        {
            "chosen": chosen,
            "promotion": chosen.promotion,
            "switcher": chosen.switcher,
            "may_apply": may_apply,
            "plan": made,
            "material": material,
            "lines": [(line, material.reasons(line)) for line in made.lines] if made else [],
            "places": [(place.key, said(place.moment)) for place in material.places] if made else [],
            "sharing_url": reverse("sharing"),
        },
    )
