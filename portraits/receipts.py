"""The receipt of an agreement: a PDF for the student that says who agreed to what, where, until when, and how it ended.

The same agreement always gives the same bytes: its dates are the agreement's, its words are in the language of the screen.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import qrcode
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from . import consents, links
from .models import Consent, Place
from .paper import LABEL, Paper

PICTURE = "400.jpg"
WIDE, HIGH = 34.0, 42.5
"""Millimetres of the small picture."""


def receipt(consent: Consent) -> bytes:
    """The PDF, in the language in which they agreed."""
    with translation.override(consent.language or settings.LANGUAGE_CODE):
        paper = Paper(
            title=_("Receipt of an agreement: portrait of %(name)s") % {"name": consent.portrait.student},
            author=settings.SCHOOL_NAME,
            language=consent.language or settings.LANGUAGE_CODE,
            made_at=consent.ended_at or consent.given_at,
            foot=_("Receipt %(number)s · %(school)s")
            % {"number": f"{consent.portrait.public_id}-{consent.pk}", "school": settings.SCHOOL_NAME},
            page_words=_("page %(number)s of %(total)s"),
        )
        _write(paper, consent)
        return paper.bytes()


def file_name(consent: Consent) -> str:
    name = slugify(consent.portrait.student.full_name) or "portrait"
    with translation.override(consent.language or settings.LANGUAGE_CODE):
        return f"{slugify(_('receipt'))}-{name}-{consent.given_at:%Y-%m-%d}-{consent.pk}.pdf"


def _write(paper: Paper, consent: Consent) -> None:
    student = consent.portrait.student
    paper.title_line(_("Receipt of an agreement"))
    paper.paragraph(
        _(
            "What %(name)s allowed %(school)s to publish. Keep it: it is your proof, and it says how to withdraw."
        )
        % {"name": student, "school": settings.SCHOOL_NAME}
    )
    if consent.has_ended:
        paper.heading(_("This agreement has ended"))
        _write_end(paper, consent)
    paper.heading(_("Who"))
    paper.facts(
        (_("Name"), str(student)),
        (_("Promotion"), f"{student.promotion}, {student.promotion.track}"),
        (_("Address"), consent.by.email),
        (_("Identity proven by"), consents.said_proof(consent.signed_in_with)),
    )
    paper.heading(_("Where, and until when"))
    refused = [place for place in Place if place not in consent.places]
    paper.facts(
        (_("Allowed"), consents.said_places(consent.places)),
        (_("Not allowed"), consents.said_places(refused) or _("nothing: every place is allowed")),
        (_("Last day"), consents.said_end(consent.until)),
    )
    paper.heading(_("When"))
    paper.facts(
        *_moment(consent.given_at),
        (_("Language of the screen"), str(dict(settings.LANGUAGES).get(consent.language, consent.language))),
    )
    _write_withdrawal(paper, consent)
    paper.heading(_("The terms, word for word"))
    for line in consent.terms.splitlines():
        paper.paragraph(line)
    _write_version(paper, consent)


def _write_end(paper: Paper, consent: Consent) -> None:
    paper.facts(
        (_("How"), consent.get_end_display()),
        *_moment(consent.ended_at),
        *([(_("Identity proven by"), consents.said_proof(consent.ended_with))] if consent.ended_with else []),
    )


def _moment(moment: datetime) -> list[tuple[str, str]]:
    """(label, words) of an instant, in Paris and in UTC, to the second."""
    paris = timezone.localtime(moment)
    return [
        (_("In Paris"), f"{consents.said_end(paris.date())}, {date_format(paris, 'H:i:s')} ({paris:%Z})"),
        (_("UTC"), moment.astimezone(UTC).isoformat(timespec="seconds")),
    ]


def _write_withdrawal(paper: Paper, consent: Consent) -> None:
    paper.heading(_("How to withdraw"))
    if consent.has_ended:
        paper.paragraph(
            _(
                "This agreement has ended: there is nothing left of it to withdraw. The link shows what became of it."
            )
        )
    else:
        paper.paragraph(
            _(
                "Open this link and press the button: no login, no reason. The portrait leaves the gallery at once, nothing more is sent, and what is on the networks is taken down."
            )
        )
    address = settings.PUBLIC_URL + links.path(consent, links.WITHDRAW)
    code = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(address)
    code.make(fit=True)
    paper.squares(code.get_matrix(), beside=address, alt=_("The same link, for a phone’s camera"))


def _write_version(paper: Paper, consent: Consent) -> None:
    version = consent.version
    paper.heading(_("What: version %(number)d") % {"number": version.number}, room=HIGH)
    top = paper.y
    picture = _picture(consent)
    left = WIDE + 6 if picture else 0
    if picture:
        paper.picture(picture, WIDE, HIGH, alt=version.alt_text or _("The photo"))
    paper.facts(
        *([(_("Title"), version.title)] if version.title else []),
        *([(_("Quote"), version.quote)] if version.quote else []),
        (_("Description of the photo"), version.alt_text or "–"),
        (_("Photo"), _("beside this text") if picture else _("deleted since; the fingerprint names it")),
        indent=left,
        label=LABEL - 8 if picture else LABEL,
    )
    if picture:
        paper.go_below(top + HIGH + 4)
    paper.label(_("Fingerprint of text and photo (SHA-256)"))
    paper.paragraph(consent.fingerprint)
    paper.label(_("Text"))
    for paragraph in version.text.splitlines():
        if paragraph.strip():
            paper.paragraph(paragraph)


def _picture(consent: Consent) -> BytesIO | None:
    """The small rendition of the photo they agreed to, while it exists."""
    photo = consent.version.photo
    rendition = photo and photo.renditions.filter(name=PICTURE).first()
    if not rendition:
        return None
    try:
        with rendition.file.open("rb") as file:
            return BytesIO(file.read())
    except FileNotFoundError:
        return None
