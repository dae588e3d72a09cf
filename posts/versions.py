"""Until when the versions of the networks' interfaces live: dates to be read up, since no answer says them.

https://learn.microsoft.com/linkedin/marketing/versioning · https://developers.facebook.com/docs/graph-api/changelog/versions
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from .networks.linkedin import versions as linkedin_versions

SUNSETS = {
    "linkedin": linkedin_versions.SUNSETS,
    "facebook": {
        "v20.0": date(2026, 9, 24),
        "v21.0": date(2027, 1, 21),
        "v22.0": date(2027, 5, 20),
        "v23.0": date(2027, 10, 8),
        "v24.0": date(2028, 2, 18),
        "v25.0": date(2028, 7, 29),
        "v26.0": None,
    },
}
"""The last day of each; None: the network has not said it yet. Newer ones are not in here."""
WARN_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Version:
    """The version that we ask a network for. Empty where it has none."""

    network: str
    number: str

    @classmethod
    def asked(cls, network: str) -> Version:
        return cls(network, getattr(settings, f"{network.upper()}_VERSION", ""))

    @property
    def sunset(self) -> date | None:
        return SUNSETS.get(self.network, {}).get(self.number)

    def is_over(self, today: date) -> bool:
        """It has ended, or never was: older than the newest we know of, and not among them."""
        known = SUNSETS.get(self.network)
        if not known:
            return False
        if self.number in known:
            return self.sunset is not None and self.sunset < today
        return _order(self.number) < max(map(_order, known))

    def ends_soon(self, today: date) -> bool:
        return self.sunset is not None and today <= self.sunset <= today + WARN_BEFORE


def _order(number: str) -> tuple[int, ...]:
    parts = number.removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (0,)
