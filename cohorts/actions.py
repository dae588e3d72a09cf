"""Verbs about people: give a login, rename a promotion."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from inet_comms.lifecycle import require

from .models import FormerName, Promotion, Student, User
from .permissions import can_manage_people


@transaction.atomic
def give_login(student: Student) -> User:
    """The student's login: made once, with the address already verified, since the school vouches for it."""
    if student.user_id is None:
        email = student.email.lower()
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, first_name=student.first_name, last_name=student.last_name
        )
        student.user = user
        student.save(update_fields=["user"])
    verify_address(student.user)
    return student.user


@transaction.atomic
def update_login(student: Student) -> User:
    """The student's login says the name and address that the student has now; the school vouches for a corrected address too."""
    user = give_login(student)
    if user.email != student.email.lower() and student.mail_refused_at:
        # Mail came back from the address they had before.
        student.mail_refused_at = None
        student.save(update_fields=["mail_refused_at"])
    user.first_name, user.last_name, user.email = student.first_name, student.last_name, student.email.lower()
    user.save(update_fields=["first_name", "last_name", "email"])
    verify_address(user)
    return user


def is_taken(email: str, student: Student) -> bool:
    """Whether this address is someone else's login, so that this student cannot sign in with it."""
    others = User.objects.filter(email__iexact=email)
    if student.user_id is None:
        return others.filter(student__isnull=False).exists()
    return others.exclude(pk=student.user_id).exists()


def verify_address(user: User) -> None:
    """allauth's row saying that this address is theirs; without it they would have to type a second code.

    The address they had before, if another, is theirs no more.
    """
    EmailAddress.objects.filter(user=user, primary=True).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


@transaction.atomic
def rename(promotion: Promotion, *, name: str, slug: str, by: User) -> Promotion:
    """Give a promotion a new name; the old one stays as a former name and its address redirects."""
    require(can_manage_people(by))
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    FormerName.objects.filter(promotion=promotion, slug=slug).delete()
    if promotion.slug != slug:
        FormerName.objects.create(
            promotion=promotion, name=promotion.name, slug=promotion.slug, until=timezone.localdate()
        )
    promotion.name, promotion.slug = name, slug
    promotion.full_clean()
    promotion.save(update_fields=["name", "slug"])
    return promotion
