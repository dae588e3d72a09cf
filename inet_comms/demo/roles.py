"""Whom a visitor of the demo may want to be: one person for each thing that is worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import CommsMember, Student, User
from portraits.models import Portrait

State = Portrait.State
STUDENTS = (
    (
        State.INVITED,
        gettext_lazy("Student, just invited"),
        gettext_lazy("Write a portrait on a phone: a few questions, a photo, where it may appear."),
    ),
    (
        State.DRAFT,
        gettext_lazy("Student, in the middle of writing"),
        gettext_lazy("Go on where they stopped, and hand in."),
    ),
    (
        State.TO_SIGN,
        gettext_lazy("Student who must sign"),
        gettext_lazy("Read the edited text, see what changed, then sign it or ask for a change."),
    ),
    (
        State.PUBLISHED,
        gettext_lazy("Student whose portrait is online"),
        gettext_lazy("See what was allowed, and withdraw: the gallery and the network follow at once."),
    ),
)


@dataclass(frozen=True)
class Role:
    """`person` may sign in; `title` says who they are, `what` what can be tried. Staff are no `student`."""

    person: User
    title: str
    what: str
    student: Student | None = None

    @property
    def initials(self) -> str:
        return (self.person.first_name[:1] + self.person.last_name[:1]).upper()


def roles() -> list[Role]:
    """As far as the school that is loaded has them."""
    return [*_students(), *_members(), *_former_member(), *_staff()]


def _students() -> Iterator[Role]:
    """Of the promotion that began last, if it has one: the pages of those who have left look different."""
    people = Student.objects.filter(user__isnull=False, mandates__isnull=True)
    people = people.select_related("user", "promotion").order_by("-promotion__starts", "pk")
    for state, title, what in STUDENTS:
        student = people.filter(portrait__state=state).first()
        if student:
            yield Role(student.user, str(title), str(what), student)


def _members() -> Iterator[Role]:
    mandates = CommsMember.objects.active().filter(student__user__isnull=False)
    seen = set()
    for mandate in mandates.select_related("student__user", "student__promotion").order_by("pk"):
        student = mandate.student
        if student.promotion_id in seen:
            continue
        seen.add(student.promotion_id)
        title = _("Communication group, promotion %(name)s") % {"name": student.promotion.name}
        what = _("Invite, edit, ask for the signature, prepare and plan the post.")
        yield Role(student.user, title, what, student)


def _former_member() -> Iterator[Role]:
    active = Q(mandates__in=CommsMember.objects.active())
    people = Student.objects.filter(user__isnull=False, mandates__isnull=False).exclude(active)
    student = people.select_related("user", "promotion").order_by("pk").first()
    if student:
        title = _("Former member of a communication group")
        yield Role(
            student.user, title, _("See that the rights ended by themselves with the mandate."), student
        )


def _staff() -> Iterator[Role]:
    for is_superuser, title, what in (
        (
            False,
            _("Staff of the school"),
            _("Approve or return what waits, import students, stop everything."),
        ),
        (True, _("Administrator"), _("All that staff can do, and connect the pages.")),
    ):
        user = User.objects.filter(is_staff=True, is_superuser=is_superuser).order_by("pk").first()
        if user:
            yield Role(user, title, what)
