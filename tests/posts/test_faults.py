"""The fault matrix: each network × each way in which an answer can be lost, judged by what the network holds in the end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from posts import actions
from posts.actions.delivering import claim, run_pass
from posts.actions.sending import deliver
from posts.models import Account, Attempt, Delivery, Upkeep
from tests import factories
from tests.factories import fresh
from tests.torture import load

pytestmark = pytest.mark.django_db

NETWORKS = load.NETWORKS
KEYED = ("mastodon", "bluesky")
LOST_AFTER = ["cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
LOST_BEFORE = ["cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html"]


@pytest.fixture
def send(rehearsal):
    """A function: one delivery that is due now on a page of this network, faults set after connecting."""

    def make(network, *faults):
        accounts = load.connect(1, (network,))
        load.fill(1, accounts)
        rehearsal.ledger.set_faults(network, list(faults))
        return Delivery.objects.get(account__network=network)

    return make


def pass_time(rounds=8):
    """Passes, with every waiting time over in between."""
    for _round in range(rounds):
        run_pass(workers=1)
        ago = timezone.now() - timedelta(seconds=1)
        Delivery.objects.filter(next_check_at__isnull=False).update(next_check_at=ago)
        Delivery.objects.filter(state="retry_wait").update(due_at=ago)
        Account.objects.update(not_before=None, breaker_until=None, failures=0)


def online(rehearsal, network):
    return len(rehearsal.ledger.posts(network, with_deleted=True))


@pytest.mark.parametrize("network", NETWORKS)
def test_posts_once_without_any_fault(send, rehearsal, network):
    delivery = send(network)
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("published", 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_what_people_read_there_is_what_was_approved(send, rehearsal, network):
    delivery = send(network)
    pass_time()
    assert rehearsal.ledger.posts(network)[0]["text"] == delivery.text


@pytest.mark.parametrize("network", NETWORKS)
def test_picture_and_its_description_arrive(send, rehearsal, network):
    delivery = send(network)
    pass_time()
    (image,) = rehearsal.ledger.posts(network)[0]["images"]
    assert (image["sha256"], image["alt"]) == (delivery.image_sha256, delivery.alt_text)


@pytest.mark.parametrize("network", NETWORKS)
def test_client_broke_no_rule_of_the_contract(send, rehearsal, network):
    send(network)
    pass_time()
    assert rehearsal.ledger.failures() == []


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("fault", LOST_AFTER)
def test_created_and_answer_lost(send, rehearsal, network, fault):
    """Rows 3 and 4: found, or sent again with its key; never twice, nobody asked."""
    delivery = send(network, {"name": fault})
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("published", 1)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("fault", LOST_BEFORE)
def test_not_created_and_answer_lost(send, rehearsal, network, fault):
    """A network that knows our key gets it again; elsewhere a person is asked, and nothing is sent by itself."""
    delivery = send(network, {"name": fault})
    pass_time()
    expected = ("published", 1) if network in KEYED else ("needs_person", 0)
    assert (fresh(delivery).state, online(rehearsal, network)) == expected


@pytest.mark.parametrize("network", NETWORKS)
def test_created_and_reading_fails_too(send, rehearsal, network):
    """Row 6: nothing is sent while the page cannot be read; in the end a person is asked."""
    delivery = send(
        network, {"name": "cut-after"}, {"name": "find-500", "times": 0}, {"name": "get-500", "times": 0}
    )
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("needs_person", 1)


@pytest.mark.parametrize("network", ["linkedin", "facebook", "x", "mastodon"])
def test_created_and_the_page_lags(send, rehearsal, network):
    """Row 6: the first look comes too early, the second finds it."""
    delivery = send(network, {"name": "cut-after"}, {"name": "find-lag", "seconds": 3600})
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("published", 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_quota_waits_as_long_as_it_is_told(send, rehearsal, network):
    """Row 7: not created, never earlier, and the whole page waits."""
    delivery, before = send(network, {"name": "quota", "retry_after": 3600}), timezone.now()
    run_pass(workers=1)
    wait = (fresh(delivery).due_at - before).total_seconds()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("retry_wait", 0)
    assert 3500 <= wait <= 3700


@pytest.mark.parametrize("network", NETWORKS)
def test_revoked_token_asks_to_connect_again_and_sends_nothing(send, rehearsal, network):
    """Row 25."""
    delivery = send(network, {"name": "token-revoked", "times": 0})
    run_pass(workers=1)
    assert (fresh(delivery).state, online(rehearsal, network)) == ("retry_wait", 0)
    assert fresh(delivery.account).needs_reconnect


@pytest.mark.parametrize("network", ["linkedin", "facebook", "bluesky"])
def test_expired_token_that_can_be_renewed_is_renewed_first(send, rehearsal, network):
    """Row 25: the page stays connected, and its renewal is due now."""
    delivery = send(network, {"name": "token-expired", "times": 0})
    account = delivery.account
    account.refresh_token = "to-renew-with"
    account.save()
    Upkeep.objects.create(account=account, renew_at=timezone.now() + timedelta(days=1))
    (held,) = claim(limit=1)
    deliver(held)
    assert (fresh(account).needs_reconnect, online(rehearsal, network)) == (False, 0)
    assert Upkeep.objects.get(account=account).renew_at <= timezone.now()


@pytest.mark.parametrize("network", NETWORKS)
def test_missing_picture_asks_before_anything_leaves(send, rehearsal, network):
    """Row 35."""
    delivery = send(network)
    delivery.image.file.storage.delete(delivery.image.file.name)
    pass_time(1)
    assert (fresh(delivery).state, online(rehearsal, network)) == ("needs_person", 0)


@pytest.mark.parametrize("network", NETWORKS)
def test_upload_that_fails_once_is_repeated(send, rehearsal, network):
    delivery = send(network, {"name": "upload-500"})
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, network)) == ("published", 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_withdrawn_comes_down_everywhere(send, rehearsal, network):
    """Row 31, and twice is once."""
    delivery = send(network)
    pass_time(2)
    Delivery.objects.filter(pk=delivery.pk).update(state="withdrawing", next_check_at=timezone.now())
    pass_time(2)
    assert (fresh(delivery).state, rehearsal.ledger.posts(network)) == ("withdrawn", [])


@pytest.mark.parametrize("network", NETWORKS)
def test_taking_down_that_is_not_allowed_asks_a_person(send, rehearsal, network):
    delivery = send(network)
    pass_time(2)
    rehearsal.ledger.set_faults(network, [{"name": "delete-500", "times": 0}])
    Delivery.objects.filter(pk=delivery.pk).update(state="withdrawing", next_check_at=timezone.now(), looks=0)
    pass_time(7)
    assert (fresh(delivery).state, len(rehearsal.ledger.posts(network))) == ("needs_person", 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_removed_by_somebody_right_after_asks_a_person(send, rehearsal, network):
    """The confirm read: accepted, but nobody can see it."""
    delivery = send(network)
    run_pass(workers=1)
    rehearsal.ledger.write("UPDATE post SET deleted = 1 WHERE network = ?", network)
    pass_time(8)
    assert fresh(delivery).state == "needs_person"


@pytest.mark.parametrize("network", NETWORKS)
def test_read_back_once_and_then_left_alone(send, rehearsal, network):
    delivery = send(network)
    pass_time(3)
    assert (fresh(delivery).confirmed_at is not None, fresh(delivery).next_check_at) == (True, None)


@pytest.mark.parametrize("network", NETWORKS)
def test_one_network_that_fails_leaves_the_others_alone(rehearsal, network):
    """Row 34."""
    accounts = load.connect(1)
    load.fill(1, accounts)
    rehearsal.ledger.set_faults(network, [{"name": "token-revoked", "times": 0}])
    run_pass(workers=1)
    states = dict(Delivery.objects.values_list("account__network", "state"))
    assert states == {name: "retry_wait" if name == network else "published" for name in NETWORKS}


@pytest.mark.parametrize("network", KEYED)
def test_key_stays_the_same_for_each_try_of_what_may_exist(send, rehearsal, network):
    delivery = send(network, {"name": "refuse-500", "times": 2})
    run_pass(workers=1)
    first = fresh(delivery)
    pass_time()
    last = fresh(delivery)
    assert (last.key, last.record_key, last.keyed_at) == (first.key, first.record_key, first.keyed_at)
    assert last.attempts.filter(kind=Attempt.Kind.CREATE).count() == 3


def test_key_is_new_where_nothing_can_exist(send):
    """The time that readers see is the time at which it appeared, not that of a try that never left."""
    delivery = send("bluesky", {"name": "quota", "retry_after": 0})
    run_pass(workers=1)
    first = fresh(delivery).record_key
    pass_time()
    assert fresh(delivery).record_key != first


def test_after_the_time_for_repeating_a_person_is_asked(send, rehearsal):
    """Mastodon keeps a key for an hour: after that the same call would make a second post."""
    delivery = send("mastodon", {"name": "refuse-500"})
    run_pass(workers=1)
    Delivery.objects.filter(pk=delivery.pk).update(keyed_at=timezone.now() - timedelta(minutes=51))
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, "mastodon")) == ("needs_person", 0)


def test_nothing_is_repeated_while_everything_is_stopped(send, rehearsal):
    delivery = send("bluesky", {"name": "refuse-500"})
    run_pass(workers=1)
    actions.press_stop(by=factories.make_staff())
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, "bluesky")) == ("needs_person", 0)


def test_repeat_that_may_not_leave_any_more_is_not_sent(send, rehearsal):
    """Cancelled while nobody knew whether it was online: looked for until the end, never sent again."""
    delivery = send("bluesky", {"name": "refuse-500"})
    run_pass(workers=1)
    post = delivery.post
    type(post).objects.filter(pk=post.pk).update(state="cancelled")
    pass_time()
    assert (fresh(delivery).state, online(rehearsal, "bluesky")) == ("needs_person", 0)


def test_person_said_not_there_and_then_it_appears(send, rehearsal):
    """Row 39: the try that was given up turns up after all, and somebody is told that it is online twice."""
    lag = {"name": "find-lag", "seconds": 3600, "times": 0}
    delivery = send("linkedin", {"name": "cut-after"}, lag, {"name": "get-500", "times": 0})
    run_pass(workers=1)
    rehearsal.ledger.turn(duplicate_seconds=0)
    for _look in range(4):
        Delivery.objects.filter(state="uncertain").update(next_check_at=timezone.now())
        run_pass(workers=1)
    actions.resend(fresh(delivery), reason="Pas en ligne", by=factories.make_staff())
    run_pass(workers=1)
    rehearsal.ledger.set_faults("linkedin", [])
    pass_time(2)
    again = Delivery.objects.get(generation=2)
    assert (again.state, online(rehearsal, "linkedin")) == ("needs_person", 2)
