"""Remarks in the studio, and the student's answers to those that they may read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inet_comms.lifecycle import MoveRefused, require

from .. import actions, permissions
from ..forms.studio import RemarkAnswerForm, RemarkForm
from ..models import Portrait, Remark
from .reading import Studio
from .studio import show, whole


@require_POST
@login_required
def remark(request, pk):
    """A new remark on a passage, or on a place chosen from the list."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    form = RemarkForm(portrait, request.POST)
    if form.is_valid():
        try:
            actions.remark(
                portrait,
                **form.anchor,
                text=form.cleaned_data["remark"],
                is_internal=not form.cleaned_data["is_shared"],
                by=request.user,
            )
            return _done(request, portrait)
        except actions.PassageGone:
            form.add_error(
                "passage",
                _(
                    "These words do not stand in the saved text. Save the text first, or copy them from there."
                ),
            )
        except MoveRefused as refused:
            form.add_error(None, refused.for_people)
    return _again(request, Studio(portrait, request.user, remark_form=form))


@require_POST
@login_required
def act(request, pk, remark, verb):
    """resolve, reopen, answer."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    found = get_object_or_404(portrait.remarks.select_related("portrait__student__promotion"), pk=remark)
    if verb == "resolve":
        actions.resolve(found, by=request.user)
    elif verb == "reopen":
        actions.reopen_remark(found, by=request.user)
    elif verb == "answer":
        form = RemarkAnswerForm(request.POST, auto_id=f"id_answer_{found.pk}_%s")
        if not form.is_valid():
            return _again(request, Studio(portrait, request.user, answering=(found.pk, form)))
        actions.answer_remark(found, text=form.cleaned_data["answer"], by=request.user)
    else:
        raise Http404
    return _done(request, portrait)


@require_POST
@login_required
def answer_mine(request, pk):
    """The student answers a remark on their own portrait; those of the group alone do not exist for them."""
    mine = Remark.objects.filter(portrait__student__user=request.user, is_internal=False)
    found = get_object_or_404(mine.select_related("portrait__student__promotion"), pk=pk)
    form = RemarkAnswerForm(request.POST)
    if form.is_valid():
        actions.answer_remark(found, text=form.cleaned_data["answer"], by=request.user)
        messages.success(request, _("Your communication group reads your answer beside the text."))
    else:
        errors, typed = " ".join(form.errors["answer"]), request.POST.get("answer", "").strip()
        kept = _("Your words: “%(words)s”") % {"words": typed} if typed else ""
        messages.warning(request, f"{errors} {kept}".strip())
    page = "my_signature" if found.portrait.state == Portrait.State.TO_SIGN else "my_portrait"
    return redirect(f"{reverse(page)}#remarks")


def _is_part(request):
    return request.headers.get("X-Requested-With") == "fetch"


def _done(request, portrait):
    if not _is_part(request):
        return redirect(f"{reverse('studio', args=[portrait.pk])}#remarks")
    return _part(request, Studio(portrait, request.user))


def _again(request, shown):
    if not _is_part(request):
        return show(request, shown, status=422)
    return _part(request, shown, status=422)


def _part(request, shown, status=200):
    context = {"studio": shown, "portrait": shown.portrait}
    return render(request, "portraits/studio_remarks.html", context, status=status)
