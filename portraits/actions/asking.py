"""What the comms group does with its questionnaire: word, add, order, stop asking, ask again, delete, begin anew.

The first change copies the school's questions into rows of the promotion. Whoever changes something names the version of
the questionnaire that they had before their eyes; what somebody else has changed since is not written over.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Promotion, User
from inet_comms.moments import said_day

from ..models import Answer, Portrait, PromotionQuestion, Questionnaire
from ..models.question import of_school
from ..questions import QUESTIONS, Question
from .arranging import AskingRefused, Outdated, arrange, before_quote, check_whole, keep, new_key, own

FIELDS = ("label", "help", "missing", "limit", "is_required", "required_from", "frozen_after")


@transaction.atomic
def write_question(promotion: Promotion, key: str, words: dict, *, read: int, by: User) -> PromotionQuestion:
    """Other words, another limit, other dates (`words`: any of FIELDS). The answers stay under their key, as given."""
    questionnaire = own(promotion, by)
    row = _asked_row(questionnaire, key, "write_question")
    if row.changed_in > read:
        raise Outdated(questionnaire, "write_question")
    if all(getattr(row, name) == value for name, value in words.items()):
        return row
    _save(row, words, questionnaire)
    check_whole(questionnaire, "write_question")
    keep(questionnaire, by)
    return row


@transaction.atomic
def add_question(promotion: Promotion, words: dict, *, by: User) -> PromotionQuestion:
    """One question more, at the end; before the quote where that is the last one."""
    questionnaire = own(promotion, by)
    row = PromotionQuestion(promotion=promotion, key=new_key(promotion, words["label"]))
    _save(row, words, questionnaire)
    others = promotion.questions.filter(is_retired=False).exclude(pk=row.pk)
    arrange(before_quote(list(others), [row]))
    check_whole(questionnaire, "add_question")
    keep(questionnaire, by, is_arranged=True)
    return row


@transaction.atomic
def move_question(promotion: Promotion, key: str, step: int, *, read: int, by: User) -> PromotionQuestion:
    """One place up (-1) or down (1) among those that are asked; at the end it stays where it is."""
    questionnaire = own(promotion, by)
    row = _asked_row(questionnaire, key, "move_question")
    _require_order_read(questionnaire, "move_question", read)
    rows = list(promotion.questions.filter(is_retired=False))
    place = rows.index(row)
    if 0 <= place + step < len(rows):
        rows.insert(place + step, rows.pop(place))
        arrange(rows)
        keep(questionnaire, by, is_arranged=True)
    return row


@transaction.atomic
def retire_question(promotion: Promotion, key: str, *, read: int, by: User) -> PromotionQuestion:
    """Ask it no longer. What was answered is kept, and shown to the group as such."""
    questionnaire = own(promotion, by)
    row = _asked_row(questionnaire, key, "retire_question")
    _require_order_read(questionnaire, "retire_question", read)
    _refuse_quote(row, questionnaire, "retire_question")
    row.is_retired = True
    row.save(update_fields=["is_retired"])
    check_whole(questionnaire, "retire_question")
    keep(questionnaire, by, is_arranged=True)
    return row


@transaction.atomic
def ask_again(promotion: Promotion, key: str, *, read: int, by: User) -> PromotionQuestion:
    """A retired question comes back at its place, with the answers that were given."""
    questionnaire = own(promotion, by)
    _require_order_read(questionnaire, "ask_again", read)
    row = promotion.questions.filter(key=key, is_retired=True).first()
    if row is None:
        raise Outdated(questionnaire, "ask_again")
    row.is_retired = False
    row.save(update_fields=["is_retired"])
    arrange(list(promotion.questions.filter(is_retired=False)))
    check_whole(questionnaire, "ask_again")
    keep(questionnaire, by, is_arranged=True)
    return row


@transaction.atomic
def delete_question(promotion: Promotion, key: str, *, read: int, by: User) -> None:
    """Gone for good, while nobody has answered it. Locked before the answers are counted: see `question_now`."""
    questionnaire = own(promotion, by)
    _require_order_read(questionnaire, "delete_question", read)
    row = promotion.questions.select_for_update().filter(key=key).first()
    if row is None:
        raise Outdated(questionnaire, "delete_question")
    _refuse_quote(row, questionnaire, "delete_question")
    if Answer.objects.counts_in(promotion).get(key):
        raise AskingRefused(
            questionnaire,
            "delete_question",
            _("Someone has answered it, so it cannot be deleted. Stop asking it: the answers are kept."),
        )
    row.delete()
    check_whole(questionnaire, "delete_question")
    keep(questionnaire, by, is_arranged=True)


def question_now(portrait: Portrait, key: str) -> Question:
    """The question as this student is asked it at this moment, its row locked: nobody deletes it while it is answered."""
    promotion = portrait.student.promotion
    row = promotion.questions.select_for_update(of=("self",)).filter(key=key).first()
    if row is not None and not row.is_retired:
        return _open(portrait, row.as_asked())
    if row is None and not promotion.questions.exists():
        for question in QUESTIONS:
            if question.key == key:
                return question
    raise AskingRefused(
        portrait,
        "answer",
        _("Your communication group no longer asks this question, so your words were not saved."),
    )


def _open(portrait: Portrait, asked: Question) -> Question:
    if not asked.is_frozen:
        return asked
    sentence = _("The answers to this question stay as they have been since %(day)s: yours was not changed.")
    raise AskingRefused(portrait, "answer", sentence % {"day": said_day(asked.frozen_after)})


@transaction.atomic
def back_to_school(promotion: Promotion, *, read: int, by: User) -> Questionnaire:
    """The school's questions again; what was answered stays as it is. With no answer at all, as if it had never changed."""
    questionnaire = own(promotion, by)
    _require_all_read(questionnaire, "back_to_school", read)
    _replace(questionnaire, of_school(promotion))
    if not Answer.objects.counts_in(promotion):
        promotion.questions.all().delete()
    keep(questionnaire, by, is_arranged=True)
    return questionnaire


@transaction.atomic
def copy_previous(promotion: Promotion, *, read: int, by: User) -> Questionnaire:
    """The questions of the promotion before, without its dates; what was answered here stays as it is."""
    questionnaire = own(promotion, by)
    _require_all_read(questionnaire, "copy_previous", read)
    previous = previous_with_questions(promotion)
    if previous is None:
        raise AskingRefused(
            questionnaire,
            "copy_previous",
            _("The promotion before asked the school’s questions: there is nothing to copy."),
        )
    rows = previous.questions.filter(is_retired=False)
    _replace(questionnaire, [PromotionQuestion.of(promotion, row) for row in rows])
    keep(questionnaire, by, is_arranged=True)
    return questionnaire


def previous_with_questions(promotion: Promotion) -> Promotion | None:
    """The last promotion before this one, of the same track, that had a questionnaire of its own."""
    earlier = Promotion.objects.filter(track=promotion.track_id, starts__lt=promotion.starts)
    return earlier.filter(questions__isnull=False).order_by("-starts", "-pk").first()


def _replace(questionnaire: Questionnaire, wanted: list[PromotionQuestion]) -> None:
    """Put `wanted` in the place of what nobody has answered. What was answered stays, and is asked again if it is wanted."""
    promotion = questionnaire.promotion
    rows, kept = list(promotion.questions.select_for_update()), {}
    # Counted once they are locked: see `question_now`.
    given = Answer.objects.counts_in(promotion)
    for row in rows:
        if given.get(row.key):
            kept[row.key] = row
        else:
            row.delete()
    rows = [kept.pop(row.key, row) for row in wanted]
    for row in rows:
        if row.pk is None:
            row.changed_in = questionnaire.version + 1
        elif row.is_retired:
            row.is_retired = False
            row.save(update_fields=["is_retired"])
    others = sorted(kept.values(), key=lambda row: row.place)
    arrange(before_quote(rows, [row for row in others if not row.is_retired]))
    check_whole(questionnaire, "replace")


def _save(row: PromotionQuestion, words: dict, questionnaire: Questionnaire) -> None:
    for name in FIELDS:
        if name in words:
            setattr(row, name, words[name])
    row.changed_in = questionnaire.version + 1
    row.full_clean(exclude=["promotion"])
    row.save()


def _asked_row(questionnaire: Questionnaire, key: str, name: str) -> PromotionQuestion:
    row = questionnaire.promotion.questions.filter(key=key, is_retired=False).first()
    if row is None:
        raise Outdated(questionnaire, name)
    return row


def _require_order_read(questionnaire: Questionnaire, name: str, read: int) -> None:
    if questionnaire.arranged_in > read:
        raise Outdated(questionnaire, name)


def _require_all_read(questionnaire: Questionnaire, name: str, read: int) -> None:
    if questionnaire.version > read:
        raise Outdated(questionnaire, name)


def _refuse_quote(row: PromotionQuestion, questionnaire: Questionnaire, name: str) -> None:
    if row.is_quote:
        raise AskingRefused(
            questionnaire, name, _("The quote stays: it stands in large letters on every portrait and card.")
        )
