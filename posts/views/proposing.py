"""Proposals: what a student sends from their phone and sees become of it; what the comms group does with them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, require

from .. import actions
from ..forms.proposing import DeclineForm, ProposalForm
from ..models import Kind, Post, Proposal
from ..steps import badge

FEW = 30


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mine(request):
    """Propose something; below, what became of the earlier ones, and the posts that name me."""
    student = request.user.as_student
    if student is None:
        raise Http404
    form = ProposalForm(request.POST, request.FILES) if request.method == "POST" else ProposalForm()
    if form.is_bound and form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("title", "text")}
        kind = Kind(form.cleaned_data["kind"])
        actions.propose(student, kind, **words, pictures=form.prepared, by=request.user)
        messages.success(request, _("Sent to your communication group. You see here what becomes of it."))
        return redirect("my_proposals")
    return render(
        request,
        "posts/my_proposals.html",
        _context(request.user, student, form),
        status=422 if form.is_bound else 200,
    )


def _context(user, student, form):
    proposals = student.proposals.select_related("post__piece", "post__portrait").prefetch_related(
        "post__deliveries", "moves"
    )[:FEW]
    naming = Post.objects.filter(named__student__user=user).exclude(state=Post.State.DRAFT)
    naming = naming.select_related("piece", "portrait").prefetch_related("deliveries")[:FEW]
    return {
        "form": form,
        "rows": [(one, badge(one.post) if one.post else None, _reason(one)) for one in proposals],
        "naming": [(post, badge(post)) for post in naming],
    }


def _reason(proposal):
    moves = list(proposal.moves.all())
    return moves[-1].note if moves and proposal.state == Proposal.State.DECLINED else ""


@require_POST
@login_required
def take_back(request, pk):
    """Before anybody took it up."""
    found = get_object_or_404(Proposal.objects.filter(student__user=request.user), pk=pk)
    try:
        actions.take_proposal_back(found, by=request.user)
        messages.success(request, _("Taken back."))
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect("my_proposals")


@require_safe
@login_required
def proposals(request):
    """What students of the promotion have sent, the undecided first."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    return _show(request)


def _show(request, refused=None, status=200):
    found = _at_hand(request.user).filter(state=Proposal.State.SENT)
    return render(
        request,
        "posts/proposals.html",
        {"proposals": found, "refused": refused, "form": DeclineForm()},
        status=status,
    )


@require_POST
@login_required
def decide(request, pk, verb):
    """take-up makes a post of it; decline says why not."""
    found = get_object_or_404(_at_hand(request.user), pk=pk)
    form = DeclineForm(request.POST)
    try:
        if verb == "take-up":
            post = actions.take_up(found, by=request.user)
            messages.success(
                request, _("A post is begun with these words. Describe the pictures, then write it.")
            )
            return redirect(post)
        if verb != "decline":
            raise Http404
        if not form.is_valid():
            return _show(request, (found.pk, form), status=422)
        actions.decline(found, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("%(name)s is told why.") % {"name": found.student.first_name})
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect("proposals")


def _at_hand(user):
    return (
        Proposal.objects.at_hand(user)
        .select_related("student__promotion", "student__user")
        .prefetch_related("attachments")
    )
