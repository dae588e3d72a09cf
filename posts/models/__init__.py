"""Posts, the pages they go to, and what became of them there."""

from .account import Account, Stop
from .delivery import Attempt, Delivery, DeliveryMove, Evidence
from .post import Post, PostMove, Variant

__all__ = [
    "Account",
    "Attempt",
    "Delivery",
    "DeliveryMove",
    "Evidence",
    "Post",
    "PostMove",
    "Stop",
    "Variant",
]
