"""Where one portrait is online, was, or still was to go: each sending as its student reads it, with what happens next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from inet_comms.moments import said
from portraits.models import Portrait

from .asked import Asked, asked, last_move
from .models import Delivery

State = Delivery.State
NEVER_LEFT = (State.FAILED, State.EXPIRED, State.NOT_THERE)
MAY_LEAVE = (*Delivery.WAITING, State.PREPARING)


@dataclass(frozen=True)
class Spot:
    """One post on one page. `words` say how it stands, `tone` is a badge's; `is_settled`: nothing more will happen by itself
    or by a person."""

    network: str
    page: str
    label: str
    words: str
    tone: str
    url: str = ""
    is_settled: bool = False


class Whereabouts:
    """All sendings of a portrait, by network."""

    def __init__(self, portrait: Portrait):
        self.portrait = portrait

    @cached_property
    def spots(self) -> list[Spot]:
        deliveries = (
            Delivery.objects.filter(post__portrait=self.portrait)
            .exclude(state__in=NEVER_LEFT)
            .select_related("account", "post")
            .prefetch_related("moves__by", "evidence")
            .order_by("account__network", "account__name", "pk")
        )
        return [spot for delivery in deliveries if (spot := self._spot(delivery))]

    def on(self, network: str) -> list[Spot]:
        return [spot for spot in self.spots if spot.network == network]

    @property
    def is_settled(self) -> bool:
        """Everything that was to go is gone."""
        return all(spot.is_settled for spot in self.spots)

    def _allows(self, delivery: Delivery) -> bool:
        consent = self.portrait.consent
        return consent is not None and consent.allows(delivery.account.network)

    def _spot(self, delivery: Delivery) -> Spot | None:
        said_so = _staying(delivery) if self._allows(delivery) else _going(delivery)
        if said_so is None:
            return None
        account, (label, words, tone, is_settled) = delivery.account, said_so
        is_there = delivery.state in (State.PUBLISHED, State.WITHDRAWING, State.NEEDS_PERSON)
        url = delivery.url if is_there else ""
        return Spot(account.network, str(account), label, words, tone, url, is_settled)


def _staying(delivery: Delivery) -> tuple[str, str, str, bool] | None:
    """(label, words, tone, is settled) where the student allows the page."""
    state = delivery.state
    if state in (State.CANCELLED, State.WITHDRAWN):
        return None
    if state == State.PUBLISHED:
        return _("online"), _("Since %(moment)s.") % {"moment": said(delivery.published_at)}, "green", True
    if state in MAY_LEAVE:
        return _("planned"), _("For %(moment)s.") % {"moment": said(delivery.due_at)}, "blue", True
    return _being_sorted_out(delivery)


def _going(delivery: Delivery) -> tuple[str, str, str, bool] | None:
    """The same where the student does not, or no longer."""
    state, last = delivery.state, last_move(delivery)
    if state == State.CANCELLED:
        if last is None or last.by_id:
            return None
        return _("not sent"), _("It was planned, and does not leave."), "green", True
    if state == State.WITHDRAWN:
        return _("taken down"), _gone_words(last), "green", True
    if state in MAY_LEAVE:
        return _("being stopped"), _("It was planned, and is being called off."), "amber", False
    if state in (State.PUBLISHED, State.WITHDRAWING):
        return _("being taken down"), _taking_words(delivery), "amber", False
    return _being_sorted_out(delivery)


def _gone_words(last) -> str:
    if last is None:
        return ""
    moment = {"moment": said(last.at)}
    if last.by_id:
        return _("Since %(moment)s: somebody of the school removed it by hand.") % moment
    return _("Since %(moment)s: the network confirmed it.") % moment


def _taking_words(delivery: Delivery) -> str:
    if delivery.looks > 1:
        return _("The network has not done it yet; we ask it again and again, then a person does it.")
    return _("The network is asked to remove it.")


def _being_sorted_out(delivery: Delivery) -> tuple[str, str, str, bool]:
    """On the wire, lost sight of, or in somebody's hands: what may be online is taken down as soon as it is found."""
    if delivery.state == State.SENDING:
        return _("on its way"), _("It left at this very moment."), "violet", False
    if delivery.state != State.NEEDS_PERSON:
        return _("being looked for"), _("We look whether it is online."), "violet", False
    is_to_go = asked(delivery) is Asked.MUST_GO
    words = (
        _("The network does not let us: a person of the school removes it by hand.")
        if is_to_go
        else _("A person of the school looks whether it is online.")
    )
    if delivery.answer_by:
        words += " " + _("At the latest on %(moment)s.") % {"moment": said(delivery.answer_by)}
    return _("in somebody’s hands"), words, "violet", False
