"""Who may do what with a portrait: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohorts.permissions import is_comms, is_staff, is_the_student

if TYPE_CHECKING:
    from cohorts.models import User

    from .models import Portrait


def can_write(user: User, portrait: Portrait) -> bool:
    """Only the student answers their questions, chooses their photo and hands in."""
    return is_the_student(user, portrait.student)


def can_edit(user: User, portrait: Portrait) -> bool:
    """The promotion's comms group edits text and crop, while its mandate lasts."""
    return is_comms(user, portrait.student.promotion)


def can_sign(user: User, portrait: Portrait) -> bool:
    """Only the student signs, also when they are in the comms group themselves."""
    return is_the_student(user, portrait.student)


def can_withdraw(user: User, portrait: Portrait) -> bool:
    """Only the student withdraws, at any moment."""
    return is_the_student(user, portrait.student)


def can_see(user: User, portrait: Portrait) -> bool:
    """The student, their comms group and staff see it before it is published."""
    return (
        is_the_student(user, portrait.student) or is_comms(user, portrait.student.promotion) or is_staff(user)
    )


def can_invite(user: User, portrait: Portrait) -> bool:
    """The comms group invites its classmates; staff help them out."""
    return is_comms(user, portrait.student.promotion) or is_staff(user)
