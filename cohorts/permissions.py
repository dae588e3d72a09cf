"""Who a person is today: the sentences on which all other permissions stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Promotion, Student, User


def is_staff(user: User) -> bool:
    """The staff of the school, who answer for what is published in its name."""
    return user.is_authenticated and user.is_active and user.is_staff


def is_comms(user: User, promotion: Promotion) -> bool:
    """A member of that promotion's communication group whose mandate runs today."""
    return user.is_authenticated and promotion.pk in user.comms_promotion_ids


def is_anyones_comms(user: User) -> bool:
    """A member of some communication group whose mandate runs today."""
    return user.is_authenticated and bool(user.comms_promotion_ids)


def is_the_student(user: User, student: Student) -> bool:
    """The very person."""
    return user.is_authenticated and student.user_id is not None and student.user_id == user.pk


def can_invite(user: User, promotion: Promotion) -> bool:
    """The promotion's comms group invites; staff help them out."""
    return is_staff(user) or is_comms(user, promotion)


def can_manage_people(user: User) -> bool:
    """Staff import students, give mandates, rename promotions."""
    return is_staff(user)
