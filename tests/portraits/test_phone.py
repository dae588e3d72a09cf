"""What a student's phone may keep: which pages, whose they are, the worker, the way out."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from portraits import phones
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
PAGES = {
    "my_portrait": [],
    "my_question": ["origin"],
    "my_photo": [],
}


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def told(client):
    """What the worker is told, as its code begins."""
    code = client.get(reverse("offline_worker")).content.decode()
    return json.loads(re.match(r"const TOLD = (\{.*\});\n", code).group(1))


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_form_may_be_kept_for_their_student(name, lea, student):
    made("draft", student)
    answer = lea.get(reverse(name, args=PAGES[name]))
    assert answer.headers["X-Phone"] == f"keep {phones.owner(student.user)}"


@pytest.mark.parametrize("name", ["my_facts", "my_hand_in", "my_withdrawal", "my_phone"])
def test_other_pages_are_not_kept(name, lea, student):
    made("draft", student)
    assert "X-Phone" not in lea.get(reverse(name)).headers


@pytest.mark.parametrize("state", ["submitted", "to_sign", "published", "withdrawn"])
def test_pages_are_dropped_once_the_pen_is_elsewhere(state, lea, student):
    made(state, student)
    assert lea.get(reverse("my_portrait")).headers["X-Phone"] == "drop"


def test_pages_are_dropped_for_whom_has_no_portrait(client, staff):
    client.force_login(staff)
    assert client.get(reverse("my_portrait")).headers["X-Phone"] == "drop"


def test_refused_form_is_not_kept(lea, student):
    made("draft", student)
    page = lea.post(reverse("my_question", args=["origin"]), {"text": "é" * 1201})
    assert (page.status_code, "X-Phone" in page.headers) == (422, False)


def test_owner_differs_from_one_person_to_the_next(student, classmate):
    assert phones.owner(student.user) != phones.owner(classmate.user)


def test_status_says_whose_session_it_is(lea, student):
    made("draft", student)
    answer = lea.get(reverse("my_phone"))
    assert (answer.json()["person"], len(answer.json()["csrf"])) == (phones.owner(student.user), 64)
    assert "no-store" in answer.headers["Cache-Control"]


def test_status_sends_with_a_token_that_holds(student):
    portrait = made("draft", student)
    lea = Client(enforce_csrf_checks=True)
    lea.force_login(student.user)
    token = lea.get(reverse("my_phone")).json()["csrf"]
    lea.post(reverse("my_question", args=["origin"]), {"text": "Brest.", "csrfmiddlewaretoken": token})
    assert portrait.answers.get(question="origin").text == "Brest."


def test_worker_is_served_from_the_root_and_never_from_a_cache(client):
    answer = client.get(reverse("offline_worker"))
    assert (answer.status_code, reverse("offline_worker").count("/")) == (200, 1)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert sorted(policy) == ["connect-src 'self'", "default-src 'none'"]


def test_worker_knows_its_release_and_the_way_out(client):
    known = told(client)
    assert (known["isOn"], known["wayOut"], known["release"]) == (
        True,
        reverse("account_logout"),
        phones.release(),
    )


def test_switched_off_nothing_is_kept_and_the_worker_leaves(lea, student, settings):
    settings.OFFLINE_FORM = False
    made("draft", student)
    page = lea.get(reverse("my_portrait"))
    assert (told(lea)["isOn"], "X-Phone" in page.headers) == (False, False)
    assert ("data-worker" in page.content.decode(), "data-is-off" in page.content.decode()) == (False, True)


def test_page_for_want_of_a_connection_is_the_same_for_everyone(client, student):
    before = client.get(reverse("offline")).content
    client.force_login(student.user)
    after = client.get(reverse("offline")).content.decode()
    assert (str(student) in after, b"rail" in before) == (False, False)


def test_signing_out_clears_what_the_browser_kept(lea):
    asked = lea.get(reverse("account_logout"))
    answer = lea.post(reverse("account_logout"))
    assert ("Clear-Site-Data" in asked.headers, answer.headers["Clear-Site-Data"]) == (False, '"storage"')
