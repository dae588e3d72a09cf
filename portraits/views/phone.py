"""What the phone of a student asks besides pages: its worker, whose pages they are, and a page for want of a connection."""

import json

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import phones
from .mine import with_own_portrait

WORKER = settings.BASE_DIR / "static" / "js" / "worker.js"


@require_safe
@csp({"default-src": [NONE], "connect-src": [SELF]})
def worker(request):
    """The service worker, served from the root so that it may see the whole site. Switched off, it tidies up and leaves."""
    told = {
        "isOn": settings.OFFLINE_FORM,
        "release": phones.release(),
        "header": phones.HEADER,
        "keptDays": phones.KEPT_DAYS,
        "form": reverse("my_portrait"),
        "offline": reverse("offline"),
        "colours": reverse("promotion_colours"),
        "static": settings.STATIC_URL,
        "wayOut": reverse("account_logout"),
    }
    code = f"const TOLD = {json.dumps(told)};\n{WORKER.read_text()}"
    return HttpResponse(
        code, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_safe
def offline(request):
    """The page for want of a connection: the same for everyone, kept by the worker from its first minute."""
    return render(request, "portraits/mine/offline.html", {"navigation": ()})


@require_safe
@with_own_portrait()
def status(request, portrait):
    """Whose phone this may be, and the token with which words that waited are sent."""
    return JsonResponse({"person": phones.owner(request.user), "csrf": get_token(request)})
