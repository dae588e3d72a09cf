"""Who may sign in: people the school knows. No sign-up, no password; the same words whether an address is known or not."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.utils import perform_login
from allauth.account.views import logout as logout_page
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cohorts.models import User

LINK_LIVES = timedelta(minutes=10)
_SALT = "inet_comms.sign_in.login_link"


class ClosedAdapter(DefaultAccountAdapter):
    """The school imports its people; nobody registers themselves."""

    def is_open_for_signup(self, request):
        return False


class LinkRefused(Exception):
    """This link signs nobody in. str() says why and what to do; `status` is the page's."""

    def __init__(self, message: str, status: int = 410):
        self.status = status
        super().__init__(message)


def login_link_path(user: User) -> str:
    """The path of a link that signs this person in, once and within LINK_LIVES.

    It names the moment of their last sign-in: any sign-in since, by this link or otherwise, has used it up.
    """
    return reverse("login_link", args=[signing.dumps([user.pk, _stamp(user)], salt=_SALT)])


def _stamp(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""


def _read(token: str) -> tuple[User, datetime | None]:
    """Whose link it is, and the last sign-in that it names. Raises LinkRefused."""
    try:
        pk, stamp = signing.loads(token, salt=_SALT, max_age=LINK_LIVES)
    except signing.SignatureExpired as error:
        raise LinkRefused(_("This link has expired: it lives for ten minutes. Ask for a new one.")) from error
    except signing.BadSignature as error:
        raise LinkRefused(_("This link is not complete. Copy it again, whole."), status=404) from error
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or _stamp(user) != stamp:
        raise LinkRefused(_("This link has already been used: it works once. Ask for a new one."))
    return user, user.last_login


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_link(request, token):
    """GET shows a button and changes nothing, since mail scanners open links; POST signs in, second factor included."""
    try:
        user, last_login = _read(token)
        if request.method == "POST":
            _use_up(user, last_login)
            return enter(request, user, method="login_link")
    except LinkRefused as refused:
        return render(request, "account/login_link.html", {"refused": str(refused)}, status=refused.status)
    return render(request, "account/login_link.html", {"person": user})


def enter(request: HttpRequest, user: User, *, method: str, to: str | None = None) -> HttpResponse:
    """Sign this person in, known by a link of ours, and lead them to `to`. A second factor that they have is asked first."""
    if request.user.is_authenticated and request.user != user:
        logout(request)
    record_authentication(request, user, method=method)
    return perform_login(request, user, email=user.email, redirect_url=to)


def send_code(request: HttpRequest, user: User, *, to: str) -> HttpResponse:
    """Write a code to this person's address, as if they had asked for it, and lead to the page that asks for it.

    Raises LinkRefused where too many were asked for.
    """
    if request.user.is_authenticated and request.user != user:
        logout(request)
    form = RequestLoginCodeForm({"email": user.email})
    if not form.is_valid() or form._user != user:
        raise LinkRefused(_("Too many codes were asked for. Wait a few minutes, then try again."), status=429)
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    return redirect(reverse("account_confirm_login_code", query={"next": to}))


def _use_up(user: User, last_login: datetime | None) -> None:
    """In one statement, so that of two requests with one link the second finds it used."""
    unused = User.objects.filter(pk=user.pk)
    unused = unused.filter(last_login=last_login) if last_login else unused.filter(last_login__isnull=True)
    if not unused.update(last_login=timezone.now()):
        raise LinkRefused(_("This link has already been used: it works once. Ask for a new one."))


def sign_out(request):
    """Signing out also takes away what the browser kept of this person, the words and pages of their form among it."""
    response = logout_page(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"storage"'
    return response
