"""Posts, the pages they go to, and what became of them there."""

from .account import Account, Stop
from .connection import Connection, Upkeep
from .delivery import Attempt, Delivery, DeliveryMove, Evidence
from .event import CalendarFeed, Event
from .exemption import Exemption
from .piece import Attachment, Named, Piece, Sent
from .policy import Audience, ChannelPolicy, Passes
from .post import Kind, Picture, Post, PostMove, Variant
from .proposal import Proposal, ProposalMove
from .pulse import Pulse
from .sharing import Share, SharedPeriod, Slot, SlotDay, Weekday

__all__ = [
    "Account",
    "Attachment",
    "Attempt",
    "Audience",
    "CalendarFeed",
    "ChannelPolicy",
    "Connection",
    "Delivery",
    "DeliveryMove",
    "Event",
    "Evidence",
    "Exemption",
    "Kind",
    "Named",
    "Passes",
    "Picture",
    "Piece",
    "Post",
    "PostMove",
    "Proposal",
    "ProposalMove",
    "Pulse",
    "Sent",
    "Share",
    "SharedPeriod",
    "Slot",
    "SlotDay",
    "Stop",
    "Upkeep",
    "Variant",
    "Weekday",
]
