"""One student on the board: a face, a state, what is missing, who looks after them, the last contact, the next reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import Student

from .. import quiet
from ..models import Nudge, Portrait
from ..nudging import lacking
from ..steps import TONES

if TYPE_CHECKING:
    from .wall import Wall

NOT_INVITED = "not_invited"
STATES = [(NOT_INVITED, gettext_lazy("not invited")), *Portrait.State.choices]
State = Nudge.State


@dataclass(frozen=True)
class Line:
    words: str
    kind: str = ""
    url: str = ""


class Tile:
    """One student on the board, with or without a portrait."""

    def __init__(self, student: Student, wall: Wall):
        self.student, self.wall = student, wall
        self.portrait: Portrait | None = getattr(student, "portrait", None)
        self.is_ticked = False
        # As text: a number would be put into the form of the language each time it is written.
        self.pk = str(student.pk)

    @cached_property
    def state(self) -> str:
        if self.portrait is None or (
            self.portrait.state == Portrait.State.INVITED and self.portrait.invited_at is None
        ):
            return NOT_INVITED
        return self.portrait.state

    @property
    def url(self) -> str:
        """The studio; empty while nobody has invited them."""
        return "" if self.state == NOT_INVITED else reverse("studio", args=[self.portrait.pk])

    @property
    def chase(self) -> str:
        return reverse("chase", args=[self.student.pk])

    @property
    def outbox(self) -> str:
        query = {"promotion": self.wall.promotion.slug}
        return f"{reverse('outbox', query=query)}#relance-{self.waiting.pk}"

    @property
    def label(self) -> str:
        return self.wall.labels[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "grey")

    @property
    def photo(self):
        return self.portrait and self.portrait.photo

    @cached_property
    def lacking(self) -> list[tuple]:
        return lacking(self.portrait) if self.portrait else []

    @property
    def missing(self) -> list:
        """What the student still has to give, while it is their turn."""
        return [words for _about, words in self.lacking]

    @property
    def missing_said(self) -> str:
        return ", ".join(map(str, self.missing))

    @property
    def keeper(self) -> Student | None:
        return self.portrait and self.portrait.looked_after_by

    @property
    def is_online(self) -> bool:
        return self.portrait is not None and self.portrait.online_id is not None

    @property
    def has_begun(self) -> bool:
        return self.state not in (NOT_INVITED, Portrait.State.INVITED)

    @property
    def contact_said(self) -> str:
        """“Last contact: telephone, 3 March”; empty while nobody has spoken to them."""
        if not self.student.last_contact:
            return ""
        day = self.wall.day(self.student.last_contact, self.wall.short_form)
        means = self.wall.means[self.student.last_means]
        return self.wall.sentences["contact"] % {"means": means, "day": day}

    @property
    def lines(self) -> list[Line]:
        """What stands below the name: what is missing, the last contact, what happens next."""
        found = []
        if self.missing:
            found.append(Line(self.wall.sentences["missing"] % {"what": self.missing_said}, "missing"))
        if contact := self.contact_said:
            found.append(Line(contact))
        if said := self.next_said:
            kind = "alarm" if self.is_unreachable else ""
            found.append(Line(said, kind, self.outbox if self.asks_for_a_look else ""))
        return found

    @cached_property
    def waiting(self) -> Nudge | None:
        nudges = self.portrait.nudges.all() if self.portrait else ()
        return next((nudge for nudge in nudges if nudge.state in Nudge.WAITING), None)

    @cached_property
    def next(self) -> quiet.Next | None:
        if not self.lacking:
            return None
        return quiet.plan(
            self.portrait,
            self.wall.rhythm,
            self.wall.quiet_periods,
            last_step=self.student.last_step,
            last_contact=self.student.last_contact,
        )

    @property
    def is_to_remind(self) -> bool:
        """It is their turn, and for as many days as agreed nobody spoke to them and they did not go on."""
        return self.next is not None and self.next.due_at <= self.wall.now

    @property
    def is_unreachable(self) -> bool:
        """No mail of ours helps: somebody has to speak to them."""
        if not self.lacking:
            return False
        return bool(self.portrait.nudges_off_at or self.student.mail_refused_at or self.next.is_used_up)

    @property
    def next_said(self) -> str:
        """What happens next by mail, in a few words."""
        if self.student.mail_refused_at:
            return _("Mail comes back: speak to them")
        if not self.lacking:
            return ""
        if self.portrait.nudges_off_at:
            return _("Wants no reminders: speak to them")
        if self.waiting:
            return self._waiting_said(self.waiting)
        if self.next.is_used_up:
            return _("Reminded as often as agreed: speak to them")
        if self.wall.rhythm is None or not self.wall.rhythm.is_on:
            return ""
        return self.wall.sentences["next"] % self._numbers(self.next.due_at)

    def _waiting_said(self, nudge: Nudge) -> str:
        if nudge.state == State.PROPOSED:
            return self.wall.sentences["to_read"] % self._numbers(nudge.due_at)
        if nudge.is_unsure(self.wall.now):
            return _("Nobody knows whether the reminder left")
        return self.wall.sentences["next"] % self._numbers(nudge.due_at)

    def _numbers(self, moment: datetime) -> dict:
        number = self.waiting.number if self.waiting else self.next.number
        most = max(number, self.next.at_most)
        return {"number": number, "most": most, "day": self.wall.day(max(moment, self.wall.now))}

    @property
    def asks_for_a_look(self) -> bool:
        """The line about the next reminder leads to the outbox: something waits there for a human."""
        nudge = self.waiting
        return nudge is not None and (nudge.state == State.PROPOSED or nudge.is_unsure(self.wall.now))
