"""Loads the demo school through the real actions: invited, written, edited, signed, approved, published over HTTP."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.actions import give_login, verify_address
from cohorts.models import CommsMember, FormerName, Internship, Promotion, Student, Track, User
from inet_comms import digest
from portraits import mails as portrait_mails
from portraits.mails import chasing as chase_mails
from portraits.models import Portrait
from posts import mails as post_mails
from posts.models import Event, Post

from . import pieces, questionnaires
from .chasing import chase
from .page import rehearsal_page
from .portraits import OUT, PortraitMaker
from .sharing import share
from .timeline import mornings_past

FOLDER = Path(__file__).parent
SILENT = "django.core.mail.backends.dummy.EmailBackend"
KEPT = "inet_comms.mailbox.KeptMailBackend"


class AlreadyThere(Exception):
    """There are promotions here already; nothing was changed."""


def load(say: Callable[[str], None], folder: Path = FOLDER) -> None:
    """Make the school that `folder` tells of, all of it or nothing. Raises AlreadyThere where there are people already."""
    material = json.loads((folder / "school.json").read_text(encoding="utf-8"))
    if Promotion.objects.exists():
        raise AlreadyThere
    say(_("The demo school is being made; it takes less than a minute."))
    with rehearsal_page() as page, override_settings(EMAIL_BACKEND=SILENT), transaction.atomic():
        school = School(material)
        school.make_people()
        questionnaires.make(school)
        counts = {"promotions": len(school.promotions), "students": len(school.people)}
        say(_("%(promotions)d promotions, %(students)d students.") % counts)
        accounts = page.connect(material["school"], by=school.staff[0])
        maker = PortraitMaker(school, page, accounts, folder / "faces")
        for number, (row, student) in enumerate(school.people, 1):
            try:
                maker.make(row, student)
            except Exception as error:
                error.add_note(f"{student}: {row['state']}")
                raise
            if number % 10 == 0 or number == len(school.people):
                say(_("%(number)d of %(students)d portraits.") % {"number": number, **counts})
        questionnaires.retire(school)
        school.chase()
        pieces.publish(school)
        if "sharing" in material:
            share(school, accounts)
    _write_some_mails(school.staff[0])


def _write_some_mails(staff: User) -> None:
    """What waits for somebody is told once more, so that the mailbox is not empty; nothing leaves this machine."""
    portraits = Portrait.objects.order_by("-student__promotion__starts", "pk")
    # The mailbox shows them on the console too, which has other things to say now.
    with override_settings(EMAIL_BACKEND=KEPT), contextlib.redirect_stdout(io.StringIO()):
        for portrait in portraits.filter(state=Portrait.State.INVITED)[:1]:
            chase_mails.invitation(portrait, staff)
        for portrait in portraits.filter(state=Portrait.State.TO_SIGN)[:1]:
            portrait_mails.to_sign(portrait, staff)
        for post in Post.objects.filter(state=Post.State.IN_REVIEW).order_by("publish_at")[:1]:
            post_mails.to_approve(post)
        _let_old_news_be()
        for user in digest.people_without_one(timezone.localdate()):
            digest.send_to(user, timezone.now())


def _let_old_news_be() -> None:
    """A year of the school went by in a minute: of all its news each person keeps the last two."""
    for user in User.objects.filter(notices__isnull=False).distinct():
        latest = user.notices.order_by("-pk").values_list("pk", flat=True)[:2]
        user.notices.exclude(pk__in=list(latest)).delete()


class School:
    """The people of the school, and which day each portrait went out."""

    def __init__(self, material: dict):
        self.material = material
        self.today = timezone.localdate()
        self.promotions: dict[str, Promotion] = {}
        self.members: dict[str, list[User]] = {}
        self.staff: list[User] = []
        self.people: list[tuple[dict, Student]] = []
        self.went_out_on: dict[str, date] = {}

    def make_people(self) -> None:
        tracks = {row["slug"]: Track.objects.create(**row) for row in self.material["tracks"]}
        for row in self.material["promotions"]:
            self._make_promotion(row, tracks[row["track"]])
        for row in self.material["staff"]:
            self._make_staff(row)
        for row in self.material["students"]:
            self._make_student(row)
        for row in self.material.get("events", []):
            self._make_event(row)
        self._plan()

    def _day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def _make_promotion(self, row: dict, track: Track) -> None:
        promotion = Promotion.objects.create(
            track=track,
            number=row["number"],
            name=row["name"],
            slug=row["slug"],
            starts=self._day(row["starts"]),
            ends=self._day(row["ends"]),
            hashtag=row["hashtag"],
            colour=row["colours"]["main"],
            second_colour=row["colours"]["second"],
        )
        self.promotions[promotion.slug] = promotion
        for former in row.get("former_names", []):
            until = self._day(former["until"])
            FormerName.objects.create(
                promotion=promotion, name=former["name"], slug=former["slug"], until=until
            )

    def _make_staff(self, row: dict) -> None:
        """The last one of the list is the administrator too."""
        is_last = row is self.material["staff"][-1]
        user = User.objects.create_user(
            row["email"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            is_staff=True,
            is_superuser=is_last,
        )
        verify_address(user)
        self.staff.append(user)

    def _make_student(self, row: dict) -> None:
        promotion = self.promotions[row["promotion"]]
        student = Student.objects.create(
            promotion=promotion, first_name=row["first_name"], last_name=row["last_name"], email=row["email"]
        )
        for stage in row.get("internships", []):
            names = ("host", "place", "tutor_name", "tutor_email", "subject")
            Internship.objects.create(
                student=student,
                starts=self._day(stage["start"]),
                ends=self._day(stage["end"]),
                **{name: stage.get(name, "") for name in names},
            )
        if row.get("comms"):
            CommsMember.objects.create(student=student, starts=promotion.starts, ends=promotion.ends)
            self.members.setdefault(promotion.slug, []).append(give_login(student))
        self.people.append((row, student))

    def _make_event(self, row: dict) -> None:
        starts_at = timezone.make_aware(datetime.combine(self._day(row["day"]), time(row["hour"])))
        Event.objects.create(
            name=row["name"],
            place=row["place"],
            hashtag=row.get("hashtag", ""),
            promotion=self.promotions.get(row.get("promotion")),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=row["hours"]),
        )

    def chase(self) -> None:
        """The promotion that leaves first is chased; the other group has not begun to."""
        running = [one for one in self.promotions.values() if one.starts <= self.today <= one.ends]
        for promotion in sorted(running, key=lambda one: one.ends)[:1]:
            chase(promotion, self.members[promotion.slug])

    def _plan(self) -> None:
        """One portrait a day at most, whichever promotion's; each promotion's spread over its time until yesterday.

        Whoever withdrew was among the first, so that there was time to regret it.
        """
        taken: set[date] = set()
        out = sorted((row for row, _student in self.people if row["state"] in OUT), key=_is_published)
        for slug, promotion in self.promotions.items():
            emails = [row["email"] for row in out if row["promotion"] == slug]
            ends = min(promotion.ends, self._day(-1))
            days = mornings_past(len(emails), promotion.starts, ends, taken)
            self.went_out_on |= dict(zip(emails, days, strict=True))


def _is_published(row: dict) -> bool:
    return row["state"] == "published"
