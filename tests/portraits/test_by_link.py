"""Signed links: what a GET shows and never changes, what the button does, which link moves nothing, and how often one may try."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portraits import actions, consents, links
from portraits.models import Consent, Place, Portrait
from portraits.views import by_link
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
RUNNING = Portrait.UNDER_WAY


def withdrawal(portrait):
    return links.path(portrait.consent, links.WITHDRAW)


def keeping(portrait):
    return links.path(portrait.consent, links.KEEP)


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


# Withdraw ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", RUNNING)
def test_link_shows_the_button_and_reading_changes_nothing(state, client, student):
    portrait = made(state, student)
    for method in (client.get, client.head):
        answer = method(withdrawal(portrait))
    page = client.get(withdrawal(portrait))
    assert (answer.status_code, page.context["runs"], factories.fresh(portrait).state) == (200, True, state)
    assert (page["X-Robots-Tag"], "no-store" in page["Cache-Control"]) == ("noindex", True)


@pytest.mark.parametrize("state", RUNNING)
def test_link_withdraws_with_one_press_and_without_a_login_or_a_cookie(state, student):
    portrait = made(state, student)
    address = withdrawal(portrait)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address)
    assert (answer.status_code, answer.url, factories.fresh(portrait).state) == (302, address, "withdrawn")
    page = strict.get(address)
    assert (page.context["runs"], 'id="gone"' in page.content.decode()) == (False, True)


def test_link_pressed_twice_withdraws_once(client, student):
    portrait = made("published", student)
    address = withdrawal(portrait)
    client.post(address)
    assert client.post(address).status_code == 302
    assert portrait.moves.filter(name="withdraw_by_link").count() == 1


def test_link_works_for_whoever_is_signed_in(client, student, member):
    portrait = made("published", student)
    client.force_login(member.user)
    client.post(withdrawal(portrait))
    assert portrait.moves.last().by == student.user


def test_link_of_a_replaced_agreement_shows_that_and_cannot_act(client, student):
    portrait = made("published", student)
    old = withdrawal(portrait)
    actions.change_consent(portrait, factories.agreement("x"), read=portrait.consent_id, by=student.user)
    page = client.get(old)
    client.post(old)
    assert (page.status_code, page.context["runs"], 'name="present"' in page.content.decode()) == (
        200,
        False,
        True,
    )
    assert factories.fresh(portrait).state == "published"


def test_link_of_a_replaced_agreement_sends_the_present_one_to_the_student(client, student, mailoutbox):
    portrait = made("published", student)
    old = withdrawal(portrait)
    actions.change_consent(portrait, factories.agreement("x"), read=portrait.consent_id, by=student.user)
    mailoutbox.clear()
    client.post(old, {"present": "1"})
    (mail,) = mailoutbox
    assert (mail.to, withdrawal(factories.fresh(portrait)) in mail.body) == (["lea@example.org"], True)


def test_link_of_a_withdrawn_agreement_says_nothing_of_the_next(client, student):
    portrait = made("published", student)
    old = withdrawal(portrait)
    client.post(old)
    actions.reopen(factories.fresh(portrait), by=student.user)
    actions.set_photo(factories.fresh(portrait), **photo(), by=student.user)
    actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)
    client.post(old)
    assert ('id="gone"' in client.get(old).content.decode(), factories.fresh(portrait).state) == (
        False,
        "submitted",
    )


def photo():
    import io

    return {"upload": io.BytesIO(factories.picture_bytes()), "alt_text": "De face"}


WRONG = {
    "nonsense": "nonsense",
    "cut short": None,
    "signed for something else": signing.Signer(salt="other").sign_object(["0" * 8, 1]),
    "not a list": signing.Signer(salt="portraits.links.withdrawal_link").sign_object(7),
    "nobody's": signing.Signer(salt="portraits.links.withdrawal_link").sign_object(["00000000", 1]),
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("method", ["get", "post"])
def test_wrong_link_is_one_clear_page(method, token, client, student):
    portrait = made("published", student)
    token = token or withdrawal(portrait).rstrip("/").rpartition("/")[2][:-3]
    answer = getattr(client, method)(reverse("withdrawal_link", args=[token]))
    assert (answer.status_code, factories.fresh(portrait).state) == (404, "published")
    assert "portraits/consents/link_refused.html" in [template.name for template in answer.templates]


def test_link_of_another_portrait_with_the_same_agreement_is_wrong(client, student):
    portrait = made("published", student)
    signer = signing.Signer(salt="portraits.links.withdrawal_link")
    token = signer.sign_object(["ffffffff", portrait.consent_id])
    assert client.get(reverse("withdrawal_link", args=[token])).status_code == 404


def test_link_that_keeps_does_not_withdraw(client, student):
    portrait = made("published", student)
    token = keeping(portrait).rstrip("/").rpartition("/")[2]
    answer = client.post(reverse("withdrawal_link", args=[token]))
    assert (answer.status_code, factories.fresh(portrait).state) == (404, "published")


def test_link_is_the_same_each_time(student):
    portrait = made("signed", student)
    assert withdrawal(portrait) == withdrawal(factories.fresh(portrait))


def test_wrong_links_are_refused_after_too_many(client, student, monkeypatch):
    portrait = made("published", student)
    monkeypatch.setattr(by_link, "WRONG_LINKS", 3)
    wrong = reverse("withdrawal_link", args=["nonsense"])
    assert [client.get(wrong).status_code for _try in range(4)] == [404, 404, 404, 429]
    assert client.get(withdrawal(portrait)).status_code == 200


def test_button_is_refused_after_too_many(client, student, monkeypatch):
    portrait = made("published", student)
    address = withdrawal(portrait)
    monkeypatch.setattr(by_link, "BUTTONS", 2)
    assert [client.post(address).status_code for _try in range(3)] == [302, 302, 429]


# Keep --------------------------------------------------------------------------------------------


def ending(student, days=20):
    portrait = made("published", student, until=in_days(days))
    Consent.objects.filter(pk=portrait.consent_id).update(given_at=timezone.now() - timedelta(days=300))
    return factories.fresh(portrait)


def as_shown(page):
    form = page.context["form"]
    return {name: form[name].value() or "" for name in ("consent", "places", "until", "day")}


def test_keeping_suggests_a_later_day_and_the_places_as_they_are(client, student):
    portrait = ending(student)
    form = client.get(keeping(portrait)).context["form"]
    suggested = consents.offered_ends(portrait)[0][0]
    assert (form["places"].value(), form["until"].value()) == (["gallery", "linkedin"], suggested.isoformat())


def test_keeping_takes_one_press_and_records_a_new_agreement(student, client):
    portrait = ending(student)
    address = keeping(portrait)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, as_shown(client.get(address)))
    consent = factories.fresh(portrait).consent
    assert (answer.status_code, consent.places) == (302, [Place.GALLERY, Place.LINKEDIN])
    assert (consent.until, consent.signed_in_with, consent.by) == (
        consents.offered_ends(portrait)[0][0],
        "signed_link:lea@example.org",
        student.user,
    )
    assert "portraits/consents/kept.html" in [template.name for template in strict.get(address).templates]


def test_keeping_read_by_a_mail_scanner_changes_nothing(client, student):
    portrait = ending(student)
    client.get(keeping(portrait))
    assert factories.fresh(portrait).consent == portrait.consent


def test_keeping_works_where_the_login_is_closed(client, student):
    portrait = ending(student)
    type(student.user).objects.update(is_active=False)
    client.post(keeping(portrait), as_shown(client.get(keeping(portrait))))
    assert factories.fresh(portrait).consent.until > portrait.consent.until


def test_keeping_pressed_twice_records_one_agreement(client, student):
    portrait = ending(student)
    address, data = keeping(portrait), as_shown(client.get(keeping(portrait)))
    client.post(address, data)
    client.post(address, data)
    assert portrait.consents.count() == 3


@pytest.mark.parametrize("how", ["withdrawn", "over", "no login any more"])
def test_keeping_what_cannot_be_kept_says_so_and_changes_nothing(how, client, student):
    portrait = ending(student)
    address, count = keeping(portrait), portrait.consents.count()
    data = as_shown(client.get(address))
    if how == "withdrawn":
        actions.withdraw(portrait, by=student.user)
    elif how == "over":
        portrait.consents.filter(ended_at=None).update(until=in_days(-1))
    else:
        type(student).objects.filter(pk=student.pk).update(user=None)
    page = client.post(address, data)
    assert "portraits/consents/kept.html" in [template.name for template in page.templates]
    assert portrait.consents.count() == count


def test_keeping_refused_keeps_the_choices(client, student):
    portrait = ending(student)
    page = client.post(keeping(portrait), as_shown(client.get(keeping(portrait))) | {"places": []})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["places"])


def test_no_mail_but_to_the_student_holds_a_link(
    student, member, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        portrait = made("published", student, member)
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_consent(portrait, factories.agreement("x"), read=portrait.consent_id, by=student.user)
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(factories.fresh(portrait), by=student.user)
    holders = {mail.to[0] for mail in mailoutbox if re.search("/(retrait|prolongation)/", mail.body)}
    assert holders == {"lea@example.org"}
