"""What the comms group does with a post, and the student's key for its words: every move from every state, by everyone."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits import actions as portrait_actions
from posts import actions
from posts.actions.sweeping import call_off_stale, finish_posts
from posts.actions.writing import opening_words
from posts.models import Delivery, Post
from posts.words import beyond, normalise
from tests import factories

pytestmark = pytest.mark.django_db
REFUSED = "refused"
BEYOND = "Second paragraphe.\n\nVenez la rencontrer jeudi."
State = Delivery.State


def write(post, by, text="Second paragraphe.", publish_at=None, read=None):
    """Write the same text for each of the post's pages."""
    texts = dict.fromkeys(post.variants.values_list("account_id", flat=True), text)
    when = publish_at or timezone.now() + timedelta(days=2)
    return actions.write(post, texts=texts, publish_at=when, read=read or post.version, by=by)


def settled(post, state=State.PUBLISHED):
    """The post with its deliveries ended in `state`, as after the clock's pass."""
    past = timezone.now() - timedelta(hours=1)
    Post.objects.filter(pk=post.pk).update(publish_at=past)
    online = (
        {"remote_id": f"urn:li:share:{post.pk}", "published_at": past} if state == State.PUBLISHED else {}
    )
    post.deliveries.update(state=state, due_at=past, **online)
    finish_posts()
    return factories.fresh(post)


def made(state, member, student=None):
    """A post in `state`; "beyond" is a draft whose words go beyond the signed portrait."""
    portrait = factories.make_portrait("signed", student=student, comms=member)
    if state in ("draft", "in_review", "approved"):
        return factories.make_post(state, portrait=portrait, comms=member)
    if state == "done":
        return settled(factories.make_post("approved", portrait=portrait, comms=member))
    post = factories.make_post("draft", portrait=portrait, comms=member)
    if state == "cancelled":
        return actions.cancel(post, by=member.user)
    post = write(post, member.user, BEYOND)
    if state == "to_sign":
        actions.ask_student(post, read=post.version, by=member.user)
    return factories.fresh(post)


MOVES = {
    "write": lambda post, by: write(post, by, "Servir au plus près"),
    "ask_student": lambda post, by: actions.ask_student(post, read=post.version, by=by),
    "sign_words": lambda post, by: actions.sign_words(post, read=post.version, by=by),
    "refuse_words": lambda post, by: actions.refuse_words(post, message="Pas « jeudi ».", by=by),
    "ask_review": lambda post, by: actions.ask_review(post, read=post.version, by=by),
    "cancel": lambda post, by: actions.cancel(post, by=by),
}
BY_STUDENT = ("sign_words", "refuse_words")
STATES = ("draft", "beyond", "to_sign", "in_review", "approved", "done", "cancelled")
OPEN = ("draft", "beyond", "to_sign", "in_review", "approved")
# From which state each move leads where; from all other states it is refused.
TABLE = {
    "write": dict.fromkeys(OPEN, "draft"),
    "ask_student": {"beyond": "to_sign"},
    "sign_words": {"to_sign": "in_review"},
    "refuse_words": {"to_sign": "draft"},
    "ask_review": {"draft": "in_review"},
    "cancel": dict.fromkeys(OPEN, "cancelled"),
}


@pytest.mark.parametrize("state", STATES)
def test_moves_lead_where_the_table_says_or_are_refused(state, member, student, account):
    post = made(state, member, student)
    found = {}
    for name, move in MOVES.items():
        with transaction.atomic():
            try:
                move(post, student.user if name in BY_STUDENT else member.user)
                found[name] = factories.fresh(post).state
            except MoveRefused:
                found[name] = REFUSED
            transaction.set_rollback(True)
    assert found == {name: TABLE[name].get(state, REFUSED) for name in MOVES}


@pytest.mark.parametrize("name", MOVES)
def test_moves_are_denied_to_everyone_else(
    name, student, classmate, member, former_member, neighbour, staff, account
):
    post = made(
        {"ask_student": "beyond"}.get(name, "to_sign" if name in BY_STUDENT else "draft"), member, student
    )
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for who, user in cast.items():
        with transaction.atomic():
            try:
                MOVES[name](post, user)
                allowed.append(who)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == (["student"] if name in BY_STUDENT else ["member"])


# Draft ------------------------------------------------------------------------------------------


def test_draft_begins_with_the_words_of_the_portrait_and_the_hashtags(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    post = actions.draft(portrait, by=member.user)
    promotion = member.promotion
    assert post.variants.get().text == (
        f"{portrait.title}\n\n{portrait.text}\n\n{promotion.hashtag} {promotion.track.hashtag}"
    )


def test_draft_leaves_out_pages_that_the_consent_does_not_name(member, account):
    portrait = factories.make_portrait("signed", comms=member, places=("gallery",))
    assert actions.draft(portrait, by=member.user).variants.count() == 0


@pytest.mark.parametrize("state", ["invited", "draft", "submitted", "withdrawn"])
def test_draft_of_a_portrait_that_nobody_edits_yet_is_refused(state, member, account):
    with pytest.raises(MoveRefused):
        actions.draft(factories.make_portrait(state, comms=member), by=member.user)


@pytest.mark.parametrize("state", ["in_edit", "to_sign"])
def test_draft_before_the_signature_is_prepared_but_goes_to_nobody(state, member, account):
    post = actions.draft(factories.make_portrait(state, comms=member), by=member.user)
    text = post.variants.get().text
    post = write(post, member.user, f"{text} Venez la rencontrer jeudi.")
    refused = []
    for ask in (actions.ask_student, actions.ask_review):
        with pytest.raises(MoveRefused):
            ask(post, read=post.version, by=member.user)
        refused.append(factories.fresh(post).state)
    assert refused == ["draft", "draft"]


def test_draft_before_the_signature_is_left_alone_by_the_clock(member, account):
    portrait = factories.make_portrait("in_edit", comms=member)
    post = actions.draft(portrait, by=member.user)
    portrait_actions.edit(portrait, read=2, by=member.user, text="Un texte.")
    assert (call_off_stale(), factories.fresh(post).state) == (0, "draft")


def test_draft_before_the_signature_takes_up_the_version_that_was_signed(member, account):
    portrait = factories.make_portrait("in_edit", comms=member)
    post = actions.draft(portrait, by=member.user)
    portrait_actions.edit(portrait, read=2, by=member.user, text="Un texte.")
    portrait_actions.ask_signature(portrait, read=3, by=member.user)
    portrait_actions.sign(portrait, factories.agreement(), read=3, by=portrait.student.user)
    post = write(factories.fresh(post), member.user, "Un texte.")
    assert (post.portrait_version, post.is_current) == (3, True)
    actions.ask_review(post, read=post.version, by=member.user)
    assert factories.fresh(post).state == "in_review"


def test_draft_beside_an_open_post_is_refused(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    actions.draft(portrait, by=member.user)
    with pytest.raises(MoveRefused):
        actions.draft(portrait, by=member.user)


def test_draft_is_the_groups_alone(student, classmate, member, former_member, neighbour, staff, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    for user in (student.user, classmate.user, former_member.user, neighbour.user, staff):
        with pytest.raises(PermissionDenied):
            actions.draft(portrait, by=user)


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED, State.NOT_THERE])
def test_draft_again_after_a_page_did_not_get_it(state, member, account):
    portrait = factories.make_portrait("signed", comms=member)
    settled(factories.make_post("approved", portrait=portrait, comms=member), state)
    portrait_actions.publish(portrait)
    again = actions.draft(factories.fresh(portrait), by=member.user)
    assert [variant.account for variant in again.variants.all()] == [account]


def test_draft_of_a_published_portrait_that_is_on_every_page_is_refused(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    settled(factories.make_post("approved", portrait=portrait, comms=member))
    with pytest.raises(MoveRefused):
        actions.draft(factories.fresh(portrait), by=member.user)


def test_draft_again_leaves_out_the_page_that_has_it(member, account):
    other = factories.make_account(name="Élèves de l’INET")
    portrait = factories.make_portrait("signed", comms=member)
    post = factories.make_post("approved", portrait=portrait, comms=member)
    post.deliveries.filter(account=other).update(state=State.FAILED)
    post.deliveries.filter(account=account).update(state=State.PUBLISHED, remote_id="urn:li:share:1")
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() - timedelta(hours=1))
    finish_posts()
    again = actions.draft(factories.fresh(portrait), by=member.user)
    assert [variant.account for variant in again.variants.all()] == [other]


def test_draft_after_an_edit_may_go_to_every_page_again(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    settled(factories.make_post("approved", portrait=portrait, comms=member))
    portrait = factories.fresh(portrait)
    portrait_actions.edit(portrait, read=2, by=member.user, text="Un an après.")
    portrait_actions.ask_signature(portrait, read=3, by=member.user)
    portrait_actions.sign(portrait, factories.agreement(), read=3, by=portrait.student.user)
    again = actions.draft(factories.fresh(portrait), by=member.user)
    assert [variant.account for variant in again.variants.all()] == [account]


# Write ------------------------------------------------------------------------------------------


def test_write_makes_a_new_version_useful_for_a_day(member, account):
    post = made("draft", member)
    when = timezone.now() + timedelta(days=3)
    after = write(post, member.user, publish_at=when)
    assert (after.version, after.publish_at, after.latest_useful_at) == (
        post.version + 1,
        when,
        when + timedelta(days=1),
    )


def test_write_of_the_same_words_and_moment_changes_nothing(member, account):
    post = made("approved", member)
    text = f"  {post.variants.get().text}\n".replace("\n", "\r\n")
    after = write(post, member.user, text, post.publish_at)
    assert (after.version, after.state) == (post.version, "approved")


def test_write_takes_out_the_pages_left_out(member, account):
    post = made("draft", member)
    actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    assert post.variants.count() == 0


@pytest.mark.parametrize("change", ["text", "moment"])
def test_write_voids_the_approval_and_cancels_what_waits(change, member, account):
    post = made("approved", member)
    text = post.variants.get().text + (" Bis." if change == "text" else "")
    when = post.publish_at + timedelta(hours=1 if change == "moment" else 0)
    write(post, member.user, text, when)
    after = factories.fresh(post)
    assert (after.state, after.approved_version, after.approved_by, after.deliveries.get().state) == (
        "draft",
        None,
        None,
        "cancelled",
    )


def test_write_does_not_touch_a_delivery_on_the_wire(member, account):
    post = made("approved", member)
    post.deliveries.update(state=State.UNCERTAIN)
    write(post, member.user, "Autres mots.")
    assert post.deliveries.get().state == "uncertain"


def test_write_on_words_that_changed_since_is_refused(member, account):
    post = made("draft", member)
    with pytest.raises(StaleVersion):
        write(post, member.user, read=post.version - 1)
    assert factories.fresh(post).version == post.version


def test_write_takes_up_the_portraits_new_version(member, account):
    post = made("draft", member)
    portrait = factories.fresh(post.portrait)
    portrait_actions.edit(portrait, read=2, by=member.user, text="Un texte.")
    write(post, member.user, post.variants.get().text, post.publish_at)
    assert factories.fresh(post).portrait_version == 3


# The student's key --------------------------------------------------------------------------------


def test_words_beyond_the_portrait_need_the_student(member, account):
    post = made("beyond", member)
    assert (post.unsigned_passages(), post.needs_student) == (["Venez la rencontrer jeudi."], True)


def test_words_agreed_to_need_the_student_no_more(member, student, account):
    post = made("to_sign", member, student)
    actions.sign_words(post, read=post.version, by=student.user)
    assert factories.fresh(post).needs_student is False


def test_new_words_void_what_the_student_agreed_to(member, student, account):
    post = made("to_sign", member, student)
    actions.sign_words(post, read=post.version, by=student.user)
    after = write(factories.fresh(post), member.user, BEYOND + " Ou vendredi.")
    assert after.needs_student is True


@pytest.mark.parametrize("name", ["ask_student", "sign_words", "ask_review"])
def test_move_on_words_that_changed_since_is_refused(name, member, student, account):
    post = made({"ask_student": "beyond", "sign_words": "to_sign"}.get(name, "draft"), member, student)
    with pytest.raises(StaleVersion):
        getattr(actions, name)(
            post, read=post.version - 1, by=student.user if name in BY_STUDENT else member.user
        )


def test_ask_review_without_a_moment_is_refused(member, account):
    post = actions.draft(factories.make_portrait("signed", comms=member), by=member.user)
    with pytest.raises(MoveRefused):
        actions.ask_review(post, read=post.version, by=member.user)


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("ask_student", "lea@example.org"),
        ("sign_words", "bureau@example.org"),
        ("refuse_words", "ines@example.org"),
        ("ask_review", "bureau@example.org"),
    ],
)
def test_moves_write_to_whoever_is_next(
    name, to, member, student, staff, account, mailoutbox, django_capture_on_commit_callbacks
):
    """What leaves within a day: staff read of the rest in the morning."""
    post = made({"ask_student": "beyond", "ask_review": "draft"}.get(name, "to_sign"), member, student)
    Post.objects.update(publish_at=timezone.now() + timedelta(hours=20))
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        MOVES[name](post, student.user if name in BY_STUDENT else member.user)
    assert [mail.to for mail in mailoutbox] == [[to]]


def test_refusal_keeps_the_students_words_in_the_history(member, student, account):
    post = made("to_sign", member, student)
    actions.refuse_words(post, message="Pas « jeudi ».", by=student.user)
    assert post.moves.last().note == "Pas « jeudi »."


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.NEEDS_PERSON, State.PUBLISHED, State.WITHDRAWING])
def test_post_that_may_be_on_a_page_already_is_not_approved_for_it(state, member, staff, account):
    post = made("approved", member)
    post.deliveries.update(state=state)
    post = write(post, member.user)
    actions.ask_review(post, read=post.version, by=member.user)
    with pytest.raises(actions.NotReady) as refused:
        actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)
    assert len(refused.value.reasons) == 1


# Cancel -----------------------------------------------------------------------------------------


def test_cancel_takes_back_what_waits(member, account):
    post = made("approved", member)
    actions.cancel(post, by=member.user)
    assert post.deliveries.get().state == "cancelled"


def test_cancel_leaves_what_is_on_the_wire(member, account):
    post = made("approved", member)
    post.deliveries.update(state=State.NEEDS_PERSON)
    actions.cancel(post, by=member.user)
    assert post.deliveries.get().state == "needs_person"


LONG = " ".join(f"Voici la phrase numéro {number}." for number in range(1, 60))


@pytest.mark.parametrize("network", ["linkedin", "facebook", "x", "mastodon", "bluesky"])
def test_opening_words_fit_each_network_in_whole_sentences(portrait, network):
    """Nobody has to shorten by hand what one page cannot hold; what is left are words the student signed."""
    account = factories.make_account(network=network)
    portrait.text = f"{LONG}\n\n{LONG}"
    words = opening_words(portrait, account)
    known = normalise("\n".join([portrait.title, portrait.text]))
    assert account.connector.length(words, account.limits) <= account.limits.text
    assert beyond(words, known) == []
    assert [line for line in words.splitlines() if line.startswith("Voici") and not line.endswith(".")] == []


def test_opening_words_keep_everything_where_it_fits(portrait):
    account = factories.make_account(network="facebook")
    assert portrait.text in opening_words(portrait, account)
