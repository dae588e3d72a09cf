"""What a signed link opens, signed in or not: withdrawing and seeing it done, or keeping a portrait online.

A GET changes nothing, since mail programs open links. A POST needs no cookie: the link itself is the proof, and nobody else's
page can know it.
"""

from contextlib import suppress
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from inet_comms.lifecycle import MoveRefused
from inet_comms.throttle import is_too_often

from .. import actions, consents, links
from ..actions.consenting import StaleConsent
from ..forms.agreeing import AgreementForm
from ..mails import consents as consent_mails
from .allowances import Allowances
from .consenting import render_change
from .mine import form_page

WRONG_LINKS, BUTTONS = 30, 20
"""A quarter of an hour's worth of wrong links, and of pressed buttons, from one address."""
WINDOW = 900


def opened_by(address):
    """The view gets the agreement that the link names. A wrong link is one clear page, the same for all that is wrong."""

    def decorate(view):
        @csrf_exempt
        @never_cache
        @form_page
        @wraps(view)
        def wrapped(request, token):
            is_button = request.method == "POST"
            if is_button and is_too_often(request, "link", times=BUTTONS, seconds=WINDOW):
                return _refused(request, _("Too many tries from here. Wait a quarter of an hour."), 429)
            try:
                consent = links.read(token, address)
            except links.LinkRefused as refused:
                if is_too_often(request, "wrong-link", times=WRONG_LINKS, seconds=WINDOW):
                    return _refused(request, _("Too many tries from here. Wait a quarter of an hour."), 429)
                return _refused(request, str(refused), 404)
            response = view(request, consent)
            response["X-Robots-Tag"] = "noindex"
            return response

        return wrapped

    return decorate


def _refused(request, words, status):
    return render(request, "portraits/consents/link_refused.html", {"refused": words}, status=status)


@opened_by(links.WITHDRAW)
def withdraw(request, consent):
    """What withdrawing does, and the button; once it is done, what is gone and what is still being taken down."""
    portrait = consent.portrait
    if request.method == "POST" and "present" in request.POST:
        if portrait.consent_id and portrait.consent_id != consent.pk:
            consent_mails.present_link(portrait)
            messages.success(request, _("The link is on its way to the student’s address."))
        return redirect(request.path)
    if request.method == "POST":
        # Refused when somebody was faster, or the button was pressed twice: the page says how things stand.
        with suppress(MoveRefused):
            actions.withdraw_by_link(consent)
        return redirect(request.path)
    context = {
        "portrait": portrait,
        "consent": consent,
        "allowances": Allowances(portrait),
        "runs": portrait.consent_id == consent.pk,
    }
    return render(request, "portraits/consents/by_link.html", context)


@opened_by(links.KEEP)
def keep(request, consent):
    """The whole agreement again with a later day, and the button that keeps it online."""
    portrait, person = consent.portrait, consent.portrait.student.user
    runs = portrait.consent_id == consent.pk and consent.until >= timezone.localdate()
    if not runs or person is None:
        until = portrait.consent and consents.said_end(portrait.consent.until)
        context = {"until": "" if runs else until, "is_closed": runs}
        return render(request, "portraits/consents/kept.html", context)
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(portrait, data, is_longer=True, initial={"consent": consent.pk})
    if form.is_bound and form.is_valid():
        try:
            agreement = form.agreement(settings.SCHOOL_NAME, consents.proof_by_link(consent))
            actions.change_consent(portrait, agreement, read=consent.pk, by=person)
        except StaleConsent as refused:
            messages.warning(request, refused.for_people)
        return redirect(request.path)
    ends = consents.said_end(consent.until)
    return render_change(request, portrait, form, keeps_from=ends)
