"""Loads the demo school through the real actions: invited, written, edited, signed, approved, published over HTTP."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import requests
from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from cohorts.actions import give_login, verify_address
from cohorts.models import CommsMember, FormerName, Internship, Promotion, Student, Track, User
from portraits import actions as portrait_actions
from portraits.actions.consenting import Agreement
from portraits.consents import suggested_end, terms
from portraits.models import Portrait
from portraits.models.portrait import EntryRoute, Region, Sector
from posts import actions as post_actions
from posts.actions import connecting
from posts.actions.delivering import run_pass
from posts.models import Delivery, Post
from posts.rehearsal.server import serve

FOLDER = Path(__file__).parent
PAGE = "1001"
"""The number of the school's page on the rehearsal network."""
MORNING = time(8, 30)
ROUTES = {
    "externe": EntryRoute.EXTERNAL,
    "interne": EntryRoute.INTERNAL,
    "troisième concours": EntryRoute.THIRD,
    "docteurs": EntryRoute.DOCTORS,
}
SECTORS = {
    "études": Sector.STUDIES,
    "État": Sector.STATE,
    "collectivité": Sector.LOCAL,
    "entreprise": Sector.COMPANY,
    "association": Sector.NONPROFIT,
    "recherche": Sector.RESEARCH,
    "hôpital": Sector.HOSPITAL,
}
REGIONS = {str(label): value for value, label in Region.choices}
# How far each state of school.json goes; `scheduled` is approved with a moment to come.
REACHED = (
    "invited",
    "draft",
    "submitted",
    "in_edit",
    "to_sign",
    "signed",
    "in_review",
    "approved",
    "scheduled",
    "published",
)


class AlreadyThere(Exception):
    """The school was loaded before; nothing was changed."""


def load(say: Callable[[str], None]) -> None:
    """Make the whole school. Raises AlreadyThere if there are promotions; on any error the database is as before."""
    material = json.loads((FOLDER / "school.json").read_text(encoding="utf-8"))
    if Promotion.objects.exists():
        raise AlreadyThere
    with (
        _rehearsal() as url,
        override_settings(LINKEDIN_API_URL=url, EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"),
    ):
        # One transaction: an error half-way leaves the installation as empty as it was.
        with transaction.atomic():
            school = School(material, say)
            school.make_people()
            school.connect(url)
            school.make_portraits()
            school.spread_dates()
            school.end_mandates()


@contextlib.contextmanager
def _rehearsal() -> Iterator[str]:
    """The address of the rehearsal network: the one that runs, else one for as long as the loading takes."""
    try:
        requests.get(settings.REHEARSAL_URL, timeout=2).raise_for_status()
        yield settings.REHEARSAL_URL
    except requests.RequestException:
        with serve(settings.DATA_DIR / "rehearsal") as server:
            yield server.url


class School:
    """The school in the making. `say` tells how far it is."""

    def __init__(self, material: dict, say: Callable[[str], None]):
        self.material, self.say = material, say
        self.today = timezone.localdate()
        self.promotions: dict[str, Promotion] = {}
        self.members: dict[str, list[User]] = {}
        self.people: list[tuple[dict, Student]] = []
        self.published: list[Portrait] = []
        self.mornings = self._mornings()

    def _day(self, offset: int):
        return self.today + timedelta(days=offset)

    def _mornings(self) -> Iterator[datetime]:
        """Weekday mornings to come, one after the other."""
        day = self.today
        while True:
            day += timedelta(days=1)
            if day.weekday() < 5:
                yield timezone.make_aware(datetime.combine(day, MORNING))

    def make_people(self) -> None:
        tracks = {row["slug"]: Track.objects.create(**row) for row in self.material["tracks"]}
        for row in self.material["promotions"]:
            promotion = Promotion.objects.create(
                track=tracks[row["track"]],
                number=row["number"],
                name=row["name"],
                slug=row["slug"],
                starts=self._day(row["starts"]),
                ends=self._day(row["ends"]),
                hashtag=row["hashtag"],
                colour=row["colours"]["main"],
                second_colour=row["colours"]["second"],
            )
            self.promotions[row["slug"]] = promotion
            for former in row.get("former_names", []):
                FormerName.objects.create(
                    promotion=promotion,
                    name=former["name"],
                    slug=former["slug"],
                    until=self._day(former["until"]),
                )
        for place, row in enumerate(self.material["staff"]):
            user = User.objects.create_user(
                row["email"], first_name=row["first_name"], last_name=row["last_name"], is_staff=True
            )
            user.is_superuser = place == len(self.material["staff"]) - 1
            user.save(update_fields=["is_superuser"])
            verify_address(user)
        self.staff = User.objects.filter(is_staff=True).order_by("pk").first()
        for row in self.material["students"]:
            self._make_student(row)
        self.say(f"{len(self.promotions)} promotions, {len(self.people)} élèves")

    def _make_student(self, row: dict) -> None:
        promotion = self.promotions[row["promotion"]]
        student = Student.objects.create(
            promotion=promotion, first_name=row["first_name"], last_name=row["last_name"], email=row["email"]
        )
        for stage in row.get("internships", []):
            offsets = {"starts": self._day(stage["start"]), "ends": self._day(stage["end"])}
            words = {
                name: stage.get(name, "")
                for name in ("host", "place", "tutor_name", "tutor_email", "subject")
            }
            Internship.objects.create(student=student, **words, **offsets)
        if row.get("comms"):
            user = give_login(student)
            # Open while the school is being made; `end_mandates` gives it its last day.
            CommsMember.objects.create(student=student, starts=promotion.starts)
            self.members.setdefault(promotion.slug, []).append(user)
        self.people.append((row, student))

    def connect(self, url: str) -> None:
        """Connect the rehearsal network's page as staff would connect the real one."""
        page = {"id": PAGE, "name": self.material["school"], "vanity": "inet", "followers": 3052}
        requests.post(f"{url}/_/linkedin/organization", json=page, timeout=10).raise_for_status()
        granted = requests.post(f"{url}/_/linkedin/token", json={"organization": PAGE}, timeout=10)
        granted.raise_for_status()
        token = granted.json()["access_token"]
        expires_at = timezone.now() + timedelta(days=60)
        self.account = connecting.connect(
            "linkedin", f"urn:li:organization:{PAGE}", token=token, by=self.staff, expires_at=expires_at
        )

    def make_portraits(self) -> None:
        for number, (row, student) in enumerate(self.people, 1):
            if row["state"] != "not_invited":
                self._make_portrait(row, student)
            if number % 20 == 0:
                self.say(f"{number} portraits sur {len(self.people)}")

    def _make_portrait(self, row: dict, student: Student) -> None:
        state = row["state"]
        reached = REACHED.index(state) if state in REACHED else REACHED.index("published")
        member = self.members.get(student.promotion.slug, [self.staff])[0]
        portrait = portrait_actions.invite(student, by=self.staff)
        if reached == 0:
            return
        student.refresh_from_db()
        self._write(portrait, row, student)
        if reached < REACHED.index("submitted"):
            return
        portrait_actions.submit(_fresh(portrait), self._agreement(portrait), by=student.user)
        if reached < REACHED.index("in_edit"):
            return
        portrait_actions.take_up(portrait, by=member)
        edited = row["edited"]
        words = {
            "title": edited["title"],
            "text": edited["text"],
            "quote": edited.get("quote") or row["answers"]["quote"],
        }
        portrait_actions.edit(portrait, read=1, by=member, **words)
        if reached < REACHED.index("to_sign"):
            return
        portrait_actions.ask_signature(portrait, read=2, by=member)
        if reached < REACHED.index("signed"):
            return
        portrait_actions.sign(portrait, self._agreement(portrait), read=2, by=student.user)
        if reached < REACHED.index("in_review"):
            return
        self._make_post(_fresh(portrait), edited["linkedin"], state, member)
        if state == "withdrawn":
            portrait_actions.withdraw(portrait, by=student.user)

    def _write(self, portrait: Portrait, row: dict, student: Student) -> None:
        for key, text in row.get("answers", {}).items():
            portrait_actions.answer(portrait, key, text, by=student.user)
        facts = row.get("facts", {})
        portrait_actions.set_facts(
            portrait,
            region=REGIONS.get(facts.get("region", ""), ""),
            entry_route=ROUTES.get(facts.get("entry_route", ""), ""),
            earlier_sector=SECTORS.get(facts.get("earlier_sector", ""), ""),
            by=student.user,
        )
        if row.get("face"):
            with (FOLDER / "faces" / row["face"]).open("rb") as file:
                portrait_actions.set_photo(
                    _fresh(portrait),
                    upload=file,
                    alt_text=f"Portrait dessiné de {student.full_name}, de face, sur fond uni.",
                    by=student.user,
                )

    def _agreement(self, portrait: Portrait) -> Agreement:
        return Agreement(
            places=frozenset({"gallery", "linkedin"}),
            until=suggested_end(portrait),
            terms="\n".join(terms(portrait, self.material["school"])),
            signed_in_with="demo",
        )

    def _make_post(self, portrait: Portrait, text: str, state: str, member: User) -> None:
        goes_now = state in ("published", "withdrawn")
        moment = timezone.now() if goes_now else next(self.mornings)
        post = post_actions.draft(portrait, by=member)
        post = post_actions.write(post, texts={self.account.pk: text}, publish_at=moment, read=1, by=member)
        if post.needs_student:
            post = post_actions.ask_student(post, read=post.version, by=member)
            post = post_actions.sign_words(post, read=post.version, by=portrait.student.user)
        else:
            post = post_actions.ask_review(post, read=post.version, by=member)
        if state == "in_review":
            return
        post_actions.approve(post, read=post.version, read_portrait=portrait.version, by=self.staff)
        if goes_now:
            self._publish(portrait)

    def _publish(self, portrait: Portrait) -> None:
        """What the worker does, on a network whose clock stands at the day that the demo wants."""
        moment = self._moment(len(self.published))
        self._set_clock((moment - timezone.now()).total_seconds())
        while run_pass(workers=1):
            pass
        self.published.append(portrait)

    def _moment(self, number: int) -> datetime:
        """The newest a few days ago, each older one nine days before."""
        day = self.today - timedelta(days=4 + 9 * number)
        return timezone.make_aware(datetime.combine(day, MORNING))

    def _set_clock(self, offset: float) -> None:
        knob = {"clock_offset": offset}
        requests.post(f"{settings.LINKEDIN_API_URL}/_/knobs", json=knob, timeout=10).raise_for_status()

    def spread_dates(self) -> None:
        """A gallery in which everything appeared within a minute looks dead: move the dates, and only the dates, back."""
        self._set_clock(0)
        for number, portrait in enumerate(self.published):
            moment = self._moment(number)
            Portrait.objects.filter(pk=portrait.pk, published_at__isnull=False).update(published_at=moment)
            Post.objects.filter(portrait=portrait).update(
                publish_at=moment, approved_at=moment - timedelta(days=2)
            )
            Delivery.objects.filter(post__portrait=portrait).update(due_at=moment, published_at=moment)
            steps = [portrait.moves, *(post.moves for post in portrait.posts.all())]
            for moves in steps:
                for place, move in enumerate(moves.order_by("-pk")):
                    moves.filter(pk=move.pk).update(at=moment - timedelta(days=2 * place))

    def end_mandates(self) -> None:
        """A group's mandate ends with its promotion; that of the alumni ended long ago."""
        for promotion in self.promotions.values():
            CommsMember.objects.filter(student__promotion=promotion).update(ends=promotion.ends)


def _fresh(portrait: Portrait) -> Portrait:
    return Portrait.objects.get(pk=portrait.pk)
