"""Which promotion a page of the comms group is about, and the way from one of its pages to the next."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from cohorts.permissions import is_anyones_comms, is_comms, is_staff
from inet_comms.lifecycle import require


@dataclass(frozen=True)
class Chosen:
    """The promotion before their eyes (None where there is none yet), and those they may choose from."""

    promotion: Promotion | None
    promotions: list[Promotion]
    may_work: bool
    """They are in its comms group today, or staff who help out."""
    page: str
    """The name of the address that they look at."""

    @property
    def switcher(self) -> list[dict]:
        """For `_parts/switcher.html`: nothing to switch between where there is one."""
        if len(self.promotions) < 2:
            return []
        return [
            {
                "url": reverse(self.page, query={"promotion": one.slug}),
                "label": str(one),
                "slug": one.slug,
                "is_current": one == self.promotion,
            }
            for one in self.promotions
        ]

    @property
    def tabs(self) -> list[dict]:
        """For `_parts/promotion_tabs.html`: the pages on one promotion's portraits."""
        if self.promotion is None:
            return []
        return [
            {
                "url": reverse(name, query={"promotion": self.promotion.slug}),
                "label": label,
                "is_current": name == self.page,
            }
            for name, label in (
                ("board", _("Board")),
                ("outbox", _("Reminders")),
                ("balance", _("Balance")),
                ("questionnaire", _("Questionnaire")),
                ("cards", _("Cards")),
            )
        ]


def choose(request: HttpRequest, page: str) -> Chosen:
    """The promotion asked for by `?promotion=`, or by the form, else the newest of theirs. 404 for one that is not theirs.

    Raises PermissionDenied for whoever is neither staff nor in a comms group today.
    """
    user = request.user
    require(is_staff(user) or is_anyones_comms(user))
    promotions = list(promotions_of(user))
    slug = request.POST.get("promotion") or request.GET.get("promotion")
    if slug is None:
        promotion = promotions[0] if promotions else None
    else:
        promotion = next((one for one in promotions if one.slug == slug), None)
        if promotion is None:
            raise Http404
    may_work = promotion is not None and (is_staff(user) or is_comms(user, promotion))
    return Chosen(promotion, promotions, may_work, page)


def promotions_of(user: User):
    """Staff see every promotion's board, the comms group its own."""
    if is_staff(user):
        return Promotion.objects.select_related("track")
    return Promotion.objects.select_related("track").filter(pk__in=user.comms_promotion_ids)
