"""What the comms group does with its questionnaire: what works, what is refused by right, what by state."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from portraits import actions
from portraits.actions.asking import AskingRefused, Outdated, previous_with_questions
from portraits.models import Portrait, PromotionQuestion, Questionnaire, questions_of
from portraits.questions import MOST, QUESTIONS, TOGETHER
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
KEYS = [question.key for question in QUESTIONS]
WORDS = {"label": "Quel métier d’avant ?", "help": "", "missing": "le métier d’avant", "limit": 300}


def keys(promotion):
    return [question.key for question in questions_of(factories.fresh(promotion))]


def row(promotion, key):
    return promotion.questions.get(key=key)


def version(promotion):
    found = Questionnaire.objects.filter(promotion=promotion).first()
    return found.version if found else 0


def own_rows(promotion, member):
    """A questionnaire of its own: the limit of one question is another one."""
    actions.write_question(promotion, "why", {"limit": 1100}, read=version(promotion), by=member.user)


# The first change --------------------------------------------------------------------------------


def test_defaults_are_asked_until_the_first_change(promotion):
    assert questions_of(promotion) == QUESTIONS


def test_first_change_copies_all_defaults_in_the_schools_language(promotion, member):
    with override("en"):
        own_rows(promotion, member)
    with override("fr"):
        french = [str(question.label) for question in QUESTIONS]
    assert list(promotion.questions.values_list("label", flat=True)) == french
    assert keys(promotion) == KEYS


def test_first_change_refused_copies_nothing(promotion, member):
    with pytest.raises(AskingRefused):
        actions.retire_question(promotion, "quote", read=0, by=member.user)
    assert (promotion.questions.count(), Questionnaire.objects.count()) == (0, 0)


def test_change_reaches_this_promotion_only(promotion, member, neighbour):
    own_rows(promotion, member)
    assert questions_of(neighbour.promotion) == QUESTIONS


# Words and limits --------------------------------------------------------------------------------


def test_write_changes_words_and_keeps_the_key(promotion, member):
    words = WORDS | {"is_required": False}
    actions.write_question(promotion, "why", words, read=0, by=member.user)
    asked = questions_of(promotion)[KEYS.index("why")]
    assert (asked.key, asked.label, asked.missing, asked.limit, asked.is_required) == (
        *("why", WORDS["label"], WORDS["missing"], 300),
        False,
    )


def test_write_keeps_the_answers(promotion, member, student):
    portrait = made("draft", student, why="Pour la mer.")
    actions.write_question(promotion, "why", WORDS, read=0, by=member.user)
    assert factories.fresh(portrait).own_words["why"] == "Pour la mer."


def test_write_says_who_and_counts(promotion, member):
    own_rows(promotion, member)
    kept = Questionnaire.objects.get(promotion=promotion)
    assert (kept.version, kept.arranged_in, kept.changed_by) == (1, 0, member.user)


def test_write_without_any_change_counts_nothing(promotion, member):
    own_rows(promotion, member)
    actions.write_question(promotion, "why", {"limit": 1100}, read=1, by=member.user)
    assert version(promotion) == 1


def test_write_over_what_was_not_read_is_refused(promotion, member, staff):
    actions.write_question(promotion, "why", {"help": "Un."}, read=0, by=staff)
    with pytest.raises(Outdated):
        actions.write_question(promotion, "why", {"help": "Deux."}, read=0, by=member.user)
    assert row(promotion, "why").help == "Un."


def test_write_beside_what_somebody_else_wrote_is_no_conflict(promotion, member, staff):
    actions.write_question(promotion, "why", {"help": "Un."}, read=0, by=staff)
    actions.write_question(promotion, "here", {"help": "Deux."}, read=0, by=member.user)
    assert (row(promotion, "why").help, row(promotion, "here").help) == ("Un.", "Deux.")


def test_write_of_a_retired_question_is_refused(promotion, member):
    actions.retire_question(promotion, "why", read=0, by=member.user)
    with pytest.raises(Outdated):
        actions.write_question(promotion, "why", WORDS, read=1, by=member.user)


def test_all_answers_together_fit_in_a_portrait(promotion, member):
    actions.write_question(promotion, "why", {"limit": 2000}, read=0, by=member.user)
    with pytest.raises(AskingRefused):
        actions.add_question(promotion, WORDS | {"limit": TOGETHER - 8000 + 1}, by=member.user)
    actions.add_question(promotion, WORDS | {"limit": TOGETHER - 8000}, by=member.user)
    assert TOGETHER + 2 * (MOST - 2) <= Portrait.TEXT_LIMIT


# Add ---------------------------------------------------------------------------------------------


def test_add_makes_a_key_of_the_label_and_stands_before_the_quote(promotion, member):
    made_row = actions.add_question(promotion, WORDS, by=member.user)
    assert made_row.key == "quel-metier-davant"
    assert keys(promotion) == [*KEYS[:-1], "quel-metier-davant", "quote"]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Œuvres aimées", "oeuvres-aimees"),
        ("Origin", "origin-2"),
        ("???", "question"),
        ("E\u0301té", "ete"),
        ("Un très très long intitulé de question", "un-tres-tres-long-intitule"),
        ("Un très très long intitulements", "un-tres-tres-long"),
        ("Anticonstitutionnellementissime", "anticonstitutionnellementi"),
    ],
)
def test_add_makes_keys_that_nothing_else_has(label, key, promotion, member):
    assert actions.add_question(promotion, WORDS | {"label": label}, by=member.user).key == key


def test_add_twice_the_same_label_makes_two_keys(promotion, member):
    made_keys = [actions.add_question(promotion, WORDS, by=member.user).key for _time in range(3)]
    assert made_keys == ["quel-metier-davant", "quel-metier-davant-2", "quel-metier-davant-3"]


def test_add_never_takes_the_key_of_an_answer_that_lost_its_question(promotion, member, student):
    portrait = made("draft", student)
    portrait.answers.create(question="ete", text="Une réponse orpheline.")
    assert actions.add_question(promotion, WORDS | {"label": "Été"}, by=member.user).key == "ete-2"


def test_add_stops_at_the_most(promotion, member):
    for number in range(MOST - len(KEYS)):
        actions.add_question(promotion, WORDS | {"label": f"Q{number}"}, by=member.user)
    with pytest.raises(AskingRefused):
        actions.add_question(promotion, WORDS, by=member.user)
    assert len(keys(promotion)) == MOST


# Order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "step", "place"), [("why", -1, 1), ("why", 1, 3), ("origin", -1, 0), ("quote", 1, 6)]
)
def test_move_goes_one_place_and_stays_at_the_ends(key, step, place, promotion, member):
    actions.move_question(promotion, key, step, read=0, by=member.user)
    assert keys(promotion) == [*(others := [k for k in KEYS if k != key])[:place], key, *others[place:]]


def test_move_steps_over_what_is_no_longer_asked(promotion, member):
    actions.retire_question(promotion, "before", read=0, by=member.user)
    actions.move_question(promotion, "why", -1, read=1, by=member.user)
    assert keys(promotion)[:2] == ["why", "origin"]


def test_move_in_an_order_that_was_not_read_is_refused(promotion, member, staff):
    actions.move_question(promotion, "why", -1, read=0, by=staff)
    with pytest.raises(Outdated):
        actions.move_question(promotion, "why", -1, read=0, by=member.user)
    assert keys(promotion)[1] == "why"


def test_move_after_other_words_is_no_conflict(promotion, member, staff):
    actions.write_question(promotion, "here", {"help": "Un."}, read=0, by=staff)
    actions.move_question(promotion, "why", -1, read=0, by=member.user)
    assert keys(promotion)[1] == "why"


# Stop asking, ask again, delete ------------------------------------------------------------------


def test_retire_keeps_the_answers_and_asks_no_longer(promotion, member, student):
    portrait = made("draft", student)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    now = factories.fresh(portrait)
    assert (keys(promotion), now.answers.get(question="why").text) == (
        [key for key in KEYS if key != "why"],
        factories.ANSWERS["why"],
    )


def test_retire_changes_nothing_in_a_portrait_under_way(promotion, member, student):
    portrait = made("submitted", student, member)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    now = factories.fresh(portrait)
    assert (now.text, now.version, now.state) == (portrait.text, 1, "submitted")


def test_retire_takes_it_from_what_is_missing(promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    before = len(portrait.missing)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    assert len(factories.fresh(portrait).missing) == before - 1


@pytest.mark.parametrize("verb", [actions.retire_question, actions.delete_question])
def test_the_quote_always_stays(verb, promotion, member):
    with pytest.raises(AskingRefused):
        verb(promotion, "quote", read=0, by=member.user)
    assert keys(promotion) == KEYS


@pytest.mark.parametrize("change", [{"is_retired": True}, {"limit": 141}])
def test_database_keeps_the_quote_and_keeps_it_short(change, promotion, member):
    own_rows(promotion, member)
    with pytest.raises(IntegrityError), transaction.atomic():
        promotion.questions.filter(key="quote").update(**change)


@pytest.mark.parametrize("verb", [actions.retire_question, actions.delete_question])
def test_one_question_besides_the_quote_stays(verb, promotion, member):
    for key in KEYS[1:-1]:
        actions.retire_question(promotion, key, read=version(promotion), by=member.user)
    with pytest.raises(AskingRefused):
        verb(promotion, "origin", read=version(promotion), by=member.user)
    assert keys(promotion) == ["origin", "quote"]


def test_ask_again_brings_back_its_place_and_its_answers(promotion, member, student):
    portrait = made("draft", student)
    actions.retire_question(promotion, "before", read=0, by=member.user)
    actions.ask_again(promotion, "before", read=1, by=member.user)
    assert (keys(promotion), factories.fresh(portrait).own_words) == (KEYS, factories.ANSWERS)


def test_ask_again_of_what_is_asked_is_refused(promotion, member):
    own_rows(promotion, member)
    with pytest.raises(Outdated):
        actions.ask_again(promotion, "why", read=1, by=member.user)


def test_delete_while_nobody_has_answered(promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    actions.answer(portrait, "why", "", by=student.user)
    actions.delete_question(promotion, "why", read=0, by=member.user)
    assert not promotion.questions.filter(key="why").exists()


@pytest.mark.parametrize("is_retired", [False, True])
def test_delete_of_an_answered_question_is_refused(is_retired, promotion, member, student):
    made("draft", student)
    if is_retired:
        actions.retire_question(promotion, "why", read=0, by=member.user)
    with pytest.raises(AskingRefused):
        actions.delete_question(promotion, "why", read=version(promotion), by=member.user)
    assert row(promotion, "why").is_retired is is_retired if is_retired else keys(promotion) == KEYS


def test_delete_twice_is_refused(promotion, member):
    actions.delete_question(promotion, "why", read=0, by=member.user)
    with pytest.raises(Outdated):
        actions.delete_question(promotion, "why", read=1, by=member.user)


# Dates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_required"), [(-1, True), (0, True), (1, False)])
def test_optional_until_a_day_then_required(days, is_required, promotion, member):
    day = timezone.localdate() + timedelta(days=days)
    actions.write_question(promotion, "why", {"required_from": day}, read=0, by=member.user)
    asked = questions_of(promotion)[2]
    assert (asked.is_required, asked.required_from) == (is_required, None if is_required else day)


@pytest.mark.parametrize(("days", "is_frozen"), [(-1, True), (0, False), (1, False)])
def test_frozen_after_a_day(days, is_frozen, promotion, member):
    day = timezone.localdate() + timedelta(days=days)
    actions.write_question(promotion, "why", {"frozen_after": day}, read=0, by=member.user)
    asked = questions_of(promotion)[2]
    assert (asked.is_frozen, asked.is_required) == (is_frozen, not is_frozen)


@pytest.fixture
def frozen(promotion, member):
    """Nobody can answer "why" since today."""
    yesterday = timezone.localdate() - timedelta(days=1)
    actions.write_question(promotion, "why", {"frozen_after": yesterday}, read=0, by=member.user)


def test_frozen_answer_stays_as_it_is(promotion, member, student):
    portrait = made("draft", student, why="Pour la mer.")
    yesterday = timezone.localdate() - timedelta(days=1)
    actions.write_question(promotion, "why", {"frozen_after": yesterday}, read=0, by=member.user)
    with pytest.raises(AskingRefused):
        actions.answer(portrait, "why", "Autre chose.", by=student.user)
    assert factories.fresh(portrait).own_words["why"] == "Pour la mer."


def test_frozen_unanswered_question_does_not_block_handing_in(frozen, promotion, member, student):
    answers = {key: text for key, text in factories.ANSWERS.items() if key != "why"}
    portrait = actions.invite(student, by=member.user)
    for key, text in answers.items():
        actions.answer(portrait, key, text, by=student.user)
    with_photo(portrait, student)
    actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)
    now = factories.fresh(portrait)
    assert (now.state, "why" in now.text) == ("submitted", False)


def test_frozen_answer_is_handed_in_with_the_others(promotion, member, student):
    portrait = made("draft", student, why="Pour la mer.")
    yesterday = timezone.localdate() - timedelta(days=1)
    actions.write_question(promotion, "why", {"frozen_after": yesterday}, read=0, by=member.user)
    actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)
    assert "Pour la mer." in factories.fresh(portrait).text


def with_photo(portrait, student):
    upload = io.BytesIO(factories.picture_bytes())
    actions.set_photo(factories.fresh(portrait), upload=upload, alt_text="Souriant", by=student.user)


# The student's answers ---------------------------------------------------------------------------


def test_answer_to_a_question_of_their_own(promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    key = actions.add_question(promotion, WORDS, by=member.user).key
    actions.answer(portrait, key, "Archiviste.", by=student.user)
    assert factories.fresh(portrait).own_words[key] == "Archiviste."


@pytest.mark.parametrize("key", ["why", "salary"], ids=["retired", "unknown"])
def test_answer_to_what_is_not_asked_is_refused(key, promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    with pytest.raises(AskingRefused):
        actions.answer(portrait, key, "Des mots.", by=student.user)
    assert portrait.answers.count() == 0


def test_answer_longer_than_a_new_limit_stays_and_is_handed_in(promotion, member, student):
    portrait = made("draft", student, why="é" * 1000)
    actions.write_question(promotion, "why", {"limit": 500}, read=0, by=member.user)
    actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)
    assert "é" * 1000 in factories.fresh(portrait).text


def test_questions_in_another_order_make_the_text_in_that_order(promotion, member, student):
    actions.move_question(promotion, "before", -1, read=0, by=member.user)
    portrait = made("submitted", student, member)
    assert portrait.text.index("before") < portrait.text.index("origin")


# Begin anew --------------------------------------------------------------------------------------


def test_back_to_school_without_answers_is_as_if_nothing_had_changed(promotion, member):
    actions.add_question(promotion, WORDS, by=member.user)
    actions.retire_question(promotion, "why", read=1, by=member.user)
    actions.back_to_school(promotion, read=2, by=member.user)
    assert (questions_of(factories.fresh(promotion)), promotion.questions.count()) == (QUESTIONS, 0)
    assert version(promotion) == 3


def test_back_to_school_keeps_what_was_answered(promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    key = actions.add_question(promotion, WORDS, by=member.user).key
    actions.add_question(promotion, WORDS | {"label": "Sans réponse"}, by=member.user)
    actions.write_question(promotion, "why", {"label": "Pourquoi ?"}, read=2, by=member.user)
    actions.write_question(promotion, "here", {"label": "Ici ?"}, read=3, by=member.user)
    for answered in (key, "why"):
        actions.answer(portrait, answered, "Des mots.", by=student.user)
    actions.back_to_school(promotion, read=4, by=member.user)
    assert keys(promotion) == [*KEYS[:-1], key, "quote"]
    assert row(promotion, "why").label == "Pourquoi ?"
    with override("fr"):
        assert row(promotion, "here").label == str(QUESTIONS[KEYS.index("here")].label)


def test_back_to_school_asks_again_what_was_answered_and_retired(promotion, member, student):
    made("draft", student)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    actions.back_to_school(promotion, read=1, by=member.user)
    assert keys(promotion) == KEYS


def test_copy_previous_takes_words_and_order_without_dates_or_what_was_retired(promotion, member):
    before = earlier(promotion)
    former = factories.make_member(before)
    day = timezone.localdate()
    actions.write_question(
        before, "why", WORDS | {"required_from": day, "frozen_after": day}, read=0, by=former.user
    )
    actions.move_question(before, "why", -1, read=1, by=former.user)
    actions.retire_question(before, "here", read=2, by=former.user)
    actions.copy_previous(promotion, read=0, by=member.user)
    copied = row(promotion, "why")
    assert keys(promotion) == ["origin", "why", "before", "internships", "next", "quote"]
    assert (copied.label, copied.limit, copied.required_from, copied.frozen_after) == (
        *(WORDS["label"], 300),
        *(None, None),
    )


def test_copy_previous_keeps_what_was_answered_here(promotion, member, student):
    portrait = actions.invite(student, by=member.user)
    key = actions.add_question(promotion, WORDS, by=member.user).key
    actions.answer(portrait, key, "Archiviste.", by=student.user)
    before = earlier(promotion)
    former = factories.make_member(before)
    actions.retire_question(before, "here", read=0, by=former.user)
    actions.copy_previous(promotion, read=1, by=member.user)
    assert keys(promotion) == ["origin", "before", "why", "internships", "next", key, "quote"]
    assert factories.fresh(portrait).own_words[key] == "Archiviste."


def test_copy_previous_where_the_school_was_asked_is_refused(promotion, member):
    earlier(promotion)
    with pytest.raises(AskingRefused):
        actions.copy_previous(promotion, read=0, by=member.user)


def test_previous_is_the_last_one_before_of_the_same_track(promotion):
    older, newer = earlier(promotion, 800), earlier(promotion, 400)
    other_track = factories.make_promotion(starts=promotion.starts - timedelta(days=10))
    for one in (older, newer, other_track, promotion):
        PromotionQuestion.objects.create(promotion=one, key="origin", label="D’où ?")
    assert (previous_with_questions(promotion), previous_with_questions(older)) == (newer, None)


def earlier(promotion, days=365):
    starts = promotion.starts - timedelta(days=days)
    return factories.make_promotion(track=promotion.track, starts=starts)


@pytest.mark.parametrize("verb", [actions.back_to_school, actions.copy_previous])
def test_begin_anew_over_what_was_not_read_is_refused(verb, promotion, member, staff):
    own_rows(promotion, member)
    with pytest.raises(Outdated):
        verb(promotion, read=0, by=staff)
    assert row(promotion, "why").limit == 1100


# Who ---------------------------------------------------------------------------------------------

VERBS = {
    "write": lambda promotion, user: actions.write_question(promotion, "why", WORDS, read=9, by=user),
    "add": lambda promotion, user: actions.add_question(promotion, WORDS, by=user),
    "move": lambda promotion, user: actions.move_question(promotion, "why", 1, read=9, by=user),
    "retire": lambda promotion, user: actions.retire_question(promotion, "why", read=9, by=user),
    "ask again": lambda promotion, user: actions.ask_again(promotion, "here", read=9, by=user),
    "delete": lambda promotion, user: actions.delete_question(promotion, "why", read=9, by=user),
    "school": lambda promotion, user: actions.back_to_school(promotion, read=9, by=user),
    "previous": lambda promotion, user: actions.copy_previous(promotion, read=9, by=user),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_group_and_staff_change_it_and_nobody_else(
    verb, promotion, student, classmate, member, former_member, neighbour, staff
):
    before = earlier(promotion)
    actions.retire_question(before, "next", read=0, by=staff)
    actions.retire_question(promotion, "here", read=0, by=member.user)
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former_member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                VERBS[verb](promotion, user)
                allowed.append(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == ["member", "staff"]
