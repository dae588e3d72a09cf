"""The student's key: sign, ask for a change, withdraw; and what the clock does with consents."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require, require_version, tick

from .. import mails, permissions
from ..models import Consent, Portrait
from .consenting import Agreement, end_consent, record_consent
from .keeping import discard_photos


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
def withdraw(portrait: Portrait, *, by: User) -> Portrait:
    """Take everything back: offline at once, every picture deleted, nothing more is sent, what went out is taken down."""
    portrait = lock(portrait)
    require(permissions.can_withdraw(by, portrait))
    _take_back(portrait, Consent.End.WITHDRAWN)
    portrait = move(portrait, "withdraw", by=by, online=None, consent=None, photo=None, signed_version=None)
    transaction.on_commit(partial(mails.withdrawn, portrait))
    ring()
    return portrait


@transaction.atomic
def lapse(portrait: Portrait) -> Portrait:
    """The consent's last day is over: the same as a withdrawal, by the clock."""
    portrait = lock(portrait)
    if portrait.consent is None or portrait.consent.until >= timezone.localdate():
        return portrait
    _take_back(portrait, Consent.End.LAPSED)
    portrait = tick(portrait, "lapse", online=None, consent=None, photo=None, signed_version=None)
    ring()
    return portrait


@transaction.atomic
def publish(portrait: Portrait) -> Portrait:
    """Put the signed version before the public's eyes. The caller (the posts' clock) has checked the staff's key."""
    portrait = lock(portrait)
    version = portrait.versions.get(number=portrait.version)
    return tick(portrait, "publish", online=version, published_at=portrait.published_at or timezone.now())


def _take_back(portrait: Portrait, end: Consent.End) -> None:
    end_consent(portrait, end)
    discard_photos(portrait)
