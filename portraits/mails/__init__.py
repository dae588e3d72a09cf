"""What people are told about a portrait, by mail: each has one thing to do, and its subject says which."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts import kinds
from cohorts.models import CommsMember, User
from inet_comms.mailing import Action, send

from .. import links
from ..models import Consent, Portrait
from .telling import group, in_french, keepers, tell


def comms_addresses(promotion) -> list[str]:
    """The addresses of the promotion's communication group as it is today."""
    members = CommsMember.objects.active().filter(student__promotion=promotion).select_related("student")
    return sorted({member.student.email for member in members})


@in_french()
def handed_in(portrait: Portrait) -> None:
    to, also = keepers(portrait)
    tell(
        kinds.TO_EDIT,
        to,
        _("%(name)s has handed in their portrait: edit it") % {"name": portrait.student},
        [
            _("%(name)s has answered, chosen a photo and said where the portrait may appear.")
            % {"name": portrait.student}
        ],
        Action(_("Open the portrait"), reverse("studio", args=[portrait.pk])),
        also,
    )


def handed_back(portrait: Portrait, message: str, by: User) -> None:
    send(
        [portrait.student.email],
        _("Your portrait needs a word from you"),
        [
            _("Hello %(name)s,") % {"name": portrait.student.first_name},
            _("%(by)s gives you the pen back:") % {"by": by},
            message,
        ],
        Action(_("Complete my portrait"), reverse("my_portrait")),
    )


def to_sign(portrait: Portrait, by: User) -> None:
    send(
        [portrait.student.email],
        _("Your portrait is ready: read it and sign it"),
        [
            _("Hello %(name)s,") % {"name": portrait.student.first_name},
            _(
                "%(by)s has finished editing. Nothing appears before you have signed exactly this text and this photo."
            )
            % {"by": by},
        ],
        Action(_("Read and sign"), reverse("my_portrait")),
    )


@in_french()
def signed(portrait: Portrait) -> None:
    to, also = keepers(portrait)
    tell(
        kinds.SIGNED,
        to,
        _("%(name)s has signed: prepare the post") % {"name": portrait.student},
        [_("The portrait is signed as it stands. Any later edit would need a new signature.")],
        Action(_("Prepare the post"), reverse("studio", args=[portrait.pk])),
        also,
    )


@in_french()
def change_asked(portrait: Portrait, message: str) -> None:
    to, also = keepers(portrait)
    tell(
        kinds.TO_EDIT,
        to,
        _("%(name)s asks for a change") % {"name": portrait.student},
        [_("%(name)s writes:") % {"name": portrait.student}, message],
        Action(_("Edit the portrait"), reverse("studio", args=[portrait.pk])),
        also,
    )


def withdrawn(portrait: Portrait, consent: Consent | None) -> None:
    """`consent` is the agreement that ended with it: its link shows what is taken down, signed in or not."""
    path = links.path(consent, links.WITHDRAW) if consent else reverse("my_portrait")
    _withdrawn_for_the_group(portrait)
    send(
        [portrait.student.email],
        _("Your portrait is withdrawn"),
        [
            _("Hello %(name)s,") % {"name": portrait.student.first_name},
            _(
                "Your portrait is no longer in the gallery and its pictures are deleted. What was on the networks is being taken down. Shares and screenshots made by others cannot be called back."
            ),
        ],
        Action(_("See what is taken down") if consent else _("See my portrait"), path),
    )


@in_french()
def _withdrawn_for_the_group(portrait: Portrait) -> None:
    tell(
        kinds.WITHDRAWAL,
        group(portrait.student.promotion),
        _("%(name)s has withdrawn their portrait") % {"name": portrait.student},
        [
            _(
                "It is no longer in the gallery, nothing more is sent, and what is online on the networks is being taken down."
            ),
        ],
        Action(_("See the board"), reverse("board")),
    )
