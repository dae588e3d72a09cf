"""What waits for one person about portraits: texts to edit, remarks to answer, reminders to read, and their own portrait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import BigIntegerField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import kinds
from cohorts.models import CommsMember, User
from cohorts.todo import Todo, Urgency, by_age, keys

from . import likeness, nudging
from .models import Appearance, Nudge, Portrait, PortraitMove, Remark, RemarkAnswer

State = Portrait.State
BEING_EDITED = (State.SUBMITTED, State.IN_EDIT)
BEFORE_ONLINE = (*BEING_EDITED, State.TO_SIGN, State.SIGNED)


def todos(user: User, now: datetime) -> Iterator[Todo]:
    """The same number of queries however much waits."""
    if user.comms_promotion_ids:
        yield from _to_edit(user, now)
        yield from _remarks(user, now)
        yield from _reminders(user, now)
    if user.as_student:
        yield from _own(user)
        yield from _photos(user, now)


def counted(user: User, now: datetime) -> list[QuerySet]:
    """The same things as (area, key), to be counted together with those of others."""
    found = []
    if user.comms_promotion_ids:
        found += [
            keys("to_edit", to_edit(user)),
            keys("remarks", remarks(user), "portrait_id").distinct(),
            keys("reminders", proposed(user), "portrait__student__promotion_id").distinct(),
            keys("unsure", unsure(user, now), "portrait__student__promotion_id").distinct(),
        ]
    if user.as_student:
        found += [keys("own", own(user)), keys("photos", photos_of(user))]
    return found


def theirs(user: User) -> QuerySet[Portrait]:
    """Portraits of this person's promotions that they look after, or that nobody else of the group does."""
    mandates = CommsMember.objects.active().filter(student=OuterRef("looked_after_by"))
    return Portrait.objects.editable_by(user).filter(~Exists(mandates.exclude(student__user=user)))


def to_edit(user: User) -> QuerySet[Portrait]:
    return theirs(user).filter(state__in=BEING_EDITED)


def remarks(user: User) -> QuerySet[Remark]:
    """Open, and the last word is somebody else's."""
    last = RemarkAnswer.objects.filter(remark=OuterRef("pk")).order_by("-at", "-pk")
    found = Remark.objects.filter(
        Q(portrait__in=theirs(user)) | Q(by=user, portrait__in=Portrait.objects.editable_by(user)),
        resolved_at=None,
        portrait__state__in=BEFORE_ONLINE,
    )
    found = found.annotate(
        said_by=Coalesce(Subquery(last.values("by")[:1]), F("by"), output_field=BigIntegerField()),
        said_at=Coalesce(Subquery(last.values("at")[:1]), F("at")),
    )
    return found.filter(~Q(said_by=user.pk) | Q(said_by=None))


def proposed(user: User) -> QuerySet[Nudge]:
    return Nudge.objects.filter(
        portrait__student__promotion__in=user.comms_promotion_ids, state=Nudge.State.PROPOSED
    )


def unsure(user: User, now: datetime) -> QuerySet[Nudge]:
    """As `Nudge.is_unsure` says of one."""
    lost = ~Q(failure="") | Q(claimed_at=None) | Q(claimed_at__lt=now - Nudge.UNSURE_AFTER)
    return Nudge.objects.filter(
        lost, portrait__student__promotion__in=user.comms_promotion_ids, state=Nudge.State.SENDING
    )


def own(user: User) -> QuerySet[Portrait]:
    """Their portrait, while something about it is theirs to do: as `nudging.next_thing` says of one."""
    invited = Q(state=State.INVITED, invited_at__isnull=False)
    return Portrait.objects.filter(invited | Q(state__in=(State.DRAFT, State.TO_SIGN)), student__user=user)


def photos_of(user: User) -> QuerySet[Appearance]:
    """Photos of others about which they are asked, as long as those stand."""
    return Appearance.objects.filter(
        student__user=user, answer=Appearance.Answer.ASKED, portrait__photo__source_sha256=F("source_sha256")
    )


def _to_edit(user: User, now: datetime) -> Iterator[Todo]:
    last = PortraitMove.objects.filter(record=OuterRef("pk")).order_by("-pk")
    rows = to_edit(user).select_related("student")
    rows = rows.annotate(step=Subquery(last.values("name")[:1]), since=Subquery(last.values("at")[:1]))
    for portrait in rows:
        name = {"name": portrait.student}
        if portrait.state == State.SUBMITTED:
            sentence = _("%(name)s has handed in their portrait.") % name
        elif portrait.step == "ask_change":
            sentence = _("%(name)s asks for a change in their portrait.") % name
        else:
            sentence = _("The portrait of %(name)s is being edited.") % name
        yield Todo(
            kinds.TO_EDIT,
            sentence,
            _("Edit the portrait"),
            reverse("studio", args=[portrait.pk]),
            portrait.since,
            by_age(portrait.since, now),
        )


def _remarks(user: User, now: datetime) -> Iterator[Todo]:
    found = defaultdict(list)
    for remark in remarks(user).select_related("portrait__student"):
        found[remark.portrait].append(remark.said_at)
    for portrait, moments in found.items():
        sentence = ngettext(
            "%(count)d remark on the portrait of %(name)s waits for an answer.",
            "%(count)d remarks on the portrait of %(name)s wait for an answer.",
            len(moments),
        ) % {"count": len(moments), "name": portrait.student}
        since, path = min(moments), reverse("studio", args=[portrait.pk])
        yield Todo(kinds.REMARKS, sentence, _("Read and answer"), path, since, by_age(since, now))


def _reminders(user: User, now: datetime) -> Iterator[Todo]:
    slug = F("portrait__student__promotion__slug")
    for rows, said, urgency in (
        (proposed(user), _to_be_read, None),
        (unsure(user, now), _has_it_left, Urgency.SOON),
    ):
        counts = rows.order_by().values(promotion=slug).annotate(count=Count("pk"), since=Min("created_at"))
        for row in counts:
            yield Todo(
                kinds.REMINDERS,
                said(row["count"]),
                _("Read the reminders"),
                reverse("outbox", query={"promotion": row["promotion"]}),
                row["since"],
                by_age(row["since"], now) if urgency is None else urgency,
            )


def _to_be_read(count: int) -> str:
    return ngettext(
        "%(count)d reminder waits for you to read it.",
        "%(count)d reminders wait for you to read them.",
        count,
    ) % {"count": count}


def _has_it_left(count: int) -> str:
    return ngettext(
        "Nobody knows whether %(count)d reminder has left.",
        "Nobody knows whether %(count)d reminders have left.",
        count,
    ) % {"count": count}


def _own(user: User) -> Iterator[Todo]:
    last = PortraitMove.objects.filter(record=OuterRef("pk")).order_by("-pk").values("at")[:1]
    rows = own(user).select_related("student__promotion", "photo").prefetch_related("answers")
    for portrait in rows.annotate(last=Subquery(last)):
        thing = nudging.next_thing(portrait)
        yield Todo(
            kinds.OWN,
            _("Your own portrait: what is missing is %(what)s.") % {"what": thing.said},
            nudging.action_label(portrait),
            nudging.path_of(portrait),
            portrait.last or portrait.invited_at,
            Urgency.SOON if thing.about == nudging.About.SIGN else Urgency.LATER,
        )


def _photos(user: User, now: datetime) -> Iterator[Todo]:
    for one in photos_of(user).select_related("portrait__student"):
        yield Todo(
            kinds.OWN,
            _("%(owner)s asks whether you agree to a photo in which you appear.")
            % {"owner": one.portrait.student},
            _("Look at it and answer"),
            likeness.path(one),
            one.added_at,
            by_age(one.added_at, now),
        )
