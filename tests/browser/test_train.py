"""Ten minutes on a train: a student on a phone of 390 px, with taps counted, the network cut, the phone restarted, two devices."""

import io
import time

import pytest
from PIL import Image
from playwright.sync_api import expect

from portraits.questions import QUESTIONS
from tests import factories, services
from tests.browser.phone_photo import taken_sideways
from tests.conftest import CHROMIUM_FLAGS
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("train")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "fr-FR"}
PICTURE = {"name": "IMG_0042.JPG", "mimeType": "image/jpeg"}
HOME, PHOTO = "/mon-portrait/", "/mon-portrait/photo/"
KEYS = [question.key for question in QUESTIONS]
MOST_TAPS = 12


def at(key):
    return f"/mon-portrait/questions/{key}/"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A web process with a school of few people; no worker, since nothing is published."""
    with Stack(tmp_path_factory.mktemp("train")) as stack:
        stack.set_up()
        stack.data("journey_people()")
        stack.start("web")
        yield stack


class Phone:
    """One phone with its own storage, which outlives its browser: `restart` is switching it off and on again."""

    def __init__(self, chromium, stack, folder):
        self.chromium, self.stack, self.folder = chromium, stack, folder
        self.taps, self.complaints = 0, []
        self.start()

    def start(self):
        self.context = self.chromium.launch_persistent_context(
            self.folder, executable_path=services.chromium(), args=CHROMIUM_FLAGS, **PHONE
        )
        self.page = self.context.pages[0]
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def restart(self, *, offline=False):
        self.context.close()
        self.start()
        self.context.set_offline(offline)

    def sign_in(self, email):
        self.context.clear_cookies()
        self.use_session_of(email)

    def use_session_of(self, email):
        cookie = {"name": "sessionid", "value": self.stack.data(f"session({email!r})"), "url": self.stack.url}
        self.context.add_cookies([{**cookie, "expires": time.time() + 3600}])

    def go(self, path):
        self.page.goto(self.stack.url + path)

    def is_at(self, path):
        self.page.wait_for_url(self.stack.url + path)

    def tap(self, selector):
        self.taps += 1
        self.page.locator(selector).first.tap()

    def choose_photo(self, data):
        """Tap the control; what happens in the system's picker is not counted."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(".way:has([name=photo])")
        chooser.value.set_files({**PICTURE, "buffer": data})
        self.page.wait_for_selector(".crop-frame img[src^='blob:']")

    def write(self, words):
        """Type into the field that has the focus already."""
        self.page.wait_for_function("document.activeElement.name === 'text'")
        self.page.keyboard.insert_text(words)

    def note(self):
        return self.page.locator("[data-saved-note]")

    def is_too_tall(self):
        return self.page.evaluate("document.documentElement.scrollHeight > innerHeight")

    def kept_pages(self):
        """How many pages of the form the worker holds."""
        return self.page.evaluate(
            """async () => {
                const names = (await caches.keys()).filter((name) => name.startsWith('form-pages-'));
                const held = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
                return held.reduce((sum, count) => sum + count, 0);
            }"""
        )

    def is_ready_for_a_tunnel(self):
        """The overview, the questions and the photo open without a connection."""
        self.stack.wait_until(lambda: self.kept_pages() >= len(KEYS) + 2)


@pytest.fixture
def phones(browser, stack, tmp_path):
    """Makes phones; whatever they hold is gone afterwards."""
    made = []

    def phone(email=None, name="phone"):
        made.append(Phone(browser.browser_type, stack, tmp_path / name))
        if email:
            made[-1].sign_in(email)
        return made[-1]

    yield phone
    for one in made:
        one.context.close()


@pytest.fixture
def student(stack):
    """Somebody who was invited just now, for this test alone."""
    return stack.data("invited()")


def test_journey_takes_at_most_twelve_taps(phones, stack, student):
    """From the button of the invitation to “handed in”: all questions, a photo, two places. Typing is not counted."""
    phone = phones()
    phone.go(student["link"])
    phone.tap("main button.primary")
    for key in KEYS[:-1]:
        phone.is_at(at(key))
        phone.write(f"Ma réponse à « {key} ».")
        phone.tap("main button.primary")
    phone.is_at(at("quote"))
    phone.write("La mer, c’est du service public.")
    phone.page.keyboard.press("Enter")
    phone.is_at(PHOTO)
    phone.choose_photo(taken_sideways())
    phone.page.wait_for_selector("[data-doctor][data-has-looked]", state="attached")
    assert phone.is_too_tall() is False
    phone.page.focus("[name=alt_text]")
    phone.page.keyboard.insert_text("Nolwenn de face, en rouge au-dessus du bleu.")
    phone.tap("main button.primary")
    phone.is_at("/mon-portrait/remettre/")
    phone.tap("label:has([name=places][value=gallery])")
    phone.tap("label:has([name=places][value=linkedin])")
    phone.tap("main form[data-until] button.primary")
    phone.is_at(HOME)
    kept = stack.data(f"kept({student['email']!r})")
    assert (kept["state"], len(kept["words"])) == ("submitted", len(KEYS))
    assert phone.complaints == []
    assert phone.taps <= MOST_TAPS


def test_no_page_of_the_form_is_taller_than_a_phone(phones, stack, student):
    phone, too_tall = phones(student["email"]), []
    for path in (*map(at, KEYS), PHOTO):
        phone.go(path)
        if phone.is_too_tall():
            too_tall.append(path)
    assert too_tall == []


def test_train_goes_through_a_tunnel_and_the_phone_is_switched_off(phones, stack, student):
    phone, email = phones(student["email"]), student["email"]
    phone.go(at("origin"))
    phone.is_ready_for_a_tunnel()
    phone.write("Brest, le port.")
    phone.tap("main button.primary")
    phone.is_at(at("before"))

    phone.context.set_offline(True)
    for key, words in (("before", "Vigie."), ("why", "Une marée noire."), ("here", "La rade.")):
        phone.is_at(at(key))
        phone.write(words)
        phone.tap("main button.primary")
    phone.is_at(at("internships"))
    phone.tap("button[value=back]")
    phone.is_at(at("here"))
    expect(phone.page.locator("textarea")).to_have_value("La rade.")
    expect(phone.note()).to_be_visible()
    phone.go(PHOTO)
    phone.choose_photo(taken_sideways())
    phone.page.fill("[name=alt_text]", "Nolwenn de face.")
    phone.tap("main button.primary")
    expect(phone.note()).to_contain_text("connexion")
    phone.go(HOME)
    expect(phone.page.locator("[data-on-phone]:visible")).to_have_count(4)
    assert stack.data(f"kept({email!r})")["words"] == {"origin": "Brest, le port."}

    phone.restart(offline=True)
    phone.go(at("why"))
    expect(phone.page.locator("textarea")).to_have_value("Une marée noire.")
    phone.context.set_offline(False)
    expect(phone.page.locator("[data-phone-box]")).to_be_hidden(timeout=30_000)
    kept = stack.data(f"kept({email!r})")
    assert kept["words"] == {
        "origin": "Brest, le port.",
        "before": "Vigie.",
        "why": "Une marée noire.",
        "here": "La rade.",
    }
    assert (kept["photo"][:2], kept["alt_text"]) == ([1500, 2000], "Nolwenn de face.")
    assert phone.complaints == []


def what_is_kept(phone):
    """Names of what this phone holds of anybody: pages, and words in its database."""
    return phone.page.evaluate(
        """async () => {
            const names = (await caches.keys()).filter((name) => name.startsWith('form-pages-'));
            const pages = (await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((page) => page.url)))).flat();
            const open = indexedDB.open('mon-portrait');
            const database = await new Promise((answer) => { open.onsuccess = () => answer(open.result); });
            const tables = [...database.objectStoreNames];
            const rows = await Promise.all(tables.map((name) => new Promise((answer) => {
                const all = database.transaction(name).objectStore(name).getAll();
                all.onsuccess = () => answer(all.result);
            })));
            database.close();
            return [...pages, ...rows.flat()];
        }"""
    )


def write_in_a_tunnel(phone, key, words):
    """The page is open and its pages are held; the words stay on the phone."""
    phone.go(at(key))
    phone.is_ready_for_a_tunnel()
    phone.context.set_offline(True)
    phone.page.fill("textarea", words)
    expect(phone.note()).to_contain_text("sur ce téléphone")


@pytest.mark.parametrize(
    ("choice", "text"),
    [("theirs", "Brest, vu du train."), ("mine", "Brest."), ("both", "Brest, vu du train.\n\nBrest.")],
)
def test_answer_changed_on_two_devices_is_said_and_nothing_is_lost(choice, text, phones, stack, student):
    phone, email = phones(student["email"]), student["email"]
    write_in_a_tunnel(phone, "origin", "Brest.")
    stack.data(f"write({email!r}, 'origin', 'Brest, vu du train.')")
    phone.context.set_offline(False)
    expect(phone.page.locator("[data-other]")).to_have_text("Brest, vu du train.", timeout=30_000)
    expect(phone.page.locator("textarea")).to_have_value("Brest.")
    assert stack.data(f"kept({email!r})")["words"] == {"origin": "Brest, vu du train."}
    phone.tap(f"[data-choose={choice}]")
    expect(phone.page.locator("section[data-conflict]")).to_be_hidden()
    expect(phone.note()).to_have_text("Enregistré à l’école")
    assert stack.data(f"kept({email!r})")["words"] == {"origin": text}


def test_handed_in_on_another_device_gives_the_words_back(phones, stack, student):
    phone, email = phones(student["email"]), student["email"]
    write_in_a_tunnel(phone, "why", "Encore un mot.")
    stack.data(f"hand_in({email!r})")
    phone.context.set_offline(False)
    phone.go(HOME)
    expect(phone.page.locator("[data-phone-troubles] blockquote")).to_have_text("Encore un mot.")
    phone.tap("[data-phone-troubles] button >> nth=1")
    expect(phone.page.locator("[data-phone-box]")).to_be_hidden()
    assert "Encore un mot." not in stack.data(f"kept({email!r})")["words"].values()
    assert phone.kept_pages() == 0


def test_signed_out_meanwhile_keeps_the_words_until_one_signs_in(phones, stack, student):
    phone, email = phones(student["email"]), student["email"]
    write_in_a_tunnel(phone, "why", "La mer.")
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    expect(phone.page.locator("[data-sign-in]")).to_be_visible(timeout=30_000)
    phone.sign_in(email)
    phone.go(HOME)
    expect(phone.page.locator("[data-on-phone]:visible")).to_have_count(0)
    phone.stack.wait_until(lambda: stack.data(f"kept({email!r})")["words"] == {"why": "La mer."})


def test_signing_out_takes_everything_off_the_phone(phones, stack, student):
    phone = phones(student["email"])
    phone.go(at("origin"))
    phone.is_ready_for_a_tunnel()
    phone.write("Brest.")
    expect(phone.note()).to_have_text("Enregistré à l’école")
    assert what_is_kept(phone) != []
    phone.page.locator(".tabs summary").tap()
    with phone.page.expect_navigation():
        phone.page.locator(".tabs form button").tap()
    assert phone.kept_pages() == 0
    phone.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        phone.go(at("origin"))


def test_somebody_else_on_the_same_phone_sees_nothing_of_the_first(phones, stack, student):
    phone, other = phones(student["email"]), stack.data("invited()")["email"]
    write_in_a_tunnel(phone, "origin", "À moi seule.")
    phone.context.set_offline(False)
    phone.context.clear_cookies()
    phone.sign_in(other)
    phone.go(at("origin"))
    expect(phone.page.locator("textarea")).to_have_value("")
    phone.is_ready_for_a_tunnel()
    assert "À moi seule." not in str(what_is_kept(phone))
    phone.context.set_offline(True)
    phone.go(at("origin"))
    expect(phone.page.locator("textarea")).to_have_value("")
    assert stack.data(f"kept({other!r})")["words"] == {}


@pytest.mark.parametrize("part", ["words", "photo"])
def test_session_that_changes_while_something_is_sent_gets_nothing_of_it(part, phones, stack, student):
    """The last moment: the school has said whose session it is, and then somebody else signs in."""
    phone, other = phones(student["email"]), stack.data("invited()")["email"]
    write_in_a_tunnel(phone, "origin", "À moi seule.")
    if part == "photo":
        phone.go(PHOTO)
        phone.choose_photo(taken_sideways())
        phone.page.fill("[name=alt_text]", "Moi.")
        phone.tap("main button.primary")
        expect(phone.note()).to_contain_text("connexion")
    refused = []

    def change_hands(route):
        if route.request.method == "POST" and not refused:
            phone.use_session_of(other)
            refused.append(route.request.url)
        route.continue_()

    phone.page.route("**/mon-portrait/**", change_hands)
    phone.context.set_offline(False)
    expect(phone.page.locator("form [data-sign-in]")).to_be_visible(timeout=30_000)
    assert len(refused) == 1
    kept = stack.data(f"kept({other!r})")
    assert (kept["words"], kept["photo"]) == ({}, None)
    assert "À moi seule." in str(what_is_kept(phone))


def test_tab_left_open_by_somebody_else_shows_the_present_one(phones, stack, student):
    phone, other = phones(student["email"]), stack.data("invited()")["email"]
    phone.go(at("origin"))
    first = phone.page.locator("[data-phone]").get_attribute("data-person")
    phone.use_session_of(other)
    second = phone.context.new_page()
    second.goto(stack.url + HOME)
    expect(phone.page.locator("[data-phone]")).not_to_have_attribute("data-person", first)


def test_photo_lying_on_its_side_is_advised_and_turned(phones, stack, student):
    phone, email = phones(student["email"]), student["email"]
    phone.go(PHOTO)
    phone.choose_photo(factories.picture_bytes(1600, 1200))
    expect(phone.page.locator("[data-advice=sideways]")).to_be_visible()
    expect(phone.page.locator("[data-advice=flat]")).to_be_visible()
    phone.tap("[data-turn='90']")
    expect(phone.page.locator("[data-advice=sideways]")).to_be_hidden()
    phone.page.fill("[name=alt_text]", "De face.")
    with phone.page.expect_navigation():
        phone.tap("main button.primary")
    assert stack.data(f"kept({email!r})")["photo"][:2] == [1200, 1600]
    phone.go(PHOTO)
    phone.tap("[data-turn='-90']")
    phone.page.wait_for_selector(".crop-frame img[src^='blob:']")
    phone.tap("main button.primary")
    phone.stack.wait_until(lambda: stack.data(f"kept({email!r})")["photo"][:2] == [1600, 1200])


def test_photo_that_is_too_small_is_refused_on_the_phone(phones, stack, student):
    phone = phones(student["email"])
    phone.go(PHOTO)
    with phone.page.expect_file_chooser() as chooser:
        phone.tap(".way:has([name=camera])")
    chooser.value.set_files({**PICTURE, "buffer": factories.picture_bytes(500, 700)})
    expect(phone.page.locator("[data-photo-problem]")).to_contain_text("600 pixels")


def test_photo_that_the_browser_cannot_show_is_framed_after_it_was_sent(phones, stack, student):
    """HEIC, as some phones store it."""
    heif, out = pytest.importorskip("pillow_heif"), io.BytesIO()
    heif.register_heif_opener()
    Image.new("RGB", (1200, 1600), (90, 120, 150)).save(out, "HEIF")
    phone, email = phones(student["email"]), student["email"]
    phone.go(PHOTO)
    with phone.page.expect_file_chooser() as chooser:
        phone.tap(".way:has([name=photo])")
    chooser.value.set_files({"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": out.getvalue()})
    expect(phone.page.locator("[data-photo-problem]")).to_be_visible()
    phone.page.fill("[name=alt_text]", "De face.")
    with phone.page.expect_navigation():
        phone.tap("main button.primary")
    phone.is_at(PHOTO)
    phone.page.wait_for_selector(".crop-frame img[src*='whole.jpg']")
    assert stack.data(f"kept({email!r})")["photo"][:2] == [1200, 1600]


def test_switched_off_the_phone_forgets_the_pages_and_the_form_goes_on(phones, stack, student):
    phone = phones(student["email"])
    phone.go(at("origin"))
    phone.is_ready_for_a_tunnel()
    stack.stop("web")
    stack.start("web", OFFLINE_FORM="0")
    try:
        phone.go(HOME)
        stack.wait_until(lambda: phone.kept_pages() == 0)
        assert (
            phone.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        )
        phone.go(at("origin"))
        phone.write("Brest.")
        expect(phone.note()).to_have_text("Enregistré à l’école")
    finally:
        stack.stop("web")
        stack.start("web")
