"""The Mastodon connector against the rehearsal server: the account, reading back, changing, taking down."""

import contextlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from posts.networks.base import (
    Content,
    Counts,
    Found,
    Key,
    NeedsReconnect,
    NotSent,
    Page,
    Refused,
    TryLater,
)
from posts.networks.mastodon import Mastodon
from posts.networks.mastodon.server import LIMITED, OTHER_SOFTWARE
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.test_mastodon import (
    KEY,
    TEXT,
    access,
    become,
    calls,
    fault,
    look,
    online,
    publish,
    refusal,
)
from tests.posts.rehearsal.test_mastodon_checks import MastodonWire

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = "109300000000000001"


@pytest.fixture
def mastodon(sleeps):
    return Mastodon(sleep=sleeps.append)


@pytest.fixture
def credentials(server):
    return access(server)


@contextlib.contextmanager
def parked():
    """What answers for a server that is down: 404 to everything, in HTML. Yields its address."""

    class Parked(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Not here</html>")

        do_DELETE = do_GET

        def log_message(self, *_arguments):
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Parked) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def told(server, **page):
    server.networks["mastodon"].told("page", {"id": ACCOUNT, **page})


# The account ---------------------------------------------------------------------------------------


def test_verify_names_the_account_and_what_its_server_allows(server, mastodon, credentials):
    told(server, name="INET", followers=3052)
    assert mastodon.verify(credentials) == Page(
        name="INET",
        remote_id=ACCOUNT,
        url=f"{server.url}/mastodon/@inet",
        followers=3052,
        role="",
        handle="inet@mastodon.rehearsal",
        limits={"repeat_seconds": 3000.0},
        version="4.7.0",
    )


def test_verify_breaks_no_rule(server, mastodon, credentials):
    mastodon.verify(credentials)
    assert server.ledger.failures() == []


def test_verify_on_other_software_warns_and_does_not_repeat(server, mastodon, credentials):
    become(server, like="hollo")
    page = mastodon.verify(credentials)
    assert (page.limits, page.version, page.warning) == (
        {"text": 10_000, "images": 8, "url_length": 256},
        "4.0.0 (compatible; Hollo 0.6.18)",
        OTHER_SOFTWARE,
    )


@pytest.mark.parametrize("how", ["limited", "suspended"])
def test_verify_warns_of_an_account_that_its_server_hides(server, mastodon, credentials, how):
    told(server, **{how: True})
    assert mastodon.verify(credentials).warning == LIMITED


def test_verify_asks_an_older_server_at_the_older_address(server, mastodon, credentials):
    become(server, has_v2=False, max_characters=700)
    assert mastodon.verify(credentials).limits == {"text": 700, "repeat_seconds": 3000.0}


@pytest.mark.parametrize(
    ("grant", "reason"), [({"scopes": "write"}, "no-right"), ({"expires_in": -1}, "token-invalid")]
)
def test_verify_refuses_an_access_that_does_not_read(server, mastodon, grant, reason):
    assert refusal(NeedsReconnect, mastodon.verify, access(server, **grant)).reason == reason


def test_verify_refuses_another_account(mastodon, credentials):
    other = replace(credentials, remote_id="2002")
    assert refusal(NeedsReconnect, mastodon.verify, other).reason == "other-account"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"id": null}', b'{"username": "inet"}'])
def test_verify_of_what_cannot_be_read_tries_later(mastodon, credentials, body):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with peer(answering(head, body)) as (url, _received):
        refusal(TryLater, mastodon.verify, replace(credentials, api_url=url))


def test_verify_unreachable(mastodon, credentials):
    refusal(NotSent, mastodon.verify, replace(credentials, api_url="http://127.0.0.1:9"))


# Reading back --------------------------------------------------------------------------------------


def test_get_gives_what_people_see(server, mastodon, credentials):
    published = publish(mastodon, credentials, TEXT, image())
    post = server.ledger.posts("mastodon")[0]
    keys = [one["urn"].removeprefix("mastodon:media:") for one in post["images"]]
    made = datetime.fromtimestamp(int(post["created"] * 1000) / 1000, UTC)
    found = mastodon.get(published.remote_id, credentials)
    assert replace(found, created_at=made) == Found(
        published.remote_id, published.url, TEXT.replace("@ENA@Piaille.fr", "@ena"), made, tuple(keys)
    )
    assert abs(found.created_at - made) <= timedelta(milliseconds=1)


@pytest.mark.parametrize("errors", ["json", "html", "empty"])
def test_get_of_what_is_gone_is_none_however_it_is_said(server, mastodon, credentials, errors):
    become(server, errors=errors)
    assert mastodon.get("117000000000000001", credentials) is None


def test_get_of_a_page_of_html_by_a_server_that_is_down_tries_later(mastodon, credentials):
    """A 404 that nobody of Mastodon's said proves nothing."""
    with parked() as url:
        refusal(TryLater, mastodon.get, "1", replace(credentials, api_url=url))


@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_get_of_what_people_do_not_see_is_none(server, mastodon, credentials, visibility):
    wire = MastodonWire(server)
    assert mastodon.get(wire.created(visibility=visibility), credentials) is None


def test_get_of_somebody_elses_post_is_none(server, mastodon, credentials):
    server.networks["mastodon"].told("page", {"id": "2002", "handle": "ena"})
    assert mastodon.get(MastodonWire(server, page="2002").created(), credentials) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
def test_get_of_what_cannot_be_read_tries_later(mastodon, credentials, body):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with peer(answering(head, body)) as (url, _received):
        assert refusal(TryLater, mastodon.get, "1", replace(credentials, api_url=url)).reason == "unreadable"


def test_get_asks_for_the_identifier_as_it_is(mastodon, credentials):
    said = b'HTTP/1.1 404 No\r\n\r\n{"error": "Record not found"}'
    with peer(answering(said)) as (url, received):
        mastodon.get("../../x?a", replace(credentials, api_url=url))
    assert received[0].startswith(b"GET /api/v1/statuses/..%2F..%2Fx%3Fa HTTP/1.1\r\n")


def test_recent_gives_the_newest_first_and_stops_at_its_time(server, mastodon, credentials):
    wire = MastodonWire(server)
    old = wire.created()
    server.ledger.turn(clock_offset=3600)
    new = [wire.created() for _number in range(2)]
    since = datetime.fromtimestamp(server.ledger.now() - 60, UTC)
    assert [found.remote_id for found in mastodon.recent(credentials, since=since)] == new[::-1]
    assert [found.remote_id for found in mastodon.recent(credentials, since=LONG_AGO)] == [*new[::-1], old]


def test_recent_leaves_out_what_people_do_not_see(server, mastodon, credentials):
    wire = MastodonWire(server)
    shown = [wire.created(visibility=each) for each in ("public", "unlisted", "private", "direct")][:2]
    assert [found.remote_id for found in mastodon.recent(credentials, since=LONG_AGO)] == shown[::-1]


@pytest.mark.parametrize(("count", "pages", "read"), [(40, 2, 40), (41, 2, 41), (210, 5, 200)])
def test_recent_reads_page_by_page_up_to_five(server, mastodon, credentials, count, pages, read):
    wire = MastodonWire(server)
    for _number in range(count):
        wire.created()
    found = mastodon.recent(credentials, since=LONG_AGO)
    path = f"/api/v1/accounts/{ACCOUNT}/statuses"
    assert ([each.remote_id for each in found], len(calls(server, "GET", path))) == (
        online(server)[:read],
        pages,
    )


@pytest.mark.parametrize("ids", ["number", "uuid"])
def test_find_gives_our_post_among_others(server, mastodon, credentials, ids):
    become(server, ids=ids)
    wire = MastodonWire(server)
    wire.created(status="Autre chose")
    published = publish(mastodon, credentials)
    wire.created(status="Encore autre chose")
    assert [found.remote_id for found in look(mastodon, credentials)] == [published.remote_id]


def test_find_gives_each_of_two_that_are_equal(server, mastodon, credentials):
    for number in range(2):
        publish(mastodon, credentials, key=Key(f"delivery-{number}", KEY.record, KEY.made_at))
    assert len(look(mastodon, credentials)) == 2


def test_find_that_lags_behind(server, mastodon, credentials):
    publish(mastodon, credentials)
    fault(server, "find-lag", seconds=60)
    assert [len(look(mastodon, credentials)), len(look(mastodon, credentials))] == [0, 1]


@pytest.mark.parametrize("name", ["find-500", "find-html", "quota"])
def test_find_that_fails_tries_later(server, mastodon, credentials, name):
    fault(server, name)
    refusal(TryLater, look, mastodon, credentials)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"null", b'"x"', b"["])
def test_find_in_what_cannot_be_read_is_not_empty(mastodon, credentials, body):
    """An unreadable list is no proof that there is nothing."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with peer(answering(head, body)) as (url, _received):
        assert refusal(TryLater, look, mastodon, replace(credentials, api_url=url)).reason == "unreadable"


def test_find_survives_rows_of_any_shape(mastodon, credentials):
    rows = (
        b'[1, null, {}, {"id": []}, {"id": "7", "content": null, "created_at": 3, "media_attachments": {}}]'
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(rows)}\r\n\r\n".encode()
    with peer(answering(head, rows)) as (url, _received):
        found = mastodon.recent(replace(credentials, api_url=url), since=datetime.fromtimestamp(0, UTC))
    assert found == [Found("7", "", "", datetime.fromtimestamp(0, UTC))]


def test_counts_are_lifetime(server, mastodon, credentials):
    urn = publish(mastodon, credentials).remote_id
    server.networks["mastodon"].told("count", {"post": urn, "favourites": 3, "replies": 2, "reblogs": 1})
    assert mastodon.counts(urn, credentials) == Counts(reactions=3, comments=2, shares=1)


def test_counts_of_what_is_gone(mastodon, credentials):
    assert refusal(Refused, mastodon.counts, "1", credentials).reason == "gone"


# Changing and taking down --------------------------------------------------------------------------


def test_edit_changes_the_words_and_keeps_the_pictures(server, mastodon, credentials):
    published = publish(mastodon, credentials, TEXT, image(), image(width=41))
    before = server.ledger.post(published.remote_id)
    mastodon.edit(published.remote_id, Content("Corrigé"), credentials)
    after = server.ledger.post(published.remote_id)
    assert (after["text"], after["images"], server.ledger.failures()) == ("Corrigé", before["images"], [])


def test_edit_of_what_is_gone_is_refused(mastodon, credentials):
    assert refusal(Refused, mastodon.edit, "1", Content("a"), credentials).reason == "gone"


def test_edit_of_somebody_elses_post_is_refused(server, mastodon, credentials):
    server.networks["mastodon"].told("page", {"id": "2002", "handle": "ena"})
    urn = MastodonWire(server, page="2002").created()
    assert refusal(Refused, mastodon.edit, urn, Content("a"), credentials).reason == "gone"


def test_edit_too_long_is_refused(mastodon, credentials):
    urn = publish(mastodon, credentials).remote_id
    outcome = refusal(Refused, mastodon.edit, urn, Content("a" * 501), credentials)
    assert outcome.reason == "too-long"


def test_remove_takes_down_the_pictures_too(server, mastodon, credentials):
    urn = publish(mastodon, credentials, TEXT, image()).remote_id
    path = server.ledger.picture_path(server.ledger.post(urn)["images"][0]["urn"])
    mastodon.remove(urn, credentials)
    assert (online(server), path.exists(), server.ledger.failures()) == ([], False, [])


@pytest.mark.parametrize("errors", ["json", "html", "empty"])
def test_remove_can_be_repeated_however_the_server_says_gone(server, mastodon, credentials, errors):
    become(server, errors=errors)
    urn = publish(mastodon, credentials).remote_id
    for _time in range(2):
        mastodon.remove(urn, credentials)
    assert online(server) == []


def test_remove_is_not_done_because_a_server_that_is_down_says_404(server, mastodon, credentials):
    """What answers for a server that is down must not turn a take-down green."""
    urn = publish(mastodon, credentials).remote_id
    with parked() as url:
        refusal(TryLater, mastodon.remove, urn, replace(credentials, api_url=url))
    assert online(server) == [urn]


@pytest.mark.parametrize("name", ["delete-500", "quota"])
def test_remove_that_fails_tries_later(server, mastodon, credentials, name):
    urn = publish(mastodon, credentials).remote_id
    fault(server, name)
    refusal(TryLater, mastodon.remove, urn, credentials)
    assert online(server) == [urn]


def test_remove_without_the_right_needs_reconnecting(server, mastodon, credentials):
    urn = publish(mastodon, credentials).remote_id
    refusal(NeedsReconnect, mastodon.remove, urn, access(server, scopes="read"))
    assert online(server) == [urn]
