"""*Mon portrait*: handing in and signing, what the page shows, what is kept as proof, what is refused."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from portraits import actions, consents
from portraits.photos import Crop
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
HAND_IN, SIGN = reverse("my_hand_in"), reverse("my_signature")
OVERVIEW = reverse("my_portrait")


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def choices(page, **changes):
    """What a browser would send for the page as it is, with two places ticked."""
    form = page.context["form"]
    return {
        "version": form["version"].value() or "",
        "shown": form["shown"].value() or "",
        "places": ["gallery", "linkedin"],
        "until": in_days(200).isoformat(),
        "day": "",
    } | changes


def hand_in(client, **changes):
    return client.post(HAND_IN, choices(client.get(HAND_IN), **changes))


def sign(client, **changes):
    return client.post(SIGN, choices(client.get(SIGN), **changes))


# Both pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "address"), [("draft", HAND_IN), ("to_sign", SIGN)])
def test_page_shows_the_whole_portrait_and_the_terms(state, address, lea, student):
    portrait = made(state, student)
    page = lea.get(address)
    shown = page.content.decode()
    version = page.context["version"]
    expected = [version.quote, *version.text.split("\n\n"), version.photo.large_url, portrait.alt_text]
    expected += consents.terms(portrait, settings.SCHOOL_NAME)
    assert [words for words in expected if escape(words) not in shown] == []


def test_nothing_is_ticked_before_the_first_agreement(lea, student):
    made("draft", student)
    assert 'name="places" checked' not in lea.get(HAND_IN).content.decode()
    assert lea.get(HAND_IN).context["form"]["places"].value() is None


def test_a_year_after_the_studies_is_suggested(lea, student):
    portrait = made("draft", student)
    suggested = lea.get(HAND_IN).context["form"]["until"].value()
    assert suggested == consents.suggested_end(portrait).isoformat()


@pytest.mark.parametrize("days", [365, 77], ids=["a day that is offered", "another day"])
def test_own_earlier_choice_is_shown(days, lea, student):
    until = consents.years_after(timezone.localdate(), 1) if days == 365 else in_days(days)
    made("to_sign", student, places=("x", "bluesky"), until=until)
    form = lea.get(SIGN).context["form"]
    shown = (form["places"].value(), form["until"].value(), form["day"].value())
    another = (form.ANOTHER_DAY, until)
    assert shown == (["x", "bluesky"], *((until.isoformat(), None) if days == 365 else another))


WRONG = {
    "no place": ({"places": []}, "places"),
    "unknown place": ({"places": ["gallery", "myspace"]}, "places"),
    "no day": ({"until": ""}, "until"),
    "no such day": ({"until": "2027-02-30"}, "until"),
    "today": ({"until": "today"}, "until"),
    "beyond five years": ({"until": "too far"}, "until"),
    "another day, not given": ({"until": "another"}, "day"),
    "another day, no such": ({"until": "another", "day": "2027-02-30"}, "day"),
    "another day, past": ({"until": "another", "day": "2020-01-01"}, "day"),
}
DAYS = {"today": 0, "too far": 5 * 366 + 1}


@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("state", "post"), [("draft", hand_in), ("to_sign", sign)])
def test_agreement_refused_keeps_the_choices(changes, field, state, post, lea, student):
    portrait = made(state, student)
    if changes.get("until") in DAYS:
        changes = {"until": in_days(DAYS[changes["until"]]).isoformat()}
    page = post(lea, **changes)
    form = page.context["form"]
    assert (page.status_code, list(form.errors), factories.fresh(portrait).state) == (422, [field], state)
    assert form["places"].value() == changes.get("places", ["gallery", "linkedin"])


@pytest.mark.parametrize(("state", "post"), [("draft", hand_in), ("to_sign", sign)])
def test_consent_keeps_the_words_of_the_page_with_what_was_chosen(state, post, lea, student):
    portrait = made(state, student)
    post(lea, until="another", day=in_days(77).isoformat())
    consent = factories.fresh(portrait).consent
    assert (consent.places, consent.until, consent.language) == (["gallery", "linkedin"], in_days(77), "fr")
    places = ["gallery", "linkedin"]
    expected = consents.agreed_terms(portrait, settings.SCHOOL_NAME, places, in_days(77))
    assert consent.terms == expected


def test_consent_is_in_the_language_of_the_screen(lea, student):
    portrait = made("draft", student)
    lea.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    hand_in(lea)
    consent = factories.fresh(portrait).consent
    assert (consent.language, consent.terms.startswith("I, Léa Le Goff, allow the school (INET)")) == (
        "en",
        True,
    )


def test_consent_keeps_how_they_had_signed_in(lea, student):
    portrait = made("draft", student)
    session = lea.session
    session["account_authentication_methods"] = [{"method": "code", "at": 1.0, "email": "lea@example.org"}]
    session.save()
    hand_in(lea)
    assert factories.fresh(portrait).consent.signed_in_with == "code:lea@example.org"


# Hand in -----------------------------------------------------------------------------------------


def test_hand_in(lea, student):
    portrait = made("draft", student)
    answer = hand_in(lea)
    kept = factories.fresh(portrait)
    assert (answer.url, kept.state, kept.version) == (OVERVIEW, "submitted", 1)


def test_hand_in_keeps_exactly_what_was_shown(lea, student, member):
    """The title that the group gave is part of it, when the pen comes back."""
    portrait = made("in_edit", student, member)
    actions.hand_back(portrait, message="Un mot de plus ?", by=member.user)
    shown = lea.get(HAND_IN).context["version"]
    hand_in(lea)
    consent = factories.fresh(portrait).consent
    assert (shown.title, consent.fingerprint) == ("Servir au plus près", shown.fingerprint)


def test_hand_in_of_words_that_changed_since_shows_the_new_ones(lea, student):
    portrait = made("draft", student)
    read = choices(lea.get(HAND_IN))
    actions.answer(portrait, "origin", "Quimper.", by=student.user)
    page = lea.post(HAND_IN, read)
    form = page.context["form"]
    assert (page.status_code, list(form.errors), form["places"].value()) == (422, ["__all__"], read["places"])
    assert (factories.fresh(portrait).state, form["shown"].value()) == (
        "draft",
        page.context["version"].fingerprint,
    )
    assert lea.post(HAND_IN, choices(page)).url == OVERVIEW


def test_hand_in_with_something_missing_leads_back_and_says_what(lea, student):
    portrait = made("draft", student, why="")
    answer = lea.post(HAND_IN, {"places": ["gallery"], "until": in_days(9).isoformat()}, follow=True)
    (message,) = answer.context["messages"]
    assert (answer.redirect_chain, str(portrait.missing[0]) in str(message)) == ([(OVERVIEW, 302)], True)


def test_hand_in_takes_nothing_but_the_agreement(lea, student):
    portrait = made("draft", student)
    hand_in(lea, text="Autre texte.", quote="x", by=1, terms="Rien.", signed_in_with="x", state="published")
    kept = factories.fresh(portrait)
    assert (kept.state, kept.quote) == ("submitted", factories.ANSWERS["quote"])
    assert kept.consent.signed_in_with == "session"


def test_hand_in_twice_says_that_it_is_done(lea, student):
    portrait = made("draft", student)
    read = choices(lea.get(HAND_IN))
    lea.post(HAND_IN, read)
    answer = lea.post(HAND_IN, read, follow=True)
    assert [message.level_tag for message in answer.context["messages"]][-1] == "warning"
    assert portrait.consents.count() == 1


# Sign --------------------------------------------------------------------------------------------


def test_sign(lea, student):
    portrait = made("to_sign", student)
    answer = sign(lea)
    kept = factories.fresh(portrait)
    assert (answer.url, kept.is_signed, kept.signed_version) == (OVERVIEW, True, 2)


def test_sign_shows_what_changed_word_by_word(lea, student):
    made("to_sign", student)
    changes = lea.get(SIGN).context["changes"]
    (title, _text) = changes.words
    assert ([op for op, _words in title[1]], title[1][0][1]) == (["added"], "Servir au plus près")


def test_sign_compares_with_the_version_last_signed(lea, student, member):
    portrait = made("signed", student, member)
    actions.edit(portrait, read=2, by=member.user, quote="Une autre phrase.")
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    changes = lea.get(SIGN).context["changes"]
    assert (changes.before.number, len(changes.words)) == (2, 1)


@pytest.mark.parametrize("is_reframed", [True, False], ids=["framed anew", "as it was"])
def test_sign_says_that_the_photo_is_framed_differently(is_reframed, lea, student, member):
    portrait = made("in_edit", student, member)
    if is_reframed:
        actions.reframe(portrait, Crop(0.1, 0.1, 0.6, 0.6), read=2, by=member.user)
    portrait = factories.fresh(portrait)
    actions.ask_signature(portrait, read=portrait.version, by=member.user)
    assert lea.get(SIGN).context["changes"].has_new_frame is is_reframed


def test_sign_of_a_text_that_changed_since_shows_the_new_one(lea, student, member):
    portrait = made("to_sign", student, member)
    read = choices(lea.get(SIGN))
    actions.edit(portrait, read=2, by=member.user, text="Un tout autre texte.")
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    page = lea.post(SIGN, read)
    form = page.context["form"]
    assert (page.status_code, list(form.errors), factories.fresh(portrait).state) == (
        422,
        ["__all__"],
        "to_sign",
    )
    assert (form["version"].value(), form["places"].value()) == (3, ["gallery", "linkedin"])
    assert "Un tout autre texte." in page.content.decode()
    assert lea.post(SIGN, choices(page)).url == OVERVIEW


@pytest.mark.parametrize("version", ["", "0", "1", "99"])
def test_sign_without_the_version_that_was_read_is_refused(version, lea, student):
    portrait = made("to_sign", student)
    assert (sign(lea, version=version).status_code, factories.fresh(portrait).state) == (422, "to_sign")


@pytest.mark.parametrize(
    "state", ["invited", "draft", "submitted", "in_edit", "signed", "published", "withdrawn"]
)
@pytest.mark.parametrize(
    "data", [{}, {"message": ""}, {"message": "Non."}], ids=["sign", "no words", "words"]
)
def test_sign_what_does_not_wait_for_it_says_so(data, state, lea, student):
    portrait = made(state, student)
    agreed = {"places": ["gallery"], "until": in_days(9).isoformat(), "version": portrait.version}
    answer = lea.post(SIGN, data or agreed, follow=True)
    assert (answer.redirect_chain, factories.fresh(portrait).state) == ([(OVERVIEW, 302)], state)
    assert {message.level_tag for message in answer.context["messages"]} == {"warning"}


def test_hostile_text_is_shown_as_text(lea, student, member):
    portrait = made("in_edit", student, member)
    hostile = "<script>alert(1)</script> \u05e9\u05dc\u05d5\u05dd 👩🏽‍🚀"
    actions.edit(
        portrait, read=2, by=member.user, title=hostile, quote=hostile, text=hostile, alt_text=hostile
    )
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    shown = lea.get(SIGN).content.decode()
    assert (escape(hostile) in shown, "<script>alert" in shown) == (True, False)


# Ask for a change --------------------------------------------------------------------------------


def test_ask_for_a_change(lea, student):
    portrait = made("to_sign", student)
    answer = lea.post(SIGN, {"message": "Pas « la mer », s’il vous plaît."})
    move = portrait.moves.last()
    assert (answer.url, move.name, move.note) == (OVERVIEW, "ask_change", "Pas « la mer », s’il vous plaît.")


@pytest.mark.parametrize("message", ["", "x" * 2001, "Non\x00"], ids=["empty", "long", "null"])
def test_ask_for_a_change_refused_keeps_the_words(message, lea, student):
    portrait = made("to_sign", student)
    page = lea.post(SIGN, {"message": message})
    assert (page.status_code, list(page.context["refusal"].errors)) == (422, ["message"])
    assert page.context["refusal"]["message"].value() == message
    assert factories.fresh(portrait).state == "to_sign"


def test_ask_for_a_change_too_late_gives_the_words_back(lea, student, member):
    portrait = made("to_sign", student, member)
    actions.edit(portrait, read=2, by=member.user, text="Autre texte.")
    answer = lea.post(SIGN, {"message": "Pas « la mer »."}, follow=True)
    assert any("Pas « la mer »." in str(message) for message in answer.context["messages"])
