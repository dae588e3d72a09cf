"""The stop switch and its page: pressed by one click, lifted with a reason and ticks, for everything or for one page."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from posts import actions
from posts.actions.delivering import run_pass
from posts.models import Delivery, Stop
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import put

pytestmark = pytest.mark.django_db
State = Delivery.State
STOP = "/arret/"
WHY = {"reason": "Vérifié avec la direction."}


@pytest.fixture
def as_staff(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def other(member, delivery):
    """A second delivery to the same page, due as well."""
    return factories.make_post("approved", comms=member, publish_at=timezone.now()).deliveries.get()


@pytest.fixture
def elsewhere(delivery):
    """Another page of the school."""
    return factories.make_account(name="INET bis")


def states(*deliveries):
    return [fresh(delivery).state for delivery in deliveries]


# Pressing -------------------------------------------------------------------------------------------


def test_press_twice_is_press_once(staff):
    first = actions.press_stop(by=staff)
    assert (actions.press_stop(by=factories.make_staff()), Stop.objects.count()) == (first, 1)


def test_press_for_a_page_beside_everything_are_two(staff, account):
    actions.press_stop(by=staff)
    actions.press_stop(by=staff, account=account)
    assert Stop.objects.count() == 2


def test_two_stops_of_one_page_at_a_time_are_refused_by_the_database(staff, account):
    actions.press_stop(by=staff, account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stop.objects.create(account=account, pressed_by=staff)


def test_press_stops_everything(delivery, staff, rehearsal):
    actions.press_stop(by=staff)
    run_pass(workers=1)
    assert (rehearsal.ledger.posts(), states(delivery)) == ([], ["scheduled"])


def test_press_for_a_page_stops_that_page(delivery, staff, rehearsal):
    actions.press_stop(by=staff, account=delivery.account)
    run_pass(workers=1)
    assert (rehearsal.ledger.posts(), states(delivery)) == ([], ["scheduled"])


def test_press_for_another_page_stops_nothing_here(delivery, elsewhere, staff, rehearsal):
    actions.press_stop(by=staff, account=elsewhere)
    run_pass(workers=1)
    assert states(delivery) == ["published"]


@pytest.mark.parametrize("who", ["student", "member"])
def test_press_and_lift_are_for_staff(who, request, staff):
    user = request.getfixturevalue(who).user
    with pytest.raises(PermissionDenied):
        actions.press_stop(by=user)
    actions.press_stop(by=staff)
    with pytest.raises(PermissionDenied):
        actions.lift_stop(reason="Vérifié", by=user)
    assert Stop.is_on()


# Lifting --------------------------------------------------------------------------------------------


def test_lift_keeps_who_and_why(staff):
    actions.press_stop(by=factories.make_staff())
    actions.lift_stop(reason="Fausse alerte.", by=staff)
    stop = Stop.objects.get()
    assert (Stop.is_on(), stop.lifted_by, stop.reason) == (False, staff, "Fausse alerte.")


def test_lift_holds_what_came_due_meanwhile(delivery, staff, member, rehearsal):
    actions.press_stop(by=staff)
    actions.lift_stop(reason="Vérifié", by=staff)
    run_pass(workers=1)
    held = fresh(delivery)
    assert (rehearsal.ledger.posts(), held.state, held.responsible) == ([], "held", member.user)


def test_lift_lets_the_ticked_ones_leave(delivery, other, staff, rehearsal):
    actions.press_stop(by=staff)
    actions.lift_stop(reason="Vérifié", by=staff, ticked=[other])
    run_pass(workers=1)
    assert states(delivery, other) == ["held", "published"]


def test_lift_leaves_what_is_still_to_come_alone(delivery, staff):
    put(delivery, State.SCHEDULED, due_at=timezone.now() + timedelta(hours=1))
    actions.press_stop(by=staff)
    actions.lift_stop(reason="Vérifié", by=staff)
    assert states(delivery) == ["scheduled"]


def test_lift_for_a_page_holds_that_page_only(delivery, elsewhere, staff):
    actions.press_stop(by=staff, account=elsewhere)
    actions.lift_stop(reason="Vérifié", by=staff, account=elsewhere)
    assert states(delivery) == ["scheduled"]


def test_lift_of_everything_keeps_a_pages_own_stop(account, staff):
    actions.press_stop(by=staff)
    actions.press_stop(by=staff, account=account)
    actions.lift_stop(reason="Vérifié", by=staff)
    assert (Stop.is_on(), Stop.is_on(account.pk)) == (False, True)


def test_lift_with_a_tick_that_came_too_late_is_refused_as_a_whole(delivery, staff):
    actions.press_stop(by=staff)
    put(delivery, State.SCHEDULED, latest_useful_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(MoveRefused):
        actions.lift_stop(reason="Vérifié", by=staff, ticked=[delivery])
    assert (Stop.is_on(), states(delivery)) == (True, ["scheduled"])


def test_lift_when_nothing_is_stopped_holds_nothing(delivery, staff):
    actions.lift_stop(reason="Vérifié", by=staff)
    assert (Stop.objects.count(), states(delivery)) == (0, ["scheduled"])


# The page -------------------------------------------------------------------------------------------


def test_page_stops_everything_by_one_click(as_staff, staff):
    response = as_staff.post(reverse("stop_press"), follow=True)
    assert (Stop.objects.get().pressed_by, response.context["everything"].stop) == (staff, Stop.objects.get())


def test_page_stops_one_page(as_staff, account):
    as_staff.post(reverse("stop_press"), {"account": account.pk})
    assert Stop.objects.get().account == account


@pytest.mark.parametrize("wanted", ["0", "x", "9" * 30])
def test_page_does_not_stop_a_page_that_there_is_not(wanted, as_staff, account):
    assert as_staff.post(reverse("stop_press"), {"account": wanted}).status_code == 404
    assert Stop.objects.count() == 0


def test_page_lists_what_came_due_meanwhile(as_staff, staff, delivery, other):
    put(other, State.HELD, latest_useful_at=timezone.now() - timedelta(seconds=1))
    actions.press_stop(by=staff)
    rows = as_staff.get(STOP).context["everything"].form.rows
    assert [(row.delivery.pk, row.can_be_ticked) for row in rows] == [(delivery.pk, True), (other.pk, False)]


def test_page_lifts_with_reason_and_ticks(as_staff, staff, delivery, other):
    actions.press_stop(by=staff)
    response = as_staff.post(reverse("stop_lift"), WHY | {"ticked": [delivery.pk]})
    assert (response.url, states(delivery, other)) == ("/est-ce-parti/", ["scheduled", "held"])


def test_page_lifts_one_page(as_staff, staff, account):
    actions.press_stop(by=staff)
    actions.press_stop(by=staff, account=account)
    as_staff.post(reverse("stop_lift"), WHY | {"account": account.pk})
    assert (Stop.is_on(), Stop.objects.filter(lifted_at=None).count()) == (True, 1)


def test_page_does_not_lift_without_a_reason_and_keeps_the_ticks(as_staff, staff, delivery):
    actions.press_stop(by=staff)
    response = as_staff.post(reverse("stop_lift"), {"reason": " ", "ticked": [delivery.pk]})
    (row,) = response.context["everything"].form.rows
    assert (response.status_code, Stop.is_on(), row.is_ticked) == (422, True, True)


def test_page_shows_what_has_just_left(as_staff, delivery, other):
    now = timezone.now()
    put(delivery, State.PUBLISHED, published_at=now - timedelta(minutes=9), url="https://example.org/7")
    put(other, State.PUBLISHED, published_at=now - timedelta(minutes=11))
    page = as_staff.get(STOP)
    assert [row.delivery for row in page.context["remove"].rows] == [delivery]
    assert "https://example.org/7" in page.content.decode()
    assert len(as_staff.get(STOP, {"minutes": "60"}).context["remove"].rows) == 2


def test_page_lets_what_may_have_left_be_ticked_once(as_staff, delivery):
    """It is on the wire: ticked, it is taken down as soon as it appears."""
    delivery.attempts.create(number=1, kind="create", claim_token="0" * 32, intent_at=timezone.now())
    put(delivery, State.UNCERTAIN)
    (row,) = as_staff.get(STOP).context["remove"].rows
    assert (row.delivery, row.can_be_ticked) == (delivery, True)
    as_staff.post(reverse("stop_remove"), {"reason": "Une erreur.", "ticked": [delivery.pk]})
    (row,) = as_staff.get(STOP).context["remove"].rows
    assert (fresh(delivery).state, row.can_be_ticked) == ("uncertain", False)


@pytest.mark.parametrize("minutes", ["", "x", "-1", "7", "9" * 50, "²"])
def test_page_knows_no_other_spans(minutes, as_staff):
    assert as_staff.get(STOP, {"minutes": minutes}).context["board"].minutes == 10


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_three(
    more, as_staff, staff, delivery, member, django_assert_num_queries
):
    actions.press_stop(by=staff)
    actions.press_stop(by=staff, account=delivery.account)
    for _number in range(more):
        factories.make_post("approved", comms=member, publish_at=timezone.now())
    for _number in range(more + 1):
        gone = factories.make_post("approved", comms=member).deliveries.get()
        put(gone, State.PUBLISHED, published_at=timezone.now())
    with django_assert_num_queries(10):
        as_staff.get(STOP)
