"""The comms group's desk: the list of posts, one post, its verbs; and the page where the student agrees to its words."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, StaleVersion, require
from inet_comms.moments import said
from portraits.views.studio import on_the_desk_of

from .. import actions, permissions
from ..forms.fields import typed_moment
from ..forms.writing import PostForm, ReadForm, RefuseForm
from ..models import Account, Post, Proposal
from ..policy import Sheet, has_picture
from ..steps import badge
from ..templatetags.posts_preview import network_words
from ..words import beyond
from .piece_reading import reading_of
from .reading import accounts_for, problems, warnings
from .slotting import take_next
from .standing import said_as_typed

A_PAGE = 20
READ = (
    "portrait__student__promotion__track",
    "portrait__consent",
    "portrait__photo",
    "piece__event",
    "promotion__track",
    "author",
    "approved_by",
)


@require_safe
@login_required
def posts(request):
    """Every post of the group's promotion (staff: of all), with one state derived from people and pages."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    found = Post.objects.for_desk(request.user)
    state = request.GET.get("state", "")
    if state in Post.State.values:
        found = found.filter(state=state)
    found = found.select_related(
        "portrait__student__promotion", "portrait__photo", "piece", "promotion"
    ).prefetch_related("deliveries")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "posts/posts.html",
        {
            "page": page,
            "rows": [(post, badge(post)) for post in page],
            "state": state if state in Post.State.values else "",
            "states": Post.State.choices,
            "may_compose": is_anyones_comms(request.user),
            "proposed": Proposal.objects.waiting_for(request.user).count(),
        },
    )


@require_POST
@login_required
def draft(request, portrait):
    """Begin the post of a signed portrait, or go to the one that is being prepared."""
    portrait = get_object_or_404(on_the_desk_of(request.user), pk=portrait)
    try:
        post = actions.draft(portrait, by=request.user)
    except MoveRefused as refused:
        post = portrait.posts.filter(state__in=Post.OPEN).first()
        if post is None:
            messages.warning(request, refused.for_people)
            return redirect("studio", portrait.pk)
    return redirect(post)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def post(request, pk):
    """Write the words for each page and choose the moment; below, what the post needs, its keys, its pages, its history."""
    found = get_object_or_404(on_desk(request.user), pk=pk)
    if request.method != "POST":
        return _show(request, reading_of(found, request.user))
    require(permissions.can_write(request.user, found))
    form = PostForm(found, accounts_for(found), request.POST)
    if not form.is_valid():
        return _show(request, reading_of(found, request.user, form), status=422)
    try:
        saved = actions.write(
            found,
            texts=form.texts,
            pictures=form.pictures,
            publish_at=form.cleaned_data["publish_at"],
            read=form.cleaned_data["version"],
            by=request.user,
        )
    except MoveRefused as refused:
        return _show_refused(request, pk, refused)
    messages.success(request, _("Saved. Nothing leaves before it is approved."))
    if "next_slot" in request.POST:
        take_next(request, saved)
    return redirect(found)


def _show_refused(request, pk, refused):
    """What they typed stays in the fields; what is saved meanwhile stands beside it, and saving again means to replace it."""
    now = get_object_or_404(on_desk(request.user), pk=pk)
    data = request.POST.copy()
    data["version"] = now.version
    form = PostForm(now, accounts_for(now), data)
    form.is_valid()
    form.add_error(None, refused.for_people)
    reading = reading_of(now, request.user, form, is_stale=isinstance(refused, StaleVersion))
    return _show(request, reading, status=422)


def _show(request, reading, status=200):
    return render(request, "posts/post.html", {"reading": reading, "post": reading.post}, status=status)


@require_POST
@login_required
def act(request, pk, verb):
    """ask-student, ask-review, cancel; check answers how long a text is, as the network counts, without changing anything."""
    found = get_object_or_404(on_desk(request.user), pk=pk)
    require(permissions.can_write(request.user, found))
    if verb == "check":
        return _check(request, found)
    if verb not in VERBS:
        raise Http404
    form = ReadForm(request.POST)
    read = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        moved = VERBS[verb](found, read, request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _said(verb, moved))
    return redirect(found)


VERBS = {
    "ask-student": lambda post, read, user: actions.ask_student(post, read=read, by=user),
    "ask-review": lambda post, read, user: actions.ask_review(post, read=read, by=user),
    "cancel": lambda post, read, user: actions.cancel(post, by=user),
}


def _said(verb, post):
    return {
        "ask-student": _("%(name)s receives a mail with the words to read.")
        % {"name": post.portrait.student.first_name if post.portrait else _names(post)},
        "ask-review": _("The staff receive a mail. Once approved, it leaves by itself."),
        "cancel": _("Cancelled. What was already online stays where it is."),
    }[verb]


def _names(post):
    return ", ".join(one.name for one in post.awaited())


def _check(request, found):
    """JSON for the editor: length as the network counts it, what it would refuse, what the student has not signed, what the
    school's rules say."""
    number = request.POST.get("account", "")
    account = next((account for account in Account.objects.all() if str(account.pk) == number), None)
    if account is None:
        raise Http404
    text = request.POST.get("text", "").replace("\r\n", "\n").strip()
    reading = reading_of(found, request.user)
    shown = reading.shown(account, request.POST.get("picture"))
    moment = typed_moment(request.POST) or found.publish_at
    return JsonResponse(
        {
            "length": account.connector.length(text, account.limits),
            "limit": account.limits.text,
            "problems": problems(text, shown),
            "warnings": warnings(text, shown),
            "beyond": beyond(text, reading.known),
            "rulings": said_as_typed(found, [Sheet(account, text, has_picture(found), moment)])[account.pk],
            "preview": network_words(text, account.network),
            "picture": render_to_string("_parts/preview_picture.html", {"shown": shown}),
            "caption": _("Description of the picture: %(alt)s") % {"alt": shown.alt}
            if shown.alt
            else _("The picture has no description yet."),
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def words(request, pk):
    """The student reads what goes beyond their portrait, as it will look, and agrees or says what should be otherwise."""
    found = get_object_or_404(about(request.user), pk=pk)
    if request.method != "POST":
        return _show_words(request, found)
    require(permissions.can_sign(request.user, found))
    if request.POST.get("answer") == "take_back":
        return _take_back(request, found)
    refusal = RefuseForm(request.POST)
    read = ReadForm(request.POST)
    try:
        if request.POST.get("answer") == "agree":
            actions.sign_words(
                found, read=read.cleaned_data["version"] if read.is_valid() else 0, by=request.user
            )
            messages.success(request, _("Thank you. The post now goes to the staff, who have the last word."))
        elif refusal.is_valid():
            actions.refuse_words(found, message=refusal.cleaned_data["message"], by=request.user)
            messages.success(
                request, _("Your words are on their way to the communication group. Nothing is published.")
            )
        else:
            return _show_words(request, found, refusal, status=422)
    except StaleVersion as refused:
        messages.warning(request, refused.for_people)
        return _show_words(request, get_object_or_404(about(request.user), pk=pk), status=422)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect("post_words", found.pk)


def _take_back(request, found):
    try:
        actions.take_agreement_back(found, by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(
            request, _("Your agreement is taken back. Nothing of it leaves any more; what is online goes.")
        )
    return redirect("post_words", found.pk)


def _show_words(request, found, refusal=None, status=200):
    return render(
        request,
        "posts/words.html",
        {
            "reading": reading_of(found, request.user),
            "post": found,
            "refusal": refusal or RefuseForm(),
            "can_answer": found.state == Post.State.TO_SIGN and _is_asked(request.user, found),
            "is_about_me": permissions.is_about(request.user, found),
            "may_take_back": any(one.agreed_version for one in _mine(request.user, found)),
            "moment": said(found.publish_at) if found.publish_at else "",
        },
        status=status,
    )


def _mine(user, post):
    """Where this post names this person; nothing where it is a portrait."""
    return [one for one in post.named.all() if one.student_id and one.student.user_id == user.pk]


def _is_asked(user, post):
    """Theirs to answer, and not answered yet."""
    if post.portrait:
        return permissions.can_sign(user, post)
    return any(one.agreed_version != post.version for one in _mine(user, post))


def on_desk(user):
    """The posts that this person works on or, being staff, looks at, with what one page about them needs."""
    return _whole(Post.objects.for_desk(user))


def about(user):
    """The posts about this very person; staff may look at all."""
    return _whole(Post.objects.all() if is_staff(user) else Post.objects.about(user))


def _whole(posts):
    return posts.select_related(*READ).prefetch_related(
        *("variants__account", "deliveries__account", "moves__by", "exemptions__by"),
        *("named__student", "piece__attachments"),
    )
