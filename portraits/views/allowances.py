"""What a student has allowed, place by place, and what became of what they took back: one object for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .. import consents
from ..models import Card, Consent, Place, Portrait


@dataclass(frozen=True)
class Allowed:
    """One place as it stands today. `words`: what taking it away says, word for word."""

    place: Place
    since: datetime | None
    is_last: bool
    words: str

    @property
    def is_allowed(self) -> bool:
        return self.since is not None

    @property
    def is_gallery(self) -> bool:
        return self.place == Place.GALLERY


class Allowances:
    """The agreements about one portrait."""

    def __init__(self, portrait: Portrait):
        self.portrait = portrait

    @cached_property
    def history(self) -> list[Consent]:
        """All agreements ever given, the newest first."""
        return list(self.portrait.consents.select_related("version", "by").order_by("-given_at", "-pk"))

    @property
    def agreements(self) -> list[tuple[Consent, str, str]]:
        """(agreement, its places in words, its last day in words), the newest first."""
        return [
            (consent, consents.said_places(consent.places), consents.said_end(consent.until))
            for consent in self.history
        ]

    @property
    def running(self) -> Consent | None:
        return self.portrait.consent

    @property
    def last_ended(self) -> Consent | None:
        """The one that a withdrawal or its last day ended, if nothing runs."""
        return self.history[0] if self.history and self.running is None else None

    @property
    def until(self) -> str:
        return consents.said_end(self.running.until)

    @cached_property
    def rows(self) -> list[Allowed]:
        """Each place, in its usual order."""
        is_last = self.running is not None and len(self.running.places) == 1
        return [
            Allowed(
                place, consents.allowed_since(self.history, place), is_last, consents.place_taken_away(place)
            )
            for place in Place
        ]

    @property
    def is_in_gallery(self) -> bool:
        portrait = self.portrait
        return (
            portrait.online_id is not None and self.running is not None and self.running.allows(Place.GALLERY)
        )

    @property
    def was_in_gallery(self) -> bool:
        """It has been public, under an agreement that named the gallery."""
        return self.portrait.published_at is not None and any(consent.gallery for consent in self.history)

    @cached_property
    def has_pictures(self) -> bool:
        """Some picture of it is still kept here."""
        cards = Card.objects.filter(version__portrait=self.portrait)
        return self.portrait.photos.exists() or cards.exists()
