"""The public gallery: what is online and allowed there, and nothing else."""

import hashlib

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from cohorts.colours import readable_ink
from cohorts.models import FormerName, Promotion
from cohorts.permissions import is_anyones_comms, is_staff

from ..models import Portrait

PAGE = 24


@require_safe
def home(request):
    """The gallery for everyone; their own work for those who sign in."""
    user = request.user
    if not user.is_authenticated:
        return portraits(request)
    if is_staff(user):
        return redirect("admin:index")
    return redirect("board" if is_anyones_comms(user) else "my_portrait")


def _mark(request, *args, **kwargs):
    """Changes whenever the gallery does, so that a withdrawal shows at once and an unchanged page costs a 304.

    For anonymous readers only: the frame of those who are signed in differs.
    """
    if (
        request.user.is_authenticated
        or request.session.get("_auth_user_id")
        or request.META.get("QUERY_STRING")
    ):
        return None
    online = Portrait.objects.online().aggregate(
        number=Count("pk"), newest=Max("published_at"), consent=Max("consent"), version=Max("online")
    )
    facts = (
        request.path,
        request.LANGUAGE_CODE,
        timezone.localdate(),
        settings.SCHOOL_NAME,
        *online.values(),
    )
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_mark)
def portraits(request):
    """All that is online, newest first."""
    return _listing(request, Portrait.objects.online(), "")


@require_safe
@condition(etag_func=_mark)
def promotion(request, slug):
    """One promotion's; a former name of it leads to the present one."""
    found = Promotion.objects.filter(slug=slug).first()
    if found is None:
        former = get_object_or_404(FormerName.objects.select_related("promotion"), slug=slug)
        return redirect(former.promotion, permanent=True)
    return _listing(request, Portrait.objects.online().filter(student__promotion=found), slug)


def _listing(request, shown, slug):
    shown = shown.newest_first().select_related("student__promotion__track", "online__photo")
    filters = Promotion.objects.filter(students__portrait__in=Portrait.objects.online()).distinct()
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    filters = list(filters)
    context = {
        "page": page,
        "filters": filters,
        "promotion": next((row for row in filters if row.slug == slug), None)
        or (slug and Promotion.objects.get(slug=slug)),
        "is_home": not slug and page.number == 1,
        "address": settings.PUBLIC_URL + request.path,
    }
    return _shared(request, render(request, "portraits/gallery/list.html", context))


@require_safe
def portrait(request, slug):
    """One portrait, as it was signed and approved. Gone (410) when its author withdrew it."""
    public_id = slug.rsplit("-", 1)[-1]
    found = (
        Portrait.objects.select_related("student__promotion__track", "online__photo", "consent")
        .filter(public_id=public_id)
        .first()
    )
    if found is None or (found.online is None and found.published_at is None):
        raise Http404
    if found.state == Portrait.State.WITHDRAWN:
        return render(request, "410.html", status=410)
    if found.online is None or not found.consent.allows("gallery"):
        raise Http404
    if slug != found.slug:
        return redirect(found, permanent=True)
    context = {
        "portrait": found,
        "version": found.online,
        "student": found.student,
        "address": settings.PUBLIC_URL + found.get_absolute_url(),
        "picture": settings.PUBLIC_URL + found.online.photo.large_url if found.online.photo else "",
        "internships": found.student.internships.all(),
    }
    return _shared(request, render(request, "portraits/gallery/portrait.html", context))


def _shared(request, response):
    """Kept by nobody without asking again: what is withdrawn must not be shown by a cache."""
    patch_cache_control(
        response, no_cache=True, **({"private": True} if request.user.is_authenticated else {"public": True})
    )
    return response


def _colours_mark(request):
    return f'"{hashlib.sha256(repr(list(_colours())).encode()).hexdigest()[:32]}"'


def _colours():
    return Promotion.objects.order_by("pk").values_list("slug", "colour", "second_colour")


@require_safe
@condition(etag_func=_colours_mark)
def colours(request):
    """Each promotion's colours as a stylesheet, since the Content Security Policy allows no style in a page."""
    rules = [
        f".promotion-{slug}{{--promotion:{colour};--promotion-2:{second};--promotion-ink:{readable_ink(colour)}}}"
        for slug, colour, second in _colours()
    ]
    response = HttpResponse("\n".join(rules) + "\n", content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response
