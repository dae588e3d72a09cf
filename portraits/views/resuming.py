"""Links in mails and messages that know the student: on to what is missing, or no more reminders."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from inet_comms.sign_in import LinkRefused, enter, send_code

from .. import actions, nudging, personal
from ..models import Portrait, ResumeLink

page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@page
def resume(request, token):
    """GET shows a button and changes nothing, since mail scanners open links; POST signs in, once, second factor included."""
    links = ResumeLink.objects.select_related("portrait__student__promotion", "portrait__student__user")
    link = links.filter(digest=ResumeLink.digest_of(token)).first()
    if link is None:
        return _refuse(request, None)
    user, path = link.portrait.student.user, nudging.path_of(link.portrait)
    if request.user.is_authenticated and request.user == user:
        return redirect(path)
    if link.is_over or user is None or not user.is_active:
        return _refuse(request, link.portrait)
    if request.method == "POST":
        if not actions.use_up(link):
            return _refuse(request, link.portrait)
        return enter(request, user, method="resume_link", to=path)
    context = {"person": link.portrait.student, "action": nudging.action_label(link.portrait)}
    return render(request, "portraits/resume.html", context)


@never_cache
@page
def resume_by_code(request, token):
    """The link of a message that others have read: it knows who is meant, and a code by mail proves it."""
    portrait = personal.read_way_on(token)
    user = portrait and portrait.student.user
    if user is None or not user.is_active:
        return _refuse(request, None)
    path = nudging.path_of(portrait)
    if request.user.is_authenticated and request.user == user:
        return redirect(path)
    context = {"person": portrait.student, "by_code": True}
    if request.method == "POST":
        try:
            return send_code(request, user, to=path)
        except LinkRefused as refused:
            context["problem"], status = str(refused), refused.status
            return render(request, "portraits/resume.html", context, status=status)
    return render(request, "portraits/resume.html", context)


def _refuse(request, portrait):
    """What one can do instead: a code by mail, and the same page after it."""
    context = {"login": reverse("account_login", query={"next": reverse("my_portrait")})}
    if portrait is not None and portrait.student.user is not None and portrait.student.user.is_active:
        context = {"code": personal.way_on(portrait), "person": portrait.student}
        context["refused"] = _("This link has been used, or is older than two weeks: it works once.")
        return render(request, "portraits/resume.html", context, status=410)
    context["refused"] = _("This link is not complete, or it is too old. Copy it again, whole.")
    return render(request, "portraits/resume.html", context, status=404)


@never_cache
@csrf_exempt
@page
def no_more_reminders(request, token):
    """Without signing in. Mail programs post here by themselves (RFC 8058), hence no CSRF token: the link is the proof."""
    portrait = personal.read_way_out(token)
    if portrait is None:
        return render(request, "portraits/no_more_reminders.html", {"refused": True}, status=404)
    if request.method == "POST":
        portrait = actions.stop_reminders(portrait)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    return render(request, "portraits/no_more_reminders.html", {"portrait": portrait})


@require_POST
@login_required
def my_reminders(request):
    """The student switches them on again."""
    portrait = get_object_or_404(Portrait, student__user=request.user)
    actions.allow_reminders(portrait, by=request.user)
    return redirect("my_portrait")
