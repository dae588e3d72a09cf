"""What a student still has to do for their portrait, as one thing at a time, and the words that remind them of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Nudge, Portrait

LONGEST_SMS = 300
ROOM_IN_SUBJECT = 45
CHASED = (Portrait.State.INVITED, Portrait.State.DRAFT, Portrait.State.TO_SIGN)
"""Where something is the student's to do."""


class About(models.TextChoices):
    """In the order in which a student would do it."""

    BEGIN = "begin", gettext_lazy("the beginning")
    ANSWERS = "answers", gettext_lazy("answers")
    PHOTO = "photo", gettext_lazy("the photo")
    HAND_IN = "hand_in", gettext_lazy("handing in")
    SIGN = "sign", gettext_lazy("the signature")


@dataclass(frozen=True)
class Thing:
    """The one thing to do next. `missing` are the words that complete “Missing: …”."""

    about: About
    missing: tuple[str | Promise, ...]

    @property
    def said(self) -> str:
        return ", ".join(map(str, self.missing))


def lacking(portrait: Portrait) -> list[tuple[About, str | Promise]]:
    """All that the student still has to give, each with what it is about; empty while it is someone else's turn."""
    if portrait.state == Portrait.State.INVITED:
        return [(About.BEGIN, _("everything"))] if portrait.invited_at else []
    if portrait.state == Portrait.State.DRAFT:
        absent = portrait.missing
        if not absent:
            return [(About.HAND_IN, About.HAND_IN.label)]
        answers = absent if portrait.photo_id else absent[:-1]
        found = [(About.ANSWERS, words) for words in answers]
        return found if portrait.photo_id else [*found, (About.PHOTO, absent[-1])]
    if portrait.state == Portrait.State.TO_SIGN:
        return [(About.SIGN, About.SIGN.label)]
    return []


def next_thing(portrait: Portrait) -> Thing | None:
    """What a reminder would be about today: never more than one thing."""
    found = lacking(portrait)
    if not found:
        return None
    first = found[0][0]
    return Thing(first, tuple(words for about, words in found if about == first))


def path_of(portrait: Portrait) -> str:
    """The page on which the student does the next thing."""
    thing = next_thing(portrait)
    if thing is None:
        return reverse("my_portrait")
    if thing.about in (About.BEGIN, About.ANSWERS):
        words = portrait.own_words
        open_questions = [
            asked.key for asked in portrait.questions if asked.is_required and not words[asked.key]
        ]
        return reverse("my_question", args=open_questions[:1]) if open_questions else reverse("my_portrait")
    return reverse(
        {About.PHOTO: "my_photo", About.HAND_IN: "my_hand_in", About.SIGN: "my_signature"}[thing.about]
    )


def reminder_words(portrait: Portrait, thing: Thing, signature: str) -> tuple[str, str]:
    """Subject and text, in the school's language: the thing and the action in the subject, three short sentences."""
    with translation.override(settings.LANGUAGE_CODE):
        subject, sentence = _said(thing)
        text = "\n\n".join(
            [
                _("Hello %(name)s,") % {"name": portrait.student.first_name},
                sentence,
                _(
                    "The button below opens the right page; you are signed in by it, and can stop at any moment."
                ),
                signature,
            ]
        )
    return Truncator(subject).chars(Nudge._meta.get_field("subject").max_length), text


def _said(thing: Thing) -> tuple[str, str]:
    what = {"what": _in_short(thing)}
    return {
        About.BEGIN: (
            _("Your portrait has not begun: answer the first question in two minutes"),
            _("Your portrait is waiting for its first words. One question a screen, each answer is saved."),
        ),
        About.ANSWERS: (
            _("Your answers are missing (%(what)s): add them in five minutes") % what,
            _("You have begun your portrait. What is missing: %(what)s.") % {"what": thing.said},
        ),
        About.PHOTO: (
            _("Your photo is missing: add it in two minutes"),
            _(
                "Your answers are there; your photo is not yet. One taken by daylight with your phone will do."
            ),
        ),
        About.HAND_IN: (
            _("Your portrait is complete: hand it in, it takes a minute"),
            _("Everything is there. Say where your portrait may appear, and hand it in."),
        ),
        About.SIGN: (
            _("Your signature is missing: read and sign in two minutes"),
            _("Your portrait has been edited. Nothing appears before you have signed exactly this text."),
        ),
    }[thing.about]


def _in_short(thing: Thing) -> str:
    """As many of the missing things as a subject has room for."""
    words = list(map(str, thing.missing))
    while len(words) > 1 and len(", ".join(words)) > ROOM_IN_SUBJECT:
        words.pop()
    said = Truncator(", ".join(words)).chars(ROOM_IN_SUBJECT)
    return said if len(words) == len(thing.missing) else f"{said}…"


def action_label(portrait: Portrait) -> str:
    """What the button of a mail says."""
    thing = next_thing(portrait)
    if thing is None:
        return _("See my portrait")
    return {
        About.BEGIN: _("Answer the first question"),
        About.ANSWERS: _("Add my answers"),
        About.PHOTO: _("Add my photo"),
        About.HAND_IN: _("Hand in my portrait"),
        About.SIGN: _("Read and sign"),
    }[thing.about]


def short_message(portrait: Portrait, thing: Thing, url: str, signed: str) -> str:
    """For a text message or WhatsApp, in the school's language; LONGEST_SMS characters at most, whatever is missing."""
    with translation.override(settings.LANGUAGE_CODE):

        def say(what: str) -> str:
            return _(
                "Hello %(name)s, for your portrait this is missing: %(what)s. It is here: %(url)s %(signed)s"
            ) % {
                "name": Truncator(portrait.student.first_name).chars(30),
                "what": what,
                "url": url,
                "signed": Truncator(signed).chars(30),
            }

        room = LONGEST_SMS - len(say(""))
        return say(Truncator(thing.said).chars(max(room, 1)))
