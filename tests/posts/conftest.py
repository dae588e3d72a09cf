"""What the tests of the posts' pages share: a signed portrait, its post on the way to approval, who looks."""

import pytest
from django.utils import timezone

from portraits import actions as portrait_actions
from posts import actions
from posts.actions.delivering import run_pass
from posts.models import Delivery
from tests import factories
from tests.factories import fresh

BEYOND = "Second paragraphe.\n\nVenez la rencontrer jeudi."
"""Words of which the second line is not in the signed portrait."""
CLAIM = {"claim_token": "00000000-0000-0000-0000-000000000001", "lease_until": timezone.now()}
"""What the database asks of a row that a worker holds."""


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def as_student(client, student):
    client.force_login(student.user)
    return client


@pytest.fixture
def portrait(student, member, account):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def post(portrait, member):
    """Being prepared, with a moment, within the signed words."""
    return factories.make_post("draft", portrait=portrait, comms=member)


@pytest.fixture
def post_beyond(post, member, account):
    """Being prepared, with words that the student has not signed."""
    return actions.write(
        post, texts={account.pk: BEYOND}, publish_at=post.publish_at, read=post.version, by=member.user
    )


@pytest.fixture
def post_to_sign(post_beyond, member):
    return actions.ask_student(post_beyond, read=post_beyond.version, by=member.user)


@pytest.fixture
def due(page, student, member):
    """Approved, its time has come, its page is on the rehearsal network."""
    portrait = factories.make_portrait("signed", student=student, comms=member)
    return factories.make_post("approved", portrait=portrait, comms=member, publish_at=timezone.now())


@pytest.fixture
def delivery(due):
    return due.deliveries.get()


def lost(delivery, rehearsal, fault):
    """Sent once with `fault`, then looked for in vain until a person is asked."""
    rehearsal.ledger.set_faults("linkedin", [{"name": fault}, {"name": "find-500", "times": 0}])
    run_pass(workers=1)
    for _look in range(3):
        Delivery.objects.filter(pk=delivery.pk).update(next_check_at=timezone.now())
        run_pass(workers=1)
    rehearsal.ledger.set_faults("linkedin", [])
    return fresh(delivery)


@pytest.fixture
def there(delivery, rehearsal):
    """It is online, and we do not know."""
    return lost(delivery, rehearsal, "cut-after")


@pytest.fixture
def not_there(delivery, rehearsal):
    """It is not online, and we do not know."""
    return lost(delivery, rehearsal, "cut-before")


@pytest.fixture
def stuck(due, delivery, student, rehearsal):
    """It is online, must not be any more, and cannot be taken down."""
    run_pass(workers=1)
    portrait_actions.withdraw(fresh(due.portrait), by=student.user)
    rehearsal.ledger.set_faults("linkedin", [{"name": "delete-500", "times": 0}])
    for _try in range(6):
        Delivery.objects.filter(pk=delivery.pk).update(next_check_at=timezone.now())
        run_pass(workers=1)
    return fresh(delivery)


def link(rehearsal):
    """The address of the newest post on the page, as people copy it."""
    return f"https://www.linkedin.com/feed/update/{rehearsal.ledger.posts()[0]['urn']}/?utm_source=share"


def put(delivery, state, **fields):
    """Put a row where only the clock could have left it."""
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **fields)
    return fresh(delivery)


def asked_from(delivery, source, state="needs_person", **fields):
    """Put a row where it asks for a person, having come from `source`, with the step that the clock would have written."""
    delivery.moves.create(name="ask", source=source, target=state)
    return put(delivery, state, **fields)
