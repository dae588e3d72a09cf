"""What the comms group does with a portrait: every move from every state, by everyone of the cast."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits import actions
from portraits.models import Portrait
from portraits.photos import Crop, PhotoRefused
from posts.actions.sweeping import call_off_stale
from tests import factories

pytestmark = pytest.mark.django_db
State = Portrait.State
REFUSED = "refused"
FRAME = Crop(0.05, 0.05, 0.5, 0.5)

MOVES = {
    "take_up": lambda portrait, by: actions.take_up(portrait, by=by),
    "edit": lambda portrait, by: actions.edit(portrait, read=portrait.version, by=by, text="Autres mots."),
    "reframe": lambda portrait, by: actions.reframe(portrait, FRAME, read=portrait.version, by=by),
    "hand_back": lambda portrait, by: actions.hand_back(portrait, message="Encore un mot ?", by=by),
    "ask_signature": lambda portrait, by: actions.ask_signature(portrait, read=portrait.version, by=by),
    "keep_as_signed": lambda portrait, by: actions.keep_as_signed(portrait, read=portrait.version, by=by),
}
UNDER_WAY = dict.fromkeys(["submitted", "in_edit", "to_sign", "signed", "published"], "in_edit")
# From which state each move leads where; from all other states it is refused.
TABLE = {
    "take_up": {"submitted": "in_edit"},
    "edit": UNDER_WAY,
    "reframe": UNDER_WAY,
    "hand_back": {"submitted": "draft", "in_edit": "draft"},
    "ask_signature": {"in_edit": "to_sign"},
    "keep_as_signed": {"submitted": "signed"},
}


def made(state, member, student=None):
    if state != "published":
        return factories.make_portrait(state, student=student, comms=member)
    portrait = factories.make_portrait("signed", student=student, comms=member)
    actions.publish(portrait)
    return factories.fresh(portrait)


def attempt(move, portrait, by):
    try:
        MOVES[move](portrait, by)
    except MoveRefused:
        return REFUSED
    return factories.fresh(portrait).state


@pytest.mark.parametrize("state", State.values)
def test_moves_lead_where_the_table_says_or_are_refused(state, member):
    portrait = made(state, member)
    found = {}
    for move in MOVES:
        # Each move starts from the same state: what it did is undone.
        with transaction.atomic():
            found[move] = attempt(move, portrait, member.user)
            transaction.set_rollback(True)
    assert found == {move: TABLE[move].get(state, REFUSED) for move in MOVES}


@pytest.mark.parametrize("move", MOVES)
def test_moves_are_the_groups_alone(move, student, classmate, member, former_member, neighbour, staff):
    start = "in_edit" if move == "ask_signature" else "submitted"
    portrait = factories.make_portrait(start, student=student, comms=member)
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    denied = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                MOVES[move](portrait, user)
            except PermissionDenied:
                denied.append(name)
            transaction.set_rollback(True)
    assert (denied, factories.fresh(portrait).state) == (list(cast), start)


def test_student_in_the_group_edits_their_own_portrait(promotion):
    both = factories.make_member(promotion)
    portrait = factories.make_portrait("submitted", student=both, comms=both)
    actions.edit(portrait, read=1, by=both.user, text="Mes mots, relus.")
    assert factories.fresh(portrait).text == "Mes mots, relus."


# Edit -------------------------------------------------------------------------------------------


def test_edit_writes_a_new_version_by_whoever_edited(member):
    portrait = factories.make_portrait("submitted", comms=member)
    actions.edit(portrait, read=1, by=member.user, title="  Un titre  ", text="Un texte.")
    version = portrait.versions.get(number=2)
    assert (version.title, version.text, version.by) == ("Un titre", "Un texte.", member.user)


def test_edit_keeps_the_earlier_version(member):
    portrait = factories.make_portrait("submitted", comms=member)
    before = portrait.text
    actions.edit(portrait, read=1, by=member.user, text="Un texte.")
    assert portrait.versions.get(number=1).text == before


def test_edit_leaves_the_answers_as_given(member):
    portrait = factories.make_portrait("submitted", comms=member)
    before = portrait.own_words
    actions.edit(portrait, read=1, by=member.user, text="Un texte.")
    assert factories.fresh(portrait).own_words == before


def test_edit_with_equal_words_changes_nothing(member):
    portrait = factories.make_portrait("signed", comms=member)
    after = actions.edit(portrait, read=2, by=member.user, title=portrait.title, text=f" {portrait.text}\n")
    assert (after.version, after.state) == (2, "signed")


def test_edit_of_a_text_that_changed_since_is_refused(member):
    portrait = factories.make_portrait("in_edit", comms=member)
    with pytest.raises(StaleVersion):
        actions.edit(portrait, read=1, by=member.user, text="Un texte.")
    assert factories.fresh(portrait).text == portrait.text


@pytest.mark.parametrize(
    "words",
    [{"title": "Autre"}, {"quote": "Autre"}, {"text": "Autre"}, {"alt_text": "Autre"}],
    ids=lambda words: next(iter(words)),
)
def test_edit_of_any_word_voids_the_signature(words, member):
    portrait = factories.make_portrait("signed", comms=member)
    actions.edit(portrait, read=2, by=member.user, **words)
    after = factories.fresh(portrait)
    assert (portrait.is_signed, after.is_signed, after.signed_version, after.version) == (True, False, 2, 3)


def test_edit_of_a_published_portrait_leaves_the_signed_version_online(member):
    portrait = made("published", member)
    actions.edit(portrait, read=2, by=member.user, text="Un texte.")
    assert factories.fresh(portrait).online.number == 2


def test_edit_voids_the_approval_and_calls_off_what_waits(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    post = factories.make_post("approved", portrait=portrait, comms=member)
    actions.edit(factories.fresh(portrait), read=2, by=member.user, text="Un texte.")
    call_off_stale()
    after = factories.fresh(post)
    assert (after.state, after.approved_version, after.approved_by, after.deliveries.get().state) == (
        "draft",
        None,
        None,
        "cancelled",
    )


# Reframe ----------------------------------------------------------------------------------------


def test_reframe_makes_a_new_photo_from_the_same_master(member):
    portrait = factories.make_portrait("in_edit", comms=member)
    before = portrait.photo
    actions.reframe(portrait, FRAME, read=2, by=member.user)
    after = factories.fresh(portrait).photo
    assert (after.pk != before.pk, after.master.name, after.renditions.count()) == (
        True,
        before.master.name,
        8,
    )


def test_reframe_keeps_the_picture_of_the_earlier_version(member):
    portrait = factories.make_portrait("in_edit", comms=member)
    actions.reframe(portrait, FRAME, read=2, by=member.user)
    assert portrait.versions.get(number=2).photo_id == portrait.photo_id


def test_reframe_voids_the_signature_and_the_approval(member, account):
    portrait = factories.make_portrait("signed", comms=member)
    post = factories.make_post("approved", portrait=portrait, comms=member)
    actions.reframe(factories.fresh(portrait), FRAME, read=2, by=member.user)
    call_off_stale()
    assert (factories.fresh(portrait).is_signed, factories.fresh(post).state) == (False, "draft")


def test_reframe_of_a_photo_that_changed_since_is_refused(member):
    portrait = factories.make_portrait("in_edit", comms=member)
    with pytest.raises(StaleVersion):
        actions.reframe(portrait, FRAME, read=1, by=member.user)


def test_reframe_too_tight_is_refused_in_words(member):
    portrait = factories.make_portrait("in_edit", comms=member)
    with pytest.raises(PhotoRefused) as refused:
        actions.reframe(portrait, Crop(0, 0, 0.1, 0.1), read=2, by=member.user)
    assert (refused.value.code, factories.fresh(portrait).version) == ("crop-too-small", 2)


# Hand back, ask, keep ---------------------------------------------------------------------------


def test_hand_back_gives_the_student_the_pen_and_writes_to_them(
    member, student, mailoutbox, django_capture_on_commit_callbacks
):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.hand_back(portrait, message="Parlez-nous de Brest.", by=member.user)
    sent = mailoutbox[0]
    assert (factories.fresh(portrait).is_writable, sent.to) == (True, ["lea@example.org"])
    assert "Parlez-nous de Brest." in sent.body


def test_hand_back_keeps_the_message_in_the_history(member):
    portrait = factories.make_portrait("submitted", comms=member)
    actions.hand_back(portrait, message="Parlez-nous de Brest.", by=member.user)
    assert portrait.moves.last().note == "Parlez-nous de Brest."


def test_ask_signature_writes_to_the_student(member, student, mailoutbox, django_capture_on_commit_callbacks):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_signature(portrait, read=2, by=member.user)
    assert [mail.to for mail in mailoutbox] == [["lea@example.org"]]


@pytest.mark.parametrize("move", ["ask_signature", "keep_as_signed"])
def test_move_on_a_text_that_changed_since_is_refused(move, member):
    portrait = factories.make_portrait("in_edit", comms=member)
    with pytest.raises(StaleVersion):
        getattr(actions, move)(portrait, read=1, by=member.user)


def test_keep_as_signed_after_a_look_without_an_edit(member):
    portrait = factories.make_portrait("submitted", comms=member)
    actions.take_up(portrait, by=member.user)
    actions.keep_as_signed(portrait, read=1, by=member.user)
    assert factories.fresh(portrait).is_signed is True


# Invite -----------------------------------------------------------------------------------------


def test_invite_gives_a_login_a_portrait_and_a_mail(
    member, promotion, mailoutbox, django_capture_on_commit_callbacks
):
    student = factories.make_student(promotion, login=False, email="nour@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        portrait = actions.invite(student, by=member.user)
    student.refresh_from_db()
    assert (portrait.state, student.user.email, [mail.to for mail in mailoutbox]) == (
        "invited",
        "nour@example.org",
        [["nour@example.org"]],
    )


def test_invite_twice_writes_twice_and_keeps_the_portrait(
    member, student, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = actions.invite(student, by=member.user)
        second = actions.invite(student, by=member.user)
    assert (first.pk == second.pk, len(mailoutbox)) == (True, 2)


def test_invite_is_for_the_group_and_staff(student, classmate, member, former_member, neighbour, staff):
    invited = []
    for user in (classmate.user, member.user, former_member.user, neighbour.user, staff):
        try:
            actions.invite(student, by=user)
        except PermissionDenied:
            continue
        invited.append(user)
    assert invited == [member.user, staff]
