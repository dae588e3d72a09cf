"""What the student does, and what invites them: answers, photo, handing in."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.actions import give_login
from cohorts.models import Student, User
from inet_comms.lifecycle import MoveRefused, lock, move, require

from .. import mails, permissions, photos
from ..models import Answer, Appearance, Consent, Photo, Portrait
from ..questions import QUOTE
from .asking import question_now
from .chasing import send_invitation
from .consenting import Agreement, record_consent
from .keeping import discard_earlier_drafts, keep_photo, record_version


class ChangedElsewhere(MoveRefused):
    """They wrote on another device since this page was opened. `now` is the answer, or the photo, as it stands."""

    def __init__(self, portrait: Portrait, now: Answer | Photo | None):
        self.now = now
        super().__init__(portrait, "write")

    @property
    def for_people(self) -> str:
        return _("This was changed on another device since you opened this page. Keep one of the two.")


def answer_token(answer: Answer | None) -> str:
    """Names the answer as it is now, "" before the first one. A later one sorts after an earlier one."""
    return answer.changed_at.astimezone(UTC).isoformat(timespec="microseconds") if answer else ""


def photo_token(photo: Photo | None) -> str:
    """Names the photo as framed, "" where there is none."""
    return str(photo.public_id) if photo else ""


@transaction.atomic
def invite(student: Student, *, by: User) -> Portrait:
    """Give the student a login and an empty portrait, and write to them. Inviting twice writes twice, nothing more."""
    portrait, _created = Portrait.objects.get_or_create(student=student)
    portrait = lock(portrait)
    require(permissions.can_invite(by, portrait))
    give_login(student)
    portrait.invited_at = timezone.now()
    portrait.save(update_fields=["invited_at"])
    transaction.on_commit(partial(send_invitation, portrait, by))
    return portrait


@transaction.atomic
def answer(portrait: Portrait, question: str, text: str, *, by: User, read: str | None = None) -> Answer:
    """Save one answer as it is given. `read`: the token of the answer that their page showed, None if it does not say.

    The same words again are no change, so that what was sent twice is saved once and disturbs nobody.
    """
    portrait = _writable(portrait, by)
    before = portrait.answers.filter(question=question).first()
    if before and before.text == text.strip():
        return before
    asked = question_now(portrait, question)
    if read is not None and read != answer_token(before):
        raise ChangedElsewhere(portrait, before)
    given, _created = Answer.objects.update_or_create(
        portrait=portrait, question=asked.key, defaults={"text": text.strip()}
    )
    _begin(portrait, by)
    return given


def set_photo(
    portrait: Portrait,
    *,
    by: User,
    upload: BinaryIO | None = None,
    crop: photos.Crop | None = None,
    turn: int = 0,
    alt_text: str = "",
    read: str | None = None,
) -> Photo:
    """A new photo, or a new crop of the present one; neither: only its description.

    `turn`: degrees clockwise by which it is turned first; the crop is a frame in the photo so turned. `read`: the token
    of the photo that their page showed. Raises PhotoRefused in words; the photo they had stays then. The upload is
    decoded before the row is locked: that takes up to a second.
    """
    require(permissions.can_write(by, portrait))
    master = photos.clean(upload) if upload else None
    if master and Appearance.objects.refused(master.source_sha256).exists():
        raise photos.PhotoRefused("not-agreed")
    with transaction.atomic():
        portrait = _writable(portrait, by)
        if read is not None and read != photo_token(portrait.photo):
            raise ChangedElsewhere(portrait, portrait.photo)
        if turn and (master or portrait.photo):
            master = photos.turned(master.data if master else portrait.photo.master.read(), turn)
        if master or crop:
            before = portrait.photo
            portrait.photo = keep_photo(portrait, master=master, crop=crop)
            if turn and before and not upload:
                # The same photo, turned: whoever is in it still is.
                Appearance.objects.follow(portrait, before.source_sha256, portrait.photo.source_sha256)
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
    portrait.quote = words.pop(QUOTE)
    portrait.text = "\n\n".join(text for text in words.values() if text)
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
