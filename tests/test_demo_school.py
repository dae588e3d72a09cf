"""What the demo school looks like once it is loaded: everything went the real way, on days of its own."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from cohorts.models import CommsMember, FormerName, Internship, Promotion, Student, User
from inet_comms.demo import roles, school
from inet_comms.demo.timeline import WAY, Timeline, mornings_past, mornings_to_come, standing_at
from portraits.models import Consent, Portrait, PortraitMove
from posts import clock
from posts.models import Delivery, Exemption, Post, Proposal, Share, SlotDay
from posts.rehearsal.server import serve
from tests import small_school

# What the portrait's own state is at the end of each.
PORTRAITS = dict(zip(small_school.STATES, small_school.STATES, strict=True))
PORTRAITS |= {"in_review": "signed", "scheduled": "signed"}
# The school is loaded once for all: one process runs all of these.
pytestmark = pytest.mark.xdist_group("demo_school")


@pytest.fixture(scope="module")
def said(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the loading said. The school stays for all tests of this module, each of which only reads."""
    folder, sentences = tmp_path_factory.mktemp("demo"), []
    with (
        django_db_blocker.unblock(),
        override_settings(**small_school.machine(folder)),
        transaction.atomic(),
    ):
        school.load(sentences.append, small_school.write(folder))
        with django_db_blocker.block():
            yield sentences
        transaction.set_rollback(True)


@pytest.fixture
def loaded(said, db):
    """The school, to be read."""


@pytest.fixture
def network(loaded):
    """What the rehearsal network received."""
    with serve(settings.DATA_DIR / "rehearsal") as server:
        yield server.ledger


# Loading -----------------------------------------------------------------------------------------


def test_every_student_gets_as_far_as_the_material_says(loaded):
    reached = {}
    for person in Student.objects.filter(promotion__slug="cap").select_related("portrait"):
        portrait = getattr(person, "portrait", None)
        reached[person.last_name] = portrait.state if portrait else "not_invited"
    assert reached == PORTRAITS


def test_rule_of_the_school_is_let_pass_with_a_reason(loaded):
    given = Exemption.objects.get()
    assert (given.post.portrait.student.last_name, given.rule, given.reason) == (
        "in_review",
        "many-hashtags",
        "Pour le congrès.",
    )


def test_posts_get_as_far_as_the_material_says(loaded):
    posts = Post.objects.filter(promotion__slug="cap", kind="portrait").order_by("portrait__student__pk")
    assert [(post.portrait.student.last_name, post.state) for post in posts] == [
        ("in_review", "in_review"),
        ("scheduled", "approved"),
        ("published", "done"),
        ("withdrawn", "done"),
    ]


def test_what_is_published_is_on_the_rehearsal_page(network):
    online = {post["urn"]: post["text"] for post in network.posts()}
    delivered = Delivery.objects.filter(state="published")
    assert online == dict(delivered.values_list("remote_id", "text"))
    assert len(online) == 2


def test_what_is_withdrawn_was_taken_down_there(network):
    taken_down = [post["urn"] for post in network.posts(with_deleted=True) if post["deleted"]]
    assert taken_down == [Delivery.objects.get(state="withdrawn").remote_id]


def test_no_rule_of_the_network_is_broken(network):
    assert network.failures() == []


def test_the_network_is_left_as_it_usually_is(network):
    usual = [network.knob(name) for name in ("clock_offset", "duplicate_seconds", "ghost_seconds")]
    assert usual == [0, 600, 48 * 3600]


def test_the_network_shows_each_post_on_its_day(network):
    seen = {post["urn"]: round(post["created"]) for post in network.posts(with_deleted=True)}
    meant = {
        delivery.remote_id: round(delivery.published_at.timestamp())
        for delivery in Delivery.objects.exclude(remote_id="")
    }
    assert {urn: abs(seen[urn] - meant[urn]) < 60 for urn in meant} == dict.fromkeys(meant, True)


def test_former_group_has_no_rights_any_more(loaded):
    assert CommsMember.objects.filter(student__promotion__slug="sortie").count() == 1
    active = CommsMember.objects.active()
    assert set(active.values_list("student__promotion__slug", flat=True)) == {"cap"}


def test_people_are_as_told(loaded):
    assert (Promotion.objects.count(), Student.objects.count()) == (2, len(small_school.MATERIAL["students"]))
    assert FormerName.objects.get().slug == "ancienne"
    assert Internship.objects.count() == len(small_school.MATERIAL["students"])
    assert list(User.objects.filter(is_superuser=True).values_list("email", flat=True)) == [
        "ada@demo.invalid"
    ]


def test_own_questions_are_asked_and_retired_with_their_answers(loaded):
    promotion = Promotion.objects.get(slug="cap")
    rows = {row.key: row.is_retired for row in promotion.questions.all() if row.key.startswith("un-")}
    portrait = Portrait.objects.get(student__last_name="draft")
    assert rows == {"un-livre": True, "un-lieu": False}
    answers = portrait.answers.filter(question__startswith="un-")
    assert set(answers.values_list("question", "text")) == {("un-livre", "Un roman."), ("un-lieu", "Brest.")}


def test_facts_are_understood(loaded):
    facts = Portrait.objects.filter(student__last_name="draft").values_list(
        "region", "entry_route", "earlier_sector", "host_kind"
    )
    assert list(facts) == [("bre", "internal", "state", "city")]


def test_nothing_lies_in_the_future_but_what_is_planned(loaded):
    now = timezone.now()
    assert PortraitMove.objects.filter(at__gt=now).count() == 0
    assert Consent.objects.filter(given_at__gt=now).count() == 0
    planned = Post.objects.filter(publish_at__gt=now, kind="portrait")
    assert {post.state for post in planned} == {"in_review", "approved"}


def test_steps_follow_each_other_on_days_of_their_own(loaded):
    moves = Portrait.objects.get(student__last_name="published", student__promotion__slug="cap").moves.all()
    days = [timezone.localdate(move.at) for move in moves if move.name != "take_up"]
    assert [move.name for move in moves] == [
        *("begin", "submit", "take_up", "edit", "ask_signature", "sign", "publish")
    ]
    assert days == sorted(set(days))


def test_consents_are_dated_when_they_were_given(loaded):
    for move in PortraitMove.objects.filter(name="sign").select_related("record"):
        consent = Consent.objects.filter(portrait=move.record).first()
        assert consent.given_at == move.at


def test_no_consent_of_the_demo_ends_soon(loaded):
    running = Consent.objects.filter(ended_at__isnull=True)
    soon = timezone.localdate() + timedelta(days=365)
    assert running.filter(until__lt=soon).count() == 0
    assert running.count() > 0


def test_staff_approved_what_went_out(loaded):
    assert {post.approved_by.is_staff for post in Post.objects.exclude(approved_by=None)} == {True}


def test_a_second_loading_changes_nothing(loaded, tmp_path):
    models = (User, Student, Portrait, PortraitMove, Post, Delivery)
    before = [model.objects.count() for model in models]
    with pytest.raises(school.AlreadyThere):
        school.load(lambda sentence: None, small_school.write(tmp_path))
    assert [model.objects.count() for model in models] == before


def test_loading_tells_how_far_it_is(loaded, said):
    total = len(small_school.MATERIAL["students"])
    assert [[int(number) for number in re.findall(r"\d+", sentence)] for sentence in said[1:]] == [
        [2, total],
        [10, total],
        [total, total],
    ]


# Time --------------------------------------------------------------------------------------------


def test_standing_at_a_moment_moves_every_clock_of_ours():
    moment = timezone.now() - timedelta(days=100)
    with standing_at(moment):
        assert (timezone.now(), clock.now(), timezone.localdate()) == (
            *(moment, moment),
            timezone.localdate(moment),
        )
    assert timezone.now() - moment > timedelta(days=99)


def test_clocks_go_right_again_after_an_error():
    with pytest.raises(ZeroDivisionError), standing_at(timezone.now() - timedelta(days=100)):
        raise ZeroDivisionError
    assert timezone.localdate() == timezone.now().astimezone(timezone.get_current_timezone()).date()


def test_steps_of_a_way_come_one_after_the_other():
    way = Timeline("published", timezone.localdate())
    moments = [way.moment(step) for step in WAY]
    assert moments == sorted(moments)


def test_past_mornings_are_weekdays_that_nobody_else_has():
    today = timezone.localdate()
    taken = set()
    first = mornings_past(12, today - timedelta(days=200), today, taken)
    second = mornings_past(12, today - timedelta(days=200), today, taken)
    assert len({*first, *second}) == 24
    assert [day for day in taken if day.weekday() > 4 or day > today] == []
    assert first == sorted(first)


def test_mornings_to_come_are_weekdays_after_today():
    today = timezone.localdate()
    days = [day for day, _number in zip(mornings_to_come(today), range(20), strict=False)]
    assert [day for day in days if day.weekday() > 4 or day <= today] == []


# Who may be tried --------------------------------------------------------------------------------


@pytest.fixture
def demo_mode(loaded, settings):
    """The addresses as they are with DEMO=1."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.demo_urls"


def test_there_is_a_door_for_each_role(demo_mode):
    assert [(role.person.first_name, role.student and role.student.last_name) for role in roles.roles()] == [
        ("Prénom1", "invited"),
        ("Prénom2", "draft"),
        ("Prénom5", "to_sign"),
        ("Prénom9", "published"),
        ("Prénom101", "not_invited"),
        ("Prénom100", "published"),
        ("Hélène", None),
        ("Ada", None),
    ]


def test_doors_page_has_one_form_for_each_role(demo_mode, client):
    page = client.get("/demo/").content.decode()
    forms = re.findall(r'<form method="post" action="/demo/entrer/(\d+)/"', page)
    assert [int(pk) for pk in forms] == [role.person.pk for role in roles.roles()]


def test_command_prints_the_logins(demo_mode, capsys):
    call_command("demo")
    addresses = re.findall(r"^  (\S+@demo\.invalid) ", capsys.readouterr().out, re.MULTILINE)
    assert addresses == [role.person.email for role in roles.roles()]
    assert len(addresses) == 8


def test_posts_to_come_have_the_slots_of_their_group(loaded):
    assert dict(Share.objects.values_list("promotion__slug", "percent")) == {"cap": 60, "sortie": 40}
    to_come = Post.objects.filter(kind="portrait", state__in=Post.OPEN, publish_at__isnull=False)
    held = SlotDay.objects.filter(post__isnull=False)
    assert sorted(held.values_list("post", flat=True)) == sorted(to_come.values_list("pk", flat=True))
    assert Post.objects.filter(state="approved").exists()


@pytest.mark.usefixtures("loaded")
def test_school_writes_about_more_than_portraits_and_its_students_propose():
    (post,) = Post.objects.exclude(kind="portrait")
    assert (post.kind, post.state, len(post.piece.used), Proposal.objects.get().state) == (
        "round_table",
        "to_sign",
        2,
        "sent",
    )
