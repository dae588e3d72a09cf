"""What students propose: sent from a phone, taken up as a post, declined with a reason, taken back; who sees what."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cohorts.models import Preference
from inet_comms.lifecycle import MoveRefused
from inet_comms.todo import todos
from posts import actions, attachments
from posts.models import Kind, Proposal
from tests.factories import fresh, picture_bytes
from tests.posts.test_pieces import upload

pytestmark = pytest.mark.django_db
MINE = reverse("my_proposals")
WORDS = {"kind": "event", "title": "Congrès de l’AATF", "text": "Deux jours à Metz, six cents cadres."}


def propose(student, pictures=(), **words):
    words = {"title": WORDS["title"], "text": WORDS["text"]} | words
    return actions.propose(student, Kind.EVENT, **words, pictures=pictures, by=student.user)


@pytest.fixture
def proposal(student, account):
    return propose(student, [attachments.picture(io.BytesIO(picture_bytes()))])


@pytest.fixture
def sent(mailoutbox, django_capture_on_commit_callbacks):
    """What was mailed, once the block's transaction holds: (to, subject)."""

    def of(act):
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return [(mail.to, mail.subject) for mail in mailoutbox]

    return of


def test_proposal_is_sent_from_the_page(as_student, student, account):
    answer = as_student.post(MINE, WORDS | {"pictures": [upload("a.jpg", picture_bytes())]})
    found = Proposal.objects.get()
    assert (answer.url, found.student, found.kind, found.attachments.count()) == (MINE, student, "event", 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": ""}, "text"),
        ({"kind": "portrait"}, "kind"),
        ({"pictures": [upload("a.jpg", b"x")]}, "pictures"),
        ({"pictures": [upload(f"{n}.jpg", picture_bytes()) for n in range(5)]}, "pictures"),
    ],
)
def test_what_is_wrong_is_said_and_the_words_stay(fields, field, as_student):
    page = as_student.post(MINE, WORDS | fields)
    assert (page.status_code, list(page.context["form"].errors), Proposal.objects.count()) == (
        422,
        [field],
        0,
    )
    assert page.context["form"]["text"].value() == (WORDS | fields)["text"]


def test_group_finds_it_under_what_waits_for_them(student, member):
    proposal = propose(student)
    assert [(todo.sentence, todo.path) for todo in todos(member.user)] == [
        (
            "Léa Le Goff propose\u00a0: «\u00a0Congrès de l’AATF\u00a0»",
            f"{reverse('proposals')}#proposition-{proposal.pk}",
        )
    ]


def test_group_that_wants_it_at_once_is_told_by_mail(sent, student, member):
    Preference.objects.create(user=member.user, kind="proposals", how="at_once")
    assert [to for to, _subject in sent(lambda: propose(student))] == [[member.user.email]]


def test_nobody_proposes_for_somebody_else(student, classmate):
    with pytest.raises(PermissionDenied):
        actions.propose(student, Kind.EVENT, title="x", text="y", by=classmate.user)


def test_taken_up_becomes_a_post_with_its_words_and_pictures(sent, proposal, member, student):
    mails = sent(lambda: actions.take_up(proposal, by=member.user))
    post = fresh(proposal).post
    assert (fresh(proposal).state, str(post), post.kind, len(post.piece.used)) == (
        "taken",
        WORDS["title"],
        "event",
        1,
    )
    assert mails == [([student.user.email], "« Congrès de l’AATF » devient une publication")]


def test_taken_up_once(proposal, member):
    actions.take_up(proposal, by=member.user)
    with pytest.raises(MoveRefused):
        actions.take_up(proposal, by=member.user)


def test_declined_with_the_reason(sent, proposal, member, student, client):
    sent(lambda: actions.decline(proposal, reason="Trop tard pour nous.", by=member.user))
    client.force_login(student.user)
    assert (fresh(proposal).state, "Trop tard pour nous." in client.get(MINE).content.decode()) == (
        "declined",
        True,
    )


def test_declining_needs_a_reason(as_member, proposal):
    page = as_member.post(reverse("proposal_decide", args=[proposal.pk, "decline"]), {"reason": " "})
    assert (page.status_code, fresh(proposal).state) == (422, "sent")


@pytest.mark.parametrize("who", ["student", "staff", "neighbour"])
def test_only_the_group_of_the_promotion_decides(who, request, proposal, staff):
    someone = request.getfixturevalue(who)
    user = getattr(someone, "user", someone)
    for act in (
        lambda: actions.take_up(proposal, by=user),
        lambda: actions.decline(proposal, reason="x", by=user),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_taken_back_before_it_is_taken_up(as_student, proposal, member):
    as_student.post(reverse("proposal_take_back", args=[proposal.pk]))
    assert fresh(proposal).state == "taken_back"
    with pytest.raises(MoveRefused):
        actions.take_up(fresh(proposal), by=member.user)


def test_group_is_led_to_what_waits(as_member, proposal):
    assert "1 proposition d’élève vous attend" in as_member.get(reverse("posts")).content.decode()
    assert WORDS["text"] in as_member.get(reverse("proposals")).content.decode()


def test_photo_of_a_proposal_is_for_the_group_and_its_student(
    client, proposal, student, classmate, member, staff
):
    address, answers = proposal.attachments.get().url, []
    for user in (student.user, classmate.user, member.user, staff):
        client.force_login(user)
        answers.append(client.get(address).status_code)
    assert answers == [200, 404, 200, 200]


@pytest.mark.parametrize(("page", "queries"), [(MINE, 9), (reverse("proposals"), 7)])
def test_lists_cost_the_same_for_one_and_for_three(
    page, queries, client, student, member, account, django_assert_num_queries
):
    client.force_login(member.user)
    made = propose(member)
    actions.take_up(propose(member, title="Un"), by=member.user)
    for _again in range(2):
        client.get(page)
        with django_assert_num_queries(queries):
            client.get(page)
        for number in range(2):
            propose(member, title=f"Encore {number}")
            actions.take_up(propose(member, title=f"Pris {number}"), by=member.user)
    assert made.state == "sent"
