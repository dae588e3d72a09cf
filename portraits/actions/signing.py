"""The student's key: sign, ask for a change, withdraw; and what the clock does with consents."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require, require_version, tick

from .. import consents, mails, permissions
from ..mails import consents as consent_mails
from ..models import Consent, Portrait
from .consenting import Agreement, end_consent, record_consent
from .keeping import discard_photos
from .together import forget_talk

NOTHING = {"online": None, "consent": None, "photo": None, "signed_version": None}
"""What a portrait holds that was taken back."""


@transaction.atomic
def sign(portrait: Portrait, agreement: Agreement, *, read: int, by: User) -> Consent:
    """Turn the student's key for the version they read: these words, this photo, these places, until this day."""
    portrait = lock(portrait)
    require(permissions.can_sign(by, portrait))
    if portrait.state not in portrait.MOVES["sign"].sources:
        raise MoveRefused(portrait, "sign")
    require_version(portrait, "sign", read)
    version = portrait.versions.get(number=portrait.version)
    consent = record_consent(portrait, version, agreement, by=by)
    move(portrait, "sign", by=by, consent=consent, signed_version=portrait.version)
    transaction.on_commit(partial(mails.signed, portrait))
    # Signed is signed, whatever becomes of the paper. (No partial here: Django wants a name to log.)
    transaction.on_commit(lambda: consent_mails.receipt(portrait), robust=True)
    return consent


@transaction.atomic
def ask_change(portrait: Portrait, *, message: str, by: User) -> Portrait:
    """Not like that: the student says what to change and the group edits again."""
    portrait = lock(portrait)
    require(permissions.can_sign(by, portrait))
    portrait = move(portrait, "ask_change", by=by, note=message)
    transaction.on_commit(partial(mails.change_asked, portrait, message))
    return portrait


@transaction.atomic
def withdraw(portrait: Portrait, *, by: User, proof: str = "") -> Portrait:
    """Take everything back: offline at once, every picture deleted, nothing more is sent, what went out is taken down."""
    portrait = lock(portrait)
    require(permissions.can_withdraw(by, portrait))
    consent = portrait.consent
    _take_back(portrait, Consent.End.WITHDRAWN, proof)
    portrait = move(portrait, "withdraw", by=by, **NOTHING)
    transaction.on_commit(partial(mails.withdrawn, portrait, consent))
    ring()
    return portrait


@transaction.atomic
def withdraw_by_link(consent: Consent) -> Portrait:
    """The same for whoever holds the signed link of the agreement that runs, signed in or not.

    The link went by mail to the person who gave the agreement, as their codes to sign in do: the history names them, with
    the link as the proof. An alumnus whose login is closed withdraws like this too. The caller has read the link (links.read).
    """
    portrait = lock(consent.portrait)
    if portrait.consent_id != consent.pk:
        raise MoveRefused(portrait, "withdraw_by_link")
    consent = portrait.consent
    _take_back(portrait, Consent.End.WITHDRAWN, consents.proof_by_link(consent))
    portrait = move(portrait, "withdraw_by_link", by=consent.by, **NOTHING)
    transaction.on_commit(partial(mails.withdrawn, portrait, consent))
    ring()
    return portrait


@transaction.atomic
def lapse(portrait: Portrait) -> Portrait:
    """The consent's last day is over: the same as a withdrawal, by the clock."""
    portrait = lock(portrait)
    consent = portrait.consent
    if consent is None or consent.until >= timezone.localdate():
        return portrait
    _take_back(portrait, Consent.End.LAPSED)
    portrait = tick(portrait, "lapse", **NOTHING)
    transaction.on_commit(partial(consent_mails.lapsed, portrait, consent))
    ring()
    return portrait


@transaction.atomic
def publish(portrait: Portrait) -> Portrait:
    """Put the signed version before the public's eyes. The caller (the posts' clock) has checked the staff's key."""
    portrait = lock(portrait)
    is_first = portrait.published_at is None
    version = portrait.versions.get(number=portrait.version)
    portrait = tick(portrait, "publish", online=version, published_at=portrait.published_at or timezone.now())
    if is_first:
        transaction.on_commit(partial(consent_mails.published, portrait))
    return portrait


def _take_back(portrait: Portrait, end: Consent.End, proof: str = "") -> None:
    end_consent(portrait, end, proof)
    discard_photos(portrait)
    forget_talk(portrait)
