"""What one does with ticked faces (assign, note a contact, remind), and the page of one person: what to write to them, who spoke to them."""

from collections import Counter

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cohorts.models import CommsMember, Student
from cohorts.permissions import is_staff

from .. import actions, nudging, personal
from ..forms.chasing import AssignForm, ContactForm, TickedForm
from ..models import Contact, Portrait
from .choosing import choose
from .sieve import back_to_board


@require_POST
@login_required
def assign(request):
    """Who looks after the ticked ones. From a tile: `one` names the student, and `member-<id>` who it shall be."""
    chosen, people = _people(request)
    group = CommsMember.objects.active().filter(student__promotion=chosen.promotion)
    members = list(Student.objects.filter(pk__in=group.values("student")))
    one = request.POST.get("one")
    data = request.POST
    if one is not None:
        data = {"students": [one], "member": request.POST.get(f"member-{one}", "")}
    form = AssignForm(members, people, data)
    if not form.is_valid():
        return _answer(request, form.problem, status=422)
    for student in form.chosen:
        actions.look_after(student, form.keeper, by=request.user)
    return _answer(request, _said_keeper(form.chosen, form.keeper))


def _said_keeper(students, keeper):
    names = {"member": keeper, "name": students[0], "count": len(students)}
    if len(students) == 1:
        return (
            _("%(member)s looks after %(name)s.") if keeper else _("Nobody looks after %(name)s.")
        ) % names
    if keeper:
        return _("%(member)s looks after %(count)d students.") % names
    return _("Nobody looks after these %(count)d students any more.") % names


@require_POST
@login_required
def note_contact(request):
    """Somebody spoke to the ticked ones, just now."""
    _chosen, people = _people(request)
    form = ContactForm(people, request.POST)
    if not form.is_valid():
        return _answer(request, form.problem, status=422)
    for student in form.chosen:
        means, note = form.cleaned_data["means"], form.cleaned_data["note"]
        actions.note_contact(student, means, note=note, by=request.user)
    count = len(form.chosen)
    if count == 1:
        return _answer(request, _("Noted: you have spoken to %(name)s.") % {"name": form.chosen[0]})
    return _answer(request, _("Noted: you have spoken to %(count)d students.") % {"count": count})


@require_POST
@login_required
def remind(request):
    """Prepare a reminder for each of the ticked ones, as far as there is one to send; somebody reads them in the outbox."""
    chosen, people = _people(request)
    form = TickedForm(people, request.POST)
    if not form.is_valid():
        return _answer(request, form.problem, status=422)
    left_out = Counter()
    for student in form.chosen:
        try:
            actions.propose(student, by=request.user)
        except actions.NothingToSend as reason:
            left_out[str(reason)] += 1
    made = len(form.chosen) - left_out.total()
    if made:
        said = ngettext(
            "%(count)d reminder is in the outbox: it leaves once it has been read.",
            "%(count)d reminders are in the outbox: they leave once they have been read.",
            made,
        ) % {"count": made}
        outbox = reverse("outbox", query={"promotion": chosen.promotion.slug})
        messages.success(request, format_html('{} <a href="{}">{}</a>', said, outbox, _("Read them")))
    if left_out:
        reasons = " · ".join(f"{reason} ({count})" for reason, count in left_out.items())
        messages.info(request, _("Left out: %(reasons)s") % {"reasons": reasons})
    return redirect(_back(request, chosen))


@never_cache
@require_safe
@login_required
def person(request, pk):
    """One student: a message ready to copy, the contacts so far, the reminders so far."""
    student, portrait = _person(request, pk)
    thing = nudging.next_thing(portrait) if portrait else None
    context = {
        "student": student,
        "portrait": portrait,
        "thing": thing,
        "contacts": portrait.contacts.select_related("by")[:20] if portrait else (),
        "means": Contact.Means.choices,
        "board": reverse("board", query={"promotion": student.promotion.slug}),
    }
    if thing:
        url = settings.PUBLIC_URL + personal.way_on(portrait)
        context["message"] = nudging.short_message(portrait, thing, url, request.user.first_name)
    return render(request, "portraits/person.html", context)


@require_POST
@login_required
def mail_works(request, pk):
    """The address that mail came back from is right after all."""
    student, _portrait = _person(request, pk)
    actions.mail_works(student, by=request.user)
    messages.success(request, _("Mail to %(name)s is tried again.") % {"name": student})
    return redirect("chase", pk)


def _person(request, pk):
    mine = (
        Student.objects
        if is_staff(request.user)
        else Student.objects.filter(promotion__in=request.user.comms_promotion_ids)
    )
    student = get_object_or_404(mine.select_related("promotion", "user"), pk=pk)
    portraits = Portrait.objects.select_related("photo", "looked_after_by").prefetch_related(
        "answers", "nudges"
    )
    portrait = portraits.filter(student=student).first()
    if portrait:
        portrait.student = student
    return student, portrait


def _people(request):
    """The promotion that the form is about, and its students by id."""
    chosen = choose(request, "board")
    return chosen, {
        one.pk: one for one in Student.objects.filter(promotion=chosen.promotion).select_related("promotion")
    }


def _back(request, chosen):
    """The board as they saw it, or the person's page."""
    if request.POST.get("person", "").isdecimal():
        return reverse("chase", args=[int(request.POST["person"])])
    return back_to_board(request.POST, chosen.promotion.slug if chosen.promotion else "")


def _answer(request, said, status=200):
    """For the script of the board a sentence, for everyone else the board with it."""
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"said": said}, status=status)
    (messages.success if status == HttpResponse.status_code else messages.warning)(request, said)
    return redirect(_back(request, choose(request, "board")))
