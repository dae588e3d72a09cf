"""The comms group's pages on portraits: the board of the whole promotion, and the studio of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.models import Promotion, Student
from cohorts.permissions import is_anyones_comms, is_comms, is_staff
from inet_comms.lifecycle import MoveRefused, StaleVersion, require

from .. import actions, permissions
from ..forms.studio import HandBackForm, InviteForm, ReframeForm, StudioForm
from ..models import Portrait
from ..photos import PhotoRefused
from .reading import NOT_INVITED, STATES, Studio, Tile


@require_safe
@login_required
def board(request):
    """Everyone of one promotion: a face, a state, what is missing. `state` filters, `tick` ticks the boxes beforehand."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    promotions = list(_promotions(request.user))
    promotion = _chosen(promotions, request.GET.get("promotion"))
    tiles = [Tile(student) for student in _students(promotion)] if promotion else []
    state = request.GET.get("state", "")
    counts = [(key, label, sum(tile.state == key for tile in tiles)) for key, label in STATES]
    context = {
        "promotion": promotion,
        "switcher": [
            {
                "url": reverse("board", query={"promotion": one.slug}),
                "label": str(one),
                "slug": one.slug,
                "is_current": one == promotion,
            }
            for one in promotions
        ]
        if len(promotions) > 1
        else [],
        "tiles": [tile for tile in tiles if state in ("", tile.state)],
        "state": state,
        "filters": [row for row in counts if row[2] or row[0] == state],
        "total": len(tiles),
        "online": sum(tile.is_online for tile in tiles),
        "not_begun": sum(not tile.has_begun for tile in tiles),
        "ticked": TICKS.get(request.GET.get("tick", NOT_INVITED), ()),
        "can_invite": promotion is not None and is_comms(request.user, promotion),
    }
    return render(request, "portraits/board.html", context)


TICKS = {NOT_INVITED: (NOT_INVITED,), "not_begun": (NOT_INVITED, Portrait.State.INVITED)}


def _promotions(user):
    if is_staff(user):
        return Promotion.objects.all()
    return Promotion.objects.filter(pk__in=user.comms_promotion_ids)


def _chosen(promotions, slug):
    """The promotion asked for, else the newest; 404 for one that is not theirs."""
    if slug is None:
        return promotions[0] if promotions else None
    found = next((promotion for promotion in promotions if promotion.slug == slug), None)
    if found is None:
        raise Http404
    return found


def _students(promotion):
    return (
        Student.objects.filter(promotion=promotion)
        .select_related("promotion", "portrait__photo")
        .prefetch_related("portrait__answers")
        .annotate(last_step=Max("portrait__moves__at"))
        .order_by(Lower("last_name"), Lower("first_name"))  # a GROUP BY forgets the model's own order
    )


@require_POST
@login_required
def invite(request):
    """Write to those who were ticked, as far as they have not begun."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    invitable = {
        student.pk: student
        for student in Student.objects.filter(promotion__in=_promotions(request.user)).select_related(
            "promotion", "portrait"
        )
        if not Tile(student).has_begun
    }
    form = InviteForm(invitable.values(), request.POST)
    back = reverse(
        "board", query={"promotion": request.POST["promotion"]} if "promotion" in request.POST else None
    )
    if not form.is_valid():
        messages.warning(request, _("Nobody was written to: tick at least one person who has not begun yet."))
        return redirect(back)
    chosen = [invitable[pk] for pk in form.cleaned_data["students"]]
    for student in chosen:
        actions.invite(student, by=request.user)
    if len(chosen) == 1:
        told = _("%(name)s receives an invitation by mail.") % {"name": chosen[0].full_name}
    else:
        told = _("%(count)d people receive an invitation by mail.") % {"count": len(chosen)}
    messages.success(request, told)
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def studio(request, pk):
    """One portrait: the student's own words beside the edited text; below, its life and what comes next."""
    portrait = get_object_or_404(_whole(request.user), pk=pk)
    if request.method != "POST":
        return _show(request, Studio(portrait, request.user))
    require(permissions.can_edit(request.user, portrait))
    form = StudioForm(request.POST)
    if not form.is_valid():
        return _show(request, Studio(portrait, request.user, form), status=422)
    try:
        after = actions.edit(portrait, read=form.cleaned_data["version"], by=request.user, **form.words)
    except MoveRefused as refused:
        return _show_refused(request, pk, refused)
    if after.version == portrait.version:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved as version %(number)d.") % {"number": after.version})
    return redirect("studio", pk)


def _show_refused(request, pk, refused):
    """What they typed stays in the fields; what is saved meanwhile stands beside it, and saving again means to replace it."""
    now = get_object_or_404(_whole(request.user), pk=pk)
    data = request.POST.copy()
    data["version"] = now.version
    form = StudioForm(data)
    form.is_valid()
    form.add_error(None, refused.for_people)
    studio_now = Studio(now, request.user, form, is_stale=isinstance(refused, StaleVersion))
    return _show(request, studio_now, status=422)


def _show(request, shown, status=200):
    return render(
        request, "portraits/studio.html", {"studio": shown, "portrait": shown.portrait}, status=status
    )


@require_POST
@login_required
def reframe(request, pk):
    """Another crop of the same photo: a new version as well."""
    portrait = get_object_or_404(_whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    form = ReframeForm(request.POST)
    if not form.is_valid():
        messages.warning(
            request, _("The frame could not be read. Nothing has changed: frame the photo again.")
        )
        return redirect("studio", pk)
    if portrait.photo is not None and not form.moves(portrait.photo):
        messages.info(request, _("Nothing was changed."))
        return redirect("studio", pk)
    try:
        actions.reframe(portrait, form.crop, read=form.cleaned_data["version"], by=request.user)
    except PhotoRefused as refused:
        messages.warning(request, str(refused))
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _("The photo is framed anew."))
    return redirect("studio", pk)


@require_POST
@login_required
def act(request, pk, verb):
    """take-up, hand-back (with a message), ask-signature, keep-as-signed."""
    portrait = get_object_or_404(_whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    if verb not in VERBS:
        raise Http404
    hand_back = HandBackForm(request.POST)
    if verb == "hand-back" and not hand_back.is_valid():
        return _show(request, Studio(portrait, request.user, hand_back=hand_back), status=422)
    version = request.POST.get("version", "")
    read = int(version) if version.isdecimal() else 0
    try:
        VERBS[verb](portrait, read, hand_back, request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _said(verb, portrait.student.first_name))
    return redirect("studio", pk)


VERBS = {
    "take-up": lambda portrait, read, form, user: actions.take_up(portrait, by=user),
    "hand-back": lambda portrait, read, form, user: actions.hand_back(
        portrait, message=form.cleaned_data["message"], by=user
    ),
    "ask-signature": lambda portrait, read, form, user: actions.ask_signature(portrait, read=read, by=user),
    "keep-as-signed": lambda portrait, read, form, user: actions.keep_as_signed(portrait, read=read, by=user),
}


def _said(verb, name):
    return {
        "take-up": _("It is yours to edit."),
        "hand-back": _("%(name)s receives your words and has the pen again."),
        "ask-signature": _("%(name)s receives a mail with the text to read and sign."),
        "keep-as-signed": _("Kept as %(name)s handed it in. You can prepare the post."),
    }[verb] % {"name": name}


def on_the_desk_of(user):
    """The portraits that this person edits as comms group or, being staff, looks at. Never a student's own as such."""
    return Portrait.objects.all() if is_staff(user) else Portrait.objects.editable_by(user)


def _whole(user):
    return (
        on_the_desk_of(user)
        .select_related("student__promotion", "photo", "consent", "online")
        .prefetch_related("answers", "moves__by")
    )
