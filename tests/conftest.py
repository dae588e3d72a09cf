"""The cast, and what every test shares. Left out for want of a service: said so, or an error if REQUIRE names it."""

import functools
import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from portraits import photos
from tests import factories, services

REQUIRED = set(filter(None, os.environ.get("REQUIRE", "").split(",")))


def pytest_configure(config):
    missing = sorted(name for name in REQUIRED if not services.AVAILABLE.get(name))
    if missing:
        raise pytest.UsageError(f"REQUIRE names what this machine does not have: {', '.join(missing)}")


WITHOUT_DATABASE = (
    "tests/posts/networks/",
    "tests/posts/rehearsal/",
    "tests/portraits/test_photos",
    "tests/portraits/test_hostile",
)
"""What asks no database: once is enough."""


PAGES = (
    "tests/portraits/",
    "tests/posts/",
    "tests/test_access",
    "tests/test_demo",
    "tests/test_todo",
    "tests/test_notif",
)
ON_BOTH = ("actions", "races", "slots", "sharing", "sweeping", "delivering", "retention", "withdrawal")
"""In the names of those among these modules whose tests run on SQLite and on PostgreSQL, where both are there: what they ask of
a database is more than to be read. The others run on PostgreSQL, the stricter of the two; on SQLite where it is alone."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    on_postgres = os.environ.get("TEST_ON") == "postgres"
    for item in items:
        if item.nodeid.startswith(WITHOUT_DATABASE):
            item.add_marker("files_only")
        elif item.nodeid.startswith(PAGES) and not any(name in item.module.__name__ for name in ON_BOTH):
            item.add_marker("one_database")
        for name, there in services.AVAILABLE.items():
            if item.get_closest_marker(name) and not there:
                item.add_marker(pytest.mark.skip(reason=f"left out: no {name} on this machine"))
        if item.get_closest_marker("on_postgres") and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="runs with TEST_ON=postgres (make test does both)"))
    # Those that wait most go first, beside the others: at the end they would be waited for alone.
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


@pytest.fixture(autouse=True)
def _own_language():
    """A request in English leaves its language to whatever runs next in this thread: each test begins in the school's."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _pictures_made_once():
    """The real pipeline, run once for each different picture and crop: most tests want the same one."""
    patch = pytest.MonkeyPatch()
    clean, render = photos.clean, functools.cache(photos.render)
    kept = {}

    def clean_once(upload):
        data = upload.read()
        key = hashlib.sha256(data).digest()
        if key not in kept:
            kept[key] = clean(io.BytesIO(data))
        return kept[key]

    patch.setattr(photos, "clean", clean_once)
    patch.setattr(photos, "render", render)
    yield
    patch.undo()


@pytest.fixture
def promotion(db):
    return factories.make_promotion(name="Joséphine Baker", slug="josephine-baker")


@pytest.fixture
def student(promotion):
    """The person the portrait is about."""
    return factories.make_student(promotion, first_name="Léa", last_name="Le Goff", email="lea@example.org")


@pytest.fixture
def classmate(promotion):
    """Another student of the same promotion."""
    return factories.make_student(
        promotion, first_name="Karim", last_name="Benali", email="karim@example.org"
    )


@pytest.fixture
def member(promotion):
    """In the promotion's comms group today."""
    return factories.make_member(promotion, first_name="Inès", last_name="Marchand", email="ines@example.org")


@pytest.fixture
def former_member(promotion):
    """Was in the group; the mandate ended yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    return factories.make_member(
        promotion, ends=yesterday, first_name="Paul", last_name="Ferry", email="paul@example.org"
    )


@pytest.fixture
def neighbour(db):
    """In the comms group of the other promotion."""
    return factories.make_member(
        factories.make_promotion(), first_name="Maïa", last_name="Etcheverry", email="maia@example.org"
    )


@pytest.fixture
def staff(db):
    return factories.make_staff(email="bureau@example.org", first_name="Hélène", last_name="Roux")


@pytest.fixture
def account(db):
    return factories.make_account()


@pytest.fixture
def rehearsal(settings, tmp_path):
    """A running rehearsal, all networks pointed at it, no waiting between looks at a picture."""
    from posts.networks import NETWORKS
    from posts.networks.linkedin import LinkedIn
    from posts.rehearsal.server import serve

    original = NETWORKS["linkedin"]
    NETWORKS["linkedin"] = LinkedIn(sleep=lambda seconds: None)
    with serve(tmp_path / "rehearsal") as server:
        settings.REHEARSAL_URL = settings.LINKEDIN_API_URL = settings.LINKEDIN_OAUTH_URL = server.url
        for name in ("FACEBOOK", "X"):
            for kind in ("API", "OAUTH"):
                setattr(settings, f"{name}_{kind}_URL", f"{server.url}/api/{name.lower()}")
        for name in ("LINKEDIN", "FACEBOOK", "X"):
            setattr(settings, f"{name}_CLIENT_ID", "rehearsal")
            setattr(settings, f"{name}_CLIENT_SECRET", "rehearsal")
        server.linkedin.organisation({"id": "1001", "name": "INET"})
        yield server
    NETWORKS["linkedin"] = original


@pytest.fixture
def page(db, rehearsal):
    """The school's page on the rehearsal network, connected."""
    token = rehearsal.linkedin.token({"organization": "1001"})["access_token"]
    return factories.make_account(remote_id="urn:li:organization:1001", token=token)


CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    # Playwright's loop runs in this thread, and Django refuses its database where a loop runs.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
