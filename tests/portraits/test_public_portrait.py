"""One portrait before the public's eyes: what it shows, how it names itself, and how it goes when it is withdrawn."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from portraits import actions
from portraits.sketches import sketches_of
from tests import factories
from tests.portraits.gallery_pages import names, published, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(promotion):
    return published(promotion, first_name="Léa", last_name="Le Goff")


def share_card(portrait):
    return next(card for card in sketches_of(portrait) if card.kind == "share")


# One portrait ------------------------------------------------------------------------------------


def test_portrait_shows_where_internships_were_but_never_the_tutor(client, online):
    online.student.internships.create(
        host="Ville de Brest", place="Brest", tutor_name="Anne Tutrice", tutor_email="tutrice@example.org"
    )
    page = client.get(online.get_absolute_url()).content.decode()
    assert re.findall(r"<li>(Ville[^<]+)</li>", page) == ["Ville de Brest (Brest)"]
    assert "utrice" not in page


def test_portrait_names_itself_to_the_networks(client, online, settings):
    settings.PUBLIC_URL = "https://portraits.example.org"
    page = client.get(online.get_absolute_url()).content.decode()
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', page))
    address = "https://portraits.example.org"
    assert tags == {
        "og:type": "profile",
        "og:site_name": "INET",
        "og:locale": "fr_FR",
        "og:title": "Léa Le Goff · Servir au plus près",
        "og:description": "Réponse à « quote ».",
        "og:url": address + online.get_absolute_url(),
        "og:image": address + share_card(online).url,
        "og:image:type": "image/jpeg",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": escape(share_card(online).alt),
        "twitter:card": "summary_large_image",
    }


def test_picture_named_to_the_networks_is_the_one_that_is_served(client, online, settings):
    page = client.get(online.get_absolute_url()).content.decode()
    image = re.search(r'property="og:image" content="([^"]+)"', page)[1]
    response = client.get(image.removeprefix(settings.PUBLIC_URL))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")


def test_portrait_describes_its_photo_in_the_students_words(client, online):
    page = client.get(online.get_absolute_url()).content.decode()
    assert re.findall(r'<img [^>]*alt="([^"]*)"', page) == ["Portrait souriant"]


# Withdrawal --------------------------------------------------------------------------------------


def test_withdrawn_portrait_is_gone_at_once(client, online):
    client.get(online.get_absolute_url())
    withdraw(online)
    response = client.get(online.get_absolute_url())
    assert response.status_code == 410
    assert "Le Goff" not in response.content.decode()


def test_withdrawn_portrait_stays_gone_while_its_author_begins_again(client, online):
    withdraw(online)
    actions.reopen(factories.fresh(online), by=online.student.user)
    assert client.get(online.get_absolute_url()).status_code == 410


@pytest.mark.parametrize("name", ["gallery", "home", "gallery_feed"])
def test_withdrawn_portrait_leaves_every_list_at_once(client, online, name):
    address = reverse(name)
    known = client.get(address).headers["ETag"]
    withdraw(online)
    after = client.get(address, headers={"If-None-Match": known})
    assert after.status_code == 200
    assert "Le Goff" not in after.content.decode()


def test_withdrawn_portrait_leaves_its_promotion_at_once(client, online, promotion):
    client.get(promotion.get_absolute_url())
    withdraw(online)
    assert names(client.get(promotion.get_absolute_url())) == []


def test_withdrawn_portrait_has_no_open_graph(client, online):
    withdraw(online)
    assert "og:" not in client.get(online.get_absolute_url()).content.decode()
