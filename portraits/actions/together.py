"""What people do together on one portrait between two versions: unsaved words kept, who is there, remarks and answers."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cohorts.models import User
from inet_comms.lifecycle import MoveRefused, lock, require

from .. import anchors, permissions
from ..models import Portrait, Presence, Remark, RemarkAnswer, WorkingCopy

WORDS = ("title", "quote", "text", "alt_text")


@transaction.atomic
def keep_words(portrait: Portrait, *, words: dict[str, str], read: int, by: User) -> WorkingCopy | None:
    """Keep what this person has typed, without a version: it voids nothing and nobody else sees it.

    Words that say what is saved already need not be kept. Raises MoveRefused where nothing may be edited.
    """
    portrait = lock(portrait)
    require(permissions.can_edit(by, portrait))
    if portrait.state not in portrait.MOVES["edit"].sources:
        raise MoveRefused(portrait, "edit")
    words = {name: words.get(name, "") for name in WORDS}
    if all(words[name].strip() == getattr(portrait, name) for name in WORDS):
        drop_words(portrait, by=by)
        return None
    kept, _is_new = WorkingCopy.objects.update_or_create(
        portrait=portrait, by=by, defaults={"words": words, "read": read}
    )
    return kept


def drop_words(portrait: Portrait, *, by: User) -> None:
    """Forget one's own unsaved words."""
    WorkingCopy.objects.filter(portrait=portrait, by=by).delete()


@transaction.atomic
def be_here(portrait: Portrait, *, is_typing: bool, by: User) -> None:
    """This person has the page open now."""
    require(permissions.can_look(by, portrait))
    Presence.objects.update_or_create(
        portrait=portrait, user=by, defaults={"seen_at": timezone.now(), "is_typing": is_typing}
    )


def leave(portrait: Portrait, *, by: User) -> None:
    Presence.objects.filter(portrait=portrait, user=by).delete()


class PassageGone(Exception):
    """The words that a remark was meant for do not stand in the saved text."""


@transaction.atomic
def remark(
    portrait: Portrait, *, field: str, passage: str, near: int, text: str, is_internal: bool, by: User
) -> Remark:
    """Say something about a passage (about the whole field where it is empty). Raises PassageGone, MoveRefused."""
    portrait = lock(portrait)
    require(permissions.can_edit(by, portrait))
    if portrait.state not in portrait.UNDER_WAY:
        raise MoveRefused(portrait, "edit")
    start = 0
    if passage:
        start = anchors.locate(getattr(portrait, field), passage, near) if field in Remark.WORDS else None
        if start is None:
            raise PassageGone
    return Remark.objects.create(
        portrait=portrait,
        version=portrait.version,
        field=field,
        start=start,
        end=start + len(passage),
        passage=passage,
        text=text,
        is_internal=is_internal,
        by=by,
    )


@transaction.atomic
def resolve(remark: Remark, *, by: User) -> Remark:
    """It is done with. Resolving what is resolved changes nothing."""
    return _settle(remark, by, is_resolved=True)


@transaction.atomic
def reopen_remark(remark: Remark, *, by: User) -> Remark:
    """It is not done with after all."""
    return _settle(remark, by, is_resolved=False)


def _settle(remark: Remark, by: User, *, is_resolved: bool) -> Remark:
    require(permissions.can_edit(by, remark.portrait))
    remark = _locked(remark)
    if remark.is_open == is_resolved:
        remark.resolved_at = timezone.now() if is_resolved else None
        remark.resolved_by = by if is_resolved else None
        remark.save(update_fields=["resolved_at", "resolved_by"])
    return remark


@transaction.atomic
def answer_remark(remark: Remark, *, text: str, by: User) -> RemarkAnswer:
    """Answer a remark; one that was resolved is open again, so that the answer is read."""
    require(permissions.can_answer_remark(by, remark))
    remark = _locked(remark)
    if not remark.is_open:
        remark.resolved_at = remark.resolved_by = None
        remark.save(update_fields=["resolved_at", "resolved_by"])
    return RemarkAnswer.objects.create(remark=remark, text=text, by=by)


def forget_talk(portrait: Portrait) -> None:
    """What was said about words that were taken back goes with them (called in the transaction that takes them back)."""
    portrait.remarks.all().delete()
    portrait.working_copies.all().delete()
    portrait.presences.all().delete()


def _locked(remark: Remark) -> Remark:
    return Remark.objects.select_for_update(of=("self",)).get(pk=remark.pk)


def carry_remarks(portrait: Portrait, before: dict[str, str]) -> None:
    """Let the anchors follow an edit (called in its transaction). `before`: the words of the fields that changed.

    Where the passage is gone, the remark stays with the version it was made on and remembers where it would stand.
    """
    for found in portrait.remarks.filter(field__in=before).exclude(passage=""):
        text = getattr(portrait, found.field)
        place = anchors.followed(before[found.field], text, found.start)
        start = anchors.locate(text, found.passage, place)
        found.start = place if start is None else start
        found.end = found.start + len(found.passage)
        if start is not None:
            found.version = portrait.version
        found.save(update_fields=["start", "end", "version"])
