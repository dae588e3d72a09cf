"""Who may do what with a post: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohorts.permissions import is_comms, is_staff, is_the_student

from .rulings import Who

if TYPE_CHECKING:
    from cohorts.models import Promotion, Student, User

    from .models import Attachment, Delivery, Post, Slot


def is_about(user: User, post: Post) -> bool:
    """The student of the portrait, or one whom another kind of post names or shows."""
    if post.portrait:
        return is_the_student(user, post.portrait.student)
    return any(one.student_id and one.student.user_id == user.pk for one in post.named.all())


def can_write(user: User, post: Post) -> bool:
    """The promotion's comms group writes, plans and asks for approval, while its mandate lasts."""
    return is_comms(user, post.promotion)


def can_compose(user: User, promotion: Promotion) -> bool:
    """The promotion's comms group begins posts that are not portraits."""
    return is_comms(user, promotion)


def can_propose(user: User, student: Student) -> bool:
    """Each student proposes for themself."""
    return is_the_student(user, student)


def can_see_attachment(user: User, attachment: Attachment) -> bool:
    """Whoever may see its post; of a proposal, whoever sent it, the comms group and staff."""
    if attachment.piece:
        return can_see(user, attachment.piece.post)
    student = attachment.proposal.student
    return is_staff(user) or is_comms(user, student.promotion) or is_the_student(user, student)


def can_see(user: User, post: Post) -> bool:
    """The comms group, staff, and whom it is about."""
    return is_staff(user) or is_comms(user, post.promotion) or is_about(user, post)


def can_sign(user: User, post: Post) -> bool:
    """Words beyond the signed portrait need the student's agreement, being named or shown does too; nobody else's will do."""
    return is_about(user, post)


def can_approve(user: User, post: Post) -> bool:
    """Staff approve, never their own post, never one about themselves."""
    return is_staff(user) and user.pk != post.author_id and not is_about(user, post)


def can_return(user: User, post: Post) -> bool:
    """Staff return a post with a reason, before or after approval."""
    return is_staff(user)


def can_answer(user: User, delivery: Delivery) -> bool:
    """Whether a post is online: the comms group concerned and staff can look and say."""
    return is_staff(user) or is_comms(user, delivery.post.promotion)


def can_take_down(user: User, delivery: Delivery) -> bool:
    """What is online in the school's name: the comms group, staff, and whoever is named in it can take it down at any moment."""
    post = delivery.post
    return is_staff(user) or is_comms(user, post.promotion) or (not post.portrait_id and is_about(user, post))


def can_exempt(user: User, post: Post, who: Who) -> bool:
    """Whoever the rule names: the comms group concerned, or staff, who may do whatever the group may."""
    return (who == Who.COMMS and is_comms(user, post.promotion)) or (
        who in (Who.COMMS, Who.STAFF) and is_staff(user)
    )


def can_manage_events(user: User) -> bool:
    """Staff enter the school’s events, and take them in from a file."""
    return is_staff(user)


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
