"""What a student's phone may keep of *Mon portrait*: which pages, whose they are, and for how long."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.crypto import salted_hmac

from cohorts.models import User

KEPT = frozenset({"my_portrait", "my_question", "my_photo"})
"""Names of the pages that open without a connection. The facts, handing in and signing need one."""
HEADER = "X-Phone"
"""What a page tells the phone's worker (static/js/worker.js): “keep” and whose it is, or “drop”: forget all pages."""
KEPT_DAYS = 7


def owner(user: User) -> str:
    """Names the person on their phone without saying who they are."""
    return salted_hmac("portraits.phones", str(user.pk)).hexdigest()[:20]


def release() -> str:
    """Changes whenever one of the files that pages load changes: what was kept under another name is thrown away."""
    return getattr(staticfiles_storage, "manifest_hash", "") or "unreleased"


def tell(request, response, portrait) -> None:
    """Say in the header whether the phone may keep this page: only while the pen is the student's."""
    if request.method != "GET" or response.status_code != 200 or not settings.OFFLINE_FORM:
        return
    name = request.resolver_match.url_name
    if portrait is not None and portrait.is_writable and name in KEPT:
        response.headers[HEADER] = f"keep {owner(request.user)}"
    elif name == "my_portrait":
        response.headers[HEADER] = "drop"
