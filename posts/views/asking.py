"""Est-ce parti ? What the machine cannot know about a delivery, and what a person can answer."""

from __future__ import annotations

from functools import cached_property

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, require

from .. import actions
from ..actions.answering import NotFoundThere
from ..forms.answering import ReasonForm, ThereForm
from ..models import Delivery, Post, Stop
from ..steps import DELIVERY_TONES

State = Delivery.State
URGENCY = [State.NEEDS_PERSON, State.UNCERTAIN, State.FAILED, State.EXPIRED]


class Question:
    """One delivery on the page: what we know, and the answers that its state allows."""

    def __init__(self, delivery: Delivery, verb: str = "", data=None):
        self.delivery = delivery
        ids = f"id_{delivery.pk}_%s"
        self.there = ThereForm(data if verb == "there" else None, auto_id=ids)
        self.reason = ReasonForm(data if verb in ("resend", "close") else None, auto_id=ids)

    @property
    def tone(self) -> str:
        return DELIVERY_TONES[self.delivery.state]

    @property
    def must_go(self) -> bool:
        """It is online and should not be; the network does not let us take it down."""
        return self.delivery.state == State.NEEDS_PERSON and bool(self.delivery.remote_id)

    @property
    def asks(self) -> bool:
        """Nobody knows whether it is online."""
        return self.delivery.state == State.NEEDS_PERSON and not self.delivery.remote_id

    @property
    def may_be_there(self) -> bool:
        return self.asks or self.delivery.state == State.UNCERTAIN

    @property
    def is_not_out(self) -> bool:
        return self.delivery.state in (State.FAILED, State.EXPIRED)

    @cached_property
    def is_useful(self) -> bool:
        """Sending it again still makes sense: it is approved as it stands, and not too late."""
        return (
            self.delivery.post.state == Post.State.APPROVED
            and self.delivery.latest_useful_at > timezone.now()
        )


@require_safe
@login_required
def did_it_go_out(request):
    """Everything that asks for a look: what nobody knows, what is being looked for, what did not go out."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    return _show(request)


def _show(request, asked: Question | None = None, status=200):
    found = [
        asked if asked and asked.delivery.pk == delivery.pk else Question(delivery)
        for delivery in asking_deliveries(request.user).asking()
    ]
    found.sort(key=lambda question: URGENCY.index(question.delivery.state))
    context = {
        "questions": found,
        "title_count": len(found),
        "stop": Stop.objects.select_related("pressed_by").filter(lifted_at__isnull=True).first(),
    }
    return render(request, "posts/did_it_go_out.html", context, status=status)


@require_POST
@login_required
def answer(request, pk, verb):
    """there (with the link), resend and close (with a reason), gone. A wrong answer comes back with what was typed."""
    if verb not in ANSWERS:
        raise Http404
    question = Question(get_object_or_404(asking_deliveries(request.user), pk=pk), verb, request.POST)
    form = {"there": question.there, "gone": None}.get(verb, question.reason)
    if form is not None and not form.is_valid():
        return _show(request, question, status=422)
    act, thanks = ANSWERS[verb]
    try:
        act(question.delivery, by=request.user, **(form.cleaned_data if form is not None else {}))
    except NotFoundThere as wrong:
        question.there.add_error("link", str(wrong))
        return _show(request, question, status=422)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, thanks)
    return redirect("did_it_go_out")


ANSWERS = {
    "there": (actions.confirm_there, gettext_lazy("Thank you: we found it there. It is online.")),
    "resend": (actions.resend, gettext_lazy("It is sent anew within the minute.")),
    "close": (actions.close, gettext_lazy("Noted: it did not go out, and it stays so.")),
    "gone": (actions.say_gone, gettext_lazy("Noted: it is taken down.")),
}


def asking_deliveries(user):
    return (
        Delivery.objects.for_desk(user)
        .select_related("post__portrait__student__promotion", "account", "image__photo")
        .prefetch_related("attempts", "moves__by")
        .order_by("-due_at", "-pk")
    )
