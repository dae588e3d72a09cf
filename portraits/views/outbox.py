"""The outbox of a promotion's reminders: read, change, let go or cancel; their rhythm, and the days without."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inet_comms.lifecycle import MoveRefused, require

from .. import actions
from ..forms.chasing import QuietForm, RhythmForm, WordsForm
from ..models import Nudge, QuietPeriod, Rhythm
from .choosing import choose

State = Nudge.State
LATEST = 20


@require_safe
@login_required
def outbox(request):
    return _show(request, choose(request, "outbox"))


def _show(request, chosen, status=200, **forms):
    promotion = chosen.promotion
    context = {
        "promotion": promotion,
        "chosen": chosen,
        "switcher": chosen.switcher,
        "can_work": chosen.may_work,
    }
    if promotion is not None:
        context |= _desk(promotion, forms.pop("words", None))
        rhythm = Rhythm.objects.filter(promotion=promotion).first()
        context |= {
            "rhythm": rhythm,
            "rhythm_form": RhythmForm(instance=rhythm, auto_id="rhythm_%s"),
            "quiet_form": QuietForm(auto_id="quiet_%s"),
            "quiet_periods": promotion.quiet_periods.filter(ends__gte=timezone.localdate()),
        }
    return render(request, "portraits/outbox.html", context | forms, status=status)


def _desk(promotion, words):
    """The reminders, each where it belongs; `words` is the form of the one whose change was refused."""
    now = timezone.now()
    nudges = Nudge.objects.filter(portrait__student__promotion=promotion)
    nudges = nudges.select_related("portrait__student__promotion", "portrait__photo", "read_by")
    open_ones = list(nudges.filter(state__in=Nudge.WAITING).order_by("due_at", "pk"))
    for nudge in open_ones:
        is_refused = words is not None and words.nudge.pk == nudge.pk
        nudge.words = words if is_refused else WordsForm.of(nudge)
        nudge.moment = max(nudge.due_at, now)
    return {
        "proposed": [nudge for nudge in open_ones if nudge.state == State.PROPOSED],
        "ready": [nudge for nudge in open_ones if nudge.state == State.READY],
        "unsure": [nudge for nudge in open_ones if nudge.is_unsure(now)],
        "leaving": [
            nudge for nudge in open_ones if nudge.state == State.SENDING and not nudge.is_unsure(now)
        ],
        "latest": nudges.exclude(state__in=Nudge.WAITING).order_by("-ended_at", "-pk")[:LATEST],
    }


@require_POST
@login_required
def act(request, pk, verb):
    """let-go, cancel, words (subject and text), left, not-left."""
    nudge = get_object_or_404(
        Nudge.objects.on_the_desk_of(request.user).select_related("portrait__student__promotion"), pk=pk
    )
    if verb not in VERBS:
        raise Http404
    try:
        return VERBS[verb](request, nudge) or redirect(_outbox(nudge.portrait.student.promotion))
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect(_outbox(nudge.portrait.student.promotion))


def _let_go(request, nudge):
    after = actions.approve_nudge(nudge, read_words=request.POST.get("shown", ""), by=request.user)
    if after.state == State.READY:
        messages.success(request, _("It leaves: %(subject)s") % {"subject": after.subject})
    else:
        messages.info(
            request,
            _("It is no longer true, and was cancelled: %(name)s has gone on.") % {"name": nudge.portrait},
        )


def _cancel(request, nudge):
    actions.cancel_nudge(nudge, by=request.user)
    messages.success(request, _("Cancelled: %(name)s is not reminded this time.") % {"name": nudge.portrait})


def _words(request, nudge):
    form = WordsForm(request.POST, auto_id=f"nudge_{nudge.pk}_%s")
    form.nudge = nudge
    if form.is_valid():
        words = form.cleaned_data
        try:
            actions.rewrite_nudge(
                nudge,
                subject=words["subject"],
                text=words["text"],
                read_words=words["shown"],
                by=request.user,
            )
        except MoveRefused as refused:
            form.add_error(None, refused.for_people)
        else:
            messages.success(request, _("The words are changed."))
            return None
    request.GET = {"promotion": nudge.portrait.student.promotion.slug}
    return _show(request, choose(request, "outbox"), status=422, words=form)


def _left(request, nudge):
    actions.answer_for_nudge(nudge, has_left=True, by=request.user)
    messages.success(request, _("Noted: it has left."))


def _not_left(request, nudge):
    actions.answer_for_nudge(nudge, has_left=False, by=request.user)
    messages.success(request, _("Noted: it has not left. You can prepare another one on the board."))


VERBS = {"let-go": _let_go, "cancel": _cancel, "words": _words, "left": _left, "not-left": _not_left}


@require_POST
@login_required
def let_all_go(request):
    """All that stood on the page: `read` holds id:fingerprint of each."""
    chosen = choose(request, "outbox")
    count, others = 0, 0
    for pair in request.POST.getlist("read"):
        pk, _colon, words = pair.partition(":")
        nudge = Nudge.objects.on_the_desk_of(request.user).filter(pk=pk if pk.isdecimal() else None).first()
        if nudge is None:
            continue
        try:
            after = actions.approve_nudge(nudge, read_words=words, by=request.user)
            is_let_go = after.state == State.READY
        except MoveRefused:
            is_let_go = False
        count, others = count + is_let_go, others + (not is_let_go)
    said = ngettext("%(count)d reminder leaves.", "%(count)d reminders leave.", count) % {"count": count}
    if others:
        said += " " + _("Others have changed meanwhile: read them again below.")
    (messages.success if count else messages.warning)(request, said)
    return redirect(_outbox(chosen.promotion))


@require_POST
@login_required
def rhythm(request):
    chosen = choose(request, "outbox")
    require(chosen.may_work)
    # A row of its own: what is refused must not change the one that the page shows.
    form = RhythmForm(request.POST, instance=Rhythm(), auto_id="rhythm_%s")
    if not form.is_valid():
        return _show(request, chosen, status=422, rhythm_form=form)
    after = actions.set_rhythm(chosen.promotion, **form.cleaned_data, by=request.user)
    if after.is_on:
        messages.success(request, _("Reminders are prepared by themselves from now on."))
    else:
        messages.success(request, _("No reminder is prepared by itself any more."))
    return redirect(_outbox(chosen.promotion))


@require_POST
@login_required
def quiet_add(request):
    chosen = choose(request, "outbox")
    require(chosen.may_work)
    form = QuietForm(request.POST, auto_id="quiet_%s")
    if not form.is_valid():
        return _show(request, chosen, status=422, quiet_form=form)
    actions.add_quiet(chosen.promotion, **form.cleaned_data, by=request.user)
    messages.success(request, _("Nobody is reminded on these days."))
    return redirect(_outbox(chosen.promotion))


@require_POST
@login_required
def quiet_remove(request, pk):
    chosen = choose(request, "outbox")
    period = get_object_or_404(
        QuietPeriod.objects.filter(promotion__in=chosen.promotions).select_related("promotion"), pk=pk
    )
    actions.remove_quiet(period, by=request.user)
    messages.success(request, _("Reminders may leave on these days again."))
    return redirect(_outbox(period.promotion))


def _outbox(promotion):
    return reverse("outbox", query={"promotion": promotion.slug} if promotion else None)
