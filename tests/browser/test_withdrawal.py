"""Signing on a phone, then withdrawing by the link of the receipt, without a login: two taps, and the list turns green.

Web, worker, beat and rehearsal are separate processes; the rehearsal's ledger is the judge.
"""

import re
from email import message_from_bytes, policy

import pytest
import requests

from tests.portraits import reading_pdf
from tests.stack import ROOT, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("withdrawal")]

PHONE = {"width": 390, "height": 844}
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture
def stack(tmp_path):
    with Stack(tmp_path / "stack") as stack:
        stack.set_up()
        stack.start("rehearsal")
        stack.data("connect()")
        stack.lea = stack.data("to_sign()")
        stack.revived = ("worker",)
        stack.start("web", "worker", "beat")
        yield stack


class Phone:
    """A phone of its own: it counts the taps, and notes what the browser complains about."""

    def __init__(self, browser, stack, email=""):
        self.stack = stack
        self.context = browser.new_context(viewport=PHONE, locale="fr-FR", has_touch=True, is_mobile=True)
        if email:
            cookie = stack.data(f"session({email!r})")
            self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": stack.url}])
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.taps, self.complaints = 0, []
        self.page.on(
            "console", lambda message: message.type == "error" and self.complaints.append(message.text)
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address):
        """Tap a link in a mail."""
        self.taps += 1
        self.page.goto(address)

    def tap(self, selector):
        self.taps += 1
        with self.page.expect_navigation():
            self.page.locator(selector).first.tap()

    def verdict(self):
        """axe's violations, the browser's complaints, sideways scroll."""
        self.page.evaluate(AXE)
        violations = self.page.evaluate(
            "async rules => (await axe.run(document, {runOnly: rules, preload: false})).violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 160))",
            RULES,
        )
        too_wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return violations, self.complaints, too_wide


CLEAN = ([], [], False)


def mails(stack, to):
    """The mails to this address, oldest first."""
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((stack.folder / "data" / "mail").glob("*.eml"))
    ]
    return [message for message in found if message["to"] == to]


def receipt_mail(stack):
    return next((mail for mail in mails(stack, stack.lea["email"]) if list(mail.iter_attachments())), None)


def sign_on_the_phone(browser, stack):
    """She sees what changed, word by word, and turns her key."""
    phone = Phone(browser, stack, stack.lea["email"])
    phone.open(stack.url + "/mon-portrait/signer/")
    assert phone.page.locator(".diff ins").count() > 0
    assert phone.page.locator("[name=places]:checked").count() == 2
    assert phone.verdict() == CLEAN
    phone.tap("form:has(input[name=places]) button.primary")
    phone.page.wait_for_url("**/mon-portrait/")
    phone.page.goto(stack.url + "/mes-autorisations/")
    assert phone.verdict() == CLEAN
    phone.page.locator("details.sheet summary").first.tap()
    assert phone.verdict() == CLEAN


def test_withdrawal_by_the_link_of_the_receipt_takes_two_taps_and_turns_green(browser, stack):
    sign_on_the_phone(browser, stack)
    mail = stack.wait_until(lambda: receipt_mail(stack))
    link = re.search(r"http\S+/retrait/\S+", mail.get_body(("plain",)).get_content()).group()
    (attached,) = mail.iter_attachments()
    in_receipt = "".join(reading_pdf.words(attached.get_content()).split())
    assert (attached.get_content_type(), link in in_receipt) == ("application/pdf", True)

    stack.data(f"approve({stack.lea['pk']})")
    stack.wait_until(lambda: stack.ledger()["posts"])
    page = stack.url + stack.lea["url"]
    stack.wait_until(lambda: requests.get(page, timeout=10).status_code == 200)
    picture = re.search(r'og:image" content="([^"]+)"', requests.get(page, timeout=10).text).group(1)
    assert requests.get(picture, timeout=10).status_code == 200

    # An alumna: her login is closed. The network takes its time.
    stack.data(f"close_login({stack.lea['email']!r})")
    stack.faults("linkedin", {"name": "delete-500", "times": 1})
    requests.head(link, timeout=10)
    assert requests.get(link, timeout=10).status_code == 200

    phone = Phone(browser, stack)
    phone.open(link)
    assert phone.verdict() == CLEAN
    phone.tap("main button.danger")
    assert phone.taps == 2
    assert phone.verdict() == CLEAN
    phone.page.locator("#gone .badge.amber").wait_for()
    assert phone.page.locator("[aria-live=polite] #gone[data-watch]").count() == 1

    assert requests.get(page, timeout=10).status_code == 410
    assert requests.get(picture, timeout=10).status_code == 404
    assert [
        "Le Goff" in requests.get(stack.url + path, timeout=10).text
        for path in ("/galerie/", "/galerie/flux/")
    ] == [False, False]
    assert stack.data("files()") == []

    # Nobody touches the phone: the list renews itself until nothing is left to take down.
    stack.wait_until(lambda: stack.data("is_put_off()"))
    stack.data("hurry()")
    phone.page.locator("#gone .note.green").wait_for(timeout=60_000)
    assert phone.page.locator("#gone .badge:not(.green)").count() == 0
    assert phone.verdict() == CLEAN
    assert [post["deleted"] is not None for post in stack.ledger()["posts"]] == [True]
    assert stack.ledger()["failures"] == []
    told = [mail["subject"] for mail in mails(stack, "ines@example.org")]
    assert len(told) == len(set(told))
