"""Taking back while something is under way: withdrawn in the middle of each state of a delivery, or one place untied alone.

The judge is the ledger of the rehearsal network, the disk, and what anyone can still open.
"""

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portraits import actions as portrait_actions
from posts import actions
from posts.actions import looking, sending, settling
from posts.actions.delivering import run_pass
from posts.models import Delivery
from posts.whereabouts import Whereabouts
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import asked_from, lost, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def pass_time(rounds=8):
    for _round in range(rounds):
        Delivery.objects.exclude(next_check_at=None).update(next_check_at=timezone.now())
        run_pass(workers=1)


def online(rehearsal):
    return [post for post in rehearsal.ledger.posts() if not post["deleted"]]


def files_of(portrait):
    return [
        name
        for photo in portrait.photos.all()
        for name in (photo.master.name, *photo.renditions.values_list("file", flat=True))
    ]


def still_open(portrait):
    """What anyone can still read of it."""
    anyone = Client()
    page = anyone.get(portrait.get_absolute_url()).status_code
    words = "".join(anyone.get(reverse(name)).content.decode() for name in ("gallery", "gallery_feed"))
    return page == 200 or portrait.student.full_name in words


def withdrawn_by_link(portrait):
    """Withdrawn, unless that has happened already; what a person still had to know of it on disk before."""
    portrait = fresh(portrait)
    if portrait.consent_id:
        portrait_actions.withdraw_by_link(portrait.consent)


# In the middle of each state ---------------------------------------------------------------------

POINTS = {
    "after_claim": "cancelled",
    "before_upload": "cancelled",
    "after_upload": "cancelled",
    "before_intent": "cancelled",
    "after_intent": "withdrawn",
    "before_first_byte": "withdrawn",
    "after_answer": "withdrawn",
    "before_settle": "withdrawn",
    "after_settle": "withdrawn",
}


@pytest.mark.parametrize(("point", "end"), POINTS.items(), ids=POINTS)
def test_withdrawal_while_it_is_on_its_way(point, end, due, delivery, rehearsal, monkeypatch, on_commit):
    def strike(reached):
        if reached == point:
            with on_commit():
                withdrawn_by_link(due.portrait)

    names = files_of(due.portrait)
    for module in (sending, settling):
        monkeypatch.setattr(module, "reach", strike)
    pass_time()
    assert (fresh(delivery).state, online(rehearsal)) == (end, [])
    assert ([name for name in names if default_storage.exists(name)], still_open(due.portrait)) == ([], False)
    assert Whereabouts(fresh(due.portrait)).is_settled is True


@pytest.mark.parametrize("point", ["before_look", "after_look"])
@pytest.mark.parametrize(
    ("fault", "end"), [("cut-after", "withdrawn"), ("cut-before", "needs_person")], ids=["there", "not there"]
)
def test_withdrawal_while_it_is_looked_for(point, fault, end, due, delivery, rehearsal, monkeypatch):
    def strike(reached):
        if reached == point:
            withdrawn_by_link(due.portrait)

    monkeypatch.setattr(looking, "reach", strike)
    rehearsal.ledger.set_faults("linkedin", [{"name": fault}])
    pass_time()
    assert (fresh(delivery).state, online(rehearsal)) == (end, [])


STATES = {
    "scheduled": "cancelled",
    "held": "cancelled",
    "retry_wait": "cancelled",
    "not_there": "not_there",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}


@pytest.mark.parametrize(("state", "end"), STATES.items(), ids=STATES)
def test_withdrawal_of_what_has_not_left(state, end, due, delivery, rehearsal):
    put(delivery, state)
    withdrawn_by_link(due.portrait)
    pass_time()
    assert (fresh(delivery).state, rehearsal.ledger.posts()) == (end, [])
    assert Whereabouts(fresh(due.portrait)).is_settled is True


def test_withdrawal_of_what_is_online_takes_it_down_with_the_next_pass(due, delivery, rehearsal):
    run_pass(workers=1)
    assert len(online(rehearsal)) == 1
    withdrawn_by_link(due.portrait)
    run_pass(workers=1)
    assert (fresh(delivery).state, online(rehearsal)) == ("withdrawn", [])


def test_withdrawal_of_what_a_person_was_asked_about_goes_once_they_say_it_is_there(
    due, delivery, rehearsal, member
):
    lost(delivery, rehearsal, "cut-after")
    withdrawn_by_link(due.portrait)
    pass_time(2)
    (spot,) = Whereabouts(fresh(due.portrait)).spots
    assert (fresh(delivery).state, spot.is_settled) == ("needs_person", False)
    urn = rehearsal.ledger.posts()[0]["urn"]
    actions.confirm_there(fresh(delivery), f"https://www.linkedin.com/feed/update/{urn}/", by=member.user)
    pass_time(2)
    assert (fresh(delivery).state, online(rehearsal)) == ("withdrawn", [])


def test_take_down_that_the_network_refuses_is_asked_of_a_person_with_a_deadline(stuck):
    (spot,) = Whereabouts(fresh(stuck.post.portrait)).spots
    assert (spot.is_settled, spot.tone, stuck.answer_by is not None, spot.url) == (
        False,
        "violet",
        True,
        stuck.url,
    )


# One place ---------------------------------------------------------------------------------------


@pytest.fixture
def second_page(page, rehearsal):
    rehearsal.linkedin.organisation({"id": "1002", "name": "INET bis"})
    return factories.make_account(network="x", name="INET sur X", remote_id="x-1")


@pytest.fixture
def two_pages(page, second_page, student, member):
    """Approved for LinkedIn and X, an hour from now."""
    portrait = factories.make_portrait(
        "signed", student=student, comms=member, places=("gallery", "linkedin", "x")
    )
    return factories.make_post("approved", portrait=portrait, comms=member)


def allow(portrait, *places):
    portrait = fresh(portrait)
    agreement = factories.agreement(*places, until=portrait.consent.until)
    return portrait_actions.change_consent(
        portrait, agreement, read=portrait.consent_id, by=portrait.student.user
    )


def states(post):
    return dict(post.deliveries.values_list("account__network", "state"))


def test_place_taken_away_calls_off_what_waits_for_it_and_leaves_the_rest(two_pages):
    allow(two_pages.portrait, "gallery", "linkedin")
    run_pass(workers=1)
    assert (states(two_pages), fresh(two_pages).state) == (
        {"linkedin": "scheduled", "x": "cancelled"},
        "approved",
    )


@pytest.mark.parametrize("state", ["scheduled", "held", "retry_wait"])
def test_place_taken_away_calls_off_every_way_of_waiting(state, two_pages):
    put(two_pages.deliveries.get(account__network="x"), state)
    allow(two_pages.portrait, "gallery", "linkedin")
    run_pass(workers=1)
    assert states(two_pages)["x"] == "cancelled"


def test_place_taken_away_says_why_on_the_page_of_the_post(two_pages, client, member):
    allow(two_pages.portrait, "gallery", "linkedin")
    run_pass(workers=1)
    message = two_pages.deliveries.get(account__network="x").message
    client.force_login(member.user)
    shown = client.get(two_pages.get_absolute_url()).content.decode()
    assert (bool(message), message in shown) == (True, True)


def test_last_page_taken_away_makes_the_decision_void(two_pages):
    allow(two_pages.portrait, "mastodon")
    run_pass(workers=1)
    post = fresh(two_pages)
    assert (set(states(post).values()), post.state, post.approved_by) == ({"cancelled"}, "draft", None)


def test_last_page_taken_away_leaves_what_still_goes_to_the_gallery(two_pages):
    allow(two_pages.portrait, "gallery")
    run_pass(workers=1)
    assert (set(states(two_pages).values()), fresh(two_pages).state) == ({"cancelled"}, "approved")


def test_gallery_taken_away_from_a_post_for_the_gallery_alone_makes_the_decision_void(
    student, member, account
):
    portrait = factories.make_portrait("signed", student=student, comms=member, places=("gallery", "x"))
    post = factories.make_post("approved", portrait=portrait, comms=member)
    assert post.deliveries.count() == 0
    allow(portrait, "x")
    run_pass(workers=1)
    assert (fresh(post).state, fresh(portrait).online) == ("draft", None)


def test_place_taken_away_while_it_is_prepared_does_not_leave(due, delivery, rehearsal, monkeypatch):
    def strike(reached):
        if reached == "before_intent":
            allow(due.portrait, "gallery")

    monkeypatch.setattr(sending, "reach", strike)
    pass_time(2)
    assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("cancelled", [])


def test_place_taken_away_takes_down_what_is_online_there_and_keeps_the_gallery(due, delivery, rehearsal):
    run_pass(workers=1)
    allow(due.portrait, "gallery")
    run_pass(workers=1)
    portrait = fresh(due.portrait)
    assert (fresh(delivery).state, online(rehearsal), portrait.state) == ("withdrawn", [], "published")
    assert Client().get(portrait.get_absolute_url()).status_code == 200


# What the student reads --------------------------------------------------------------------------


def spots(portrait):
    return [(spot.network, spot.tone, spot.is_settled) for spot in Whereabouts(fresh(portrait)).spots]


def test_whereabouts_of_what_is_planned_and_online(due, delivery):
    assert spots(due.portrait) == [("linkedin", "blue", True)]
    run_pass(workers=1)
    (spot,) = Whereabouts(fresh(due.portrait)).on("linkedin")
    assert (spot.tone, spot.url, Whereabouts(fresh(due.portrait)).on("x")) == (
        "green",
        fresh(delivery).url,
        [],
    )


GOING = {
    "scheduled": [("linkedin", "amber", False)],
    "preparing": [("linkedin", "amber", False)],
    "sending": [("linkedin", "violet", False)],
    "uncertain": [("linkedin", "violet", False)],
    "checking": [("linkedin", "violet", False)],
    "needs_person": [("linkedin", "violet", False)],
    "published": [("linkedin", "amber", False)],
    "withdrawing": [("linkedin", "amber", False)],
    "withdrawn": [("linkedin", "green", True)],
    "failed": [],
    "expired": [],
    "not_there": [],
}


@pytest.mark.parametrize("state", GOING)
def test_whereabouts_after_a_withdrawal(state, due, delivery):
    withdrawn_by_link(due.portrait)
    asked_from(
        delivery,
        "scheduled",
        state,
        claim_token="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now(),
    )
    assert spots(due.portrait) == GOING[state]


def test_whereabouts_cost_the_same_for_one_and_for_two_pages(due, two_pages_later, django_assert_num_queries):
    one = fresh(due.portrait)
    with django_assert_num_queries(4):
        assert len(Whereabouts(one).spots) == 1
    two_pages_later()
    two = fresh(due.portrait)
    with django_assert_num_queries(4):
        assert len(Whereabouts(two).spots) == 2


@pytest.fixture
def two_pages_later(due, second_page):
    """A second delivery of the same post, to the other page."""

    def add():
        delivery = due.deliveries.get()
        delivery.pk, delivery.account = None, second_page
        delivery.key = "00000000-0000-0000-0000-000000000002"
        delivery.save()

    return add
