"""The public gallery: what is online and allowed there, and nothing else."""

import hashlib
import re
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import condition, require_safe

from cohorts.colours import readable_ink
from cohorts.models import FormerName, Promotion
from cohorts.permissions import is_anyones_comms, is_staff

from ..models import Card, Portrait
from ..sketches import Sketch
from .conditional import asked_anew, fingerprint

PAGE = 24
PROMOTIONS = 16
"""The newest promotions that are offered as a choice; older ones are reached from their portraits."""
PUBLIC_ID = re.compile(r"[0-9a-f]{8}")
SHOWN = (
    *("pk", "public_id", "online", "consent", "student__first_name", "student__last_name"),
    *("student__promotion__slug", "student__promotion__name"),
)
"""A page shows something else whenever one of these differs: a version never changes."""


@require_safe
def home(request):
    """The gallery for everyone; their own work for those who sign in."""
    user = request.user
    if not user.is_authenticated:
        return _listing(request)
    return redirect("todo" if is_staff(user) or is_anyones_comms(user) else "my_portrait")


@require_safe
def portraits(request):
    """All that is online, newest first."""
    return _listing(request)


@require_safe
def promotion(request, slug):
    """One promotion's; a former name of it leads to the present one."""
    return _listing(request, slug)


def _listing(request, slug=""):
    after = request.GET.get("apres", "")
    rows = shown(slug, after)
    if after and not rows:
        raise Http404
    mark = fingerprint(request, rows)

    def make():
        offered = SimpleLazyObject(_promotions)
        found = slug and _find(slug, offered)
        if isinstance(found, FormerName):
            return redirect(found.promotion, permanent=True)
        context = {
            "portraits": SimpleLazyObject(lambda: _tiles(rows[:PAGE])),
            "last": rows[PAGE - 1][1] if len(rows) > PAGE else "",
            "is_first": not after,
            "promotion": found,
            "promotions": offered,
            "mark": mark,
            "here": request.path,
            "address": settings.PUBLIC_URL + request.path + (f"?apres={after}" if after else ""),
        }
        return render(request, "portraits/gallery/list.html", context)

    return asked_anew(request, mark if rows else None, make)


def shown(slug="", after=""):
    """SHOWN of one page and, if there is a next page, of its first portrait: newest first, of one promotion or of all."""
    if after and not PUBLIC_ID.fullmatch(after):
        raise Http404
    with connection.cursor() as cursor:
        cursor.execute(*_question(timezone.localdate(), slug, after))
        return cursor.fetchall()


@lru_cache(maxsize=256)
def _question(day, slug, after):
    """SQL and its parameters, which are the same all day: making them takes ten times as long as answering them."""
    portraits = Portrait.objects.online().newest_first()
    if slug:
        portraits = portraits.filter(student__promotion__slug=slug)
    if after:
        # By key, not by OFFSET, which reads what it skips and shows one twice whenever a new one appears.
        last = Portrait.objects.filter(public_id=after)
        moment = Subquery(last.values("published_at"))
        portraits = portraits.filter(published_at__lte=moment)
        portraits = portraits.exclude(published_at=moment, pk__gte=Subquery(last.values("pk")))
    return portraits.values_list(*SHOWN)[: PAGE + 1].query.sql_with_params()


def _tiles(rows):
    """Asked only when the page is not in the cache under its mark, and then for exactly what the mark was made from."""
    tiles = Portrait.objects.online().filter(pk__in=[row[0] for row in rows]).newest_first()
    return list(tiles.select_related("student__promotion", "online__photo"))


def _promotions():
    """Those that have something to show, newest first."""
    online = Portrait.objects.online().filter(student__promotion=OuterRef("pk"))
    return list(Promotion.objects.select_related("track").filter(Exists(online))[:PROMOTIONS])


def _find(slug, offered):
    """The promotion that bears this name, or the former name that it was. Raises Http404."""
    found = next((row for row in offered if row.slug == slug), None)
    found = found or Promotion.objects.select_related("track").filter(slug=slug).first()
    return found or get_object_or_404(FormerName.objects.select_related("promotion"), slug=slug)


@require_safe
def portrait(request, slug):
    """One portrait, as it was signed and approved. Gone (410) once it was there and is withdrawn.

    Only the random part of the address is looked up: wrong words before it lead to the right ones.
    """
    everything = Portrait.objects.select_related(
        "student__promotion__track", "student__promotion__card_style", "online__photo"
    )
    public_id = slug.rpartition("-")[2]
    found = everything.online().filter(public_id=public_id).first()
    if found is None:
        return _gone(request, public_id)
    if slug != found.slug:
        return redirect(found, permanent=True)
    student, version = found.student, found.online
    version.portrait = found
    share = Sketch(version, Card.Kind.SHARE)
    context = {
        "version": version,
        "student": student,
        "share": None if share.refusal else share,
        "picture": version.photo and version.photo.renditions.filter(name="1200.jpg").first(),
        "internships": student.internships.all(),
        "address": settings.PUBLIC_URL + found.get_absolute_url(),
        "public_url": settings.PUBLIC_URL,
    }
    words = (student, student.promotion, student.promotion.track, *context["internships"])
    made_from = (version.pk, found.consent_id, share.recipe)
    mark = fingerprint(request, *made_from, timezone.localdate(), *map(str, words))
    return asked_anew(request, mark, lambda: render(request, "portraits/gallery/portrait.html", context))


def _gone(request, public_id):
    """The public may know that it was there, if it was; not that somebody is writing, or allowed LinkedIn only."""
    was_there = Portrait.objects.filter(
        public_id=public_id, published_at__isnull=False, consents__gallery=True
    )
    if not was_there.exists():
        raise Http404
    return render(request, "410.html", status=410)


def _colours_mark(request):
    return f'"{hashlib.sha256(repr(list(_colours())).encode()).hexdigest()[:32]}"'


def _colours():
    return Promotion.objects.order_by("pk").values_list("slug", "colour", "second_colour")


@require_safe
@condition(etag_func=_colours_mark)
def colours(request):
    """Each promotion's colours as a stylesheet, since the Content Security Policy allows no style in a page."""
    rules = [
        f".promotion-{slug}{{--promotion:{one};--promotion-ink:{readable_ink(one)};"
        f"--promotion-2:{two};--promotion-2-ink:{readable_ink(two)}}}\n"
        for slug, one, two in _colours()
    ]
    response = HttpResponse("".join(rules), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response
