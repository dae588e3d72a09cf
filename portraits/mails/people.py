"""What is written about people in a photo: each is asked, and whoever must find another photo is told."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts import kinds
from inet_comms.mailing import Action, send

from .. import likeness
from ..models import Appearance, Portrait
from .telling import group, in_french, tell


def asked(appearance: Appearance) -> None:
    """To the person in the photo: one thing to do, no login needed."""
    owner = appearance.portrait.student
    send(
        [appearance.student.email],
        _("Are you in this photo? %(owner)s asks for your agreement") % {"owner": owner},
        [
            _("Hello %(name)s,") % {"name": appearance.student.first_name},
            _(
                "You can be recognised in the photo that %(owner)s chose for the portrait on the school’s pages. It is not shown anywhere before you have agreed."
            )
            % {"owner": owner},
            _("Look at it and answer: it takes two taps, without signing in. You need no reason to say no."),
        ],
        Action(_("Look at the photo and answer"), likeness.path(appearance)),
    )


def untied(appearance: Appearance) -> None:
    """To the person who had been asked by mistake."""
    owner = appearance.portrait.student
    send(
        [appearance.student.email],
        _("The photo of %(owner)s: you need not answer") % {"owner": owner},
        [
            _("Hello %(name)s,") % {"name": appearance.student.first_name},
            _(
                "You had been asked about the photo of %(owner)s, and your name has been taken off it since. If you are in the photo all the same, say so to the communication group or to the school before it appears."
            )
            % {"owner": owner},
        ],
    )


@in_french()
def everyone_agreed(portrait: Portrait) -> None:
    """To the group: nothing about the photo is in the way any more."""
    tell(
        kinds.PHOTO_PEOPLE,
        group(portrait.student.promotion),
        _("The photo of %(name)s: everyone in it agrees") % {"name": portrait.student},
        [_("Everyone who can be recognised in the photo has answered. The portrait can go on.")],
        Action(_("Open the portrait"), reverse("studio", args=[portrait.pk])),
    )


@in_french()
def not_them(appearance: Appearance) -> None:
    """To the group: it was somebody else."""
    portrait = appearance.portrait
    tell(
        kinds.PHOTO_PEOPLE,
        group(portrait.student.promotion),
        _("The photo of %(owner)s: it is not %(name)s")
        % {"owner": portrait.student, "name": appearance.student},
        [
            _(
                "%(name)s says that they are not in the photo. If somebody else can be recognised there, say who."
            )
            % {"name": appearance.student}
        ],
        Action(_("Say who is in the photo"), reverse("photo_people", args=[portrait.pk])),
    )


def photo_lost(portrait: Portrait) -> None:
    """To the person whose portrait it is, and to the group. Who said no stands on no mail."""
    send(
        [portrait.student.email],
        _("Your portrait needs another photo"),
        [
            _("Hello %(name)s,") % {"name": portrait.student.first_name},
            _(
                "Somebody who can be recognised in your photo does not agree that it is shown. It is deleted here, your page has left the gallery, nothing more is sent, and what was on the networks is being taken down."
            ),
            _(
                "Your words are kept. Choose a photo of you alone, hand in again, and your communication group goes on from there."
            ),
        ],
        Action(_("Choose another photo"), reverse("my_photo")),
    )
    _photo_lost_for_the_group(portrait)


@in_french()
def _photo_lost_for_the_group(portrait: Portrait) -> None:
    tell(
        kinds.WITHDRAWAL,
        group(portrait.student.promotion),
        _("%(name)s needs another photo") % {"name": portrait.student},
        [
            _(
                "Somebody who can be recognised in the photo does not agree that it is shown. The photo is deleted, the page has left the gallery, nothing more is sent, and what was on the networks is being taken down."
            ),
            _("%(name)s has been asked for another one.") % {"name": portrait.student},
        ],
        Action(_("Open the portrait"), reverse("studio", args=[portrait.pk])),
    )
