"""*Mon portrait*: the student's key. Hand in, sign, withdraw, begin again."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inet_comms.lifecycle import MoveRefused, StaleVersion

from .. import actions, consents
from ..forms.agreeing import AgreementForm, MessageForm
from ..models import Portrait
from .mine import form_page, own, with_own_portrait
from .standing import Changes, Standing, as_written, network_words


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def hand_in(request, portrait):
    """The whole before their eyes, where it may appear, and the button that hands it in."""
    if not portrait.is_writable:
        raise MoveRefused(portrait, "submit")
    if portrait.missing:
        what = ", ".join(map(str, portrait.missing))
        messages.warning(request, _("Not quite yet. What is missing: %(what)s.") % {"what": what})
        return redirect("my_portrait")
    written = as_written(portrait)
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(portrait, data, initial={"shown": written.fingerprint})
    if form.is_bound and form.is_valid():
        if form.cleaned_data["shown"] == written.fingerprint:
            actions.submit(portrait, form.agreement(settings.SCHOOL_NAME, _proof(request)), by=request.user)
            messages.success(
                request, _("Handed in. Your communication group takes over; you sign the final text.")
            )
            return redirect("my_portrait")
        form = _again(portrait, data, StaleVersion(portrait, "submit"), shown=written.fingerprint)
    context = {"portrait": portrait, "version": written, "form": form}
    return _agreement_page(request, "portraits/mine/hand_in.html", context)


@form_page
@with_own_portrait(Portrait.State.TO_SIGN)
def sign(request, portrait):
    """The final text with what changed, and the student's key; or a change asked for."""
    if request.method == "POST" and "message" in request.POST:
        return _ask_change(request, portrait)
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(portrait, data, initial={"version": portrait.version})
    if form.is_bound and form.is_valid():
        try:
            agreement = form.agreement(settings.SCHOOL_NAME, _proof(request))
            actions.sign(portrait, agreement, read=form.cleaned_data["version"] or 0, by=request.user)
        except StaleVersion as refused:
            portrait = own(request.user)
            form = _again(portrait, data, refused, version=portrait.version)
        else:
            messages.success(
                request, _("Signed. The staff of the school turn the second key, then it goes out.")
            )
            return redirect("my_portrait")
    return _signing_page(request, portrait, form, MessageForm())


def _proof(request):
    return consents.proof_of_identity(request.session, request.user)


def _ask_change(request, portrait):
    refusal = MessageForm(request.POST)
    if not refusal.is_valid():
        form = AgreementForm(portrait, initial={"version": portrait.version})
        return _signing_page(request, portrait, form, refusal)
    message = refusal.cleaned_data["message"]
    try:
        actions.ask_change(portrait, message=message, by=request.user)
    except MoveRefused:
        messages.warning(request, _("Your words were not sent: “%(message)s”") % {"message": message})
        raise
    messages.success(request, _("Your communication group has your message and edits again."))
    return redirect("my_portrait")


def _signing_page(request, portrait, form, refusal):
    if portrait.state != Portrait.State.TO_SIGN:
        raise MoveRefused(portrait, "sign")
    context = {
        "portrait": portrait,
        "version": portrait,
        "form": form,
        "refusal": refusal,
        "changes": Changes(portrait),
        "standing": Standing(portrait),
    }
    return _agreement_page(request, "portraits/mine/sign.html", context, is_refused=refusal.is_bound)


def _again(portrait, data, refused, **now):
    """The page as it is now, with the choices they made: `now` replaces what said which text was shown."""
    data = data.copy()
    for name, value in now.items():
        data[name] = value
    form = AgreementForm(portrait, data)
    form.full_clean()
    form.add_error(None, refused.for_people)
    return form


def _agreement_page(request, template, context, is_refused=False):
    portrait = context["portrait"]
    first, *others = consents.terms(portrait, settings.SCHOOL_NAME)
    context |= {
        "first_term": first,
        "other_terms": others,
        "network_words": network_words(context["version"], portrait.student.promotion),
    }
    return render(request, template, context, status=422 if context["form"].is_bound or is_refused else 200)


@form_page
@with_own_portrait(*Portrait.MOVES["withdraw"].sources)
def withdraw(request, portrait):
    """What withdrawing does, and the button."""
    if request.method == "POST":
        actions.withdraw(portrait, by=request.user, proof=_proof(request))
        return redirect("my_portrait")
    heading = _("Withdraw my portrait") if portrait.version else _("I do not want a portrait")
    return render(request, "portraits/mine/withdraw.html", {"portrait": portrait, "heading": heading})


@require_POST
@with_own_portrait()
def reopen(request, portrait):
    """Begin again after a withdrawal."""
    actions.reopen(portrait, by=request.user)
    return redirect("my_portrait")
