"""Pictures: public while the portrait is online, else for those who may see it, else as if there were none."""

import logging

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from .. import permissions
from ..models import Photo, Portrait

log = logging.getLogger(__name__)

WHOLE = "whole.jpg"
"""The master, uncropped: for the frame's editor only, never public."""


@require_safe
def picture(request, public_id, name):
    """One file of a photo as framed."""
    photo = get_object_or_404(
        Photo.objects.select_related("portrait__student__promotion"), public_id=public_id
    )
    is_public = name != WHOLE and Portrait.objects.online().filter(online__photo=photo).exists()
    if not is_public and not (
        request.user.is_authenticated and permissions.can_see(request.user, photo.portrait)
    ):
        raise Http404
    if name == WHOLE:
        file, content_type, mark = photo.master, "image/jpeg", photo.source_sha256
    else:
        rendition = get_object_or_404(photo.renditions, name=name)
        file, content_type, mark = rendition.file, rendition.content_type, rendition.sha256
    response = _file(request, file, f'"{mark}"')
    response["Content-Type"] = content_type
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "public, max-age=300" if is_public else "private, no-store"
    response["Vary"] = "Cookie"
    return response


def _file(request, file, etag):
    """304 for who has it already, the front server's hand-over where there is one, else the bytes."""
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    if settings.X_ACCEL_PREFIX:
        return HttpResponse(
            headers={"X-Accel-Redirect": f"{settings.X_ACCEL_PREFIX}{file.name}", "ETag": etag}
        )
    try:
        modified = file.storage.get_modified_time(file.name)
        return FileResponse(
            file.open("rb"), headers={"ETag": etag, "Last-Modified": http_date(modified.timestamp())}
        )
    except OSError:
        log.error("The file of a picture is missing: %s", file.name)
        raise Http404 from None
