"""People in a photo: who can be recognised there is named, and answers on a page of their own, signed in or not."""

import base64
from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from cohorts.models import Student
from cohorts.permissions import is_the_student
from inet_comms.lifecycle import MoveRefused, require
from inet_comms.throttle import is_too_often

from .. import actions, consents, likeness, permissions
from ..links import LinkRefused
from ..models import Appearance, Portrait
from .by_link import WINDOW, WRONG_LINKS
from .mine import form_page

ANSWERS_AT_ONCE = 40
"""A quarter of an hour's worth of answers from one address: a whole promotion may sit behind the school's."""


@form_page
@login_required
@never_cache
def photo_people(request, pk):
    """Who is tied to the photo, and the search for one more. Staff read."""
    everything = Portrait.objects.select_related("student__promotion", "photo")
    portrait = get_object_or_404(everything.visible_to(request.user), pk=pk)
    if request.method == "POST":
        require(permissions.can_tie(request.user, portrait))
        return _changed(request, portrait)
    words = request.GET.get("q", "").strip()[:80]
    context = {
        "portrait": portrait,
        "people": Appearance.objects.in_photo_of(portrait)
        .filter(portrait=portrait)
        .select_related("student"),
        "can_tie": permissions.can_tie(request.user, portrait) and portrait.photo_id is not None,
        "is_mine": is_the_student(request.user, portrait.student),
        "words": words,
        "found": likeness.candidates(portrait, words) if portrait.photo_id else [],
    }
    return render(request, "portraits/people/photo.html", context)


def _changed(request, portrait):
    person, tied = request.POST.get("person", ""), request.POST.get("untie", "")
    try:
        if tied.isdecimal():
            actions.untie(get_object_or_404(portrait.appearances, pk=tied), by=request.user)
            messages.success(request, _("Their name is taken off the photo; they are told so."))
        else:
            student = get_object_or_404(_who_may_be_meant(portrait), pk=person if person.isdecimal() else 0)
            actions.tie(portrait, student, by=request.user)
            messages.success(request, _("%(name)s receives a mail and answers.") % {"name": student})
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect("photo_people", portrait.pk)


def _who_may_be_meant(portrait):
    own = portrait.student.promotion
    return Student.objects.filter(promotion__starts__lte=own.ends, promotion__ends__gte=own.starts)


@csrf_exempt
@never_cache
@form_page
def appearance(request, token):
    """The photo, the sentences, and the answer; later, what was answered and the button that takes it back.

    A GET changes nothing, since mail programs open links. A POST needs no cookie: the link itself is the proof.
    """
    try:
        found = likeness.read(token)
    except LinkRefused as refused:
        is_guessing = is_too_often(request, "wrong-link", times=WRONG_LINKS, seconds=WINDOW)
        return _link_refused(request, str(refused), 429 if is_guessing else 404)
    if request.method == "POST":
        if is_too_often(request, "likeness", times=ANSWERS_AT_ONCE, seconds=WINDOW):
            return _link_refused(request, _("Too many tries from here. Wait a quarter of an hour."), 429)
        # Refused when it was answered meanwhile, or the button pressed twice: the page says how things stand.
        with suppress(MoveRefused):
            _answer(request, found)
        return redirect(request.path)
    picture = _picture(found)
    context = {
        "appearance": found,
        "owner": found.portrait.student,
        "terms": likeness.terms(found, settings.SCHOOL_NAME),
        "picture": picture,
        "alt": _("The photo of %(owner)s") % {"owner": found.portrait.student},
    }
    response = render(request, "portraits/people/answer.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _answer(request, found):
    proof = likeness.proof_by_link(found)
    if is_the_student(request.user, found.student):
        proof = consents.proof_of_identity(request.session, request.user)
    match request.POST.get("answer"):
        case "agree":
            terms = "\n".join(likeness.terms(found, settings.SCHOOL_NAME))
            actions.agree(found, terms=terms, proof=proof)
        case "refuse":
            actions.refuse(found, proof=proof)
        case "not-me":
            actions.say_not_me(found, proof=proof)
        case "take-back":
            actions.take_back(found, proof=proof)
        case _:
            raise Http404


def _link_refused(request, words, status):
    return render(request, "portraits/people/link_refused.html", {"refused": words}, status=status)


def _picture(found):
    """The photo as it is framed now, in the page itself: its own address opens for nobody who is not signed in. None: it is gone."""
    same = found.portrait.photos.filter(source_sha256=found.source_sha256)
    photo = same.filter(pk=found.portrait.photo_id).first() or same.order_by("-pk").first()
    rendition = photo and photo.renditions.filter(name="400.webp").first()
    if rendition is None:
        return None
    try:
        with rendition.file.open("rb") as file:
            return f"data:{rendition.content_type};base64,{base64.b64encode(file.read()).decode()}"
    except FileNotFoundError:
        return None
