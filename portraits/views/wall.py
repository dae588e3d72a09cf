"""Everyone of one promotion for the board, and what their faces share: the pace of the reminders, words, days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, Prefetch
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cohorts.models import CommsMember, Promotion, Student
from inet_comms.moments import said_date, said_day

from .. import quiet
from ..models import Answer, Contact, Nudge, QuietPeriod, Rhythm
from ..nudging import CHASED
from .tiles import STATES, Tile


@dataclass
class Wall:
    """Everyone of one promotion, read in five queries whatever their number, with the pace at which they are chased."""

    promotion: Promotion

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def labels(self) -> dict[str, str]:
        """The states in the language of this page: looked up once, not once a face."""
        return {key: str(label) for key, label in STATES}

    @cached_property
    def means(self) -> dict[str, str]:
        return {key: str(label) for key, label in Contact.Means.choices}

    @cached_property
    def sentences(self) -> dict[str, str]:
        return {
            "missing": _("Missing: %(what)s"),
            "contact": _("Last contact: %(means)s, %(day)s"),
            "next": _("Reminder %(number)d of %(most)d: %(day)s"),
            "to_read": _("Reminder %(number)d of %(most)d: to be read"),
        }

    @cached_property
    def short_form(self) -> str:
        return pgettext("short day", "j F")

    def day(self, moment: datetime, form: str = "") -> str:
        """The day of this instant in words; many faces share it."""
        key = (timezone.localtime(moment).date(), form)
        if key not in self.days:
            self.days[key] = said_date(*key) if form else said_day(key[0])
        return self.days[key]

    @cached_property
    def days(self) -> dict[tuple, str]:
        return {}

    @cached_property
    def students(self) -> list[Student]:
        mandates = CommsMember.objects.active().filter(student=OuterRef("pk"))
        students = (
            Student.objects.filter(promotion=self.promotion)
            .select_related("promotion__rhythm", "portrait__photo", "portrait__looked_after_by")
            .prefetch_related(
                # Of those who have something to do: nobody else's are looked at here.
                Prefetch("portrait__answers", Answer.objects.filter(portrait__state__in=CHASED)),
                Prefetch("portrait__nudges", Nudge.objects.filter(portrait__state__in=CHASED)),
                "promotion__questions",
            )
            .annotate(
                last_step=quiet.last_step_of("portrait__pk"),
                last_contact=quiet.last_contact_of("portrait__pk"),
                last_means=quiet.last_contact_of("portrait__pk", "means"),
                is_member=Exists(mandates),
            )
            .order_by(Lower("last_name"), Lower("first_name"))
        )
        return list(students)

    @cached_property
    def members(self) -> list[Student]:
        """The group as it is today."""
        return [student for student in self.students if student.is_member]

    @cached_property
    def rhythm(self) -> Rhythm | None:
        return getattr(self.students[0].promotion, "rhythm", None) if self.students else None

    @cached_property
    def quiet_periods(self) -> list[QuietPeriod]:
        return list(self.promotion.quiet_periods.all())

    @cached_property
    def tiles(self) -> list[Tile]:
        return [Tile(student, self) for student in self.students]
