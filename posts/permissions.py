"""Who may do what with a post: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohorts.permissions import is_comms, is_staff, is_the_student

from .rulings import Who

if TYPE_CHECKING:
    from cohorts.models import User

    from .models import Delivery, Post, Slot


def can_write(user: User, post: Post) -> bool:
    """The promotion's comms group writes, plans and asks for approval, while its mandate lasts."""
    return is_comms(user, post.promotion)


def can_see(user: User, post: Post) -> bool:
    """The comms group, staff, and the student it is about."""
    return is_staff(user) or is_comms(user, post.promotion) or is_the_student(user, post.portrait.student)


def can_sign(user: User, post: Post) -> bool:
    """Words beyond the signed portrait need the student's agreement, and nobody else's will do."""
    return is_the_student(user, post.portrait.student)


def can_approve(user: User, post: Post) -> bool:
    """Staff approve, never their own post, never one about themselves."""
    return is_staff(user) and user.pk != post.author_id and not is_the_student(user, post.portrait.student)


def can_return(user: User, post: Post) -> bool:
    """Staff return a post with a reason, before or after approval."""
    return is_staff(user)


def can_answer(user: User, delivery: Delivery) -> bool:
    """Whether a post is online: the comms group concerned and staff can look and say."""
    return is_staff(user) or is_comms(user, delivery.post.promotion)


def can_take_down(user: User, delivery: Delivery) -> bool:
    """What is online in the school's name: the comms group concerned and staff can take it down at any moment."""
    return is_staff(user) or is_comms(user, delivery.post.promotion)


def can_exempt(user: User, post: Post, who: Who) -> bool:
    """Whoever the rule names: the comms group concerned, or staff, who may do whatever the group may."""
    return who != Who.NOBODY and (is_staff(user) or (who == Who.COMMS and is_comms(user, post.promotion)))


def can_stop(user: User) -> bool:
    """Any member of staff stops everything, and lifts the stop."""
    return is_staff(user)


def can_connect(user: User) -> bool:
    """Only staff connect and disconnect the school's pages."""
    return is_staff(user)


def can_share(user: User) -> bool:
    """Only staff say how promotions share a page, and who owns which slot."""
    return is_staff(user)


def can_cede(user: User, slot: Slot) -> bool:
    """A slot is ceded, and taken back, by the group that owns it, while its mandate lasts."""
    return is_comms(user, slot.promotion)
