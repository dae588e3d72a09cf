"""The calendar in a browser: a post moved by keyboard alone, with the mouse, and without any script."""

from datetime import date

import pytest

from tests.browser.test_board import tab_to
from tests.browser.test_pages import CLEAN, Visit
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("calendar")]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("calendar")) as stack:
        stack.set_up()
        stack.planned = stack.data("calendar_people()")
        stack.cookies = {}
        stack.start("web")
        yield stack


@pytest.fixture
def planned(stack):
    """The post is where it was, whatever the test before did to it."""
    stack.data(f"plan({stack.planned['post']}, {stack.planned['moment']!r})")
    return stack.planned


@pytest.fixture
def visit(browser, stack):
    """On a screen that holds the month: the mouse has nothing to scroll between taking and dropping."""
    visit = Visit(browser, stack, stack.planned["member"], 1280)
    visit.page.set_viewport_size({"width": 1280, "height": 1600})
    yield visit
    visit.context.close()


def month(stack, view="month"):
    return f"/calendrier/?view={view}&day={stack.planned['moment'][:10]}"


def moment(stack):
    return stack.data(f"moment_of({stack.planned['post']})")


def same_month(day, number):
    return date.fromisoformat(day[:10]).replace(day=number).isoformat()


def card(page, planned):
    return page.locator(f".calendar [data-move*='/{planned['post']}/']")


def test_post_is_moved_by_keyboard_alone(visit, stack, planned):
    page, keys = visit.page, visit.page.keyboard
    visit.see(month(stack))
    tab_to(page, f".calendar a.move[href*='/{planned['post']}/']")
    with page.expect_navigation():
        keys.press("Enter")
    assert visit.verdict() == CLEAN
    tab_to(page, "input[name=day]")
    before = page.input_value("input[name=day]")
    keys.press("ArrowUp")
    chosen = page.input_value("input[name=day]")
    assert (before, chosen != before) == (planned["moment"][:10], True)
    tab_to(page, "main button.primary")
    with page.expect_navigation():
        keys.press("Enter")
    assert page.locator(f"td[data-day='{chosen}'] [data-move*='/{planned['post']}/']").count() == 1
    assert moment(stack) == f"{chosen}T08:30"


def test_post_is_taken_to_another_day_with_the_mouse(visit, stack, planned):
    page, day = visit.page, same_month(planned["moment"], 20)
    visit.see(month(stack))
    with page.expect_navigation():
        card(page, planned).drag_to(page.locator(f"td[data-day='{day}']"))
    assert page.input_value("input[name=day]") == day
    assert moment(stack) == planned["moment"]
    with page.expect_navigation():
        page.locator("main button.primary").click()
    assert page.locator(f"td[data-day='{day}'] [data-move*='/{planned['post']}/']").count() == 1
    assert (moment(stack), visit.complaints) == (f"{day}T08:30", [])


def test_post_without_a_date_is_taken_to_its_day(visit, stack, planned):
    page, day = visit.page, same_month(planned["moment"], 12)
    visit.see(month(stack))
    page.locator(".undated summary").click()
    with page.expect_navigation():
        page.locator(".undated [data-move]").drag_to(page.locator(f"td[data-day='{day}']"))
    assert f"/{planned['undated']}/deplacer/" in page.url
    assert (page.input_value("input[name=day]"), page.input_value("input[name=time]")) == (day, "")


def test_other_groups_post_stays_where_it_is(visit, stack, planned):
    visit.see(month(stack))
    theirs = visit.page.locator(".planned", has_text="Autre groupe")
    assert (theirs.count(), theirs.get_attribute("draggable"), theirs.locator("a").count()) == (1, None, 0)


@pytest.mark.parametrize("width", [320, 1280])
def test_post_is_moved_without_any_script(width, browser, stack, planned):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale="fr-FR", java_script_enabled=False, user_agent=PHONE
    )
    context.add_cookies(
        [{"name": "sessionid", "value": stack.data(f"session({planned['member']!r})"), "url": stack.url}]
    )
    page, day = context.new_page(), same_month(planned["moment"], 15)
    page.goto(f"{stack.url}/calendrier/?day={planned['moment'][:10]}")
    with page.expect_navigation():
        page.locator(f".agenda a.move[href*='/{planned['post']}/']").click()
    page.fill("input[name=day]", day)
    page.fill("input[name=time]", "12:15")
    with page.expect_navigation():
        page.locator("main button.primary").click()
    assert page.url == f"{stack.url}/calendrier/?view=list&day={day}"
    assert moment(stack) == f"{day}T12:15"
    context.close()


def test_refused_moment_is_said_beside_its_field(visit, stack, planned):
    page = visit.page
    visit.see(f"/publications/{planned['post']}/deplacer/")
    page.fill("input[name=day]", "2020-01-01")
    page.evaluate("document.querySelector('main form').noValidate = true")
    with page.expect_navigation():
        page.locator("main button.primary").click()
    assert page.input_value("input[name=day]") == "2020-01-01"
    assert page.locator("[role=alert] a").count() == 1
    assert visit.verdict() == CLEAN


def test_printed_month_is_a_month(visit, stack, planned):
    """On paper that is narrower than a phone turned: seven columns, and nothing to click."""
    page = visit.page
    visit.see(month(stack))
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(media="print")
    tops = page.eval_on_selector_all(
        ".calendar tbody tr:first-child td", "cells => cells.map(cell => cell.getBoundingClientRect().top)"
    )
    assert (len(tops), len(set(tops))) == (7, 1)
    assert [page.locator(name).first.is_visible() for name in (".rail", ".span", ".undated", "a.move")] == [
        False
    ] * 4
