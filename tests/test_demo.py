"""The demo school is made through the real actions, once; its doors are open in demo mode and nowhere else."""

import json
import re
from datetime import timedelta
from email.message import EmailMessage
from types import ModuleType

import pytest
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, clear_url_caches, include, path, reverse
from django.utils import timezone

from cohorts.models import CommsMember, FormerName, Internship, Promotion, Student, User
from inet_comms import urls
from inet_comms.demo import letters, roles, school
from inet_comms.demo.timeline import WAY, Timeline, mornings_past, mornings_to_come, standing_at
from portraits.models import Consent, Portrait, PortraitMove
from posts import clock
from posts.models import Account, Delivery, Post
from posts.rehearsal.server import serve
from tests import factories

STATES = (
    *("not_invited", "invited", "draft", "submitted", "in_edit", "to_sign", "signed", "in_review"),
    *("scheduled", "published", "withdrawn"),
)
# What the portrait's own state is at the end of each.
PORTRAITS = dict(zip(STATES, STATES, strict=True)) | {"in_review": "signed", "scheduled": "signed"}


def student(number, state, promotion="cap", **more):
    answers = dict.fromkeys(("origin", "before", "why", "here", "internships", "next"), f"Réponse {number}.")
    text = f"Texte de {state}, relu."
    return {
        "promotion": promotion,
        "first_name": f"Prénom{number}",
        "last_name": state,
        "email": f"eleve{number}@demo.invalid",
        "comms": False,
        "face": "01.webp",
        "state": state,
        "facts": {"region": "Bretagne", "entry_route": "interne", "earlier_sector": "État"},
        "internships": [
            {"host": "Ville de Brest", "place": "Brest", "tutor_name": "Anne", "start": -90, "end": -60}
        ],
        "answers": answers | {"quote": f"Citation {number}."},
        "edited": {"title": "Titre", "text": text, "quote": "Citation.", "linkedin": f"Titre\n\n{text}"},
    } | more


def promotion(slug, number, starts, ends, **more):
    return {
        "slug": slug,
        "track": "admin",
        "number": number,
        "name": slug.capitalize(),
        "former_names": [],
        "starts": starts,
        "ends": ends,
        "hashtag": "#Cap",
        "colours": {"main": "#0E5A63", "second": "#F3E9D2"},
    } | more


MATERIAL = {
    "school": "INET",
    "tracks": [{"slug": "admin", "name": "Administrateurs", "hashtag": "#Admin"}],
    "promotions": [
        promotion(
            "sortie", 1, -900, -350, former_names=[{"name": "Ancienne", "slug": "ancienne", "until": -400}]
        ),
        promotion("cap", 2, -300, 250),
    ],
    "staff": [
        {"first_name": "Hélène", "last_name": "Roux", "email": "helene@demo.invalid"},
        {"first_name": "Ada", "last_name": "Clément", "email": "ada@demo.invalid"},
    ],
    "students": [
        student(100, "published", "sortie", comms=True),
        student(101, "not_invited", comms=True),
        student(102, "not_invited", comms=True),
        *(student(number, state) for number, state in enumerate(STATES)),
    ],
}


@pytest.fixture
def folder(tmp_path):
    """A school of one student for each state, and a group that has left."""
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces/01.webp").write_bytes(factories.picture_bytes(form="WEBP"))
    (tmp_path / "school.json").write_text(json.dumps(MATERIAL))
    return tmp_path


@pytest.fixture
def machine(settings, tmp_path):
    """Where the loading may write, with no rehearsal network running."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MAIL_DIR = tmp_path / "data/mail"
    settings.REHEARSAL_URL = "http://127.0.0.1:9"
    return settings


@pytest.fixture
def said():
    return []


@pytest.fixture
def loaded(db, machine, folder, said):
    school.load(said.append, folder)


@pytest.fixture
def demo_mode(db, machine):
    """The addresses as they are with DEMO=1."""
    machine.DEMO = True
    machine.ROOT_URLCONF = ModuleType("urls_in_demo_mode")
    machine.ROOT_URLCONF.urlpatterns = [*urls.urlpatterns, path("demo/", include("inet_comms.demo.urls"))]
    clear_url_caches()
    yield machine
    clear_url_caches()


# Loading -----------------------------------------------------------------------------------------


def test_every_student_gets_as_far_as_the_material_says(loaded):
    reached = {}
    for person in Student.objects.filter(promotion__slug="cap").select_related("portrait"):
        portrait = getattr(person, "portrait", None)
        reached[person.last_name] = portrait.state if portrait else "not_invited"
    assert reached == PORTRAITS


def test_posts_get_as_far_as_the_material_says(loaded):
    posts = Post.objects.filter(promotion__slug="cap").order_by("portrait__student__pk")
    assert [(post.portrait.student.last_name, post.state) for post in posts] == [
        ("in_review", "in_review"),
        ("scheduled", "approved"),
        ("published", "done"),
        ("withdrawn", "done"),
    ]


def test_what_is_published_is_on_the_rehearsal_page(loaded, machine):
    with serve(machine.DATA_DIR / "rehearsal") as server:
        online = {post["urn"]: post["text"] for post in server.ledger.posts()}
    delivered = Delivery.objects.filter(state="published")
    assert online == dict(delivered.values_list("remote_id", "text"))
    assert len(online) == 2


def test_what_is_withdrawn_was_taken_down_there(loaded, machine):
    with serve(machine.DATA_DIR / "rehearsal") as server:
        taken_down = [post["urn"] for post in server.ledger.posts(with_deleted=True) if post["deleted"]]
    assert taken_down == [Delivery.objects.get(state="withdrawn").remote_id]


def test_no_rule_of_the_network_is_broken(loaded, machine):
    with serve(machine.DATA_DIR / "rehearsal") as server:
        assert server.ledger.failures() == []


def test_the_network_is_left_as_it_usually_is(loaded, machine):
    with serve(machine.DATA_DIR / "rehearsal") as server:
        usual = [server.ledger.knob(name) for name in ("clock_offset", "duplicate_seconds", "ghost_seconds")]
    assert usual == [0, 600, 48 * 3600]


def test_the_network_shows_each_post_on_its_day(loaded, machine):
    with serve(machine.DATA_DIR / "rehearsal") as server:
        seen = {post["urn"]: round(post["created"]) for post in server.ledger.posts(with_deleted=True)}
    said = {
        delivery.remote_id: round(delivery.published_at.timestamp())
        for delivery in Delivery.objects.exclude(remote_id="")
    }
    assert {urn: abs(seen[urn] - said[urn]) < 60 for urn in said} == dict.fromkeys(said, True)


def test_former_group_has_no_rights_any_more(loaded):
    assert CommsMember.objects.filter(student__promotion__slug="sortie").count() == 1
    active = CommsMember.objects.active()
    assert set(active.values_list("student__promotion__slug", flat=True)) == {"cap"}


def test_people_are_as_told(loaded):
    assert (Promotion.objects.count(), Student.objects.count()) == (2, len(MATERIAL["students"]))
    assert FormerName.objects.get().slug == "ancienne"
    assert Internship.objects.count() == len(MATERIAL["students"])
    assert list(User.objects.filter(is_superuser=True).values_list("email", flat=True)) == [
        "ada@demo.invalid"
    ]


def test_facts_are_understood(loaded):
    facts = Portrait.objects.filter(student__last_name="draft").values_list(
        "region", "entry_route", "earlier_sector"
    )
    assert list(facts) == [("bre", "internal", "state")]


def test_nothing_lies_in_the_future_but_what_is_planned(loaded):
    now = timezone.now()
    assert PortraitMove.objects.filter(at__gt=now).count() == 0
    assert Consent.objects.filter(given_at__gt=now).count() == 0
    planned = Post.objects.filter(publish_at__gt=now)
    assert {post.state for post in planned} == {"in_review", "approved"}


def test_steps_follow_each_other_on_days_of_their_own(loaded):
    moves = Portrait.objects.get(student__last_name="published", student__promotion__slug="cap").moves.all()
    days = [timezone.localdate(move.at) for move in moves if move.name != "take_up"]
    assert [move.name for move in moves] == [
        *("begin", "submit", "take_up", "edit", "ask_signature", "sign", "publish")
    ]
    assert days == sorted(set(days))


def test_consents_are_dated_when_they_were_given(loaded):
    for move in PortraitMove.objects.filter(name="sign").select_related("record"):
        consent = Consent.objects.filter(portrait=move.record).first()
        assert consent.given_at == move.at


def test_no_consent_of_the_demo_ends_soon(loaded):
    running = Consent.objects.filter(ended_at__isnull=True)
    soon = timezone.localdate() + timedelta(days=365)
    assert running.filter(until__lt=soon).count() == 0
    assert running.count() > 0


def test_nobody_approved_their_own(loaded):
    assert {post.approved_by.is_staff for post in Post.objects.exclude(approved_by=None)} == {True}


def test_a_second_loading_changes_nothing(loaded, folder):
    counts = [model.objects.count() for model in (User, Student, Portrait, PortraitMove, Post, Delivery)]
    with pytest.raises(school.AlreadyThere):
        school.load(lambda sentence: None, folder)
    after = [model.objects.count() for model in (User, Student, Portrait, PortraitMove, Post, Delivery)]
    assert after == counts


def test_a_loading_that_fails_leaves_nothing_and_can_be_repeated(db, machine, folder):
    broken = MATERIAL | {"students": [*MATERIAL["students"], student(900, "draft", face="99.webp")]}
    (folder / "school.json").write_text(json.dumps(broken))
    with pytest.raises(FileNotFoundError) as failure:
        school.load(lambda sentence: None, folder)
    assert failure.value.__notes__ == ["Prénom900 draft: draft"]
    assert [model.objects.count() for model in (Promotion, User, Student, Account)] == [0, 0, 0, 0]
    (folder / "school.json").write_text(json.dumps(MATERIAL))
    school.load(lambda sentence: None, folder)
    with serve(machine.DATA_DIR / "rehearsal") as server:
        assert len(server.ledger.posts()) == 2


def test_loading_tells_how_far_it_is(loaded, said):
    total = len(MATERIAL["students"])
    assert [[int(number) for number in re.findall(r"\d+", sentence)] for sentence in said[1:]] == [
        [2, total],
        [10, total],
        [total, total],
    ]


def test_loading_uses_the_rehearsal_network_that_runs(db, machine, folder, tmp_path):
    with serve(tmp_path / "another") as server:
        machine.REHEARSAL_URL = server.url
        school.load(lambda sentence: None, folder)
        assert len(server.ledger.posts()) == 2
    assert not (machine.DATA_DIR / "rehearsal").exists()


def test_loading_writes_to_nobody_but_the_kept_mailbox(loaded, mailoutbox):
    assert mailoutbox == []
    assert {letter.to for letter in letters.newest(50)} == {
        *("eleve1@demo.invalid", "eleve5@demo.invalid"),
        *("helene@demo.invalid", "ada@demo.invalid"),
    }


def test_the_real_school_is_there_to_be_loaded():
    material = json.loads((school.FOLDER / "school.json").read_text(encoding="utf-8"))
    assert set(material) == set(MATERIAL)


# Time --------------------------------------------------------------------------------------------


def test_standing_at_a_moment_moves_every_clock_of_ours():
    moment = timezone.now() - timedelta(days=100)
    with standing_at(moment):
        assert (timezone.now(), clock.now(), timezone.localdate()) == (
            *(moment, moment),
            timezone.localdate(moment),
        )
    assert timezone.now() - moment > timedelta(days=99)


def test_clocks_go_right_again_after_an_error():
    with pytest.raises(ZeroDivisionError), standing_at(timezone.now() - timedelta(days=100)):
        raise ZeroDivisionError
    assert timezone.localdate() == timezone.now().astimezone(timezone.get_current_timezone()).date()


def test_steps_of_a_way_come_one_after_the_other():
    way = Timeline("published", timezone.localdate())
    moments = [way.moment(step) for step in WAY]
    assert moments == sorted(moments)


def test_past_mornings_are_weekdays_that_nobody_else_has():
    today = timezone.localdate()
    taken = set()
    first = mornings_past(12, today - timedelta(days=200), today, taken)
    second = mornings_past(12, today - timedelta(days=200), today, taken)
    assert len({*first, *second}) == 24
    assert [day for day in taken if day.weekday() > 4 or day > today] == []
    assert first == sorted(first)


def test_mornings_to_come_are_weekdays_after_today():
    today = timezone.localdate()
    days = [day for day, _number in zip(mornings_to_come(today), range(20), strict=False)]
    assert [day for day in days if day.weekday() > 4 or day <= today] == []


# The command -------------------------------------------------------------------------------------


def test_command_refuses_outside_demo_mode(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert User.objects.count() == 0


def test_command_prints_the_logins(loaded, demo_mode, capsys):
    call_command("demo")
    addresses = re.findall(r"^  (\S+@demo\.invalid) ", capsys.readouterr().out, re.MULTILINE)
    assert addresses == [role.person.email for role in roles.roles()]
    assert len(addresses) == 8


# The doors ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_there_are_no_doors_outside_demo_mode(client, settings):
    assert settings.DEMO is False
    addresses = ("/demo/", "/demo/courrier/", "/demo/entrer/1/")
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    with pytest.raises(NoReverseMatch):
        reverse("demo")


def test_there_is_a_door_for_each_role(loaded, demo_mode):
    assert [(role.person.first_name, role.student and role.student.last_name) for role in roles.roles()] == [
        ("Prénom1", "invited"),
        ("Prénom2", "draft"),
        ("Prénom5", "to_sign"),
        ("Prénom9", "published"),
        ("Prénom101", "not_invited"),
        ("Prénom100", "published"),
        ("Hélène", None),
        ("Ada", None),
    ]


def test_doors_page_has_one_form_for_each_role(loaded, demo_mode, client):
    page = client.get("/demo/").content.decode()
    forms = re.findall(r'<form method="post" action="/demo/entrer/(\d+)/"', page)
    assert [int(pk) for pk in forms] == [role.person.pk for role in roles.roles()]


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
    from django.test import Client

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
    from inet_comms.mailing import send

    send([student.email], "Votre portrait", ["Bonjour Léa,"])
    letter = letters.newest(1)[0]
    assert (letter.subject, letter.to) == ("Votre portrait", "lea@example.org")
    assert abs(timezone.now() - letter.sent_at) < timedelta(minutes=1)
    assert "Bonjour Léa," in client.get(f"/demo/courrier/{letter.name}/").content.decode()
