"""The questionnaire in the browser: two members of the group at a desk, a student on a phone, by keyboard and by touch."""

import pytest

from tests.browser.test_pages import CLEAN, Visit
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("questionnaire")]
LIST, WHY = "/questionnaire/", "/questionnaire/questions/why/"


@pytest.fixture
def stack(tmp_path):
    """A promotion that is asked the school's questions, behind a web process."""
    with Stack(tmp_path / "stack") as stack:
        stack.set_up()
        stack.start("web")
        stack.cookies = {}
        stack.ines, stack.paul, stack.lea = stack.data("questionnaire_people()")
        yield stack


@pytest.fixture
def visit(browser, stack):
    """Opens a window of somebody; all are closed at the end."""
    windows = []

    def open_window(who, width):
        windows.append(Visit(browser, stack, who, width))
        return windows[-1]

    yield open_window
    for window in windows:
        window.context.close()


def save(visit):
    with visit.page.expect_navigation():
        visit.page.locator(".question-form button.primary").click()


def labels(visit):
    visit.see(LIST)
    return visit.page.locator(".asked h3").all_inner_texts()


@pytest.mark.parametrize("width", [390, 1280])
def test_group_adds_a_question_and_sees_it_as_a_student_does(width, stack, visit):
    ines = visit(stack.ines, width)
    ines.see(LIST)
    assert ines.verdict() == CLEAN
    with ines.page.expect_navigation():
        ines.page.locator(".page-head a.button.primary").click()
    ines.page.fill("[name=label]", "Un livre qui vous suit ?")
    ines.page.fill("[name=help]", "Lequel, et depuis quand.")
    ines.page.fill("[name=limit]", "60")
    ines.page.check("[name=answering][value=optional]")
    screen = ines.page.locator(".student-screen")
    screen.locator("textarea").fill("é" * 65)
    assert screen.locator("[data-preview=label]").inner_text() == "Un livre qui vous suit ?"
    assert screen.locator("[data-preview=optional]").is_visible()
    assert screen.locator(".counter.over [role=status]").inner_text().startswith("65 / 60")
    assert ines.verdict() == CLEAN
    save(ines)
    assert labels(ines)[6] == "Un livre qui vous suit ?"
    assert ines.verdict() == CLEAN


def test_group_sees_what_is_wrong_beside_the_field(stack, visit):
    ines = visit(stack.ines, 390)
    ines.see(WHY)
    ines.page.fill("[name=label]", "")
    ines.page.check("[name=answering][value=later]")
    assert ines.page.locator("[name=required_from]").is_visible()
    save(ines)
    assert ines.page.locator("[role=alert] a").count() == 2
    assert ines.page.input_value("[name=help]") != ""
    assert ines.verdict() == CLEAN


def test_order_is_changed_by_keyboard_alone(stack, visit):
    ines = visit(stack.ines, 1280)
    before = labels(ines)
    ines.page.locator("#question-next .movers button").first.focus()
    for _time in range(5):
        ines.page.wait_for_function("document.activeElement.matches('#question-next .movers button')")
        with ines.page.expect_navigation():
            ines.page.keyboard.press("Enter")
    assert labels(ines) == [before[5], *before[:5], before[6]]
    ines.see(f"{LIST}?moved=next&way=up")
    ines.page.wait_for_function("document.activeElement.matches('[formaction$=\"/next/down/\"]')")


def test_order_is_changed_without_any_script(browser, stack):
    context = browser.new_context(java_script_enabled=False)
    cookie = stack.data(f"session({stack.ines!r})")
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": stack.url}])
    page = context.new_page()
    page.goto(stack.url + LIST)
    before = page.locator(".asked h3").all_inner_texts()
    page.locator("#question-before .movers button").first.click()
    page.wait_for_url("**moved=before**")
    after = page.locator(".asked h3").all_inner_texts()
    context.close()
    assert after == [before[1], before[0], *before[2:]]


def test_two_members_at_once_do_not_write_over_each_other(stack, visit):
    ines, paul = visit(stack.ines, 1280), visit(stack.paul, 390)
    ines.see(WHY)
    paul.see(WHY)
    ines.page.fill("[name=label]", "Pourquoi servir ?")
    save(ines)
    paul.page.fill("[name=label]", "Pourquoi ici ?")
    save(paul)
    assert paul.page.input_value("[name=label]") == "Pourquoi ici ?"
    assert "Pourquoi servir ?" in paul.page.locator("section.note").inner_text()
    assert paul.verdict() == CLEAN
    assert labels(ines)[2] == "Pourquoi servir ?"
    save(paul)
    assert labels(ines)[2] == "Pourquoi ici ?"


def test_question_stopped_while_a_student_writes_gives_the_words_back(stack, visit):
    ines, lea = visit(stack.ines, 1280), visit(stack.lea, 390)
    lea.see("/mon-portrait/questions/why/")
    ines.see(WHY)
    ines.page.locator(".sheet summary").first.click()
    with ines.page.expect_navigation():
        ines.page.locator("form[action$='/retire/'] button").click()
    assert len(labels(ines)) == 6
    lea.page.fill("textarea[name=text]", "Pour la mer.")
    lea.page.locator("button[data-copy]").wait_for()
    assert lea.page.input_value("textarea[name=text]") == "Pour la mer."
    assert lea.page.locator("[data-saved-note]").inner_text() != ""
    lea.see("/mon-portrait/")
    lea.page.locator("blockquote", has_text="Pour la mer.").wait_for()
    assert lea.verdict() == CLEAN


def test_frozen_question_is_read_on_the_way_and_not_typed(stack, visit):
    ines, lea = visit(stack.ines, 1280), visit(stack.lea, 390)
    ines.see("/questionnaire/questions/before/")
    ines.page.fill("[name=frozen_after]", "2020-01-31")
    save(ines)
    lea.see("/mon-portrait/questions/origin/")
    lea.page.fill("textarea[name=text]", "Brest.")
    lea.page.locator("main button.primary").click()
    lea.page.wait_for_url("**/questions/before/")
    assert lea.page.locator("textarea").count() == 0
    assert lea.verdict() == CLEAN
    lea.page.locator("main a.button.primary").click()
    lea.page.wait_for_url("**/questions/why/")
