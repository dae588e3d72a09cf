"""The questions of *Mon portrait*, in their order: one a screen, each answer saved as it is given."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Question:
    """`missing` completes the sentence “What is missing: …”. `limit` counts characters."""

    key: str
    label: str | Promise
    help: str | Promise
    missing: str | Promise
    limit: int = 1200
    is_required: bool = True


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
BY_KEY = {question.key: question for question in QUESTIONS}
REQUIRED = tuple(question for question in QUESTIONS if question.is_required)
