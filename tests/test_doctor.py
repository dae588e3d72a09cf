"""The doctor: each thing that is not ready for production is said, and what is ready passes."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone, translation

from cohorts.models import Digest
from inet_comms import doctor
from inet_comms.doctor import NOT_READY, READY, SOON, examine
from posts.models import Account, Pulse, Upkeep
from posts.networks import NETWORKS
from posts.versions import SUNSETS, Version
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Overriding setting DATABASES"),
]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def production(settings, tmp_path):
    """A server as it should be: set by somebody, on PostgreSQL, behind https, with a worker at work."""
    settings.DEBUG = settings.DEMO = False
    settings.DATA_DIR = tmp_path
    settings.STAFF_SECOND_FACTOR = True
    settings.PUBLIC_URL = "https://comms.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.CELERY_BROKER_URL = "redis://localhost:6379/0"
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "comms"}}
    settings.LINKEDIN_API_URL = "https://api.linkedin.com"
    settings.FACEBOOK_API_URL = "https://graph.facebook.com"
    settings.X_API_URL = "https://api.x.com"
    settings.LINKEDIN_VERSION, settings.FACEBOOK_VERSION = "202609", "v26.0"
    Pulse.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
    return settings


@pytest.fixture
def healthy(production):
    now = timezone.now()
    return factories.make_account(
        scopes=" ".join(NETWORKS["linkedin"].scopes),
        last_read_at=now,
        expires_at=now + timedelta(days=45, hours=1),
    )


def said(level):
    return [finding.sentence for finding in examine() if finding.level == level]


def test_production_as_it_should_be_is_ready(healthy, capsys):
    call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert (said(NOT_READY), said(SOON)) == ([], [])
    assert lines[-1] == "Ready for production."


def test_account_is_said_in_one_line(healthy):
    with time_machine.travel(datetime(2026, 11, 25, 9, 0, tzinfo=UTC), tick=False):
        now = timezone.now()
        Account.objects.update(last_read_at=now, expires_at=now + timedelta(days=45))
        Pulse.objects.update(at=now)
        assert said(READY) == [
            "LinkedIn · INET: connected, version 202609 until Wednesday 15 September 2027, "
            "last answered Wednesday 25 November at 10:00, 45 days left."
        ]


@pytest.mark.parametrize(
    "name, value, begins",
    [
        ("DEBUG", True, "DEBUG is on"),
        ("DEMO", True, "The demo is on"),
        ("STAFF_SECOND_FACTOR", False, "Staff sign in without a second factor"),
        ("PUBLIC_URL", "http://comms.example.org", "PUBLIC_URL is not https"),
        ("PUBLIC_URL", "https://localhost", "PUBLIC_URL is this machine’s own name"),
        ("EMAIL_BACKEND", "inet_comms.mailbox.KeptMailBackend", "Mails do not leave this machine"),
        ("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend", "Mails do not leave this machine"),
        ("LINKEDIN_API_URL", "http://127.0.0.1:8001", "LINKEDIN_API_URL leads to the rehearsal"),
        ("FACEBOOK_API_URL", "http://127.0.0.1:8001/api/facebook", "FACEBOOK_API_URL leads to the rehearsal"),
        ("X_API_URL", "http://rehearsal:8001/api/x", "X_API_URL leads to the rehearsal"),
        ("LINKEDIN_VERSION", "202512", "LINKEDIN_VERSION is 202512, which the network does not answer to"),
        ("LINKEDIN_VERSION", "", "LINKEDIN_VERSION is —, which the network does not answer to"),
        ("FACEBOOK_VERSION", "v20.0", "FACEBOOK_VERSION is v20.0, which the network does not answer to"),
    ],
)
def test_setting_that_is_not_ready_is_said(healthy, settings, name, value, begins):
    settings.REHEARSAL_URL = "http://rehearsal:8001"
    setattr(settings, name, value)
    [sentence] = said(NOT_READY)
    assert sentence.startswith(begins)


@pytest.mark.parametrize("file, name", [("secret_key", "SECRET_KEY"), ("token_key", "TOKEN_KEYS")])
def test_secret_that_the_program_made_is_said(healthy, settings, file, name):
    value = settings.SECRET_KEY if name == "SECRET_KEY" else settings.TOKEN_KEYS[-1]
    (settings.DATA_DIR / file).write_text(f"{value}\n")
    [sentence] = said(NOT_READY)
    assert sentence.startswith(f"{name} was made by the program")


def test_secret_that_was_replaced_is_ready(healthy, settings):
    (settings.DATA_DIR / "secret_key").write_text("the old one")
    assert said(NOT_READY) == []


def test_sqlite_and_several_machines_is_said(healthy, settings, tmp_path):
    settings.DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "db.sqlite3"}
    }
    [sentence] = said(NOT_READY)
    assert "several machines cannot share SQLite" in sentence
    settings.CELERY_BROKER_URL = "filesystem://localhost"
    assert said(NOT_READY) == []


@pytest.mark.parametrize(
    "path, kind",
    [("/srv/data/db.sqlite3", "nfs4"), ("/srv/other/db.sqlite3", "ext4"), ("/srv/data2/db", "ext4")],
)
def test_file_system_is_that_of_the_nearest_mount(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n")
    assert doctor._file_system(doctor.Path(path), mounts) == kind


def test_sqlite_on_a_network_drive_is_said(healthy, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "filesystem://localhost"
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/db.sqlite3"}}
    monkeypatch.setattr(doctor, "_file_system", lambda path: "nfs4")
    [sentence] = said(NOT_READY)
    assert "on a network drive" in sentence


def test_worker_that_does_not_work_is_said(healthy):
    Pulse.objects.update(at=timezone.now() - timedelta(minutes=3))
    assert said(NOT_READY)[0].startswith("No worker has made a round since")
    Pulse.objects.all().delete()
    assert said(NOT_READY) == ["No worker has made a round yet: nothing goes out. Start worker and beat."]


def test_no_page_is_said(production):
    assert said(NOT_READY) == ["No page is connected: nothing can go out. Connect one under Accounts."]


def test_account_on_the_rehearsal_is_said(healthy):
    factories.make_account(network="mastodon", api_url="http://127.0.0.1:8001/api/mastodon")
    assert said(NOT_READY) == [
        "Mastodon · INET is on the rehearsal: nothing is published for real. Disconnect it."
    ]


@pytest.mark.parametrize(
    "fields, level, words",
    [
        ({"needs_reconnect": True}, NOT_READY, "must be connected again"),
        ({"scopes": "w_organization_social"}, NOT_READY, "lacks the right to read the page’s posts"),
        ({"expires_at": timezone.now() + timedelta(days=5, hours=1)}, SOON, "5 days left"),
        ({"last_read_at": None}, SOON, "has not answered yet"),
        ({"last_read_at": timezone.now() - timedelta(days=4)}, SOON, "last answered"),
        ({"version_there": "202601"}, READY, "asks for version 202609, is answered by 202601"),
        ({"token": ""}, SOON, "not connected"),
    ],
)
def test_account_that_is_not_well_is_said(healthy, fields, level, words):
    Account.objects.update(**fields)
    [sentence] = said(level)
    assert words in sentence


def test_warning_of_an_account_is_said(healthy):
    Upkeep.objects.create(account=healthy, warning="Facebook answers with version v27.0, we speak v26.0.")
    assert "Facebook answers with version v27.0" in said(SOON)[0]


def test_what_is_not_ready_comes_first_and_ends_with_one(healthy, settings, capsys):
    settings.DEBUG = True
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert (ended.value.code, lines[0][:11], lines[-1]) == (1, "[not ready]", "Not ready for production yet.")


# Versions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "today, level",
    [
        (date(2027, 7, 16), None),
        (date(2027, 7, 17), SOON),
        (date(2027, 9, 15), SOON),
        (date(2027, 9, 16), NOT_READY),
    ],
)
def test_version_warns_sixty_days_ahead(production, today, level):
    with time_machine.travel(datetime(today.year, today.month, today.day, 12, tzinfo=UTC), tick=False):
        found = [finding.level for finding in examine() if finding.sentence.startswith("LINKEDIN_VERSION")]
    assert found == ([level] if level else [])


@pytest.mark.parametrize(
    "network, number, is_over",
    [
        ("linkedin", "202609", False),
        ("linkedin", "202610", False),
        ("linkedin", "202511", True),
        ("linkedin", "nonsense", True),
        ("facebook", "v26.0", False),
        ("facebook", "v27.0", False),
        ("facebook", "v20.0", True),
        ("facebook", "v9.0", True),
        ("x", "", False),
        ("mastodon", "", False),
    ],
)
def test_version_that_is_over(network, number, is_over):
    assert Version(network, number).is_over(date(2026, 11, 25)) is is_over


def test_newest_versions_known_are_those_of_the_settings(settings):
    assert [max(SUNSETS["linkedin"]), list(SUNSETS["facebook"])[-1]] == [
        settings.LINKEDIN_VERSION,
        settings.FACEBOOK_VERSION,
    ]


def test_summary_that_did_not_reach_a_member_of_staff_is_said(healthy):
    staff = factories.make_staff(email="bureau@example.org")
    Digest.objects.create(user=staff, day=timezone.localdate(), failure="550 nobody")
    assert [(one.level, "bureau@example.org: 550 nobody." in one.sentence) for one in examine()][0] == (
        SOON,
        True,
    )
