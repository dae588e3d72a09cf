"""The studio in a browser: two members at once, the keyboard only, a lost connection, and the student who answers on a phone."""

import pytest

from tests.browser.test_pages import CLEAN, Visit
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("studio")]
DESK, PHONE = 1280, 390
TEXT = "textarea[name=text]"
SAVE = "form[data-keep] button.primary"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """The web process alone, with nobody in it yet."""
    with Stack(tmp_path_factory.mktemp("studio")) as stack:
        stack.set_up()
        stack.waiting, *stack.edited = stack.data(f"studio_people('to_sign', *{['in_edit'] * 8})")
        stack.start("web")
        stack.cookies = {}
        yield stack


@pytest.fixture
def people(stack):
    """A portrait of its own for each test, and who works on it."""
    return stack.edited.pop()


@pytest.fixture
def visit(browser, stack):
    """A window of somebody at so many pixels; all are closed at the end."""
    opened = []

    def visit(email, width):
        one = Visit(browser, stack, email, width)
        one.page.set_default_timeout(15_000)
        opened.append(one)
        return one

    yield visit
    for one in opened:
        one.context.close()


def studio(visit, people, member, width=DESK):
    one = visit(people["members"][member], width)
    one.see(f"/portraits/{people['pk']}/")
    return one


def type_at_the_start(page, words):
    page.focus(TEXT)
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


def kept(page):
    page.wait_for_selector("[data-kept]:not(:empty)")


def save(page):
    with page.expect_navigation():
        page.click(SAVE)


def saved(stack, people):
    return stack.data(f"portrait_words({people['pk']})")


def test_two_members_are_told_of_each_other_and_overwrite_nothing(visit, stack, people):
    ines, tom = studio(visit, people, 0), studio(visit, people, 1, PHONE)
    type_at_the_start(tom.page, "Hier, ")
    kept(tom.page)
    ines.page.reload()
    ines.page.wait_for_selector("[data-together] .badge.amber >> text=Tom")
    assert ines.verdict() == CLEAN

    ines.page.fill("[name=title]", "Un autre titre")
    save(ines.page)
    type_at_the_start(tom.page, "Avant-")
    tom.page.wait_for_selector("[data-newer] .note")
    assert tom.page.input_value(TEXT).startswith("Avant-Hier, Léa")
    assert tom.verdict() == CLEAN

    save(tom.page)
    assert tom.page.input_value(TEXT).startswith("Avant-Hier, Léa")
    assert tom.page.locator("[data-conflict] fieldset").count() == 2
    assert tom.verdict() == CLEAN
    save(tom.page)
    assert tom.page.locator("#id_replaces_error").count() == 1
    assert (saved(stack, people)["version"], saved(stack, people)["title"]) == (3, "Un autre titre")

    with tom.page.expect_navigation():
        tom.page.click("[name=together]")
    assert tom.verdict() == CLEAN
    save(tom.page)
    now = saved(stack, people)
    assert (now["version"], now["title"], now["text"].startswith("Avant-Hier, Léa")) == (
        4,
        "Un autre titre",
        True,
    )


def test_unsaved_words_are_there_again(visit, stack, people):
    ines = studio(visit, people, 0)
    type_at_the_start(ines.page, "Hier, ")
    # Gone before the two seconds are over: leaving keeps too.
    ines.see("/tableau/")
    # What was sent on leaving may be written a moment after the next page is read.
    stack.wait_until(lambda: stack.data(f"unsaved_words({people['members'][0]!r})"))
    ines.see(f"/portraits/{people['pk']}/")
    ines.page.wait_for_selector("#kept")
    assert (ines.page.locator(TEXT).count(), ines.verdict()) == (0, CLEAN)
    ines.page.click("a[href$='?words=kept#edited']")
    assert ines.page.input_value(TEXT).startswith("Hier, Léa")
    save(ines.page)
    assert saved(stack, people)["text"].startswith("Hier, Léa")
    assert ines.page.locator("#kept").count() == 0


def test_last_words_are_kept_while_earlier_ones_are_still_on_their_way(visit, stack, people):
    ines = studio(visit, people, 0)
    held = []
    keeping = ines.page.get_attribute("form[data-keep]", "data-keep")
    ines.page.route(f"**{keeping}", lambda route: route.continue_() if held else held.append(route))
    with ines.page.expect_request(f"**{keeping}"):
        type_at_the_start(ines.page, "hier, ")
    type_at_the_start(ines.page, "Ce fut ")
    ines.see("/portraits/")
    stack.wait_until(lambda: stack.data(f"unsaved_words({people['members'][0]!r})"))
    ines.see(f"/portraits/{people['pk']}/?words=kept")
    assert ines.page.input_value(TEXT).startswith("Ce fut hier, Léa")


def test_words_typed_without_a_connection_are_kept_once_it_is_back(visit, people):
    ines = studio(visit, people, 0)
    ines.context.set_offline(True)
    type_at_the_start(ines.page, "Hier, ")
    kept(ines.page)
    lost = ines.page.inner_text("[data-kept]")
    ines.context.set_offline(False)
    ines.page.locator("[data-kept]", has_not_text=lost).wait_for()
    ines.page.reload()
    ines.page.wait_for_selector("#kept")


def press_until(page, selector, key="Tab", times=150):
    """Go on with the keyboard until that is where the focus is."""
    for _step in range(times):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"never reached {selector}")


def test_studio_by_keyboard_alone(visit, stack, people):
    """Edit, save, remark on selected words, resolve it, look at the versions, bring one back, ask for the signature."""
    ines = studio(visit, people, 0)
    page = ines.page
    press_until(page, TEXT)
    page.keyboard.press("Control+Home")
    page.keyboard.type("Hier, ")
    press_until(page, SAVE)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert saved(stack, people)["text"].startswith("Hier, Léa")

    press_until(page, TEXT)
    page.keyboard.press("Control+Home")
    for _letter in "Hier":
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector("[data-on-selection] button:visible")
    press_until(page, "[data-on-selection] button")
    page.keyboard.press("Enter")
    page.keyboard.type("Quel jour ?")
    press_until(page, "[data-new-remark] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#remarks .passage >> text=Hier")
    assert ines.verdict() == CLEAN
    press_until(page, "#remarks [data-select]")
    page.keyboard.press("Enter")
    assert page.evaluate("getSelection().toString()") == "Hier"
    press_until(page, "#remarks form[action$='/resolve/'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#remarks form[action$='/reopen/']", state="attached")

    press_until(page, "a.button[href$='/versions/']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert ines.verdict() == CLEAN
    press_until(page, "a[href='?version=2']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_until(page, "form[action$='/reprendre/'] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert (saved(stack, people)["version"], saved(stack, people)["text"][:3]) == (4, "Léa")
    press_until(page, "form[action$='/ask-signature/'] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("form[action$='/ask-signature/']").count() == 0


def test_proposed_description_goes_into_its_field(visit, people):
    ines = studio(visit, people, 0)
    ines.page.click("[data-fill]")
    assert ines.page.input_value("[name=alt_text]").startswith("Portrait souriant (")


def test_student_answers_and_signs_on_a_phone(browser, visit, stack):
    people = stack.waiting
    ines = studio(visit, people, 0)
    ines.page.click("[data-new-remark] summary")
    ines.page.fill("[name=remark]", "Quelle mer ?")
    ines.page.check("[name=is_shared]")
    ines.page.click("[data-new-remark] form button")
    ines.page.wait_for_selector("#remarks li")

    lea = visit(people["student"], PHONE)
    lea.see("/mon-portrait/signer/")
    assert (lea.page.locator("#changes").count(), lea.verdict()) == (1, CLEAN)
    lea.page.click("#remarks summary")
    lea.page.fill("#remarks textarea", "L’Iroise.")
    with lea.page.expect_navigation():
        lea.page.click("#remarks form button")
    assert lea.verdict() == CLEAN
    ines.page.reload()
    ines.page.wait_for_selector("#remarks .answer >> text=L’Iroise.")
    with lea.page.expect_navigation():
        lea.page.click("form:has(input[name=places]) button.primary")
    assert lea.page.url.partition("#")[0].endswith("/mon-portrait/")


def test_without_scripts_nothing_is_out_of_reach(browser, stack, people):
    """The comparison, a remark on a paragraph, saving, and both texts side by side."""
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    cookie = stack.data(f"session({people['members'][0]!r})")
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": stack.url}])
    page, late = context.new_page(), context.new_page()
    for one in (page, late):
        one.goto(f"{stack.url}/portraits/{people['pk']}/")
    page.click("summary:has(~ [data-comparison])")
    assert page.locator("[data-comparison] ins").first.is_visible()
    page.click("[data-new-remark] summary")
    page.select_option("[name=place]", index=1)
    page.fill("[name=remark]", "Quelle mer ?")
    page.click("[data-new-remark] form button")
    assert page.locator("#remarks li .passage").count() == 1
    page.fill(TEXT, "Un texte.")
    page.click(SAVE)
    late.fill(TEXT, "Un autre texte.")
    late.click(SAVE)
    assert (late.locator("[data-conflict] input[type=radio]").count(), late.input_value(TEXT)) == (
        2,
        "Un autre texte.",
    )
    late.check("[name=choose_text][value=theirs]")
    late.click("[name=together]")
    assert late.input_value(TEXT) == "Un texte."
    context.close()
