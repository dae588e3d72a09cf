"""Forty secrets in use on all five networks, in good days and bad: none of them is found anywhere but encrypted.

Looked through: logs at their most talkative, mails, every column of the database and its file, the broker's folder and all else
in the data folder, the pages that were shown, and Django's own reports of an error.
"""

import json
import logging
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as loaded
from django.contrib.sessions.models import Session
from django.core.signals import got_request_exception
from django.db import connection
from django.test import TestCase
from django.utils import timezone
from django.views.debug import ExceptionReporter

from posts.actions import connecting, joining
from posts.actions.delivering import run_pass
from posts.actions.renewing import look_after_accounts
from posts.models import Account, Connection, Upkeep
from posts.models.connection import digest
from posts.networks import NETWORKS
from tests import factories
from tests.factories import fresh
from tests.posts.consenting import consent, leave, parts, point_at

pytestmark = pytest.mark.django_db

BROWSED = ("linkedin", "facebook", "x", "mastodon")
RENEWED = ("x", "bluesky")


def canary(name):
    """A secret as a network might give it, never seen before."""
    return f"canary.{name}.{Fernet.generate_key().decode()[:20].replace('=', 'x')}"


@pytest.fixture
def seen(caplog, mailoutbox, settings):
    """Everything that may have leaked, as text; `pages` and `reports` are added to by the test."""
    caplog.set_level(logging.DEBUG)
    settings.ADMINS = [("Admin", "admin@example.org")]

    class Seen:
        pages, reports = [], []

        def leaks(self, secrets):
            places = {
                "logs": caplog.text,
                "mails": "".join(str(mail.message()) for mail in mailoutbox),
                "database": "".join(_rows()),
                "database file": _database_file(),
                "sessions": "".join(str(session.get_decoded()) for session in Session.objects.all()),
                "data folder": "".join(_files(loaded.DATA_DIR)),
                "pages": "".join(self.pages),
                "reports": "".join(self.reports),
            }
            assert min(len(places["database"]), len(places["logs"])) > 200
            return [(secret, place) for secret in secrets for place, text in places.items() if secret in text]

    seen = Seen()
    seen.pages, seen.reports = [], []
    return seen


def _rows():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from (str(row) for row in cursor.fetchall())


def _database_file():
    """SQLite's own bytes, free pages included; elsewhere the rows must do."""
    return connection.connection.serialize().decode("latin-1") if connection.vendor == "sqlite" else ""


def _files(folder):
    for path in folder.rglob("*"):
        if path.is_file() and "static" not in path.parts:
            yield path.read_bytes().decode("latin-1")


@contextmanager
def echo(status):
    """A server that answers every request with all that it was sent, as a careless one does in its error page."""

    class Echo(BaseHTTPRequestHandler):
        def _answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
            text = f"{self.requestline}\n{self.headers}\n{body}"
            answer = json.dumps(
                {"error": {"message": text, "code": 1}, "message": text, "detail": text}
            ).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("x-restli-id", text.replace("\n", " ").replace("\r", " ")[:2000])
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer

        def log_message(self, *_arguments):
            """Not this one's logs are looked at."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def granted_to(connection_row):
    """Every secret that a connection holds between the way back and the choice."""
    grant = json.loads(connection_row.grant)
    found = [grant["token"], grant["refresh_token"], *(choice["token"] for choice in grant["choices"])]
    return [*found, connection_row.verifier, connection_row.client_secret]


def tokens_of(account):
    account = fresh(account)
    return [account.token, account.refresh_token]


def renew_and_look(account):
    now = timezone.now()
    Upkeep.objects.filter(account=account).update(renew_at=now, look_at=now)
    with TestCase.captureOnCommitCallbacks(execute=True):
        look_after_accounts(now)


def publish_on(account, staff):
    """Approved and due; one pass tries it."""
    student = factories.make_student()
    portrait = factories.make_portrait("signed", student=student, places=("gallery", account.network))
    factories.make_post(
        "approved", portrait=portrait, staff=staff, account=account, publish_at=timezone.now()
    )
    with TestCase.captureOnCommitCallbacks(execute=True):
        run_pass(workers=1)


# In good days, and in bad ones ----------------------------------------------------------------------


def test_secrets_of_connecting_renewing_and_failing_are_nowhere(client, staff, settings, rehearsal, seen):
    """The whole way on the rehearsed networks: consent, choice, renewal, a post, an end of access."""
    point_at(settings, rehearsal)
    client.force_login(staff)
    settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "school", canary("X-client-secret")
    app = {"client_id": "school", "client_secret": settings.X_CLIENT_SECRET}
    rehearsal.networks["x"].told("app", app)
    secrets = [settings.X_CLIENT_SECRET]
    for name in BROWSED:
        typed = {"server": f"{rehearsal.url}/api/mastodon"} if name == "mastodon" else {}
        url = leave(client, name, **typed)
        begun = Connection.objects.get()
        secrets += [begun.verifier, begun.client_secret.replace("rehearsal", "")]
        way_back = consent(url)
        secrets += [parts(way_back)["state"], parts(way_back)["code"]]
        response = client.get(way_back)
        secrets += granted_to(Connection.objects.get())
        seen.pages += [response.content.decode(), client.get(response.url).content.decode()]
        [choice] = Connection.objects.get().choices
        seen.pages.append(client.post(response.url, {"page": choice.remote_id}).content.decode())
        seen.pages.append(client.get(way_back).content.decode())
    password = canary("password")
    rehearsal.networks["bluesky"].told("page", {"handle": "inet.example", "password": password})
    typed = {"handle": "inet.example", "server": f"{rehearsal.url}/api/bluesky"}
    for word in (f"{password}-wrong", password):
        secrets.append(word)
        seen.pages.append(client.post("/comptes/bluesky/", {**typed, "password": word}).content.decode())
    assert Account.objects.count() == 5
    for account in Account.objects.all():
        secrets += tokens_of(account)
        renew_and_look(account)
        secrets += tokens_of(account)
        rehearsal.ledger.set_faults(account.network, [{"name": "cut-after"}])
        publish_on(account, staff)
        rehearsal.ledger.set_faults(account.network, [{"name": "token-revoked", "times": 0}])
        renew_and_look(account)
    seen.pages += [client.get("/comptes/").content.decode(), client.get("/est-ce-parti/").content.decode()]
    secrets = set(filter(None, secrets))
    assert len(secrets) >= 27
    assert seen.leaks(secrets) == []


@pytest.mark.parametrize("status", [400, 401, 500])
def test_secrets_that_a_network_echoes_are_nowhere(client, staff, settings, rehearsal, seen, status):
    """Whatever it is asked, the network answers with all that it was sent: nothing of that is kept or shown as it is."""
    client.force_login(staff)
    secrets = []
    with echo(status) as url:
        point_at(settings, rehearsal)
        settings.REHEARSAL_URL = url
        for name in ("LINKEDIN", "FACEBOOK", "X"):
            secrets.append(canary(f"{name}-client-secret"))
            setattr(settings, f"{name}_CLIENT_SECRET", secrets[-1])
            setattr(settings, f"{name}_API_URL", url)
            setattr(settings, f"{name}_OAUTH_URL", url)
        for name in BROWSED:
            state, code, verifier, secret = (
                canary(f"{name}-{what}") for what in ("state", "code", "verifier", "app")
            )
            Connection.objects.create(
                network=name,
                api_url=url if name == "mastodon" else "",
                state_digest=digest(state),
                session_digest=digest(client.session.session_key),
                by=staff,
                begun_at=timezone.now(),
                verifier=verifier,
                client_id="client",
                client_secret=secret,
            )
            secrets += [state, code, verifier, secret]
            response = client.get(f"/comptes/{name}/retour/?state={state}&code={code}")
            assert response.status_code == 400
            seen.pages.append(response.content.decode())
        secrets.append(canary("password"))
        typed = {"handle": "inet.example", "password": secrets[-1], "server": f"{url}/api/bluesky"}
        seen.pages.append(client.post("/comptes/bluesky/", typed).content.decode())
        for name in NETWORKS:
            token, again = canary(f"{name}-token"), canary(f"{name}-refresh")
            secrets += [token, again]
            account = factories.make_account(
                network=name,
                api_url=url if name in ("mastodon", "bluesky") else "",
                token=token,
                refresh_token=again,
                expires_at=timezone.now() + timedelta(hours=1),
            )
            look_after_accounts(timezone.now())
            publish_on(account, staff)
            renew_and_look(account)
    seen.pages += [client.get("/comptes/").content.decode(), client.get("/est-ce-parti/").content.decode()]
    assert len(set(secrets)) == 30
    assert seen.leaks(secrets) == []


# Errors of ours -------------------------------------------------------------------------------------


@pytest.fixture
def reported(seen):
    """Django's reports of every error that a request ends with, as text and as HTML."""
    import sys

    def report(request, **_more):
        reporter = ExceptionReporter(request, *sys.exc_info())
        seen.reports += [reporter.get_traceback_text(), reporter.get_traceback_html()]

    got_request_exception.connect(report)
    yield seen
    got_request_exception.disconnect(report)


def broken(*_arguments, **_named):
    raise RuntimeError("an error of ours")


def test_secrets_are_in_no_report_of_an_error(client, staff, settings, rehearsal, reported, monkeypatch):
    point_at(settings, rehearsal)
    client.force_login(staff)
    client.raise_request_exception = False
    rehearsal.networks["bluesky"].told(
        "page", {"handle": "inet.example", "password": "right-password-canary"}
    )
    typed = {
        "handle": "inet.example",
        "password": "right-password-canary",
        "server": f"{rehearsal.url}/api/bluesky",
    }
    secrets = ["right-password-canary"]
    way_back = consent(leave(client, "linkedin"))
    secrets += [parts(way_back)["state"], parts(way_back)["code"]]
    address = client.get(consent(leave(client, "linkedin"))).url
    secrets += granted_to(Connection.objects.exclude(grant="").get())
    answers = []
    with monkeypatch.context() as patch:
        patch.setattr(connecting, "keep", broken)
        answers += [
            client.post("/comptes/bluesky/", typed),
            client.post(address, {"page": "urn:li:organization:1001"}),
        ]
    with monkeypatch.context() as patch:
        patch.setattr(joining.rights, "missing", broken)
        answers.append(client.get(way_back))
    reported.pages += [answer.content.decode() for answer in answers]
    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert len(reported.reports) == 6
    assert reported.leaks(set(filter(None, secrets))) == []


def test_these_eyes_see(client, staff, seen, mailoutbox):
    """A secret that does leak is found, in each of the places."""
    logging.getLogger("posts").info("leak-in-a-log")
    factories.make_account(last_error="leak-in-a-column")
    (loaded.DATA_DIR / "leak").write_text("leak-in-a-file")
    seen.pages.append("leak-on-a-page")
    client.force_login(staff)
    session = client.session
    session["x"] = "leak-in-a-session"
    session.save()
    for number in range(20):
        logging.getLogger("posts").debug("line %s, so that there is something to read", number)
    leaks = ["leak-in-a-log", "leak-in-a-column", "leak-in-a-file", "leak-on-a-page", "leak-in-a-session"]
    try:
        found = {secret for secret, _place in seen.leaks(leaks)}
    finally:
        (loaded.DATA_DIR / "leak").unlink()
    assert found == set(leaks)
