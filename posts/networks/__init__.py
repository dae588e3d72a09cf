"""The networks we speak to, by name."""

from .base import Network
from .bluesky import Bluesky
from .facebook import Facebook
from .linkedin import LinkedIn
from .mastodon import Mastodon
from .x import X

NETWORKS: dict[str, Network] = {
    network.slug: network for network in (LinkedIn(), Facebook(), X(), Bluesky(), Mastodon())
}


def get_network(slug: str) -> Network:
    """The connector of this name; KeyError if there is none."""
    return NETWORKS[slug]
