"""*Mon portrait*: what a student sees and does, one question a screen, on a phone first."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inet_comms.lifecycle import MoveRefused, StaleVersion

from .. import actions, consents
from ..forms.mine import AgreementForm, AnswerForm, FactsForm, MessageForm, PhotoForm
from ..models import Portrait
from ..photos import PhotoRefused
from ..questions import BY_KEY, QUESTIONS
from .standing import Changes, Standing, as_written, network_words, next_address

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
    """The view gets the person's own portrait. Reading in another state leads to the overview, which says why.

    Writing goes through to the action, which knows better: what it refuses is said there too.
    """

    def decorate(view):
        @login_required
        @never_cache
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            portrait = own(request.user)
            if portrait is None:
                raise Http404
            if request.method != "POST" and states and portrait.state not in states:
                return redirect("my_portrait")
            try:
                return view(request, portrait, *args, **kwargs)
            except MoveRefused as refused:
                messages.warning(request, refused.for_people)
                return redirect("my_portrait")

        return wrapped

    return decorate


@login_required
@never_cache
@require_safe
def overview(request):
    """Where my portrait stands and what comes next."""
    portrait = own(request.user)
    if portrait is None:
        return render(request, "portraits/mine/none.html", {"student": request.user.as_student})
    standing = Standing(portrait)
    asks = portrait.state == Portrait.State.TO_SIGN or standing.message is not None
    context = {"portrait": portrait, "standing": standing, "title_count": 1 if asks else 0}
    return render(request, "portraits/mine/overview.html", context)


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def question(request, portrait, key):
    """One question. Each answer is saved as it is given, by either button or while one types."""
    if key not in BY_KEY:
        raise Http404
    asked, place = BY_KEY[key], KEYS.index(key)
    form = AnswerForm(
        asked, request.POST if request.method == "POST" else None, initial={"text": portrait.own_words[key]}
    )
    is_autosave = request.headers.get("X-Requested-With") == "autosave"
    if form.is_bound and _save_answer(request, portrait, key, form):
        return HttpResponse(status=204) if is_autosave else redirect(*_after(request, place))
    if form.is_bound and is_autosave:
        sentences = [sentence for errors in form.errors.values() for sentence in errors]
        return HttpResponse(" ".join(sentences), status=422, content_type="text/plain; charset=utf-8")
    context = {
        "portrait": portrait,
        "question": asked,
        "form": form,
        "place": place + 1,
        "total": len(KEYS),
        "internships": portrait.student.internships.all() if key == "internships" else (),
    }
    return render(request, "portraits/mine/question.html", context, status=422 if form.is_bound else 200)


def _save_answer(request, portrait, key, form):
    """Whether it is saved. A refusal is said on the page that still holds the words."""
    if not form.is_valid():
        return False
    try:
        actions.answer(portrait, key, form.cleaned_data["text"], by=request.user)
    except MoveRefused as refused:
        form.add_error(None, refused.for_people)
        return False
    return True


def _after(request, place):
    """Where an answer leads: one question back or on; after the last one, the facts."""
    place += -1 if request.POST.get("go") == "back" else 1
    if place < 0:
        return ("my_portrait",)
    return ("my_question", KEYS[place]) if place < len(KEYS) else ("my_facts",)


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
    """The photo, its frame, its description. A photo that arrived well is kept, whatever else is wrong."""
    form = PhotoForm(portrait, *([request.POST, request.FILES] if request.method == "POST" else []))
    if form.is_bound:
        is_complete = form.is_valid()
        upload = form.cleaned_data.get("photo")
        if (upload or is_complete) and _keep_photo(request, portrait, form, upload):
            if is_complete:
                messages.success(request, _("Your photo is saved."))
                to_frame = upload and not form.cleaned_data["is_framed"]
                return redirect("my_photo" if to_frame else next_address(own(request.user)))
            portrait = own(request.user)
            form.show_frame_of(portrait)
    context = {"portrait": portrait, "form": form}
    return render(request, "portraits/mine/photo.html", context, status=422 if form.is_bound else 200)


def _keep_photo(request, portrait, form, upload):
    """Whether photo, frame and description are saved. A photo that cannot be used is said beside its field."""
    try:
        actions.set_photo(
            portrait,
            upload=upload,
            crop=form.crop,
            alt_text=form.cleaned_data.get("alt_text", portrait.alt_text),
            by=request.user,
        )
    except PhotoRefused as refused:
        form.add_error("photo" if upload else None, str(refused))
        return False
    return True


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
            actions.submit(portrait, form.agreement(request, settings.SCHOOL_NAME), by=request.user)
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
            agreement = form.agreement(request, settings.SCHOOL_NAME)
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
        actions.withdraw(portrait, by=request.user)
        return redirect("my_portrait")
    heading = _("Withdraw my portrait") if portrait.version else _("I do not want a portrait")
    return render(request, "portraits/mine/withdraw.html", {"portrait": portrait, "heading": heading})


@require_POST
@with_own_portrait()
def reopen(request, portrait):
    """Begin again after a withdrawal."""
    actions.reopen(portrait, by=request.user)
    return redirect("my_portrait")
