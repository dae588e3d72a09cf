"""Pictures: public while the portrait is online, else for those who may see it, else as if there were none."""

import logging
import re

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from .. import permissions
from ..models import Photo, Portrait, Rendition

log = logging.getLogger(__name__)

WHOLE = "whole.jpg"
"""What the frame is drawn on: the clean master, uncropped. Nobody has agreed to show what lies outside the frame, so it
is for those who may frame it, never public."""
RENDITION = re.compile(r"\d{1,5}\.(?:webp|jpg)")
HEADERS = {
    "Content-Disposition": "inline",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


@require_safe
def picture(request, public_id, name):
    """One file of a photo as framed."""
    file, content_type, sha256, is_public = (_whole if name == WHOLE else _rendition)(
        request.user, public_id, name
    )
    return shown(request, file, content_type, sha256, is_public)


def shown(request, file, content_type, mark, is_public):
    """A file, or bytes; or 304. Nobody keeps what is not public, and what is public is asked for anew after five minutes."""
    etag = f'"{mark}"'
    response = get_conditional_response(request, etag=etag) or _sent(file)
    for header, value in HEADERS.items():
        response.headers[header] = value
    response.headers["Content-Type"] = content_type
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=300" if is_public else "private, no-store"
    if not is_public:
        patch_vary_headers(response, ["Cookie"])
    return response


def _rendition(user, public_id, name):
    if not RENDITION.fullmatch(name):
        raise Http404
    online = Portrait.objects.online().filter(online__photo=OuterRef("photo"))
    rendition = get_object_or_404(
        Rendition.objects.select_related("photo__portrait__student__promotion").annotate(
            is_public=Exists(online)
        ),
        photo__public_id=public_id,
        name=name,
    )
    if not rendition.is_public:
        require_one(user, rendition.photo.portrait, permissions.can_see)
    return rendition.file, rendition.content_type, rendition.sha256, rendition.is_public


def _whole(user, public_id, name):
    photo = get_object_or_404(
        Photo.objects.select_related("portrait__student__promotion"), public_id=public_id
    )
    require_one(user, photo.portrait, permissions.can_write, permissions.can_edit)
    return photo.master, "image/jpeg", photo.source_sha256, False


def require_one(user, portrait, *sentences):
    """One of these permissions; without, it is as if there were no such picture."""
    if not any(may(user, portrait) for may in sentences):
        raise Http404


def _sent(file):
    """The bytes, or the order to the front server to send them itself."""
    if isinstance(file, bytes):
        return HttpResponse(file)
    if settings.X_ACCEL_PREFIX:
        return HttpResponse(headers={"X-Accel-Redirect": settings.X_ACCEL_PREFIX + file.name})
    try:
        return FileResponse(file.open("rb"))
    except FileNotFoundError:
        log.error("The file of a picture is missing: %s", file.name)
        raise Http404 from None
