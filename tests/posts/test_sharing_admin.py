"""The staff's desk for sharing: shares that make a hundred, slots that are ended rather than changed."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from posts.models import SharedPeriod, Slot
from tests import factories

pytestmark = pytest.mark.django_db
SHARES = reverse("admin:posts_sharedperiod_add")
SLOTS = reverse("admin:posts_slot_add")


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def newer(promotion):
    return factories.make_promotion(
        track=promotion.track,
        starts=timezone.localdate() + timedelta(days=30),
        ends=timezone.localdate() + timedelta(days=580),
    )


def shares(account, *parts, **days):
    data = {"account": account.pk, "starts": "2031-01-06", "ends": "2031-06-30"} | days
    return data | {f"share_{promotion.pk}": percent for promotion, percent in parts}


def test_days_of_the_overlap_are_proposed(desk, account, promotion, newer):
    found = desk.get(SHARES).content.decode()
    for day in (newer.starts, promotion.ends):
        assert f'value="{day:%d/%m/%Y}"' in found


def test_shares_are_set_and_changed(desk, account, promotion, newer):
    desk.post(SHARES, shares(account, (promotion, 60), (newer, 40)))
    period = SharedPeriod.objects.get()
    change = reverse("admin:posts_sharedperiod_change", args=[period.pk])
    assert 'value="60"' in desk.get(change).content.decode()
    desk.post(change, shares(account, (promotion, 30), (newer, 70), ends="2031-05-31"))
    period = SharedPeriod.objects.get()
    assert period.ends == date(2031, 5, 31)
    assert sorted(period.shares.values_list("percent", flat=True)) == [30, 70]


def test_shares_that_make_no_hundred_are_kept_before_their_eyes(desk, account, promotion, newer):
    response = desk.post(SHARES, shares(account, (promotion, 60), (newer, 60)))
    assert "Les parts doivent faire ensemble 100, et font 120" in response.content.decode()
    assert 'value="60"' in response.content.decode()
    assert SharedPeriod.objects.count() == 0


def test_days_shared_already_are_refused_in_words(desk, account, promotion, newer):
    desk.post(SHARES, shares(account, (promotion, 60), (newer, 40)))
    response = desk.post(
        SHARES, shares(account, (promotion, 30), (newer, 70), starts="2031-06-30", ends="2031-07-30")
    )
    assert "ce compte est déjà partagé" in response.content.decode()


def test_list_says_the_parts_and_costs_the_same(desk, account, promotion, newer, django_assert_num_queries):
    for count in (1, 3):
        while SharedPeriod.objects.count() < count:
            year = 2031 + SharedPeriod.objects.count()
            days = {"starts": f"{year}-01-06", "ends": f"{year}-06-30"}
            desk.post(SHARES, shares(account, (promotion, 60), (newer, 40), **days))
        desk.get(reverse("admin:posts_sharedperiod_changelist"))
        with django_assert_num_queries(10):
            found = desk.get(reverse("admin:posts_sharedperiod_changelist")).content.decode()
        assert f"{promotion.name} 60 %, {newer.name} 40 %" in found


def test_slot_is_made_and_then_only_ended(desk, account, promotion):
    data = {"account": account.pk, "promotion": promotion.pk, "kind": "portrait", "weekday": 1}
    desk.post(SLOTS, data | {"time": "08:30", "starts": "2026-01-06", "ends": ""})
    slot = Slot.objects.get()
    change = reverse("admin:posts_slot_change", args=[slot.pk])
    desk.post(change, {"kind": "module", "ends": "2031-01-01", "weekday": 4, "time": "10:00"})
    slot.refresh_from_db()
    assert (slot.kind, slot.ends, slot.weekday) == ("module", date(2031, 1, 1), 1)
    response = desk.post(SLOTS, data | {"time": "08:30", "starts": "2027-01-05", "ends": ""})
    assert "Ce compte a déjà un créneau à cette heure" in response.content.decode()
