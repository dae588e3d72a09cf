"""*Mes autorisations*: where, since when, until when; changed place by place; every agreement with its receipt."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from inet_comms.lifecycle import MoveRefused

from .. import actions, consents, permissions
from ..actions.consenting import Agreement, StaleConsent
from ..forms.agreeing import AgreementForm
from ..models import Consent, Place
from .allowances import Allowances
from .mine import form_page, own, with_own_portrait


@login_required
@never_cache
@require_safe
def my_consents(request):
    """What I have allowed, where it is online, and each receipt."""
    portrait = own(request.user)
    allowances = Allowances(portrait) if portrait else None
    return render(request, "portraits/consents/mine.html", {"portrait": portrait, "allowances": allowances})


@require_POST
@with_own_portrait()
def take_away(request, portrait, place):
    """One place less, at once, with the sentence that stood beside the button."""
    running = portrait.consent
    if running is None or place not in running.places or len(running.places) == 1:
        raise MoveRefused(portrait, "change_consent")
    agreement = Agreement(
        places=frozenset(other.value for other in running.places if other != place),
        until=running.until,
        terms=consents.terms_without(running, place),
        signed_in_with=consents.proof_of_identity(request.session, request.user),
    )
    try:
        actions.change_consent(portrait, agreement, read=_number(request), by=request.user)
    except StaleConsent as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, said_taken_away(place))
    return redirect("my_consents")


def _number(request):
    said = request.POST.get("consent", "")
    return int(said) if said.isdecimal() else 0


def said_taken_away(place):
    """What happens now that this place is taken away."""
    if place == Place.GALLERY:
        return _("Your page has left the gallery.")
    return _("Taken back: nothing more goes to %(place)s, and what is there is being taken down.") % {
        "place": Place(place).label
    }


@form_page
@with_own_portrait()
def change(request, portrait):
    """Other places or another last day: the whole agreement before their eyes again, then the button."""
    if portrait.consent is None:
        return redirect("my_consents")
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(portrait, data, initial=_initial(request, portrait))
    if form.is_bound and form.is_valid():
        agreement = form.agreement(
            settings.SCHOOL_NAME, consents.proof_of_identity(request.session, request.user)
        )
        try:
            actions.change_consent(
                portrait, agreement, read=form.cleaned_data["consent"] or 0, by=request.user
            )
        except StaleConsent as refused:
            messages.warning(request, refused.for_people)
        else:
            messages.success(request, _("Your agreement counts as you changed it, from now on."))
        return redirect("my_consents")
    return render_change(request, portrait, form, back="my_consents")


def _initial(request, portrait):
    """As it is, with the place ticked that they came to add."""
    added = request.GET.get("plus")
    places = [place.value for place in Place if place in portrait.consent.places or place == added]
    return {"consent": portrait.consent_id, "places": places}


def render_change(request, portrait, form, **more):
    """The page of the whole agreement to the version that was agreed to."""
    first, *others = consents.terms(portrait, settings.SCHOOL_NAME)
    context = {
        "portrait": portrait,
        "version": portrait.consent.version,
        "form": form,
        "first_term": first,
        "other_terms": others,
        **more,
    }
    return render(request, "portraits/consents/change.html", context, status=422 if form.is_bound else 200)


@login_required
@never_cache
@require_safe
def receipt(request, pk):
    """One agreement as PDF, for the student and, as proof, for staff; for others as if there were none."""
    found = get_object_or_404(
        Consent.objects.select_related(
            "portrait__student__promotion__track", "version__photo", "by", "portrait__consent"
        ),
        pk=pk,
    )
    if not permissions.can_read_receipt(request.user, found):
        raise Http404
    # Loading fpdf2 takes 0.3 s, which every process would pay at its start.
    from .. import receipts

    response = HttpResponse(receipts.receipt(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{receipts.file_name(found)}"'
    return response
