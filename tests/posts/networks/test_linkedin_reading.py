"""The LinkedIn connector against the rehearsal network: the page and its rights, reading back, taking down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks.base import Content, Found, NeedsReconnect, NotSent, Page, TryLater
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.test_linkedin import LONG_AGO, TEXT, calls, just_now, publish, refusal
from tests.posts.rehearsal.wire import PAGE

# The page ------------------------------------------------------------------------------------------


def test_verify_names_the_page(linkedin, credentials):
    assert linkedin.verify(credentials) == Page(
        "INET",
        PAGE,
        "https://www.linkedin.com/company/inet/",
        3052,
        "ADMINISTRATOR",
        handle="inet",
        version="202609",
    )


def test_verify_breaks_no_rule(server, linkedin, credentials):
    linkedin.verify(credentials)
    assert server.ledger.failures() == []


@pytest.mark.parametrize("field", ["organization", "organizationTarget", "organizationalTarget"])
def test_verify_reads_each_name_of_the_field(server, linkedin, credentials, field):
    server.ledger.set_faults("linkedin", [{"name": "acl-name", "field": field}])
    assert linkedin.verify(credentials).role == "ADMINISTRATOR"


@pytest.mark.parametrize("role", ["CONTENT_ADMIN", "CONTENT_ADMINISTRATOR"])
def test_verify_takes_each_spelling_of_the_role(linkedin, access, role):
    assert linkedin.verify(access(role=role)).role == role


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"role": "ANALYST"}, "no-role"),
        ({"role": ""}, "no-role"),
        ({"organization": "2002"}, "no-role"),
        ({"scopes": "w_organization_social"}, "no-right"),
        ({"expires_in": -1}, "token-expired"),
    ],
)
def test_verify_refuses_an_access_that_cannot_post_there(linkedin, access, grant, reason):
    assert refusal(NeedsReconnect, linkedin.verify, access(**grant)).reason == reason


@pytest.mark.parametrize("data", [b"<html>", b"{}", b""])
def test_verify_does_not_take_an_unreadable_answer_for_a_lost_role(linkedin, credentials, data):
    said = f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
    with peer(answering(said)) as (url, _received):
        outcome = refusal(TryLater, linkedin.verify, replace(credentials, api_url=url))
    assert outcome.reason == "unreadable"


def test_verify_does_without_the_name_where_one_only_publishes(linkedin, access):
    page = linkedin.verify(access(role="CONTENT_ADMIN"))
    assert (page.name, page.url) == ("LinkedIn 1001", "https://www.linkedin.com/company/1001/")


def test_verify_asks_again_with_a_fresh_token(linkedin, access, sleeps):
    assert (linkedin.verify(access(fresh=1)).name, sleeps) == ("INET", [8])


def test_verify_asks_again_once_only(server, linkedin, credentials, sleeps):
    server.linkedin.revoke(credentials.token)
    assert (refusal(NeedsReconnect, linkedin.verify, credentials).reason, sleeps) == ("token-revoked", [8])


def test_verify_goes_through_the_door_of_publishing(linkedin, credentials):
    """A test on an unversioned address would pass while publishing is dead."""
    outcome = refusal(NeedsReconnect, linkedin.verify, replace(credentials, version="202511"))
    assert outcome.reason == "version-retired"


def test_verify_does_without_the_number_of_followers(server, linkedin, credentials):
    server.ledger.turn(calls_per_day=2)
    assert linkedin.verify(credentials).followers is None


def test_verify_unreachable(linkedin, credentials):
    refusal(NotSent, linkedin.verify, replace(credentials, api_url="http://127.0.0.1:9"))


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"])
def test_verify_that_fails_has_published_nothing(linkedin, credentials, said):
    with peer(answering(said)) as (url, _received):
        refusal(TryLater, linkedin.verify, replace(credentials, api_url=url))


# Reading back --------------------------------------------------------------------------------------


def test_get_reads_what_people_read(linkedin, credentials):
    published = publish(linkedin, credentials, TEXT, image())
    found = linkedin.get(published.remote_id, credentials)
    assert (found.remote_id, found.url, found.text) == (published.remote_id, published.url, TEXT)
    assert (len(found.media_ids), found.created_at > just_now(), found.created_at.tzinfo) == (1, True, UTC)


@pytest.mark.parametrize("urn", ["urn:li:share:7", "urn:li:ugcPost:7"])
def test_get_of_what_is_not_there(linkedin, credentials, urn):
    assert linkedin.get(urn, credentials) is None


def test_get_of_another_pages_post(linkedin, credentials, access):
    other = replace(access(organization="2002"), remote_id="urn:li:organization:2002")
    published = publish(linkedin, other)
    assert linkedin.get(published.remote_id, credentials) is None


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (200, b"<html>"),
        (200, b""),
        (200, b'{"status": "maintenance"}'),
        (404, b"<html>"),
        (404, b""),
        (404, b"[]"),
    ],
)
def test_get_does_not_take_an_unreadable_answer_for_absence(linkedin, credentials, status, data):
    said = f"HTTP/1.1 {status} So\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
    with peer(answering(said)) as (url, _received):
        outcome = refusal(TryLater, linkedin.get, "urn:li:share:7", replace(credentials, api_url=url))
    assert outcome.reason == "unreadable"


def test_get_that_fails_is_no_answer(server, linkedin, credentials):
    server.ledger.set_faults("linkedin", [{"name": "get-500"}])
    refusal(TryLater, linkedin.get, "urn:li:share:7", credentials)


@pytest.mark.parametrize("state", ["DRAFT", "PUBLISH_FAILED"])
def test_get_of_a_post_that_never_appeared(linkedin, credentials, state):
    data = f'{{"author": "{PAGE}", "id": "urn:li:share:7", "lifecycleState": "{state}"}}'.encode()
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(data)).encode() + b"\r\n\r\n" + data
    with peer(answering(said)) as (url, _received):
        assert linkedin.get("urn:li:share:7", replace(credentials, api_url=url)) is None


def activity_near(remote_id, seconds=0):
    """Another identifier for about the same moment, as LinkedIn's share links carry it."""
    return f"urn:li:activity:{int(remote_id.rpartition(':')[2]) + (int(seconds * 1000) << 22) + 17}"


def test_get_by_a_shared_link_finds_the_post_of_that_moment(linkedin, credentials):
    published = publish(linkedin, credentials)
    assert linkedin.get(activity_near(published.remote_id), credentials).remote_id == published.remote_id


def test_get_by_a_shared_link_of_another_moment(linkedin, credentials):
    published = publish(linkedin, credentials)
    assert linkedin.get(activity_near(published.remote_id, -600), credentials) is None


def test_get_by_a_shared_link_does_not_guess(linkedin, credentials):
    published = [publish(linkedin, credentials, text) for text in ("Un", "Deux")][0]
    assert linkedin.get(activity_near(published.remote_id), credentials) is None


@pytest.mark.parametrize("number", ["0", "99999999999999999999"])
def test_get_by_a_shared_link_of_no_time(linkedin, credentials, number):
    assert linkedin.get(f"urn:li:activity:{number}", credentials) is None


def test_recent_is_newest_first_since_then(server, linkedin, credentials):
    start = datetime.now(UTC)
    for number in range(3):
        server.ledger.turn(clock_offset=number * 60.0)
        publish(linkedin, credentials, f"Bonjour {number}")
    found = linkedin.recent(credentials, since=start + timedelta(seconds=30))
    assert [post.text for post in found] == ["Bonjour 2", "Bonjour 1"]


def test_recent_reads_on_until_then(server, linkedin, credentials):
    server.ledger.turn(duplicate_seconds=0)
    for _number in range(101):
        publish(linkedin, credentials, "Bonjour")
    found = linkedin.recent(credentials, since=LONG_AGO)
    assert (len({post.remote_id for post in found}), len(calls(server, "GET", "/rest/posts"))) == (101, 3)


def test_recent_asks_once_when_the_page_is_older(server, linkedin, credentials):
    server.ledger.turn(duplicate_seconds=0)
    for _number in range(60):
        publish(linkedin, credentials, "Bonjour")
    server.ledger.turn(clock_offset=3600)
    found = linkedin.recent(credentials, since=datetime.now(UTC) + timedelta(seconds=1800))
    assert (found, len(calls(server, "GET", "/rest/posts"))) == ([], 1)


def test_recent_leaves_out_what_was_taken_down(linkedin, credentials):
    linkedin.remove(publish(linkedin, credentials).remote_id, credentials)
    assert linkedin.recent(credentials, since=just_now()) == []


def test_recent_without_the_reading_scope(linkedin, access):
    blind = access(scopes="w_organization_social")
    assert refusal(NeedsReconnect, linkedin.recent, blind, since=just_now()).reason == "no-right"


@pytest.mark.parametrize("fault", ["find-500", "find-html"])
def test_recent_that_fails_is_no_answer(server, linkedin, credentials, fault):
    server.ledger.set_faults("linkedin", [{"name": fault}])
    refusal(TryLater, linkedin.recent, credentials, since=just_now())


ODD = b"""{"elements": [null, 3, {}, {"id": "urn:li:share:1"}, {"id": "urn:li:share:2", "createdAt": "soon"},
 {"id": "urn:li:share:3", "createdAt": 99999999999999999999, "content": [], "commentary": null},
 {"id": "urn:li:share:4", "createdAt": 1795000000000, "content": {"multiImage": {"images": [{"id": "urn:li:image:1"}, {}]}}}]}"""


def test_recent_survives_odd_elements(linkedin, credentials):
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(ODD)).encode() + b"\r\n\r\n" + ODD
    with peer(answering(said)) as (url, _received):
        found = linkedin.recent(replace(credentials, api_url=url), since=LONG_AGO)
    assert found == [
        Found(
            "urn:li:share:4",
            "https://www.linkedin.com/feed/update/urn:li:share:4/",
            "",
            datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC),
            ("urn:li:image:1",),
        )
    ]


@pytest.mark.parametrize("data", [b"{}", b"[]", b"<html>", b'{"elements": {}}', b""])
def test_recent_does_not_take_an_unreadable_answer_for_an_empty_page(linkedin, credentials, data):
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(data)).encode() + b"\r\n\r\n" + data
    with peer(answering(said)) as (url, _received):
        outcome = refusal(TryLater, linkedin.recent, replace(credentials, api_url=url), since=LONG_AGO)
    assert outcome.reason == "unreadable"


# Taking down ---------------------------------------------------------------------------------------


def test_remove_can_be_repeated(server, linkedin, credentials):
    published = publish(linkedin, credentials)
    for _time in range(2):
        linkedin.remove(published.remote_id, credentials)
    assert (server.ledger.posts(), len(server.ledger.events("deleted"))) == ([], 1)


def test_remove_of_what_is_not_there_is_done(server, linkedin, credentials):
    assert linkedin.remove("urn:li:share:7", credentials) is None
    assert server.ledger.failures() == []


@pytest.mark.parametrize("data", [b"", b"<html>Not here</html>"])
def test_remove_does_not_take_an_unreadable_answer_for_done(linkedin, credentials, data):
    said = f"HTTP/1.1 404 So\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
    with peer(answering(said)) as (url, _received):
        refusal(TryLater, linkedin.remove, "urn:li:share:7", replace(credentials, api_url=url))


def test_remove_that_fails_may_be_repeated(server, linkedin, credentials):
    published = publish(linkedin, credentials)
    server.ledger.set_faults("linkedin", [{"name": "delete-500"}])
    refusal(TryLater, linkedin.remove, published.remote_id, credentials)
    linkedin.remove(published.remote_id, credentials)
    assert server.ledger.posts() == []


def test_whole_life_breaks_no_rule(server, linkedin, credentials):
    linkedin.verify(credentials)
    published = publish(linkedin, credentials, TEXT, image(), image(width=60))
    linkedin.get(published.remote_id, credentials)
    linkedin.recent(credentials, since=just_now())
    linkedin.remove(published.remote_id, credentials)
    assert server.ledger.failures() == []


def test_same_text_is_recognised_after_the_way_through_the_network(linkedin, credentials):
    published = publish(linkedin, credentials)
    assert linkedin.same(Content(TEXT), linkedin.get(published.remote_id, credentials)) is True
