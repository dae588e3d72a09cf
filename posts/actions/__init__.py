"""Verbs on posts and deliveries. People's verbs have a `by`; the clock's have none."""

from .answering import close, confirm_there, drop, plan_anew, resend, say_gone
from .approving import NotReady, approve, return_to_group
from .composing import compose, recompose
from .exempting import exempt
from .holding import release
from .importing import import_events, plan_events
from .naming import take_agreement_back
from .planning import plan_portrait
from .proposing import decline, propose, take_proposal_back, take_up
from .removing import stop_and_take_down, take_down, take_down_post, take_down_these
from .sharing import set_shares, set_slot
from .slotting import SlotRefused, cede, take_back, take_next_slot, take_slot
from .stopping import lift_stop, press_stop
from .subscribing import renew, subscribe
from .writing import ask_review, ask_student, cancel, draft, refuse_words, reschedule, sign_words, write

__all__ = [
    "NotReady",
    "SlotRefused",
    "approve",
    "ask_review",
    "ask_student",
    "cancel",
    "cede",
    "close",
    "compose",
    "confirm_there",
    "decline",
    "draft",
    "drop",
    "import_events",
    "exempt",
    "lift_stop",
    "plan_anew",
    "plan_events",
    "plan_portrait",
    "press_stop",
    "propose",
    "recompose",
    "release",
    "refuse_words",
    "renew",
    "reschedule",
    "resend",
    "return_to_group",
    "say_gone",
    "set_shares",
    "set_slot",
    "sign_words",
    "stop_and_take_down",
    "subscribe",
    "take_agreement_back",
    "take_back",
    "take_down",
    "take_down_post",
    "take_down_these",
    "take_proposal_back",
    "take_up",
    "take_next_slot",
    "take_slot",
    "write",
]
