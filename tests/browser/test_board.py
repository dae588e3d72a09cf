"""The board in a browser: by keyboard alone, one choice that is kept without reloading and taken back, and without any script."""

import pytest

from tests.browser.test_pages import CLEAN, Visit
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("board")]
BOARD = "/tableau/"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("board")) as stack:
        stack.set_up()
        stack.people = stack.data("board_people(8)")
        stack.cookies = {}
        stack.start("web")
        yield stack


@pytest.fixture(params=[1280, 390])
def visit(request, browser, stack):
    visit = Visit(browser, stack, stack.people["member"], request.param)
    visit.see(BOARD)
    yield visit
    visit.context.close()


def chased(stack):
    return {name: (keeper, means) for name, keeper, means in stack.data("chased()")}


def focus(page):
    """Where the keyboard is: the value of the box, or the words of what has the focus."""
    return page.evaluate("document.activeElement.value || document.activeElement.textContent.trim()")


def tab_to(page, selector, key="Tab", most=60):
    """As often as needed; what Tab cannot reach fails."""
    for _step in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {selector}")


def back_to(page, selector):
    tab_to(page, selector, "Shift+Tab")


def test_board_by_keyboard_alone(browser, stack):
    """Two faces are ticked with arrows and space, then assigned; then a contact is noted with one of them."""
    visit = Visit(browser, stack, stack.people["member"], 1280)
    page, keys = visit.page, visit.page.keyboard
    visit.see(BOARD)
    first, second, *_others, last = map(str, stack.people["students"])
    tab_to(page, ".faces input[name=students]")
    assert focus(page) == first
    keys.press("Space")
    keys.press("ArrowRight")
    assert focus(page) == second
    keys.press("Space")
    outline = page.evaluate("getComputedStyle(document.activeElement.closest('.check')).outlineStyle")
    assert outline == "solid"
    keys.press("End")
    keys.press("ArrowLeft")
    assert focus(page) == last
    keys.press("Home")
    below = page.evaluate("""() => {
      const boxes = [...document.querySelectorAll('.faces input[name=students]')];
      const left = (box) => box.closest('li').offsetLeft;
      return boxes.slice(1).find((box) => left(box) === left(boxes[0])).value;
    }""")
    keys.press("ArrowDown")
    assert focus(page) == below
    keys.press("ArrowUp")
    assert (focus(page), page.locator("[data-count]").text_content().split()[0]) == (first, "2")
    back_to(page, "#bar-member")
    keys.press("I")
    keys.press("Tab")
    with page.expect_navigation():
        keys.press("Enter")
    found = chased(stack)
    assert [found[name][0] for name in ("Nom01", "Nom02", "Nom03")] == ["Inès", "Inès", ""]
    tab_to(page, ".faces input[name=students]")
    keys.press("Space")
    back_to(page, "#bar-means")
    keys.press("T")
    keys.press("Tab")
    keys.type("Un mot.")
    keys.press("Tab")
    with page.expect_navigation():
        keys.press("Enter")
    assert (chased(stack)["Nom01"][1] != [], chased(stack)["Nom02"][1]) == (True, [])
    assert visit.verdict() == CLEAN
    visit.context.close()


def test_choice_on_a_face_is_kept_without_reloading_and_taken_back(visit, stack):
    page, pk = visit.page, stack.people["students"][4]
    page.evaluate("window.stays = true")
    menu = page.locator(f"select[name=member-{pk}]")
    menu.select_option(str(stack.people["member_pk"]))
    page.wait_for_selector(".toast-float button")
    assert chased(stack)["Nom05"][0] == "Inès"
    assert visit.verdict() == CLEAN
    page.click(".toast-float button")
    page.wait_for_function("pk => document.querySelector(`select[name=member-${pk}]`).value === ''", arg=pk)
    page.wait_for_function("document.querySelectorAll('.toast-float span').length === 1")
    assert page.evaluate("window.stays")
    stack.wait_until(lambda: chased(stack)["Nom05"][0] == "")


def test_lost_connection_says_so_and_shows_what_is_kept(visit, stack):
    page, pk = visit.page, stack.people["students"][5]
    page.route("**/tableau/confier/", lambda route: route.abort())
    menu = page.locator(f"select[name=member-{pk}]")
    menu.select_option(str(stack.people["member_pk"]))
    page.wait_for_selector(".toast-float span")
    assert (menu.input_value(), chased(stack)["Nom06"][0]) == ("", "")


def test_ticking_all_shown_and_nobody(visit, stack):
    page = visit.page
    page.click("[data-tick=all]")
    assert page.locator(".faces input:checked").count() == 8
    assert visit.verdict() == CLEAN
    page.click("[data-tick=none]")
    assert page.locator(".faces input:checked").count() == 0


def test_board_works_without_scripts(browser, stack):
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.add_cookies(
        [{"name": "sessionid", "value": stack.data("session('ines@example.org')"), "url": stack.url}]
    )
    page, pk = context.new_page(), stack.people["students"][6]
    page.goto(f"{stack.url}{BOARD}?q=nom07")
    assert page.locator(".faces > li").count() == 1
    page.select_option(f"select[name=member-{pk}]", str(stack.people["member_pk"]))
    page.click(f".keeper button[value='{pk}']")
    assert chased(stack)["Nom07"][0] == "Inès"
    assert page.input_value("#sieve_q") == "nom07"
    context.close()


def test_message_is_copied_and_having_sent_it_is_noted(browser, stack):
    visit = Visit(browser, stack, stack.people["member"], 390)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.url)
    visit.see(f"{BOARD}eleves/{stack.people['students'][2]}/")
    assert visit.verdict() == CLEAN
    page = visit.page
    page.click("[data-copy-button]")
    page.wait_for_function("document.querySelector('[data-copied]').textContent !== ''")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (copied, len(copied) <= 300) == (page.input_value("#message"), True)
    with page.expect_navigation():
        page.click("button[value=whatsapp]")
    assert chased(stack)["Nom03"][1] == ["whatsapp"]
    visit.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_reminders_are_clean_empty_full_and_refused(browser, stack, width):
    visit = Visit(browser, stack, stack.people["member"], width)
    verdicts = []
    visit.see("/relances/")
    verdicts.append(visit.verdict())
    pk = stack.people["students"][0 if width == 320 else 1]
    stack.data(f"propose({pk}, 'ines@example.org')")
    visit.see("/relances/")
    verdicts.append(visit.verdict())
    page = visit.page
    sheet = page.locator(".rows details.sheet").first
    sheet.locator("summary").click()
    sheet.locator("[name=subject]").fill("x" * 160)
    with page.expect_navigation():
        sheet.locator("button").click()
    verdicts.append(visit.verdict())
    assert page.locator("[role=alert] a").count() == 1
    assert page.locator(".rows details[open] [name=subject]").input_value() == "x" * 160
    page.fill("#rhythm_every_days", "99")
    page.evaluate("document.querySelector('#rhythm_every_days').form.noValidate = true")
    with page.expect_navigation():
        page.locator("form[action='/relances/rythme/'] button").click()
    verdicts.append(visit.verdict())
    visit.see(f"/tableau/eleves/{pk}/")
    verdicts.append(visit.verdict())
    assert verdicts == [CLEAN] * 5
    visit.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_behind_links_are_clean(browser, stack, width):
    links = stack.data(f"chase_links({stack.people['students'][3 if width == 320 else 4]})")
    visit = Visit(browser, stack, None, width)
    verdicts = []
    for path in (
        links["resume"],
        links["code"],
        links["stop"],
        "/reprendre/rien/",
        "/relances/arreter/rien/",
    ):
        visit.see(path)
        verdicts.append(visit.verdict())
    visit.see(links["stop"])
    with visit.page.expect_navigation():
        visit.page.locator("main button.primary").click()
    verdicts.append(visit.verdict())
    assert verdicts == [CLEAN] * 6
    visit.context.close()


def test_one_tap_signs_in_and_opens_the_missing_step_and_the_second_time_a_code_does(browser, stack):
    links = stack.data(f"chase_links({stack.people['students'][5]})")
    for is_first in (True, False):
        visit = Visit(browser, stack, None, 390)
        visit.see(links["resume"])
        with visit.page.expect_navigation():
            visit.page.locator("main button.primary").click()
        address = visit.page.url.removeprefix(stack.url)
        if is_first:
            assert address == "/mon-portrait/questions/origin/"
        else:
            assert address.startswith("/compte/login/code/confirm/?next=")
        visit.context.close()
