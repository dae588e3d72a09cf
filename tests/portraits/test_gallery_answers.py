"""Public pages cost little, and nobody keeps them without asking again."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests import factories
from tests.portraits.gallery_pages import addresses, names, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(promotion):
    return published(promotion, first_name="Léa", last_name="Le Goff")


# Conditional answers -----------------------------------------------------------------------------


def test_the_same_again_is_not_modified(client, online):
    for address in addresses(online):
        client.get(address)
        known = client.get(address).headers["ETag"]
        again = client.get(address, headers={"If-None-Match": known})
        assert (address, again.status_code, again.content) == (address, 304, b"")


def test_nobody_keeps_a_page_without_asking(client, online):
    for address in addresses(online):
        headers = client.get(address).headers
        assert (address, headers["Cache-Control"], headers["Vary"]) == (address, "no-cache", "Cookie")


def test_a_page_of_someone_signed_in_is_theirs(client, online, classmate):
    known = client.get(reverse("gallery")).headers["ETag"]
    client.force_login(classmate.user)
    response = client.get(reverse("gallery"), headers={"If-None-Match": known})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache, private"
    assert "ETag" not in response.headers


def test_a_new_portrait_is_seen_by_those_who_know_the_page(client, online, promotion):
    known = client.get(reverse("gallery")).headers["ETag"]
    published(promotion, first_name="Karim", last_name="Benali")
    response = client.get(reverse("gallery"), headers={"If-None-Match": known})
    assert names(response) == ["Karim Benali", "Léa Le Goff"]


def test_a_corrected_name_is_seen_by_those_who_know_the_page(client, online):
    known = {address: client.get(address).headers["ETag"] for address in addresses(online)}
    online.student.last_name = "Le Goff-Martin"
    online.student.save()
    for address in addresses(factories.fresh(online)):
        response = client.get(address, headers={"If-None-Match": known.get(address, "")})
        assert (address, response.status_code) == (address, 200)


def test_each_language_has_its_own_mark(client, online):
    french = client.get(reverse("gallery")).headers["ETag"]
    client.cookies["django_language"] = "en"
    assert client.get(reverse("gallery")).headers["ETag"] != french


def test_another_visitors_page_is_not_taken_for_ones_own(client, online):
    """The form in the frame holds a token that belongs to a cookie."""
    client.get(reverse("gallery"))
    known = client.get(reverse("gallery")).headers["ETag"]
    client.cookies.clear()
    assert client.get(reverse("gallery"), headers={"If-None-Match": known}).status_code == 200


# Cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_gallery_costs_three_queries(client, promotion, count, django_assert_num_queries):
    for _number in range(count):
        published(promotion)
    with django_assert_num_queries(3):
        client.get(reverse("gallery"))


@pytest.mark.parametrize("count", [1, 3])
def test_promotion_costs_three_queries(client, promotion, count, django_assert_num_queries):
    for _number in range(count):
        published(promotion)
    with django_assert_num_queries(3):
        client.get(promotion.get_absolute_url())


def test_gallery_that_others_have_seen_costs_one_query(client, online, django_assert_num_queries):
    client.get(reverse("gallery"))
    client.cookies.clear()
    with django_assert_num_queries(1):
        assert client.get(reverse("gallery")).status_code == 200


def test_unchanged_gallery_costs_one_query(client, online, django_assert_num_queries):
    known = client.get(reverse("gallery")).headers["ETag"]
    client.cookies.clear()
    cache.clear()
    with django_assert_num_queries(1):
        assert client.get(reverse("gallery"), headers={"If-None-Match": known}).status_code == 304


@pytest.mark.parametrize("count", [1, 3])
def test_feed_costs_two_queries(client, promotion, count, django_assert_num_queries):
    for _number in range(count):
        published(promotion)
    with django_assert_num_queries(2):
        client.get(reverse("gallery_feed"))


def test_portrait_costs_three_queries(client, online, django_assert_num_queries):
    address = online.get_absolute_url()
    with django_assert_num_queries(3):
        client.get(address)


# Feed --------------------------------------------------------------------------------------------


def test_feed_holds_public_addresses(client, online, settings):
    settings.PUBLIC_URL = "https://portraits.example.org"
    feed = client.get(reverse("gallery_feed")).content.decode()
    wanted = [
        "https://portraits.example.org/galerie/",
        "https://portraits.example.org/galerie/flux/",
        f"https://portraits.example.org{online.get_absolute_url()}",
    ]
    assert re.findall(r'<link[^>]*href="([^"]+)"', feed) == wanted


def test_feed_cannot_bring_markup(client, online):
    """Readers unescape a summary once and take the rest for HTML."""
    online.versions.filter(pk=online.online_id).update(quote="<b>&")
    feed = client.get(reverse("gallery_feed")).content.decode()
    assert re.findall("<summary[^>]*>([^<]*)<", feed) == ["&amp;lt;b&amp;gt;&amp;amp;"]


def test_feed_keeps_its_identifiers_when_a_name_is_corrected(client, online):
    before = re.findall("<id>(tag[^<]+)</id>", client.get(reverse("gallery_feed")).content.decode())
    online.student.last_name = "Le Goff-Martin"
    online.student.save()
    after = re.findall("<id>(tag[^<]+)</id>", client.get(reverse("gallery_feed")).content.decode())
    assert before == after
    assert len(after) == 1


# Colours -----------------------------------------------------------------------------------------


def test_colours_of_each_promotion(client):
    factories.make_promotion(slug="b", colour="#0E5A63", second_colour="#F3E9D2")
    response = client.get(reverse("promotion_colours"))
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.content.decode() == (
        ".promotion-b{--promotion:#0E5A63;--promotion-ink:#FFFFFF;--promotion-2:#F3E9D2;--promotion-2-ink:#1B1D2A}\n"
    )


def test_colours_are_not_modified_until_one_is(client, promotion):
    known = client.get(reverse("promotion_colours")).headers["ETag"]
    headers = {"If-None-Match": known}
    assert client.get(reverse("promotion_colours"), headers=headers).status_code == 304
    promotion.colour = "#FF0000"
    promotion.save()
    assert client.get(reverse("promotion_colours"), headers=headers).status_code == 200
