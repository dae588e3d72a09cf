"""How an agreement is kept as proof, changed place by place, prolonged, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, require

from .. import consents, permissions
from ..mails import consents as consent_mails
from ..models import Consent, Place, Portrait, PortraitVersion


@dataclass(frozen=True)
class Agreement:
    """What the person ticked and read: places, last day, the exact sentences on the screen, how they had signed in."""

    places: frozenset[str]
    until: date
    terms: str
    signed_in_with: str


class StaleConsent(MoveRefused):
    """They decided on an agreement that another one has replaced since."""

    @property
    def for_people(self) -> str:
        return _(
            "Your agreement has changed since you opened this page. Look at it as it is now, then decide."
        )


def record_consent(
    portrait: Portrait, version: PortraitVersion, agreement: Agreement, *, by: User
) -> Consent:
    """A new consent row for this version; the one that ran until now ends as replaced."""
    end_consent(portrait, Consent.End.REPLACED, agreement.signed_in_with)
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


def end_consent(portrait: Portrait, end: Consent.End, proof: str = "") -> None:
    """Date and explain the end of the running consent, if there is one. The row stays: it is the proof."""
    Consent.objects.filter(portrait=portrait, ended_at__isnull=True).update(
        ended_at=timezone.now(), end=end, ended_with=proof
    )


@transaction.atomic
def change_consent(portrait: Portrait, agreement: Agreement, *, read: int, by: User) -> Consent:
    """Other places or another last day for the very version agreed to: a new row that counts from now on.

    `read` is the consent that stood on their screen. What waits for a place taken away is called off, and what is online
    there taken down, by the posts' clock, which the bell wakes.
    """
    portrait = lock(portrait)
    require(permissions.can_sign(by, portrait))
    before = portrait.consent
    if before is None or before.until < timezone.localdate() or not agreement.places:
        raise MoveRefused(portrait, "change_consent")
    if before.pk != read:
        raise StaleConsent(portrait, "change_consent")
    if set(before.places) == agreement.places and before.until == agreement.until:
        return before
    portrait.consent = record_consent(portrait, before.version, agreement, by=by)
    portrait.save(update_fields=["consent"])
    transaction.on_commit(lambda: consent_mails.changed(portrait, before), robust=True)
    ring()
    return portrait.consent


@transaction.atomic
def remind_of_end(consent: Consent) -> bool:
    """Tell the student that its last day comes near; whether that was still to be done. A mail that is lost is not repeated:
    nobody is asked twice."""
    portrait = lock(consent.portrait)
    consent = Consent.objects.select_related("by").get(pk=consent.pk)
    if portrait.consent_id != consent.pk or not consents.is_to_be_reminded(consent):
        return False
    consent.reminded_at = timezone.now()
    consent.save(update_fields=["reminded_at"])
    transaction.on_commit(partial(consent_mails.end_is_near, portrait))
    return True
