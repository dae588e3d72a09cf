"""À faire: what waits for whom, in words, the most urgent first; as many as the badge says; as many queries for one as for three."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cohorts import kinds
from cohorts.models import CommsMember
from cohorts.todo import Urgency
from inet_comms.todo import counts, todos
from portraits import actions as portrait_actions
from portraits.models import Appearance, Nudge, Portrait
from posts import actions as post_actions
from posts.models import Account, Delivery
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import asked_from

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture
def colleague(promotion):
    """Another of the same group."""
    return factories.make_member(promotion, first_name="Omar", last_name="Sy", email="omar@example.org")


def again(user):
    """Without what the object remembers of an earlier look."""
    return fresh(user)


def said(user):
    """What waits, as (kind, sentence)."""
    return [(todo.kind.slug, todo.sentence) for todo in todos(again(user))]


def slugs(user):
    found = [todo.kind.slug for todo in todos(again(user))]
    assert counts(again(user)).waiting == len(found)
    return found


# The comms group ----------------------------------------------------------------------------------


def test_portrait_handed_in_waits_for_the_group_and_nobody_else(student, member, neighbour, staff):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    (todo,) = todos(again(member.user))
    assert (todo.sentence, todo.label, todo.path, todo.urgency) == (
        "Léa Le Goff a remis son portrait.",
        "Reprendre le portrait",
        reverse("studio", args=[portrait.pk]),
        Urgency.LATER,
    )
    assert [slugs(user) for user in (neighbour.user, staff, student.user)] == [[], [], []]


def test_portrait_waits_for_whoever_looks_after_it(student, member, colleague):
    factories.make_portrait("submitted", student=student, comms=member)
    portrait_actions.look_after(student, colleague, by=member.user)
    assert [slugs(one.user) for one in (member, colleague)] == [[], ["to_edit"]]


def test_portrait_waits_for_everybody_once_its_keeper_has_left_the_group(student, member, colleague):
    factories.make_portrait("submitted", student=student, comms=member)
    portrait_actions.look_after(student, colleague, by=member.user)
    CommsMember.objects.filter(student=colleague).update(ends=timezone.localdate() - timedelta(days=1))
    assert slugs(member.user) == ["to_edit"]


def test_portrait_that_has_waited_for_days_is_more_urgent(student, member):
    factories.make_portrait("submitted", student=student, comms=member)
    (todo,) = todos(again(member.user), timezone.now() + timedelta(days=4))
    assert todo.urgency == Urgency.SOON


def test_change_that_a_student_asks_for_is_said(student, member):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    portrait_actions.ask_change(portrait, message="Une faute.", by=student.user)
    assert said(member.user) == [("to_edit", "Léa Le Goff demande une modification de son portrait.")]


def test_signed_portrait_waits_for_a_post_until_somebody_begins_one(student, member, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    assert said(member.user) == [("signed", "Léa Le Goff a signé\u00a0: une publication peut être préparée.")]
    post_actions.draft(portrait, by=member.user)
    assert slugs(member.user) == ["drafts"]


def remark(portrait, by, text="Quand ?"):
    return portrait_actions.remark(
        portrait, field="whole", passage="", near=0, text=text, is_internal=True, by=by
    )


def test_remark_waits_for_the_others_until_they_answer(student, member, colleague):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    first = remark(portrait, member.user)
    remark(portrait, member.user, "Où ?")
    assert said(colleague.user) == [
        ("remarks", "2 remarques sur le portrait de Léa Le Goff attendent une réponse.")
    ]
    assert slugs(member.user) == []
    portrait_actions.answer_remark(first, text="En mars.", by=colleague.user)
    assert (slugs(member.user), len(said(colleague.user))) == (["remarks"], 1)


def test_resolved_remark_waits_for_nobody(student, member, colleague):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    portrait_actions.resolve(remark(portrait, member.user), by=member.user)
    assert slugs(colleague.user) == []


def nudge(portrait, **fields):
    values = {"number": 1, "about": "begin", "subject": "s", "text": "t", "due_at": timezone.now()}
    return Nudge.objects.create(portrait=portrait, **(values | fields))


def test_reminders_to_read_are_one_thing_for_the_promotion(promotion, member, neighbour):
    for _number in range(2):
        nudge(factories.make_portrait("invited", comms=member))
    (todo,) = todos(again(member.user))
    assert (todo.sentence, todo.path) == (
        "2 relances attendent votre lecture.",
        f"{reverse('outbox')}?promotion={promotion.slug}",
    )
    assert (slugs(member.user), slugs(neighbour.user)) == (["reminders"], [])


def test_reminder_of_which_nobody_knows_is_asked_about(member):
    lost = nudge(factories.make_portrait("invited", comms=member))
    old = timezone.now() - timedelta(minutes=11)
    Nudge.objects.filter(pk=lost.pk).update(**{"state": "sending", "claimed_at": old})
    assert said(member.user) == [("reminders", "On ne sait pas si 1 relance est partie.")]


def test_draft_waits_for_its_author(student, member, colleague, account):
    factories.make_post("draft", portrait=factories.make_portrait("signed", student=student, comms=member))
    assert [slugs(one.user) for one in (member, colleague)] == [["drafts"], []]


def test_draft_of_someone_who_left_waits_for_the_group(student, member, colleague, account):
    factories.make_post("draft", portrait=factories.make_portrait("signed", student=student, comms=member))
    CommsMember.objects.filter(student=member).update(ends=timezone.localdate() - timedelta(days=1))
    assert slugs(colleague.user) == ["drafts"]


def test_post_that_staff_return_says_so(student, member, staff, account):
    post = factories.make_post(
        "in_review", portrait=factories.make_portrait("signed", student=student, comms=member)
    )
    post_actions.return_to_group(post, reason="Le prénom.", by=staff)
    (todo,) = todos(again(member.user))
    assert (todo.kind, todo.path, todo.sentence) == (
        kinds.RETURNED,
        post.get_absolute_url(),
        "Portrait de Léa Le Goff\u00a0: l’école renvoie la publication.",
    )


def test_own_portrait_of_a_member_leads_to_what_is_missing(member):
    factories.make_portrait("invited", student=member, comms=member)
    (todo,) = todos(again(member.user))
    assert (todo.kind, todo.path) == (kinds.OWN, reverse("my_question", args=["origin"]))
    assert slugs(member.user) == ["own"]


@pytest.mark.parametrize("state", ["draft", "to_sign"])
def test_own_portrait_waits_while_something_is_the_students_to_do(state, member, colleague):
    factories.make_portrait(state, student=member, comms=colleague)
    assert slugs(member.user) == ["own"]


def test_photo_about_which_a_member_is_asked_waits_for_them(student, member):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    portrait_actions.tie(portrait, member, by=student.user)
    assert said(member.user) == [
        ("own", "Léa Le Goff vous demande si vous acceptez une photo où vous apparaissez.")
    ]
    Appearance.objects.update(source_sha256="of a photo that is gone")
    assert slugs(member.user) == []


# Staff --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "kind", "urgency"),
    [(0.5, "to_approve_soon", 0), (2, "to_approve", 1), (5, "to_approve", 2)],
)
def test_post_to_approve_is_as_urgent_as_its_moment(days, kind, urgency, student, member, staff, account):
    moment = timezone.now() + timedelta(days=days)
    portrait = factories.make_portrait("signed", student=student, comms=member)
    post = factories.make_post("in_review", portrait=portrait, publish_at=moment)
    (todo,) = todos(again(staff))
    assert (todo.kind.slug, todo.urgency, todo.by, todo.path) == (
        kind,
        urgency,
        moment,
        reverse("admin:posts_post_review", args=[post.pk]),
    )
    assert (slugs(staff), slugs(member.user)) == ([kind], [])


def test_own_post_does_not_wait_for_its_authors_approval(student, member, account):
    factories.make_post(
        "in_review", portrait=factories.make_portrait("signed", student=student, comms=member)
    )
    type(member.user).objects.filter(pk=member.user.pk).update(is_staff=True)
    assert slugs(member.user) == []


def test_page_to_connect_again_waits_for_staff_only(staff, member, account):
    Account.objects.update(needs_reconnect=True)
    assert said(staff) == [
        ("access_ended", "LinkedIn · INET doit être reconnectée\u00a0: rien n’y part plus.")
    ]
    assert (slugs(staff), slugs(member.user)) == (["access_ended"], [])


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"expires_at": 10}, ["access_ends"]),
        ({"expires_at": 0.5}, ["access_ended"]),
        ({"expires_at": 20}, []),
        ({"expires_at": 10, "refresh_token": "r"}, []),
        ({"expires_at": 1, "refresh_expires_at": 10, "refresh_token": "r"}, ["access_ends"]),
        ({"expires_at": 10, "token": ""}, []),
    ],
)
def test_access_that_ends_soon_waits_for_staff(fields, found, staff, account):
    for name, value in fields.items():
        setattr(account, name, value if isinstance(value, str) else timezone.now() + timedelta(days=value))
    account.save()
    assert slugs(staff) == found


# Questions ----------------------------------------------------------------------------------------


@pytest.fixture
def delivery(student, member, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    return factories.make_post("approved", portrait=portrait, comms=member).deliveries.get()


def test_question_waits_for_whoever_answers_it(delivery, member, colleague, staff):
    asked_from(delivery, "sending", responsible=member.user)
    (todo,) = todos(again(member.user))
    assert (todo.sentence, todo.urgency, todo.path) == (
        "Portrait de Léa Le Goff sur LinkedIn · INET\u00a0: est-ce parti\u202f?",
        Urgency.NOW,
        f"{reverse('did_it_go_out')}#envoi-{delivery.pk}",
    )
    assert [slugs(user) for user in (member.user, colleague.user, staff)] == [["question"], [], []]


def test_question_of_nobody_waits_for_everybody(delivery, member, colleague, staff):
    asked_from(delivery, "sending", responsible=None)
    assert [slugs(user) for user in (member.user, colleague.user, staff)] == [["question"]] * 3


def test_question_that_nobody_answers_waits_for_everybody(delivery, member, colleague, staff, neighbour):
    asked_from(delivery, "sending", responsible=member.user, reminders=3)
    found = [slugs(user) for user in (member.user, colleague.user, staff, neighbour.user)]
    assert found == [["unanswered"]] * 3 + [[]]


def test_what_must_be_taken_down_by_hand_waits_for_everybody(delivery, member, colleague, staff):
    asked_from(delivery, "withdrawing", responsible=member.user)
    assert [slugs(user) for user in (member.user, colleague.user, staff)] == [["withdrawal"]] * 3
    assert said(staff)[0][1] == (
        "Portrait de Léa Le Goff\u00a0: encore en ligne sur LinkedIn · INET, à retirer à la main."
    )


@pytest.mark.parametrize(("state", "found"), [("held", ["question"]), ("uncertain", []), ("published", [])])
def test_only_what_asks_a_person_waits(state, found, delivery, member):
    asked_from(delivery, "scheduled", state, responsible=member.user)
    assert slugs(member.user) == found


# The page -----------------------------------------------------------------------------------------


def test_page_shows_the_most_urgent_first_with_one_primary_action(
    client, student, classmate, member, delivery
):
    factories.make_portrait("submitted", student=classmate, comms=member)
    asked_from(delivery, "sending", responsible=member.user)
    client.force_login(member.user)
    response = client.get(reverse("todo"))
    page = response.content.decode()
    assert [part["slug"] for part in response.context["parts"]] == ["now", "later"]
    assert page.index("est-ce parti") < page.index("Karim Benali a remis son portrait.")
    assert (page.count("button primary"), "<title>(2) À faire" in page) == (1, True)


def test_page_without_anything_says_so(client, member):
    client.force_login(member.user)
    page = client.get(reverse("todo")).content.decode()
    assert "Rien ne vous attend" in page


def test_badge_says_how_much_waits_on_every_page(client, student, member):
    factories.make_portrait("submitted", student=student, comms=member)
    client.force_login(member.user)
    first, *_others = client.get(reverse("posts")).context["navigation"]
    assert (first.url, first.count) == (reverse("todo"), 1)


def test_phone_has_four_tabs_and_ones_own_portrait_stays_within_reach(client, member):
    client.force_login(member.user)
    entries = [entry.url for entry in client.get(reverse("todo")).context["navigation"]]
    assert entries[:4] == [reverse(name) for name in ("todo", "board", "calendar", "posts")]
    assert reverse("my_portrait") in entries[4:]


def fill(member, promotion, staff):
    """One more of everything."""
    Account.objects.update(needs_reconnect=False)
    factories.make_portrait("submitted", comms=member)
    remarked = factories.make_portrait("in_edit", comms=member)
    remark(remarked, factories.make_member(promotion).user)
    factories.make_portrait("signed", comms=member)
    nudge(factories.make_portrait("invited", comms=member))
    factories.make_post("draft", comms=member)
    post = factories.make_post("in_review", comms=member)
    post_actions.return_to_group(post, reason="Non.", by=staff)
    approved = factories.make_post("approved", comms=member, staff=staff).deliveries.get()
    asked_from(approved, "sending", responsible=member.user)
    other = factories.make_post("approved", comms=member, staff=staff).deliveries.get()
    asked_from(other, "withdrawing", responsible=member.user)
    factories.make_post("in_review", comms=member)
    Account.objects.update(needs_reconnect=True)


@pytest.mark.parametrize(("who", "queries"), [("member", 17), ("staff", 9)])
def test_page_costs_the_same_for_one_and_for_three(
    who, queries, client, request, member, promotion, staff, account, django_assert_num_queries
):
    factories.make_portrait("to_sign", student=member, comms=factories.make_member(promotion))
    user = request.getfixturevalue(who)
    client.force_login(getattr(user, "user", user))
    sizes = []
    for more in (1, 2):
        for _number in range(more):
            fill(member, promotion, staff)
        client.get(reverse("todo"))
        with django_assert_num_queries(queries):
            sizes.append(
                len([todo for part in client.get(reverse("todo")).context["parts"] for todo in part["todos"]])
            )
        assert slugs(getattr(user, "user", user)) != []
    assert sizes[1] > sizes[0]


def test_counting_costs_one_query_whatever_waits(
    member, promotion, staff, account, django_assert_num_queries
):
    user = again(member.user)
    assert (user.comms_promotion_ids, user.as_student) == (frozenset({promotion.pk}), member)
    for _number in range(2):
        fill(member, promotion, staff)
        with django_assert_num_queries(1):
            counts(user)


def test_count_of_questions_is_that_of_the_whole_desk(delivery, member, colleague):
    asked_from(delivery, "sending", responsible=member.user)
    found = counts(again(colleague.user))
    assert (
        found.waiting,
        found.asking,
        Delivery.objects.for_desk(colleague.user).awaiting_someone().count(),
    ) == (0, 1, 1)


def test_every_kind_is_counted_once(member, promotion, staff, account):
    factories.make_portrait("to_sign", student=member, comms=factories.make_member(promotion))
    fill(member, promotion, staff)
    fill(member, promotion, staff)
    assert Portrait.objects.count() > 4
    assert set(slugs(member.user)) == {
        *("to_edit", "remarks", "signed", "reminders", "drafts", "returned", "question", "withdrawal", "own")
    }
