"""*Mon portrait*: what a student sees and does, one question a screen, on a phone first."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inet_comms.lifecycle import MoveRefused

from .. import actions, consents
from ..forms.mine import AgreementForm, AnswerForm, FactsForm, MessageForm, PhotoForm
from ..models import Portrait
from ..photos import PhotoRefused
from ..questions import BY_KEY, QUESTIONS
from ..steps import TONES, life_line
from ..words import word_diff

KEYS = [question.key for question in QUESTIONS]
form_page = require_http_methods(["GET", "HEAD", "POST"])


def own(user):
    """The portrait of the person who asks, with what its pages show; None if they have none."""
    return (
        Portrait.objects.select_related("student__promotion__track", "photo", "consent", "online")
        .prefetch_related("answers")
        .filter(student__user=user)
        .first()
    )


def with_own_portrait(*states):
    """The view gets the person's own portrait. Not in one of these states: back to the overview, which says why."""

    def decorate(view):
        @login_required
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            portrait = own(request.user)
            if portrait is None:
                raise Http404
            if states and portrait.state not in states:
                return redirect("my_portrait")
            try:
                return view(request, portrait, *args, **kwargs)
            except MoveRefused as refused:
                messages.warning(request, refused.for_people)
                return redirect("my_portrait")

        return wrapped

    return decorate


@login_required
@require_safe
def overview(request):
    """Where my portrait stands and what comes next."""
    portrait = own(request.user)
    if portrait is None:
        return render(request, "portraits/mine/none.html", {"student": request.user.as_student})
    words = portrait.own_words
    context = {
        "portrait": portrait,
        "tone": TONES[portrait.state],
        "line": life_line(portrait),
        "questions": [(question, bool(words[question.key])) for question in QUESTIONS],
        "next": next_step(portrait),
        "message": last_message(portrait),
        "places": consents.said_places(portrait.consent.places) if portrait.consent else "",
    }
    return render(request, "portraits/mine/overview.html", context)


def next_step(portrait):
    """The name of the first step that is not done, with its arguments for reverse."""
    words = portrait.own_words
    missing = next(
        (question.key for question in QUESTIONS if question.is_required and not words[question.key]), None
    )
    if missing:
        return {"name": "my_question", "key": missing}
    return {"name": "my_hand_in" if portrait.photo_id else "my_photo"}


def last_message(portrait):
    """What the comms group wrote when it gave the pen back, while that is the last thing that happened."""
    if portrait.state != Portrait.State.DRAFT:
        return None
    move = portrait.moves.select_related("by").last()
    return move if move and move.name == "hand_back" else None


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def question(request, portrait, key):
    """One question. Each answer is saved as it is given, by the button or while one types."""
    if key not in BY_KEY:
        raise Http404
    asked, place = BY_KEY[key], KEYS.index(key)
    is_autosave = request.headers.get("X-Requested-With") == "autosave"
    form = AnswerForm(
        asked, request.POST if request.method == "POST" else None, initial={"text": portrait.own_words[key]}
    )
    if form.is_bound and form.is_valid():
        actions.answer(portrait, key, form.cleaned_data["text"], by=request.user)
        if is_autosave:
            return HttpResponse(status=204)
        return redirect("my_question", KEYS[place + 1]) if place + 1 < len(KEYS) else redirect("my_facts")
    if form.is_bound and is_autosave:
        return HttpResponse(" ".join(form.errors.get("text", [])), status=422, content_type="text/plain")
    context = {
        "portrait": portrait,
        "question": asked,
        "form": form,
        "place": place + 1,
        "total": len(KEYS),
        "previous": KEYS[place - 1] if place else None,
        "internships": portrait.student.internships.all() if key == "internships" else (),
    }
    return render(request, "portraits/mine/question.html", context, status=422 if form.is_bound else 200)


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def facts(request, portrait):
    """Three optional facts."""
    initial = {name: getattr(portrait, name) for name in FactsForm.base_fields}
    form = FactsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        actions.set_facts(portrait, by=request.user, **form.cleaned_data)
        return redirect("my_photo")
    context = {"portrait": portrait, "form": form}
    return render(request, "portraits/mine/facts.html", context, status=422 if form.is_bound else 200)


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def photo(request, portrait):
    """The photo, its frame, its description."""
    has_photo = portrait.photo is not None
    if request.method == "POST":
        form = PhotoForm(has_photo, request.POST, request.FILES)
        if form.is_valid():
            try:
                is_new = bool(form.cleaned_data["photo"])
                actions.set_photo(
                    portrait,
                    upload=form.cleaned_data["photo"],
                    crop=form.crop,
                    alt_text=form.cleaned_data["alt_text"],
                    by=request.user,
                )
                messages.success(request, _("Your photo is saved."))
                return redirect("my_photo" if is_new else "my_hand_in")
            except PhotoRefused as refused:
                form.add_error("photo" if form.cleaned_data["photo"] else None, str(refused))
    else:
        initial = {"alt_text": portrait.alt_text}
        if has_photo:
            frame = portrait.photo.crop
            initial |= {"x": frame.x, "y": frame.y, "width": frame.width, "height": frame.height}
        form = PhotoForm(
            has_photo,
            initial={
                name: round(value, 4) if isinstance(value, float) else value
                for name, value in initial.items()
            },
        )
    context = {"portrait": portrait, "form": form}
    return render(request, "portraits/mine/photo.html", context, status=422 if form.is_bound else 200)


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def hand_in(request, portrait):
    """The whole before their eyes, where it may appear, and the button that hands it in."""
    if portrait.missing:
        messages.warning(request, _("Not quite yet: something is still missing."))
        return redirect("my_portrait")
    form = AgreementForm(portrait, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actions.submit(portrait, form.agreement(request, settings.SCHOOL_NAME), by=request.user)
        messages.success(
            request, _("Handed in. Your communication group takes over; you sign the final text.")
        )
        return redirect("my_portrait")
    words = portrait.own_words
    context = {
        "portrait": portrait,
        "form": form,
        "terms": consents.terms(portrait, settings.SCHOOL_NAME),
        "quote": words["quote"],
        "paragraphs": [words[key] for key in KEYS if key != "quote" and words[key]],
    }
    return render(request, "portraits/mine/hand_in.html", context, status=422 if form.is_bound else 200)


@form_page
@with_own_portrait(Portrait.State.TO_SIGN)
def sign(request, portrait):
    """The final text with what changed, and the student's key; or a change asked for."""
    is_refusal = request.method == "POST" and "message" in request.POST
    form = AgreementForm(
        portrait,
        request.POST if request.method == "POST" and not is_refusal else None,
        initial={"version": portrait.version},
    )
    refusal = MessageForm(request.POST if is_refusal else None)
    if is_refusal and refusal.is_valid():
        actions.ask_change(portrait, message=refusal.cleaned_data["message"], by=request.user)
        messages.success(request, _("Your communication group has your message and edits again."))
        return redirect("my_portrait")
    if form.is_bound and form.is_valid():
        read = form.cleaned_data["version"] or 0
        actions.sign(portrait, form.agreement(request, settings.SCHOOL_NAME), read=read, by=request.user)
        messages.success(request, _("Signed. The staff of the school turn the second key, then it goes out."))
        return redirect("my_portrait")
    before = portrait.versions.select_related("photo").filter(number=portrait.signed_version or 0).first()
    context = {
        "portrait": portrait,
        "form": form,
        "refusal": refusal,
        "terms": consents.terms(portrait, settings.SCHOOL_NAME),
        "changes": changes(before, portrait) if before else [],
        "has_new_crop": before is not None and before.photo_id != portrait.photo_id,
        "before": before,
    }
    return render(
        request, "portraits/mine/sign.html", context, status=422 if form.is_bound or refusal.is_bound else 200
    )


def changes(before, portrait):
    """(label, word diff) of the words that differ from the version last signed."""
    labels = {
        "title": _("Title"),
        "quote": _("Quote"),
        "text": _("Text"),
        "alt_text": _("Description of the photo"),
    }
    pairs = [(label, getattr(before, name), getattr(portrait, name)) for name, label in labels.items()]
    return [(label, word_diff(old, new)) for label, old, new in pairs if old != new]


WITHDRAWABLE = Portrait.MOVES["withdraw"].sources


@form_page
@with_own_portrait(*WITHDRAWABLE)
def withdraw(request, portrait):
    """What withdrawing does, and the button."""
    if request.method == "POST":
        actions.withdraw(portrait, by=request.user)
        return redirect("my_portrait")
    return render(request, "portraits/mine/withdraw.html", {"portrait": portrait})


@require_POST
@with_own_portrait(Portrait.State.WITHDRAWN)
def reopen(request, portrait):
    """Begin again after a withdrawal."""
    actions.reopen(portrait, by=request.user)
    return redirect("my_portrait")
