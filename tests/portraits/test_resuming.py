"""Links that know the student: signing in once from a mail, by a code from a message, and no more reminders."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.models import User
from portraits import actions, personal
from portraits.models import ResumeLink
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("invited", student=student, comms=member)


@pytest.fixture
def link(portrait):
    return ResumeLink.make(portrait)


def signed_in(client):
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


# From a mail ------------------------------------------------------------------------------------


def test_link_signs_in_and_opens_what_is_missing(client, link, student):
    response = client.post(link)
    assert (response.status_code, response.url) == (302, reverse("my_question", args=["origin"]))
    assert signed_in(client) == student.user


@pytest.mark.parametrize(
    ("state", "name"), [("draft", "my_hand_in"), ("to_sign", "my_signature"), ("submitted", "my_portrait")]
)
def test_link_opens_the_step_of_today(state, name, client, student, member):
    link = ResumeLink.make(factories.make_portrait(state, student=student, comms=member))
    assert client.post(link).url == reverse(name)


def test_link_opens_the_photo_where_only_the_photo_is_missing(client, student, member):
    portrait = actions.invite(student, by=member.user)
    for key in factories.ANSWERS:
        actions.answer(portrait, key, "Des mots.", by=student.user)
    assert client.post(ResumeLink.make(portrait)).url == reverse("my_photo")


def test_link_is_opened_without_effect(client, link):
    """Mail scanners open links."""
    response = client.get(link)
    assert (response.status_code, signed_in(client), ResumeLink.objects.get().used_at) == (200, None, None)


def test_link_works_once_and_then_a_code_leads_to_the_same_page(client, link, student):
    client.post(link)
    client.logout()
    refused = client.post(link)
    assert (refused.status_code, signed_in(client)) == (410, None)
    mail.outbox.clear()
    asked = client.post(refused.context["code"])
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    path = reverse("my_question", args=["origin"])
    assert asked.url == reverse("account_confirm_login_code", query={"next": path})
    page = client.get(asked.url).content.decode()
    assert f'name="next" value="{path}"' in page
    assert client.post(asked.url, {"code": code, "next": path}).url == path
    assert signed_in(client) == student.user


def test_of_two_requests_with_one_link_one_signs_in(link, portrait):
    row = ResumeLink.objects.get()
    assert [actions.use_up(row), actions.use_up(row)] == [True, False]


def test_link_lives_for_two_weeks(client, portrait):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        early, late = ResumeLink.make(portrait), ResumeLink.make(portrait)
        clock.shift(timedelta(days=13, hours=23))
        assert client.post(early).status_code == 302
        client.logout()
        clock.shift(timedelta(hours=2))
        assert (client.post(late).status_code, signed_in(client)) == (410, None)


def test_one_link_leaves_the_others_alive(client, portrait):
    first, second = ResumeLink.make(portrait), ResumeLink.make(portrait)
    client.post(first)
    client.logout()
    assert client.post(second).status_code == 302


def test_whoever_is_signed_in_goes_on_at_once_and_the_link_stays(client, link, student):
    client.force_login(student.user)
    assert client.get(link).url == reverse("my_question", args=["origin"])
    assert ResumeLink.objects.get().used_at is None


def test_somebody_else_in_this_browser_is_signed_out(client, link, student, member):
    client.force_login(member.user)
    assert client.get(link).status_code == 200
    client.post(link)
    assert signed_in(client) == student.user


@pytest.mark.parametrize("token", ["x", "é", "a" * 400, "code"])
def test_link_that_is_not_ours_is_refused(client, token):
    response = client.post(reverse("resume", args=[token]))
    assert (response.status_code, signed_in(client)) == (404, None)


def test_link_of_someone_who_may_not_sign_in_any_more_is_refused(client, link):
    User.objects.update(is_active=False)
    assert (client.post(link).status_code, signed_in(client)) == (404, None)


def test_link_asks_for_the_second_factor_of_whoever_has_one(client, link, student):
    TOTP.activate(student.user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    response = client.post(link)
    assert (response.url.startswith(reverse("mfa_authenticate")), signed_in(client)) == (True, None)


def test_link_does_not_spare_staff_the_second_factor(client, link, student, settings):
    settings.STAFF_SECOND_FACTOR = True
    User.objects.filter(pk=student.user_id).update(is_staff=True)
    response = client.post(link)
    assert client.get(response.url).url == reverse("mfa_index")


def test_signing_in_by_link_is_part_of_the_proof(client, link, student):
    client.post(link)
    methods = [record["method"] for record in client.session["account_authentication_methods"]]
    assert methods == ["resume_link"]


def test_database_holds_no_link(link):
    token = link.strip("/").split("/")[-1]
    assert [value for value in ResumeLink.objects.values_list("digest", flat=True) if token in value] == []


def test_links_that_nobody_can_use_are_forgotten(portrait):
    from portraits.actions.chasing import forget_old_links

    with time_machine.travel(timezone.now() - timedelta(days=15)):
        ResumeLink.make(portrait)
    ResumeLink.make(portrait)
    forget_old_links()
    assert ResumeLink.objects.count() == 1


def test_page_is_kept_by_no_cache(client, link):
    assert "no-store" in client.get(link).headers["Cache-Control"]


# From a message that others have read ------------------------------------------------------------------


def test_message_link_sends_a_code_and_leads_to_the_missing_step(client, portrait, student):
    mail.outbox.clear()
    response = client.post(personal.way_on(portrait))
    path = reverse("my_question", args=["origin"])
    assert response.url == reverse("account_confirm_login_code", query={"next": path})
    assert ([message.to for message in mail.outbox], signed_in(client)) == ([[student.email]], None)


def test_message_link_opened_sends_nothing(client, portrait):
    mail.outbox.clear()
    response = client.get(personal.way_on(portrait))
    assert (response.status_code, mail.outbox) == (200, [])
    assert portrait.student.email not in response.content.decode()


def test_message_link_dies_after_two_weeks(client, portrait):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        path = personal.way_on(portrait)
        clock.shift(timedelta(days=14, seconds=2))
        assert client.post(path).status_code == 404


def test_message_link_does_not_flood_a_mailbox(client, portrait):
    mail.outbox.clear()
    answers = [client.post(personal.way_on(portrait)).status_code for _time in range(8)]
    assert (answers[-1], len(mail.outbox) < 8) == (429, True)


# No more reminders ------------------------------------------------------------------------------------


@pytest.fixture
def way_out(portrait):
    return personal.way_out(portrait)


@pytest.fixture
def stranger():
    """Nobody in particular, and every forgery check in place."""
    return Client(enforce_csrf_checks=True)


def test_way_out_is_opened_without_effect(stranger, way_out, portrait):
    assert (stranger.get(way_out).status_code, fresh(portrait).nudges_off_at) == (200, None)


def test_way_out_works_without_signing_in(stranger, way_out, portrait):
    response = stranger.post(way_out)
    assert (response.status_code, fresh(portrait).nudges_off_at is None) == (200, False)


def test_mail_programs_post_one_click_without_a_token(stranger, way_out, portrait):
    response = stranger.post(way_out, {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, fresh(portrait).nudges_off_at is None) == (204, False)


def test_other_addresses_still_want_the_token(stranger, link, student):
    stranger.force_login(student.user)
    assert [stranger.post(path).status_code for path in (link, reverse("my_reminders"))] == [403, 403]


def test_way_out_twice_keeps_the_first_moment(stranger, way_out, portrait):
    stranger.post(way_out)
    first = fresh(portrait).nudges_off_at
    stranger.post(way_out)
    assert fresh(portrait).nudges_off_at == first


@pytest.mark.parametrize("token", ["x", "MQ:1abcde:forged"])
def test_way_out_that_is_not_ours_is_refused(stranger, token):
    assert stranger.post(reverse("no_more_reminders", args=[token])).status_code == 404


def test_links_of_one_kind_do_not_open_another(stranger, portrait):
    token = personal.way_on(portrait).strip("/").split("/")[-1]
    assert stranger.post(reverse("no_more_reminders", args=[token])).status_code == 404


def test_student_switches_them_on_again(client, portrait, student):
    actions.stop_reminders(portrait)
    client.force_login(student.user)
    assert reverse("my_reminders") in client.get(reverse("my_portrait")).content.decode()
    client.post(reverse("my_reminders"))
    assert fresh(portrait).nudges_off_at is None
    assert reverse("my_reminders") not in client.get(reverse("my_portrait")).content.decode()
