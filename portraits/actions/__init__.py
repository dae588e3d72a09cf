"""Verbs on portraits. Each locks the row, asks for the right, checks the version that was read, then moves."""

from .editing import ask_signature, edit, hand_back, keep_as_signed, reframe, take_up
from .signing import ask_change, lapse, publish, sign, withdraw
from .writing import answer, invite, reopen, set_facts, set_photo, submit

__all__ = [
    "answer",
    "ask_change",
    "ask_signature",
    "edit",
    "hand_back",
    "invite",
    "keep_as_signed",
    "lapse",
    "publish",
    "reframe",
    "reopen",
    "set_facts",
    "set_photo",
    "sign",
    "submit",
    "take_up",
    "withdraw",
]
