"""Taking a slot for a post, ceding one to the other group for a day, and taking it back."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.lifecycle import MoveRefused, require
from inet_comms.moments import said

from .. import permissions
from ..models import Post, Slot, SlotDay
from ..slots import Occasion, free_for, next_free, said_occasion
from .writing import reschedule


class SlotRefused(MoveRefused):
    """A slot that cannot be had, or cannot be given; `sentence` says why and what to do."""

    def __init__(self, record: models.Model, name: str, sentence: str):
        self.record, self.name, self.sentence = record, name, sentence
        Exception.__init__(self, sentence)

    @property
    def for_people(self) -> str:
        return self.sentence


@transaction.atomic
def take_slot(post: Post, slot: Slot, day: date, *, read: int, by: User) -> Post:
    """The post goes out in this slot on that day; on its other pages it takes the slots of the same moment as well.

    The post is moved first, then the slots are locked and looked at: of two who want the same one, the second is told
    which is free next, and nothing of theirs has changed.
    """
    require(permissions.can_write(by, post))
    moment = slot.moment(day)
    if not slot.runs_on(day):
        raise SlotRefused(post, "take", _("There is no such slot on that day: choose another one."))
    if moment <= timezone.now():
        raise SlotRefused(post, "take", _("This slot has passed. %(next)s") % {"next": _said_next(post)})
    post = reschedule(post, publish_at=moment, read=read, by=by)
    if post.state not in Post.OPEN:
        raise MoveRefused(post, "take")
    with_it = [one for one in _locked(post, slot) if one.runs_on(day)]
    rows = {row.slot_id: row for row in _rows(with_it, day)}
    if slot.pk not in {one.pk for one in with_it}:
        raise SlotRefused(
            post,
            "take",
            _("This slot is not for this post: it is for another page or another kind. %(next)s")
            % {"next": _said_next(post)},
        )
    for one in with_it:
        occasion = Occasion(one, day, rows.get(one.pk))
        if occasion.promotion.pk != post.promotion_id or occasion.post not in (None, post):
            if one.pk == slot.pk:
                raise _refused(post, occasion)
            continue
        SlotDay.objects.update_or_create(slot=one, day=day, defaults={"post": post})
    return post


@transaction.atomic
def take_next_slot(post: Post, *, read: int, by: User) -> Post:
    """The next free slot for its kind of post. Whoever was faster with that one leaves the one after it."""
    require(permissions.can_write(by, post))
    for found in free_for(post):
        try:
            with transaction.atomic():
                return take_slot(post, found.slot, found.day, read=read, by=by)
        except SlotRefused:
            continue
    raise SlotRefused(post, "take", _said_next(post))


@transaction.atomic
def cede(slot: Slot, day: date, *, to: Promotion, by: User) -> SlotDay:
    """The owners leave this slot to the other group for that day."""
    slot = _lock(slot)
    require(permissions.can_cede(by, slot))
    row = _rows([slot], day).first()
    occasion = Occasion(slot, day, row)
    if not slot.runs_on(day) or occasion.is_past:
        raise SlotRefused(
            slot, "cede", _("This slot has passed, or is none any more: there is nothing to cede.")
        )
    if occasion.post:
        raise SlotRefused(
            slot,
            "cede",
            _("%(post)s has taken this slot. Move that post first, then cede the slot.")
            % {"post": occasion.post},
        )
    if to.pk == slot.promotion_id or not to.starts <= day <= to.ends:
        raise SlotRefused(slot, "cede", _("%(name)s has no use for it on that day.") % {"name": to})
    row, _is_new = SlotDay.objects.update_or_create(
        slot=slot,
        day=day,
        defaults={"ceded_to": to, "ceded_by": by, "ceded_at": timezone.now(), "post": None},
    )
    return row


@transaction.atomic
def take_back(slot: Slot, day: date, *, by: User) -> None:
    """The owners want it after all; not once the other group has put a post there."""
    slot = _lock(slot)
    require(permissions.can_cede(by, slot))
    row = _rows([slot], day).first()
    occasion = Occasion(slot, day, row)
    if not occasion.is_ceded:
        return
    if occasion.post:
        raise SlotRefused(
            slot,
            "take_back",
            _("%(name)s has put a post there already: ask them to move it, or choose another slot.")
            % {"name": occasion.promotion},
        )
    row.delete()


def _lock(slot: Slot) -> Slot:
    return Slot.objects.select_for_update(of=("self",)).select_related("promotion", "account").get(pk=slot.pk)


def _locked(post: Post, slot: Slot) -> list[Slot]:
    """This slot, and those of the same weekday and time on the other pages of the post: always locked in the same order."""
    found = Slot.objects.filter(
        weekday=slot.weekday, kind=post.kind, time=slot.time, account__in=post.variants.values("account")
    )
    return list(found.select_for_update(of=("self",)).select_related("promotion", "account").order_by("pk"))


def _rows(slots: list[Slot], day: date):
    return SlotDay.objects.filter(slot__in=slots, day=day).select_related(
        "ceded_to", "post__portrait__student", "post__piece", "post__promotion"
    )


def _refused(post: Post, occasion: Occasion) -> SlotRefused:
    if occasion.promotion.pk != post.promotion_id:
        said_why = _("This slot is %(name)s’s: ask them to cede it.") % {"name": occasion.promotion}
    else:
        said_why = _("Someone was faster: “%(post)s” has just taken the slot of %(moment)s.") % {
            "post": occasion.post,
            "moment": said(occasion.moment),
        }
    return SlotRefused(post, "take", f"{said_why} {_said_next(post)}")


def _said_next(post: Post) -> str:
    found = next_free(post)
    if found is None:
        return _(
            "No slot of this kind is free for your group: choose a day and a time, or ask the other group to cede one."
        )
    return _("The next free one is %(slot)s") % {"slot": said_occasion(found)}
