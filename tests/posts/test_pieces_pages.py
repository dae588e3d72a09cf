"""The pages of posts that are no portraits: beginning one, its content, its page, the student's answer, the staff's."""

import pytest
from django.urls import reverse

from posts import actions
from posts.actions.composing import Person
from posts.models import Attachment, Post
from tests import factories
from tests.factories import fresh
from tests.posts.test_pieces import PEOPLE, WORDS, pdf, upload

pytestmark = pytest.mark.django_db
NEW = reverse("post_compose", args=["round_table"])


def sent(**fields):
    return WORDS | PEOPLE | fields


@pytest.fixture
def post(account, member):
    return factories.make_piece_post(comms=member)


@pytest.fixture
def named(account, member, student):
    post = factories.make_piece_post(comms=member, people=[Person(student.full_name, "modératrice", student)])
    return actions.ask_student(post, read=post.version, by=member.user)


def test_choice_shows_every_kind(as_member):
    assert as_member.get(reverse("post_choose")).content.decode().count('class="card"') == 7


def test_kind_that_is_none_of_these_is_missing(as_member):
    for kind in ("portrait", "live", "salary"):
        assert as_member.get(reverse("post_compose", args=[kind])).status_code == 404


def test_form_asks_what_the_kind_needs(as_member):
    fields = {
        kind: set(as_member.get(reverse("post_compose", args=[kind])).context["form"].fields)
        for kind in ("module", "article")
    }
    assert (fields["module"] - fields["article"], "document" in fields["article"]) == (
        {"module", "place", "day", "time"},
        True,
    )


def test_new_post_is_begun(as_member, account, member):
    answer = as_member.post(NEW, sent(place="Metz"))
    post = Post.objects.get()
    assert (answer.url, post.kind, post.author, post.piece.place) == (
        post.get_absolute_url(),
        "round_table",
        member.user,
        "Metz",
    )


def test_new_post_with_pictures_asks_for_their_descriptions(as_member, account):
    files = {"pictures": [upload(f"{number}.jpg", factories.picture_bytes()) for number in range(2)]}
    answer = as_member.post(NEW, sent(**files))
    assert (answer.url.endswith("/contenu/#files"), Attachment.objects.count()) == (True, 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": " "}, "text"),
        ({"day": "2027-03-01"}, "time"),
        ({"day": "2027-03-28", "time": "02:30"}, "time"),
        ({"link": "pas un lien"}, "link"),
        ({"pictures": [upload("x.jpg", b"<svg>")]}, "pictures"),
        ({"pictures": [upload(f"{n}.jpg", b"x") for n in range(5)]}, "pictures"),
        ({"document": upload("x.pdf", b"MZ")}, "document"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(fields, field, as_member, account):
    page = as_member.post(NEW, sent(place="Metz", **fields))
    form = page.context["form"]
    assert (page.status_code, list(form.errors), form["place"].value(), Post.objects.count()) == (
        422,
        [field],
        "Metz",
        0,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"people-0-name": "Ada"}, "agreement"),
        ({"people-0-role": "maire"}, "name"),
    ],
)
def test_guest_needs_a_name_and_an_agreement(fields, field, as_member, account):
    page = as_member.post(NEW, sent(**fields))
    assert (page.status_code, list(page.context["people"].errors[0])) == (422, [field])


def test_student_stands_in_the_list_once(as_member, account, student):
    page = as_member.post(NEW, sent(**{"people-0-student": student.pk, "people-1-student": student.pk}))
    assert (page.status_code, list(page.context["people"].errors[1])) == (422, ["student"])


def test_document_is_kept_and_replaced(as_member, account):
    as_member.post(NEW, sent(document=upload("a.pdf", pdf(2))))
    post = Post.objects.get()
    as_member.post(
        reverse("post_content", args=[post.pk]), sent(version=post.version, document=upload("b.pdf", pdf(3)))
    )
    assert [one.pages for one in Post.objects.get().piece.used] == [3]


def test_content_saved_by_somebody_else_meanwhile_is_said(as_member, post):
    page = as_member.post(
        reverse("post_content", args=[post.pk]), sent(version=post.version - 1, place="Metz")
    )
    assert (page.status_code, fresh(post).version, page.context["form"]["place"].value()) == (
        422,
        post.version,
        "Metz",
    )


def test_content_of_a_portrait_is_in_the_studio(as_member, member, student, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    post = factories.make_post("draft", portrait=portrait, comms=member)
    assert as_member.get(reverse("post_content", args=[post.pk])).status_code == 404


def test_article_without_document_cannot_be_asked_for(as_member, account, member):
    post = factories.make_piece_post(comms=member, kind="article")
    assert "Le document manque" in as_member.get(post.get_absolute_url()).content.decode()


def test_staff_read_and_approve_it(client, staff, post, member):
    actions.ask_review(post, read=post.version, by=member.user)
    client.force_login(staff)
    address = reverse("admin:posts_post_review", args=[post.pk])
    assert WORDS["title"] in client.get(address).content.decode()
    client.post(address, {"decision": "approve", "version": post.version, "portrait_version": 0})
    assert fresh(post).state == "approved"


def test_student_agrees_then_takes_it_back(as_student, named):
    address = reverse("post_words", args=[named.pk])
    assert "Elle ne part pas sans votre accord" in as_student.get(address).content.decode()
    as_student.post(address, {"version": named.version, "answer": "agree"})
    assert (fresh(named).state, "Retirer mon accord" in as_student.get(address).content.decode()) == (
        "in_review",
        True,
    )
    as_student.post(address, {"answer": "take_back"})
    assert fresh(named).state == "draft"


def test_lists_cost_the_same_for_one_and_for_three(as_member, account, member, django_assert_num_queries):
    addresses = [reverse("posts"), reverse("calendar")]
    factories.make_piece_post("approved", comms=member)
    for address in addresses:
        as_member.get(address)
    for more in (0, 2):
        for _post in range(more):
            factories.make_piece_post("approved", comms=member)
        for address in addresses:
            with django_assert_num_queries(COSTS[address]):
                as_member.get(address)


COSTS = {reverse("posts"): 9, reverse("calendar"): 10}
