"""The stop switch: nothing leaves any more, what has just left is taken down, and what may leave afterwards is ticked."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inet_comms.lifecycle import MoveRefused, require

from .. import actions
from ..forms.stopping import LiftForm, RemoveForm
from ..models import Account, Delivery, Stop
from ..permissions import can_stop

MINUTES = (10, 60, 24 * 60)
"""How far back one can look for what has just left."""
MOST = 200


class Switch:
    """One switch: for a page, or for everything (`account` is None). `due` is what came due while it is pressed."""

    def __init__(self, account: Account | None, stop: Stop | None, due: list[Delivery], data=None):
        self.account, self.stop = account, stop
        self.form = LiftForm(due, data, auto_id=f"id_{account.pk if account else 'all'}_%s")


class Board:
    """All switches, and what left in the last minutes."""

    def __init__(self, minutes: int = MINUTES[0]):
        self.minutes = minutes if minutes in MINUTES else MINUTES[0]

    @cached_property
    def stops(self) -> dict[int | None, Stop]:
        running = Stop.objects.select_related("pressed_by").filter(lifted_at__isnull=True)
        return {stop.account_id: stop for stop in running}

    @cached_property
    def due(self) -> dict[int | None, list[Delivery]]:
        """What came due and has not left, by page; under None all of it."""
        waiting = Delivery.objects.filter(state__in=Delivery.WAITING, due_at__lte=timezone.now())
        found = defaultdict(list)
        for delivery in _whole(waiting).order_by("due_at", "pk")[:MOST]:
            found[delivery.account_id].append(delivery)
            found[None].append(delivery)
        return found

    def switch(self, account: Account | None, data=None) -> Switch:
        key = account.pk if account else None
        return Switch(account, self.stops.get(key), self.due[key] if key in self.stops else [], data)

    @cached_property
    def accounts(self) -> list[Account]:
        return list(Account.objects.all())

    @cached_property
    def left(self) -> list[Delivery]:
        since = timezone.now() - timedelta(minutes=self.minutes)
        return list(_whole(Delivery.objects.left_since(since)).order_by("-published_at", "-pk")[:MOST])

    @property
    def is_going(self) -> bool:
        """Something is being taken down right now."""
        return any(delivery.state == Delivery.State.WITHDRAWING for delivery in self.left)


@require_safe
@login_required
def stop(request):
    """For staff: stop everything or one page, take down what has just left, let things leave again."""
    require(can_stop(request.user))
    minutes = request.GET.get("minutes", "")
    return _show(request, Board(int(minutes) if minutes.isdecimal() and len(minutes) < 6 else MINUTES[0]))


def _show(request, board: Board, lifted: Switch | None = None, remove: RemoveForm | None = None, status=200):
    def switch(account):
        return lifted if lifted and lifted.account == account else board.switch(account)

    context = {
        "board": board,
        "everything": switch(None),
        "pages": [switch(account) for account in board.accounts],
        "remove": remove or RemoveForm(board.left, auto_id="id_remove_%s"),
        "windows": [(minutes, _said(minutes)) for minutes in MINUTES],
        "window": _said(board.minutes),
    }
    return render(request, "posts/stop.html", context, status=status)


def _said(minutes: int) -> str:
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}


@require_POST
@login_required
def press(request):
    """One click, no question: it can be lifted again at any moment."""
    require(can_stop(request.user))
    account = _account(request)
    actions.press_stop(by=request.user, account=account)
    if account:
        sentence = _("%(page)s is stopped: nothing leaves there any more until someone lifts the stop.")
        messages.warning(request, sentence % {"page": account})
    else:
        messages.warning(
            request, _("Everything is stopped: nothing leaves any more until someone lifts the stop.")
        )
    return redirect("stop")


@require_POST
@login_required
def lift(request):
    """With a reason, and the ticks of what still leaves of what came due meanwhile."""
    require(can_stop(request.user))
    board, account = Board(), _account(request)
    switch = board.switch(account, request.POST)
    if not switch.form.is_valid():
        return _show(request, board, lifted=switch, status=422)
    try:
        actions.lift_stop(
            reason=switch.form.cleaned_data["reason"],
            by=request.user,
            account=account,
            ticked=switch.form.chosen,
        )
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
        return redirect("stop")
    left = len(switch.form.offered) - len(switch.form.chosen)
    messages.success(request, _("The stop is lifted: from now on things leave at their time."))
    if left:
        sentence = ngettext(
            "%(count)d post that came due meanwhile waits below for its tick.",
            "%(count)d posts that came due meanwhile wait below for their tick.",
            left,
        )
        messages.info(request, sentence % {"count": left})
        return redirect("did_it_go_out")
    return redirect("stop")


@require_POST
@login_required
def remove(request):
    """Take down what is ticked; with `also=stop` everything is stopped first."""
    require(can_stop(request.user))
    board = Board(MINUTES[-1])
    form = RemoveForm(board.left, request.POST, auto_id="id_remove_%s")
    if not form.is_valid():
        return _show(request, board, remove=form, status=422)
    verb = actions.stop_and_take_down if request.POST.get("also") == "stop" else actions.take_down_these
    taken = verb(form.chosen, reason=form.cleaned_data["reason"], by=request.user)
    sentence = ngettext(
        "%(count)d post is being taken down. The list shows when it is done.",
        "%(count)d posts are being taken down. The list shows when each is done.",
        len(taken),
    )
    messages.warning(request, sentence % {"count": len(taken)})
    return redirect("stop")


def _account(request) -> Account | None:
    """The page that is meant; None: everything. 404 for one that there is not."""
    wanted = request.POST.get("account", "")
    if not wanted:
        return None
    account = next((account for account in Account.objects.all() if str(account.pk) == wanted), None)
    if account is None:
        raise Http404
    return account


def _whole(deliveries):
    return deliveries.select_related(
        "post__portrait__student__promotion", "post__piece", "account", "image__photo"
    )
