"""What people are told about an agreement, by mail: its receipt, its changes, its end; each with the link that withdraws."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts import kinds
from inet_comms.mailing import Action, Attachment, send

from .. import consents, links
from ..models import Consent, Place, Portrait
from .telling import group, in_french, tell


def receipt(portrait: Portrait) -> None:
    """To the student who has just signed."""
    send(
        [portrait.student.email],
        _("Your signature: keep this receipt"),
        [
            _hello(portrait),
            _(
                "You signed version %(number)d of your portrait. The receipt that comes with this mail says what you agreed to: this text, this photo, where, and until when."
            )
            % {"number": portrait.consent.version.number},
            how_to_withdraw(portrait.consent),
        ],
        Action(_("See my consents"), reverse("my_consents")),
        [_attached(portrait.consent)],
    )


def changed(portrait: Portrait, before: Consent) -> None:
    """To the student, with the new receipt; and to the group, if places came or went."""
    consent = portrait.consent
    send(
        [portrait.student.email],
        _("Your agreement has changed: keep this receipt"),
        [
            _hello(portrait),
            _("From now on your portrait may appear here: %(places)s. Until %(day)s.")
            % {
                "places": consents.said_places(consent.places),
                "day": consents.said_end(consent.until),
            },
            how_to_withdraw(consent),
        ],
        Action(_("See my consents"), reverse("my_consents")),
        [_attached(consent)],
    )
    gone, new = set(before.places) - set(consent.places), set(consent.places) - set(before.places)
    if gone or new:
        _changed_for_the_group(portrait, gone, new)


@in_french()
def _changed_for_the_group(portrait: Portrait, gone: set[Place], new: set[Place]) -> None:
    """A place that is taken away is a withdrawal, which nobody can choose not to hear of; a new one is news."""
    tell(
        kinds.WITHDRAWAL if gone else kinds.PLACES,
        group(portrait.student.promotion),
        _("%(name)s has changed where the portrait may appear") % {"name": portrait.student},
        list(_what_that_means(gone, new)),
        Action(_("Open the portrait"), reverse("studio", args=[portrait.pk])),
    )


def _what_that_means(gone: set[Place], new: set[Place]):
    if gone:
        yield _(
            "No longer allowed: %(places)s. What waited for it does not leave, and what is online there is being taken down."
        ) % {"places": consents.said_places(place for place in Place if place in gone)}
    if new:
        yield _("Allowed from now on: %(places)s. A new post can go there.") % {
            "places": consents.said_places(place for place in Place if place in new)
        }


def published(portrait: Portrait) -> None:
    """To the student, the first time their portrait is online."""
    consent = portrait.consent
    is_in_gallery = consent.allows(Place.GALLERY)
    send(
        [portrait.student.email],
        _("Your portrait is online"),
        [
            _hello(portrait),
            _("Your portrait has come out. You allowed it here: %(places)s. Until %(day)s.")
            % {
                "places": consents.said_places(consent.places),
                "day": consents.said_end(consent.until),
            },
            how_to_withdraw(consent),
        ],
        Action(_("See my page"), portrait.get_absolute_url())
        if is_in_gallery
        else Action(_("See my consents"), reverse("my_consents")),
    )


def end_is_near(portrait: Portrait) -> None:
    """To the student, before the last day: one action, which keeps it."""
    day = {"day": consents.said_end(portrait.consent.until)}
    subject = _("Your portrait goes offline on %(day)s: keep it, or let it end")
    if portrait.online_id is None:
        subject = _("Your agreement for your portrait ends on %(day)s: keep it, or let it end")
    send(
        [portrait.student.email],
        subject % day,
        [
            _hello(portrait),
            _(
                "You allowed your portrait until %(day)s. After that day it leaves the gallery and the networks by itself."
            )
            % day,
            _("To keep it online, open this page and press one button. To let it end, do nothing."),
            how_to_withdraw(portrait.consent),
        ],
        Action(_("Keep my portrait online"), links.path(portrait.consent, links.KEEP)),
    )


def lapsed(portrait: Portrait, consent: Consent) -> None:
    """To the student, when the last day is over."""
    send(
        [portrait.student.email],
        _("The time of your portrait is over: it is withdrawn"),
        [
            _hello(portrait),
            _(
                "You had allowed your portrait until %(day)s. It is no longer in the gallery and its pictures are deleted. What was on the networks is being taken down. Shares and screenshots made by others cannot be called back."
            )
            % {"day": consents.said_end(consent.until)},
        ],
        Action(_("See what is taken down"), links.path(consent, links.WITHDRAW)),
    )


def present_link(portrait: Portrait) -> None:
    """To the student, who came with the link of an agreement that has ended."""
    send(
        [portrait.student.email],
        _("The link that withdraws your portrait"),
        [
            _hello(portrait),
            _(
                "You opened the link of an earlier agreement. This one belongs to the agreement that runs now."
            ),
        ],
        Action(_("Withdraw my portrait"), links.path(portrait.consent, links.WITHDRAW)),
    )


def how_to_withdraw(consent: Consent) -> str:
    return _(
        "You can withdraw it at any moment, without signing in and without giving a reason: %(link)s"
    ) % {"link": settings.PUBLIC_URL + links.path(consent, links.WITHDRAW)}


def _hello(portrait: Portrait) -> str:
    return _("Hello %(name)s,") % {"name": portrait.student.first_name}


def _attached(consent: Consent) -> Attachment:
    # Loading fpdf2 takes 0.3 s, which every process would pay at its start.
    from .. import receipts

    # As it is by now: what was read before the transaction ended may name a photo that is gone.
    consent = Consent.objects.select_related("version__photo", "portrait__student", "by").get(pk=consent.pk)
    return Attachment(receipts.file_name(consent), receipts.receipt(consent), "application/pdf")
