"""The group and the students at the same instant, on PostgreSQL: no question is doubled, no answer loses its question."""

import pytest

from portraits import actions
from portraits.models import Answer, Questionnaire, questions_of
from portraits.questions import QUESTIONS
from tests import factories
from tests.test_races import ROUNDS, at_once, succeeded

pytestmark = [pytest.mark.on_postgres, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
KEYS = [question.key for question in QUESTIONS]


def test_two_first_changes_at_once_copy_the_questions_once():
    found = []
    for _round in range(ROUNDS):
        promotion = factories.make_promotion()
        first, second = (factories.make_member(promotion).user for _member in range(2))
        results = at_once(
            lambda promotion=promotion, by=first: actions.write_question(
                promotion, "why", {"limit": 900}, read=0, by=by
            ),
            lambda promotion=promotion, by=second: actions.write_question(
                promotion, "here", {"limit": 800}, read=0, by=by
            ),
        )
        limits = {row.key: row.limit for row in promotion.questions.all()}
        found.append((len(succeeded(results)), list(limits) == KEYS, limits["why"], limits["here"]))
    assert found == [(2, True, 900, 800)] * ROUNDS


def test_eight_write_one_question_at_once_and_one_is_kept():
    kept = []
    for _round in range(ROUNDS):
        promotion = factories.make_promotion()
        member = factories.make_member(promotion).user
        results = at_once(
            *(
                lambda number=number, promotion=promotion, member=member: actions.write_question(
                    promotion, "why", {"limit": 500 + number}, read=0, by=member
                )
                for number in range(8)
            )
        )
        written = succeeded(results)
        kept.append(
            (
                len(written),
                promotion.questions.get(key="why").limit == written[0].limit,
                Questionnaire.objects.get(promotion=promotion).version,
            )
        )
    assert kept == [(1, True, 1)] * ROUNDS


def test_two_moves_at_once_move_once():
    orders = []
    for _round in range(ROUNDS):
        promotion = factories.make_promotion()
        member = factories.make_member(promotion).user
        at_once(
            *(
                lambda promotion=promotion, member=member: actions.move_question(
                    promotion, "next", -1, read=0, by=member
                )
                for _member in range(2)
            )
        )
        orders.append([question.key for question in questions_of(factories.fresh(promotion))].index("next"))
    assert orders == [KEYS.index("next") - 1] * ROUNDS


def test_delete_against_answer_leaves_no_answer_without_its_question():
    wrong = []
    promotion = factories.make_promotion()
    member = factories.make_member(promotion).user
    student = factories.make_student(promotion)
    portrait = actions.invite(student, by=member)
    for number in range(ROUNDS):
        label = {"label": f"Question {number}", "limit": 100}
        row = actions.add_question(promotion, label, by=member)
        read = Questionnaire.objects.get(promotion=promotion).version
        at_once(
            lambda key=row.key, read=read: actions.delete_question(promotion, key, read=read, by=member),
            lambda key=row.key: actions.answer(portrait, key, "Des mots.", by=student.user),
        )
        is_asked = promotion.questions.filter(key=row.key).exists()
        if Answer.objects.filter(question=row.key).exists() != is_asked:
            wrong.append(row.key)
        Answer.objects.filter(question=row.key).delete()
        promotion.questions.filter(key=row.key).delete()
    assert wrong == []
