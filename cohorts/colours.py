"""A promotion's colours: which ink can be read on them."""

from __future__ import annotations

DARK, LIGHT, BLACK = "#1B1D2A", "#FFFFFF", "#000000"
LEGIBLE = 4.5
"""The least contrast of text. Source: WCAG 2.1, 1.4.3."""


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 (black) to 1 (white). Source: WCAG 2.1."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (none) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_ink(colour: str) -> str:
    """White where it reads well, else our ink, else black: one of white and black always has 4.5 on any colour."""
    return next((ink for ink in (LIGHT, DARK) if contrast(colour, ink) >= LEGIBLE), BLACK)
