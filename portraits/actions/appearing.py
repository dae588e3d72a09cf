"""People in a photo: who can be recognised is tied to it and asked; one no, or one agreement taken back, takes the photo away."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cohorts.models import Student, User
from inet_comms.bell import ring
from inet_comms.lifecycle import MoveRefused, lock, require, tick

from .. import permissions
from ..mails import people as people_mails
from ..models import Appearance, Consent, Portrait
from .consenting import end_consent
from .keeping import discard_photo
from .signing import NOTHING


class NotFree(MoveRefused):
    """Somebody else who can be recognised in the photo has not agreed."""

    @property
    def for_people(self) -> str:
        return said_awaited(self.record)


class NotToBeAnswered(MoveRefused):
    """They have answered already, or the photo is not used any more."""

    @property
    def for_people(self) -> str:
        return _("This was answered or settled meanwhile. The page shows how it stands.")


def require_free(portrait: Portrait, name: str) -> None:
    """Stop here while somebody in its photo has not agreed (called after `lock`)."""
    if not portrait.is_free_of_others:
        raise NotFree(portrait, name)


def said_awaited(portrait: Portrait) -> str:
    """Who is awaited, or that the photo must go, in a sentence that says what to do."""
    standing = list(Appearance.objects.in_photo_of(portrait).standing().select_related("student"))
    awaited = [str(person) for person in standing if person.is_awaited]
    if len(awaited) < len(standing):
        return _(
            "Somebody in the photo does not agree that it is shown. The student must choose another one."
        )
    return ngettext(
        "%(names)s can be recognised in the photo and has not agreed yet. It goes on once they have.",
        "%(names)s can be recognised in the photo and have not agreed yet. It goes on once they have.",
        len(awaited),
    ) % {"names": ", ".join(awaited)}


@transaction.atomic
def tie(portrait: Portrait, student: Student, *, by: User) -> Appearance:
    """This person can be recognised in the photo that the portrait has now: they are asked. Asking twice is asking once."""
    portrait = lock(portrait)
    require(permissions.can_tie(by, portrait))
    if portrait.photo is None or student.pk == portrait.student_id:
        raise MoveRefused(portrait, "tie")
    appearance, is_new = Appearance.objects.get_or_create(
        portrait=portrait,
        source_sha256=portrait.photo.source_sha256,
        student=student,
        defaults={"added_by": by},
    )
    if is_new:
        transaction.on_commit(partial(people_mails.asked, appearance))
        ring()
    return appearance


@transaction.atomic
def untie(appearance: Appearance, *, by: User) -> None:
    """It was not them: as long as they have not answered. They are told, so that nobody is taken off unseen."""
    portrait, appearance = _locked(appearance)
    require(permissions.can_tie(by, portrait))
    if not appearance.is_awaited:
        raise NotToBeAnswered(portrait, "untie")
    transaction.on_commit(partial(people_mails.untied, appearance))
    Appearance.objects.filter(pk=appearance.pk).delete()


# The person's own answers. They come by the signed link, which went to this person alone, signed in or not: the caller has
# read it (likeness.read), and `proof` says how they are known.


@transaction.atomic
def agree(appearance: Appearance, *, terms: str, proof: str) -> Appearance:
    """Yes, in these terms."""
    portrait, appearance = _open(appearance)
    _answer(appearance, Appearance.Answer.AGREED, terms, proof)
    if portrait.is_free_of_others and portrait.photo_id:
        transaction.on_commit(partial(people_mails.everyone_agreed, portrait))
    return appearance


@transaction.atomic
def say_not_me(appearance: Appearance, *, proof: str) -> Appearance:
    """It is somebody else: whoever said so looks again."""
    _portrait, appearance = _open(appearance)
    _answer(appearance, Appearance.Answer.NOT_ME, "", proof)
    transaction.on_commit(partial(people_mails.not_them, appearance))
    return appearance


@transaction.atomic
def refuse(appearance: Appearance, *, proof: str) -> Appearance:
    """No: the photo goes, wherever it is used."""
    _lock_all(appearance)
    _portrait, appearance = _open(appearance)
    _answer(appearance, Appearance.Answer.REFUSED, "", proof)
    _take_photo_away(appearance)
    return appearance


@transaction.atomic
def take_back(appearance: Appearance, *, proof: str) -> Appearance:
    """They had agreed, and do not any more: as a no, from now on."""
    _lock_all(appearance)
    portrait, appearance = _locked(appearance)
    if not appearance.runs:
        raise NotToBeAnswered(portrait, "take_back")
    appearance.ended_at, appearance.ended_with = timezone.now(), proof
    appearance.save(update_fields=["ended_at", "ended_with"])
    _take_photo_away(appearance)
    return appearance


def _locked(appearance: Appearance) -> tuple[Portrait, Appearance]:
    """The portrait first, as everywhere; then the answer as it is now."""
    portrait = lock(Portrait(pk=appearance.portrait_id))
    found = Appearance.objects.select_related("student", "portrait__student").filter(pk=appearance.pk).first()
    if found is None:
        raise NotToBeAnswered(portrait, "answer")
    return portrait, found


def _lock_all(appearance: Appearance) -> None:
    """Every portrait with this photo, in one order, so that two refusals cannot block each other."""
    for pk in sorted({appearance.portrait_id, *_portraits_with(appearance.source_sha256)}):
        lock(Portrait(pk=pk))


def _portraits_with(source: str) -> list[int]:
    found = Portrait.objects.filter(photos__source_sha256=source).order_by("pk")
    return list(found.distinct().values_list("pk", flat=True))


def _open(appearance: Appearance) -> tuple[Portrait, Appearance]:
    portrait, appearance = _locked(appearance)
    if not appearance.is_awaited:
        raise NotToBeAnswered(portrait, "answer")
    return portrait, appearance


def _answer(appearance: Appearance, answer: str, terms: str, proof: str) -> None:
    appearance.answer, appearance.terms, appearance.answered_with = answer, terms, proof
    appearance.answered_at, appearance.language = timezone.now(), get_language() or ""
    appearance.save(update_fields=["answer", "terms", "answered_with", "answered_at", "language"])


def _take_photo_away(appearance: Appearance) -> None:
    """From every portrait that has it. What is on the networks, the posts' clock takes down: the bell wakes it."""
    for pk in _portraits_with(appearance.source_sha256):
        _lose_photo(lock(Portrait(pk=pk)), appearance.source_sha256)
    ring()


def _lose_photo(portrait: Portrait, source: str) -> None:
    """Offline, unsigned and without the photo, back in the student's hands. Their own agreement ends, and stays as proof."""
    shown = Q(pk=portrait.photo_id) | Q(pk=portrait.online and portrait.online.photo_id)
    shown |= Q(pk=portrait.consent and portrait.consent.version.photo_id)
    is_shown = portrait.photos.filter(shown, source_sha256=source).exists()
    discard_photo(portrait, source)
    if is_shown:
        end_consent(portrait, Consent.End.PHOTO)
        portrait = tick(portrait, "lose_photo", **NOTHING)
        transaction.on_commit(partial(people_mails.photo_lost, portrait))
