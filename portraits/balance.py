"""The balance of a promotion's portraits: who has been shown and who not, from declared facts only, as numbers too large to point at anyone.

What is kept from sight: a group of fewer than FEWEST people disappears among the others, and how many of a group were
shown is said only where neither they nor the rest are fewer than FEWEST. One hidden number never stands alone, since
the total would give it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models.portrait import EntryRoute, HostKind, Region, Sector

FEWEST = 3
OTHERS = ""
"""The group of whoever did not say, or said something that fewer than FEWEST said."""
FACTS = {
    "region": (_("Region of origin"), Region),
    "entry_route": (_("Way into the school"), EntryRoute),
    "earlier_sector": (_("Work before"), Sector),
    "host_kind": (_("Host of the internship"), HostKind),
}
WHY = {
    "region": _("a region of origin that is hardly shown"),
    "entry_route": _("a way into the school that is hardly shown"),
    "earlier_sector": _("earlier work that is hardly shown"),
    "host_kind": _("a kind of internship host that is hardly shown"),
}
SUGGESTED = 3
LEAST_DEFICIT = 5
"""Percentage points below which a group counts as shown well enough."""


@dataclass(frozen=True)
class Person:
    """What one student declared (value by fact, "" where they did not say), and how far their portrait is."""

    pk: int
    name: str
    facts: dict[str, str]
    is_shown: bool
    readiness: int = 0
    """How near the portrait is to being published: larger is nearer."""


@dataclass
class Group:
    """One row of a chart: how many of the promotion, and how many of them were shown (None: kept from sight)."""

    value: str
    label: str | Promise
    people: int
    shown: int | None
    of_everyone: int = 0
    """Percent of the promotion."""
    of_shown: int | None = None
    """Percent of those shown."""

    @property
    def deficit(self) -> int:
        """Percentage points by which the group is shown less than it is there; 0 where that is little, or kept from sight."""
        missing = 0 if self.of_shown is None else self.of_everyone - self.of_shown
        return missing if missing >= LEAST_DEFICIT else 0


@dataclass
class Chart:
    fact: str
    title: str | Promise
    groups: list[Group] = field(default_factory=list)
    declared: int = 0
    """How many said it. Below twice FEWEST, or where all of them stand among the others, there is no chart."""


def charts(people: Iterable[Person]) -> list[Chart]:
    """One for each fact, groups in falling size, the others last."""
    people = list(people)
    return [_chart(fact, people) for fact in FACTS]


def _chart(fact: str, people: list[Person]) -> Chart:
    title, choices = FACTS[fact]
    declared = sum(bool(person.facts.get(fact)) for person in people)
    chart = Chart(fact, title, declared=declared)
    if declared < 2 * FEWEST:
        return chart
    everyone = _merged(Counter(person.facts.get(fact) or OTHERS for person in people))
    if len(everyone) < 2:
        return chart
    shown = Counter(_group_of(person, fact, everyone) for person in people if person.is_shown)
    hidden = _hidden(everyone, shown)
    labels = dict(choices.choices) | {OTHERS: _("others, or not said")}
    for value, count in sorted(everyone.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0])):
        is_hidden = value in hidden
        chart.groups.append(
            Group(
                value,
                labels[value],
                count,
                None if is_hidden else shown[value],
                of_everyone=round(100 * count / len(people)),
                of_shown=None if is_hidden else round(100 * shown[value] / max(1, shown.total())),
            )
        )
    return chart


def _group_of(person: Person, fact: str, everyone: Counter) -> str:
    value = person.facts.get(fact) or OTHERS
    return value if value in everyone else OTHERS


def _merged(counts: Counter) -> Counter:
    """Small groups go into the others; then the smallest ones too, until the others are many enough."""
    merged = Counter({OTHERS: counts[OTHERS]})
    for value, count in counts.items():
        if value != OTHERS:
            merged[value if count >= FEWEST else OTHERS] += count
    while 0 < merged[OTHERS] < FEWEST and len(merged) > 1:
        smallest = min(
            (value for value in merged if value != OTHERS), key=lambda value: (merged[value], value)
        )
        merged[OTHERS] += merged.pop(smallest)
    return +merged


def _hidden(everyone: Counter, shown: Counter) -> set[str]:
    """The groups of which it is not said how many were shown."""

    def tells(value: str) -> bool:
        """So few were shown, or so few were not, that a classmate would know who."""
        inside, outside = shown[value], everyone[value] - shown[value]
        return 0 < inside < FEWEST or 0 < outside < FEWEST

    hidden = {value for value in everyone if tells(value)}
    # The sum of what is hidden is known from the total. Two hidden groups that are both at an end of what they can be
    # would be given away by it, so there are at least two, and room between them.
    rest = sorted(
        everyone.keys() - hidden, key=lambda value: (not 0 < shown[value] < everyone[value], everyone[value])
    )
    while hidden and rest and not _leaves_room(hidden, everyone, shown):
        hidden.add(rest.pop(0))
    return hidden if not hidden or _leaves_room(hidden, everyone, shown) else set(everyone)


def _leaves_room(hidden: set[str], everyone: Counter, shown: Counter) -> bool:
    """Whoever knows the total still cannot tell any of the hidden numbers."""
    total = sum(shown[value] for value in hidden)
    room = sum(everyone[value] for value in hidden)
    return all(min(everyone[value], total) > max(0, total - (room - everyone[value])) for value in hidden)


@dataclass(frozen=True)
class Suggestion:
    """Whom to show next, and why. It names no value: what a person declared is said to nobody."""

    person: Person
    reasons: list[str | Promise]
    gain: int


def suggestions(people: Iterable[Person], drawn: list[Chart]) -> list[Suggestion]:
    """At most SUGGESTED of those not shown yet, whose groups are shown least; at an equal gain the readier portrait."""
    deficits = {
        (chart.fact, group.value): group.deficit for chart in drawn for group in chart.groups if group.value
    }
    found = []
    for person in people:
        if person.is_shown:
            continue
        gains = {fact: deficits.get((fact, person.facts.get(fact, "")), 0) for fact in FACTS}
        if sum(gains.values()):
            by_gain = sorted((fact for fact in FACTS if gains[fact]), key=lambda fact: -gains[fact])
            found.append(Suggestion(person, [WHY[fact] for fact in by_gain], sum(gains.values())))
    found.sort(key=lambda one: (-one.gain, -one.person.readiness, one.person.name))
    return found[:SUGGESTED]
