"""One door for everyone: a code by mail, no sign-up, the same words for all; a second factor for staff; links for operators."""

import base64
import hmac
import io
import re
import struct
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation

from cohorts.models import User

pytestmark = pytest.mark.django_db

LOGIN, CODE = reverse("account_login"), reverse("account_confirm_login_code")
FACTORS, TOTP_SETUP = reverse("mfa_index"), reverse("mfa_activate_totp")


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


def ask_for_code(client, email):
    return client.post(LOGIN, {"login": email})


def code_in_the_mail():
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def sign_in(client, email):
    ask_for_code(client, email)
    return client.post(CODE, {"code": code_in_the_mail()})


def signed_in(client):
    """Who this browser is signed in as."""
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def six_digits(secret):
    """What an authenticator app shows now (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


# Code by mail -------------------------------------------------------------------------------------


def test_code_by_mail_signs_in(client, student):
    response = sign_in(client, "lea@example.org")
    assert (response.status_code, response.url, signed_in(client)) == (302, reverse("home"), student.user)


def test_address_is_known_in_any_case(client, student):
    sign_in(client, "LEA@Example.ORG")
    assert signed_in(client) == student.user


def test_code_is_asked_once_and_no_other_address_check_follows(client, student):
    sign_in(client, "lea@example.org")
    assert len(mail.outbox) == 1


def test_page_has_no_password(client):
    assert 'type="password"' not in client.get(LOGIN).content.decode()


def test_wrong_code_does_not_sign_in(client, student):
    ask_for_code(client, "lea@example.org")
    response = client.post(CODE, {"code": "000000" if code_in_the_mail() != "000000" else "111111"})
    assert (response.status_code, signed_in(client)) == (200, None)


def test_three_wrong_codes_void_the_right_one(client, student):
    ask_for_code(client, "lea@example.org")
    right = code_in_the_mail()
    wrong = "000000" if right != "000000" else "111111"
    for _try in range(3):
        client.post(CODE, {"code": wrong})
    client.post(CODE, {"code": right})
    assert signed_in(client) is None


def test_code_dies_after_ten_minutes(client, student):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask_for_code(client, "lea@example.org")
        clock.shift(timedelta(minutes=10, seconds=1))
        client.post(CODE, {"code": code_in_the_mail()})
    assert signed_in(client) is None


def test_code_works_once(client, student):
    sign_in(client, "lea@example.org")
    used = code_in_the_mail()
    client.logout()
    client.post(CODE, {"code": used})
    assert signed_in(client) is None


def test_inactive_person_cannot_sign_in(client, student):
    User.objects.update(is_active=False)
    ask_for_code(client, "lea@example.org")
    if mail.outbox and (found := re.search(r"\b\d{6}\b", mail.outbox[-1].body)):
        client.post(CODE, {"code": found[0]})
    assert signed_in(client) is None


def test_known_and_unknown_addresses_get_the_same_answer(client, student):
    def answer(email):
        client.cookies.pop("sessionid", None)
        response = ask_for_code(client, email)
        page = client.get(response.url).content.decode()
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
        return response.status_code, response.url, page.replace(email, "EMAIL")

    assert answer("lea@example.org") == answer("personne@example.org")


def test_sign_up_is_closed(client):
    page = client.get(reverse("account_signup"))
    assert 'name="email"' not in page.content.decode()
    client.post(reverse("account_signup"), {"email": "new@example.org"})
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"],
)
def test_next_leads_to_own_paths_only(client, student, target):
    client.post(LOGIN, {"login": "lea@example.org", "next": target})
    response = client.post(CODE, {"code": code_in_the_mail(), "next": target})
    assert response.url == reverse("home")


def test_session_is_new_after_signing_in(client, student):
    client.get(LOGIN)
    ask_for_code(client, "lea@example.org")
    before = client.session.session_key
    client.post(CODE, {"code": code_in_the_mail()})
    assert client.session.session_key != before


# The staff's desk and the second factor -------------------------------------------------------------


def test_desk_has_the_same_door(client):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(LOGIN)


def test_staff_reach_the_desk_where_no_second_factor_is_asked(client, staff, settings):
    settings.STAFF_SECOND_FACTOR = False
    sign_in(client, staff.email)
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.fixture
def second_factor(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.mark.parametrize("path", [reverse("admin:index"), reverse("posts"), reverse("gallery")])
def test_staff_without_second_factor_get_no_further(client, staff, second_factor, path):
    sign_in(client, staff.email)
    response = client.get(path)
    assert (response.status_code, response.url) == (302, FACTORS)


def test_recovery_codes_alone_are_no_second_factor(client, staff, second_factor):
    RecoveryCodes.activate(staff)
    client.force_login(staff)
    assert client.get(reverse("admin:index")).url == FACTORS


def test_students_are_not_asked_for_a_second_factor(client, student, second_factor):
    sign_in(client, "lea@example.org")
    assert client.get(reverse("gallery")).status_code == 200


def test_staff_set_up_totp_and_reach_the_desk(client, staff, second_factor):
    sign_in(client, staff.email)
    secret = client.get(TOTP_SETUP).context["form"].secret
    client.post(TOTP_SETUP, {"code": six_digits(secret)})
    assert Authenticator.objects.filter(user=staff, type="totp").count() == 1
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.fixture
def secret(staff):
    """Staff have set up TOTP."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(staff, secret)
    return secret


def test_staff_with_totp_sign_in_by_code_and_totp(client, staff, second_factor, secret):
    response = sign_in(client, staff.email)
    assert (response.url, signed_in(client)) == (reverse("mfa_authenticate"), None)
    client.post(reverse("mfa_authenticate"), {"code": six_digits(secret)})
    assert signed_in(client) == staff
    assert client.get(reverse("admin:index")).status_code == 200


def test_staff_with_a_wrong_totp_are_not_signed_in(client, staff, secret):
    sign_in(client, staff.email)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert signed_in(client) is None


# Links for operators ------------------------------------------------------------------------------


def link_for(email):
    out = io.StringIO()
    call_command("login_link", email, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip().removeprefix("http://testserver")


def test_link_signs_in_once(client, student):
    link = link_for("LEA@example.org")
    response = client.post(link)
    assert (response.status_code, response.url, signed_in(client)) == (302, reverse("home"), student.user)


def test_link_is_opened_without_effect(client, student):
    """Mail scanners open links."""
    link = link_for("lea@example.org")
    response = client.get(link)
    assert (response.status_code, signed_in(client)) == (200, None)
    client.post(link)
    assert signed_in(client) == student.user


def refused(client, link):
    response = client.post(link)
    assert signed_in(client) is None
    return response.status_code, response.context["refused"]


def test_link_works_once(client, student):
    link = link_for("lea@example.org")
    client.post(link)
    client.logout()  # Forgets every cookie, the language too.
    client.cookies["django_language"] = "en"
    assert refused(client, link) == (
        410,
        "This link has already been used: it works once. Ask for a new one.",
    )


def test_link_that_was_opened_twice_signs_one_in(client, student, monkeypatch):
    """Two requests that both found it unused: the second to write loses."""
    from inet_comms import sign_in as module

    link = link_for("lea@example.org")
    read = module._read(link.split("/")[-2])
    client.post(link)
    client.logout()
    monkeypatch.setattr(module, "_read", lambda token: read)
    assert refused(client, link)[0] == 410


def test_link_dies_after_ten_minutes(client, student):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        link = link_for("lea@example.org")
        clock.shift(timedelta(minutes=10, seconds=2))
        assert refused(client, link) == (
            410,
            "This link has expired: it lives for ten minutes. Ask for a new one.",
        )


def test_link_dies_by_any_other_sign_in(client, student):
    link = link_for("lea@example.org")
    sign_in(client, "lea@example.org")
    client.logout()
    assert refused(client, link)[0] == 410


@pytest.mark.parametrize("token", ["x", "WzEsIiJd:1abcde:forged", "é", "a" * 500])
def test_link_that_is_not_ours_is_refused(client, token):
    assert refused(client, reverse("login_link", args=[token])) == (
        404,
        "This link is not complete. Copy it again, whole.",
    )


def test_link_of_someone_who_may_not_sign_in_any_more_is_refused(client, student):
    link = link_for("lea@example.org")
    User.objects.update(is_active=False)
    assert refused(client, link)[0] == 410


def test_link_asks_staff_for_their_second_factor(client, staff, second_factor, secret):
    response = client.post(link_for(staff.email))
    assert (response.url, signed_in(client)) == (reverse("mfa_authenticate"), None)
    client.post(response.url, {"code": six_digits(secret)})
    assert signed_in(client) == staff


def test_link_is_used_up_even_if_the_second_factor_is_not_given(client, staff, second_factor, secret):
    link = link_for(staff.email)
    client.post(link)
    client.cookies.pop("sessionid")
    assert refused(client, link)[0] == 410


def test_first_administrator_signs_in_without_mail_and_sets_up_totp(client, second_factor):
    call_command("createsuperuser", email="root@example.org", interactive=False)
    client.post(link_for("root@example.org"))
    assert mail.outbox == []
    secret = client.get(TOTP_SETUP).context["form"].secret
    client.post(TOTP_SETUP, {"code": six_digits(secret)})
    assert client.get(reverse("admin:index")).status_code == 200


def test_link_is_for_people_that_the_school_knows(db):
    with pytest.raises(CommandError) as error:
        link_for("personne@example.org")
    assert str(error.value) == "Nobody signs in with personne@example.org."


def test_link_is_not_for_someone_who_may_not_sign_in_any_more(staff):
    User.objects.update(is_active=False)
    with pytest.raises(CommandError) as error:
        link_for(staff.email)
    assert str(error.value) == "bureau@example.org may not sign in any more."


def test_signing_in_is_never_kept_by_a_cache(client, student):
    assert "no-store" in client.get(link_for("lea@example.org")).headers["Cache-Control"]
