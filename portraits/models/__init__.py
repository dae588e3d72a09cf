"""A portrait and what belongs to it."""

from .consent import Consent, Place
from .photo import Photo, Rendition
from .portrait import Answer, Portrait, PortraitMove, PortraitVersion

__all__ = ["Answer", "Consent", "Photo", "Place", "Portrait", "PortraitMove", "PortraitVersion", "Rendition"]
