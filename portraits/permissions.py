"""Who may do what with a portrait: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohorts.permissions import is_comms, is_staff, is_the_student

if TYPE_CHECKING:
    from cohorts.models import Promotion, User

    from .models import Consent, Portrait, Remark


def can_write(user: User, portrait: Portrait) -> bool:
    """Only the student answers their questions, chooses their photo and hands in."""
    return is_the_student(user, portrait.student)


def can_edit(user: User, portrait: Portrait) -> bool:
    """The promotion's comms group edits text and crop, while its mandate lasts."""
    return is_comms(user, portrait.student.promotion)


def can_look(user: User, portrait: Portrait) -> bool:
    """The comms group works in the studio, staff look in."""
    return is_comms(user, portrait.student.promotion) or is_staff(user)


def can_answer_remark(user: User, remark: Remark) -> bool:
    """The comms group; the student too, unless the remark is for the group only."""
    student = remark.portrait.student
    return is_comms(user, student.promotion) or (not remark.is_internal and is_the_student(user, student))


def can_sign(user: User, portrait: Portrait) -> bool:
    """Only the student signs, also when they are in the comms group themselves."""
    return is_the_student(user, portrait.student)


def can_withdraw(user: User, portrait: Portrait) -> bool:
    """Only the student withdraws, at any moment."""
    return is_the_student(user, portrait.student)


def can_read_receipt(user: User, consent: Consent) -> bool:
    """The student has their own receipts; staff need them as proof. The comms group does not."""
    return is_the_student(user, consent.portrait.student) or is_staff(user)


def can_see(user: User, portrait: Portrait) -> bool:
    """The student, their comms group and staff see it before it is published."""
    return (
        is_the_student(user, portrait.student) or is_comms(user, portrait.student.promotion) or is_staff(user)
    )


def can_style_cards(user: User, promotion: Promotion) -> bool:
    """The promotion’s comms group chooses the look of its cards; staff help them out."""
    return is_comms(user, promotion) or is_staff(user)


def can_invite(user: User, portrait: Portrait) -> bool:
    """The comms group invites its classmates; staff help them out."""
    return is_comms(user, portrait.student.promotion) or is_staff(user)


def can_ask(user: User, promotion: Promotion) -> bool:
    """The promotion's comms group decides what its students are asked; staff help them out."""
    return is_comms(user, promotion) or is_staff(user)


def can_chase(user: User, promotion: Promotion) -> bool:
    """The promotion's comms group says who looks after whom, notes contacts and lets reminders leave; staff help them out."""
    return is_comms(user, promotion) or is_staff(user)


def can_tie(user: User, portrait: Portrait) -> bool:
    """The student and their comms group say who else can be recognised in the photo."""
    return is_the_student(user, portrait.student) or is_comms(user, portrait.student.promotion)
