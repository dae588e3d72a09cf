"""The staff's desk: reading a post as it will look, deciding about one or several, what changed since the last approval."""

import re
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from portraits import actions as portrait_actions
from portraits.models import PortraitVersion
from posts import actions
from posts.models import Account, Post, Variant
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


def decision(post, what="approve", **fields):
    return {
        "decision": what,
        "version": post.version,
        "portrait_version": post.portrait_version,
    } | fields


def words_of(response):
    """What people read: text only, blanks collapsed."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def said(response):
    return [str(message) for message in response.context["messages"]]


# Reading and deciding -----------------------------------------------------------------------------


def test_review_shows_text_photo_and_what_the_student_allows(desk, post):
    response = desk.get(url("posts_post_review", post.pk))
    page = response.content.decode()
    assert "Second paragraphe." in page
    assert post.portrait.photo.large_url in page
    assert response.context["review"].places == ["the school’s public gallery", "LinkedIn"]
    assert "version 2" in words_of(response)


def test_review_posts_back_the_versions_that_it_shows(desk, post):
    page = desk.get(url("posts_post_review", post.pk)).content.decode()
    assert page.count(f'name="version" value="{post.version}"') == 2
    assert page.count(f'name="portrait_version" value="{post.portrait_version}"') == 2


def test_review_says_when_it_would_leave(desk, portrait, member, account):
    tuesday = datetime(2031, 3, 4, 8, 30, tzinfo=ZoneInfo("Europe/Paris"))
    post = factories.make_post("in_review", portrait=portrait, comms=member, publish_at=tuesday)
    review = desk.get(url("posts_post_review", post.pk)).context["review"]
    assert review.approve_label == "Approve and plan for Tuesday 4 March 2031 at 8:30"


def test_review_says_that_it_leaves_at_once_when_its_moment_has_come(desk, post):
    now = timezone.now()
    Post.objects.update(publish_at=now - timedelta(minutes=5), latest_useful_at=now + timedelta(hours=5))
    review = desk.get(url("posts_post_review", post.pk)).context["review"]
    assert review.approve_label == "Approve: it leaves at once"


def test_approving_from_the_review_page(desk, post, staff):
    response = desk.post(url("posts_post_review", post.pk), decision(post))
    assert (response.status_code, response.url) == (302, url("index"))
    assert (fresh(post).state, fresh(post).approved_by, post.deliveries.get().state) == (
        "approved",
        staff,
        "scheduled",
    )


@pytest.mark.parametrize("stale", [{"version": 1}, {"portrait_version": 1}])
def test_stale_version_shows_the_page_again_and_approves_nothing(desk, post, stale):
    response = desk.post(url("posts_post_review", post.pk), decision(post, **stale))
    assert (response.status_code, response.context["refusals"]) == (
        409,
        ["The text has changed since you opened this page. Read the new version below, then decide."],
    )
    assert f'name="version" value="{post.version}"' in response.content.decode()
    assert (fresh(post).state, post.deliveries.count()) == ("in_review", 0)


@pytest.mark.parametrize(
    "fields", [{"version": ""}, {"version": "x"}, {"portrait_version": ""}, {"decision": "publish"}]
)
def test_decision_without_its_versions_decides_nothing(desk, post, fields):
    response = desk.post(url("posts_post_review", post.pk), decision(post, **fields))
    assert (response.status_code, fresh(post).state) == (422, "in_review")


def test_fields_that_the_form_does_not_have_are_ignored(desk, post, staff):
    data = decision(post, state="done", approved_version=99, publish_at="2020-01-01 00:00")
    desk.post(url("posts_post_review", post.pk), data)
    assert (fresh(post).state, fresh(post).publish_at) == ("approved", post.publish_at)


def test_obstacles_are_said_and_take_the_button_away(desk, post):
    Account.objects.update(needs_reconnect=True)
    response = desk.get(url("posts_post_review", post.pk))
    assert response.context["review"].obstacles == [
        "LinkedIn · INET must be connected again before anything can go there."
    ]
    assert 'value="approve"' not in response.content.decode()


def test_obstacle_that_came_meanwhile_is_said_and_nothing_approved(desk, post):
    Account.objects.update(needs_reconnect=True)
    response = desk.post(url("posts_post_review", post.pk), decision(post))
    assert (response.status_code, response.context["refusals"], fresh(post).state) == (
        422,
        ["LinkedIn · INET must be connected again before anything can go there."],
        "in_review",
    )


def test_author_gets_no_button_and_is_refused(client, post, member):
    member.user.is_staff = True
    member.user.save()
    client.force_login(member.user)
    page = client.get(url("posts_post_review", post.pk))
    assert page.context["review"].why_not == "You wrote this post: someone else approves it."
    assert 'value="approve"' not in page.content.decode()
    assert client.post(url("posts_post_review", post.pk), decision(post)).status_code == 403
    assert fresh(post).state == "in_review"


def test_student_who_is_staff_gets_no_button_and_is_refused(client, post, student):
    student.user.is_staff = True
    student.user.save()
    client.force_login(student.user)
    page = client.get(url("posts_post_review", post.pk))
    assert page.context["review"].why_not == "This post is about you: someone else approves it."
    assert client.post(url("posts_post_review", post.pk), decision(post)).status_code == 403


def test_returning_with_a_reason(desk, post, staff):
    desk.post(url("posts_post_review", post.pk), decision(post, "return", reason="Le prénom est faux."))
    assert (fresh(post).state, post.moves.last().note) == ("draft", "Le prénom est faux.")


def test_returning_without_a_reason_is_refused_and_keeps_the_page(desk, post):
    response = desk.post(url("posts_post_review", post.pk), decision(post, "return", reason="  "))
    assert (response.status_code, dict(response.context["form"].errors)) == (
        422,
        {"reason": ["Write in a sentence what should change: the group cannot guess it."]},
    )
    assert fresh(post).state == "in_review"


def test_returning_what_someone_else_returned_keeps_the_reason(desk, post):
    actions.return_to_group(post, reason="Trop long.", by=factories.make_staff())
    response = desk.post(url("posts_post_review", post.pk), decision(post, "return", reason="Trop court."))
    assert (response.status_code, response.context["form"]["reason"].value()) == (409, "Trop court.")


def test_approved_post_can_still_be_returned(desk, post, staff):
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    desk.post(url("posts_post_review", post.pk), decision(post, "return", reason="Attendons."))
    assert (fresh(post).state, post.deliveries.get().state) == ("draft", "cancelled")


@pytest.mark.parametrize("pk", [0, 999_999, 2**63])
def test_review_of_a_post_that_is_not_there_is_404(desk, pk):
    assert desk.get(url("posts_post_review", pk)).status_code == 404


# What changed since the last approval --------------------------------------------------------------


@pytest.fixture
def edited_again(post, portrait, member, student, staff, account):
    """Approved once, then portrait and post edited, signed and asked for again."""
    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    portrait_actions.edit(fresh(portrait), read=2, by=member.user, text="Texte corrigé.")
    portrait_actions.ask_signature(fresh(portrait), read=3, by=member.user)
    portrait_actions.sign(fresh(portrait), factories.agreement(), read=3, by=student.user)
    post = actions.write(
        fresh(post),
        texts={account.pk: "Servir au plus près\n\nTexte corrigé."},
        publish_at=post.publish_at,
        read=post.version,
        by=member.user,
    )
    return actions.ask_review(post, read=post.version, by=member.user)


def changes(diff):
    return [(op, text.strip()) for op, text in diff if op != "same"]


def test_first_review_has_nothing_to_compare_with(desk, post):
    review = desk.get(url("posts_post_review", post.pk)).context["review"]
    assert (review.last_version, [page.diff for page in review.pages], review.portrait_diff) == (
        None,
        [None],
        None,
    )


def test_review_shows_what_changed_on_each_page(desk, edited_again):
    [page] = desk.get(url("posts_post_review", edited_again.pk)).context["review"].pages
    assert ("added", "Texte corrigé") in changes(page.diff)


def test_review_shows_what_changed_in_the_portrait(desk, edited_again):
    review = desk.get(url("posts_post_review", edited_again.pk)).context["review"]
    assert review.last_version == PortraitVersion.objects.get(number=2)
    assert ("added", "Texte corrigé") in changes(review.portrait_diff)


def test_review_shows_both_photos_when_the_photo_changed(desk, post, portrait, member, student, staff):
    from portraits.photos import Crop

    actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    before = fresh(portrait).photo
    portrait_actions.reframe(fresh(portrait), Crop(0.05, 0.05, 0.8, 0.8), read=2, by=member.user)
    review = desk.get(url("posts_post_review", post.pk)).context["review"]
    assert review.photo_before is None
    Post.objects.update(portrait_version=3, version=post.version + 1, state="draft", approved_version=None)
    review = desk.get(url("posts_post_review", post.pk)).context["review"]
    assert review.photo_before == before


# Several at once ----------------------------------------------------------------------------------


@pytest.fixture
def two(post, account):
    """One that can be approved, one whose words go beyond the signed ones."""
    other = factories.make_post("in_review", account=account)
    Variant.objects.filter(post=other).update(text="Elle a tout inventé.")
    return [post, other]


def many(posts, what="approve", chosen=None, **fields):
    data = {
        "decision": what,
        "ids": ",".join(str(post.pk) for post in posts),
        "chosen": [post.pk for post in (posts if chosen is None else chosen)],
    }
    for post in posts:
        data[f"version-{post.pk}"] = post.version
        data[f"portrait_version-{post.pk}"] = post.portrait_version
    return data | fields


def states(posts):
    return [fresh(post).state for post in posts]


@pytest.mark.parametrize("what", ["approve", "return"])
def test_bulk_action_leads_to_a_page_to_read_first(desk, two, what):
    response = desk.post(
        url("posts_post_changelist"),
        {"action": f"{what}_many", "_selected_action": [post.pk for post in two]},
        follow=True,
    )
    assert (response.context["decision"], len(response.context["reviews"]), states(two)) == (
        what,
        2,
        ["in_review", "in_review"],
    )


def test_bulk_page_shows_each_text_photo_and_version(desk, two):
    response = desk.get(url("posts_post_decide"), {"decision": "approve", "ids": f"{two[0].pk},{two[1].pk}"})
    page = response.content.decode()
    assert [review.post for review in response.context["offered"]] == [two[0]]
    assert all(post.portrait.photo.large_url in page for post in two)
    assert f'name="version-{two[0].pk}" value="{two[0].version}"' in page
    assert "The text goes beyond what the student signed." in page


def test_bulk_approve_reports_one_by_one(desk, two):
    response = desk.post(url("posts_post_decide"), many(two), follow=True)
    assert states(two) == ["approved", "in_review"]
    assert said(response)[0].startswith(f"{two[0]}: approved. It leaves by itself, ")
    assert said(response)[1] == (
        f"{two[1]}: not done. The text goes beyond what the student signed. "
        "The group must ask for their agreement."
    )


def test_bulk_approve_takes_only_those_that_are_ticked(desk, two):
    desk.post(url("posts_post_decide"), many(two, chosen=[]))
    assert states(two) == ["in_review", "in_review"]


def test_bulk_approve_of_a_stale_version_approves_nothing(desk, post):
    response = desk.post(url("posts_post_decide"), many([post]) | {f"version-{post.pk}": 1}, follow=True)
    assert (states([post]), said(response)) == (
        ["in_review"],
        [
            f"{post}: not done. The text has changed since you opened this page. "
            "Read the new version below, then decide."
        ],
    )


def test_bulk_approve_without_versions_approves_nothing(desk, post):
    data = many([post])
    del data[f"version-{post.pk}"]
    desk.post(url("posts_post_decide"), data)
    assert states([post]) == ["in_review"]


def test_bulk_approve_refuses_ones_own_and_goes_on(client, two, member):
    Variant.objects.filter(post=two[1]).update(text="Servir au plus près")
    member.user.is_staff = True
    member.user.save()
    client.force_login(member.user)
    response = client.post(url("posts_post_decide"), many(two), follow=True)
    assert states(two) == ["in_review", "approved"]
    assert said(response)[0] == f"{two[0]}: not done. You wrote this post: someone else approves it."


def test_bulk_return_gives_the_reason_to_each(desk, two):
    desk.post(url("posts_post_decide"), many(two, "return", reason="Attendons la rentrée."))
    assert states(two) == ["draft", "draft"]
    assert [post.moves.last().note for post in two] == ["Attendons la rentrée."] * 2


def test_bulk_return_without_reason_returns_nothing(desk, two):
    response = desk.post(url("posts_post_decide"), many(two, "return", reason=""))
    assert (response.status_code, states(two)) == (422, ["in_review", "in_review"])


@pytest.mark.parametrize("ids", ["", "x", "0", "²", "9" * 30, "-1"])
def test_bulk_page_of_nothing_leads_back_to_the_list(desk, ids):
    response = desk.get(url("posts_post_decide"), {"decision": "approve", "ids": ids})
    assert (response.status_code, response.url) == (302, url("posts_post_changelist"))
