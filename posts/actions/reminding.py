"""Nobody forgets a question: a named person answers by a named hour, and is reminded; then everybody, whose summary of each morning says so from then on."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from cohorts.models import CommsMember, User
from cohorts.permissions import is_comms

from .. import clock, mails
from ..models import Delivery, DeliveryMove
from ..permissions import can_answer

ANSWER_WITHIN = timedelta(hours=2)
DAY_BEGINS, DAY_ENDS = time(8), time(18)
REMIND_AFTER = (timedelta(minutes=15), timedelta(hours=2))
"""When whoever answers is reminded."""
AT_ONCE = timedelta(0)
"""What is held was written to nobody about: the first reminder is the first word."""
TELL_ALL_AFTER = timedelta(hours=4)
"""When the whole group and the staff are told; from then on it waits for all of them."""
REMINDERS = len(REMIND_AFTER) + 1
"""How many leave in all, the last of them to everybody."""


def assign(delivery: Delivery) -> None:
    """Name who answers and by when (inside the caller's transaction, `delivery` locked)."""
    delivery.responsible = who_answers(delivery)
    delivery.answer_by = answer_by(delivery.state, clock.now())
    delivery.reminders = 0
    delivery.save(update_fields=["responsible", "answer_by", "reminders"])


def who_answers(delivery: Delivery) -> User | None:
    """The author while their mandate runs, else somebody of the group with a login, else who approved it, else some staff."""
    post = delivery.post
    if post.author.is_active and is_comms(post.author, post.promotion):
        return post.author
    mandates = CommsMember.objects.active().filter(
        student__promotion=post.promotion_id, student__user__is_active=True
    )
    if mandate := mandates.select_related("student__user").order_by("starts", "pk").first():
        return mandate.student.user
    staff = User.objects.filter(is_staff=True, is_active=True)
    return staff.filter(pk=post.approved_by_id).first() or staff.order_by("pk").first()


def answer_by(state: str, now: datetime) -> datetime:
    """Two hours on, at any hour where it may be online unseen; else two hours of a working day."""
    if state == Delivery.State.NEEDS_PERSON:
        return now + ANSWER_WITHIN
    local = timezone.localtime(now)
    day = local.date()
    if day.weekday() < 5 and local.time() < DAY_BEGINS:
        return timezone.make_aware(datetime.combine(day, DAY_BEGINS)) + ANSWER_WITHIN
    if day.weekday() < 5 and (local + ANSWER_WITHIN).time() <= DAY_ENDS and local.time() < DAY_ENDS:
        return now + ANSWER_WITHIN
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, DAY_BEGINS)) + ANSWER_WITHIN


def remind(now: datetime) -> int:
    """Write to whom it may concern about what still waits for an answer; the number of deliveries that were written about."""
    asked_at = DeliveryMove.objects.filter(record=OuterRef("pk")).order_by("-pk").values("at")[:1]
    waiting = Delivery.objects.awaiting_someone().annotate(asked_at=Subquery(asked_at))
    wanted = {
        pk: reminders_by(now, asked_at, state)
        for pk, state, reminders, asked_at in waiting.values_list("pk", "state", "reminders", "asked_at")
        if asked_at is not None and reminders_by(now, asked_at, state) > reminders
    }
    return _write(wanted) if wanted else 0


def reminders_by(now: datetime, asked_at: datetime, state: str = "") -> int:
    """How many reminders should have left by now: two to who answers, then one to everybody."""
    first = AT_ONCE if state == Delivery.State.HELD else REMIND_AFTER[0]
    return sum(now >= asked_at + after for after in (first, *REMIND_AFTER[1:], TELL_ALL_AFTER))


@transaction.atomic
def _write(wanted: dict[int, int]) -> int:
    """One mail for each person or group, however many deliveries wait. Whoever passes here meanwhile finds them noted."""
    rows = Delivery.objects.filter(pk__in=wanted).select_related(
        "post__portrait__student", "post__piece", "post__promotion", "post__author", "account", "responsible"
    )
    to_one: dict[User, list[Delivery]] = defaultdict(list)
    to_all: dict[int, list[Delivery]] = defaultdict(list)
    written = 0
    for delivery in rows.select_for_update(skip_locked=True, of=("self",)):
        count = wanted[delivery.pk]
        if delivery.reminders >= count:
            continue
        if not _may_answer(delivery.responsible, delivery):
            delivery.responsible = who_answers(delivery)
        delivery.reminders, written = count, written + 1
        delivery.save(update_fields=["responsible", "reminders"])
        if count <= len(REMIND_AFTER) and delivery.responsible is not None:
            to_one[delivery.responsible].append(delivery)
        else:
            to_all[delivery.post.promotion_id].append(delivery)
    transaction.on_commit(lambda: _send(to_one, to_all))
    return written


def _send(to_one: dict[User, list[Delivery]], to_all: dict[int, list[Delivery]]) -> None:
    for person, deliveries in to_one.items():
        mails.reminder(person, deliveries)
    for deliveries in to_all.values():
        mails.reminder_to_all(deliveries)


def _may_answer(person: User | None, delivery: Delivery) -> bool:
    return person is not None and person.is_active and can_answer(person, delivery)
