"""Est-ce parti ? What the machine cannot know about a delivery, and what a person can answer."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, require

from .. import actions
from ..actions.answering import NotFoundThere
from ..asked import MAY_BE_THERE, NOT_OUT, Asked
from ..forms.stopping import ReleaseForm
from ..models import Delivery, Stop
from ..permissions import can_stop
from ..steps import on_page
from .question import Question
from .there import look_there

LATELY = timedelta(hours=24)
MOST_LATELY = 20
ORDER = list(Asked)


@require_safe
@login_required
def did_it_go_out(request):
    """Everything that asks for a look: what nobody knows, what is held, what did not go out; and what left lately."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    return _show(request)


def _show(request, answered: Question | None = None, release: ReleaseForm | None = None, status=200):
    found = [
        answered if answered and answered.delivery.pk == delivery.pk else Question(delivery)
        for delivery in asking_deliveries(request.user).asking()
    ]
    found.sort(key=lambda question: ORDER.index(question.kind))
    held = [question.delivery for question in found if question.kind is Asked.HELD]
    stops = list(Stop.objects.select_related("pressed_by", "account").filter(lifted_at__isnull=True))
    context = {
        "found": found,
        "urgent": [question for question in found if question.delivery.state == Delivery.State.NEEDS_PERSON],
        "release": release or ReleaseForm(held),
        "not_out": [question for question in found if question.kind in NOT_OUT],
        "looked_for": [question for question in found if question.kind is Asked.LOOKED_FOR],
        "lately": [on_page(delivery) for delivery in _lately(request.user)],
        "title_count": sum(question.kind is not Asked.LOOKED_FOR for question in found),
        "stop": next((stop for stop in stops if stop.account_id is None), None),
        "stopped_pages": [stop.account for stop in stops if stop.account_id],
        "can_stop": can_stop(request.user),
    }
    return render(request, "posts/did_it_go_out.html", context, status=status)


def _lately(user):
    """What came online within a day, whatever became of it since."""
    left = Delivery.objects.for_desk(user).left_since(timezone.now() - LATELY).exclude(published_at=None)
    left = left.select_related("post__portrait__student", "post__piece", "account").prefetch_related(
        "moves__by"
    )
    return left.order_by("-published_at", "-pk")[:MOST_LATELY]


@require_safe
@login_required
def on_the_page(request, pk):
    """The page's last posts beside what was approved, read this minute: slow and fallible, so apart from the list."""
    question = Question(get_object_or_404(asking_deliveries(request.user), pk=pk))
    if question.kind not in MAY_BE_THERE:
        raise Http404
    is_part = request.headers.get("X-Requested-With") == "fetch"
    context = {
        "question": question,
        "delivery": question.delivery,
        "there": look_there(question.delivery),
        "is_part": is_part,
    }
    return render(request, "posts/there_posts.html" if is_part else "posts/there.html", context)


@require_POST
@login_required
def answer(request, pk, verb):
    """there (with the link), resend, anew, close (with a reason), gone, drop. A wrong answer comes back with what was typed."""
    if verb not in ANSWERS:
        raise Http404
    question = Question(get_object_or_404(asking_deliveries(request.user), pk=pk), verb, request.POST)
    form = question.form(verb)
    if form is not None and not form.is_valid():
        return _show(request, question, status=422)
    act, thanks = ANSWERS[verb]
    typed = {name: form.cleaned_data[name] for name in ("link", "reason") if form and name in form.fields}
    try:
        done = act(question.delivery, by=request.user, **typed)
    except NotFoundThere as wrong:
        question.there.add_error("link", str(wrong))
        return _show(request, question, status=422)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, thanks)
        if verb == "anew":
            return redirect(done)
    return redirect("did_it_go_out")


ANSWERS = {
    "there": (actions.confirm_there, gettext_lazy("Thank you: we found it there. It is online.")),
    "resend": (actions.resend, gettext_lazy("Noted, with your name. It is sent anew.")),
    "anew": (actions.plan_anew, gettext_lazy("Noted: it did not go out. Here is the post.")),
    "close": (actions.close, gettext_lazy("Noted: it did not go out, and it stays so.")),
    "gone": (actions.say_gone, gettext_lazy("Noted: it is taken down.")),
    "drop": (actions.drop, gettext_lazy("Noted: it does not leave.")),
}


@require_POST
@login_required
def release(request):
    """What was held and is ticked leaves after all."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    form = ReleaseForm(asking_deliveries(request.user).filter(state=Delivery.State.HELD), request.POST)
    if not form.is_valid():
        return _show(request, release=form, status=422)
    try:
        actions.release(form.chosen, reason=form.cleaned_data["reason"], by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        sentence = ngettext(
            "It leaves now.", "They leave now, one after the other on each page.", len(form.chosen)
        )
        messages.success(request, sentence)
    return redirect("did_it_go_out")


def asking_deliveries(user):
    return (
        Delivery.objects.for_desk(user)
        .select_related(
            "post__portrait__student__promotion", "post__piece", "account", "image__photo", "responsible"
        )
        .prefetch_related("attempts", "evidence", "moves__by")
        .order_by("due_at", "pk")
    )
