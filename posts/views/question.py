"""One delivery that asks for a look: what we know of it, in plain words, and the answers that it allows."""

from __future__ import annotations

from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inet_comms.moments import said

from ..asked import MAY_BE_THERE, NOT_OUT, NOT_THERE, Asked, asked
from ..forms.answering import ReasonForm, ResendForm, ThereForm
from ..models import Attempt, Delivery, Post
from ..steps import DELIVERY_TONES

FORMS = {"there": "there", "resend": "resend", "anew": "anew", "close": "leave"}
"""Which form comes back for which answer."""


class Question:
    """One delivery on the page. `verb` and `data` are the answer that did not do, to be shown again as typed."""

    def __init__(self, delivery: Delivery, verb: str = "", data=None):
        self.delivery, self.kind = delivery, asked(delivery)
        typed = {name: data if FORMS.get(verb) == name else None for name in FORMS.values()}
        ids = {name: f"id_{delivery.pk}_{name}_%s" for name in typed}
        self.there = ThereForm(typed["there"], auto_id=ids["there"])
        self.resend = ResendForm(
            typed["resend"], auto_id=ids["resend"], must_look=self.kind is not Asked.NOT_SENT
        )
        self.anew = ReasonForm(typed["anew"], auto_id=ids["anew"])
        self.leave = ReasonForm(typed["leave"], auto_id=ids["leave"])

    def form(self, verb: str):
        """The form of this answer, or None where it takes nothing."""
        return getattr(self, FORMS[verb]) if verb in FORMS else None

    @property
    def tone(self) -> str:
        return DELIVERY_TONES[self.delivery.state]

    # What it allows -----------------------------------------------------------------------------

    @property
    def may_be_there(self) -> bool:
        return self.kind in MAY_BE_THERE

    @property
    def may_be_left(self) -> bool:
        return self.kind in NOT_THERE | NOT_OUT

    @property
    def may_be_sent_anew(self) -> bool:
        return self.kind in NOT_THERE and self.is_useful

    @property
    def may_be_planned_anew(self) -> bool:
        return self.may_be_left and not self.may_be_sent_anew

    @cached_property
    def is_useful(self) -> bool:
        """Sending it again still makes sense: it is approved as it stands, and not too late."""
        post = self.delivery.post
        return (
            post.state == Post.State.APPROVED
            and post.version == self.delivery.post_version
            and not self.is_late
        )

    @cached_property
    def is_late(self) -> bool:
        return self.delivery.latest_useful_at <= timezone.now()

    @property
    def is_overdue(self) -> bool:
        """Nobody answered in time."""
        return bool(self.delivery.answer_by) and self.delivery.answer_by < timezone.now()

    @property
    def leaves_later(self) -> bool:
        """Sent anew, it would leave at its own time, which is still to come."""
        return self.delivery.due_at > timezone.now()

    # What we know -------------------------------------------------------------------------------

    @property
    def known(self) -> list[str]:
        """When we tried, what the network said or did not say, when we looked, when we look again."""
        looks = list(self._looks())
        # What was noted when someone was asked says again, in general, what is said here.
        is_said = self.kind in (Asked.MUST_GO, Asked.TWICE, Asked.UNSEEN) or (
            self.kind is Asked.UNKNOWN and looks
        )
        message = "" if is_said else self.delivery.message
        return [sentence for sentence in (*self._tries(), *looks, message) if sentence]

    @property
    def spoken(self) -> list[Attempt]:
        """The tries that came as far as speaking to the network, as far as we know."""
        return [
            attempt
            for attempt in self.delivery.attempts.all()
            if attempt.kind == Attempt.Kind.CREATE and (attempt.first_byte_at or not attempt.ended_at)
        ]

    def _tries(self):
        if not self.spoken:
            planned = self.delivery.due_at
            if self.delivery.post.version == self.delivery.post_version and self.delivery.post.publish_at:
                planned = self.delivery.post.publish_at
            yield _("It was to leave on %(moment)s.") % {"moment": said(planned)}
            if self.kind is not Asked.NOT_SENT:
                yield _("Nothing was sent.")
            return
        first, last = self.spoken[0], self.spoken[-1]
        if len(self.spoken) == 1:
            yield _("We sent it on %(moment)s.") % {"moment": said(first.intent_at)}
        else:
            yield _("We sent it on %(moment)s, and tried again until %(last)s.") % {
                "moment": said(first.intent_at),
                "last": said(last.intent_at),
            }
        if not last.ended_at:
            yield _("We were interrupted before the network answered.")
        elif last.outcome == "published":
            yield _("The network said that it is online.")
        elif self.kind is Asked.FAILED:
            yield _("The network refused it: it is not online.")
        elif self.kind in MAY_BE_THERE:
            yield _("The network did not say clearly whether it is online.")

    def _looks(self):
        looks = [move for move in self.delivery.moves.all() if move.source == Delivery.State.CHECKING]
        if looks and self.kind in (Asked.UNKNOWN, Asked.LOOKED_FOR):
            yield ngettext(
                "We looked at the page %(count)d time, on %(moment)s, and could not tell.",
                "We looked at the page %(count)d times, last on %(moment)s, and could not tell.",
                len(looks),
            ) % {"count": len(looks), "moment": said(looks[-1].at)}
        if self.kind is Asked.LOOKED_FOR and self.delivery.next_check_at:
            yield _("We look again by ourselves on %(moment)s: you have nothing to do.") % {
                "moment": said(self.delivery.next_check_at)
            }
