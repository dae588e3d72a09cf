"""Beginning a post that is not a portrait, and editing what it is made of."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.models import Promotion
from cohorts.permissions import is_anyones_comms
from inet_comms.lifecycle import MoveRefused, require
from portraits.views.pictures import shown

from .. import actions, permissions
from ..forms.composing import PieceForm, people_forms
from ..kinds import ABOUT
from ..models import Attachment, Kind, Piece
from .desk import on_desk

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def choose(request):
    """What the post is about; portraits begin on the board."""
    require(is_anyones_comms(request.user))
    kinds = [(kind.value, about) for kind, about in ABOUT.items()]
    return render(request, "posts/compose_choose.html", {"kinds": kinds})


@form_page
@login_required
def compose(request, kind):
    """A new post of this kind, for the promotion whose comms group one is in."""
    about = ABOUT.get(kind)
    if about is None:
        raise Http404
    promotion = _promotion(request.user)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form, people = PieceForm(about, promotion, data, files), people_forms(promotion, None, data)
    if data is None or not (form.is_valid() & people.is_valid()):
        return _show(request, kind, about, form, people)
    post = actions.compose(
        promotion, Kind(kind), content=form.content, people=people.people, files=form.changes, by=request.user
    )
    return _go_on(request, post, _("Saved. Now read the words for each page, and choose the moment."))


@form_page
@login_required
def content(request, pk):
    """What a post is made of, edited."""
    post = get_object_or_404(on_desk(request.user).filter(portrait__isnull=True), pk=pk)
    require(permissions.can_write(request.user, post))
    about = ABOUT[Kind(post.kind)]
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = PieceForm(about, post.promotion, data, files, post=post)
    people = people_forms(post.promotion, post, data)
    if data is None or not (form.is_valid() & people.is_valid()):
        return _show(request, post.kind, about, form, people, post)
    try:
        actions.recompose(
            post,
            content=form.content,
            people=people.people,
            files=form.changes,
            read=form.cleaned_data["version"] or 0,
            by=request.user,
        )
    except MoveRefused as refused:
        form.add_error(None, refused.for_people)
        return _show(request, post.kind, about, form, people, post)
    return _go_on(request, post, _("Saved. Words that you had not edited follow; read the others again."))


def _go_on(request, post, sentence):
    """To the post; where a picture has no description yet, to its field first."""
    if Piece.objects.get(post=post).has_undescribed:
        messages.success(request, _("Saved. Now say what one sees in each picture."))
        return redirect(f"{reverse('post_content', args=[post.pk])}#files")
    messages.success(request, sentence)
    return redirect(post)


def _promotion(user):
    """The one whose comms group this person is in; the newer one where there are two."""
    require(is_anyones_comms(user))
    promotions = Promotion.objects.filter(pk__in=user.comms_promotion_ids).select_related("track")
    return promotions.order_by("-starts").first()


def _show(request, kind, about, form, people, post=None):
    context = {"kind": kind, "about": about, "form": form, "people": people, "post": post}
    return render(request, "posts/compose.html", context, status=422 if form.is_bound else 200)


@require_safe
def attachment(request, public_id):
    """The file, for whoever may see its post."""
    related = ("piece__post__promotion", "piece__post__portrait", "proposal__student__promotion")
    found = get_object_or_404(Attachment.objects.select_related(*related), public_id=public_id)
    if not request.user.is_authenticated or not permissions.can_see_attachment(request.user, found):
        raise Http404
    return shown(request, found.file, found.content_type, found.sha256, is_public=False)
