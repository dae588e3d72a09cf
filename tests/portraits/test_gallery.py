"""The gallery shows what is online and allowed there, at once and nothing else; its addresses keep working."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import rename
from cohorts.colours import contrast, readable_ink
from portraits import actions
from portraits.models import Consent, Portrait
from portraits.views import gallery
from tests import factories

NAME = re.compile(r'<h3><a href="[^"]*">([^<]+)</a></h3>')
pytestmark = pytest.mark.django_db


def published(promotion=None, days_ago=0, places=(), **person):
    """A portrait that is online since some days."""
    student = factories.make_student(promotion, **person)
    portrait = factories.make_portrait("signed", student=student, places=places)
    actions.publish(portrait)
    moment = timezone.now() - timedelta(days=days_ago)
    Portrait.objects.filter(pk=portrait.pk).update(published_at=moment)
    return factories.fresh(portrait)


def names(response):
    return NAME.findall(response.content.decode())


def withdraw(portrait):
    actions.withdraw(portrait, by=portrait.student.user)


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
    assert client.get(online.get_absolute_url()).status_code == 404


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


# Pages -------------------------------------------------------------------------------------------


def test_older_portraits_are_one_link_away(client, promotion, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE", 2)
    gallery._question.cache_clear()
    for days in range(5):
        published(promotion, days, first_name="Élève", last_name=str(days))
    address, seen = reverse("gallery"), []
    while address:
        page = client.get(address)
        seen.append(names(page))
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = following and following[1]
    gallery._question.cache_clear()
    assert seen == [["Élève 0", "Élève 1"], ["Élève 2", "Élève 3"], ["Élève 4"]]


def test_portraits_of_the_same_instant_come_once_each(client, promotion, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE", 1)
    gallery._question.cache_clear()
    made = [published(promotion, first_name="Élève", last_name=str(number)) for number in range(3)]
    Portrait.objects.update(published_at=timezone.now())
    pages = [client.get(reverse("gallery"))]
    pages += [client.get(reverse("gallery"), {"apres": portrait.public_id}) for portrait in made[:0:-1]]
    gallery._question.cache_clear()
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
    ("person", "place"), [("staff", "admin:index"), ("member", "board"), ("student", "my_portrait")]
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


# Conditional answers -----------------------------------------------------------------------------


def addresses(portrait):
    names = ("home", "gallery", "gallery_feed")
    yield from (reverse(name) for name in names)
    yield portrait.student.promotion.get_absolute_url()
    yield portrait.get_absolute_url()


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
        "og:image": address + online.photo.large_url,
        "og:image:type": "image/jpeg",
        "og:image:width": "1000",
        "og:image:height": "1250",
        "og:image:alt": "Portrait souriant",
        "twitter:card": "summary",
    }


def test_picture_named_to_the_networks_is_the_one_that_is_served(client, online, settings):
    page = client.get(online.get_absolute_url()).content.decode()
    image = re.search(r'property="og:image" content="([^"]+)"', page)[1]
    response = client.get(image.removeprefix(settings.PUBLIC_URL))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")


def test_portrait_describes_its_photo_in_the_students_words(client, online):
    page = client.get(online.get_absolute_url()).content.decode()
    assert re.findall(r'<img [^>]*alt="([^"]*)"', page) == ["Portrait souriant"]


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


@pytest.mark.parametrize("grey", range(0, 256, 5))
def test_ink_can_be_read_on_every_colour(grey):
    for colour in (
        f"#{grey:02X}{grey:02X}{grey:02X}",
        f"#{grey:02X}0000",
        f"#FF{grey:02X}00",
        f"#{grey:02X}FFFF",
    ):
        assert contrast(colour, readable_ink(colour)) >= 4.5


def test_ink_is_white_where_white_can_be_read():
    assert [readable_ink(colour) for colour in ("#0E5A63", "#F3E9D2", "#FF0000")] == [
        "#FFFFFF",
        "#1B1D2A",
        "#000000",
    ]
