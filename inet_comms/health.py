"""What machines ask (is it alive, is it ready?) and what staff want to know at a glance."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cohorts.permissions import is_staff
from posts.models import Account, Delivery, Stop
from posts.secrecy import Unreadable


@require_safe
@never_cache
def livez(request):
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """It can serve: database reachable and migrated, data folder writable, tokens readable. 503 otherwise, no details."""
    return HttpResponse(*(("ok", "text/plain", 200) if is_ready() else ("not ready", "text/plain", 503)))


def is_ready() -> bool:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        probe = settings.DATA_DIR / ".writable"
        probe.write_text("")
        return not any(
            isinstance(token, Unreadable) for token in Account.objects.values_list("token", flat=True)
        )
    except (DatabaseError, OSError):
        return False


@require_safe
@never_cache
def statusz(request):
    """For staff: how late is the oldest due delivery, what is uncertain, is the stop on. 404 for everyone else."""
    if not is_staff(request.user):
        raise Http404
    now = timezone.now()
    oldest = Delivery.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return JsonResponse(
        {
            "oldest_due_seconds": (now - oldest).total_seconds() if oldest else 0,
            "uncertain": Delivery.objects.filter(state=Delivery.State.UNCERTAIN).count(),
            "asking_someone": Delivery.objects.asking().count(),
            "abandoned": Delivery.objects.abandoned(now - timedelta(minutes=1)).count(),
            "stopped": Stop.is_on(),
            "accounts_to_reconnect": Account.objects.filter(needs_reconnect=True).count(),
            "linkedin_version": settings.LINKEDIN_VERSION,
        }
    )
