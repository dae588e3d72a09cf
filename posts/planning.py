"""Lays portraits over free slots: who goes out when, so that the portraits are varied, fair and likely to be ready. Knows no database.

How a plan is judged, the higher the better: for each line, in the order of time, the weight of its place (the first of n
weighs n, the last 1) times what the portrait brings, namely the percentage points by which its groups of *Équilibre* are
shown too little so far, and READY for each step that it is nearer to being signed; less ALIKE times n for each group that
it has in common with the line before it. Nobody stands before the day on which they can be ready, nor on a page that they
do not allow. Places are filled in the order of time with whoever brings most there, then any two lines change places as
long as that makes the plan better. Ties go by name, so that the same input gives the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

READY, ALIKE = 40, 25
PASSES = 4
"""Rounds of changing places: after these a plan is hardly ever made better any more."""


@dataclass(frozen=True)
class Candidate:
    """A portrait that may be laid: how near it is to being signed, what its groups lack, where it may go, from which day on."""

    pk: int
    name: str
    readiness: int
    ready_from: date
    pages: frozenset[int]
    groups: frozenset[tuple[str, str]] = frozenset()
    deficit: int = 0

    @property
    def worth(self) -> int:
        return self.deficit + READY * self.readiness


@dataclass(frozen=True)
class Place:
    """A moment at which the group has a free slot, on one page or several (ids of accounts)."""

    key: str
    day: date
    moment: datetime
    pages: frozenset[int]

    def suits(self, candidate: Candidate) -> bool:
        return candidate.ready_from <= self.day and bool(candidate.pages & self.pages)


@dataclass(frozen=True)
class Line:
    place: Place
    candidate: Candidate
    is_locked: bool = False


@dataclass(frozen=True)
class Plan:
    lines: list[Line]
    left: list[Place]
    """Places that nobody suits."""
    waiting: list[Candidate]
    """Those for whom there was no place."""


def lay(
    candidates: Iterable[Candidate], places: Iterable[Place], locked: dict[int, str] | None = None
) -> Plan:
    """The plan, around what is `locked` (key of a place by candidate): that stands where people put it, suited or not."""
    candidates = sorted(candidates, key=lambda one: (one.name, one.pk))
    places = sorted(places, key=lambda one: (one.moment, one.key))
    table = Table(places)
    by_pk, number_of = {one.pk: one for one in candidates}, {one.key: at for at, one in enumerate(places)}
    for pk, key in sorted((locked or {}).items()):
        if pk in by_pk and key in number_of and table.at[number_of[key]] is None:
            table.at[number_of[key]] = by_pk[pk]
            table.locked.add(number_of[key])
    placed = {one.pk for one in table.at if one}
    table.fill([one for one in candidates if one.pk not in placed])
    table.improve()
    placed = {one.pk for one in table.at if one}
    lines = [
        Line(place, who, at in table.locked)
        for at, (place, who) in enumerate(zip(places, table.at, strict=True))
        if who
    ]
    left = [place for place, who in zip(places, table.at, strict=True) if who is None]
    return Plan(lines, left, [one for one in candidates if one.pk not in placed])


class Table:
    """Who stands at which place, while a plan is being made."""

    def __init__(self, places: list[Place]):
        self.places = places
        self.at: list[Candidate | None] = [None] * len(places)
        self.locked: set[int] = set()

    def fill(self, candidates: list[Candidate]) -> None:
        """From the first place to the last, each with whoever brings most there."""
        rest = list(candidates)
        for number, place in enumerate(self.places):
            suited = [one for one in rest if place.suits(one)]
            if self.at[number] is None and suited:
                best = max(suited, key=lambda one: self._score_with(number, one))
                self.at[number] = best
                rest.remove(best)

    def improve(self) -> None:
        """Any two change places while that makes the plan better."""
        free = [number for number, who in enumerate(self.at) if who and number not in self.locked]
        for _pass in range(PASSES):
            is_better = False
            for position, one in enumerate(free):
                for other in free[position + 1 :]:
                    is_better |= self._swap_if_better(one, other)
            if not is_better:
                return

    def _swap_if_better(self, one: int, other: int) -> bool:
        first, second = self.at[one], self.at[other]
        if not self.places[one].suits(second) or not self.places[other].suits(first):
            return False
        touched = {one, one + 1, other, other + 1} & set(range(len(self.at)))
        before = sum(map(self._score, touched))
        self.at[one], self.at[other] = second, first
        if sum(map(self._score, touched)) > before:
            return True
        self.at[one], self.at[other] = first, second
        return False

    def _score(self, number: int) -> int:
        who = self.at[number]
        return self._score_with(number, who) if who else 0

    def _score_with(self, number: int, who: Candidate) -> int:
        before = self.at[number - 1] if number else None
        alike = len(who.groups & before.groups) if before else 0
        return (len(self.at) - number) * who.worth - ALIKE * len(self.at) * alike
