"""The pages about people in a photo: who is in it, the answer without signing in, one's own list."""

import io
import re

import pytest
from django.conf import settings
from django.urls import reverse

from portraits import actions, likeness
from portraits.models import Appearance
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("in_edit", student=student, comms=member)


@pytest.fixture
def asked(portrait, classmate, student):
    return actions.tie(portrait, classmate, by=student.user)


@pytest.fixture
def people(portrait):
    return reverse("photo_people", args=[portrait.pk])


def text(response):
    return response.content.decode()


# Who is in the photo --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["student", "member"])
def test_somebody_is_found_and_asked(who, request, client, people, classmate, portrait):
    client.force_login(request.getfixturevalue(who).user)
    page = client.get(people, {"q": "benali"})
    assert (page.status_code, f'name="person" value="{classmate.pk}"' in text(page)) == (200, True)
    response = client.post(people, {"person": classmate.pk}, follow=True)
    assert portrait.appearances.get().student == classmate
    assert "Karim Benali receives a mail and answers." in text(response)


def test_somebody_asked_by_mistake_is_taken_off(client, people, asked, member):
    client.force_login(member.user)
    client.post(people, {"untie": asked.pk})
    assert not Appearance.objects.exists()


def test_staff_read_and_change_nothing(client, people, asked, staff, classmate):
    client.force_login(staff)
    page = client.get(people, {"q": "benali"})
    assert (page.status_code, 'name="person"' in text(page), 'name="untie"' in text(page)) == (
        200,
        False,
        False,
    )
    assert client.post(people, {"person": classmate.pk}).status_code == 403


@pytest.mark.parametrize("person", ["", "abc", "999999", "-1"])
def test_nobody_of_that_number_is_a_missing_page(person, client, people, member):
    client.force_login(member.user)
    assert client.post(people, {"person": person}).status_code == 404


def test_somebody_of_an_earlier_time_cannot_be_tied(client, people, member, promotion):
    early = factories.make_promotion(
        starts=promotion.starts.replace(year=promotion.starts.year - 5),
        ends=promotion.starts.replace(year=promotion.starts.year - 4),
    )
    stranger = factories.make_student(early)
    client.force_login(member.user)
    assert client.post(people, {"person": stranger.pk}).status_code == 404


def test_somebody_tied_to_another_portrait_cannot_be_taken_off_here(client, people, member, classmate):
    other = factories.make_portrait("in_edit", comms=factories.make_member())
    theirs = actions.tie(other, classmate, by=other.student.user)
    client.force_login(member.user)
    assert client.post(people, {"untie": theirs.pk}).status_code == 404
    assert Appearance.objects.filter(pk=theirs.pk).exists()


def test_unknown_name_says_so_and_keeps_what_was_typed(client, people, member):
    client.force_login(member.user)
    page = text(client.get(people, {"q": "<Zorro>"}))
    assert ("Nobody of that name" in page, 'value="&lt;Zorro&gt;"' in page) == (True, True)


def test_page_without_a_photo_says_so(client, student, member):
    portrait = factories.make_portrait("invited", student=student, comms=member)
    client.force_login(student.user)
    assert "There is no photo yet." in text(client.get(reverse("photo_people", args=[portrait.pk])))


def test_page_costs_the_same_for_one_and_for_three(
    client, people, portrait, member, promotion, django_assert_num_queries
):
    client.force_login(member.user)
    client.get(people)
    for count in (1, 2):
        for _number in range(count):
            actions.tie(portrait, factories.make_student(promotion), by=member.user)
        with django_assert_num_queries(7):
            client.get(people)


# The answer ---------------------------------------------------------------------------------------


def test_link_shows_the_photo_and_the_sentences_to_anyone_who_holds_it(client, asked):
    page = client.get(likeness.path(asked))
    assert (page.status_code, "data:image/webp;base64," in text(page)) == (200, True)
    assert "I, Karim Benali, can be recognised in this photo." in text(page)
    assert page["X-Robots-Tag"] == "noindex"


def test_looking_changes_nothing(client, asked):
    client.get(likeness.path(asked), {"answer": "agree"})
    assert fresh(asked).answer == "asked"


def test_agreement_keeps_the_sentences_of_the_screen_word_for_word(client, asked):
    address = likeness.path(asked)
    shown = re.findall('<p class="serif">(.*?)</p>', text(client.get(address)))
    client.post(address, {"answer": "agree"})
    kept = fresh(asked)
    # The page writes apostrophes as it must; none of ours is a straight one.
    assert (kept.answer, kept.terms.splitlines(), kept.language) == ("agreed", shown, "en")
    assert kept.answered_with == "link:karim@example.org"


def test_agreement_of_somebody_signed_in_says_how(client, asked, classmate):
    client.force_login(classmate.user)
    client.post(likeness.path(asked), {"answer": "agree"})
    assert not fresh(asked).answered_with.startswith("link:")


def test_answer_needs_no_cookie(asked, client):
    from django.test import Client

    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(likeness.path(asked), {"answer": "agree"}).status_code == 302
    assert fresh(asked).answer == "agreed"


@pytest.mark.parametrize(("answer", "kept"), [("refuse", "refused"), ("not-me", "not_me")])
def test_other_answers(answer, kept, client, asked):
    client.post(likeness.path(asked), {"answer": answer})
    assert fresh(asked).answer == kept


def test_agreement_is_taken_back_in_two_taps(client, asked, portrait):
    address = likeness.path(asked)
    client.post(address, {"answer": "agree"})
    assert 'value="take-back"' in text(client.get(address))
    page = client.post(address, {"answer": "take-back"}, follow=True)
    assert (fresh(asked).ended_at is not None, fresh(portrait).photo) == (True, None)
    assert "The photo is taken away" in text(page)


def test_second_tap_on_a_button_says_how_it_stands(client, asked):
    address = likeness.path(asked)
    client.post(address, {"answer": "refuse"})
    page = client.post(address, {"answer": "agree"}, follow=True)
    assert (fresh(asked).answer, "The photo is taken away" in text(page)) == ("refused", True)


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_answer_that_is_none_changes_nothing(answer, client, asked):
    assert client.post(likeness.path(asked), {"answer": answer}).status_code == 404
    assert fresh(asked).answer == "asked"


def test_photo_that_was_replaced_needs_no_answer(client, student, member, classmate):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    asked = actions.tie(portrait, classmate, by=student.user)
    alone = factories.picture_bytes(colour=(200, 150, 140))
    actions.set_photo(fresh(portrait), upload=io.BytesIO(alone), by=student.user)
    assert "This photo is no longer used" in text(client.get(likeness.path(asked)))


@pytest.mark.parametrize("token", ["x", "MQ:wrong", "bGVh:" + "0" * 43])
def test_wrong_link_is_one_clear_page(token, client):
    page = client.get(reverse("appearance", args=[token]))
    assert (page.status_code, "This link does not work" in text(page)) == (404, True)


def test_link_of_somebody_who_was_taken_off_says_so(client, asked, member):
    address = likeness.path(asked)
    actions.untie(asked, by=member.user)
    page = client.get(address)
    assert (page.status_code, "There is nothing to do." in text(page)) == (404, True)


def test_guessing_links_ends(client):
    statuses = [client.get(reverse("appearance", args=[f"x{number}"])).status_code for number in range(32)]
    assert (statuses[0], statuses[-1]) == (404, 429)


# Where else it is said -----------------------------------------------------------------------------


def test_own_list_leads_to_the_answer(client, asked, classmate):
    client.force_login(classmate.user)
    page = text(client.get(reverse("my_consents")))
    assert ("Photos in which I appear" in page, f'href="{likeness.path(asked)}"' in page) == (True, True)


def test_own_list_is_not_somebody_elses(client, asked, student):
    client.force_login(student.user)
    assert "Photos in which I appear" not in text(client.get(reverse("my_consents")))


def test_own_list_costs_the_same_for_one_and_for_three(client, classmate, asked, django_assert_num_queries):
    client.force_login(classmate.user)
    address = reverse("my_consents")
    client.get(address)
    for count in (0, 2):
        for number in range(count):
            other = factories.make_portrait("in_edit", comms=factories.make_member())
            Appearance.objects.create(portrait=other, student=classmate, source_sha256=str(number))
        with django_assert_num_queries(6):
            client.get(address)


def test_studio_says_who_is_awaited_and_refuses_in_words(client, portrait, asked, member):
    client.force_login(member.user)
    studio = reverse("studio", args=[portrait.pk])
    page = text(client.get(studio))
    assert "Karim Benali can be recognised in the photo and has not agreed yet." in page
    assert reverse("studio_act", args=[portrait.pk, "ask-signature"]) not in page
    response = client.post(
        reverse("studio_act", args=[portrait.pk, "ask-signature"]), {"version": portrait.version}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == [
        "Karim Benali can be recognised in the photo and has not agreed yet. It goes on once they have."
    ]


def test_my_photo_leads_there(client, student, member):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    client.force_login(student.user)
    address = reverse("photo_people", args=[portrait.pk])
    assert f'href="{address}"' in text(client.get(reverse("my_photo")))


def test_my_portrait_says_what_happened_to_the_photo(client, student, asked):
    actions.refuse(asked, proof="code")
    client.force_login(student.user)
    assert "Your portrait needs another photo" in text(client.get(reverse("my_portrait")))


def test_photo_that_was_refused_is_said_beside_its_field(client, student, asked, portrait):
    actions.refuse(asked, proof="code")
    client.force_login(student.user)
    upload = io.BytesIO(factories.picture_bytes())
    upload.name = "photo.jpg"
    response = client.post(reverse("my_photo"), {"photo": upload, "alt_text": "Moi"})
    assert (response.status_code, "does not agree that it is shown" in text(response)) == (422, True)


def test_public_page_of_a_portrait_that_lost_its_photo_is_gone(client, portrait, asked, member, student):
    actions.agree(asked, terms="J’accepte.", proof="code")
    actions.ask_signature(fresh(portrait), read=fresh(portrait).version, by=member.user)
    actions.sign(fresh(portrait), factories.agreement(), read=fresh(portrait).version, by=student.user)
    actions.publish(fresh(portrait))
    address, picture = fresh(portrait).get_absolute_url(), fresh(portrait).photo.large_url
    known = {one: client.get(one).headers["ETag"] for one in (address, picture)}
    actions.take_back(asked, proof="code")
    answers = [
        client.get(one, headers={"If-None-Match": known[one]}).status_code for one in (address, picture)
    ]
    assert answers == [410, 404]
