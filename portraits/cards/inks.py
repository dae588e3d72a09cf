"""Colours that can be read, whatever a promotion chose."""

from __future__ import annotations

from cohorts.colours import LEGIBLE, contrast, readable_ink

PAPER, INK, QUIET, WHITE = "#FBFAF7", "#1B1D2A", "#5A5E6E", "#FFFFFF"


def mixed(one: str, other: str, share: float) -> str:
    """`share` of the other colour in the first one, 0 to 1."""
    channels = (
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def legible(colour: str, ground: str, least: float = LEGIBLE) -> str:
    """The colour itself where it reads on the ground, else moved towards the ink that does."""
    ink = readable_ink(ground)
    tries = (mixed(colour, ink, share / 10) for share in range(11))
    return next((ink for ink in tries if contrast(ink, ground) >= least), ink)


def deep(colour: str) -> str:
    """So dark that white reads on it with room to spare (8 : 1)."""
    tries = (mixed(colour, "#0B0C12", share / 20) for share in range(21))
    return next(dark for dark in tries if contrast(dark, WHITE) >= 8)
