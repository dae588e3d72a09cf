"""The staff's desk for posts: what awaits approval, what left, the pages, the stop switch."""

from .account import AccountAdmin
from .delivery import AttemptAdmin, DeliveryAdmin, DeliveryMoveAdmin, EvidenceAdmin
from .event import EventAdmin
from .policy import ChannelPolicyAdmin
from .post import PostAdmin, PostMoveAdmin
from .sharing import SharedPeriodAdmin, SlotAdmin
from .stop import StopAdmin

__all__ = [
    "AccountAdmin",
    "AttemptAdmin",
    "ChannelPolicyAdmin",
    "DeliveryAdmin",
    "DeliveryMoveAdmin",
    "EventAdmin",
    "EvidenceAdmin",
    "PostAdmin",
    "PostMoveAdmin",
    "SharedPeriodAdmin",
    "SlotAdmin",
    "StopAdmin",
]
