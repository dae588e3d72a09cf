"""What the comms group does: edit words and crop, restore, hand back, ask for the signature."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from cohorts.models import User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, move, require, require_version

from .. import mails, permissions, photos
from ..models import Portrait
from .appearing import require_free
from .keeping import keep_photo, record_version
from .together import WORDS, carry_remarks, drop_words


@transaction.atomic
def take_up(portrait: Portrait, *, by: User) -> Portrait:
    """Begin to edit what was handed in."""
    return move(_editable(portrait, by), "take_up", by=by)


@transaction.atomic
def edit(portrait: Portrait, *, read: int, by: User, **words: str) -> Portrait:
    """Write `words` (any of title, quote, text, alt_text) as a new version, which voids signature and approval.

    `read` is the version they had before their eyes. Words equal to the present ones change nothing.
    """
    portrait = _editable(portrait, by)
    require_version(portrait, "edit", read)
    changed = {name: words[name].strip() for name in WORDS if name in words}
    drop_words(portrait, by=by)
    if all(getattr(portrait, name) == value for name, value in changed.items()):
        return portrait
    return _new_version(portrait, by, changed)


@transaction.atomic
def restore(portrait: Portrait, number: int, *, read: int, by: User) -> Portrait:
    """The words and the photo of an earlier version as a new one: what came between stays in the list.

    Raises PortraitVersion.DoesNotExist for a number that it never had. A photo that was thrown away since stays as it is now.
    """
    portrait = _editable(portrait, by)
    require_version(portrait, "edit", read)
    earlier = portrait.versions.select_related("photo").get(number=number)
    changed = {name: getattr(earlier, name) for name in WORDS}
    if earlier.photo is not None:
        changed["photo"] = earlier.photo
    if all(getattr(portrait, name) == value for name, value in changed.items()):
        return portrait
    return _new_version(portrait, by, changed)


@transaction.atomic
def reframe(portrait: Portrait, crop: photos.Crop, *, read: int, by: User) -> Portrait:
    """Crop the photo differently: a new version too, since the student signs the picture as well as the words."""
    portrait = _editable(portrait, by)
    require_version(portrait, "edit", read)
    if portrait.photo is None:
        raise MoveRefused(portrait, "edit")
    portrait = _new_version(portrait, by, {"photo": keep_photo(portrait, master=None, crop=crop)})
    # No word has changed: what they have typed beside the photo goes on from here.
    portrait.working_copies.filter(by=by, read=read).update(read=portrait.version)
    return portrait


@transaction.atomic
def hand_back(portrait: Portrait, *, message: str, by: User) -> Portrait:
    """Give the pen back to the student, with words that say what for."""
    portrait = move(_editable(portrait, by), "hand_back", by=by, note=message)
    transaction.on_commit(partial(mails.handed_back, portrait, message, by))
    return portrait


@transaction.atomic
def ask_signature(portrait: Portrait, *, read: int, by: User) -> Portrait:
    """Send this version to the student, who alone can sign it."""
    portrait = _editable(portrait, by)
    require_version(portrait, "ask_signature", read)
    require_free(portrait, "ask_signature")
    portrait = move(portrait, "ask_signature", by=by)
    transaction.on_commit(partial(mails.to_sign, portrait, by))
    return portrait


@transaction.atomic
def keep_as_signed(portrait: Portrait, *, read: int, by: User) -> Portrait:
    """Nothing changed since the student handed in and agreed: their signature already covers this version."""
    portrait = _editable(portrait, by)
    require_version(portrait, "keep_as_signed", read)
    if portrait.signed_version != portrait.version or portrait.consent_id is None:
        raise MoveRefused(portrait, "keep_as_signed")
    require_free(portrait, "keep_as_signed")
    return move(portrait, "keep_as_signed", by=by)


def _editable(portrait: Portrait, by: User) -> Portrait:
    portrait = lock(portrait)
    require(permissions.can_edit(by, portrait))
    return portrait


def _new_version(portrait: Portrait, by: User, changed: dict) -> Portrait:
    before = {name: getattr(portrait, name) for name in WORDS if name in changed}
    for name, value in changed.items():
        setattr(portrait, name, value)
    version = record_version(portrait, by=by)
    portrait = move(portrait, "edit", by=by, version=version.number, **changed)
    carry_remarks(portrait, before)
    ring()
    return portrait
