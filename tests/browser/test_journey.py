"""The main job, end to end, in a browser through the running processes: from an invitation to the page and the gallery.

Web, worker, beat and rehearsal are separate processes; the rehearsal's ledger is the judge.
"""

import io
import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import requests
from PIL import Image

from portraits.questions import QUESTIONS
from tests import services
from tests.browser.phone_photo import BLUE, RED, taken_sideways
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("journey")]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
TEXT = "Léa vient de Roscoff (2021/2022), suit @inet, pilote plan_vélo [phase 1] et aime le C#.\n\nElle arrive en juillet."


@pytest.fixture(params=["embedded", "postgres-and-redis"])
def stack(request, tmp_path):
    """Everything running, once on what the app carries and once on PostgreSQL + Redis."""
    servers, variables = [], {}
    if request.param != "embedded":
        if not (services.AVAILABLE["postgres"] and services.AVAILABLE["redis"]):
            pytest.skip("left out: no PostgreSQL or Redis on this machine")
        postgres, redis = services.Postgres(), services.Redis()
        servers = [postgres, redis]
        for server in servers:
            server.start()
        variables = {
            "DATABASE_URL": postgres.url,
            "CELERY_BROKER_URL": redis.url,
            "CACHE_URL": redis.url.replace("redis://", "rediscache://"),
        }
    try:
        with Stack(tmp_path / "stack", **variables) as stack:
            stack.set_up()
            stack.start("rehearsal")
            stack.data("connect()")
            stack.student = stack.data("journey_people()")
            stack.revived = ("worker",)
            stack.start("web", "worker", "beat")
            yield stack
    finally:
        for server in servers:
            server.stop()


class Person:
    """Someone with a browser of their own and an address at which mail arrives."""

    def __init__(self, browser, stack, email, viewport):
        self.stack, self.email = stack, email
        self.context = browser.new_context(viewport=viewport, locale="fr-FR", has_touch=viewport is PHONE)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints = []
        self.page.on(
            "console",
            lambda message: (
                self._note(f"{message.text} {message.location['url']}") if message.type == "error" else None
            ),
        )
        self.page.on("pageerror", lambda error: self._note(str(error)))

    def _note(self, text):
        self.complaints.append(text)

    def mails(self):
        """The plain texts of the mails to this person, oldest first."""
        found = []
        for path in sorted((self.stack.folder / "data" / "mail").glob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["to"] == self.email:
                found.append(message.get_body(("plain",)).get_content())
        return found

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.stack.url + path)

    def codes(self):
        """The six-digit codes that they were sent, oldest first; other mails may come between."""
        found = (re.search(r"^\s*(\d{6})\s*$", mail, re.M) for mail in self.mails())
        return [match[1] for match in found if match]

    def sign_in(self, path):
        """By the six-digit code that arrives by mail."""
        self.go(path)
        before = len(self.codes())
        self.page.fill("input[name=login]", self.email)
        self.page.press("input[name=login]", "Enter")
        self.page.wait_for_selector("input[name=code]")
        self.stack.wait_until(lambda: len(self.codes()) > before)
        code = self.codes()[-1]
        self.page.fill("input[name=code]", code)
        self.page.press("input[name=code]", "Enter")
        self.page.wait_for_url(self.stack.url + path)

    def press(self, selector):
        """Press the button and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()


def write_portrait(lea):
    """At 390 px: seven questions, no facts, a photo taken sideways, two places."""
    page = lea.page
    for question in QUESTIONS:
        page.wait_for_selector("textarea[name=text]")
        page.fill("textarea[name=text]", f"Ma réponse à « {question.key} ».")
        lea.press("main button.primary")
    page.wait_for_url("**/mon-portrait/photo/")
    page.set_input_files(
        "input[name=photo]", {"name": "IMG_0042.JPG", "mimeType": "image/jpeg", "buffer": taken_sideways()}
    )
    page.fill("[name=alt_text]", "Léa de face, en rouge au-dessus du bleu.")
    frame = page.locator(".crop-frame img")
    frame.wait_for()
    assert frame.evaluate("image => image.naturalHeight > image.naturalWidth")
    lea.press("main button.primary")
    page.wait_for_url("**/mon-portrait/remettre/")
    assert page.locator("input[name=places]:checked").count() == 0
    page.check("input[name=places][value=gallery]")
    page.check("input[name=places][value=linkedin]")
    lea.press("main button.primary")
    page.wait_for_url("**/mon-portrait/")


def edit_portrait(ines, portrait):
    ines.go(f"/portraits/{portrait}/")
    ines.press(f"form[action='/portraits/{portrait}/take-up/'] button")
    ines.page.fill("[name=title]", "Une ingénieure de la mer")
    ines.page.fill("textarea[name=text]", TEXT)
    ines.press(f"form[action='/portraits/{portrait}/'] button.primary")
    ines.press(f"form[action='/portraits/{portrait}/ask-signature/'] button")


def prepare_post(ines, portrait, moment):
    """Open the signed portrait, save words and moment, ask for approval; the number of the post."""
    ines.go(f"/portraits/{portrait}/")
    ines.press(f"form[action='/publications/portrait/{portrait}/'] button")
    ines.page.wait_for_url(re.compile(r"/publications/\d+/$"))
    post = int(re.search(r"(\d+)/$", ines.page.url).group(1))
    ines.page.fill("textarea[name^=text_]", f"{TEXT}\n\n#JoséphineBaker #Plan_Vélo")
    ines.page.fill("[name=day]", moment.strftime("%Y-%m-%d"))
    ines.page.fill("[name=time]", moment.strftime("%H:%M"))
    ines.press(f"form[action='/publications/{post}/'] button.primary")
    ines.press(f"form[action='/publications/{post}/ask-review/'] button")
    return post


def test_a_portrait_goes_from_a_phone_to_the_page_and_the_gallery(browser, stack):
    ines = Person(browser, stack, "ines@example.org", DESK)
    lea = Person(browser, stack, "lea@example.org", PHONE)
    staff = Person(browser, stack, "bureau@example.org", DESK)

    ines.sign_in("/tableau/")
    ines.page.check(f"input[name=students][value='{stack.student}']", force=True)
    ines.press("button[formaction='/tableau/inviter/']")
    link = re.search(r"http\S+", stack.wait_until(lea.mails)[0]).group()
    lea.go(link)
    lea.press("main button.primary")
    write_portrait(lea)

    ines.go("/tableau/")
    href = ines.page.locator("h3 a", has_text="Léa Le Goff").get_attribute("href")
    portrait = int(re.search(r"/portraits/(\d+)/", href).group(1))
    edit_portrait(ines, portrait)

    lea.go("/mon-portrait/signer/")
    lea.page.wait_for_selector("text=Roscoff (2021/2022)")
    lea.press("form:has(input[name=places]) button.primary")

    moment = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(minutes=1, seconds=25)
    post = prepare_post(ines, portrait, moment)
    staff.sign_in(f"/bureau/posts/post/{post}/decider/")
    staff.press("form:has(input[value=approve]) button")

    published = stack.wait_until(lambda: stack.ledger()["posts"], seconds=150)
    assert [entry["text"] for entry in published] == [f"{TEXT}\n\n#JoséphineBaker #Plan_Vélo"]
    assert published[0]["created"] >= moment.replace(second=0, microsecond=0).timestamp()
    assert stack.ledger()["failures"] == []
    image = published[0]["images"][0]
    assert (image["alt"], image["has_metadata"]) == ("Léa de face, en rouge au-dessus du bleu.", 0)
    received = requests.get(f"{stack.rehearsal_url}/_/linkedin/image/{image['urn']}", timeout=10).content
    assert_upright_and_bare(received)

    anyone = Person(browser, stack, "", PHONE)
    stack.wait_until(
        lambda: requests.get(f"{stack.url}/galerie/", timeout=10).text.count("Léa Le Goff") or None
    )
    anyone.go("/galerie/")
    anyone.press("h3 a >> text=Léa Le Goff")
    assert anyone.page.locator("article h1").inner_text() == "Léa Le Goff"
    assert "Roscoff (2021/2022)" in anyone.page.locator("article .serif").first.inner_text()
    assert "https://www.linkedin.com/feed/update/" in wait_for_link(ines, post)

    lea.go("/mon-portrait/retirer/")
    lea.press("main form button.danger")
    anyone.complaints.clear()
    assert anyone.context.request.get(anyone.page.url).status == 410
    assert anyone.context.request.get(stack.url + "/galerie/").text().count("Léa Le Goff") == 0
    stack.wait_until(lambda: stack.ledger()["posts"][0]["deleted"])
    assert len(stack.ledger()["posts"]) == 1
    assert [person.complaints for person in (ines, lea, staff, anyone)] == [[], [], [], []]


def wait_for_link(ines, post):
    ines.go(f"/publications/{post}/")
    return ines.page.content()


def assert_upright_and_bare(data):
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size[1] > picture.size[0]
        assert dict(picture.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
        above = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 10))
        below = picture.convert("RGB").getpixel((picture.width // 2, picture.height * 9 // 10))
    assert all(abs(a - b) < 12 for a, b in zip((*above, *below), (*RED, *BLUE), strict=True))
