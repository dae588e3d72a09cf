"""Comptes: how the school's pages are connected, and connecting them, in the browser."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import require

from ..actions import connecting, joining
from ..actions.joining import ConnectionRefused
from ..condition import Condition, is_registered
from ..forms.connecting import BLUESKY, AwayForm, BlueskyForm, MastodonForm, PageForm
from ..models import Account, Stop
from ..models.account import NetworkName
from ..networks import NETWORKS
from ..networks.base import Outcome
from ..permissions import can_connect

FORMS = {"mastodon": MastodonForm, "bluesky": BlueskyForm}


@dataclass(frozen=True)
class Offer:
    """A network that can be connected, and what it takes to have at hand."""

    network: str
    label: str
    needs: str
    is_registered: bool


NEEDS = {
    "linkedin": gettext_lazy("You must be an administrator of the school’s page on LinkedIn."),
    "facebook": gettext_lazy("You must be allowed to publish on the school’s page on Facebook."),
    "x": gettext_lazy(
        "You need the school’s account on X and its password. Each post costs the school a little."
    ),
    "mastodon": gettext_lazy("You need the school’s account on its Mastodon server."),
    "bluesky": gettext_lazy("You need the account’s name and an app password made on Bluesky."),
}


def offers() -> list[Offer]:
    return [
        Offer(value, label, str(NEEDS[value]), is_registered(value))
        for value, label in NetworkName.choices
        if value in NETWORKS
    ]


@require_safe
@login_required
def accounts(request):
    """How each page is connected: read by the comms groups, acted on by staff."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    now = timezone.now()
    stops = frozenset(Stop.objects.filter(lifted_at__isnull=True).values_list("account_id", flat=True))
    found = Account.objects.select_related("connected_by", "upkeep")
    conditions = [Condition(account, now, stops) for account in found]
    can_act = can_connect(request.user)
    context = {
        "conditions": conditions,
        "title_count": sum(not condition.is_well for condition in conditions),
        "can_act": can_act,
        "offers": offers() if can_act else [],
    }
    return render(request, "posts/accounts/accounts.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def connect(request, network):
    """Before leaving for the network: what to have at hand, what to type. POST leads away, or connects at once."""
    offer = _offer(request, network)
    if is_reauthentication_required(request, app="allauth.account"):
        if request.method == "POST":
            # Not kept for later as allauth would: it may hold a password.
            return redirect(request.path)
        raise ReauthenticationRequired
    form_class = FORMS.get(network, AwayForm)
    if request.method != "POST":
        return _show_connect(request, offer, form_class(initial=_known(request, network)))
    form = form_class(request.POST)
    if not form.is_valid() or not offer.is_registered:
        return _show_connect(request, offer, form, status=422)
    try:
        if network == "bluesky":
            return _sign_in(request, form)
        url = joining.begin(
            network,
            by=request.user,
            session_key=_session_key(request),
            api_url=form.cleaned_data.get("server", ""),
        )
    except Outcome as outcome:
        form.add_error(None, connecting.why(outcome))
        return _show_connect(request, offer, form, status=422, details=outcome.answer)
    except ConnectionRefused as refused:
        form.add_error(None, str(refused))
        return _show_connect(request, offer, form, status=422, details=refused.details)
    return render(request, "posts/accounts/leaving.html", {"offer": offer, "url": url})


def _offer(request, network) -> Offer:
    require(can_connect(request.user))
    offer = next((offer for offer in offers() if offer.network == network), None)
    if offer is None:
        raise Http404
    return offer


def _known(request, network) -> dict:
    """What is known of the account that is connected again."""
    number = request.GET.get("compte", "")
    account = (
        Account.objects.filter(network=network, pk=number).first()
        if number.isascii() and number.isdigit()
        else None
    )
    if account is None:
        return {}
    return {"server": account.api_url, "handle": account.handle.removeprefix("@")}


def _show_connect(request, offer, form, status=200, details=""):
    context = {"offer": offer, "form": form, "details": details}
    return render(request, "posts/accounts/connect.html", context, status=status)


def _sign_in(request, form):
    account = joining.sign_in(
        "bluesky",
        identifier=form.cleaned_data["handle"],
        password=form.cleaned_data["password"],
        by=request.user,
        api_url=form.cleaned_data["server"] or BLUESKY,
    )
    return _connected(request, account)


@never_cache
@sensitive_variables()
@require_safe
@login_required
def come_back(request, network):
    """Where a network leads back to. Nothing of an account changes here: on to the choice of the page."""
    _offer(request, network)
    asked = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    _forget_query(request)
    try:
        connection = joining.come_back(network, **asked, by=request.user, session_key=_session_key(request))
    except ConnectionRefused as refused:
        return _refused(request, refused)
    # Away from this address, which holds the code.
    return redirect("account_choose", network, connection.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def choose(request, network, pk):
    """Which of the pages that the consent reaches; POST connects it."""
    offer = _offer(request, network)
    try:
        connection = joining.in_hand(network, pk, by=request.user, session_key=_session_key(request))
        choices = connection.choices
        form = PageForm(choices, request.POST if request.method == "POST" else None)
        if not form.is_bound:
            return _show_choice(request, offer, choices, form)
        if not form.is_valid():
            return _show_choice(request, offer, choices, form, status=422)
        account = joining.choose(connection, form.cleaned_data["page"], by=request.user)
    except ConnectionRefused as refused:
        return _refused(request, refused)
    except Outcome as outcome:
        form.add_error(None, connecting.why(outcome))
        return _show_choice(request, offer, choices, form, status=422, details=outcome.answer)
    return _connected(request, account)


def _show_choice(request, offer, choices, form, status=200, details=""):
    context = {
        "offer": offer,
        "form": form,
        "unusable": [choice for choice in choices if not choice.can_publish],
        "usable": [choice for choice in choices if choice.can_publish],
        "details": details,
    }
    return render(request, "posts/accounts/choose.html", context, status=status)


def _connected(request, account):
    messages.success(
        request, _("%(page)s is connected. What was planned there goes on by itself.") % {"page": account}
    )
    if warning := Condition(account, timezone.now()).warning:
        messages.warning(request, warning)
    return redirect("accounts")


def _refused(request, refused):
    return render(request, "posts/accounts/refused.html", {"refused": refused}, status=400)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def disconnect(request, pk):
    """GET says what it means; POST forgets the tokens."""
    require(can_connect(request.user))
    account = get_object_or_404(Account.objects.exclude(token=""), pk=pk)
    if request.method != "POST":
        waiting = account.deliveries.filter(state__in=account.deliveries.model.WAITING).count()
        return render(request, "posts/accounts/disconnect.html", {"account": account, "waiting": waiting})
    connecting.disconnect(account, by=request.user)
    messages.success(
        request,
        _("%(page)s is disconnected: our access is forgotten, and what is planned there waits.")
        % {"page": account},
    )
    return redirect("accounts")


def _forget_query(request) -> None:
    """Reports of errors show the address: not the code that stood in it."""
    request.META["QUERY_STRING"], request.GET = "", QueryDict()


def _session_key(request) -> str:
    if request.session.session_key is None:
        request.session.save()
    return request.session.session_key
