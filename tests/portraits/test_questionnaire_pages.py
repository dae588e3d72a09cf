"""The questionnaire in the browser: the group's pages, and what students, board and studio make of it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from portraits import actions
from portraits.models import Questionnaire, questions_of
from portraits.questions import MOST, QUESTIONS
from tests import factories
from tests.portraits.making import by_script, made

pytestmark = pytest.mark.django_db
KEYS = [question.key for question in QUESTIONS]
PAGE = reverse("questionnaire")
ADD = reverse("questionnaire_add")
WHY = reverse("questionnaire_question", args=["why"])
TODAY = timezone.localdate()


@pytest.fixture
def group(client, member):
    """The browser of somebody in the promotion's comms group."""
    client.force_login(member.user)
    return client


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def keys(promotion):
    return [question.key for question in questions_of(factories.fresh(promotion))]


def asked(promotion, key):
    return next(question for question in questions_of(factories.fresh(promotion)) if question.key == key)


def act(client, key, verb, version=0):
    return client.post(reverse("questionnaire_act", args=[key, verb]), {"version": version})


def words(**changes):
    return {
        "version": 0,
        "label": "Pourquoi ?",
        "help": "En trois phrases.",
        "missing": "pourquoi",
        "limit": 500,
        "answering": "required",
        "required_from": "",
        "frozen_after": "",
    } | changes


def said(response):
    return [message.level_tag for message in response.wsgi_request._messages]


# The page ----------------------------------------------------------------------------------------


def test_page_shows_the_schools_questions_and_says_so(group, promotion):
    page = group.get(PAGE)
    assert ([one.key for one in page.context["sheet"].asked], page.context["sheet"].is_own) == (KEYS, False)
    assert Questionnaire.objects.count() == 0


def test_page_shows_one_question_as_a_student_sees_it(group, promotion):
    sheet = group.get(PAGE, {"see": "why"}).context["sheet"]
    assert (sheet.seen.key, sheet.position) == ("why", 3)
    assert ("see=before" in sheet.before, "see=here" in sheet.after) == (True, True)


def test_page_counts_the_answers(group, promotion, student):
    made("draft", student, why="Pour la mer.", here="")
    counts = {one.key: one.answered for one in group.get(PAGE).context["sheet"].asked}
    assert (counts["why"], counts["here"]) == (1, 0)


def test_page_without_any_promotion_says_what_it_is_for(client, staff):
    client.force_login(staff)
    assert 'class="empty"' in client.get(PAGE).content.decode()


def test_page_full_offers_no_question_more(group, promotion, member):
    for number in range(MOST - len(KEYS)):
        actions.add_question(promotion, {"label": f"Q{number}", "limit": 100}, by=member.user)
    assert f'href="{ADD}' not in group.get(PAGE).content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_page_costs_the_same_for_one_and_three(more, group, promotion, member, django_assert_num_queries):
    for number in range(more):
        factories.make_portrait("draft", comms=member)
        actions.add_question(promotion, {"label": f"Q{number}", "limit": 100}, by=member.user)
    actions.retire_question(promotion, "why", read=9, by=member.user)
    with django_assert_num_queries(11):
        group.get(PAGE)


# Words -------------------------------------------------------------------------------------------


def test_form_shows_the_question_as_it_is(group, promotion):
    form = group.get(WHY).context["form"]
    assert (form["limit"].value(), form["answering"].value(), form["version"].value()) == (
        1200,
        "required",
        0,
    )


def test_form_saves_and_leads_back(group, promotion):
    answer = group.post(WHY, words())
    question = asked(promotion, "why")
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?promotion={promotion.slug}")
    assert (question.label, question.help, question.missing, question.limit) == (
        *("Pourquoi ?", "En trois phrases."),
        *("pourquoi", 500),
    )


def test_form_unchanged_leaves_the_schools_questions(group, promotion):
    form = group.get(WHY).context["form"]
    group.post(WHY, {field.name: field.value() or "" for field in form})
    assert promotion.questions.count() == 0


@pytest.mark.parametrize(
    ("answering", "is_required"), [("required", True), ("optional", False), ("later", True)]
)
def test_form_says_whether_it_must_be_answered(answering, is_required, group, promotion):
    group.post(WHY, words(answering=answering, required_from=TODAY.isoformat()))
    row = promotion.questions.get(key="why")
    assert (row.is_required, row.required_from) == (is_required, TODAY if answering == "later" else None)


REFUSED = {
    "no question": ({"label": "  "}, ["label"]),
    "long question": ({"label": "é" * 121}, ["label"]),
    "invisible": ({"help": "Une \u202eaide"}, ["help"]),
    "long help": ({"help": "é" * 401}, ["help"]),
    "long words": ({"missing": "é" * 81}, ["missing"]),
    "no limit": ({"limit": ""}, ["limit"]),
    "small limit": ({"limit": "39"}, ["limit"]),
    "large limit": ({"limit": "2001"}, ["limit"]),
    "huge limit": ({"limit": "9" * 30}, ["limit"]),
    "words for a limit": ({"limit": "beaucoup"}, ["limit"]),
    "no choice": ({"answering": "perhaps"}, ["answering"]),
    "no day": ({"answering": "later"}, ["required_from"]),
    "impossible day": ({"answering": "later", "required_from": "2031-02-30"}, ["required_from"]),
    "frozen first": (
        {"answering": "later", "required_from": "2031-03-02", "frozen_after": "2031-03-01"},
        ["frozen_after"],
    ),
}


@pytest.mark.parametrize(("changes", "fields"), REFUSED.values(), ids=REFUSED)
def test_form_refuses_in_words_and_keeps_what_was_typed(changes, fields, group, promotion):
    page = group.post(WHY, words(**changes))
    form = page.context["form"]
    assert (page.status_code, list(form.errors)) == (422, fields)
    assert [form[name].value() for name in changes] == list(changes.values())
    assert promotion.questions.count() == 0


@pytest.mark.parametrize("limit", [140, 141])
def test_form_keeps_the_quote_short(limit, group, promotion):
    page = group.post(reverse("questionnaire_question", args=["quote"]), words(limit=limit))
    assert page.status_code == (302 if limit == 140 else 422)


def test_form_warns_of_the_answers_that_stay(group, promotion, student):
    made("draft", student)
    assert (
        group.get(WHY).context["asked"].answered,
        'class="note amber"' in group.get(WHY).content.decode(),
    ) == (
        1,
        True,
    )


def test_form_with_a_smaller_limit_says_that_long_answers_stay(group, promotion, student):
    made("draft", student, why="é" * 600)
    assert said(group.post(WHY, words())) == ["success", "info"]


def test_form_over_what_somebody_wrote_meanwhile_shows_both(group, promotion, staff):
    actions.write_question(promotion, "why", {"label": "Autrement ?"}, read=0, by=staff)
    page = group.post(WHY, words())
    html = page.content.decode()
    assert (page.status_code, asked(promotion, "why").label) == (422, "Autrement ?")
    assert ("Autrement ?" in html, 'value="Pourquoi ?"' in html) == (True, True)
    form = page.context["form"]
    group.post(WHY, {field.name: field.value() or "" for field in form})
    assert asked(promotion, "why").label == "Pourquoi ?"


def test_form_of_what_was_retired_meanwhile_keeps_what_was_typed(group, promotion, staff):
    actions.retire_question(promotion, "why", read=0, by=staff)
    page = group.post(WHY, words())
    assert (page.status_code, page.context["form"]["label"].value()) == (422, "Pourquoi ?")
    assert group.get(WHY).status_code == 302


def test_form_of_an_unknown_question_is_missing(group, promotion):
    assert group.get(reverse("questionnaire_question", args=["salary"])).status_code == 404


def test_form_of_another_promotion_is_missing(group, promotion, neighbour):
    assert group.get(WHY, {"promotion": neighbour.promotion.slug}).status_code == 404
    assert group.post(WHY, words(promotion=neighbour.promotion.slug)).status_code == 404
    assert neighbour.promotion.questions.count() == 0


# Add, order, stop --------------------------------------------------------------------------------


def test_add_asks_one_question_more(group, promotion):
    group.post(ADD, words(label="Un livre ?"))
    assert keys(promotion) == [*KEYS[:-1], "un-livre", "quote"]


def test_add_too_much_says_why_and_keeps_what_was_typed(group, promotion):
    page = group.post(ADD, words(label="Un livre ?", limit=2000))
    assert (page.status_code, page.context["form"]["label"].value()) == (422, "Un livre ?")
    assert (len(page.context["form"].non_field_errors()), promotion.questions.count()) == (1, 0)


def test_up_and_down_come_back_to_the_same_button(group, promotion):
    answer = act(group, "why", "up")
    assert answer.url == f"{PAGE}?promotion={promotion.slug}&moved=why&way=up"
    assert (keys(promotion)[1], focused(group.get(answer.url))) == ("why", ["why/up"])


def test_up_to_the_top_comes_back_to_the_button_that_is_left(group, promotion):
    answer = act(group, "before", "up")
    assert focused(group.get(answer.url)) == ["before/down"]


def focused(page):
    return re.findall(r'formaction="[^"]*/([\w-]+/(?:up|down))/" autofocus', page.content.decode())


def test_stop_ask_again_and_delete(group, promotion):
    act(group, "why", "retire")
    assert "why" not in keys(promotion)
    act(group, "why", "ask-again", 1)
    assert keys(promotion) == KEYS
    act(group, "why", "delete", 2)
    assert not promotion.questions.filter(key="why").exists()


@pytest.mark.parametrize(("key", "verb"), [("quote", "retire"), ("quote", "delete"), ("salary", "retire")])
def test_act_refused_says_why_and_changes_nothing(key, verb, group, promotion):
    assert (said(act(group, key, verb)), promotion.questions.count()) == (["warning"], 0)


def test_act_unknown_is_missing(group, promotion):
    assert act(group, "why", "shout").status_code == 404
    assert group.post(reverse("questionnaire_replace", args=["shout"])).status_code == 404


def test_act_in_an_order_that_was_not_read_says_so(group, promotion, staff):
    actions.move_question(promotion, "why", -1, read=0, by=staff)
    assert said(act(group, "why", "up")) == ["warning"]


def test_back_to_school_and_copy(group, promotion, member):
    starts = promotion.starts - timedelta(days=365)
    before = factories.make_promotion(track=promotion.track, starts=starts)
    actions.retire_question(before, "why", read=0, by=factories.make_member(before).user)
    group.post(reverse("questionnaire_replace", args=["previous"]), {"version": 0})
    assert keys(promotion) == [key for key in KEYS if key != "why"]
    group.post(reverse("questionnaire_replace", args=["school"]), {"version": 1})
    assert (keys(promotion), promotion.questions.count()) == (KEYS, 0)


def test_staff_change_the_promotion_they_chose(client, staff, promotion, neighbour):
    client.force_login(staff)
    client.post(WHY, words(promotion=promotion.slug))
    assert (asked(promotion, "why").label, neighbour.promotion.questions.count()) == ("Pourquoi ?", 0)


# What students see -------------------------------------------------------------------------------


@pytest.fixture
def write(promotion, member):
    """Change the question "why" of the promotion."""

    def change(**fields):
        return actions.write_question(promotion, "why", fields, read=9, by=member.user)

    return change


MINE = reverse("my_question", args=["why"])


def test_student_is_asked_in_the_words_and_order_of_the_group(lea, promotion, member, student, write):
    made("draft", student)
    write(label="Pourquoi <ici> ?", help="En trois phrases.")
    actions.move_question(promotion, "why", -1, read=9, by=member.user)
    page = lea.get(MINE)
    html = page.content.decode()
    assert (page.context["place"], escape("Pourquoi <ici> ?") in html, "En trois phrases." in html) == (
        2,
        True,
        True,
    )


def test_student_answers_a_question_of_their_own(lea, promotion, member, student):
    portrait = made("invited", student)
    actions.add_question(promotion, {"label": "Un livre ?", "limit": 100}, by=member.user)
    answer = lea.post(reverse("my_question", args=["un-livre"]), {"text": "Les Misérables."})
    assert (answer.url, factories.fresh(portrait).own_words["un-livre"]) == (
        reverse("my_question", args=["quote"]),
        "Les Misérables.",
    )


def test_student_reads_until_when_it_can_be_left_out_or_changed(lea, student, write):
    made("draft", student)
    day = TODAY + timedelta(days=3)
    write(required_from=day, frozen_after=day + timedelta(days=1))
    question = lea.get(MINE).context["question"]
    assert (question.required_from, question.frozen_after, question.is_required) == (
        day,
        day + timedelta(days=1),
        False,
    )


def test_frozen_answer_is_shown_with_the_reason_and_cannot_be_typed(lea, student, write):
    made("draft", student, why="Pour la <mer>.")
    write(frozen_after=TODAY - timedelta(days=1))
    html = lea.get(MINE).content.decode()
    assert (escape("Pour la <mer>.") in html, "<textarea" in html, 'class="note' in html) == (
        True,
        False,
        True,
    )


def test_frozen_answer_sent_all_the_same_is_refused_and_given_back(lea, student, write):
    portrait = made("draft", student, why="Pour la mer.")
    write(frozen_after=TODAY - timedelta(days=1))
    page = lea.post(MINE, {"text": "Autre chose."})
    assert (page.status_code, page.context["form"]["text"].value()) == (422, "Autre chose.")
    script = by_script(lea, student, MINE, {"text": "Autre chose."})
    assert (script.status_code, len(script.content.decode().split()) > 5) == (410, True)
    assert factories.fresh(portrait).own_words["why"] == "Pour la mer."


def test_frozen_question_without_answer_does_not_stand_in_the_way(lea, student, write):
    made("draft", student, why="")
    write(frozen_after=TODAY - timedelta(days=1))
    assert lea.get(reverse("my_hand_in")).status_code == 200


def test_question_no_longer_asked_leads_to_the_overview(lea, promotion, member, student):
    made("draft", student)
    actions.retire_question(promotion, "why", read=0, by=member.user)
    answer = lea.get(MINE)
    assert (answer.status_code, answer.url, said(answer)) == (302, reverse("my_portrait"), ["info"])


def test_words_for_a_question_no_longer_asked_come_back(lea, promotion, member, student):
    portrait = made("draft", student, why="Pour la mer.")
    actions.retire_question(promotion, "why", read=0, by=member.user)
    answer = lea.post(MINE, {"text": "Mes mots d’hier."})
    assert (answer.url, said(answer)) == (reverse("my_portrait"), ["warning"])
    assert "Mes mots d’hier." in lea.get(answer.url).content.decode()
    assert by_script(lea, student, MINE, {"text": "Mes mots d’hier."}).status_code == 410
    assert portrait.answers.get(question="why").text == "Pour la mer."


def test_answer_longer_than_a_new_limit_may_stay_and_says_so(lea, student, write):
    portrait = made("draft", student, why="é" * 600 + "\n" + "é" * 200)
    write(limit=500)
    page = lea.get(MINE)
    assert 'class="note amber"' in page.content.decode()
    text = page.context["form"]["text"].value()
    assert lea.post(MINE, {"text": text.replace("\n", "\r\n")}).status_code == 302
    assert lea.post(MINE, {"text": text + "!"}).status_code == 422
    assert (factories.fresh(portrait).own_words["why"], lea.post(MINE, {"text": "Court."}).status_code) == (
        text,
        302,
    )


@pytest.mark.parametrize("path", ["my_portrait", "my_question"])
def test_student_pages_cost_the_same_for_any_questionnaire(path, lea, promotion, member, student):
    made("draft", student)
    actions.write_question(promotion, "why", {"limit": 900}, read=9, by=member.user)
    costs = count(lea, path)
    for number in range(2):
        actions.add_question(promotion, {"label": f"Q{number}", "limit": 100}, by=member.user)
    assert count(lea, path) == costs


def count(client, name):
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(name, args=["why"] if name == "my_question" else []))
    return len(captured)


# What the group sees elsewhere -------------------------------------------------------------------


def test_board_says_what_the_groups_own_questions_miss(group, promotion, member, student):
    portrait = made("draft", student)
    actions.add_question(
        promotion, {"label": "Un livre ?", "missing": "un livre", "limit": 100}, by=member.user
    )
    (tile,) = [tile for tile in group.get(reverse("board")).context["tiles"] if tile.portrait == portrait]
    assert tile.missing == ["un livre"]


def test_missing_says_the_question_where_no_words_were_given(promotion, member, student):
    portrait = made("draft", student)
    actions.add_question(promotion, {"label": "Un livre ?", "limit": 100}, by=member.user)
    assert factories.fresh(portrait).missing == ["Un livre ?"]


def test_studio_shows_what_is_no_longer_asked_as_such(group, promotion, member, student):
    portrait = made("submitted", student, member, why="Pour la mer.")
    actions.retire_question(promotion, "why", read=0, by=member.user)
    studio = group.get(reverse("studio", args=[portrait.pk])).context["studio"]
    assert [(question.key, text) for question, text in studio.former_words] == [("why", "Pour la mer.")]
    assert "why" not in [question.key for question, _text in studio.own_words]


def test_studio_keeps_to_itself_what_is_still_being_written(group, promotion, member, student):
    portrait = made("draft", student, why="Pour la mer.")
    actions.retire_question(promotion, "why", read=0, by=member.user)
    assert "Pour la mer." not in group.get(reverse("studio", args=[portrait.pk])).content.decode()


@pytest.mark.parametrize("name", ["board", "outbox"])
def test_groups_pages_cost_the_same_for_any_questionnaire_and_any_number(
    name, group, promotion, member, student
):
    made("draft", student)
    before = cost(group, name)
    actions.add_question(promotion, {"label": "Un livre ?", "limit": 100}, by=member.user)
    actions.retire_question(promotion, "why", read=1, by=member.user)
    for _number in range(2):
        actions.invite(factories.make_student(promotion), by=member.user)
    assert cost(group, name) == before


def cost(client, name):
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(name))
    return len(captured)
