"""The desk's pages: the list, one post as it is read and written, its verbs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import StaleVersion
from portraits import actions as portrait_actions
from posts import actions
from posts.models import Delivery, Post
from posts.views.reading import Reading
from tests import factories
from tests.posts.conftest import BEYOND

pytestmark = pytest.mark.django_db
POSTS = "/publications/"
State = Delivery.State


def typed(post, **changes):
    """What the browser sends from the post's form."""
    variant = post.variants.first()
    local = timezone.localtime(post.publish_at)
    return {
        "version": post.version,
        f"use_{variant.account_id}": "on",
        f"text_{variant.account_id}": variant.text.replace("\n", "\r\n"),
        "day": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
    } | changes


def text_field(post):
    return f"text_{post.variants.first().account_id}"


def act_url(post, verb):
    return reverse("post_act", args=[post.pk, verb])


def levels(response):
    return [message.level_tag for message in response.context["messages"]]


# List -------------------------------------------------------------------------------------------


def test_list_shows_the_promotions_posts_and_no_others(as_member, post, neighbour):
    other = factories.make_post("draft", comms=neighbour)
    shown = [row for row, _badge in as_member.get(POSTS).context["rows"]]
    assert (shown, other in shown) == ([post], False)


def test_list_filters_by_state(as_member, post, member):
    factories.make_post("in_review", comms=member)
    shown = [row for row, _badge in as_member.get(POSTS, {"state": "draft"}).context["rows"]]
    assert shown == [post]


@pytest.mark.parametrize("state", ["", "done", "nonsense"])
def test_list_without_posts_says_what_to_do(state, as_member):
    assert 'class="empty"' in as_member.get(POSTS, {"state": state}).content.decode()


def test_list_has_pages(as_member, post, monkeypatch, member):
    monkeypatch.setattr("posts.views.desk.A_PAGE", 1)
    factories.make_post("draft", comms=member)
    first, second = (as_member.get(POSTS, {"page": page}).context["rows"] for page in (1, 2))
    assert (len(first), len(second), first != second) == (1, 1, True)


@pytest.mark.parametrize("more", [0, 2])
def test_list_costs_the_same_for_one_and_three(more, as_member, post, member, django_assert_num_queries):
    for _number in range(more):
        factories.make_post("approved", comms=member)
    with django_assert_num_queries(9):
        as_member.get(POSTS)


# Draft ------------------------------------------------------------------------------------------


def draft(client, portrait):
    return client.post(reverse("post_draft", args=[portrait.pk]))


def test_draft_leads_to_the_new_post(as_member, portrait):
    response = draft(as_member, portrait)
    assert response.url == portrait.posts.get().get_absolute_url()


def test_draft_leads_to_the_post_that_is_already_being_prepared(as_member, post):
    assert draft(as_member, post.portrait).url == post.get_absolute_url()


def test_draft_of_a_portrait_that_nobody_edits_yet_leads_back_and_says_why(as_member, student, member):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    response = as_member.post(reverse("post_draft", args=[portrait.pk]), follow=True)
    assert (response.redirect_chain[0][0], levels(response)) == (
        reverse("studio", args=[portrait.pk]),
        ["warning"],
    )


# Post: reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
def test_post_opens_in_every_state_for_staff_too(state, client, staff, portrait, member):
    post = factories.make_post(state, portrait=portrait, comms=member)
    client.force_login(staff)
    response = client.get(post.get_absolute_url())
    assert (response.status_code, "<textarea" in response.content.decode()) == (200, False)


def test_post_offers_the_pages_that_the_consent_names(as_member, post, account):
    other = factories.make_account(name="Élèves de l’INET")
    pages = as_member.get(post.get_absolute_url()).context["reading"].pages
    assert [(page.account, page.use.value()) for page in pages] == [(account, True), (other, False)]


def test_post_counts_as_the_network_does(as_member, post, member, account):
    text = f"Second paragraphe. {member.promotion.hashtag}"
    actions.write(
        post, texts={account.pk: text}, publish_at=post.publish_at, read=post.version, by=member.user
    )
    page = as_member.get(post.get_absolute_url()).context["reading"].pages[0]
    assert (page.length, page.length > len(text)) == (account.connector.length(text, account.limits), True)


def test_post_within_the_signed_words_can_go_to_the_staff(as_member, post):
    html = as_member.get(post.get_absolute_url()).content.decode()
    assert (act_url(post, "ask-review") in html, act_url(post, "ask-student") in html) == (True, False)


def test_post_beyond_the_signed_words_goes_to_the_student_first(as_member, post_beyond):
    response = as_member.get(post_beyond.get_absolute_url())
    html = response.content.decode()
    assert response.context["reading"].passages == ["Venez la rencontrer jeudi."]
    assert (act_url(post_beyond, "ask-review") in html, act_url(post_beyond, "ask-student") in html) == (
        False,
        True,
    )


def test_post_without_a_moment_cannot_ask_yet(as_member, portrait, member):
    post = actions.draft(portrait, by=member.user)
    response = as_member.get(post.get_absolute_url())
    assert len(response.context["reading"].obstacles) == 1
    assert act_url(post, "ask-review") not in response.content.decode()


OBSTACLES = {
    "too long": lambda post, account, by: actions.write(
        post, texts={account.pk: "a" * 3001}, publish_at=post.publish_at, read=post.version, by=by
    ),
    "page not connected": lambda post, account, by: type(account).objects.update(needs_reconnect=True),
    "moment passed": lambda post, account, by: Post.objects.update(
        publish_at=timezone.now() - timedelta(minutes=1)
    ),
    "portrait changed": lambda post, account, by: portrait_actions.edit(
        post.portrait, read=post.portrait.version, by=by, text="Autre."
    ),
}


def test_post_that_may_be_online_already_is_in_the_way(portrait, member, account):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=State.NEEDS_PERSON)
    post = actions.write(
        post, texts={account.pk: "Bref."}, publish_at=post.publish_at, read=post.version, by=member.user
    )
    assert len(Reading(factories.fresh(post), member.user).obstacles) == 1


@pytest.mark.parametrize("name", OBSTACLES)
def test_post_says_what_is_in_the_way(name, post, member, account):
    before = Reading(factories.fresh(post), member.user).obstacles
    OBSTACLES[name](post, account, member.user)
    assert (before, len(Reading(factories.fresh(post), member.user).obstacles)) == ([], 1)


def test_post_that_goes_nowhere_is_in_the_way(member, student, account):
    portrait = factories.make_portrait("signed", student=student, comms=member, places=("linkedin",))
    post = factories.make_post("draft", portrait=portrait, comms=member)
    post = actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    assert len(Reading(post, member.user).obstacles) == 1


def test_post_shows_why_it_was_returned(as_member, portrait, member, staff):
    post = factories.make_post("in_review", portrait=portrait, comms=member)
    actions.return_to_group(post, reason="Le titre, plus court.", by=staff)
    returned = as_member.get(post.get_absolute_url()).context["reading"].returned
    assert returned.note == "Le titre, plus court."


def test_post_that_did_not_go_out_offers_a_new_one(as_member, portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=State.EXPIRED)
    Post.objects.filter(pk=post.pk).update(state="done")
    html = as_member.get(post.get_absolute_url()).content.decode()
    assert reverse("post_draft", args=[portrait.pk]) in html


def test_post_that_is_online_offers_no_second_one(as_member, portrait, member):
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.update(state=State.PUBLISHED, remote_id="urn:li:share:1", published_at=timezone.now())
    portrait_actions.publish(portrait)
    Post.objects.filter(pk=post.pk).update(state="done")
    html = as_member.get(post.get_absolute_url()).content.decode()
    assert reverse("post_draft", args=[portrait.pk]) not in html


# Post: writing ------------------------------------------------------------------------------------


def test_post_saves_words_and_moment_in_paris_time(as_member, post):
    response = as_member.post(
        post.get_absolute_url(),
        typed(post, **{text_field(post): "Bref.", "day": "2031-07-01", "time": "08:30"}),
    )
    after = factories.fresh(post)
    assert (response.status_code, after.variants.get().text, after.publish_at) == (
        302,
        "Bref.",
        datetime(2031, 7, 1, 6, 30, tzinfo=UTC),
    )


def test_post_leaves_out_an_unticked_page(as_member, post):
    data = typed(post)
    del data[f"use_{post.variants.first().account_id}"]
    as_member.post(post.get_absolute_url(), data)
    assert post.variants.count() == 0


def test_post_saved_untouched_keeps_the_approval(as_member, portrait, member):
    when = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    post = factories.make_post("approved", portrait=portrait, comms=member, publish_at=when)
    as_member.post(post.get_absolute_url(), typed(post))
    assert factories.fresh(post).state == "approved"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "2001-01-01"}, "day"),
        ({"day": ""}, "day"),
        ({"time": ""}, "time"),
        ({"day": "demain"}, "day"),
        ({"time": "midi"}, "time"),
        ({"day": "2031-03-30", "time": "02:30"}, "time"),
        ({"day": "2031-10-26", "time": "02:30"}, "time"),
    ],
    ids=str,
)
def test_post_asks_again_for_a_moment_that_cannot_be(wrong, field, as_member, post):
    response = as_member.post(post.get_absolute_url(), typed(post, **{text_field(post): "Bref."} | wrong))
    form = response.context["reading"].form
    assert (response.status_code, list(form.errors), form[text_field(post)].value()) == (
        422,
        [field],
        "Bref.",
    )


def test_post_without_moment_is_saved_as_it_is(as_member, post):
    as_member.post(post.get_absolute_url(), typed(post, day="", time=""))
    assert factories.fresh(post).publish_at is None


def test_post_ticked_without_text_is_asked_again(as_member, post):
    response = as_member.post(post.get_absolute_url(), typed(post, **{text_field(post): " "}))
    assert (response.status_code, list(response.context["reading"].form.errors)) == (422, [text_field(post)])


def test_post_with_invisible_signs_is_asked_again(as_member, post):
    response = as_member.post(post.get_absolute_url(), typed(post, **{text_field(post): "Bref\u202e."}))
    assert (response.status_code, list(response.context["reading"].form.errors)) == (422, [text_field(post)])


def late_save(client, post, member, account):
    late = typed(post, **{text_field(post): "Mon texte."})
    actions.write(
        post, texts={account.pk: "Leur texte."}, publish_at=post.publish_at, read=post.version, by=member.user
    )
    return client.post(post.get_absolute_url(), late)


def test_post_keeps_both_texts_when_someone_was_faster(as_member, post, member, account):
    response = late_save(as_member, post, member, account)
    page = response.context["reading"].pages[0]
    assert (response.status_code, page.text.value(), page.change) == (
        422,
        "Mon texte.",
        [("removed", "Leur"), ("added", "Mon"), ("same", " texte.")],
    )


def test_post_saved_again_after_reading_replaces(as_member, post, member, account):
    form = late_save(as_member, post, member, account).context["reading"].form
    as_member.post(post.get_absolute_url(), {field.name: field.value() for field in form})
    assert factories.fresh(post).variants.get().text == "Mon texte."


def test_post_keeps_what_was_typed_when_it_was_cancelled_meanwhile(as_member, post, member):
    late = typed(post, **{text_field(post): "Mon texte."})
    actions.cancel(post, by=member.user)
    response = as_member.post(post.get_absolute_url(), late)
    assert (response.status_code, "Mon texte." in response.content.decode()) == (422, True)


def test_post_is_not_written_by_staff(client, staff, post):
    client.force_login(staff)
    assert client.post(post.get_absolute_url(), typed(post)).status_code == 403


# Verbs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "end"), [("ask-student", "to_sign"), ("ask-review", "in_review"), ("cancel", "cancelled")]
)
def test_act_moves_the_post(verb, end, request, as_member, post):
    if verb == "ask-student":
        post = request.getfixturevalue("post_beyond")
    response = as_member.post(act_url(post, verb), {"version": post.version})
    assert (response.status_code, factories.fresh(post).state) == (302, end)


@pytest.mark.parametrize("version", ["1", "", "x"])
def test_act_on_words_that_changed_since_says_so(version, as_member, post):
    response = as_member.post(act_url(post, "ask-review"), {"version": version}, follow=True)
    assert ([str(message) for message in response.context["messages"]], factories.fresh(post).state) == (
        [StaleVersion(post, "ask_review").for_people],
        "draft",
    )


def test_act_of_an_unknown_verb_is_missing(as_member, post):
    assert as_member.post(act_url(post, "approve")).status_code == 404


def check(client, post, text, account=None):
    account = account or post.variants.first().account_id
    return client.post(act_url(post, "check"), {"account": account, "text": text})


@pytest.mark.parametrize("text", ["", "Bref.", "#Promo (x) é 👋", "a" * 3001])
def test_check_counts_as_the_network_does_and_says_what_it_would_refuse(text, as_member, post, account):
    answer = check(as_member, post, text).json()
    assert (answer["length"], answer["limit"], len(answer["problems"])) == (
        account.connector.length(text, account.limits),
        3000,
        0 if 0 < len(text) < 3000 else 1,
    )


def test_check_counts_a_line_end_once(as_member, post):
    assert check(as_member, post, "a\r\nb").json()["length"] == 3


def test_check_names_what_the_student_has_not_signed(as_member, post):
    assert check(as_member, post, BEYOND).json()["beyond"] == ["Venez la rencontrer jeudi."]


def test_check_shows_the_text_escaped(as_member, post):
    assert "&lt;b&gt;Bref&lt;/b&gt;" in check(as_member, post, "<b>Bref</b>").json()["preview"]


def test_check_changes_nothing(as_member, post):
    check(as_member, post, "Autre chose.")
    assert factories.fresh(post).version == post.version


@pytest.mark.parametrize("account", ["x", "99999999999999999999"])
def test_check_for_an_unknown_page_is_missing(account, as_member, post):
    assert check(as_member, post, "Bref.", account).status_code == 404
