"""*Cartes*: the look and its preview, the contact sheet; who gets which card; the picture of a shared link."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape
from PIL import Image as PILImage

from portraits import actions
from portraits.actions.carding import set_card_style
from portraits.models import Card, CardStyle
from portraits.sketches import Sketch, sketches_of
from tests import factories
from tests.factories import fresh
from tests.portraits.gallery_pages import published
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
CAST = ("anonymous", "student", "classmate", "member", "former_member", "neighbour", "staff")
LOOK = {"layout": "full", "colour": "#aa0000", "second_colour": "#ffffff", "shows_track": "on"}


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def statuses(client, student, classmate, member, former_member, neighbour, staff):
    people = locals()
    cast = {name: getattr(people.get(name), "user", people.get(name)) for name in CAST}

    def ask(path):
        answers = {}
        for name, user in cast.items():
            client.logout()
            if user:
                client.force_login(user)
            answers[name] = client.get(path).status_code
        return answers

    return ask


def card(portrait, kind="portrait"):
    return next(one for one in sketches_of(fresh(portrait)) if one.kind == kind)


def only(*people):
    return {name: 200 if name in people else 404 for name in CAST}


def logo(name="logo.png", data=None):
    out = io.BytesIO()
    PILImage.new("RGBA", (300, 120), (200, 30, 30, 128)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue() if data is None else data)


def pictures(response):
    found = re.findall(r'<img [^>]*src="([^"]+)"', response.content.decode())
    return [address.replace("&amp;", "&") for address in found if "/cartes/" in address]


# The look ----------------------------------------------------------------------------------------


def test_page_shows_every_card_of_the_promotion(as_member, portrait, member):
    made("draft", comms=member)
    made("withdrawn", comms=member)
    other = made("submitted", comms=member)
    sheet = as_member.get(reverse("cards")).context["sheet"]
    assert {one.version.portrait for one in sheet} == {portrait, other}


def test_every_picture_of_the_page_is_there(as_member, portrait):
    found = pictures(as_member.get(reverse("cards")))
    answers = [as_member.get(address) for address in found]
    assert [(answer.status_code, answer.headers["Content-Type"]) for answer in answers] == [
        (200, "image/jpeg")
    ] * 7


def test_look_is_saved(as_member, promotion):
    response = as_member.post(reverse("cards"), LOOK | {"save": "1", "logo": logo()}, follow=True)
    style = CardStyle.objects.get()
    assert (response.status_code, style.promotion, bool(style.logo)) == (200, promotion, True)
    assert (style.layout, style.colour, style.shows_track, style.shows_hashtag) == (
        "full",
        "#aa0000",
        True,
        False,
    )


def test_the_promotions_own_colours_stay_the_promotions(as_member, promotion):
    colours = {"colour": promotion.colour.lower(), "second_colour": promotion.second_colour}
    as_member.post(reverse("cards"), LOOK | colours | {"save": "1"})
    style = CardStyle.objects.get()
    assert (style.colour, style.second_colour) == ("", "")


def test_preview_saves_nothing_and_shows_what_was_chosen(as_member, portrait):
    response = as_member.post(reverse("cards"), LOOK)
    assert (response.status_code, CardStyle.objects.count()) == (200, 0)
    assert response.context["form"]["colour"].value() == "#aa0000"
    assert [
        address for address in pictures(response) if "layout=full" in address and "kind=square" in address
    ]


def test_promotions_colours_come_back_without_a_script(as_member, promotion):
    response = as_member.post(reverse("cards"), LOOK | {"promotion_colours": "1"})
    assert response.context["form"]["colour"].value() == promotion.colour
    assert CardStyle.objects.count() == 0


def test_refused_logo_is_said_and_the_choices_stay(as_member):
    response = as_member.post(reverse("cards"), LOOK | {"save": "1", "logo": logo("logo.svg", b"<svg/>")})
    form = response.context["form"]
    assert (response.status_code, list(form.errors), CardStyle.objects.count()) == (422, ["logo"], 0)
    assert (form["layout"].value(), form["colour"].value()) == ("full", "#aa0000")


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"layout": "circus"}, {"second_colour": ""}])
def test_choices_that_no_browser_sends_are_refused(as_member, wrong):
    response = as_member.post(reverse("cards"), LOOK | wrong | {"save": "1"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, list(wrong))


@pytest.mark.parametrize(("who", "status"), [("classmate", 403), ("former_member", 403), ("neighbour", 404)])
def test_nobody_else_saves_a_look(client, promotion, who, status, request):
    client.force_login(request.getfixturevalue(who).user)
    response = client.post(reverse("cards"), LOOK | {"save": "1", "promotion": promotion.slug})
    assert (response.status_code, CardStyle.objects.count()) == (status, 0)


def test_without_any_promotion_the_page_says_so(client, staff):
    client.force_login(staff)
    response = client.get(reverse("cards"))
    assert (response.status_code, 'class="empty"' in response.content.decode()) == (200, True)


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_for_three(
    as_member, portrait, member, more, django_assert_num_queries
):
    for _number in range(more):
        made("submitted", comms=member)
    with django_assert_num_queries(COST_OF_PAGE):
        as_member.get(reverse("cards"))


COST_OF_PAGE = 8


# The preview -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "size"), [("portrait", (1080, 1350)), ("square", (1200, 1200)), ("share", (1200, 630))]
)
def test_preview_is_drawn_as_asked_and_kept_nowhere(as_member, portrait, kind, size):
    response = as_member.get(reverse("card_preview"), LOOK | {"kind": kind})
    assert PILImage.open(io.BytesIO(response.content)).size == size
    assert (response.headers["Cache-Control"], Card.objects.count()) == ("private, no-store", 0)


def test_preview_is_the_card_that_saving_gives(as_member, portrait):
    seen = as_member.get(reverse("card_preview"), LOOK | {"kind": "portrait"}).content
    as_member.post(reverse("cards"), LOOK | {"save": "1"})
    assert b"".join(as_member.get(card(portrait).url).streaming_content) == seen


def test_preview_draws_a_logo_that_is_not_saved(as_member, portrait):
    without = as_member.post(reverse("card_preview"), LOOK).content
    response = as_member.post(reverse("card_preview"), LOOK | {"logo": logo()})
    assert (response.status_code, response.content == without, CardStyle.objects.count()) == (200, False, 0)


def test_preview_of_nobody_while_no_portrait_was_handed_in(as_member):
    assert as_member.get(reverse("card_preview"), LOOK).headers["Content-Type"] == "image/jpeg"


def test_small_preview_is_small(as_member, portrait):
    response = as_member.get(reverse("card_preview"), LOOK | {"small": "1"})
    assert PILImage.open(io.BytesIO(response.content)).size == (432, 540)


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ({"colour": "#12"}, 422),
        ({"layout": "x" * 5000}, 422),
        ({"kind": "carousel"}, 404),
        ({"kind": "../portrait"}, 404),
        ({"promotion": "nowhere"}, 404),
    ],
)
def test_preview_draws_only_what_the_page_offers(as_member, portrait, choice, status):
    assert as_member.get(reverse("card_preview"), LOOK | choice).status_code == status


# Who gets a card ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Card.Kind.values)
def test_before_publication_only_those_who_may_see_the_portrait(statuses, portrait, kind):
    assert statuses(card(portrait, kind).url) == only("student", "member", "staff")


@pytest.mark.parametrize("kind", ["portrait", "square", "carousel"])
def test_cards_for_the_networks_are_never_public(statuses, portrait, kind):
    actions.publish(portrait)
    assert statuses(card(portrait, kind).url) == only("student", "member", "staff")


def test_picture_of_a_shared_link_is_public_while_the_portrait_is_online(statuses, portrait):
    actions.publish(portrait)
    share = card(portrait, "share").url
    assert statuses(share) == only(*CAST)
    actions.withdraw(fresh(portrait), by=portrait.student.user)
    assert statuses(share) == only()


def test_shared_picture_is_not_public_where_only_linkedin_is_allowed(statuses, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member, places=("linkedin",))
    actions.publish(portrait)
    assert statuses(card(portrait, "share").url) == only("student", "member", "staff")


@pytest.mark.parametrize(
    "name", ["x.jpg", "0123456789abcdef.exe", "../secret", "0123456789abcdef-page-0.jpg"]
)
def test_other_names_are_missing(as_member, portrait, name):
    address = card(portrait).url.rpartition("/")[0]
    assert as_member.get(f"{address}/{name}").status_code == 404


def test_page_that_the_carousel_does_not_have_is_missing(as_member, portrait):
    address = card(portrait, "carousel").url.removesuffix(".pdf")
    answers = [as_member.get(f"{address}-page-{number}.jpg").status_code for number in range(1, 7)]
    assert answers == [200, 200, 200, 200, 404, 404]


def test_address_of_an_older_look_leads_to_the_present_one(as_member, portrait, promotion, member):
    old = card(portrait)
    as_member.post(reverse("cards"), LOOK | {"save": "1"})
    assert as_member.get(old.url).url == card(portrait).url
    assert as_member.get(old.small_url).url == card(portrait).small_url


@pytest.fixture
def edited_while_drawn(portrait, member, monkeypatch):
    """Somebody saves another quote while the card of the words before it is drawn."""
    draw = Sketch.draw

    def slow(sketch):
        drawn = draw(sketch)
        monkeypatch.setattr(Sketch, "draw", draw)
        words = {"title": "", "quote": "Autre.", "text": "Neuf."}
        actions.edit(fresh(portrait), read=portrait.version, by=member.user, **words)
        return drawn

    monkeypatch.setattr(Sketch, "draw", slow)


@pytest.mark.usefixtures("edited_while_drawn")
def test_card_of_words_edited_while_it_was_drawn_leads_to_the_newer_one(as_member, portrait):
    address = card(portrait).small_url
    answer = as_member.get(address)
    assert (answer.status_code, answer.url) == (302, card(portrait).small_url)
    assert (address != answer.url, as_member.get(answer.url).status_code) == (True, 200)


def test_card_that_cannot_be_drawn_is_missing(as_member, portrait, member):
    actions.edit(portrait, read=portrait.version, by=member.user, title="", quote="Merci 🎉", text="Neuf.")
    assert as_member.get(card(portrait).url).status_code == 404


def test_headers_of_a_card(client, portrait, settings):
    actions.publish(portrait)
    share = card(portrait, "share").url
    first = client.get(share)
    again = client.get(share, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["Cache-Control"], again.status_code) == ("public, max-age=300", 304)
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    client.force_login(portrait.student.user)
    private = client.get(card(portrait).url)
    assert (private.headers["Cache-Control"], private.headers["Vary"]) == ("private, no-store", "Cookie")


@pytest.mark.parametrize("kind", ["share"])
def test_shared_picture_costs_two_queries_once_it_is_made(client, portrait, kind, django_assert_num_queries):
    actions.publish(portrait)
    address = card(portrait, kind).url
    client.get(address)
    with django_assert_num_queries(2):
        client.get(address)


# Where cards are shown ---------------------------------------------------------------------------


def test_studio_offers_the_files_with_their_descriptions(as_member, portrait):
    page = as_member.get(reverse("studio", args=[portrait.pk])).content.decode()
    wanted = [(one.url, one.filename) for one in sketches_of(portrait)]
    assert re.findall(r'href="([^"]+)" download="([^"]+)"', page) == wanted


def test_studio_says_why_there_is_no_card(as_member, portrait, member):
    actions.edit(portrait, read=portrait.version, by=member.user, title="", quote="Merci 🎉", text="Neuf.")
    page = as_member.get(reverse("studio", args=[portrait.pk])).content.decode()
    assert (" download=" in page, escape(card(portrait).refusal) in page) == (False, True)


def test_student_sees_the_card_that_would_go_out(client, student, member):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    client.force_login(student.user)
    page = client.get(reverse("my_signature")).content.decode()
    assert [card(portrait, kind).url in page for kind in Card.Kind.values] == [True, False, True, False]


# Open Graph --------------------------------------------------------------------------------------


def og_image(client, portrait):
    page = client.get(portrait.get_absolute_url()).content.decode()
    return re.search(r'property="og:image" content="([^"]+)"', page)[1]


def test_shared_link_has_its_card(client, promotion, settings):
    settings.PUBLIC_URL = "https://portraits.example.org"
    online = published(promotion, first_name="Léa", last_name="Le Goff")
    image = og_image(client, online)
    response = client.get(image.removeprefix(settings.PUBLIC_URL))
    size = PILImage.open(io.BytesIO(b"".join(response.streaming_content))).size
    assert (image.startswith("https://portraits.example.org/cartes/"), size) == (True, (1200, 630))


def test_a_new_look_is_seen_by_those_who_know_the_page(client, promotion, staff):
    online = published(promotion)
    known = client.get(online.get_absolute_url()).headers["ETag"]
    before = og_image(client, online)
    set_card_style(promotion, by=staff, layout="frame")
    response = client.get(online.get_absolute_url(), headers={"If-None-Match": known})
    assert (response.status_code, og_image(client, online) != before) == (200, True)


def test_what_is_being_edited_does_not_show_in_the_shared_picture(client, promotion, member):
    online = published(promotion)
    before = og_image(client, online)
    actions.edit(online, read=online.version, by=member.user, title="", quote="Autre.", text="Neuf.")
    assert og_image(client, online) == before
    assert (
        client.get(
            before.partition("//")[2].partition("/")[1] + before.partition("//")[2].partition("/")[2]
        ).status_code
        == 200
    )


def test_a_quote_that_cannot_be_drawn_leaves_the_photo_to_the_shared_link(client, promotion, member):
    student = factories.make_student(promotion)
    portrait = factories.make_portrait("signed", student=student, quote="Merci 🎉")
    actions.publish(portrait)
    assert og_image(client, fresh(portrait)).endswith(fresh(portrait).photo.large_url)
