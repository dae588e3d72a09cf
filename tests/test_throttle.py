"""How often one may knock: counted for each address and door apart, and forgotten after its window."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import RequestFactory

from inet_comms.throttle import is_too_often

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def knock(address="192.0.2.1", door="link", times=2):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return is_too_often(request, door, times=times, seconds=60)


@time_machine.travel(NOW, tick=False)
def test_too_often_begins_after_so_many_times():
    assert [knock() for _time in range(4)] == [False, False, True, True]


@time_machine.travel(NOW, tick=False)
def test_another_address_and_another_door_are_counted_apart():
    [knock() for _time in range(3)]
    assert (knock(address="192.0.2.2"), knock(door="button"), knock()) == (False, False, True)


def test_it_is_forgotten_after_its_window():
    with time_machine.travel(NOW, tick=False):
        [knock() for _time in range(3)]
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        assert knock() is False
