"""Est-ce parti ? What asks for a look, and each answer: by state, by right, judged by the rehearsal network where it is asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from portraits import actions as portrait_actions
from posts import actions
from posts.actions.answering import NotFoundThere
from posts.actions.delivering import run_pass
from posts.models import Delivery, Post
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db
State = Delivery.State
ASKING = "/est-ce-parti/"


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def post(page, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    return factories.make_post("approved", portrait=portrait, comms=member, publish_at=timezone.now())


@pytest.fixture
def delivery(post):
    return post.deliveries.get()


def lost(delivery, rehearsal, fault):
    """Sent once with `fault`, then looked for in vain until a person is asked."""
    rehearsal.ledger.set_faults("linkedin", [{"name": fault}, {"name": "find-500", "times": 0}])
    run_pass(workers=1)
    for _look in range(3):
        Delivery.objects.filter(pk=delivery.pk).update(next_check_at=timezone.now())
        run_pass(workers=1)
    rehearsal.ledger.set_faults("linkedin", [])
    return fresh(delivery)


@pytest.fixture
def there(delivery, rehearsal):
    """It is online, and we do not know."""
    return lost(delivery, rehearsal, "cut-after")


@pytest.fixture
def not_there(delivery, rehearsal):
    """It is not online, and we do not know."""
    return lost(delivery, rehearsal, "cut-before")


@pytest.fixture
def stuck(post, delivery, student, rehearsal):
    """It is online, must not be any more, and cannot be taken down."""
    run_pass(workers=1)
    portrait_actions.withdraw(fresh(post.portrait), by=student.user)
    rehearsal.ledger.set_faults("linkedin", [{"name": "delete-500", "times": 0}])
    for _try in range(6):
        Delivery.objects.filter(pk=delivery.pk).update(next_check_at=timezone.now())
        run_pass(workers=1)
    return fresh(delivery)


def link(rehearsal):
    return f"https://www.linkedin.com/feed/update/{rehearsal.ledger.posts()[0]['urn']}/?utm_source=share"


def put(delivery, state, **fields):
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **fields)
    return fresh(delivery)


def answer_url(delivery, verb):
    return reverse("delivery_answer", args=[delivery.pk, verb])


# Actions: it is there -------------------------------------------------------------------------------


def test_there_with_the_right_link_is_online(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    after = fresh(there)
    assert (after.state, after.remote_id, after.evidence.last().source) == (
        "published",
        rehearsal.ledger.posts()[0]["urn"],
        "person",
    )


def test_there_never_sends_again(there, member, rehearsal):
    actions.confirm_there(there, link(rehearsal), by=member.user)
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 1


def refused_link(delivery, text, by):
    with pytest.raises(NotFoundThere):
        actions.confirm_there(delivery, text, by=by)
    return fresh(delivery).state


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/",
        "https://www.linkedin.com/company/inet/",
        "https://www.linkedin.com/feed/update/urn:li:share:1/",
        "javascript:alert(1)",
    ],
)
def test_there_with_a_link_to_nothing_is_refused(text, there, member):
    assert refused_link(there, text, member.user) == "needs_person"


def test_there_with_a_link_to_another_post_of_the_page_is_refused(there, member, rehearsal):
    found = rehearsal.ledger.posts()[0]["urn"]
    Delivery.objects.filter(pk=there.pk).update(text="Un autre texte.")
    assert (
        refused_link(fresh(there), f"https://www.linkedin.com/feed/update/{found}/", member.user)
        == "needs_person"
    )


def test_there_with_the_link_of_another_delivery_is_refused(there, member, rehearsal):
    other = factories.make_post("approved", comms=member).deliveries.get()
    put(other, State.PUBLISHED, remote_id=rehearsal.ledger.posts()[0]["urn"], published_at=timezone.now())
    assert refused_link(there, link(rehearsal), member.user) == "needs_person"


def test_there_while_the_network_is_silent_changes_nothing(there, member, rehearsal):
    text = link(rehearsal)
    rehearsal.ledger.set_faults("linkedin", [{"name": "get-500"}])
    assert refused_link(there, text, member.user) == "needs_person"


# Actions: it is not there ---------------------------------------------------------------------------


def test_resend_goes_out_once_more_under_the_name_of_who_decided(not_there, member, rehearsal):
    again = actions.resend(not_there, reason="Rien sur la page.", by=member.user)
    run_pass(workers=1)
    before = not_there.moves.last()
    assert (fresh(again).state, again.generation, before.by, before.note) == (
        "published",
        2,
        member.user,
        "Rien sur la page.",
    )
    assert len(rehearsal.ledger.posts()) == 1


def test_resend_twice_sends_once(not_there, member, rehearsal):
    actions.resend(not_there, reason="Rien.", by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)
    run_pass(workers=1)
    assert len(rehearsal.ledger.posts()) == 1


def test_resend_that_comes_too_late_is_refused(not_there, member):
    put(not_there, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_resend_of_a_post_that_was_changed_since_is_refused(not_there, member):
    post = not_there.post
    actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    with pytest.raises(MoveRefused):
        actions.resend(not_there, reason="Rien.", by=member.user)


def test_close_keeps_the_reason_and_settles_the_post(not_there, member):
    actions.close(not_there, reason="Trop tard.", by=member.user)
    run_pass(workers=1)
    assert (fresh(not_there).state, not_there.moves.last().note, fresh(not_there.post).state) == (
        "not_there",
        "Trop tard.",
        "done",
    )


def test_gone_settles_what_could_not_be_taken_down(stuck, member):
    assert (stuck.state, bool(stuck.remote_id)) == ("needs_person", True)
    actions.say_gone(stuck, by=member.user)
    assert fresh(stuck).state == "withdrawn"


def test_gone_of_what_was_never_seen_online_is_refused(not_there, member):
    with pytest.raises(MoveRefused):
        actions.say_gone(not_there, by=member.user)


@pytest.mark.parametrize("verb", ["resend", "close"])
def test_not_there_of_what_was_seen_online_is_refused(verb, stuck, member):
    with pytest.raises(MoveRefused):
        getattr(actions, verb)(stuck, reason="Rien.", by=member.user)


# Actions: by state, by right ------------------------------------------------------------------------

ANSWERS = {
    "resend": lambda delivery, by: actions.resend(delivery, reason="Rien.", by=by),
    "close": lambda delivery, by: actions.close(delivery, reason="Rien.", by=by),
    "gone": lambda delivery, by: actions.say_gone(delivery, by=by),
}
ALLOWED = {"resend": {"needs_person"}, "close": {"needs_person"}, "gone": {"needs_person"}}


@pytest.mark.parametrize("state", State.values)
def test_answers_are_taken_where_someone_is_asked_and_nowhere_else(state, delivery, member):
    claim = {"claim_token": "00000000-0000-0000-0000-000000000001", "lease_until": timezone.now()}
    put(delivery, state, **claim)
    taken = set()
    for verb, answer in ANSWERS.items():
        with transaction.atomic():
            put(delivery, state, remote_id="urn:li:share:1" if verb == "gone" else "")
            try:
                answer(fresh(delivery), member.user)
                taken.add(verb)
            except MoveRefused:
                pass
            transaction.set_rollback(True)
    assert taken == {verb for verb, states in ALLOWED.items() if state in states}


@pytest.mark.parametrize("state", State.values)
def test_there_is_taken_while_nobody_knows_and_at_no_other_time(state, there, member, rehearsal):
    claim = {"claim_token": "00000000-0000-0000-0000-000000000001", "lease_until": timezone.now()}
    put(there, state, **claim)
    try:
        actions.confirm_there(fresh(there), link(rehearsal), by=member.user)
        is_taken = True
    except MoveRefused:
        is_taken = False
    assert is_taken == (state in {"needs_person", "uncertain"})


@pytest.mark.parametrize("verb", [*ANSWERS, "there"])
def test_answers_are_for_the_group_and_staff(
    verb, there, student, classmate, member, former_member, neighbour, staff, rehearsal
):
    answer = ANSWERS.get(verb, lambda delivery, by: actions.confirm_there(delivery, link(rehearsal), by=by))
    put(there, State.NEEDS_PERSON, remote_id="urn:li:share:7" if verb == "gone" else "")
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                answer(fresh(there), user)
                allowed.append(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == ["member", "staff"]


# What asks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_asking_are_the_doubtful_and_those_that_did_not_go_out(state, delivery):
    claim = {"claim_token": "00000000-0000-0000-0000-000000000001", "lease_until": timezone.now()}
    put(delivery, state, **claim)
    assert Delivery.objects.asking().exists() == (state in {"needs_person", "uncertain", "failed", "expired"})


SINCE = {
    "another version": lambda post, by: actions.write(
        post, texts={}, publish_at=post.publish_at, read=post.version, by=by
    ),
    "cancelled": lambda post, by: actions.cancel(post, by=by),
    "withdrawn": lambda post, by: portrait_actions.withdraw(post.portrait, by=post.portrait.student.user),
}


@pytest.mark.parametrize("what", SINCE)
def test_asking_ends_for_what_did_not_go_out_once_something_newer_took_its_place(what, delivery, member):
    put(delivery, State.FAILED)
    SINCE[what](fresh(delivery.post), member.user)
    assert Delivery.objects.asking().exists() is False


def test_asking_ends_for_what_did_not_go_out_once_a_new_post_is_prepared(delivery, member):
    put(delivery, State.EXPIRED)
    Post.objects.filter(pk=delivery.post_id).update(state="done")
    actions.draft(fresh(delivery.post.portrait), by=member.user)
    assert Delivery.objects.asking().exists() is False


def test_asking_goes_on_for_what_may_be_online_whatever_came_since(delivery, member):
    put(delivery, State.NEEDS_PERSON)
    actions.cancel(fresh(delivery.post), by=member.user)
    assert Delivery.objects.asking().exists() is True


# The page -------------------------------------------------------------------------------------------


def questions(client):
    return {question.delivery.pk: question for question in client.get(ASKING).context["questions"]}


def test_page_shows_the_groups_questions_and_no_others(as_member, delivery, neighbour):
    other = factories.make_post("approved", comms=neighbour).deliveries.get()
    put(delivery, State.NEEDS_PERSON)
    put(other, State.NEEDS_PERSON)
    assert list(questions(as_member)) == [delivery.pk]


def test_page_without_questions_says_that_all_is_clear(as_member):
    assert 'class="empty"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize(
    ("state", "remote_id", "offered"),
    [
        ("needs_person", "", ["there", "close", "resend"]),
        ("needs_person", "urn:li:share:7", ["gone"]),
        ("uncertain", "", ["there"]),
        ("failed", "", []),
        ("expired", "", []),
    ],
)
def test_page_offers_the_answers_of_the_state(state, remote_id, offered, as_member, delivery):
    put(delivery, state, remote_id=remote_id)
    html = as_member.get(ASKING).content.decode()
    verbs = ("there", "close", "resend", "gone")
    assert [verb for verb in verbs if answer_url(delivery, verb) in html] == offered


def test_page_offers_no_sending_anew_once_it_is_too_late(as_member, delivery):
    put(delivery, State.NEEDS_PERSON, latest_useful_at=timezone.now() - timedelta(seconds=1))
    assert answer_url(delivery, "resend") not in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_page_leads_from_what_did_not_go_out_to_its_post(state, as_member, delivery):
    put(delivery, state)
    assert f'href="{delivery.post.get_absolute_url()}"' in as_member.get(ASKING).content.decode()


def test_page_keeps_technical_words_in_the_fold(as_member, there):
    html = as_member.get(ASKING).content.decode()
    shown, folded = html.split('class="technical', 1)
    assert ("no-answer" in shown, "no-answer" in folded) == (False, True)


def test_page_says_that_everything_is_stopped(as_member, staff):
    actions.press_stop(by=staff)
    assert as_member.get(ASKING).context["stop"].pressed_by == staff


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_three(
    more, as_member, delivery, member, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    put(delivery, State.NEEDS_PERSON)
    for _number in range(more):
        put(factories.make_post("approved", comms=member).deliveries.get(), State.NEEDS_PERSON)
    with django_assert_num_queries(9):
        as_member.get(ASKING)


@pytest.mark.parametrize(
    ("verb", "data", "end"),
    [("resend", {"reason": "Rien."}, "not_there"), ("close", {"reason": "Rien."}, "not_there")],
)
def test_answer_moves_the_delivery(verb, data, end, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    assert (response.url, fresh(not_there).state) == (ASKING, end)


def test_answer_there_moves_the_delivery(as_member, there, rehearsal):
    as_member.post(answer_url(there, "there"), {"link": link(rehearsal)})
    assert fresh(there).state == "published"


def test_answer_gone_moves_the_delivery(as_member, stuck):
    as_member.post(answer_url(stuck, "gone"))
    assert fresh(stuck).state == "withdrawn"


@pytest.mark.parametrize(
    ("verb", "form", "data"),
    [
        ("there", "there", {"link": " "}),
        ("there", "there", {"link": "https://example.org/autre"}),
        ("resend", "reason", {"reason": ""}),
        ("close", "reason", {"reason": "r" * 301}),
    ],
)
def test_answer_that_does_not_do_comes_back_as_typed(verb, form, data, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    back = getattr(response.context["questions"][0], form)
    assert (response.status_code, back.data.dict(), bool(back.errors)) == (422, data, True)
    assert fresh(not_there).state == "needs_person"


def test_answer_to_what_was_answered_meanwhile_says_so(as_member, not_there, member):
    actions.close(not_there, reason="Rien.", by=member.user)
    response = as_member.post(answer_url(not_there, "resend"), {"reason": "Rien."}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_answer_of_an_unknown_verb_is_missing(as_member, not_there):
    assert as_member.post(answer_url(not_there, "publish")).status_code == 404
