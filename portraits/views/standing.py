"""Where one's own portrait stands: all that the overview of *Mon portrait* shows, in one object for its templates."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from inet_comms.moments import said

from .. import consents, photo_doctor
from ..models import Photo, Portrait, PortraitVersion
from ..questions import QUOTE
from ..steps import LINE, TONES, life_line
from ..words import shortened, word_diff
from .allowances import Allowances

State = Portrait.State


class Standing:
    """One portrait before the eyes of the person it is about."""

    def __init__(self, portrait: Portrait):
        self.portrait = portrait

    @property
    def tone(self) -> str:
        return TONES[self.portrait.state]

    @cached_property
    def moves(self) -> list:
        return list(self.portrait.moves.select_related("by"))

    @property
    def line(self) -> list[tuple]:
        """(words, "done" | "now" | "todo", moment or None) for the step line."""
        reached = {State.INVITED: self.portrait.invited_at} | {move.target: move.at for move in self.moves}
        return [
            (capfirst(label), place or "todo", reached.get(state) if place else None)
            for state, (label, place) in zip(LINE, life_line(self.portrait), strict=False)
        ]

    @property
    def questions(self) -> list[tuple]:
        """(question, whether it is answered)."""
        words = self.portrait.own_words
        return [(question, bool(words[question.key])) for question in self.portrait.questions]

    @property
    def next(self) -> tuple[str, str]:
        """(address, words of the button) of the first step that is not done."""
        portrait = self.portrait
        address = next_address(portrait)
        if portrait.state == State.INVITED:
            return address, _("Begin")
        if not portrait.missing:
            return address, _("Read it through and hand it in")
        return address, _("Go on")

    @property
    def message(self):
        """What the comms group wrote when it gave the pen back, while that is the last thing that happened."""
        if self.portrait.state != State.DRAFT or not self.moves:
            return None
        return self.moves[-1] if self.moves[-1].name == "hand_back" else None

    @property
    def places(self) -> str:
        return consents.said_places(self.portrait.consent.places) if self.portrait.consent else ""

    @property
    def until(self) -> str:
        return consents.said_end(self.portrait.consent.until) if self.portrait.consent else ""

    @property
    def is_in_gallery(self) -> bool:
        """Anyone can read it there today."""
        portrait = self.portrait
        return (
            portrait.online is not None
            and portrait.consent is not None
            and portrait.consent.allows("gallery")
        )

    @cached_property
    def allowances(self) -> Allowances:
        """What was allowed and what became of it, for a portrait that is withdrawn."""
        return Allowances(self.portrait)

    @property
    def has_lapsed(self) -> bool:
        return bool(self.moves) and self.moves[-1].name == "lapse"

    @cached_property
    def post(self):
        """The post with which it waits to leave, if the comms group has begun one."""
        return next((post for post in self.portrait.posts.all() if post.state in post.OPEN), None)

    @property
    def is_approved(self) -> bool:
        return self.post is not None and self.post.state == self.post.State.APPROVED and self.post.is_current

    @property
    def student_key(self) -> str:
        if self.portrait.is_signed:
            return _("You signed on %(moment)s.") % {"moment": said(self.portrait.consent.given_at)}
        if self.portrait.state == State.TO_SIGN:
            return _("It waits for you: read the final text, then sign.")
        return _("You turn it when you sign the final text.")

    @property
    def staff_key_turned(self) -> bool:
        return self.portrait.state == State.PUBLISHED or self.is_approved

    @property
    def staff_key(self) -> str:
        if self.portrait.state == State.PUBLISHED:
            return _("The staff have approved it.")
        if self.is_approved:
            return _("The staff have approved it: it goes out on %(moment)s.") % {
                "moment": said(self.post.publish_at)
            }
        if self.portrait.is_signed:
            return _("The staff of the school read it and approve it.")
        return _("The staff of the school turn it after you.")


def next_address(portrait: Portrait) -> str:
    """The first question that is required and not answered, then the photo, then handing in."""
    words = portrait.own_words
    for question in portrait.questions:
        if question.is_required and not words[question.key]:
            return reverse("my_question", args=[question.key])
    return reverse("my_hand_in" if portrait.photo_id else "my_photo")


def photo_advice(photo: Photo | None) -> list[tuple]:
    """(code, sentence, whether it fits this photo) of everything that could be better about a photo."""
    found = set()
    if photo:
        framed = photo.renditions.filter(name="800.jpg").first()
        if framed and framed.file.storage.exists(framed.file.name):
            found = set(photo_doctor.examine(framed.file.read(), photo.crop, photo.width, photo.height))
    return [(code, sentence, code in found) for code, sentence in photo_doctor.ADVICE.items()]


def as_written(portrait: Portrait) -> PortraitVersion:
    """What handing in would make of the answers: the next version, not saved. Its fingerprint says what was shown."""
    words = portrait.own_words
    version = PortraitVersion(
        portrait=portrait,
        title=portrait.title,
        quote=words.pop(QUOTE),
        text="\n\n".join(text for text in words.values() if text),
        alt_text=portrait.alt_text,
        photo=portrait.photo,
    )
    version.fingerprint = version.compute_fingerprint()
    return version


def network_words(version, promotion) -> str:
    """What the comms group's post begins with: title, text and hashtags."""
    hashtags = " ".join(filter(None, [promotion.hashtag, promotion.track.hashtag]))
    return "\n\n".join(filter(None, [version.title, version.text, hashtags]))


class Changes:
    """What is different in the version to sign from the one they signed last, or handed in."""

    def __init__(self, portrait: Portrait):
        self.portrait = portrait
        self.before = (
            portrait.versions.select_related("photo").filter(number=portrait.signed_version or 0).first()
        )

    @cached_property
    def words(self) -> list[tuple]:
        """(name of the field, word diff shortened for a phone) of each that differs; the whole stands below it."""
        if self.before is None:
            return []
        labels = {
            "title": _("Title"),
            "quote": _("Quote"),
            "text": _("Text"),
            "alt_text": _("Description of the photo"),
        }
        pairs = [
            (label, getattr(self.before, name), getattr(self.portrait, name))
            for name, label in labels.items()
        ]
        return [(label, shortened(word_diff(old, new))) for label, old, new in pairs if old != new]

    @property
    def has_new_frame(self) -> bool:
        return self.before is not None and self.before.photo_id != self.portrait.photo_id
