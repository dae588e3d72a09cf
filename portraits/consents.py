"""The terms of a consent: the exact sentences on the screen are the ones that are kept as proof."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .models import Place, Portrait

LONGEST = timedelta(days=5 * 366)
"""No consent for ever: after five years at most the student is asked again."""


def terms(portrait: Portrait, school: str) -> list[str]:
    """The sentences that the student agrees to, in the language of the screen."""
    name = portrait.student.full_name
    return [
        _(
            "I, %(name)s, allow %(school)s to publish exactly this text and this photo of me in the places that I have ticked, until the day that I have chosen."
        )
        % {"name": name, "school": school},
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


def suggested_end(portrait: Portrait) -> date:
    """A year after the end of the studies: long enough for a first post to be found through the portrait."""
    ends = portrait.student.promotion.ends
    return max(ends, timezone.localdate()) + timedelta(days=365)


def said_places(places) -> str:
    """The places in a row, as in a sentence."""
    return ", ".join(str(Place(place).label) for place in places)


def said_end(until: date) -> str:
    return date_format(until, "j F Y")


def proof_of_identity(session, user) -> str:
    """How the person had signed in when they agreed: the latest method that allauth recorded for this session."""
    methods = session.get("account_authentication_methods") or []
    method = methods[-1].get("method", "session") if methods else "session"
    return f"{method}: {user.email}"
