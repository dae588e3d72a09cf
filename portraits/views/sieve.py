"""Which faces the board shows, out of its address: state, name, what is missing, who looks after them."""

from __future__ import annotations

import unicodedata

from django.http import QueryDict
from django.urls import reverse

from cohorts.models import Student

from ..forms.chasing import ME, NOBODY, OTHERS, SieveForm
from ..models import Portrait
from .tiles import NOT_INVITED, STATES, Tile
from .wall import Wall

NAMES = ("state", "q", "lacks", "who", "remind")
TICKS = {NOT_INVITED: (NOT_INVITED,), "not_begun": (NOT_INVITED, Portrait.State.INVITED)}
LETTERS = str.maketrans("łøđ’", "lod'")


def plain(text: str) -> str:
    """Without accents and capitals, as one types a name in a hurry."""
    parts = unicodedata.normalize(
        "NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae").translate(LETTERS)
    )
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())


class Sieve:
    """What was asked for, and whether a tile is meant. What cannot be understood is left aside."""

    def __init__(self, data: QueryDict, wall: Wall, me: Student | None):
        self.wall, self.me = wall, me
        self.form = SieveForm(wall.members, me, data)
        self.form.is_valid()
        chosen = self.form.cleaned_data
        self.in_state = data.get("state", "")
        self.words = plain(chosen.get("q") or "").split()
        self.lacks, self.who = chosen.get("lacks") or "", chosen.get("who") or ""
        self.remind = bool(chosen.get("remind"))
        self.tick = data.get("tick", "")

    @property
    def is_set(self) -> bool:
        """Something besides the state is asked for."""
        return bool(self.words or self.lacks or self.who or self.remind)

    def keeps(self, tile: Tile) -> bool:
        return self.in_state in ("", tile.state) and self.keeps_but_for_state(tile)

    def keeps_but_for_state(self, tile: Tile) -> bool:
        if self.words and not all(word in plain(tile.student.full_name) for word in self.words):
            return False
        if self.lacks and all(about != self.lacks for about, _words in tile.lacking):
            return False
        return self._is_with(tile.keeper) and (tile.is_to_remind or not self.remind)

    def _is_with(self, keeper: Student | None) -> bool:
        if self.who == NOBODY:
            return keeper is None
        if self.who == ME:
            return keeper is not None and keeper == self.me
        if self.who == OTHERS:
            return keeper is not None and keeper not in self.wall.members
        return not self.who or (keeper is not None and str(keeper.pk) == self.who)

    def ticks(self, tile: Tile) -> bool:
        return self.tick == "shown" or tile.state in TICKS.get(self.tick, ())

    def url(self, **changes) -> str:
        """The board with this, and with these changes."""
        asked = {name: self.form.data.get(name, "") for name in NAMES} | changes
        query = {"promotion": self.wall.promotion.slug} | {
            name: value for name, value in asked.items() if value
        }
        return reverse("board", query=query)

    @property
    def tick_shown(self) -> str:
        return f"{self.url(tick='shown')}#board"

    @property
    def tick_not_begun(self) -> str:
        return f"{self.url(tick='not_begun')}#board"

    @property
    def tick_none(self) -> str:
        return f"{self.url()}#board"

    def chips(self) -> list[dict]:
        """The states that somebody is in, each with its number among what else is asked for."""
        tiles = [tile for tile in self.wall.tiles if self.keeps_but_for_state(tile)]
        counts = [(key, label, sum(tile.state == key for tile in tiles)) for key, label in STATES]
        everyone = {
            "key": "",
            "url": self.url(state=""),
            "count": len(tiles),
            "is_current": not self.in_state,
        }
        return [everyone] + [
            {
                "key": key,
                "label": label,
                "url": self.url(state=key),
                "count": count,
                "is_current": key == self.in_state,
            }
            for key, label, count in counts
            if count or key == self.in_state
        ]


def back_to_board(post: QueryDict, slug: str) -> str:
    """The board as it was before their eyes: the form that was sent carries its address."""
    asked = QueryDict(post.get("back", "")[:500])
    query = {"promotion": slug} | {name: asked[name] for name in NAMES if asked.get(name)}
    return reverse("board", query={name: value for name, value in query.items() if value})
