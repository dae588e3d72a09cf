"""*Mon portrait*: what a student sees and does, one question a screen, on a phone first."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from inet_comms.lifecycle import MoveRefused

from .. import actions, phones
from ..actions.asking import AskingRefused
from ..actions.writing import ChangedElsewhere, answer_token, photo_token
from ..forms.mine import AnswerForm, FactsForm, PhotoForm
from ..models import Portrait, retired_of
from ..photos import PhotoRefused
from .saving import PLAIN, changed_elsewhere, is_script, refused_in_words, saved
from .standing import Standing, next_address, photo_advice

form_page = require_http_methods(["GET", "HEAD", "POST"])


def own(user):
    """The portrait of the person who asks, with what its pages show; None if they have none."""
    return (
        Portrait.objects.select_related("student__promotion__track", "photo", "consent", "online")
        .prefetch_related("answers", "student__promotion__questions")
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
            if request.method == "POST" and not _is_sent_by_its_owner(request):
                return _of_somebody_else(request)
            if request.method != "POST" and states and portrait.state not in states:
                return redirect("my_portrait")
            try:
                response = view(request, portrait, *args, **kwargs)
                phones.tell(request, response, portrait)
                return response
            except MoveRefused as refused:
                if is_script(request):
                    return HttpResponse(refused.for_people, status=423, content_type=PLAIN)
                messages.warning(request, refused.for_people)
                return redirect("my_portrait")

        return wrapped

    return decorate


def _is_sent_by_its_owner(request):
    """A page names in `whose` for whom it was made; the session may have changed since. What a phone sends by itself must name it."""
    whose = request.POST.get("whose")
    return whose == phones.owner(request.user) or not (whose or is_script(request))


def _of_somebody_else(request):
    """Two people used this browser: what one of them typed is never saved in the other's name."""
    if is_script(request):
        return HttpResponse(status=401)
    messages.warning(
        request,
        _(
            "Nothing was saved: that page belonged to somebody else who used this browser. Open yours and write there."
        ),
    )
    return redirect("my_portrait")


@login_required
@never_cache
@require_safe
def overview(request):
    """Where my portrait stands and what comes next."""
    portrait = own(request.user)
    if portrait is None:
        response = render(request, "portraits/mine/none.html", {"student": request.user.as_student})
        phones.tell(request, response, portrait)
        return response
    standing = Standing(portrait)
    asks = portrait.state == Portrait.State.TO_SIGN or standing.message is not None
    context = {"portrait": portrait, "standing": standing, "title_count": 1 if asks else 0}
    response = render(request, "portraits/mine/overview.html", context)
    phones.tell(request, response, portrait)
    return response


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def question(request, portrait, key):
    """One question. Each answer is saved as it is given, by either button or while one types."""
    keys = [question.key for question in portrait.questions]
    if key not in keys:
        return _not_asked(request, portrait, key)
    place = keys.index(key)
    given = next((answer for answer in portrait.answers.all() if answer.question == key), None)
    initial = {"text": given.text if given else "", "read": answer_token(given)}
    form = AnswerForm(
        portrait.questions[place], request.POST if request.method == "POST" else None, initial=initial
    )
    context = {
        "portrait": portrait,
        "question": portrait.questions[place],
        "form": form,
        "place": place + 1,
        "total": len(keys),
        "before": _step(portrait, keys, place - 1),
        "after": _step(portrait, keys, place + 1),
        "internships": portrait.student.internships.all() if key == "internships" else (),
    }
    if form.is_bound:
        return _save_answer(request, context, key)
    frozen = context["question"].is_frozen
    return render(request, f"portraits/mine/{'frozen' if frozen else 'question'}.html", context)


def _not_asked(request, portrait, key):
    """The group has stopped asking it while a page, or a phone without connection, still held it: the words come back."""
    if request.method != "POST":
        if key not in {row.key for row in retired_of(portrait.student.promotion)}:
            raise Http404
        messages.info(request, _("Your communication group no longer asks this question."))
        return redirect("my_portrait")
    words = request.POST.get("text", "").strip()
    try:
        given = actions.answer(portrait, key, words, by=request.user)
    except AskingRefused as refused:
        if is_script(request):
            return HttpResponse(refused.for_people, status=410, content_type=PLAIN)
        messages.warning(request, f"{refused.for_people} {words}")
        return redirect("my_portrait")
    return saved(request, read=answer_token(given), after=reverse("my_portrait"))


def _save_answer(request, context, key):
    """On to the next page; or the page that still holds the words, with what is in the way."""
    portrait, form, status = context["portrait"], context["form"], 422
    try:
        if form.is_valid():
            words, read = form.cleaned_data["text"], form.data.get("read")
            given = actions.answer(portrait, key, words, read=read, by=request.user)
            after = context["before"] if form.data.get("go") == "back" else context["after"]
            return saved(request, read=answer_token(given), after=after)
    except ChangedElsewhere as changed:
        if is_script(request):
            text = changed.now.text if changed.now else ""
            return changed_elsewhere(changed, text=text, read=answer_token(changed.now))
        form.data = form.data.copy()
        form.data["read"] = answer_token(changed.now)
        context["other"], status = changed.now, 409
        form.add_error(None, changed.for_people)
    except AskingRefused as refused:
        form.add_error(None, refused.for_people)
        status = 410 if is_script(request) else 422
    except MoveRefused as refused:
        form.add_error(None, refused.for_people)
        status = 423 if is_script(request) else 422
    if is_script(request):
        return refused_in_words(form, status)
    return render(request, "portraits/mine/question.html", context, status=status)


def _step(portrait, keys, place):
    """The address of the question at this place; before the first one the overview, after the last one the photo."""
    if place < 0:
        return reverse("my_portrait")
    if place < len(keys):
        return reverse("my_question", args=[keys[place]])
    return reverse("my_hand_in" if portrait.photo_id else "my_photo")


@form_page
@with_own_portrait()
def facts(request, portrait):
    """A few optional facts, at any moment."""
    initial = {name: getattr(portrait, name) for name in FactsForm.base_fields}
    form = FactsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        actions.set_facts(portrait, by=request.user, **form.cleaned_data)
        if portrait.is_writable:
            return redirect("my_photo")
        messages.success(request, _("Saved."))
        return redirect("my_portrait")
    context = {"portrait": portrait, "form": form}
    return render(request, "portraits/mine/facts.html", context, status=422 if form.is_bound else 200)


@form_page
@with_own_portrait(*Portrait.WRITABLE)
def photo(request, portrait):
    """The photo, its frame, its description. A photo that arrived well is kept, whatever else is wrong."""
    form = PhotoForm(portrait, *([request.POST, request.FILES] if request.method == "POST" else []))
    status = 200
    if form.is_bound:
        status, is_complete = 422, form.is_valid()
        upload = form.cleaned_data.get("photo")
        try:
            if (upload or is_complete) and _keep_photo(request, portrait, form, upload):
                portrait = own(request.user)
                if is_complete:
                    return _photo_saved(
                        request, portrait, to_frame=upload and not form.cleaned_data["is_framed"]
                    )
                form.show_frame_of(portrait)
        except ChangedElsewhere as changed:
            if is_script(request):
                url = changed.now.small_url if changed.now else ""
                return changed_elsewhere(changed, picture=url, read=photo_token(changed.now))
            form.show_frame_of(own(request.user))
            form.add_error(None, changed.for_people)
            status = 409
        if is_script(request):
            return refused_in_words(form, status)
    context = {"portrait": portrait, "form": form, "advice": photo_advice(portrait.photo)}
    return render(request, "portraits/mine/photo.html", context, status=status)


def _photo_saved(request, portrait, to_frame):
    if not is_script(request):
        messages.success(request, _("Your photo is saved."))
    after = reverse("my_photo") if to_frame else next_address(portrait)
    return saved(request, read=photo_token(portrait.photo), after=after)


def _keep_photo(request, portrait, form, upload):
    """Whether photo, frame and description are saved. A photo that cannot be used is said beside its field."""
    try:
        actions.set_photo(
            portrait,
            upload=upload,
            crop=form.crop,
            turn=form.cleaned_data.get("turn") or 0,
            alt_text=form.cleaned_data.get("alt_text", portrait.alt_text),
            read=form.data.get("read"),
            by=request.user,
        )
    except PhotoRefused as refused:
        form.add_error("photo" if upload else None, str(refused))
        return False
    return True
