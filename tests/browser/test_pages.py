"""Every page of the demo school, empty, full and in error, on a phone and on a desk: axe, policy, width, keyboard."""

import pytest

from tests.stack import ROOT, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("pages")]

AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
FULL, EMPTY = "estuaire", "clairiere"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """The demo school behind a web process; no worker, so that it stays as it is."""
    with Stack(tmp_path_factory.mktemp("pages"), DEMO="1", ALLOWED_HOSTS="testserver") as stack:
        stack.set_up()
        stack.start("rehearsal")
        stack.manage("demo")
        stack.start("web")
        stack.people = {
            state: stack.data(f"someone({state!r})")
            for state in ("invited", "draft", "to_sign", "submitted", "in_edit", "signed", "withdrawn")
        }
        stack.people["published"] = stack.data(f"someone('published', {FULL!r})")
        stack.cookies = {}
        yield stack


class Visit:
    """A browser window of one person, which notes what the browser complains about."""

    def __init__(self, browser, stack, email, width):
        self.stack = stack
        self.context = browser.new_context(viewport={"width": width, "height": 844}, locale="fr-FR")
        if email:
            if email not in stack.cookies:
                stack.cookies[email] = stack.data(f"session({email!r})")
            self.context.add_cookies([{"name": "sessionid", "value": stack.cookies[email], "url": stack.url}])
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on(
            "console", lambda message: message.type == "error" and self.complaints.append(message.text)
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def see(self, path):
        return self.page.goto(path if path.startswith("http") else self.stack.url + path)

    def verdict(self):
        """What is wrong with the page as it stands: axe's violations, the browser's complaints, sideways scroll."""
        complaints = [text for text in self.complaints if "status of 4" not in text]
        self.page.evaluate(AXE)
        violations = self.page.evaluate(
            "async rules => (await axe.run(document, {runOnly: rules, preload: false})).violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 160))",
            RULES,
        )
        too_wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return violations, complaints, too_wide


CLEAN = ([], [], False)


def addresses(stack):
    """(who, path) of every page worth looking at."""
    people = stack.people
    anyone = [
        *(
            "/",
            "/galerie/",
            f"/galerie/promotions/{FULL}/",
            f"/galerie/promotions/{EMPTY}/",
            people["published"]["url"],
        ),
        *(
            people["withdrawn"]["url"],
            "/compte/login/",
            "/compte/signup/",
            "/demo/",
            "/demo/courrier/",
            "/nulle-part/",
            "/hors-ligne/",
        ),
        f"{stack.rehearsal_url}/",
        f"{stack.rehearsal_url}/linkedin/company/1001/",
    ]
    yield from ((None, path) for path in anyone)
    for state in ("invited", "draft", "submitted", "to_sign", "signed", "published", "withdrawn"):
        yield people[state]["email"], "/mon-portrait/"
    for state in ("draft", "submitted", "published", "withdrawn"):
        yield people[state]["email"], "/mes-autorisations/"
    yield people["published"]["email"], "/mes-autorisations/changer/?plus=x"
    yield from ((None, path) for path in stack.data(f"links_of({people['published']['pk']})"))
    yield from ((None, path) for path in stack.data(f"links_of({people['withdrawn']['pk']})"))
    yield from ((None, path) for path in ("/retrait/nulle-part/", "/notifications/arreter/nulle-part/"))
    photo, answer = stack.data(f"in_photo({people['submitted']['pk']})")
    yield from ((who, answer) for who in (None, people["draft"]["email"]))
    yield people["submitted"]["email"], photo
    yield from ((None, path) for path in ("/photo/accord/nulle-part/", "/donnees/"))
    draft, signing = people["draft"]["email"], people["to_sign"]["email"]
    for path in ("questions/origin/", "questions/quote/", "faits/", "photo/", "retirer/"):
        yield draft, f"/mon-portrait/{path}"
    yield people["invited"]["email"], "/mon-portrait/photo/"
    yield draft, "/proposer/"
    yield signing, "/mon-portrait/signer/"
    full, empty = stack.data(f"comms({FULL!r})"), stack.data(f"comms({EMPTY!r})")
    for path in (
        "/a-faire/",
        "/notifications/",
        "/tableau/",
        "/tableau/?state=withdrawn",
        "/tableau/?remind=on&tick=shown",
        "/relances/",
        "/equilibre/",
        "/cartes/",
        "/questionnaire/",
        "/questionnaire/ajouter/",
        "/questionnaire/questions/why/",
        "/calendrier/",
        "/calendrier/?view=week",
        "/calendrier/?view=list",
        "/calendrier/?view=month&day=2028-03-01",
        "/calendrier/abonnement/",
        "/calendrier/partage/",
        "/calendrier/plan/",
        "/publications/",
        "/publications/?state=cancelled",
        "/publications/nouvelle/",
        "/publications/nouvelle/round_table/",
        "/publications/propositions/",
        "/est-ce-parti/",
        "/compte/email/",
        "/compte/2fa/",
        "/compte/sessions/",
    ):
        yield full, path
        yield empty, path
    for state in ("invited", "draft", "to_sign", "submitted", "in_edit", "signed", "published", "withdrawn"):
        member = stack.data(f"comms_of({people[state]['pk']})")
        yield member, f"/portraits/{people[state]['pk']}/"
        yield member, f"/portraits/{people[state]['pk']}/versions/"
    posts = {state: stack.data(f"post_in({state!r})") for state in ("draft", "in_review", "approved", "done")}
    yield from ((full, f"/publications/{pk}/") for pk in posts.values())
    yield full, f"/publications/{posts['approved']}/deplacer/"
    staff = stack.data("staff()")
    for path in (
        *(
            "/bureau/",
            "/bureau/cohorts/promotion/",
            "/bureau/cohorts/student/",
            "/bureau/cohorts/commsmember/",
        ),
        *(
            "/bureau/posts/post/",
            "/bureau/posts/account/",
            "/bureau/posts/delivery/",
            "/bureau/portraits/portrait/",
        ),
        *("/bureau/posts/channelpolicy/", "/bureau/posts/channelpolicy/1/change/"),
        *("/bureau/cohorts/student/import/", f"/bureau/posts/post/{posts['in_review']}/decider/"),
        *("/bureau/posts/event/", "/bureau/posts/event/add/", "/bureau/posts/event/importer/"),
        *(
            "/a-faire/",
            "/notifications/",
            "/tableau/",
            "/calendrier/",
            "/publications/",
            "/est-ce-parti/",
            "/arret/",
        ),
        *("/comptes/", "/comptes/linkedin/", "/comptes/mastodon/", "/comptes/bluesky/"),
    ):
        yield staff, path
    yield full, "/comptes/"
    rehearsal = stack.rehearsal_url
    yield None, f"{rehearsal}/panneau/"
    yield None, f"{rehearsal}/panneau/?network=x"
    for network in ("facebook", "x", "mastodon", "bluesky"):
        key = stack.data(f"page_on({network!r})")
        yield None, f"{rehearsal}/{network}/{key}/"
    consent = "client_id=rehearsal&redirect_uri=http%3A%2F%2F127.0.0.1%2F&response_type=code&state=s&scope=w_organization_social"
    yield None, f"{rehearsal}/oauth/v2/authorization?{consent}"


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.xdist_group("wide"))])
def test_every_page_is_clean(browser, stack, width):
    visits, wrong = {}, {}
    for who, path in addresses(stack):
        visit = visits.setdefault(who, Visit(browser, stack, who, width))
        visit.complaints.clear()
        answer = visit.see(path)
        verdict = visit.verdict()
        if verdict != CLEAN or answer.status >= 500:
            wrong[f"{who or 'anyone'} {path}"] = (answer.status, verdict)
    for visit in visits.values():
        visit.context.close()
    assert wrong == {}


def test_errors_are_clean_and_lose_nothing(browser, stack):
    """A refused form keeps what was typed, says what to do beside the field, and is as accessible as the rest."""
    visit = Visit(browser, stack, stack.people["draft"]["email"], 390)
    visit.see("/mon-portrait/questions/quote/")
    long = "mot " * 60
    visit.page.fill("textarea[name=text]", long)
    with visit.page.expect_navigation():
        visit.page.locator("main button.primary").click()
    assert visit.page.input_value("textarea[name=text]").strip() == long.strip()
    assert visit.page.locator("[role=alert] a").count() > 0
    assert visit.verdict() == CLEAN

    visit = Visit(browser, stack, stack.people["to_sign"]["email"], 390)
    visit.see("/mon-portrait/signer/")
    for box in visit.page.locator("input[name=places]").all():
        box.uncheck()
    with visit.page.expect_navigation():
        visit.page.locator("form:has(input[name=places]) button.primary").click()
    assert visit.page.locator("[role=alert]").count() > 0
    assert visit.verdict() == CLEAN


def test_editor_tells_the_rules_while_one_writes(browser, stack):
    """What is against the text appears and goes beside its page; a reason that is missing is asked for again, nothing lost."""
    visit = Visit(browser, stack, stack.data(f"comms({FULL!r})"), 390)
    draft = stack.data("post_in('draft')")
    visit.see(f"/publications/{draft}/")
    box = visit.page.locator("section[data-account]").last
    words, said = box.locator("textarea"), box.locator("[data-rulings]")
    with visit.page.expect_response("**/check/"):
        words.fill("Bonjour #INET")
    said.wait_for(state="hidden")
    with visit.page.expect_response("**/check/"):
        words.fill("Bonjour #INET #Eau #Ville #Livres")
    said.wait_for(state="visible")
    assert said.inner_text().startswith("À régler")
    assert visit.verdict() == CLEAN
    visit.page.locator(".rulings summary").first.click()
    with visit.page.expect_navigation():
        visit.page.locator(".rulings form button").first.click()
    assert visit.page.locator(".rulings [role=alert] a").count() == 1
    assert visit.verdict() == CLEAN


def test_student_can_write_by_keyboard_alone(browser, stack):
    visit = Visit(browser, stack, stack.people["draft"]["email"], 1280)
    visit.see("/mon-portrait/questions/origin/")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    visit.page.keyboard.press("Enter")
    for _step in range(8):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.name") == "text":
            break
    visit.page.keyboard.press("Control+A")
    visit.page.keyboard.type("Écrit sans souris.")
    for _step in range(6):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.matches('main button.primary')"):
            break
    with visit.page.expect_navigation():
        visit.page.keyboard.press("Enter")
    visit.see("/mon-portrait/questions/origin/")
    assert visit.page.input_value("textarea[name=text]") == "Écrit sans souris."


def test_pages_are_light(browser, stack):
    """First view of the gallery without photos: few requests, little weight."""
    visit = Visit(browser, stack, None, 390)
    seen = []
    visit.page.on("response", lambda response: seen.append(response))
    visit.see("/galerie/")
    visit.page.wait_for_load_state("networkidle")
    without_photos = [response for response in seen if "/photos/" not in response.url]
    weight = sum(int(response.headers.get("content-length", 0)) for response in without_photos)
    assert len(without_photos) <= 9
    assert weight <= 190_000
