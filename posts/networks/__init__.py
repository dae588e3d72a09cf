"""The networks we speak to, by name."""

from .base import Network
from .linkedin import LinkedIn

NETWORKS: dict[str, Network] = {network.slug: network for network in (LinkedIn(),)}


def get_network(slug: str) -> Network:
    """The connector of this name; KeyError if there is none."""
    return NETWORKS[slug]
