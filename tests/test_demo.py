"""The demo exists in demo mode only: its command, its doors, its mailbox."""

import json
import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cohorts.models import Promotion, Student, User
from inet_comms.demo import letters, school
from inet_comms.mailing import send
from posts.models import Account, Delivery
from posts.networks import NETWORKS
from posts.rehearsal.server import serve
from tests import small_school


@pytest.fixture
def machine(settings, tmp_path):
    """A machine of its own, with no rehearsal network running."""
    for name, value in small_school.machine(tmp_path).items():
        setattr(settings, name, value)
    return settings


@pytest.fixture
def demo_mode(db, machine):
    """The addresses as they are with DEMO=1."""
    machine.DEMO = True
    machine.ROOT_URLCONF = "tests.demo_urls"
    return machine


# Loading -----------------------------------------------------------------------------------------


def test_a_loading_that_fails_leaves_nothing_and_can_be_repeated(db, machine, tmp_path):
    absent = small_school.student(900, "draft", face="99.webp")
    students = [*small_school.MATERIAL["students"], absent]
    folder = small_school.write(tmp_path, small_school.MATERIAL | {"students": students})
    with pytest.raises(FileNotFoundError) as failure:
        school.load(lambda sentence: None, folder)
    assert failure.value.__notes__ == ["Prénom900 draft: draft"]
    assert [model.objects.count() for model in (Promotion, User, Student, Account)] == [0, 0, 0, 0]
    school.load(lambda sentence: None, small_school.write(tmp_path))
    with serve(machine.DATA_DIR / "rehearsal") as server:
        assert len(server.ledger.posts()) == 2


def test_loading_uses_the_rehearsal_network_that_runs(db, machine, tmp_path):
    with serve(tmp_path / "another") as server:
        machine.REHEARSAL_URL = server.url
        school.load(lambda sentence: None, small_school.write(tmp_path))
        assert len(server.ledger.posts()) == 2
    assert not (machine.DATA_DIR / "rehearsal").exists()


@pytest.mark.django_db(transaction=True)
def test_loading_sends_no_mail_and_leaves_some_in_the_mailbox(machine, tmp_path, mailoutbox):
    school.load(lambda sentence: None, small_school.write(tmp_path))
    assert mailoutbox == []
    to = [letter.to for letter in letters.newest(50)][::-1]
    assert to[:2] == ["eleve1@demo.invalid", "eleve5@demo.invalid"]
    # Everyone who works there has a summary of what waits; what leaves within a day is told at once besides.
    members = {"eleve101@demo.invalid", "eleve102@demo.invalid"}
    assert set(to[2:]) == {"helene@demo.invalid", "ada@demo.invalid", *members}


def test_the_real_school_is_told_like_the_small_one():
    real = json.loads((school.FOLDER / "school.json").read_text(encoding="utf-8"))
    small = small_school.MATERIAL
    assert set(real) == set(small)
    for name in ("tracks", "promotions", "staff"):
        assert {frozenset(row) for row in real[name]} == {frozenset(row) for row in small[name]}


# The command -------------------------------------------------------------------------------------


def test_command_refuses_outside_demo_mode(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert User.objects.count() == 0


# The doors ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_there_are_no_doors_outside_demo_mode(client, settings):
    assert settings.DEMO is False
    addresses = ("/demo/", "/demo/courrier/", "/demo/entrer/1/")
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    with pytest.raises(NoReverseMatch):
        reverse("demo")


def test_doors_page_of_an_empty_school_says_what_to_do(demo_mode, client):
    page = client.get("/demo/").content.decode()
    assert "manage.py demo" in page


def test_one_click_signs_in(demo_mode, student, client):
    response = client.post(f"/demo/entrer/{student.user.pk}/")
    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").url == reverse("my_portrait")


def test_a_link_does_not_sign_in(demo_mode, student, client):
    assert client.get(f"/demo/entrer/{student.user.pk}/").status_code == 405
    assert client.session.get("_auth_user_id") is None


def test_signing_in_needs_the_token_of_the_form(demo_mode, student):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/demo/entrer/{student.user.pk}/").status_code == 403


@pytest.mark.parametrize("pk", [0, 10**6])
def test_nobody_is_missing(demo_mode, client, pk):
    assert client.post(f"/demo/entrer/{pk}/").status_code == 404


def test_who_may_not_sign_in_does_not_by_the_demo(demo_mode, student, client):
    User.objects.filter(pk=student.user.pk).update(is_active=False)
    assert client.post(f"/demo/entrer/{student.user.pk}/").status_code == 404


def test_a_consent_given_in_the_demo_says_so(demo_mode, student, client):
    client.post(f"/demo/entrer/{student.user.pk}/")
    methods = client.session["account_authentication_methods"]
    assert [method["method"] for method in methods] == ["demo"]


# The mailbox -------------------------------------------------------------------------------------


def put(folder, name, subject="Bonjour", text="Voici : http://127.0.0.1:8000/mon-portrait/\n"):
    message = EmailMessage()
    message["Subject"], message["To"] = subject, "lea@example.org"
    message.set_content(text)
    message.add_alternative("<p>HTML</p>", subtype="html")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(message.as_bytes())


@pytest.fixture
def mailbox(demo_mode):
    put(demo_mode.MAIL_DIR, "1790000000000000000-aaaaaaaa.eml", "Le premier")
    put(demo_mode.MAIL_DIR, "1790000001000000000-bbbbbbbb.eml", "Le second")
    put(demo_mode.MAIL_DIR, "notes.eml", "Pas un courrier")
    return demo_mode.MAIL_DIR


def test_mailbox_shows_the_newest_first(mailbox, client):
    page = client.get("/demo/courrier/").content.decode()
    assert re.findall(r"Le premier|Le second|Pas un courrier", page) == ["Le second", "Le premier"]


def test_empty_mailbox_says_so(demo_mode, client):
    response = client.get("/demo/courrier/")
    assert len(re.findall('class="empty"', response.content.decode())) == 1


def test_a_mail_is_plain_text_with_links(mailbox, client):
    page = client.get("/demo/courrier/1790000000000000000-aaaaaaaa/").content.decode()
    assert re.findall(r'<a href="([^"]+)" rel="nofollow">', page) == ["http://127.0.0.1:8000/mon-portrait/"]
    assert "HTML" not in page


def test_a_mail_cannot_bring_markup(mailbox, client):
    put(mailbox, "1790000002000000000-cccccccc.eml", "<b>gras</b>", "<script>alert(1)</script>\n")
    page = client.get("/demo/courrier/1790000002000000000-cccccccc/").content.decode()
    assert re.findall(r"<script>|<b>", page) == []


@pytest.mark.parametrize(
    "name",
    ["1790000000000000009-aaaaaaaa", "notes", "..", "..%2F..%2Fsecret_key", "1790000000000000000-AAAAAAAA"],
)
def test_other_names_are_no_mails(mailbox, client, name):
    assert client.get(f"/demo/courrier/{name}/").status_code == 404


def test_mails_in_the_mailbox_are_those_that_were_sent(demo_mode, client, student, capsys):
    demo_mode.EMAIL_BACKEND = "inet_comms.mailbox.KeptMailBackend"
    send([student.email], "Votre portrait", ["Bonjour Léa,"])
    letter = letters.newest(1)[0]
    assert (letter.subject, letter.to) == ("Votre portrait", "lea@example.org")
    assert abs(timezone.now() - letter.sent_at) < timedelta(minutes=1)
    assert "Bonjour Léa," in client.get(f"/demo/courrier/{letter.name}/").content.decode()


# The pages ---------------------------------------------------------------------------------------


def test_all_five_pages_are_connected_where_the_rehearsal_will_be(db, machine, tmp_path):
    """It ran on another port meanwhile: tokens, addresses and links hold for the one it will have."""
    (row,) = [
        row
        for row in small_school.MATERIAL["students"]
        if row["last_name"] == "published" and row["promotion"] == "cap"
    ]
    everywhere = row | {"networks": ["linkedin", "facebook", "x", "mastodon", "bluesky"]}
    students = [everywhere if each is row else each for each in small_school.MATERIAL["students"]]
    folder = small_school.write(tmp_path, small_school.MATERIAL | {"students": students})
    school.load(lambda sentence: None, folder)
    home = machine.REHEARSAL_URL
    accounts = {account.network: account for account in Account.objects.all()}
    assert {name: account.api_url for name, account in accounts.items()} == {
        **dict.fromkeys(("linkedin", "facebook", "x"), ""),
        **{name: f"{home}/api/{name}" for name in ("mastodon", "bluesky")},
    }
    assert [str(account) for account in accounts.values() if not account.is_ready] == []
    strange = "http://127.0.0.1:"
    links = [*Account.objects.values_list("url", flat=True), *Delivery.objects.values_list("url", flat=True)]
    assert [link for link in links if link.startswith(strange) and not link.startswith(f"{home}/")] == []
    there = Delivery.objects.filter(post__portrait__student__email=row["email"])
    assert dict(there.values_list("account__network", "state")) == dict.fromkeys(accounts, "published")


def test_what_is_planned_goes_where_the_student_allows(db, machine, tmp_path):
    school.load(lambda sentence: None, small_school.write(tmp_path))
    planned = Delivery.objects.filter(state="scheduled")
    assert set(planned.values_list("account__network", flat=True)) == set(NETWORKS)
    for delivery in planned.select_related("account", "post__portrait__consent"):
        assert delivery.post.portrait.consent.allows(delivery.account.network)
