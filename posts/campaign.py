"""What a group has to plan with: the portraits that are ready or nearly, the free slots that its shares leave it, and the reasons of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import Promotion, Student
from inet_comms.moments import said_day
from portraits.balance import FACTS, WHY, Person, charts
from portraits.models import Portrait

from .models import Account, Kind, Post, SharedPeriod, Slot
from .planning import Candidate, Line, Place
from .sharing import allowed, posts_in
from .slots import AHEAD, Occasion, occasions

State = Portrait.State
NEARNESS = {
    State.IN_EDIT: (1, timedelta(days=14), gettext_lazy("is being edited")),
    State.TO_SIGN: (2, timedelta(days=7), gettext_lazy("waits for the signature")),
    State.SIGNED: (3, timedelta(days=2), gettext_lazy("is signed")),
}
"""How near to going out, how many days that takes, and what is said of it."""


@dataclass
class Material:
    """All that a plan of this promotion is made of."""

    candidates: list[Candidate] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    occasions: dict[str, list[Occasion]] = field(default_factory=dict)
    """The slots of each place, by its key."""
    portraits: dict[int, Portrait] = field(default_factory=dict)
    gains: dict[int, list[str | Promise]] = field(default_factory=dict)
    beyond_share: int = 0
    """Slots that are left to the other group, since the share is used up with those before them."""

    def reasons(self, line: Line) -> list[str | Promise]:
        """Why this portrait stands there. It names no value: what a person declared is said to nobody."""
        portrait = self.portraits[line.candidate.pk]
        _steps, _lead, state = NEARNESS[portrait.state]
        found = [_("you put it there")] if line.is_locked else []
        found.append(
            _("%(state)s, can go out from %(day)s on")
            % {"state": state, "day": said_day(line.candidate.ready_from)}
        )
        return found + self.gains.get(line.candidate.pk, [])


def material_of(promotion: Promotion) -> Material:
    """Of this promotion, today. A handful of queries, however many portraits and slots there are."""
    found = Material()
    _find_candidates(promotion, found)
    _find_places(promotion, found)
    return found


def _find_candidates(promotion: Promotion, found: Material) -> None:
    today, accounts = timezone.localdate(), list(Account.objects.all())
    everyone = Portrait.objects.filter(student__promotion=promotion).select_related("student", "consent")
    everyone = list(
        everyone.prefetch_related(Prefetch("posts", Post.objects.filter(state__in=Post.OPEN), "open_posts"))
    )
    facts = {
        one.pk: {name: getattr(one, name) for name in FACTS} for one in everyone if one.counts_in_balance
    }
    people = [
        Person(one.pk, one.student.full_name, facts[one.pk], one.online_id is not None)
        for one in everyone
        if one.pk in facts
    ]
    unwritten = Student.objects.filter(promotion=promotion, portrait__isnull=True).count()
    people += [Person(0, "", {}, False)] * unwritten
    # Only groups that a chart may show count: whoever is alone with what they said is among the others here as well.
    deficits = {
        (chart.fact, group.value): group.deficit
        for chart in charts(people)
        for group in chart.groups
        if group.value
    }
    for portrait in everyone:
        # One that has a moment has it from somebody: it is not moved.
        is_planned = any(post.publish_at for post in portrait.open_posts)
        if portrait.state not in NEARNESS or portrait.consent is None or is_planned:
            continue
        readiness, lead, _said = NEARNESS[portrait.state]
        groups = {pair for pair in facts.get(portrait.pk, {}).items() if pair in deficits}
        by_gain = sorted(
            (pair for pair in groups if deficits[pair]), key=lambda pair: (-deficits[pair], pair)
        )
        found.portraits[portrait.pk] = portrait
        found.gains[portrait.pk] = [WHY[fact] for fact, _value in by_gain]
        found.candidates.append(
            Candidate(
                portrait.pk,
                portrait.student.full_name,
                readiness,
                today + lead,
                frozenset(one.pk for one in accounts if portrait.consent.allows(one.network)),
                frozenset(groups),
                sum(deficits[pair] for pair in groups),
            )
        )


def _find_places(promotion: Promotion, found: Material) -> None:
    """The free slots for portraits, those of one moment together; of each period as many as the share leaves."""
    today = timezone.localdate()
    every_slot = Slot.objects.select_related("account", "promotion")
    every = occasions(every_slot, today, today + AHEAD)
    mine = [
        one
        for one in every
        if one.is_free and one.slot.kind == Kind.PORTRAIT and one.promotion.pk == promotion.pk
    ]
    budget = Budget(promotion, every)
    for one in mine:
        if not budget.takes(one):
            found.beyond_share += 1
            continue
        found.occasions.setdefault(one.moment.isoformat(), []).append(one)
    found.places = [
        Place(key, there[0].day, there[0].moment, frozenset(one.slot.account_id for one in there))
        for key, there in found.occasions.items()
    ]


class Budget:
    """How many more posts each period’s share leaves this promotion, on each page."""

    def __init__(self, promotion: Promotion, every: list[Occasion]):
        self.periods = list(
            SharedPeriod.objects.filter(ends__gte=timezone.localdate(), shares__promotion=promotion)
            .prefetch_related("shares")
            .distinct()
        )
        there = posts_in(self.periods)
        self.left = {}
        for period in self.periods:
            posts = there.get(period.pk, {})
            to_come = sum(self._is_in(one, period) and one.is_free for one in every)
            whole = sum(map(len, posts.values())) + to_come
            percent = next(
                share.percent for share in period.shares.all() if share.promotion_id == promotion.pk
            )
            self.left[period.pk] = allowed(percent, whole) - len(posts.get(promotion.pk, ()))

    def takes(self, one: Occasion) -> bool:
        """Whether there is room for this one, which then is used."""
        for period in self.periods:
            if self._is_in(one, period):
                self.left[period.pk] -= 1
                return self.left[period.pk] >= 0
        return True

    @staticmethod
    def _is_in(one: Occasion, period: SharedPeriod) -> bool:
        return one.slot.account_id == period.account_id and period.starts <= one.day <= period.ends
