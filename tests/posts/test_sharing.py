"""The page on which two groups share the school’s pages: the overlap, the shares, the slots, ceding and taking them."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from posts import actions
from posts.models import SlotDay, Variant
from posts.sharing import overlaps, shared_pages
from tests import factories
from tests.factories import fresh

SHARING = reverse("sharing")
TUESDAY = date(2026, 10, 13)


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026, nine o’clock: the clocks go back on Sunday 25."""
    with time_machine.travel(wall(12, 9, 0), tick=False):
        yield


def wall(day, hour=8, minute=30):
    return timezone.make_aware(datetime(2026, 10, day, hour, minute))


@pytest.fixture
def older(promotion):
    promotion.ends = date(2026, 12, 31)
    promotion.save()
    return promotion


@pytest.fixture
def newer(older):
    """The group of the next promotion of the track."""
    promotion = factories.make_promotion(
        track=older.track, name="Simone Veil", starts=date(2026, 7, 1), ends=date(2027, 12, 31)
    )
    return factories.make_member(promotion, first_name="Maïa", last_name="Etcheverry")


def page(client, person, path=SHARING):
    client.force_login(person)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def url(slot, verb=None, day=TUESDAY):
    if verb is None:
        return reverse("slot", args=[slot.pk, day.isoformat()])
    return reverse("slot_act", args=[slot.pk, day.isoformat(), verb])


# The overlap and the shares -------------------------------------------------------------------------


def test_overlap_comes_from_the_dates(older, newer):
    (one,) = overlaps()
    assert (one.older, one.newer, one.first, one.last, one.weeks) == (
        older,
        newer.promotion,
        date(2026, 7, 1),
        date(2026, 12, 31),
        27,
    )


@pytest.mark.parametrize(
    ("starts", "count"), [(date(2026, 12, 31), 1), (date(2027, 1, 1), 0), (date(2026, 1, 1), 1)]
)
def test_overlap_is_of_promotions_that_meet(starts, count, older):
    factories.make_promotion(track=older.track, starts=starts, ends=date(2028, 1, 1))
    factories.make_promotion(starts=starts, ends=date(2028, 1, 1))
    assert len(overlaps()) == count


def test_overlap_that_is_over_is_none(older):
    factories.make_promotion(track=older.track, starts=date(2025, 1, 1), ends=date(2026, 10, 11))
    assert overlaps() == []


def test_overlap_is_said(client, member, newer):
    assert (
        "Joséphine Baker et Simone Veil partagent les pages de l’école jusqu’au jeudi 31 décembre."
        in page(client, member.user)
    )


def test_shares_stand_beside_what_each_group_really_has(client, member, older, newer, account, staff):
    parts = {older: 60, newer.promotion: 40}
    actions.set_shares(account, date(2026, 10, 1), date(2026, 10, 31), parts, by=staff)
    actions.set_shares(
        account, date(2026, 11, 1), date(2026, 12, 31), {older: 30, newer.promotion: 70}, by=staff
    )
    for day in (13, 14, 30):
        factories.make_post(comms=member, publish_at=wall(day))
    factories.make_post(comms=newer, publish_at=wall(31, 23, 59))
    actions.cancel(factories.make_post(comms=newer, publish_at=wall(20)), by=newer.user)
    running, to_come = shared_pages()
    assert [(part.share.percent, part.posts, part.percent) for part in running.parts] == [
        (60, 3, 75),
        (40, 1, 25),
    ]
    assert [(part.share.percent, part.posts) for part in to_come.parts] == [(30, 0), (70, 0)]
    found = page(client, newer.user)
    assert "3 publications sur 4 (75\xa0%)" in found
    assert "1 publication sur 4 (25\xa0%)" in found


# What is shown --------------------------------------------------------------------------------------


def test_four_weeks_of_slots_with_what_has_taken_them(client, member, older, newer, account):
    mine, theirs = (
        factories.make_slot(older, account),
        factories.make_slot(newer.promotion, account, weekday=3),
    )
    post = factories.make_post(comms=newer)
    Variant.objects.filter(post=post).update(text="Un secret.")
    actions.take_slot(post, theirs, date(2026, 10, 15), read=post.version, by=newer.user)
    found = page(client, member.user)
    assert found.count("planned thread promotion-josephine-baker") == 4
    assert str(post) in found
    assert "secret" not in found
    assert f"/publications/{post.pk}/" not in found
    assert url(mine) in found
    assert url(theirs, day=date(2026, 10, 22)) not in found
    assert f"/publications/{post.pk}/" in page(client, newer.user)


def test_clock_change_is_said_where_a_slot_stands_in_it(client, member, older, account):
    factories.make_slot(older, account, weekday=6, time="02:30")
    assert "2\xa0h\xa030 existe deux fois" in page(client, member.user)


def test_without_slots_the_page_says_what_to_do(client, member, staff):
    assert reverse("calendar") in page(client, member.user)
    assert reverse("admin:posts_slot_add") in page(client, staff)


def test_collisions_of_ones_own_posts_are_explained(client, member, older, newer, account):
    factories.make_slot(newer.promotion, account)
    post = factories.make_post(comms=member, publish_at=wall(13))
    found = page(client, member.user)
    assert "Le créneau du mardi 13 octobre à 8\xa0h\xa030 sur LinkedIn · INET est à Simone Veil." in found
    assert reverse("post_move", args=[post.pk]) in found
    assert "À régler" not in page(client, newer.user)


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same(count, client, member, older, newer, account, staff, django_assert_num_queries):
    parts = {older: 60, newer.promotion: 40}
    for number in range(count):
        first = date(2026, 10, 1) + timedelta(days=30 * number)
        actions.set_shares(account, first, first + timedelta(days=20), parts, by=staff)
        slot = factories.make_slot(older, account, weekday=number)
        factories.make_slot(newer.promotion, account, weekday=number, time="10:00")
        post = factories.make_post(comms=member)
        actions.take_next_slot(post, read=post.version, by=member.user)
        factories.make_post(comms=member, publish_at=wall(18 + number, 22))
        actions.cede(slot, date(2026, 11, 2) + timedelta(days=number), to=newer.promotion, by=member.user)
    client.force_login(member.user)
    with django_assert_num_queries(25):
        client.get(SHARING)


# Ceding ---------------------------------------------------------------------------------------------


def test_slot_is_ceded_and_taken_back_with_one_tap(client, member, older, newer, account):
    slot = factories.make_slot(older, account)
    assert "Céder à Simone Veil" in page(client, member.user)
    response = client.post(url(slot, "ceder"), {"to": newer.promotion.pk}, follow=True)
    assert "Le créneau du mardi 13 octobre à 8\xa0h\xa030 est cédé à Simone Veil" in response.content.decode()
    assert "cédé par Joséphine Baker" in page(client, newer.user)
    assert url(slot) in page(client, newer.user)
    client.force_login(member.user)
    client.post(url(slot, "reprendre"))
    assert SlotDay.objects.count() == 0


def test_slot_that_was_taken_meanwhile_is_not_ceded_and_says_so(client, member, older, newer, account):
    slot = factories.make_slot(older, account)
    post = factories.make_post(comms=member)
    actions.take_slot(post, slot, TUESDAY, read=post.version, by=member.user)
    client.force_login(member.user)
    response = client.post(url(slot, "ceder"), {"to": newer.promotion.pk}, follow=True)
    assert "Déplacez d’abord cette publication" in response.content.decode()


@pytest.mark.parametrize(
    ("day", "verb", "to"),
    [
        ("2026-10-14", "ceder", 1),
        ("demain", "ceder", 1),
        ("2026-10-13", "donner", 1),
        ("2026-10-13", "ceder", "x"),
        ("2026-10-13", "ceder", ""),
    ],
)
def test_what_is_no_slot_is_not_found(day, verb, to, client, member, older, account):
    slot = factories.make_slot(older, account)
    client.force_login(member.user)
    assert client.post(reverse("slot_act", args=[slot.pk, day, verb]), {"to": to}).status_code == 404


# Taking ---------------------------------------------------------------------------------------------


@pytest.fixture
def slot(older, account):
    return factories.make_slot(older, account)


def choose(client, slot, chosen, **changes):
    return client.post(url(slot), {"post": chosen.pk, "read": [f"{chosen.pk}-{chosen.version}"]} | changes)


def test_post_is_chosen_for_a_slot(client, member, slot):
    post = factories.make_post(comms=member, publish_at=wall(30))
    assert str(post) in page(client, member.user, url(slot))
    assert choose(client, slot, post).url == SHARING
    assert fresh(post).publish_at == wall(13)


def test_who_is_second_is_told_so_and_loses_nothing(client, member, slot):
    post, faster = (factories.make_post(comms=member, publish_at=wall(30)) for _number in range(2))
    client.force_login(member.user)
    actions.take_slot(faster, slot, TUESDAY, read=faster.version, by=member.user)
    response = choose(client, slot, post)
    assert response.status_code == 422
    assert "Le prochain créneau libre\xa0: mardi 20 octobre" in response.content.decode()
    assert fresh(post).publish_at == wall(30)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"post": ""}, "Choisissez une publication."),
        ({"post": "999"}, "a été déplacée entre-temps"),
        ({"read": ["7"]}, "Le texte a changé"),
        ({"read": []}, "Le texte a changé"),
    ],
)
def test_bad_choice_is_refused_in_words(changes, said, client, member, slot):
    post = factories.make_post(comms=member, publish_at=wall(30))
    client.force_login(member.user)
    response = choose(client, slot, post, **changes)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_slot_without_a_post_for_it_says_where_to_begin(client, member, slot):
    assert reverse("posts") in page(client, member.user, url(slot))


@pytest.mark.parametrize("count", [1, 3])
def test_choice_costs_the_same(count, client, member, slot, django_assert_num_queries):
    for _number in range(count):
        factories.make_post(comms=member, publish_at=wall(30))
    client.force_login(member.user)
    with django_assert_num_queries(9):
        client.get(url(slot))


# On the page of a post and where it is moved --------------------------------------------------------


@pytest.fixture
def post(member, account):
    return factories.make_post(comms=member, publish_at=wall(30))


def save(client, post, text, **changes):
    pk = post.variants.get().account_id
    data = {
        "version": post.version,
        f"use_{pk}": "on",
        f"text_{pk}": text,
        "day": "2026-10-30",
        "time": "08:30",
    }
    return client.post(post.get_absolute_url(), data | changes, follow=True).content.decode()


def test_post_is_saved_and_takes_the_next_slot(client, member, slot, post):
    assert "Prochain créneau libre de votre groupe\xa0: mardi 13 octobre" in page(
        client, member.user, post.get_absolute_url()
    )
    found = save(client, post, "Nouveau texte.", next_slot="1")
    assert "La publication a pris le créneau du mardi 13 octobre à 8\xa0h\xa030." in found
    assert "La publication a le créneau du mardi 13 octobre" in found
    assert (fresh(post).publish_at, post.variants.get().text) == (wall(13), "Nouveau texte.")


def test_without_a_free_slot_the_text_is_saved_all_the_same(client, member, post):
    client.force_login(member.user)
    found = save(client, post, "Nouveau texte.", next_slot="1")
    assert "Aucun créneau de ce type n’est libre" in found
    assert (fresh(post).publish_at, post.variants.get().text) == (wall(30), "Nouveau texte.")


def move(client, post, **changes):
    data = {"day": "2026-10-20", "time": "08:30", "version": post.version} | changes
    return client.post(reverse("post_move", args=[post.pk]), data)


def test_move_to_a_clash_is_explained_first_and_done_when_meant(client, member, newer, account, post):
    factories.make_slot(newer.promotion, account)
    client.force_login(member.user)
    response = move(client, post)
    found = response.content.decode()
    assert response.status_code == 422
    assert "Le créneau du mardi 20 octobre à 8\xa0h\xa030 sur LinkedIn · INET est à Simone Veil." in found
    assert "Déplacer quand même" in found
    assert 'value="2026-10-20"' in found
    assert fresh(post).publish_at == wall(30)
    seen = response.context["seen"]
    assert move(client, post, seen=seen, day="2026-10-18", time="22:00").status_code == 422
    assert move(client, post, seen=seen).status_code == 302
    assert fresh(post).publish_at == wall(20)
