"""How an agreement is kept as proof, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import get_language

from cohorts.models import User

from ..models import Consent, Place, Portrait, PortraitVersion


@dataclass(frozen=True)
class Agreement:
    """What the person ticked and read: places, last day, the exact sentences on the screen, how they had signed in."""

    places: frozenset[str]
    until: date
    terms: str
    signed_in_with: str


def record_consent(
    portrait: Portrait, version: PortraitVersion, agreement: Agreement, *, by: User
) -> Consent:
    """A new consent row for this version; the one that ran until now ends as replaced."""
    end_consent(portrait, Consent.End.REPLACED)
    return Consent.objects.create(
        portrait=portrait,
        version=version,
        fingerprint=version.fingerprint,
        until=agreement.until,
        terms=agreement.terms,
        language=get_language() or "",
        by=by,
        signed_in_with=agreement.signed_in_with,
        **{place.value: place.value in agreement.places for place in Place},
    )


def end_consent(portrait: Portrait, end: Consent.End) -> None:
    """Date and explain the end of the running consent, if there is one. The row stays: it is the proof."""
    Consent.objects.filter(portrait=portrait, ended_at__isnull=True).update(ended_at=timezone.now(), end=end)
