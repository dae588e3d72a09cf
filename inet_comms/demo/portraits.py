"""Takes each portrait of the demo school its way, one real action after the other, each on its own day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from cohorts.models import Student, User
from portraits import actions as portrait_actions
from portraits.actions.consenting import Agreement
from portraits.consents import suggested_end, terms
from portraits.models import Consent, Portrait
from portraits.models.portrait import EntryRoute, HostKind, Region, Sector
from posts import actions as post_actions
from posts.actions.delivering import run_pass
from posts.models import Account, Delivery, Post
from posts.verdicts import verdicts

from .page import OTHERS, Page
from .timeline import WAY, Timeline, at, mornings_to_come, standing_at

# How school.json, which is French, says what the form offers.
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
HOSTS = {
    "Ville": HostKind.CITY,
    "Métropole": HostKind.INTERCITY,
    "Eurométropole": HostKind.INTERCITY,
    "Communauté": HostKind.INTERCITY,
    "Département": HostKind.DEPARTMENT,
    "Région": HostKind.REGION,
}
"""By the first word of the host's name."""
REGIONS = {str(label): value for value, label in Region.choices}
STEPS = list(WAY)
OUT = ("published", "withdrawn")
PICTURES = ({"linkedin": "carousel", "facebook": "square"}, {"linkedin": "portrait"})
"""What the first posts to come show instead of the photo, by network."""
SHORT = 260
"""Characters that fit everywhere."""
REGRET = timedelta(days=6)
"""How long after the publication somebody withdraws."""


class NotOut(Exception):
    """The rehearsal network did not take a post: the demo would tell a story that did not happen."""


class PortraitMaker:
    """Makes portraits of a School, and posts them on `page`, whose accounts are known by network."""

    def __init__(self, school, page: Page, accounts: dict[str, Account], faces: Path):
        self.school, self.page, self.accounts, self.faces = school, page, accounts, faces
        self.mornings = mornings_to_come(school.today)
        self.pictures = iter(PICTURES)
        self.count = 0

    def make(self, row: dict, student: Student) -> None:
        """As far as the row's state says. `approved` and `scheduled` are one: approved for a morning to come."""
        state = {"scheduled": "approved", "withdrawn": "published"}.get(row["state"], row["state"])
        if state not in STEPS:
            return
        self.count += 1
        last = self.school.went_out_on.get(row["email"]) or self._some_days_ago()
        way, portrait = Timeline(state, last), None
        for step in STEPS[: STEPS.index(state) + 1]:
            with standing_at(min(way.moment(step), timezone.now())):
                getattr(self, f"_{step}")(portrait, row, student, way)
                portrait = _fresh(student)
        if row["state"] == "withdrawn":
            self._withdrawn(portrait, way)

    def _some_days_ago(self) -> date:
        """Work under way moved last between yesterday and the day before last week."""
        return self.school.today - timedelta(days=1 + self.count * 5 % 9)

    def _member(self, student: Student) -> User:
        """Somebody of the promotion's group, by turns; not the student themself, unless they are the whole group."""
        group = self.school.members[student.promotion.slug]
        others = [user for user in group if user.pk != student.user_id] or group
        return others[self.count % len(others)]

    def _invited(self, portrait: None, row: dict, student: Student, way: Timeline) -> None:
        portrait_actions.invite(student, by=self.school.staff[0])

    def _draft(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        for key, text in row.get("answers", {}).items():
            portrait_actions.answer(portrait, key, text, by=student.user)
        facts = row.get("facts", {})
        portrait_actions.set_facts(
            portrait,
            region=REGIONS.get(facts.get("region", ""), ""),
            entry_route=ROUTES.get(facts.get("entry_route", ""), ""),
            earlier_sector=SECTORS.get(facts.get("earlier_sector", ""), ""),
            host_kind=_host_kind(row) if facts else "",
            by=student.user,
        )
        if row.get("face"):
            with (self.faces / row["face"]).open("rb") as file:
                portrait_actions.set_photo(
                    portrait,
                    upload=file,
                    alt_text=f"Portrait dessiné de {student.full_name}, de face, sur fond uni.",
                    by=student.user,
                )

    def _submitted(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        consent = portrait_actions.submit(portrait, self._agreement(portrait, row), by=student.user)
        _date(consent)

    def _in_edit(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        member, edited = self._member(student), row["edited"]
        portrait_actions.take_up(portrait, by=member)
        words = {
            "title": edited["title"],
            "text": edited["text"],
            "quote": edited.get("quote") or portrait.quote,
        }
        portrait_actions.edit(portrait, read=portrait.version, by=member, **words)

    def _to_sign(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        portrait_actions.ask_signature(portrait, read=portrait.version, by=self._member(student))

    def _signed(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        consent = portrait_actions.sign(
            portrait, self._agreement(portrait, row), read=portrait.version, by=student.user
        )
        _date(consent)
        if row.get("prepared"):
            self._prepared(_fresh(student), row, student, way)

    def _prepared(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> Post:
        """Its words and moment, before anybody is asked."""
        member = self._member(student)
        moment = way.moment("published")
        if row["state"] not in OUT:
            moment = at(next(self.mornings), WAY["published"][1])
        post = post_actions.draft(portrait, by=member)
        texts = {self.accounts[network].pk: _words(network, portrait, row) for network in _networks(row)}
        shown = {} if row["state"] in OUT else next(self.pictures, {})
        pictures = {self.accounts[network].pk: kind for network, kind in shown.items()}
        return post_actions.write(
            post, texts=texts, pictures=pictures, publish_at=moment, read=post.version, by=member
        )

    def _in_review(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        member = self._member(student)
        post = self._prepared(portrait, row, student, way)
        if reason := row.get("on_x", {}).get("all_the_same"):
            for ruling in verdicts(post):
                if ruling.is_open:
                    post_actions.exempt(post, ruling, reason=reason, by=member)
        if post.needs_student:
            post_actions.ask_student(post, read=post.version, by=member)
            post_actions.sign_words(post, read=post.version, by=student.user)
        else:
            post_actions.ask_review(post, read=post.version, by=member)

    def _approved(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        post = Post.objects.get(portrait=portrait)
        staff = self.school.staff[self.count % len(self.school.staff)]
        post_actions.approve(post, read=post.version, read_portrait=portrait.version, by=staff)

    def _published(self, portrait: Portrait, row: dict, student: Student, way: Timeline) -> None:
        """What the worker does at that moment."""
        self.page.go_to(way.moment("published"))
        _work()
        for delivery in Delivery.objects.filter(post__portrait=portrait):
            if delivery.state != Delivery.State.PUBLISHED:
                raise NotOut(f"{delivery}: {delivery.get_state_display()} {delivery.message}")

    def _withdrawn(self, portrait: Portrait, way: Timeline) -> None:
        with standing_at(min(way.moment("published") + REGRET, timezone.now())):
            self.page.go_to(timezone.now())
            portrait_actions.withdraw(portrait, by=portrait.student.user)
            _work()

    def _agreement(self, portrait: Portrait, row: dict) -> Agreement:
        """For at least a year from today, so that nothing of the demo ends by itself while people look at it."""
        return Agreement(
            places=frozenset({"gallery", *_networks(row)}),
            until=max(suggested_end(portrait), self.school.today + timedelta(days=365)),
            terms="\n".join(terms(portrait, settings.SCHOOL_NAME)),
            signed_in_with="demo",
        )


def _networks(row: dict) -> list[str]:
    """Where the student lets it appear: what is out went out before the school had its other pages, unless it says so."""
    return row.get("networks") or (["linkedin"] if row["state"] in OUT else ["linkedin", *OTHERS])


def _words(network: str, portrait: Portrait, row: dict) -> str:
    """LinkedIn's own text; a short one elsewhere, in words that the student has signed."""
    if network == "linkedin":
        return row["edited"]["linkedin"]
    hashtag = portrait.student.promotion.hashtag
    if network == "x" and row.get("on_x"):
        hashtag = f"{hashtag} {row['on_x']['hashtags']}"
    quote = f"«\u00a0{portrait.quote}\u00a0»" if portrait.quote else ""
    whole = "\n\n".join(filter(None, [portrait.title, quote, hashtag]))
    return whole if len(whole) <= SHORT else f"{portrait.title}\n\n{hashtag}".strip()


def _work() -> None:
    while run_pass(workers=1):
        pass


def _date(consent: Consent) -> None:
    """Its default was bound to the real clock before ours could be moved; only the date is moved here."""
    Consent.objects.filter(pk=consent.pk).update(given_at=timezone.now())


def _fresh(student: Student) -> Portrait:
    return Portrait.objects.select_related("student__promotion", "student__user").get(student=student)


def _host_kind(row: dict) -> str:
    """Of their last internship, if its name says it."""
    hosts = [internship["host"] for internship in row.get("internships", [])]
    return HOSTS.get(hosts[-1].split()[0], HostKind.OTHER) if hosts else ""
