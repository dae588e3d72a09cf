"""The calendar as iCalendar: what each address opens, and for how long."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cohorts.models import CommsMember
from posts import actions, agenda, ics
from posts.models import CalendarFeed, Delivery, Event
from tests import factories


@pytest.fixture
def post(member, account):
    portrait = factories.make_portrait(
        "signed", student=factories.make_student(member.promotion), comms=member
    )
    return factories.make_post("draft", portrait=portrait, comms=member)


def read(client, address):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    entries = Calendar.from_ical(response.content).walk("VEVENT")
    return {str(entry["uid"]).partition("@")[0]: entry for entry in entries}


def test_own_address_holds_posts_and_events(client, member, post):
    now = timezone.now()
    event = Event.objects.create(
        name="Congrès, le grand", place="Nantes", starts_at=now, ends_at=now + timedelta(hours=2)
    )
    found = read(client, ics.path(actions.subscribe(by=member.user)))
    assert set(found) == {f"post-{post.pk}", f"event-{event.pk}"}
    entry = found[f"post-{post.pk}"]
    assert entry["summary"] == f"{post} ({post.promotion.name})"
    assert (entry["sequence"], entry["url"]) == (post.version, f"http://testserver{post.get_absolute_url()}")
    assert entry.decoded("dtstart") == post.publish_at.replace(microsecond=0)
    assert entry.to_ical().decode().count("Z\r\n") == 3
    assert (found[f"event-{event.pk}"]["summary"], found[f"event-{event.pk}"]["location"]) == (
        "Congrès, le grand",
        "Nantes",
    )
    assert CalendarFeed.objects.get().read_at is not None


def test_days_of_an_event_are_days(client, member):
    starts = agenda.midnight(timezone.localdate() + timedelta(days=40))
    event = Event.objects.create(name="Congrès", starts_at=starts, ends_at=starts + timedelta(days=2))
    entry = read(client, ics.path(actions.subscribe(by=member.user)))[f"event-{event.pk}"]
    assert (entry.decoded("dtstart"), entry.decoded("dtend")) == (
        event.last_day - timedelta(days=1),
        event.last_day + timedelta(days=1),
    )


def test_other_groups_posts_have_no_address(client, neighbour, post):
    found = read(client, ics.path(actions.subscribe(by=neighbour.user)))
    assert "url" not in found[f"post-{post.pk}"]


def test_new_address_ends_the_one_before(client, member):
    before = ics.path(actions.subscribe(by=member.user))
    after = ics.path(actions.renew(by=member.user))
    assert [client.get(address).status_code for address in (before, after)] == [404, 200]


def test_address_ends_with_the_mandate(client, member):
    address = ics.path(actions.subscribe(by=member.user))
    CommsMember.objects.filter(student=member).update(
        starts=timezone.localdate() - timedelta(days=9), ends=timezone.localdate() - timedelta(days=1)
    )
    assert client.get(address).status_code == 404


def test_address_is_not_kept_by_others(client, member):
    response = client.get(ics.path(actions.subscribe(by=member.user)))
    assert response["Cache-Control"].startswith("private")
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("who", ["student", "former_member"])
def test_who_does_not_work_here_gets_no_address(who, request):
    with pytest.raises(PermissionDenied):
        actions.subscribe(by=request.getfixturevalue(who).user)


def test_address_is_made_when_asked_for_and_again(client, member):
    client.force_login(member.user)
    page = reverse("calendar_subscription")
    assert ".ics" in client.get(page).content.decode()
    assert CalendarFeed.objects.count() == 0
    client.post(page)
    first = ics.path(CalendarFeed.objects.get())
    assert first in client.get(page).content.decode()
    client.post(page)
    assert first not in client.get(page).content.decode()


def test_public_calendar_holds_what_is_online_only(client, member, post, staff):
    address = reverse("public_calendar")
    assert read(client, address) == {}
    other = factories.make_post(
        "approved",
        portrait=factories.make_portrait(
            "signed", student=factories.make_student(member.promotion), comms=member
        ),
        comms=member,
    )
    delivery = other.deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(
        **{
            "state": "published",
            "url": "https://example.org/1",
            "remote_id": "1",
            "published_at": timezone.now(),
        }
    )
    found = read(client, address)
    assert set(found) == {f"delivery-{delivery.pk}"}
    assert found[f"delivery-{delivery.pk}"]["url"] == "https://example.org/1"
    Delivery.objects.filter(pk=delivery.pk).update(**{"state": "withdrawn"})
    assert read(client, address) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_personal_calendar_costs_the_same(count, client, member, account, django_assert_num_queries):
    for _number in range(count):
        portrait = factories.make_portrait(
            "signed", student=factories.make_student(member.promotion), comms=member
        )
        factories.make_post("draft", portrait=portrait, comms=member)
    address = ics.path(actions.subscribe(by=member.user))
    with django_assert_num_queries(6):
        client.get(address)
