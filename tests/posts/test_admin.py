"""The staff's desk: what waits, the lists and records, the stop switch, the school's pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from posts import actions
from posts.models import Account, Delivery, Post
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    """The sentences are compared as they stand in the code, whatever their translation."""
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def post(portrait, member, account):
    return factories.make_post("in_review", portrait=portrait, comms=member)


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


def words_of(response):
    """What people read: text only, blanks collapsed."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


# The index ----------------------------------------------------------------------------------------


def test_index_shows_what_waits(desk, post):
    response = desk.get(url("index"))
    assert list(response.context["waiting"]) == [post]
    assert f'href="{url("posts_post_review", post.pk)}"' in response.content.decode()


def test_index_says_that_nothing_waits(desk):
    assert "Nothing awaits your decision" in words_of(desk.get(url("index")))


def test_index_counts_what_asks_for_a_person(desk, post, staff):
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    Delivery.objects.update(state="failed")
    assert "1 delivery needs someone to look at it." in words_of(desk.get(url("index")))


def test_index_costs_the_same_for_one_and_for_three(desk, account, django_assert_num_queries):
    for wanted in (1, 3):
        while Post.objects.count() < wanted:
            factories.make_post("in_review", account=account)
        desk.get(url("index"))
        with django_assert_num_queries(7):
            desk.get(url("index"))


@pytest.mark.parametrize("name", ["student", "member", "former_member"])
def test_desk_is_closed_to_everyone_but_staff(request, client, name):
    client.force_login(request.getfixturevalue(name).user)
    assert client.get(url("index")).status_code == 302


# The list and the post ----------------------------------------------------------------------------


def test_list_begins_with_what_waits(desk, account):
    draft = factories.make_post("draft", account=account, publish_at=timezone.now() + timedelta(days=9))
    waiting = factories.make_post("in_review", account=account)
    response = desk.get(url("posts_post_changelist"))
    assert list(response.context["cl"].result_list) == [waiting, draft]


def test_list_finds_by_the_students_name(desk, post, account):
    factories.make_post("in_review", account=account)
    response = desk.get(url("posts_post_changelist"), {"q": "Le Goff"})
    assert list(response.context["cl"].result_list) == [post]


def test_post_page_shows_history_and_changes_nothing(desk, post):
    response = desk.get(url("posts_post_change", post.pk))
    assert "waiting for approval" in words_of(response)
    assert desk.post(url("posts_post_change", post.pk), {"publish_at": ""}).status_code == 403
    assert desk.get(url("posts_post_add")).status_code == 403
    assert desk.get(url("posts_post_delete", post.pk)).status_code == 403


def test_pages_are_titled_by_what_they_show(desk, post):
    pages = [url("posts_post_changelist"), url("posts_post_change", post.pk), url("cohorts_promotion_add")]
    assert [str(desk.get(page).context["title"]) for page in pages] == ["Posts", "Post", "New: promotion"]


def test_portrait_that_is_not_public_has_no_link_to_the_gallery(desk, post):
    page = desk.get(reverse("admin:portraits_portrait_change", args=[post.portrait_id]))
    assert post.portrait.get_absolute_url() not in page.content.decode()


def test_every_record_opens(desk, post, staff, student):
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    delivery, portrait = post.deliveries.get(), post.portrait
    records = {
        "posts_post": post,
        "posts_delivery": delivery,
        "posts_attempt": delivery.attempts.create(
            number=1, kind="create", claim_token="0" * 32, intent_at=timezone.now()
        ),
        "posts_evidence": delivery.evidence.create(remote_id="urn:li:share:1", source="look"),
        "posts_stop": actions.press_stop(by=staff),
        "portraits_portrait": portrait,
        "portraits_portraitversion": portrait.versions.first(),
        "portraits_consent": portrait.consent,
    }
    codes = {name: desk.get(url(f"{name}_change", row.pk)).status_code for name, row in records.items()}
    assert codes == dict.fromkeys(records, 200)


LISTS = {
    "posts_post": 8,
    "posts_postmove": 9,
    "posts_delivery": 10,
    "posts_deliverymove": 9,
    "posts_attempt": 10,
    "posts_evidence": 10,
    "posts_account": 7,
    "posts_stop": 7,
    "portraits_portrait": 8,
    "portraits_portraitversion": 9,
    "portraits_consent": 9,
    "portraits_portraitmove": 9,
    "cohorts_student": 8,
    "cohorts_promotion": 8,
    "cohorts_commsmember": 10,
    "cohorts_track": 7,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_and_costs_the_same_for_one_and_for_three(
    desk, staff, account, name, django_assert_num_queries
):
    for wanted in (1, 3):
        while Post.objects.count() < wanted:
            post = factories.make_post("approved", account=account, staff=staff)
            delivery = post.deliveries.get()
            delivery.attempts.create(number=1, kind="create", claim_token="0" * 32, intent_at=timezone.now())
            delivery.evidence.create(remote_id="urn:li:share:1", source="look")
        desk.get(url(f"{name}_changelist"))
        with django_assert_num_queries(LISTS[name]):
            assert desk.get(url(f"{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", [name for name in LISTS if not name.startswith("cohorts_")])
def test_posts_portraits_and_proofs_are_read_only_on_the_desk(desk, name):
    assert desk.get(url(f"{name}_add")).status_code == 403


# The stop switch ----------------------------------------------------------------------------------


def test_desk_has_the_switch(desk):
    page = desk.get(url("index")).content.decode()
    assert f'action="{reverse("stop_press")}"' in page


def test_desk_leads_to_the_switch_while_a_stop_runs(desk, staff, account):
    actions.press_stop(by=staff, account=account)
    page = desk.get(url("index"))
    assert (f'href="{reverse("stop")}"' in page.content.decode(), page.context["stop"].account) == (
        True,
        account,
    )


# Pages of the school ------------------------------------------------------------------------------


def test_token_is_on_no_page(desk, account):
    Account.objects.update(token="canary-token")
    account.token = "canary-token"
    account.save()
    pages = [url("posts_account_changelist"), url("posts_account_change", account.pk), url("index")]
    assert [b"canary-token" in desk.get(page).content for page in pages] == [False, False, False]


@pytest.mark.parametrize(
    ("fields", "health"),
    [
        ({}, "connected"),
        ({"token": ""}, "not connected"),
        ({"needs_reconnect": True}, "must be connected again"),
    ],
)
def test_list_of_pages_says_their_health(desk, account, fields, health):
    Account.objects.update(**fields)
    [row] = desk.get(url("posts_account_changelist")).context["cl"].result_list
    from posts.admin import AccountAdmin

    assert AccountAdmin.health(None, row) == health


def test_token_that_no_key_opens_is_said(desk, account):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE posts_account SET token = 'gAAAAA-of-another-key'")
    assert "its token cannot be read with the present keys" in words_of(
        desk.get(url("posts_account_changelist"))
    )


def test_disconnecting_forgets_the_token(desk, account):
    desk.post(url("posts_account_disconnect", account.pk))
    account = fresh(account)
    assert (account.token, account.is_ready, account.needs_reconnect) == ("", False, True)


def test_disconnecting_is_by_post_only(desk, account):
    assert desk.get(url("posts_account_disconnect", account.pk)).status_code == 405
    assert fresh(account).token == "token-for-tests"
