"""How an account is: said in the same words on the page of accounts, on the staff's desk and by the doctor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _

from inet_comms.moments import said

from . import rights
from .actions.upkeep import end_of
from .models import Account
from .networks import get_network
from .secrecy import Unreadable
from .versions import Version

SOON = timedelta(days=14)
CLIENT_NETWORKS = ("linkedin", "facebook", "x")
"""Where our program must be registered once, by hand."""


def is_registered(network: str) -> bool:
    """Can this network be connected in the browser?"""
    return network not in CLIENT_NETWORKS or bool(getattr(settings, f"{network.upper()}_CLIENT_ID", ""))


@dataclass
class Condition:
    """One account at `now`. `stops` are the ids of the pages that are stopped; None among them: all are."""

    account: Account
    now: datetime
    stops: frozenset[int | None] = frozenset()

    @property
    def is_unreadable(self) -> bool:
        return isinstance(self.account.token, Unreadable)

    @property
    def is_resting(self) -> bool:
        return self.account.breaker_until is not None

    @property
    def is_stopped(self) -> bool:
        return None in self.stops or self.account.pk in self.stops

    @cached_property
    def _state(self) -> tuple[str, str]:
        """(tone, word), the worst first."""
        account = self.account
        if self.is_unreadable:
            return "red", _("cannot be read with the present keys")
        if not account.token:
            return "grey", _("not connected")
        if account.needs_reconnect:
            return "red", _("must be connected again")
        if self.is_stopped:
            return "red", _("stopped")
        if self.is_resting:
            return "amber", _("resting after trouble")
        if self.missing:
            return "amber", _("lacks a right")
        if self.ends_soon:
            return "amber", _("ends soon")
        return "green", _("connected")

    @property
    def tone(self) -> str:
        return self._state[0]

    @property
    def word(self) -> str:
        return self._state[1]

    @property
    def is_well(self) -> bool:
        return self.tone == "green"

    @cached_property
    def end(self) -> datetime | None:
        """When only a person can go on."""
        return end_of(self.account) if self.account.token else None

    @property
    def days_left(self) -> int | None:
        return None if self.end is None else max(0, math.floor((self.end - self.now) / timedelta(days=1)))

    @property
    def ends_soon(self) -> bool:
        return self.end is not None and self.end - self.now <= SOON

    @property
    def ends(self) -> str:
        """Until when, in words."""
        account = self.account
        if not account.token:
            return ""
        if self.end is None:
            return _("renewed by itself") if account.refresh_token else _("no end is known")
        return said(self.end)

    @cached_property
    def missing(self) -> list[str]:
        return rights.missing(get_network(self.account.network).scopes, self.account.scopes.split())

    @property
    def missing_in_words(self) -> str:
        return rights.in_words(self.missing)

    @property
    def version(self) -> Version:
        return Version.asked(self.account.network)

    @property
    def warning(self) -> str:
        upkeep = getattr(self.account, "upkeep", None)
        return upkeep.warning if upkeep else ""
