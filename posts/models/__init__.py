"""Posts, the pages they go to, and what became of them there."""

from .account import Account, Stop
from .connection import Connection, Upkeep
from .delivery import Attempt, Delivery, DeliveryMove, Evidence
from .event import CalendarFeed, Event
from .exemption import Exemption
from .policy import Audience, ChannelPolicy, Passes
from .post import Kind, Picture, Post, PostMove, Variant
from .pulse import Pulse

__all__ = [
    "Account",
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
    "Passes",
    "Picture",
    "Post",
    "PostMove",
    "Pulse",
    "Stop",
    "Upkeep",
    "Variant",
]
