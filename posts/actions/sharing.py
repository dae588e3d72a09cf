"""How the pages are shared: shares and weekly slots, as staff set them."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.lifecycle import lock, require

from .. import permissions
from ..models import Account, Share, SharedPeriod, Slot
from ..models.sharing import WHOLE


@transaction.atomic
def set_shares(
    account: Account,
    starts: date,
    ends: date,
    shares: dict[Promotion, int],
    *,
    by: User,
    period: SharedPeriod | None = None,
) -> SharedPeriod:
    """Who has which part of this page on these days; `period` is the one that is replaced.

    The page is locked, so that two people cannot share the same days at once. Raises ValidationError, with sentences.
    """
    require(permissions.can_share(by))
    lock(account)
    period = period or SharedPeriod()
    period.account, period.starts, period.ends = account, starts, ends
    period.full_clean()
    check_shares(shares.values())
    period.save()
    period.shares.exclude(promotion__in=shares).delete()
    for promotion, percent in shares.items():
        Share.objects.update_or_create(period=period, promotion=promotion, defaults={"percent": percent})
    return period


def check_shares(percents) -> None:
    """At least two, and a hundred together."""
    percents = list(percents)
    if len(percents) < 2:
        raise ValidationError(_("A page is shared between two promotions at least: name them both."), "alone")
    if sum(percents) != WHOLE:
        raise ValidationError(
            _("The shares must make 100 together, and make %(sum)s: change one of them.")
            % {"sum": sum(percents)},
            "not-a-hundred",
        )


@transaction.atomic
def set_slot(slot: Slot, *, by: User) -> Slot:
    """A new weekly slot, or until when and for which kind one is. Raises ValidationError, with sentences."""
    require(permissions.can_share(by))
    lock(slot.account)
    slot.full_clean()
    slot.save()
    return slot
