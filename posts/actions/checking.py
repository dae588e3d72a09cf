"""Pre-flight: a day and a quarter of an hour before its time, would this delivery leave? People hear early, not at its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from inet_comms.lifecycle import lock

from .. import mails
from ..content import ContentChanged, frozen_content
from ..models import Delivery
from ..secrecy import Unreadable

AHEAD = (timedelta(hours=24), timedelta(minutes=15))


def check_ahead(now: datetime) -> int:
    """Check what comes within a day, and again within a quarter of an hour; how many were checked."""
    done = 0
    for number, ahead in enumerate(AHEAD, start=1):
        coming = Delivery.objects.filter(
            state=Delivery.State.SCHEDULED, due_at__gt=now, due_at__lte=now + ahead, checks_done__lt=number
        )
        for pk in list(coming.values_list("pk", flat=True)[:50]):
            done += _check(pk, number)
    return done


def _check(pk: int, number: int) -> bool:
    with transaction.atomic():
        delivery = lock(Delivery(pk=pk))
        if delivery.state != Delivery.State.SCHEDULED or delivery.checks_done >= number:
            return False
        troubles = foreseen(delivery)
        message = " ".join(troubles)
        is_news = bool(troubles) and message != delivery.message
        delivery.checks_done, delivery.message = number, message
        delivery.save(update_fields=["checks_done", "message"])
        if is_news:
            transaction.on_commit(lambda: mails.trouble_ahead(delivery))
        return True


def foreseen(delivery: Delivery) -> list[str]:
    """Why it would not leave at its time, in sentences that say what to do; empty if nothing is in the way."""
    account, found = delivery.account, []
    if isinstance(account.token, Unreadable) or not account.is_ready:
        found.append(_("%(page)s must be connected again before anything can go there.") % {"page": account})
    elif account.expires_at and not account.refresh_token and account.expires_at <= delivery.due_at:
        found.append(
            _("Our access to %(page)s ends before that. Staff must connect it again.") % {"page": account}
        )
    try:
        content = frozen_content(delivery)
    except (ContentChanged, OSError):
        found.append(
            _("The picture that was approved is missing or has changed. Return the post and approve it anew.")
        )
        return found
    problems = account.connector.check(content, account.limits)
    return found + [str(problem.message) for problem in problems if not problem.is_warning]
