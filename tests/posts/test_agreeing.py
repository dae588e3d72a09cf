"""The page where the student agrees to words that go beyond their portrait, or says what should be otherwise."""

import pytest
from django.urls import reverse

from posts import actions
from tests import factories
from tests.posts.conftest import BEYOND

pytestmark = pytest.mark.django_db


def levels(response):
    return [message.level_tag for message in response.context["messages"]]


def words_url(post):
    return reverse("post_words", args=[post.pk])


def test_words_show_the_post_and_what_goes_beyond(as_student, post_to_sign):
    response = as_student.get(words_url(post_to_sign))
    assert (response.context["can_answer"], response.context["reading"].passages) == (
        True,
        ["Venez la rencontrer jeudi."],
    )


def test_words_agreed_to_go_on_to_the_staff(as_student, post_to_sign):
    as_student.post(words_url(post_to_sign), {"answer": "agree", "version": post_to_sign.version})
    after = factories.fresh(post_to_sign)
    assert (after.state, after.student_signed_version) == ("in_review", post_to_sign.version)


def test_words_refused_go_back_to_the_group(as_student, post_to_sign):
    as_student.post(words_url(post_to_sign), {"answer": "refuse", "message": "Pas jeudi."})
    assert (factories.fresh(post_to_sign).state, post_to_sign.moves.last().note) == ("draft", "Pas jeudi.")


def test_words_refused_without_a_word_are_asked_again(as_student, post_to_sign):
    response = as_student.post(words_url(post_to_sign), {"answer": "refuse", "message": " "})
    assert (response.status_code, factories.fresh(post_to_sign).state) == (422, "to_sign")


@pytest.mark.parametrize("version", ["1", ""])
def test_words_that_changed_since_are_shown_anew(version, as_student, post_to_sign):
    response = as_student.post(words_url(post_to_sign), {"answer": "agree", "version": version})
    assert (response.status_code, levels(response), factories.fresh(post_to_sign).state) == (
        422,
        ["warning"],
        "to_sign",
    )


def test_words_that_wait_for_nobody_take_no_answer(as_student, post):
    response = as_student.post(words_url(post), {"answer": "agree", "version": post.version}, follow=True)
    assert (response.context["can_answer"], levels(response)) == (False, ["warning"])


def test_words_are_read_but_not_answered_by_staff(client, staff, post_to_sign):
    client.force_login(staff)
    url = words_url(post_to_sign)
    answered = client.post(url, {"answer": "agree", "version": post_to_sign.version}).status_code
    assert (client.get(url).context["can_answer"], answered) == (False, 403)


def test_words_of_a_member_who_is_the_student_are_theirs_to_answer(client, promotion, account):
    both = factories.make_member(promotion)
    portrait = factories.make_portrait("signed", student=both, comms=both)
    post = factories.make_post("draft", portrait=portrait, comms=both)
    post = actions.write(
        post, texts={account.pk: BEYOND}, publish_at=post.publish_at, read=post.version, by=both.user
    )
    actions.ask_student(post, read=post.version, by=both.user)
    client.force_login(both.user)
    assert client.get(words_url(post)).context["can_answer"] is True
