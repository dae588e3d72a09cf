"""Taking down: one page, all pages of a post, what has just left; each until the network's ledger says it is gone."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from posts import actions
from posts.actions.delivering import run_pass
from posts.models import Delivery, Stop
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import CLAIM, put

pytestmark = pytest.mark.django_db
State = Delivery.State
WHY = {"reason": "Une erreur dans le texte."}


def copy_to(account, delivery, **fields):
    """The same post on another page."""
    same = {
        field.attname: getattr(delivery, field.attname)
        for field in Delivery._meta.concrete_fields
        if field.name not in ("id", "key", "account")
    }
    return Delivery.objects.create(**same | {"account": account} | fields)


@pytest.fixture
def online(delivery, rehearsal):
    run_pass(workers=1)
    return fresh(delivery)


@pytest.fixture
def as_staff(client, staff):
    client.force_login(staff)
    return client


# One page -------------------------------------------------------------------------------------------


def test_take_down_removes_it_there_and_keeps_the_proof(online, member, rehearsal):
    actions.take_down(online, reason="Une erreur.", by=member.user)
    run_pass(workers=1)
    attempt = online.attempts.last()
    assert (rehearsal.ledger.posts(), fresh(online).state) == ([], "withdrawn")
    assert (attempt.kind, attempt.outcome) == ("remove", "removed")


def test_take_down_keeps_who_and_why(online, member):
    actions.take_down(online, reason="Une erreur.", by=member.user)
    move = online.moves.last()
    assert (move.name, move.by, move.note) == ("ask_take_down", member.user, "Une erreur.")


def test_take_down_that_the_network_refuses_asks_a_named_person_with_the_link(
    online, member, rehearsal, django_capture_on_commit_callbacks
):
    actions.take_down(online, reason="Une erreur.", by=member.user)
    rehearsal.ledger.set_faults("linkedin", [{"name": "delete-500", "times": 0}])
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for _try in range(6):
            Delivery.objects.update(next_check_at=timezone.now())
            run_pass(workers=1)
    asking = fresh(online)
    assert (asking.state, asking.responsible, asking.answer_by > timezone.now()) == (
        "needs_person",
        member.user,
        True,
    )
    assert (mail.outbox[0].to, online.url in mail.outbox[0].body) == (["ines@example.org"], True)


def test_take_down_is_taken_of_what_is_online_or_on_the_wire_and_nothing_else(delivery, member):
    taken = set()
    for state in State.values:
        put(delivery, state, **CLAIM)
        with transaction.atomic():
            try:
                actions.take_down(delivery, reason="Une erreur.", by=member.user)
                taken.add(state)
            except MoveRefused:
                pass
            transaction.set_rollback(True)
    assert taken == {"published", "sending", "uncertain", "checking"}


def test_take_down_is_for_the_group_and_staff(
    delivery, student, classmate, member, former_member, neighbour, staff
):
    put(delivery, State.PUBLISHED)
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                actions.take_down(delivery, reason="Une erreur.", by=user)
                allowed.append(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == ["member", "staff"]


# All pages of a post --------------------------------------------------------------------------------


def test_take_down_post_takes_every_page_that_has_it(delivery, member):
    put(delivery, State.PUBLISHED, remote_id="7")
    second = copy_to(factories.make_account(name="INET bis"), delivery, state=State.PUBLISHED, remote_id="8")
    failed = copy_to(factories.make_account(name="INET ter"), delivery, state=State.FAILED)
    actions.take_down_post(delivery.post, reason="Une erreur.", by=member.user)
    assert [fresh(one).state for one in (delivery, second, failed)] == [
        "withdrawing",
        "withdrawing",
        "failed",
    ]


def test_take_down_post_that_is_nowhere_is_refused(delivery, member):
    with pytest.raises(MoveRefused):
        actions.take_down_post(delivery.post, reason="Une erreur.", by=member.user)


def test_take_down_post_is_for_the_group_and_staff(delivery, student, neighbour):
    put(delivery, State.PUBLISHED)
    for user in (student.user, neighbour.user):
        with pytest.raises(PermissionDenied):
            actions.take_down_post(delivery.post, reason="Une erreur.", by=user)


# What has just left ---------------------------------------------------------------------------------


def test_crisis_stops_everything_and_takes_down_what_is_ticked(online, staff, rehearsal):
    actions.stop_and_take_down([online], reason="Crise.", by=staff)
    run_pass(workers=1)
    assert (Stop.is_on(), rehearsal.ledger.posts(), fresh(online).state) == (True, [], "withdrawn")


def test_crisis_leaves_out_what_has_moved_on(delivery, member, staff):
    other = put(factories.make_post("approved", comms=member).deliveries.get(), State.WITHDRAWN)
    put(delivery, State.PUBLISHED)
    assert actions.stop_and_take_down([other, delivery], reason="Crise.", by=staff) == [delivery]


@pytest.mark.parametrize("verb", ["stop_and_take_down", "take_down_these"])
def test_crisis_is_for_staff(verb, delivery, member):
    put(delivery, State.PUBLISHED)
    with pytest.raises(PermissionDenied):
        getattr(actions, verb)([delivery], reason="Crise.", by=member.user)
    assert (Stop.is_on(), fresh(delivery).state) == (False, "published")


@pytest.mark.parametrize(("also", "stopped"), [("stop", True), ("", False)])
def test_page_takes_down_what_is_ticked_with_or_without_a_stop(also, stopped, as_staff, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now())
    as_staff.post(reverse("stop_remove"), WHY | {"ticked": [delivery.pk], "also": also})
    assert (Stop.is_on(), fresh(delivery).state) == (stopped, "withdrawing")


@pytest.mark.parametrize("data", [WHY, {"ticked": True}])
def test_page_takes_nothing_down_without_ticks_or_reason(data, as_staff, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now())
    if "ticked" in data:
        data = {"ticked": [delivery.pk]}
    response = as_staff.post(reverse("stop_remove"), data)
    assert (response.status_code, fresh(delivery).state) == (422, "published")


# The page of the post -------------------------------------------------------------------------------


def page_of(client, delivery):
    """What it says to somebody who chose English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client.get(delivery.post.get_absolute_url()).content.decode()


def test_post_takes_one_page_down(as_member, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now())
    address = reverse("delivery_take_down", args=[delivery.pk])
    assert f'action="{address}"' in page_of(as_member, delivery)
    response = as_member.post(address, WHY)
    assert (response.url, fresh(delivery).state) == (delivery.post.get_absolute_url(), "withdrawing")


def test_post_takes_all_pages_down(as_member, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now(), remote_id="7")
    other = factories.make_account(name="INET bis")
    copy_to(other, delivery, state="published", published_at=timezone.now(), remote_id="8")
    address = reverse("post_take_down", args=[delivery.post_id])
    assert f'action="{address}"' in page_of(as_member, delivery)
    as_member.post(address, WHY)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"withdrawing"}


@pytest.mark.parametrize("name", ["delivery_take_down", "post_take_down"])
def test_post_takes_nothing_down_without_a_reason(name, as_member, delivery):
    put(delivery, State.PUBLISHED, published_at=timezone.now())
    pk = delivery.pk if name == "delivery_take_down" else delivery.post_id
    response = as_member.post(reverse(name, args=[pk]), {"reason": " "}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert fresh(delivery).state == "published"


def test_post_is_watched_while_it_is_being_taken_down_and_then_says_how_it_ended(
    as_member, online, member, rehearsal
):
    actions.take_down(online, reason="Une erreur.", by=member.user)
    while_going = page_of(as_member, online)
    run_pass(workers=1)
    after = page_of(as_member, online)
    assert ("data-watch" in while_going, "data-watch" in after) == (True, False)
    assert "The network confirmed it." in after


def test_post_says_who_removed_it_by_hand(as_member, stuck, member):
    actions.say_gone(stuck, by=member.user)
    assert "Inès Marchand removed it by hand." in page_of(as_member, stuck)


SINCE = {
    "changed": lambda post, by: actions.write(
        post, texts={}, publish_at=post.publish_at, read=post.version, by=by
    ),
    "cancelled": lambda post, by: actions.cancel(post, by=by),
}
WORDS = {
    "published": "The former version has gone out.",
    "sending": "The former version was already on its way.",
    "uncertain": "The former version was already on its way.",
}


@pytest.mark.parametrize("what", SINCE)
@pytest.mark.parametrize("state", WORDS)
def test_post_says_that_the_former_version_is_out_and_offers_the_take_down(
    state, what, as_member, delivery, member
):
    put(delivery, state, published_at=timezone.now(), next_check_at=timezone.now(), **CLAIM)
    SINCE[what](fresh(delivery.post), member.user)
    page = page_of(as_member, delivery)
    offered = reverse("delivery_take_down", args=[delivery.pk]) in page
    assert (WORDS[state] in page, offered) == (True, state == "published")


def test_post_says_nothing_of_a_former_version_that_never_left(as_member, delivery, member):
    SINCE["changed"](fresh(delivery.post), member.user)
    assert "former version" not in page_of(as_member, delivery)


@pytest.mark.parametrize(("state", "waits"), [("scheduled", True), ("published", False), ("held", False)])
def test_post_says_that_it_leaves_only_while_it_waits(state, waits, as_member, delivery):
    put(delivery, state, published_at=timezone.now())
    assert ("It leaves by itself on" in page_of(as_member, delivery)) is waits


def test_post_shows_what_was_seen_ahead(as_member, delivery):
    put(delivery, State.SCHEDULED, message="La photo manque.", due_at=timezone.now() + timedelta(hours=3))
    page = page_of(as_member, delivery)
    assert ("Seen ahead: as things are, it would not leave." in page, "La photo manque." in page) == (
        True,
        True,
    )


def test_post_page_costs_the_same_for_one_and_three_pages(as_member, delivery):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            as_member.get(delivery.post.get_absolute_url())
        return len(queries)

    put(delivery, State.PUBLISHED, published_at=timezone.now(), remote_id="7")
    cost()
    for_one = cost()
    for number in range(2):
        account = factories.make_account(network="bluesky", name=f"INET {number}")
        copy_to(account, delivery, published_at=timezone.now(), remote_id=f"8{number}")
    assert (fresh(delivery.post).deliveries.count(), cost()) == (3, for_one)
