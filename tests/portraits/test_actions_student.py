"""What the student does with their portrait: every move from every state, by everyone of the cast; what writing keeps."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from inet_comms.lifecycle import MoveRefused
from inet_comms.todo import todos
from portraits import actions
from portraits.models import Portrait
from portraits.photos import Crop, PhotoRefused
from portraits.questions import QUESTIONS
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
State = Portrait.State
REFUSED = "refused"
FACTS = {"region": "bre", "entry_route": "external", "earlier_sector": "company"}
FRAME = Crop(0.05, 0.05, 0.5, 0.5)


def set_photo(portrait, by, **changes):
    upload = io.BytesIO(factories.picture_bytes(colour=(90, 90, 160)))
    return actions.set_photo(portrait, **{"upload": upload, "alt_text": "De face", "by": by} | changes)


MOVES = {
    "answer": lambda portrait, by: actions.answer(portrait, "origin", "Brest.", by=by),
    "set_facts": lambda portrait, by: actions.set_facts(portrait, by=by, **FACTS),
    "set_photo": set_photo,
    "submit": lambda portrait, by: actions.submit(portrait, factories.agreement(), by=by),
    "sign": lambda portrait, by: actions.sign(portrait, factories.agreement(), read=portrait.version, by=by),
    "ask_change": lambda portrait, by: actions.ask_change(portrait, message="Pas « la mer ».", by=by),
    "withdraw": lambda portrait, by: actions.withdraw(portrait, by=by),
    "reopen": lambda portrait, by: actions.reopen(portrait, by=by),
}
WRITING = {"invited": "draft", "draft": "draft"}
# From which state each move leads where; from all other states it is refused. Nothing is answered yet in "invited".
TABLE = {
    "answer": WRITING,
    "set_facts": dict(zip(State.values, State.values, strict=True)) | WRITING,
    "set_photo": WRITING,
    "submit": {"draft": "submitted"},
    "sign": {"to_sign": "signed"},
    "ask_change": {"to_sign": "in_edit"},
    "withdraw": dict.fromkeys([state for state in State.values if state != "withdrawn"], "withdrawn"),
    "reopen": {"withdrawn": "draft"},
}
STARTS = {"sign": "to_sign", "ask_change": "to_sign", "withdraw": "signed", "reopen": "withdrawn"}


def attempt(move, portrait, by):
    try:
        MOVES[move](portrait, by)
    except MoveRefused:
        return REFUSED
    return factories.fresh(portrait).state


@pytest.mark.parametrize("state", State.values)
def test_moves_lead_where_the_table_says_or_are_refused(state, student):
    portrait = made(state, student)
    found = {}
    for move in MOVES:
        # Each move starts from the same state: what it did is undone.
        with transaction.atomic():
            found[move] = attempt(move, portrait, student.user)
            transaction.set_rollback(True)
    assert found == {move: TABLE[move].get(state, REFUSED) for move in MOVES}


def test_table_knows_every_move_of_a_student():
    by_others = {"begin", "take_up", "hand_back", "edit", "ask_signature", "keep_as_signed"}
    by_others |= {"withdraw_by_link"}  # whoever holds the link: tests/portraits/test_actions_signing.py
    by_clock = {name for name, arrow in Portrait.MOVES.items() if arrow.clock}
    assert set(Portrait.MOVES) - by_others - by_clock <= set(TABLE)


@pytest.mark.parametrize("move", MOVES)
def test_moves_are_the_students_alone(move, student, classmate, member, former_member, neighbour, staff):
    start = STARTS.get(move, "draft")
    portrait = made(start, student, member)
    cast = {
        "classmate": classmate.user,
        "member": member.user,
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


def test_student_in_the_group_signs_their_own_portrait(promotion):
    both = factories.make_member(promotion)
    portrait = made("to_sign", both, both)
    actions.sign(portrait, factories.agreement(), read=2, by=both.user)
    assert factories.fresh(portrait).is_signed is True


# Answer, facts ----------------------------------------------------------------------------------


def test_answer_is_kept_without_the_blanks_around(student):
    portrait = made("invited", student)
    actions.answer(portrait, "origin", "  Brest,\n\nle port. \n", by=student.user)
    assert factories.fresh(portrait).own_words["origin"] == "Brest,\n\nle port."


def test_answer_given_again_replaces_the_first(student):
    portrait = made("invited", student)
    actions.answer(portrait, "origin", "Brest.", by=student.user)
    actions.answer(portrait, "origin", "Quimper.", by=student.user)
    assert [answer.text for answer in portrait.answers.all()] == ["Quimper."]


def test_answer_begins_the_portrait_once(student):
    portrait = made("invited", student)
    actions.answer(portrait, "origin", "Brest.", by=student.user)
    actions.answer(portrait, "before", "Le fret.", by=student.user)
    assert [move.name for move in portrait.moves.all()] == ["begin"]


def test_facts_are_kept(student):
    portrait = made("invited", student)
    actions.set_facts(portrait, by=student.user, **FACTS)
    kept = factories.fresh(portrait)
    assert {name: getattr(kept, name) for name in FACTS} == FACTS


# Photo ------------------------------------------------------------------------------------------


def test_photo_is_kept_with_its_renditions_and_description(student):
    portrait = made("invited", student)
    set_photo(portrait, student.user, alt_text="  De face, sur le port. ")
    kept = factories.fresh(portrait)
    assert (kept.alt_text, kept.photo.renditions.count()) == ("De face, sur le port.", 8)


def test_photo_framed_anew_shares_the_master(student):
    portrait = made("draft", student)
    before = portrait.photo
    actions.set_photo(portrait, crop=FRAME, alt_text="De face", by=student.user)
    after = factories.fresh(portrait).photo
    assert (after.pk != before.pk, after.master.name) == (True, before.master.name)


def test_photo_described_anew_stays_as_framed(student):
    portrait = made("draft", student)
    actions.set_photo(portrait, crop=FRAME, alt_text="De face", by=student.user)
    before = factories.fresh(portrait).photo
    actions.set_photo(portrait, alt_text="De profil", by=student.user)
    after = factories.fresh(portrait)
    assert (after.photo, after.alt_text) == (before, "De profil")


@pytest.mark.parametrize(
    "changes",
    [{"upload": io.BytesIO(b"not a photo at all")}, {"upload": None, "crop": Crop(0, 0, 0.1, 0.1)}],
    ids=["not a photo", "too tight"],
)
def test_photo_refused_leaves_the_one_they_had(changes, student):
    portrait = made("draft", student)
    with pytest.raises(PhotoRefused):
        set_photo(portrait, student.user, **changes)
    kept = factories.fresh(portrait)
    assert (kept.photo_id, kept.alt_text) == (portrait.photo_id, portrait.alt_text)


# Submit -----------------------------------------------------------------------------------------


def test_submit_makes_the_answers_the_first_text(student):
    portrait = made("draft", student)
    actions.submit(portrait, factories.agreement(), by=student.user)
    kept = factories.fresh(portrait)
    expected = [factories.ANSWERS[question.key] for question in QUESTIONS if question.key != "quote"]
    assert (kept.text, kept.quote) == ("\n\n".join(expected), factories.ANSWERS["quote"])


def test_submit_records_what_was_agreed_to(student):
    portrait = made("draft", student)
    agreed = factories.agreement("linkedin", "mastodon")
    actions.submit(portrait, agreed, by=student.user)
    consent, version = portrait.consents.get(), portrait.versions.get()
    assert (consent.places, consent.until, consent.terms, consent.signed_in_with, consent.by) == (
        ["linkedin", "mastodon"],
        agreed.until,
        agreed.terms,
        agreed.signed_in_with,
        student.user,
    )
    assert (consent.version, consent.fingerprint) == (version, version.compute_fingerprint())


@pytest.mark.parametrize("key", [question.key for question in QUESTIONS if question.is_required])
def test_submit_without_a_required_answer_is_refused(key, student):
    portrait = made("draft", student, **{key: " "})
    with pytest.raises(MoveRefused):
        actions.submit(portrait, factories.agreement(), by=student.user)
    assert factories.fresh(portrait).state == "draft"


def test_submit_without_the_optional_answer(student):
    portrait = made("draft", student, internships="")
    actions.submit(portrait, factories.agreement(), by=student.user)
    assert "\n\n\n" not in factories.fresh(portrait).text


def test_submit_without_a_photo_is_refused(student):
    portrait = made("invited", student)
    for key, text in factories.ANSWERS.items():
        actions.answer(portrait, key, text, by=student.user)
    with pytest.raises(MoveRefused):
        actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)


def test_submit_again_after_a_return_replaces_the_consent(student, member):
    portrait = made("submitted", student, member)
    actions.hand_back(portrait, message="Un mot de plus ?", by=member.user)
    actions.submit(factories.fresh(portrait), factories.agreement("gallery"), by=student.user)
    ends = portrait.consents.order_by("pk").values_list("end", flat=True)
    assert (list(ends), factories.fresh(portrait).consent.places) == (["replaced", ""], ["gallery"])


def test_submit_waits_for_the_group(student, member, mailoutbox, django_capture_on_commit_callbacks):
    portrait = made("draft", student, member)
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.submit(portrait, factories.agreement(), by=student.user)
    assert ([todo.kind.slug for todo in todos(member.user)], mailoutbox) == (["to_edit"], [])
