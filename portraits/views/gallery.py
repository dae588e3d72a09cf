"""The public gallery: what is online and allowed there, and nothing else."""

import hashlib
import re
from functools import cache, wraps

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition, require_safe

from cohorts.colours import readable_ink
from cohorts.models import FormerName, Promotion
from cohorts.permissions import is_anyones_comms, is_staff

from ..models import Portrait, PortraitMove

PAGE = 24
PROMOTIONS = 16
"""The newest promotions that are offered as a choice; older ones are reached from their portraits."""
PUBLIC_ID = re.compile(r"[0-9a-f]{8}")
FROM_COOKIES = {settings.SESSION_COOKIE_NAME, "messages"}


def asked_anew(view):
    """Kept by nobody without asking again, so that what is withdrawn is gone at the next look; unchanged, it costs a 304."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        is_personal = not FROM_COOKIES.isdisjoint(request.COOKIES)
        mark = None if is_personal else _mark(request)
        response = get_conditional_response(request, etag=mark) or view(request, *args, **kwargs)
        if mark and response.status_code in (200, 304):
            response.headers["ETag"] = mark
        patch_cache_control(response, no_cache=True, **({"private": True} if is_personal else {}))
        patch_vary_headers(response, ["Cookie"])
        return response

    return wrapped


def _mark(request):
    """The ETag of a public page. Two numbers stand for all that it can show: the newest step of any portrait, and the
    newest entry in the log of the staff's desk, where names and promotions are changed. Consents also end with a day.
    """
    log = LogEntry.objects.order_by("-pk").values("pk")[:1]
    newest = PortraitMove.objects.order_by("-pk").values_list("pk", Subquery(log)).first()
    facts = (
        newest,
        timezone.localdate(),
        request.get_full_path(),
        request.LANGUAGE_CODE,
        # The frame holds a form whose token belongs to this cookie.
        request.COOKIES.get(settings.CSRF_COOKIE_NAME),
        _release(),
        settings.SCHOOL_NAME,
        settings.PUBLIC_URL,
    )
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'


@cache
def _release():
    """What an update of the program changes on a page: its templates, its stylesheet."""
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    return max(path.stat().st_mtime_ns for path in templates), static("css/app.css")


@require_safe
@asked_anew
def home(request):
    """The gallery for everyone; their own work for those who sign in."""
    user = request.user
    if not user.is_authenticated:
        return _listing(request, Portrait.objects.online(), _promotions(), is_home=True)
    if is_staff(user):
        return redirect("admin:index")
    return redirect("board" if is_anyones_comms(user) else "my_portrait")


@require_safe
@asked_anew
def portraits(request):
    """All that is online, newest first."""
    return _listing(request, Portrait.objects.online(), _promotions())


@require_safe
@asked_anew
def promotion(request, slug):
    """One promotion's; a former name of it leads to the present one."""
    offered = _promotions()
    found = next((row for row in offered if row.slug == slug), None)
    found = found or Promotion.objects.select_related("track").filter(slug=slug).first()
    if found is None:
        former = get_object_or_404(FormerName.objects.select_related("promotion"), slug=slug)
        return redirect(former.promotion, permanent=True)
    return _listing(request, Portrait.objects.online().filter(student__promotion=found), offered, found)


def _promotions():
    """Those that have something to show, newest first."""
    online = Portrait.objects.online().filter(student__promotion=OuterRef("pk"))
    return list(Promotion.objects.select_related("track").filter(Exists(online))[:PROMOTIONS])


def _listing(request, shown, offered, promotion=None, *, is_home=False):
    after = request.GET.get("apres", "")
    rows = list(_tiles(_older_than(after, shown) if after else shown)[: PAGE + 1])
    if after and not rows:
        raise Http404
    context = {
        "portraits": rows[:PAGE],
        "last": rows[PAGE - 1] if len(rows) > PAGE else None,
        "is_first": not after,
        "is_home": is_home and not after,
        "promotion": promotion,
        "promotions": offered,
        "here": request.path,
        "address": settings.PUBLIC_URL + request.path + (f"?apres={after}" if after else ""),
    }
    return render(request, "portraits/gallery/list.html", context)


def _older_than(public_id, shown):
    """What comes after this portrait, newest first; it may have left the gallery meanwhile. By key, not by OFFSET, which
    reads all that it skips and shows one twice whenever a new one appears.
    """
    if not PUBLIC_ID.fullmatch(public_id):
        raise Http404
    last = Portrait.objects.filter(public_id=public_id)
    moment = Subquery(last.values("published_at"))
    shown = shown.filter(published_at__lte=moment)
    return shown.exclude(published_at=moment, pk__gte=Subquery(last.values("pk")))


def _tiles(shown):
    """Only the columns that a tile shows."""
    return (
        shown.newest_first()
        .select_related("student__promotion", "online__photo")
        .only(
            "public_id",
            *(f"student__{name}" for name in ("first_name", "last_name")),
            *(f"student__promotion__{name}" for name in ("slug", "name", "starts", "ends")),
            *(f"online__{name}" for name in ("quote", "alt_text", "photo__public_id")),
        )
    )


@require_safe
@asked_anew
def portrait(request, slug):
    """One portrait, as it was signed and approved. Gone (410) once it was there and is withdrawn.

    Only the random part of the address is looked up: wrong words before it lead to the right ones.
    """
    everything = Portrait.objects.select_related("student__promotion__track", "online__photo")
    public_id = slug.rpartition("-")[2]
    found = everything.online().filter(public_id=public_id).first()
    if found is None:
        return _gone(request, public_id)
    if slug != found.slug:
        return redirect(found, permanent=True)
    version = found.online
    context = {
        "version": version,
        "student": found.student,
        "address": settings.PUBLIC_URL + found.get_absolute_url(),
        "picture": version.photo and version.photo.renditions.filter(name="1200.jpg").first(),
        "internships": found.student.internships.all(),
        "public_url": settings.PUBLIC_URL,
    }
    return render(request, "portraits/gallery/portrait.html", context)


def _gone(request, public_id):
    """The public may know that it was there, if it was; not that somebody is writing, or allowed LinkedIn only."""
    was_there = Portrait.objects.filter(
        public_id=public_id, online=None, published_at__isnull=False, consents__gallery=True
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
