"""The gallery shows what is online and allowed there, at once and nothing else; its addresses keep working."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import rename
from portraits import actions
from portraits.models import Consent, Portrait
from portraits.views import gallery
from tests import factories
from tests.portraits.gallery_pages import names, published, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(promotion):
    return published(promotion, first_name="Léa", last_name="Le Goff")


# What is shown -----------------------------------------------------------------------------------


def test_gallery_shows_the_newest_first(client, promotion):
    for number, days in enumerate((3, 1, 2)):
        published(promotion, days, first_name="Élève", last_name=str(number))
    assert names(client.get(reverse("gallery"))) == ["Élève 1", "Élève 2", "Élève 0"]


@pytest.mark.parametrize("state", ["draft", "submitted", "in_edit", "to_sign", "signed", "withdrawn"])
def test_gallery_shows_nothing_before_publication(client, state):
    factories.make_portrait(state)
    assert names(client.get(reverse("gallery"))) == []


def test_gallery_does_not_show_who_allowed_linkedin_only(client):
    portrait = published(places=("linkedin",))
    assert names(client.get(reverse("gallery"))) == []
    assert client.get(portrait.get_absolute_url()).status_code == 404


def test_gallery_does_not_show_whose_consent_ended_yesterday(client, online):
    yesterday = timezone.localdate() - timedelta(days=1)
    Consent.objects.filter(portrait=online).update(until=yesterday)
    assert names(client.get(reverse("gallery"))) == []
    assert client.get(online.get_absolute_url()).status_code == 410


def test_an_edit_under_way_leaves_the_published_words(client, online):
    member = factories.make_member(online.student.promotion)
    actions.edit(online, read=online.version, by=member.user, title="Pas encore signé", text="Autre texte.")
    page = client.get(online.get_absolute_url()).content.decode()
    assert "Servir au plus près" in page
    assert "Autre texte." not in page


def test_promotion_shows_its_own_portraits_only(client, promotion, online):
    published(first_name="Karim", last_name="Benali")
    assert names(client.get(promotion.get_absolute_url())) == ["Léa Le Goff"]


def test_gallery_offers_only_promotions_with_something_to_show(client, promotion, online):
    factories.make_promotion(name="Vide")
    page = client.get(reverse("gallery")).content.decode()
    assert re.findall(r'<li><a href="/galerie/promotions/([\w-]+)/"', page) == [promotion.slug]


def test_empty_gallery_says_so(client):
    response = client.get(reverse("gallery"))
    assert response.status_code == 200
    assert len(re.findall('class="empty"', response.content.decode())) == 1


def test_empty_promotion_leads_to_the_whole_gallery(client, promotion):
    page = client.get(promotion.get_absolute_url()).content.decode()
    assert re.findall(r'<a class="button primary" href="([^"]+)"', page) == ["/galerie/"]


def test_words_of_a_student_are_shown_as_text(client, promotion):
    online = published(promotion, first_name="<script>", last_name="alert(1)")
    for address in (reverse("gallery"), online.get_absolute_url()):
        assert "<script>" not in client.get(address).content.decode().replace("<script type=", "")


@pytest.fixture
def pages_of(monkeypatch):
    """Call it with the number of portraits that a page shall show."""

    def show(count):
        monkeypatch.setattr(gallery, "PAGE", count)
        gallery._question.cache_clear()

    yield show
    gallery._question.cache_clear()


# Pages -------------------------------------------------------------------------------------------


def test_older_portraits_are_one_link_away(client, promotion, pages_of):
    pages_of(2)
    for days in range(5):
        published(promotion, days, first_name="Élève", last_name=str(days))
    address, seen = reverse("gallery"), []
    while address:
        page = client.get(address)
        seen.append(names(page))
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = following and following[1]
    assert seen == [["Élève 0", "Élève 1"], ["Élève 2", "Élève 3"], ["Élève 4"]]


def test_portraits_of_the_same_instant_come_once_each(client, promotion, pages_of):
    pages_of(1)
    made = [published(promotion, first_name="Élève", last_name=str(number)) for number in range(3)]
    Portrait.objects.update(published_at=timezone.now())
    pages = [client.get(reverse("gallery"))]
    pages += [client.get(reverse("gallery"), {"apres": portrait.public_id}) for portrait in made[:0:-1]]
    assert [names(page) for page in pages] == [["Élève 2"], ["Élève 1"], ["Élève 0"]]


def test_a_page_after_one_that_was_withdrawn_still_works(client, promotion):
    older = published(promotion, 2, first_name="Élève", last_name="plus ancien")
    newer = published(promotion, 1)
    withdraw(newer)
    response = client.get(reverse("gallery"), {"apres": newer.public_id})
    assert names(response) == [str(older.student)]


@pytest.mark.parametrize("after", ["00000000", "not-an-id", "\x00", "é" * 300])
def test_a_page_after_nothing_is_missing(client, online, after):
    assert client.get(reverse("gallery"), {"apres": after}).status_code == 404


def test_pages_name_their_own_address_as_canonical(client, promotion, settings, online):
    settings.PUBLIC_URL = "https://portraits.example.org"
    published(promotion, 3)
    response = client.get(reverse("gallery"), {"apres": online.public_id})
    wanted = f"https://portraits.example.org/galerie/?apres={online.public_id}"
    assert re.findall(r'rel="canonical" href="([^"]+)"', response.content.decode()) == [wanted]


# Home --------------------------------------------------------------------------------------------


def test_home_is_the_gallery_for_everyone(client, online):
    assert names(client.get("/")) == ["Léa Le Goff"]


@pytest.mark.parametrize(
    ("person", "place"), [("staff", "todo"), ("member", "todo"), ("student", "my_portrait")]
)
def test_home_leads_to_ones_work(client, request, person, place):
    someone = request.getfixturevalue(person)
    client.force_login(getattr(someone, "user", someone))
    response = client.get("/")
    assert (response.status_code, response.url) == (302, reverse(place))


# Addresses ---------------------------------------------------------------------------------------


def test_former_name_of_a_promotion_redirects(client, promotion, staff):
    rename(promotion, name="Emmaüs", slug="emmaus", by=staff)
    response = client.get("/galerie/promotions/josephine-baker/")
    assert (response.status_code, response.url) == (301, "/galerie/promotions/emmaus/")


def test_unknown_promotion_is_missing(client):
    assert client.get("/galerie/promotions/inconnue/").status_code == 404


@pytest.mark.parametrize("words", ["lea-martin-", "-", ""])
def test_other_words_before_the_identifier_redirect(client, online, words):
    response = client.get(f"/galerie/{words}{online.public_id}/")
    assert (response.status_code, response.url) == (301, online.get_absolute_url())


@pytest.mark.parametrize("slug", ["lea-le-goff", "lea-le-goff-00000000"])
def test_unknown_portrait_is_missing(client, online, slug):
    assert client.get(f"/galerie/{slug}/").status_code == 404


def test_what_was_never_public_is_missing_not_gone(client):
    portrait = factories.make_portrait("withdrawn")
    assert client.get(portrait.get_absolute_url()).status_code == 404


def test_what_was_on_linkedin_only_is_missing_not_gone(client):
    portrait = published(places=("linkedin",))
    withdraw(portrait)
    assert client.get(portrait.get_absolute_url()).status_code == 404
