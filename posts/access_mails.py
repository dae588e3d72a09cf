"""What staff are told about our access to the school's pages, by mail: before it ends, and when it has."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import kinds
from inet_comms.mailing import Action
from inet_comms.moments import said
from portraits.mails.telling import in_french, staff, tell

from .models import Account


@in_french()
def ends_soon(account: Account, end: datetime, now: datetime) -> None:
    days = max(1, math.ceil((end - now) / timedelta(days=1)))
    subject = ngettext(
        "%(page)s: our access ends in %(days)d day", "%(page)s: our access ends in %(days)d days", days
    )
    tell(
        kinds.ACCESS_ENDED if days == 1 else kinds.ACCESS_ENDS,
        staff(),
        subject % {"page": account, "days": days},
        [
            _("It ends on %(moment)s. After that nothing goes out on this page.") % {"moment": said(end)},
            _("Connecting it again takes a minute, and nothing of what is planned is lost."),
        ],
        Action(_("See the accounts"), reverse("accounts")),
    )


@in_french()
def ended(account: Account, sentence: str) -> None:
    tell(
        kinds.ACCESS_ENDED,
        staff(),
        _("%(page)s must be connected again") % {"page": account},
        [
            sentence,
            _("What is planned there waits, and expires if it waits too long."),
        ],
        Action(_("See the accounts"), reverse("accounts")),
    )
