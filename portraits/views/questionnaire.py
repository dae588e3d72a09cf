"""The questionnaire of a promotion: its comms group words it, orders it, and sees it as a student does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inet_comms.lifecycle import MoveRefused

from .. import actions
from ..actions.asking import Outdated
from ..forms.questionnaire import QuestionForm
from ..models import PromotionQuestion
from .asked import Asked, Sheet
from .choosing import choose


@require_safe
@login_required
def questionnaire(request):
    """All questions in their order; one of them (`see`) as a student sees it. `moved` and `way`: what was just moved."""
    chosen = choose(request, "questionnaire")
    context = {
        "chosen": chosen,
        "promotion": chosen.promotion,
        "switcher": chosen.switcher,
        "sheet": Sheet(chosen.promotion, request.GET.get("see", "")) if chosen.promotion else None,
        "moved": request.GET.get("moved", ""),
        "way": request.GET.get("way", ""),
    }
    return render(request, "portraits/questionnaire.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request):
    """One question more."""
    chosen = choose(request, "questionnaire")
    if chosen.promotion is None:
        return redirect("questionnaire")
    sheet = Sheet(chosen.promotion)
    row = PromotionQuestion(promotion=chosen.promotion, limit=800)
    form = QuestionForm(row, request.POST or None, version=sheet.version)
    if form.is_bound and form.is_valid():
        try:
            actions.add_question(chosen.promotion, form.words, by=request.user)
        except MoveRefused as refused:
            form.add_error(None, refused.for_people)
        else:
            messages.success(request, _("The question is asked from now on."))
            return _back(chosen.promotion)
    return _form_page(request, chosen, sheet, Asked(row, 0), form, is_new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def question(request, key):
    """One question: its words and limits, and below the form, whether it is asked at all."""
    chosen = choose(request, "questionnaire")
    if chosen.promotion is None:
        return redirect("questionnaire")
    sheet = Sheet(chosen.promotion)
    asked = sheet.find(key)
    if asked is None:
        raise Http404
    if request.method != "POST" and asked.row.is_retired:
        messages.warning(request, _("This question is no longer asked."))
        return _back(chosen.promotion)
    form = QuestionForm(asked.row, request.POST or None, version=sheet.version)
    if form.is_bound and form.is_valid():
        try:
            return _write(request, chosen.promotion, asked, form)
        except MoveRefused as refused:
            form = _again(asked.row, request.POST, refused, sheet.version)
            return _form_page(request, chosen, sheet, asked, form, is_outdated=isinstance(refused, Outdated))
    return _form_page(request, chosen, sheet, asked, form)


def _write(request, promotion, asked, form):
    """Save and say so; also how many answers are longer than may be written from now on."""
    before = asked.row
    if all(getattr(before, name) == value for name, value in form.words.items()):
        messages.info(request, _("Nothing was changed."))
        return _back(promotion)
    read = form.cleaned_data["version"] or 0
    row = actions.write_question(promotion, asked.key, form.words, read=read, by=request.user)
    messages.success(request, _("Saved. Students are asked it like this from now on."))
    if row.limit < before.limit and asked.longest > row.limit:
        sentence = _(
            "Some answers are longer than %(limit)d characters. They stay as they are; whoever changes theirs is told."
        )
        messages.info(request, sentence % {"limit": row.limit})
    return _back(promotion)


def _again(row, data, refused, version):
    """The form with what they typed; saving it again means to replace what stands there now."""
    data = data.copy()
    data["version"] = version
    form = QuestionForm(row, data)
    form.is_valid()
    form.add_error(None, refused.for_people)
    return form


def _form_page(request, chosen, sheet, asked, form, *, is_new=False, is_outdated=False):
    keys = [one.key for one in sheet.asked]
    context = {
        "chosen": chosen,
        "promotion": chosen.promotion,
        "switcher": chosen.switcher,
        "sheet": sheet,
        "asked": asked,
        "form": form,
        "is_new": is_new,
        "is_outdated": is_outdated,
        "place": keys.index(asked.key) + 1 if asked.key in keys else len(keys),
        "total": len(keys) + is_new,
    }
    status = 422 if form.is_bound else 200
    return render(request, "portraits/questionnaire_question.html", context, status=status)


@require_POST
@login_required
def act(request, key, verb):
    """up, down, retire, ask-again, delete."""
    chosen = choose(request, "questionnaire")
    if verb not in VERBS or chosen.promotion is None:
        raise Http404
    try:
        VERBS[verb](chosen.promotion, key, read=_read(request), by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
        return _back(chosen.promotion)
    if verb in WAYS:
        return _back(chosen.promotion, moved=key, way=verb)
    messages.success(request, _said(verb))
    return _back(chosen.promotion)


WAYS = {"up": -1, "down": 1}
VERBS = {
    "up": lambda promotion, key, **how: actions.move_question(promotion, key, -1, **how),
    "down": lambda promotion, key, **how: actions.move_question(promotion, key, 1, **how),
    "retire": actions.retire_question,
    "ask-again": actions.ask_again,
    "delete": actions.delete_question,
}


def _said(verb):
    return {
        "retire": _("It is no longer asked. What was answered is kept below."),
        "ask-again": _("It is asked again."),
        "delete": _("The question is deleted."),
        "school": _("Back to the school’s questions. What was answered stays as it is."),
        "previous": _("The questionnaire is copied. What was answered stays as it is."),
    }[verb]


@require_POST
@login_required
def replace(request, verb):
    """school: back to its questions; previous: those of the promotion before."""
    chosen = choose(request, "questionnaire")
    anew = {"school": actions.back_to_school, "previous": actions.copy_previous}
    if verb not in anew or chosen.promotion is None:
        raise Http404
    try:
        anew[verb](chosen.promotion, read=_read(request), by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _said(verb))
    return _back(chosen.promotion)


def _read(request):
    """The version of the questionnaire that they had before their eyes."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() else 0


def _back(promotion, **query):
    return redirect(reverse("questionnaire", query={"promotion": promotion.slug, **query}))
