"""Posts, the pages they go to, and what became of them there."""

from .account import Account, Stop
from .connection import Connection, Upkeep
from .delivery import Attempt, Delivery, DeliveryMove, Evidence
from .event import CalendarFeed, Event
from .exemption import Exemption
from .post import Kind, Picture, Post, PostMove, Variant
from .pulse import Pulse
from .sharing import Share, SharedPeriod, Slot, SlotDay, Weekday

__all__ = [
    "Account",
    "Attempt",
    "CalendarFeed",
    "Connection",
    "Delivery",
    "DeliveryMove",
    "Event",
    "Evidence",
    "Exemption",
    "Kind",
    "Picture",
    "Post",
    "PostMove",
    "Pulse",
    "Share",
    "SharedPeriod",
    "Slot",
    "SlotDay",
    "Stop",
    "Upkeep",
    "Variant",
    "Weekday",
]
