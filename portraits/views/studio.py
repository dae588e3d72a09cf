"""The studio: the comms group works on one portrait."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.permissions import is_staff
from inet_comms.lifecycle import MoveRefused, StaleVersion, require

from .. import actions, permissions
from ..forms.studio import HandBackForm, ReframeForm, StudioForm
from ..models import Portrait, PortraitMove
from ..photos import PhotoRefused
from .conflict import Conflict
from .reading import Studio


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def studio(request, pk):
    """One portrait: the student's own words beside the edited text; below, its life and what comes next."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    if request.method != "POST":
        is_taken = request.GET.get("words") == "kept"
        return show(request, _as_kept(portrait, request.user) if is_taken else Studio(portrait, request.user))
    require(permissions.can_edit(request.user, portrait))
    form = StudioForm(request.POST)
    if "together" in request.POST:
        return _put_together(request, portrait, form)
    if not form.is_valid():
        if _is_outdated(form, portrait):
            return _show_refused(request, pk, StaleVersion(portrait, "edit"))
        return show(request, _in_conflict(portrait, request.user, form), status=422)
    try:
        after = actions.edit(portrait, read=form.cleaned_data["version"], by=request.user, **form.words)
    except MoveRefused as refused:
        return _show_refused(request, pk, refused)
    if after.version == portrait.version:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved as version %(number)d.") % {"number": after.version})
    return redirect("studio", pk)


def _is_outdated(form, portrait):
    """It was saved again since what this form shows was read."""
    read = str(form["version"].value())
    return read.isdecimal() and int(read) != portrait.version


def _as_kept(portrait, user):
    """The studio with the words that this person has typed and not saved, whatever was saved since."""
    kept = Studio(portrait, user).kept
    if kept is None:
        return Studio(portrait, user)
    return _in_conflict(portrait, user, _typed(kept.words, portrait.version, began_from=kept.read))


def _typed(words, version, began_from=None):
    """A bound form as if these words had been typed on the version they began from, and are looked at beside another."""
    base = began_from if str(began_from) != str(version) else None
    form = StudioForm({**words, "version": version, "base": base or ""})
    form.full_clean()
    # Nobody was asked for the tick yet.
    form.errors.pop("replaces", None)
    return form


def _in_conflict(portrait, user, form, chosen=None):
    """The studio with what was typed; where another text was saved since they began, both stand side by side."""
    base = form["base"].value()
    if not base:
        return Studio(portrait, user, form)
    base = portrait.versions.filter(number=base).first() if str(base).isdecimal() else None
    return Studio(portrait, user, form, conflict=Conflict(portrait, form.typed, base, chosen))


def _show_refused(request, pk, refused):
    """What they typed stays in the fields; what is saved meanwhile stands beside it. Nothing is replaced without a tick."""
    now = get_object_or_404(whole(request.user), pk=pk)
    read = request.POST.get("base") or request.POST.get("version")
    is_stale = isinstance(refused, StaleVersion)
    form = _typed(StudioForm(request.POST).typed, now.version, began_from=read if is_stale else None)
    form.add_error(None, refused.for_people)
    return show(request, _in_conflict(now, request.user, form), status=422)


def _put_together(request, portrait, form):
    """Both texts in one, to be read before it is saved; or the question again, where something was not chosen."""
    if _is_outdated(form, portrait):
        return _show_refused(request, portrait.pk, StaleVersion(portrait, "edit"))
    shown = _in_conflict(portrait, request.user, form, chosen=request.POST)
    if shown.conflict is None or not shown.conflict.is_open:
        words = shown.conflict.words if shown.conflict else form.typed
        together = Studio(portrait, request.user, _typed(words, portrait.version), is_together=True)
        return show(request, together)
    form.full_clean()
    form.errors.pop("replaces", None)
    form.add_error(None, _("You both changed the same passage: choose whose words stay."))
    return show(request, shown, status=422)


def show(request, shown, status=200):
    return render(
        request, "portraits/studio.html", {"studio": shown, "portrait": shown.portrait}, status=status
    )


@require_POST
@login_required
def reframe(request, pk):
    """Another crop of the same photo: a new version as well."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
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
    portrait = get_object_or_404(whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    if verb not in VERBS:
        raise Http404
    hand_back = HandBackForm(request.POST)
    if verb == "hand-back" and not hand_back.is_valid():
        return show(request, Studio(portrait, request.user, hand_back=hand_back), status=422)
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


def whole(user):
    """The same, with what the studio's page shows of each."""
    return (
        on_the_desk_of(user)
        .select_related(
            "student__promotion__track", "student__promotion__card_style", "photo", "consent", "online"
        )
        .prefetch_related(
            "answers",
            Prefetch("moves", PortraitMove.objects.select_related("by")),
            "student__promotion__questions",
            "posts",
        )
        .with_kept_words(user)
    )
