"""What each step of a portrait is called where people read who did what when, and the line of its life."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .models import Portrait

State = Portrait.State
STEPS = {
    "begin": _("began to write"),
    "submit": _("handed in"),
    "take_up": _("began to edit"),
    "hand_back": _("gave the pen back"),
    "edit": _("edited"),
    "ask_signature": _("asked for the signature"),
    "keep_as_signed": _("kept it as it was handed in"),
    "sign": _("signed"),
    "ask_change": _("asked for a change"),
    "publish": _("went online"),
    "withdraw": _("withdrew it"),
    "withdraw_by_link": _("withdrew it with the signed link"),
    "lapse": _("the consent ran out"),
    "lose_photo": _("the photo was taken away: somebody else in it does not agree"),
    "reopen": _("began again"),
}
TONES = {
    State.INVITED: "grey",
    State.DRAFT: "blue",
    State.SUBMITTED: "amber",
    State.IN_EDIT: "blue",
    State.TO_SIGN: "amber",
    State.SIGNED: "blue",
    State.PUBLISHED: "green",
    State.WITHDRAWN: "red",
}
LINE = (
    State.INVITED,
    State.DRAFT,
    State.SUBMITTED,
    State.IN_EDIT,
    State.TO_SIGN,
    State.SIGNED,
    State.PUBLISHED,
)
"""The way of a portrait that goes well."""


def said_steps(moves) -> list[tuple]:
    """(what was done, the move) for `_parts/history.html`, newest first."""
    return [(STEPS[move.name], move) for move in reversed(moves)]


def life_line(portrait: Portrait) -> list[tuple[str, str]]:
    """(label, "done", "now" or "") for each state of LINE; a withdrawn portrait has no line."""
    if portrait.state not in LINE:
        return []
    here = LINE.index(portrait.state)
    return [
        (state.label, "done" if place < here else "now" if place == here else "")
        for place, state in enumerate(LINE)
    ]
