"""Taking down what is online, from where it is read of: one page, or all pages of a post."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inet_comms.lifecycle import MoveRefused

from .. import actions
from ..forms.answering import WhyForm
from ..models import Delivery, Post


@require_POST
@login_required
def take_down(request, pk):
    """One page loses the post."""
    delivery = get_object_or_404(Delivery.objects.for_desk(request.user).select_related("post"), pk=pk)
    return _take_down(request, delivery, actions.take_down, delivery.post)


@require_POST
@login_required
def take_down_post(request, pk):
    """Every page loses the post."""
    post = get_object_or_404(Post.objects.for_desk(request.user), pk=pk)
    return _take_down(request, post, actions.take_down_post, post)


def _take_down(request, record, verb, post):
    form = WhyForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("reason", [])))
        return redirect(post)
    try:
        verb(record, reason=form.cleaned_data["reason"], by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _("It is being taken down. This page shows when it is done, page by page."))
    return redirect(post)
