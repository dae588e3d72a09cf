"""All that the comms group must have before their eyes about portraits, in objects for templates: a tile, a studio."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import Student, User

from .. import permissions
from ..forms.studio import HandBackForm, ReframeForm, StudioForm
from ..models import Portrait
from ..questions import QUESTIONS
from ..steps import LINE, TONES, life_line, said_steps
from ..words import word_diff

NOT_INVITED = "not_invited"
STATES = [(NOT_INVITED, gettext_lazy("not invited")), *Portrait.State.choices]
WORDS = ("title", "quote", "text", "alt_text")


class Tile:
    """One student on the board, with or without a portrait."""

    def __init__(self, student: Student):
        self.student = student
        self.portrait: Portrait | None = getattr(student, "portrait", None)

    @property
    def state(self) -> str:
        if self.portrait is None or (
            self.portrait.state == Portrait.State.INVITED and self.portrait.invited_at is None
        ):
            return NOT_INVITED
        return self.portrait.state

    @property
    def label(self) -> str | Promise:
        return dict(STATES)[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "grey")

    @property
    def photo(self):
        return self.portrait and self.portrait.photo

    @property
    def missing(self) -> list:
        """What the student still has to give, while the pen is theirs and they have begun."""
        return self.portrait.missing if self.state == Portrait.State.DRAFT else []

    @property
    def last_step(self):
        """When something last happened: the annotation of the newest move, or the invitation."""
        if self.portrait is None:
            return None
        return self.student.last_step or self.portrait.invited_at

    @property
    def is_online(self) -> bool:
        return self.portrait is not None and self.portrait.online_id is not None

    @property
    def has_begun(self) -> bool:
        return self.state not in (NOT_INVITED, Portrait.State.INVITED)


@dataclass(frozen=True)
class Offer:
    """One move that the present state allows, as a button that says what will happen."""

    verb: str
    label: str
    consequence: str
    url: str
    is_primary: bool = False


class Studio:
    """One portrait, as `user` may read and move it. Bound forms come back after an error with what was typed."""

    def __init__(
        self,
        portrait: Portrait,
        user: User,
        form: StudioForm | None = None,
        hand_back: HandBackForm | None = None,
        *,
        is_stale: bool = False,
    ):
        self.portrait, self.user, self.is_stale = portrait, user, is_stale
        self.student = portrait.student
        self.form = form or StudioForm.of(portrait)
        self.hand_back = hand_back or HandBackForm()

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
        return self.can_edit and self._allows("hand_back")

    @property
    def shows_words(self) -> bool:
        """What the student is still writing is theirs alone, and what was withdrawn is nobody's."""
        return self.portrait.state in Portrait.UNDER_WAY

    @property
    def own_words(self) -> list[tuple]:
        words = self.portrait.own_words if self.shows_words else {}
        return [(question, words[question.key]) for question in QUESTIONS if words.get(question.key)]

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
    def signed_version(self):
        """The version last signed, where the present one differs from it."""
        portrait = self.portrait
        if portrait.signed_version in (None, portrait.version):
            return None
        return portrait.versions.filter(number=portrait.signed_version).first()

    @property
    def changes(self) -> list[tuple]:
        """(label, word diff) of each field that differs from the version last signed."""
        before = self.signed_version
        return (
            self._differences(before, {name: getattr(self.portrait, name) for name in WORDS})
            if before
            else []
        )

    @property
    def has_new_crop(self) -> bool:
        return self.signed_version is not None and self.signed_version.photo_id != self.portrait.photo_id

    @property
    def conflicts(self) -> list[tuple]:
        """(label, word diff) from what is saved meanwhile to what this person typed."""
        if not self.is_stale:
            return []
        return self._differences(self.portrait, {name: self.form[name].value() or "" for name in WORDS})

    def _differences(self, before, after: dict[str, str]) -> list[tuple]:
        pairs = [(name, getattr(before, name), after[name].replace("\r\n", "\n").strip()) for name in WORDS]
        return [(self.form[name].label, word_diff(old, new)) for name, old, new in pairs if old != new]

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
        return [offer for offer in self._all_offers() if self._is_open(offer.verb)]

    def _all_offers(self) -> list[Offer]:
        name = {"name": self.student.first_name}
        return [
            Offer(
                "take-up",
                _("Begin to edit"),
                _("The others of the group see that it is being worked on."),
                self._url("take-up"),
                True,
            ),
            Offer(
                "keep-as-signed",
                _("Keep it as it is"),
                _("%(name)s already agreed to exactly these words: no new signature is needed.") % name,
                self._url("keep-as-signed"),
            ),
            Offer(
                "ask-signature",
                _("Ask %(name)s to sign") % name,
                _(
                    "%(name)s receives a mail. Nothing appears before they have signed exactly this text and this photo."
                )
                % name,
                self._url("ask-signature"),
                True,
            ),
            Offer(
                "draft",
                _("Prepare the post"),
                _("Words for each page, day and time; then the staff approve it."),
                reverse("post_draft", args=[self.portrait.pk]),
                True,
            ),
        ]

    def _url(self, verb: str) -> str:
        return reverse("studio_act", args=[self.portrait.pk, verb])

    def _is_open(self, verb: str) -> bool:
        if verb == "draft":
            return self.portrait.state == Portrait.State.SIGNED and self.open_post is None
        if verb == "keep-as-signed" and (
            self.portrait.signed_version != self.portrait.version or self.portrait.consent_id is None
        ):
            return False
        return self._allows(verb.replace("-", "_"))

    def _allows(self, move: str) -> bool:
        return self.portrait.state in self.portrait.MOVES[move].sources
