"""The terms of a consent: the sentences and choices on the screen are, word for word, what is kept as proof."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import User
from inet_comms.moments import said_date

from .models import Consent, Place, Portrait

LONGEST = timedelta(days=5 * 366)
"""No consent for ever: after five years at most the student is asked again."""
REMINDED_BEFORE = (timedelta(days=30), timedelta(days=7))
"""The two moments at which the student hears that the last day comes near."""
REMINDED_FROM = time(8)
"""A mail that asks something does not arrive in the night."""
SIGNED_LINK = "signed_link"
PLACES_ASKED = gettext_lazy("Where may your portrait appear?")
END_ASKED = gettext_lazy("Until when?")


def terms(portrait: Portrait, school: str) -> list[str]:
    """The sentences that the student agrees to, in the language of the screen. The choices stand after the first."""
    said = {"name": portrait.student.full_name, "school": school}
    return [
        _(
            "I, %(name)s, allow the school (%(school)s) to publish exactly this text and this photo of me in the places that I tick here, until the day that I choose here."
        )
        % said,
        _(
            "Neither text nor photo may be changed without my signature, and they may not be used for anything else."
        ),
        _(
            "The networks store data outside the European Union under their own terms. What others have shared or captured there cannot be called back."
        ),
        _(
            "I can withdraw at any moment on this site, without giving a reason and without any disadvantage: the portrait then leaves the gallery at once and is taken down from the networks."
        ),
    ]


def agreed_terms(portrait: Portrait, school: str, places: Iterable[str], until: date) -> str:
    """What the screen said when they agreed, from top to bottom: the terms with what was ticked and chosen, a line each."""
    first, *others = terms(portrait, school)
    ticked = set(places)
    shown = said_places(place for place in Place if place in ticked)
    return "\n".join([first, f"{PLACES_ASKED} {shown}", f"{END_ASKED} {said_end(until)}", *others])


def place_taken_away(place: str) -> str:
    """What stands beside the button that takes one place away, and is added to the terms that were agreed to."""
    return _("I take back my agreement for: %(place)s. All the rest stays as I agreed to it.") % {
        "place": Place(place).label
    }


def terms_without(consent: Consent, place: str) -> str:
    """The terms of the agreement that is left: those that ran, and the sentence that takes the place away."""
    left = said_places(other for other in consent.places if other != place)
    return "\n".join(
        [consent.terms, place_taken_away(place), _("What stays allowed: %(places)s.") % {"places": left}]
    )


def allowed_since(history: Iterable[Consent], place: str) -> datetime | None:
    """Since when this place is allowed without a break. `history`: all agreements, the newest first."""
    since = None
    for consent in history:
        is_unbroken = consent.end == Consent.End.REPLACED if since else not consent.has_ended
        if not is_unbroken or place not in consent.places:
            break
        since = consent.given_at
    return since


def is_to_be_reminded(consent: Consent) -> bool:
    """One of the two moments has come that the student did not know of when they agreed, nor was told of since."""
    now = timezone.localtime()
    if consent.has_ended or consent.until < now.date() or now.time() < REMINDED_FROM:
        return False
    known = timezone.localdate(consent.reminded_at or consent.given_at)
    return any(known < consent.until - before <= now.date() for before in REMINDED_BEFORE)


def suggested_end(portrait: Portrait) -> date:
    """A year after the end of the studies: long enough for a first post to be found through the portrait."""
    return years_after(max(portrait.student.promotion.ends, timezone.localdate()), 1)


def offered_ends(portrait: Portrait) -> list[tuple[date, str]]:
    """(last day, words that name it), the suggested one first; any other day may be chosen instead."""
    today, suggested = timezone.localdate(), suggested_end(portrait)
    offered = {
        years_after(today, 2): _("Two years: until %(day)s"),
        years_after(today, 1): _("One year: until %(day)s"),
    }
    if not portrait.student.promotion.is_graduated:
        offered[suggested] = _("Until a year after the end of my studies: %(day)s")
    return sorted(
        ((day, words % {"day": said_end(day)}) for day, words in offered.items()),
        key=lambda offer: (offer[0] != suggested, offer[0]),
    )


def years_after(day: date, years: int) -> date:
    """The same day that many years later; the 28th where there is no 29th of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def said_places(places: Iterable[str]) -> str:
    """The places in a row, as in a sentence."""
    return ", ".join(str(Place(place).label) for place in places)


def said_end(until: date) -> str:
    return said_date(until, "j F Y")


def proof_of_identity(session: SessionBase, user: User) -> str:
    """How the person had signed in when they agreed: what allauth recorded for this session, as "code:lea@example.org"."""
    records = session.get("account_authentication_methods") or []
    said = dict.fromkeys(_said_record(record, user) for record in records)
    longest = Consent._meta.get_field("signed_in_with").max_length
    return ", ".join(said)[:longest] or "session"


def proof_by_link(consent: Consent) -> str:
    """They held the link that went by mail to this address, as codes to sign in do."""
    longest = Consent._meta.get_field("signed_in_with").max_length
    return f"{SIGNED_LINK}:{consent.portrait.student.email}"[:longest]


def said_proof(proof: str) -> str:
    """The proof of identity in words; as it is kept where we have none for it."""
    return ", ".join(_said_method(*part.partition(":")[::2]) for part in proof.split(", ") if part)


def _said_method(method: str, detail: str) -> str:
    words = {
        "code": _("a code sent by mail to %(detail)s"),
        "login_link": _("a link sent by mail to %(detail)s"),
        SIGNED_LINK: _("the signed link sent by mail to %(detail)s"),
        "mfa": _("a second factor (%(detail)s)"),
        "password": _("the password of %(detail)s"),
        "demo": _("the demonstration, without proof (%(detail)s)"),
        "session": _("a session that was open already"),
    }.get(method)
    return (
        words % {"detail": detail}
        if words and (detail or method == "session")
        else ":".join(filter(None, [method, detail]))
    )


def _said_record(record: dict, user: User) -> str:
    return f"{record['method']}:{record.get('type') or record.get('email') or user.email}"
