"""What the student does, and what invites them: answers, photo, handing in."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from cohorts.actions import give_login
from cohorts.models import Student, User
from inet_comms.lifecycle import MoveRefused, lock, move, require

from .. import mails, permissions, photos
from ..models import Answer, Consent, Photo, Portrait
from ..questions import BY_KEY, QUESTIONS
from .consenting import Agreement, record_consent
from .keeping import discard_earlier_drafts, keep_photo, record_version


@transaction.atomic
def invite(student: Student, *, by: User) -> Portrait:
    """Give the student a login and an empty portrait, and write to them. Inviting twice writes twice, nothing more."""
    portrait, _created = Portrait.objects.get_or_create(student=student)
    portrait = lock(portrait)
    require(permissions.can_invite(by, portrait))
    give_login(student)
    portrait.invited_at = timezone.now()
    portrait.save(update_fields=["invited_at"])
    transaction.on_commit(partial(mails.invitation, portrait, by))
    return portrait


@transaction.atomic
def answer(portrait: Portrait, question: str, text: str, *, by: User) -> Answer:
    """Save one answer as it is given."""
    portrait = _writable(portrait, by)
    given, _created = Answer.objects.update_or_create(
        portrait=portrait, question=BY_KEY[question].key, defaults={"text": text.strip()}
    )
    _begin(portrait, by)
    return given


@transaction.atomic
def set_facts(
    portrait: Portrait, *, region: str, entry_route: str, earlier_sector: str, by: User
) -> Portrait:
    """The optional facts, used only to see whether the portraits show the variety of the promotion."""
    portrait = _writable(portrait, by)
    portrait.region, portrait.entry_route, portrait.earlier_sector = region, entry_route, earlier_sector
    portrait.save(update_fields=["region", "entry_route", "earlier_sector"])
    return _begin(portrait, by)


def set_photo(
    portrait: Portrait,
    *,
    by: User,
    upload: BinaryIO | None = None,
    crop: photos.Crop | None = None,
    alt_text: str = "",
) -> Photo:
    """A new photo, or a new crop of the present one; neither: only its description.

    Raises PhotoRefused in words; the photo they had stays then. The upload is decoded before the row is locked: that
    takes up to a second.
    """
    require(permissions.can_write(by, portrait))
    master = photos.clean(upload) if upload else None
    with transaction.atomic():
        portrait = _writable(portrait, by)
        if master or crop:
            portrait.photo = keep_photo(portrait, master=master, crop=crop)
        portrait.alt_text = alt_text.strip()
        portrait.save(update_fields=["photo", "alt_text"])
        discard_earlier_drafts(portrait)
        _begin(portrait, by)
    return portrait.photo


@transaction.atomic
def submit(portrait: Portrait, agreement: Agreement, *, by: User) -> Consent:
    """Hand in: the answers become the first text, and the student's agreement to exactly that text is kept as proof."""
    portrait = _writable(portrait, by, name="submit")
    if portrait.missing:
        raise MoveRefused(portrait, "submit")
    words = portrait.own_words
    portrait.quote = words["quote"]
    portrait.text = "\n\n".join(
        words[question.key] for question in QUESTIONS if question.key != "quote" and words[question.key]
    )
    version = record_version(portrait, by=by)
    consent = record_consent(portrait, version, agreement, by=by)
    move(
        portrait,
        "submit",
        by=by,
        version=version.number,
        quote=portrait.quote,
        text=portrait.text,
        consent=consent,
        signed_version=version.number,
    )
    transaction.on_commit(partial(mails.handed_in, portrait))
    return consent


@transaction.atomic
def reopen(portrait: Portrait, *, by: User) -> Portrait:
    """After a withdrawal the student may begin again; nothing of the earlier consent comes back."""
    portrait = lock(portrait)
    require(permissions.can_write(by, portrait))
    return move(portrait, "reopen", by=by)


def _writable(portrait: Portrait, by: User, name: str = "write") -> Portrait:
    portrait = lock(portrait)
    require(permissions.can_write(by, portrait))
    if not portrait.is_writable:
        raise MoveRefused(portrait, name)
    return portrait


def _begin(portrait: Portrait, by: User) -> Portrait:
    return move(portrait, "begin", by=by) if portrait.state == Portrait.State.INVITED else portrait
