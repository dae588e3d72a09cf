"""All that the comms group must have before their eyes about one portrait, in an object for templates."""

from __future__ import annotations

from functools import cached_property

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cohorts.models import User

from .. import permissions
from ..forms.studio import WORDS, HandBackForm, ReframeForm, RemarkAnswerForm, RemarkForm, StudioForm
from ..models import Appearance, Portrait, PortraitVersion, WorkingCopy, retired_of
from ..steps import LINE, TONES, life_line, said_steps
from ..words import shortened, word_diff
from . import beside, remarks
from .conflict import Conflict
from .offers import Offer, allows, offers

VERSIONS_SHOWN = 3


class Studio:
    """One portrait, as `user` may read and move it. Bound forms come back after an error with what was typed."""

    def __init__(
        self,
        portrait: Portrait,
        user: User,
        form: StudioForm | None = None,
        hand_back: HandBackForm | None = None,
        *,
        conflict: Conflict | None = None,
        is_together: bool = False,
        remark_form: RemarkForm | None = None,
        answering: tuple[int, RemarkAnswerForm] | None = None,
    ):
        self.portrait, self.user, self.conflict = portrait, user, conflict
        self.is_together = is_together
        self.student = portrait.student
        self.form = form or StudioForm.of(portrait)
        self.hand_back = hand_back or HandBackForm()
        self.remark_form = remark_form or RemarkForm(portrait)
        self.answering = answering

    @property
    def frame(self) -> ReframeForm:
        """The present frame of the photo, to be moved."""
        return ReframeForm.of(self.portrait)

    @property
    def can_edit(self) -> bool:
        return (
            permissions.can_edit(self.user, self.portrait)
            and self.portrait.state in self.portrait.MOVES["edit"].sources
        )

    @property
    def can_hand_back(self) -> bool:
        return self.can_edit and allows(self.portrait, "hand_back")

    @property
    def shows_words(self) -> bool:
        """What the student is still writing is theirs alone, and what was withdrawn is nobody's."""
        return self.portrait.state in Portrait.UNDER_WAY

    @property
    def own_words(self) -> list[tuple]:
        words = self.portrait.own_words if self.shows_words else {}
        return [
            (question, words[question.key]) for question in self.portrait.questions if words.get(question.key)
        ]

    @property
    def former_words(self) -> list[tuple]:
        """What they answered to questions that are no longer asked."""
        if not self.shows_words:
            return []
        given = {answer.question: answer.text for answer in self.portrait.answers.all()}
        retired = retired_of(self.student.promotion)
        return [(question, given[question.key]) for question in retired if given.get(question.key)]

    @property
    def tone(self) -> str:
        return TONES[self.portrait.state]

    @property
    def line(self) -> list[tuple]:
        """(words, "done" | "now" | "todo", moment of the last arrival there or "") for `_parts/step_line.html`."""
        reached = {move.target: move.at for move in self.moves}
        reached[Portrait.State.INVITED] = self.portrait.invited_at
        return [
            (capfirst(label), place or "todo", reached.get(state) or "" if place else "")
            for state, (label, place) in zip(LINE, life_line(self.portrait), strict=False)
        ]

    @cached_property
    def moves(self) -> list:
        return list(self.portrait.moves.all())

    @property
    def steps(self) -> list[tuple]:
        return said_steps(self.moves)

    @property
    def asked_change(self):
        """The move in which the student asked for a change that was not yet answered by a new text to sign."""
        if self.portrait.state != Portrait.State.IN_EDIT:
            return None
        asked = [move for move in self.moves if move.name in ("ask_change", "ask_signature")]
        return asked[-1] if asked and asked[-1].name == "ask_change" else None

    @cached_property
    def versions(self) -> list[PortraitVersion]:
        """All of them, the newest first."""
        return list(self.portrait.versions.select_related("by", "photo").order_by("-number"))

    @property
    def present(self) -> PortraitVersion | None:
        return self.version(self.portrait.version)

    @property
    def latest_versions(self) -> list[PortraitVersion]:
        return self.versions[:VERSIONS_SHOWN]

    def version(self, number: int | None) -> PortraitVersion | None:
        return next((version for version in self.versions if version.number == number), None)

    @property
    def signed_version(self) -> PortraitVersion | None:
        """The version last signed, where the present one differs from it."""
        portrait = self.portrait
        return self.version(portrait.signed_version) if portrait.signed_version != portrait.version else None

    @property
    def changes(self) -> list[tuple]:
        """(label, word diff) of each field that differs from the version last signed."""
        before = self.signed_version
        return differences(before, {name: getattr(self.portrait, name) for name in WORDS}) if before else []

    @property
    def has_new_crop(self) -> bool:
        return self.signed_version is not None and self.signed_version.photo_id != self.portrait.photo_id

    @property
    def conflicts(self) -> list[tuple]:
        """(label, word diff) from what is saved meanwhile to what this person typed."""
        return [(field.label, field.diff) for field in self.conflict.fields] if self.conflict else []

    @cached_property
    def kept(self) -> WorkingCopy | None:
        """What this person typed earlier and has not saved, while nothing is typed here yet."""
        kept = kept_words(self.portrait, self.user)
        if kept is None or self.form.is_bound or not self.can_edit:
            return None
        return kept if differences(self.portrait, kept.words) else None

    @property
    def kept_changes(self) -> list[tuple]:
        """(label, word diff) from what is saved to what this person has typed and not saved."""
        return [(label, shortened(diff)) for label, diff in differences(self.portrait, self.kept.words)]

    @cached_property
    def in_photo(self) -> list[Appearance]:
        """All who keep the photo back or are tied to it here."""
        if self.portrait.photo_id is None:
            return []
        return list(Appearance.objects.in_photo_of(self.portrait).select_related("student"))

    @property
    def people(self) -> list[Appearance]:
        """Those that this portrait's own group has named."""
        return [person for person in self.in_photo if person.portrait_id == self.portrait.pk]

    @cached_property
    def comparison(self) -> list[tuple]:
        return beside.comparison(self.portrait, self.form.typed) if self.shows_words else []

    @property
    def hints(self) -> list[tuple]:
        return beside.style_hints(self.portrait, self.form.typed)

    @property
    def proposed_description(self) -> str:
        """For the description of the photo, from the one the student handed in; empty where the field says that already."""
        first = self.versions[-1].alt_text if self.versions else self.portrait.alt_text
        proposed = beside.proposed_description(self.portrait, first)
        return "" if proposed == self.form["alt_text"].value() else proposed

    @cached_property
    def remarks(self) -> list[remarks.Shown]:
        if not self.shows_words:
            return []
        found = self.portrait.remarks.visible_to(self.user).with_answers()
        return remarks.shown(found, self.portrait, self.answering)

    @property
    def open_remarks(self) -> list[remarks.Shown]:
        return [one for one in self.remarks if one.remark.is_open]

    @property
    def resolved_remarks(self) -> list[remarks.Shown]:
        return [one for one in self.remarks if not one.remark.is_open]

    @property
    def missing(self) -> list:
        """What still has to come: from the student while they write, from the group before it can be approved."""
        if self.portrait.state == Portrait.State.DRAFT:
            return self.portrait.missing
        if self.shows_words and not self.portrait.alt_text:
            return [_("the description of the photo")]
        return []

    @cached_property
    def open_post(self):
        """The post of this portrait that is being prepared or waits to leave."""
        return next((post for post in self.portrait.posts.all() if post.state in post.OPEN), None)

    @property
    def offers(self) -> list[Offer]:
        """The moves that the present state allows to this person, in the order in which they usually come."""
        if not permissions.can_edit(self.user, self.portrait):
            return []
        is_free = not any(person.holds_back for person in self.in_photo)
        return offers(self.portrait, has_open_post=self.open_post is not None, is_free=is_free)


def kept_words(portrait: Portrait, user: User) -> WorkingCopy | None:
    """What this person has typed and not saved; read along with the portrait where `with_kept_words` did."""
    if not hasattr(portrait, "kept_read"):
        return portrait.working_copies.filter(by=user).first()
    if portrait.kept_read is None:
        return None
    return WorkingCopy(
        portrait=portrait, by=user, read=portrait.kept_read, words=portrait.kept_words, at=portrait.kept_at
    )


def differences(before, after: dict[str, str]) -> list[tuple]:
    """(label, word diff) of each field that differs; `before` is a portrait or one of its versions."""
    pairs = [
        (name, getattr(before, name), after.get(name, "").replace("\r\n", "\n").strip()) for name in WORDS
    ]
    return [
        (StudioForm.base_fields[name].label, word_diff(old, new)) for name, old, new in pairs if old != new
    ]
