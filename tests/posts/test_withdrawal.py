"""Withdrawal in the middle of each state of a delivery: the student withdraws while it is there, then the worker goes on until it
is idle. Judged by the end state, the files on disk, what browsers have kept, and the network's ledger."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from portraits import actions as portrait_actions
from portraits.actions.carding import make_card
from portraits.models import Card, Rendition
from portraits.sketches import Sketch
from posts import actions
from posts.actions import looking, sending
from posts.actions.delivering import claim, run_pass
from posts.models import Account, Delivery, Post
from tests import factories
from tests.factories import agreement, fresh
from tests.posts.conftest import link
from tests.torture import load

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def post(page, student, member):
    """Approved for now, on a page of the rehearsal network."""
    portrait = factories.make_portrait("signed", student=student, comms=member)
    return factories.make_post("approved", portrait=portrait, comms=member, publish_at=timezone.now())


@pytest.fixture
def delivery(post):
    return post.deliveries.get()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """What waits for the transaction's end happens at the end of the block, as it does outside of tests."""

    @contextmanager
    def committing():
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return committing


def go_on(rounds=8):
    """The worker until it is idle, with every waiting time over in between."""
    for _round in range(rounds):
        run_pass(workers=1)
        ago = timezone.now() - timedelta(seconds=1)
        Delivery.objects.filter(next_check_at__isnull=False).update(next_check_at=ago)
        Delivery.objects.filter(state="retry_wait").update(due_at=ago)
        Account.objects.update(not_before=None, breaker_until=None, failures=0)


class Caught:
    """Hands that hold what they are given until they are told to go on."""

    free = 1

    def __init__(self):
        self.held = []

    def take(self, verb, *arguments):
        self.held.append((verb, arguments))

    def go_on(self):
        for verb, arguments in self.held:
            verb(*arguments)


# How each state is reached; what is returned goes on where the worker stood ------------------------------


def scheduled(delivery, stage):
    return None


def held(delivery, stage):
    actions.press_stop(by=stage.staff)
    actions.lift_stop(reason="Vérifié.", by=stage.staff)


def preparing(delivery, stage):
    (claimed,) = claim(limit=1)
    return lambda: sending.deliver(claimed)


def sending_(delivery, stage):
    """The intent is committed; not a byte has left."""
    (claimed,) = claim(limit=1)
    content = sending.frozen_content(delivery)
    credentials = delivery.account.credentials()
    media = delivery.account.connector.prepare(content, credentials)
    written = sending.write_intent(claimed)
    return lambda: sending._speak(claimed, *written, content, media, credentials)


def published(delivery, stage):
    run_pass(workers=1)


def retry_wait(delivery, stage):
    stage.faults({"name": "quota", "retry_after": 60})
    run_pass(workers=1)


def uncertain(delivery, stage):
    """It is online, and the answer was lost."""
    stage.faults({"name": "cut-after"}, {"name": "find-lag", "seconds": 3600, "times": 1})
    run_pass(workers=1)


def uncertain_not_there(delivery, stage):
    stage.faults({"name": "cut-before"})
    run_pass(workers=1)


def checking(delivery, stage):
    stage.faults({"name": "cut-after"})
    run_pass(workers=1)
    Delivery.objects.update(next_check_at=timezone.now())
    hands = Caught()
    looking.start_looks(hands)
    return hands.go_on


def needs_person(delivery, stage, fault="cut-after"):
    """Looked for in vain; it is online all the same."""
    stage.faults({"name": fault}, {"name": "find-500", "times": 0})
    run_pass(workers=1)
    for _look in range(3):
        Delivery.objects.update(next_check_at=timezone.now())
        run_pass(workers=1)
    stage.faults()


def needs_person_not_there(delivery, stage):
    needs_person(delivery, stage, fault="cut-before")


def not_there(delivery, stage):
    needs_person(delivery, stage, fault="cut-before")
    actions.close(fresh(delivery), reason="Elle n’y est pas.", by=stage.staff)


def failed(delivery, stage):
    """The network takes the picture, then says that it is unusable."""
    stage.faults({"name": "processing-fails", "times": 0})
    run_pass(workers=1)


def expired(delivery, stage):
    Delivery.objects.update(latest_useful_at=timezone.now() - timedelta(seconds=1))
    run_pass(workers=1)


def cancelled(delivery, stage):
    actions.cancel(delivery.post, by=stage.member.user)


def withdrawing(delivery, stage):
    """A person asked for it, and the network did not do it at once."""
    run_pass(workers=1)
    stage.faults({"name": "delete-500"})
    actions.take_down(fresh(delivery), reason="Une erreur.", by=stage.member.user)
    run_pass(workers=1)


def withdrawn(delivery, stage):
    run_pass(workers=1)
    actions.take_down(fresh(delivery), reason="Une erreur.", by=stage.member.user)
    run_pass(workers=1)


# (state, how it is reached): (end state, posts ever made there). Nothing is left on the page, but where a person must say so.
CASES = {
    (State.SCHEDULED, scheduled): (State.CANCELLED, 0),
    (State.HELD, held): (State.CANCELLED, 0),
    (State.PREPARING, preparing): (State.CANCELLED, 0),
    (State.SENDING, sending_): (State.WITHDRAWN, 1),
    (State.PUBLISHED, published): (State.WITHDRAWN, 1),
    (State.RETRY_WAIT, retry_wait): (State.CANCELLED, 0),
    (State.UNCERTAIN, uncertain): (State.WITHDRAWN, 1),
    (State.UNCERTAIN, uncertain_not_there): (State.NEEDS_PERSON, 0),
    (State.CHECKING, checking): (State.WITHDRAWN, 1),
    (State.NEEDS_PERSON, needs_person): (State.NEEDS_PERSON, 1),
    (State.NEEDS_PERSON, needs_person_not_there): (State.NEEDS_PERSON, 0),
    (State.NOT_THERE, not_there): (State.NOT_THERE, 0),
    (State.FAILED, failed): (State.FAILED, 0),
    (State.EXPIRED, expired): (State.EXPIRED, 0),
    (State.CANCELLED, cancelled): (State.CANCELLED, 0),
    (State.WITHDRAWING, withdrawing): (State.WITHDRAWN, 1),
    (State.WITHDRAWN, withdrawn): (State.WITHDRAWN, 1),
}
LEFT_ONLINE = {needs_person}
"""What the machine could not find: a named person has the question, and their answer takes it down (tested below)."""
EACH = pytest.mark.parametrize(
    ("state", "reach"), CASES, ids=[f"{state}-{how.__name__.strip('_')}" for state, how in CASES]
)


class Stage:
    def __init__(self, rehearsal, member, staff, network="linkedin"):
        self.rehearsal, self.member, self.staff, self.network = rehearsal, member, staff, network

    def faults(self, *faults):
        self.rehearsal.ledger.set_faults(self.network, list(faults))

    def posts(self, **which):
        return self.rehearsal.ledger.posts(self.network, **which)


@pytest.fixture
def stage(rehearsal, member, staff):
    return Stage(rehearsal, member, staff)


@pytest.fixture
def withdraw_in(delivery, student, stage, commit):
    """A function: be in that state, withdraw, go on until idle; what was known of it before: (files, addresses with their ETags)."""

    def act(state, reach):
        go_back = reach(delivery, stage)
        assert fresh(delivery).state == state
        known = what_is_known(delivery.post.portrait)
        with commit():
            portrait_actions.withdraw(fresh(delivery.post.portrait), by=student.user)
            if go_back:
                go_back()
            go_on()
        return known

    return act


def what_is_known(portrait):
    """Its files, cards drawn for the occasion included."""
    version = portrait.versions.select_related("portrait__student__promotion__track", "photo").get(
        number=portrait.version
    )
    for kind in Card.Kind.values:
        make_card(Sketch(version, kind))
    names = {photo.master.name for photo in portrait.photos.all()}
    names |= set(Rendition.objects.filter(photo__portrait=portrait).values_list("file", flat=True))
    names |= set(Card.objects.filter(version__portrait=portrait).values_list("file", flat=True))
    assert len(names) >= 1 + 8 + len(Card.Kind.values)
    return names


def test_every_state_is_tried():
    assert {state for state, _reach in CASES} == set(State)


@EACH
def test_withdrawal_ends_where_it_must(withdraw_in, delivery, stage, state, reach):
    withdraw_in(state, reach)
    end, ever = CASES[state, reach]
    there = 1 if reach in LEFT_ONLINE else 0
    assert (fresh(delivery).state, len(stage.posts()), len(stage.posts(with_deleted=True))) == (
        end,
        there,
        ever,
    )


@EACH
def test_withdrawal_leaves_no_file(withdraw_in, state, reach):
    names = withdraw_in(state, reach)
    assert [name for name in sorted(names) if default_storage.exists(name)] == []


@EACH
def test_withdrawal_settles_the_post(withdraw_in, post, state, reach):
    """Nothing waits for a decision any more, and no second thing can leave by itself."""
    withdraw_in(state, reach)
    assert fresh(post).state in (Post.State.CANCELLED, Post.State.DONE)
    assert not post.deliveries.filter(state__in=[*Delivery.WAITING, *Delivery.LEASED]).exists()


@pytest.fixture
def in_gallery(delivery, stage, client):
    """A function: be in that state with the portrait in the gallery; what a browser has kept of it: {address: ETag}."""

    def act(reach):
        go_back = reach(delivery, stage)
        portrait = fresh(delivery.post.portrait)
        if portrait.online_id is None:
            portrait_actions.publish(portrait)
            portrait = fresh(portrait)
        pages = [reverse(name) for name in ("home", "gallery", "gallery_feed")]
        pages += [portrait.student.promotion.get_absolute_url(), portrait.get_absolute_url()]
        pictures = [portrait.photo.url(name) for name in ("1200.jpg", "800.webp", "400.webp", "96.webp")]
        for address in (*pages, *pictures):
            client.get(address)
        return go_back, {address: client.get(address).headers["ETag"] for address in (*pages, *pictures)}

    return act


@EACH
def test_what_browsers_kept_is_asked_anew_and_is_gone(in_gallery, delivery, student, client, state, reach):
    """At once, before the worker has done anything: with the ETag that they have, they are not told “not modified”."""
    _go_back, kept = in_gallery(reach)
    portrait = fresh(delivery.post.portrait)
    portrait_actions.withdraw(portrait, by=student.user)
    answers = {
        address: client.get(address, headers={"If-None-Match": etag}) for address, etag in kept.items()
    }
    gone = {portrait.get_absolute_url(): 410}
    wanted = {a: gone.get(a, 404 if a.startswith("/photos/") else 200) for a in kept}
    assert {address: answer.status_code for address, answer in answers.items()} == wanted
    assert [address for address, answer in answers.items() if "Le Goff" in _body(answer)] == []


def _body(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(
        errors="ignore"
    )


# Between the steps of one sending ----------------------------------------------------------------------


STEPS = {
    "before_upload": (State.CANCELLED, 0),
    "after_upload": (State.CANCELLED, 0),
    "before_intent": (State.CANCELLED, 0),
    "after_intent": (State.WITHDRAWN, 1),
    "before_first_byte": (State.WITHDRAWN, 1),
    "after_answer": (State.WITHDRAWN, 1),
    "after_settle": (State.WITHDRAWN, 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_withdrawal_between_two_steps_of_a_sending(step, delivery, student, stage, commit, monkeypatch):
    def at(reached):
        if reached == step and fresh(delivery.post.portrait).state != "withdrawn":
            portrait_actions.withdraw(fresh(delivery.post.portrait), by=student.user)

    monkeypatch.setattr(sending, "reach", at)
    with commit():
        go_on()
    ends = (fresh(delivery).state, len(stage.posts(with_deleted=True)))
    assert (ends, stage.posts()) == (STEPS[step], [])


# Each network -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", load.NETWORKS)
@pytest.mark.parametrize("reach", [sending_, published, uncertain, checking], ids=lambda how: how.__name__)
def test_withdrawal_reaches_every_network(network, reach, rehearsal, member, staff, commit):
    accounts = load.connect(1, (network,))
    load.fill(1, accounts)
    delivery = Delivery.objects.get(account__network=network)
    portrait = delivery.post.portrait
    student = portrait.student
    student.user = factories.make_student().user
    type(student).objects.exclude(pk=student.pk).filter(user=student.user).update(user=None)
    student.save()
    stage = Stage(rehearsal, member, staff, network)
    go_back = reach(delivery, stage)
    with commit():
        portrait_actions.withdraw(fresh(portrait), by=student.user)
        if go_back:
            go_back()
        go_on()
    assert (fresh(delivery).state, stage.posts(), len(stage.posts(with_deleted=True))) == ("withdrawn", [], 1)


# What a person answers after a withdrawal ----------------------------------------------------------------


def test_person_who_finds_it_after_the_withdrawal_takes_it_down_by_saying_so(withdraw_in, delivery, stage):
    withdraw_in(State.NEEDS_PERSON, needs_person)
    actions.confirm_there(fresh(delivery), link(stage.rehearsal), by=stage.staff)
    go_on()
    assert (fresh(delivery).state, stage.posts()) == ("withdrawn", [])


def test_person_cannot_send_anew_what_was_withdrawn(withdraw_in, delivery, stage):
    withdraw_in(State.NEEDS_PERSON, needs_person_not_there)
    with pytest.raises(actions.answering.MoveRefused):
        actions.resend(fresh(delivery), reason="Pas là.", by=stage.staff)
    assert stage.posts(with_deleted=True) == []


# Beginning again while something of before is still on the wire ---------------------------------------------


def begin_again(portrait, student, member):
    """The student changes their mind: other words, other photo, a new signature for the same page."""
    portrait_actions.reopen(fresh(portrait), by=student.user)
    picture = factories.picture_bytes(colour=(90, 40, 60))
    portrait_actions.set_photo(
        fresh(portrait), upload=factories.io.BytesIO(picture), alt_text="Autre", by=student.user
    )
    portrait_actions.submit(fresh(portrait), agreement(), by=student.user)
    portrait_actions.take_up(fresh(portrait), by=member.user)
    portrait_actions.ask_signature(fresh(portrait), read=fresh(portrait).version, by=member.user)
    portrait_actions.sign(fresh(portrait), agreement(), read=fresh(portrait).version, by=student.user)
    assert fresh(portrait).consent.allows("linkedin")


@pytest.mark.parametrize(
    "reach", [sending_, published, uncertain, checking, needs_person], ids=lambda how: how.__name__
)
def test_new_agreement_does_not_keep_online_what_was_withdrawn(
    delivery, student, member, stage, reach, commit
):
    go_back = reach(delivery, stage)
    portrait = delivery.post.portrait
    with commit():
        portrait_actions.withdraw(fresh(portrait), by=student.user)
        begin_again(portrait, student, member)
        if go_back:
            go_back()
        go_on()
        if reach is needs_person:
            actions.confirm_there(fresh(delivery), link(stage.rehearsal), by=stage.staff)
            go_on()
    assert (fresh(delivery).state, stage.posts()) == ("withdrawn", [])


# The crisis button, for what is on the wire ---------------------------------------------------------------


@pytest.mark.parametrize("reach", [sending_, uncertain, checking], ids=lambda how: how.__name__)
def test_crisis_takes_down_what_was_on_the_wire_once_it_appears(delivery, stage, reach):
    go_back = reach(delivery, stage)
    taken = actions.stop_and_take_down([fresh(delivery)], reason="Crise.", by=stage.staff)
    assert (taken, fresh(delivery).disowned_at is not None) == ([delivery], True)
    if go_back:
        go_back()
    go_on()
    assert (fresh(delivery).state, stage.posts()) == ("withdrawn", [])


def test_crisis_lets_nothing_be_repeated_though_the_network_knows_the_key(rehearsal, staff, member):
    accounts = load.connect(1, ("bluesky",))
    load.fill(1, accounts)
    delivery = Delivery.objects.get()
    stage = Stage(rehearsal, member, staff, "bluesky")
    stage.faults({"name": "refuse-500"})
    run_pass(workers=1)
    actions.take_down(fresh(delivery), reason="Crise.", by=staff)
    go_on()
    assert (fresh(delivery).state, stage.posts(with_deleted=True)) == ("needs_person", [])


def test_person_who_finds_it_after_the_crisis_takes_it_down_by_saying_so(delivery, stage):
    stage.faults({"name": "cut-after"}, {"name": "find-500", "times": 0})
    run_pass(workers=1)
    actions.take_down(fresh(delivery), reason="Crise.", by=stage.staff)
    for _look in range(3):
        Delivery.objects.update(next_check_at=timezone.now())
        run_pass(workers=1)
    stage.faults()
    actions.confirm_there(fresh(delivery), link(stage.rehearsal), by=stage.staff)
    go_on()
    assert (fresh(delivery).state, stage.posts()) == ("withdrawn", [])
