"""The questions of *Mon portrait* that a promotion asks until its comms group makes them its own, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Question:
    """`missing` completes the sentence “What is missing: …”. `limit` counts characters. Frozen: the answer stays as it is."""

    key: str
    label: str | Promise
    help: str | Promise
    missing: str | Promise
    limit: int = 1200
    is_required: bool = True
    is_frozen: bool = False
    required_from: date | None = None
    """Until that day it may be left out; None once it has come."""
    frozen_after: date | None = None


QUESTIONS = (
    Question(
        "origin",
        _("Where do you come from?"),
        _(
            "A place, a family, a landscape: what you would tell a colleague on the first day. Three or four sentences are enough."
        ),
        pgettext_lazy("missing", "where you come from"),
    ),
    Question(
        "before",
        _("What did you do before?"),
        _("Your studies, your jobs, the detours too. What did you learn there that still serves you?"),
        pgettext_lazy("missing", "your path before"),
    ),
    Question(
        "why",
        _("Why local government?"),
        _("The moment, the meeting or the conviction that decided you."),
        pgettext_lazy("missing", "why local government"),
    ),
    Question(
        "here",
        _("What do you do here?"),
        _("What holds you at the school: a module, a group project, a responsibility in the promotion."),
        pgettext_lazy("missing", "what you do here"),
    ),
    Question(
        "internships",
        _("Your internships"),
        _("With whom, where, on which subject? Name your tutor only if they agree to it."),
        pgettext_lazy("missing", "your internships"),
        is_required=False,
    ),
    Question(
        "next",
        _("And what comes next?"),
        _("The post, the territory or the subject you would like to work on. Future employers read this."),
        pgettext_lazy("missing", "what comes next"),
    ),
    Question(
        "quote",
        _("A sentence that is you"),
        _("It will stand in large letters on your portrait: 140 characters at most."),
        pgettext_lazy("missing", "a sentence that is you"),
        limit=140,
    ),
)
QUOTE = "quote"
"""The key of the sentence that stands on the card: every questionnaire has it."""
QUOTE_LIMIT = 140
LIMITS = (40, 2000)
"""Characters that one question may ask for, at least and at most."""
FEWEST, MOST = 2, 12
"""Questions of one questionnaire."""
TOGETHER = 8900
"""Characters of all answers but the quote, at their longest: with the blank lines between them they fit in a portrait."""
