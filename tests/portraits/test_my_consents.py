"""*Mes autorisations*: what is shown, place by place; what taking away, adding and prolonging record; what is refused."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from inet_comms.lifecycle import MoveRefused
from portraits import actions, consents, links
from portraits.actions.consenting import StaleConsent
from portraits.models import Place, Portrait
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
PAGE, CHANGE = reverse("my_consents"), reverse("my_agreement")
RUNNING = Portrait.UNDER_WAY


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def change(portrait, *places, until=None, by=None):
    agreement = factories.agreement(*places, until=until or portrait.consent.until)
    return actions.change_consent(
        portrait, agreement, read=portrait.consent_id, by=by or portrait.student.user
    )


# The action --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", RUNNING)
def test_change_is_a_new_row_for_the_version_agreed_to(state, student):
    portrait = made(state, student)
    before = portrait.consent
    consent = change(portrait, "gallery", "x", until=in_days(90))
    kept = factories.fresh(portrait)
    assert (kept.consent, kept.state, kept.signed_version) == (consent, state, portrait.signed_version)
    assert (consent.version, consent.fingerprint, consent.places, consent.until) == (
        before.version,
        before.fingerprint,
        [Place.GALLERY, Place.X],
        in_days(90),
    )
    before.refresh_from_db()
    assert (before.end, before.ended_with, before.places) == (
        "replaced",
        "code",
        [Place.GALLERY, Place.LINKEDIN],
    )


def test_change_while_the_pen_is_given_back(student, member):
    portrait = made("submitted", student, member)
    actions.hand_back(portrait, message="Un mot de plus ?", by=member.user)
    assert change(factories.fresh(portrait), "x").places == [Place.X]


def test_change_to_the_same_records_nothing(student):
    portrait = made("signed", student)
    assert change(portrait, "gallery", "linkedin") == portrait.consent
    assert portrait.consents.count() == 2


@pytest.mark.parametrize("state", ["invited", "draft", "withdrawn"])
def test_change_of_nothing_is_refused(state, student):
    portrait = made(state, student)
    with pytest.raises(MoveRefused):
        actions.change_consent(portrait, factories.agreement(), read=0, by=student.user)
    assert factories.fresh(portrait).consent is None


def test_change_after_the_last_day_is_refused(student):
    portrait = made("published", student)
    portrait.consents.filter(ended_at=None).update(until=in_days(-1))
    with pytest.raises(MoveRefused):
        change(factories.fresh(portrait), "x")


def test_change_to_no_place_is_refused(student):
    portrait = made("signed", student)
    nowhere = factories.agreement()
    nowhere = type(nowhere)(frozenset(), nowhere.until, nowhere.terms, nowhere.signed_in_with)
    with pytest.raises(MoveRefused):
        actions.change_consent(portrait, nowhere, read=portrait.consent_id, by=student.user)


def test_change_of_an_agreement_that_another_one_replaced_is_refused(student):
    portrait = made("signed", student)
    read = portrait.consent_id
    change(portrait, "x")
    with pytest.raises(StaleConsent):
        actions.change_consent(
            factories.fresh(portrait), factories.agreement("mastodon"), read=read, by=student.user
        )
    assert factories.fresh(portrait).consent.places == [Place.X]


def test_change_is_the_students_alone(student, classmate, member, staff):
    portrait = made("signed", student, member)
    denied = []
    for user in (classmate.user, member.user, staff):
        with pytest.raises(PermissionDenied):
            change(portrait, "x", by=user)
        denied.append(user)
    assert (len(denied), factories.fresh(portrait).consent) == (3, portrait.consent)


def test_change_sends_the_receipt_and_tells_the_group_what_came_and_went(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("signed", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        consent = change(portrait, "gallery", "x")
    own, group = mailoutbox
    assert (own.to, len(own.attachments), links.path(consent, links.WITHDRAW) in own.body) == (
        ["lea@example.org"],
        1,
        True,
    )
    assert (group.to, "LinkedIn" in group.body, "X" in group.body) == (["ines@example.org"], True, True)


def test_change_of_the_day_alone_leaves_the_group_in_peace(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = made("signed", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        change(portrait, "gallery", "linkedin", until=in_days(700))
    assert [mail.to for mail in mailoutbox] == [["lea@example.org"]]


# The gallery -------------------------------------------------------------------------------------


def test_taking_the_gallery_away_hides_the_page_at_once(client, student):
    portrait = made("published", student)
    address = portrait.get_absolute_url()
    picture = portrait.photo.small_url
    before = (client.get(address).status_code, client.get(picture).status_code)
    change(portrait, "linkedin")
    after = (client.get(address).status_code, client.get(picture).status_code)
    assert (before, after) == ((200, 200), (410, 404))
    assert "Léa Le Goff" not in client.get(reverse("gallery_feed")).content.decode()


def test_giving_the_gallery_back_shows_the_same_version_again(client, student):
    portrait = made("published", student)
    change(portrait, "linkedin")
    change(factories.fresh(portrait), "linkedin", "gallery")
    assert client.get(portrait.get_absolute_url()).status_code == 200


# Since when --------------------------------------------------------------------------------------


def test_allowed_since_the_first_of_an_unbroken_row_of_agreements(student):
    portrait = made("signed", student)
    first = portrait.consents.order_by("pk").first()
    change(portrait, "linkedin", "x")
    third = change(factories.fresh(portrait), "gallery", "linkedin", "x", until=in_days(50))
    history = portrait.consents.order_by("-pk")
    assert consents.allowed_since(history, "linkedin") == first.given_at
    assert consents.allowed_since(history, "gallery") == third.given_at
    assert consents.allowed_since(history, "mastodon") is None


def test_allowed_since_begins_anew_after_a_withdrawal(student):
    portrait = made("published", student)
    actions.withdraw(portrait, by=student.user)
    assert consents.allowed_since(portrait.consents.order_by("-pk"), "gallery") is None


# The page ----------------------------------------------------------------------------------------


def rows(page):
    return {row.place.value: row.is_allowed for row in page.context["allowances"].rows}


@pytest.mark.parametrize("state", RUNNING)
def test_page_shows_each_place_and_each_receipt(state, lea, student):
    portrait = made(state, student)
    page = lea.get(PAGE)
    assert rows(page) == dict.fromkeys(Place.values, False) | {"gallery": True, "linkedin": True}
    shown = page.content.decode()
    receipts = [reverse("consent_receipt", args=[consent.pk]) for consent in portrait.consents.all()]
    assert [address for address in receipts if address not in shown] == []


@pytest.mark.parametrize("state", ["invited", "draft", None])
def test_page_of_nothing_says_where_to_begin(state, lea, student):
    if state:
        made(state, student)
    page = lea.get(PAGE)
    assert (page.status_code, reverse("my_portrait") in page.content.decode()) == (200, True)


def test_page_after_a_withdrawal_shows_what_became_of_it(lea, student):
    portrait = made("published", student)
    actions.withdraw(portrait, by=student.user)
    page = lea.get(PAGE)
    assert (page.context["allowances"].last_ended, 'id="gone"' in page.content.decode()) == (
        portrait.consents.first(),
        True,
    )


def test_page_costs_the_same_for_one_and_for_three_agreements(lea, student, django_assert_num_queries):
    portrait = made("signed", student)
    lea.get(PAGE)
    with django_assert_num_queries(QUERIES):
        lea.get(PAGE)
    change(portrait, "x")
    change(factories.fresh(portrait), "x", "linkedin")
    with django_assert_num_queries(QUERIES):
        lea.get(PAGE)


QUERIES = 10


# Take back one place -----------------------------------------------------------------------------


def take_back(client, place, consent):
    return client.post(reverse("my_place_taken_away", args=[place]), {"consent": consent}, follow=True)


def test_place_taken_back_keeps_the_rest_and_the_sentence_of_the_button(lea, student):
    portrait = made("published", student)
    before = portrait.consent
    sentence = consents.place_taken_away("linkedin")
    assert escape(sentence) in lea.get(PAGE).content.decode()
    answer = take_back(lea, "linkedin", before.pk)
    consent = factories.fresh(portrait).consent
    assert (answer.redirect_chain, consent.places, consent.until) == (
        [(PAGE, 302)],
        [Place.GALLERY],
        before.until,
    )
    assert (consent.terms, consent.signed_in_with) == (consents.terms_without(before, "linkedin"), "session")
    assert sentence in consent.terms and before.terms in consent.terms


@pytest.mark.parametrize(
    ("place", "consent"),
    [("x", "running"), ("myspace", "running"), ("linkedin", 0), ("linkedin", "no number")],
)
def test_place_taken_back_that_is_not_there_or_from_an_old_page_changes_nothing(place, consent, lea, student):
    portrait = made("signed", student)
    read = portrait.consent_id if consent == "running" else consent
    answer = take_back(lea, place, read)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert factories.fresh(portrait).consent == portrait.consent


def test_last_place_is_taken_back_by_withdrawing(lea, student):
    portrait = made("signed", student, places=("gallery",))
    answer = take_back(lea, "gallery", portrait.consent_id)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert factories.fresh(portrait).consent == portrait.consent


# The whole agreement again -----------------------------------------------------------------------


def choices(page, **changes):
    form = page.context["form"]
    return {
        "consent": form["consent"].value(),
        "places": form["places"].value(),
        "until": form["until"].value(),
        "day": form["day"].value() or "",
    } | changes


def test_change_page_shows_the_terms_and_the_choice_as_it_is(lea, student):
    portrait = made("published", student, until=in_days(77))
    page = lea.get(CHANGE)
    shown, form = page.content.decode(), page.context["form"]
    assert [
        words for words in consents.terms(portrait, settings.SCHOOL_NAME) if escape(words) not in shown
    ] == []
    assert (form["places"].value(), form["until"].value(), form["day"].value()) == (
        ["gallery", "linkedin"],
        "another",
        in_days(77),
    )


def test_change_page_ticks_the_place_they_came_to_add(lea, student):
    made("published", student)
    assert lea.get(CHANGE, {"plus": "x"}).context["form"]["places"].value() == ["gallery", "linkedin", "x"]


def test_change_page_records_a_new_agreement_with_its_terms(lea, student):
    portrait = made("published", student)
    until = in_days(500)
    answer = lea.post(
        CHANGE, choices(lea.get(CHANGE), places=["gallery", "x"], until="another", day=until.isoformat())
    )
    consent = factories.fresh(portrait).consent
    assert (answer.url, consent.places, consent.until) == (PAGE, [Place.GALLERY, Place.X], until)
    assert consent.terms == consents.agreed_terms(portrait, settings.SCHOOL_NAME, ["gallery", "x"], until)


def test_change_page_that_is_old_changes_nothing_and_says_so(lea, student):
    portrait = made("published", student)
    old = choices(lea.get(CHANGE), places=["mastodon"])
    change(portrait, "x")
    answer = lea.post(CHANGE, old, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert factories.fresh(portrait).consent.places == [Place.X]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"places": []}, "places"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "another", "day": "x"}, "day"),
    ],
)
def test_change_page_refused_keeps_the_choices(changes, field, lea, student):
    portrait = made("published", student)
    page = lea.post(CHANGE, choices(lea.get(CHANGE), **changes))
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert factories.fresh(portrait).consent == portrait.consent


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_change_page_of_nothing_leads_back(state, lea, student):
    made(state, student)
    assert lea.get(CHANGE).url == PAGE
