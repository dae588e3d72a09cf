"""How the two groups share the pages: shares, weekly slots, the weeks to come; ceding a slot, taking it back, choosing a post for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.models import Promotion, User
from cohorts.permissions import is_anyones_comms, is_staff
from inet_comms.lifecycle import MoveRefused, require
from inet_comms.moments import said

from .. import actions, clashes, permissions
from ..agenda import midnight
from ..forms.sharing import ChooseForm
from ..models import Post, Slot
from ..sharing import grids, overlaps, shared_pages, slots_between, weeks
from ..slots import Occasion, occasions
from ..steps import badge

AHEAD = timedelta(days=27)
"""Four weeks, today included."""


@dataclass(frozen=True)
class Row:
    """One slot on one day, as `user` may deal with it."""

    occasion: Occasion
    user: User
    there: list[Promotion]
    """Those who share the pages."""

    @property
    def url(self) -> str:
        return reverse("slot", args=[self.occasion.slot.pk, self.occasion.day.isoformat()])

    @property
    def badge(self):
        return badge(self.occasion.post, with_moment=False)

    @property
    def is_open(self) -> bool:
        """They may read what has taken it; of the other group’s they see the title."""
        return self.user.is_staff or permissions.can_write(self.user, self.occasion.post)

    @property
    def may_take(self) -> bool:
        return self.occasion.is_free and self.occasion.promotion.pk in self.user.comms_promotion_ids

    @property
    def may_take_back(self) -> bool:
        return (
            self.occasion.is_free
            and self.occasion.is_ceded
            and permissions.can_cede(self.user, self.occasion.slot)
        )

    @property
    def others(self) -> list[Promotion]:
        """To whom its owners may leave it."""
        one = self.occasion
        if not one.is_free or one.is_ceded or not permissions.can_cede(self.user, one.slot):
            return []
        return [
            each
            for each in self.there
            if each.pk != one.slot.promotion_id and each.starts <= one.day <= each.ends
        ]


@require_safe
@login_required
def sharing(request):
    """Who has which part of which page, what each group really has, and every slot of the next four weeks."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    today = timezone.localdate()
    slots = list(slots_between(today, today + AHEAD))
    pages, common = shared_pages(), overlaps()
    there = {part.promotion for page in pages for part in page.parts} | {slot.promotion for slot in slots}
    there |= {promotion for one in common for promotion in (one.older, one.newer)}
    there = sorted(there, key=lambda one: (one.starts, one.pk))
    return render(
        request,
        "posts/sharing.html",
        {
            "overlaps": common,
            "pages": pages,
            "grids": grids(slots),
            "collisions": _collisions(request.user, today),
            "weeks": [_week(week, request.user, there) for week in weeks(slots, today, today + AHEAD)],
        },
    )


def _week(week, user, there):
    rows = [Row(one, user, there) for one in week.occasions]
    return week.monday, rows, sum(row.may_take for row in rows)


def _collisions(user, today):
    """Of the reader’s group (staff: of all), the posts of these weeks that something is against, with what it is."""
    begins, ends = timezone.now(), midnight(today + AHEAD + timedelta(days=1))
    posts = Post.objects.for_desk(user).on_calendar(begins, ends).filter(state__in=Post.OPEN)
    posts = list(posts.select_related("portrait__student", "piece", "promotion"))
    against = clashes.rulings_of(posts)
    open_ones = [(post, [one for one in against[post.pk] if one.is_open]) for post in posts]
    return [(post, found, permissions.can_write(user, post)) for post, found in open_ones if found]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def slot(request, pk, day):
    """The group’s posts that this slot is for: choose the one that goes out then."""
    require(is_anyones_comms(request.user))
    one = _occasion(pk, day)
    require(one.promotion.pk in request.user.comms_promotion_ids)
    posts = (
        Post.objects.for_desk(request.user)
        .filter(promotion=one.promotion, kind=one.slot.kind, state__in=Post.OPEN)
        .filter(variants__account=one.slot.account_id, slot_days__isnull=True)
        .select_related("portrait__student", "piece", "promotion")
        .prefetch_related("deliveries")
    )
    form = ChooseForm(posts, request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["post"]
        try:
            actions.take_slot(
                chosen, one.slot, one.day, read=form.versions.get(chosen.pk, 0), by=request.user
            )
        except MoveRefused as refused:
            form.add_error(None, refused.for_people)
        else:
            messages.success(
                request,
                _("%(post)s goes out on %(moment)s.") % {"post": chosen, "moment": said(one.moment)},
            )
            return redirect("sharing")
    return _show(request, one, form)


def _show(request, one, form):
    return render(
        request,
        "posts/slot.html",
        {"one": one, "form": form, "sharing_url": reverse("sharing")},
        status=422 if form.errors else 200,
    )


@require_POST
@login_required
def act(request, pk, day, verb):
    """cede, take-back: one tap, by the group that owns the slot."""
    one = _occasion(pk, day)
    require(permissions.can_cede(request.user, one.slot))
    try:
        if verb == "ceder":
            to = get_object_or_404(Promotion, pk=_number(request.POST.get("to")))
            actions.cede(one.slot, one.day, to=to, by=request.user)
            messages.success(
                request, _("%(name)s has the slot of %(moment)s.") % {"name": to, "moment": said(one.moment)}
            )
        elif verb == "reprendre":
            actions.take_back(one.slot, one.day, by=request.user)
            messages.success(
                request, _("The slot of %(moment)s is yours again.") % {"moment": said(one.moment)}
            )
        else:
            raise Http404
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    return redirect("sharing")


def _occasion(pk, day):
    """404 for a slot that is none on that day, or no more."""
    slot = get_object_or_404(Slot.objects.select_related("account", "promotion"), pk=pk)
    try:
        day = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    found = occasions([slot], day, day)
    if not found:
        raise Http404
    return found[0]


def _number(text):
    return int(text) if (text or "").isdecimal() else 0
