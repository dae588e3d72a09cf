"""The Bluesky connector against the rehearsal network: access, the account, reading back, taking down."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks.base import (
    Choice,
    Content,
    Counts,
    Found,
    NeedsReconnect,
    NotSent,
    Page,
    Refused,
    TryLater,
)
from posts.networks.bluesky import WHOLE_ACCOUNT
from tests.posts.networks.bluesky_stage import (
    KEYS,
    LONG_AGO,
    MADE_AT,
    TEXT,
    Stage,
    just_now,
    key,
    nothing,
    refusal,
    saying,
)
from tests.posts.networks.conftest import image

LIST = "com.atproto.repo.listRecords"


@pytest.fixture
def stage(server):
    return Stage(server)


def sign_in(stage, identifier="inet.test", password="rehearsal", app=None):
    return stage.bluesky.sign_in(app or stage.app, identifier, password)


# Access --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["inet.test", "@inet.test", " inet.test ", "\u202a@inet.test\u202c"])
def test_sign_in_gives_the_one_account(stage, identifier):
    _grant, choice = sign_in(stage, identifier)
    assert choice == Choice(stage.did, "inet.test", True, f"https://bsky.app/profile/{stage.did}")
    assert stage.ledger.failures() == []


def test_sign_in_gives_access_of_two_hours_that_is_renewed_for_ninety_days(stage):
    grant, choice = sign_in(stage)
    assert (grant.expires_in, grant.refresh_expires_in, grant.scopes) == (7200.0, 7_776_000.0, frozenset())
    credentials = replace(stage.credentials, token=grant.token, remote_id=choice.remote_id)
    assert stage.publish(credentials=credentials).remote_id == stage.posts()[0]["urn"]


def test_sign_in_says_where_the_account_lives(stage):
    stage.there.told("page", {"id": stage.did, "pds": "http://127.0.0.1:4321/api/bluesky"})
    assert sign_in(stage)[1].api_url == "http://127.0.0.1:4321/api/bluesky"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("https://shiitake.us-east.host.bsky.network", "https://shiitake.us-east.host.bsky.network"),
        ("https://pds.inet.fr/", "https://pds.inet.fr"),
        ("http://pds.inet.fr", ""),
        ("https://pds.inet.fr:8443", ""),
        ("https://user@pds.inet.fr", ""),
        ("https://pds.inet.fr/path?x", ""),
        ("https://localhost", ""),
        ("file:///etc", ""),
        (3, ""),
    ],
)
def test_sign_in_believes_only_an_address_of_the_open_internet(stage, said, expected):
    from posts.networks.bluesky.access import _home

    data = {"didDoc": {"service": [None, {"id": "#other"}, {"id": "#atproto_pds", "serviceEndpoint": said}]}}
    assert _home(data, replace(stage.app, api_url="https://bsky.social", is_public=True)) == expected


@pytest.mark.parametrize(
    ("identifier", "password"), [("inet.test", "wrong"), ("nobody.test", "rehearsal"), ("", "")]
)
def test_sign_in_with_a_wrong_name_or_password_is_refused(stage, identifier, password):
    assert refusal(Refused, sign_in, stage, identifier, password).reason == "wrong-password"


def test_sign_in_too_often_waits(stage):
    stage.there.told("limits", {"sessions": 0})
    outcome = refusal(TryLater, sign_in, stage)
    assert (outcome.reason, 0 < outcome.retry_after <= 301) == ("throttled", True)


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (401, b'{"error": "AuthFactorTokenRequired"}', Refused, "main-password"),
        (401, b'{"error": "AccountTakedown"}', Refused, "taken-down"),
        (400, b'{"error": "InvalidRequest"}', Refused, "wrong-password"),
        (404, b"<html>", Refused, "no-bluesky"),
        (500, b'{"error": "InternalServerError"}', TryLater, "http-500"),
        (503, b"<html>", TryLater, "http-503"),
        (200, b"<html>", TryLater, "unreadable"),
        (200, b"{}", TryLater, "unreadable"),
        (200, b'{"accessJwt": "a", "refreshJwt": "b", "did": "inet"}', TryLater, "unreadable"),
        (200, b'{"accessJwt": "a b", "refreshJwt": "b", "did": "did:plc:abc"}', TryLater, "unreadable"),
        (200, b'{"accessJwt": 3, "refreshJwt": "b", "did": "did:plc:abc"}', TryLater, "unreadable"),
    ],
)
def test_sign_in_that_is_answered_strangely(stage, status, body, kind, reason):
    with saying(status, body) as (url, _received):
        outcome = refusal(kind, sign_in, stage, app=replace(stage.app, api_url=url))
    assert outcome.reason == reason


def test_sign_in_with_tokens_of_another_kind_takes_the_usual_lives(stage):
    body = b'{"accessJwt": "opaque", "refreshJwt": "b.!.c", "did": "did:plc:abc"}'
    with saying(200, body) as (url, _received):
        grant, choice = sign_in(stage, app=replace(stage.app, api_url=url))
    assert (grant.expires_in, grant.refresh_expires_in, choice.name) == (7200.0, 7_776_000.0, "did:plc:abc")


def test_sign_in_keeps_the_password_out_of_what_is_told(stage):
    with saying(500, b'{"error": "No", "message": "not secret-word-1234"}') as (url, _received):
        outcome = refusal(
            TryLater, sign_in, stage, "inet.test", "secret-word-1234", replace(stage.app, api_url=url)
        )
    assert ("secret" in outcome.answer, "secret" in repr(outcome)) == (False, False)


def test_sign_in_unreachable(stage):
    refusal(NotSent, sign_in, stage, app=replace(stage.app, api_url="http://127.0.0.1:9"))


def test_refresh_gives_another_pair(stage):
    grant, _choice = sign_in(stage)
    new = stage.bluesky.refresh(stage.app, grant.refresh_token)
    assert len({grant.token, grant.refresh_token, new.token, new.refresh_token}) == 4
    assert stage.bluesky.verify(replace(stage.credentials, token=new.token)).name == "INET"
    assert stage.ledger.failures() == []


def test_refresh_whose_answer_was_lost_may_be_asked_again(stage):
    grant, _choice = sign_in(stage)
    stage.faults("refresh-lost")
    refusal(TryLater, stage.bluesky.refresh, stage.app, grant.refresh_token)
    assert stage.bluesky.refresh(stage.app, grant.refresh_token).refresh_token != grant.refresh_token


def test_refresh_that_is_over_needs_reconnecting(stage):
    grant, _choice = sign_in(stage)
    stage.there.told("revoke", {"token": grant.refresh_token})
    outcome = refusal(NeedsReconnect, stage.bluesky.refresh, stage.app, grant.refresh_token)
    assert outcome.reason == "refresh-refused"


def test_refresh_of_a_closed_account_is_a_matter_for_staff(stage):
    grant, _choice = sign_in(stage)
    stage.there.told("page", {"id": stage.did, "status": "takendown"})
    assert (
        refusal(NeedsReconnect, stage.bluesky.refresh, stage.app, grant.refresh_token).reason == "taken-down"
    )


@pytest.mark.parametrize("token", ["", "no header", "été"])
def test_refresh_with_what_is_no_token(stage, token):
    refusal(NeedsReconnect, stage.bluesky.refresh, stage.app, token)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(500, b"", TryLater), (403, b"<html>", TryLater), (200, b"{}", TryLater), (429, b"", TryLater)],
)
def test_refresh_that_is_answered_strangely_is_asked_again(stage, status, body, kind):
    with saying(status, body) as (url, _received):
        refusal(kind, stage.bluesky.refresh, replace(stage.app, api_url=url), "a.b.c")


# The account ---------------------------------------------------------------------------------------


def test_verify_names_the_account(stage):
    assert stage.bluesky.verify(stage.credentials) == Page(
        "INET", stage.did, f"https://bsky.app/profile/{stage.did}", 3052, "", handle="inet.test"
    )
    assert stage.ledger.failures() == []


def test_verify_does_without_the_machine_that_tells_figures(stage):
    stage.faults("appview-down")
    page = stage.bluesky.verify(stage.credentials)
    assert (page.name, page.followers) == ("inet.test", None)


def test_verify_warns_of_the_password_of_the_whole_account(stage):
    claims = (
        base64.urlsafe_b64encode(json.dumps({"scope": "com.atproto.access"}).encode()).decode().rstrip("=")
    )
    whole = stage.access(token=f"a.{claims}.c")
    assert stage.bluesky.verify(whole).warning == WHOLE_ACCOUNT


@pytest.mark.parametrize(("status", "reason"), [("takendown", "takendown"), ("deactivated", "deactivated")])
def test_verify_refuses_a_closed_account(stage, status, reason):
    stage.there.told("page", {"id": stage.did, "status": status})
    assert refusal(NeedsReconnect, stage.bluesky.verify, stage.credentials).reason == reason


def test_verify_refuses_an_access_to_another_account(stage):
    other = stage.access(page=stage.there.told("page", {"handle": "lea.test"})["id"])
    mixed = replace(other, remote_id=stage.did)
    assert refusal(NeedsReconnect, stage.bluesky.verify, mixed).reason == "another-account"


def test_verify_refuses_an_expired_access(stage):
    expired = stage.access(expires_in=-1)
    assert refusal(NeedsReconnect, stage.bluesky.verify, expired).reason == "token-expired"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
def test_verify_takes_no_unreadable_answer_for_a_no(stage, body):
    with saying(200, body) as (url, _received):
        refusal(TryLater, stage.bluesky.verify, replace(stage.credentials, api_url=url))


def test_verify_unreachable(stage):
    refusal(NotSent, stage.bluesky.verify, replace(stage.credentials, api_url="http://127.0.0.1:9"))


# Reading back --------------------------------------------------------------------------------------


def test_get_reads_what_people_read(stage):
    published = stage.publish(TEXT, image())
    found = stage.bluesky.get(published.remote_id, stage.credentials)
    assert (found.remote_id, found.url, found.text) == (published.remote_id, published.url, TEXT)
    assert (len(found.media_ids), found.created_at) == (
        1,
        datetime(2026, 11, 24, 10, 0, 0, 123000, tzinfo=UTC),
    )


def test_get_by_the_handle_of_a_copied_link(stage):
    published = stage.publish()
    link = f"https://bsky.app/profile/inet.test/post/{KEYS[0]}"
    found = stage.bluesky.get(stage.bluesky.remote_id_from(link), stage.credentials)
    assert found.remote_id == published.remote_id


@pytest.mark.parametrize(
    "uri",
    [
        "at://did:plc:other/app.bsky.feed.post/3lbcdefghij2a",
        "at://nobody.test/app.bsky.feed.post/3lbcdefghij2a",
        "at://inet.test/app.bsky.feed.post/3lbcdefghij2b",
        "at://inet.test/app.bsky.feed.like/3lbcdefghij2a",
        "urn:li:share:7",
        "",
    ],
)
def test_get_of_what_is_not_ours_or_not_there(stage, uri):
    stage.publish()
    assert stage.bluesky.get(uri, stage.credentials) is None


def test_get_of_what_was_taken_down(stage):
    published = stage.publish()
    stage.bluesky.remove(published.remote_id, stage.credentials)
    assert stage.bluesky.get(published.remote_id, stage.credentials) is None


@pytest.mark.parametrize("fault", ["get-500", "find-html"])
def test_get_that_fails_is_no_answer(stage, fault):
    published = stage.publish()
    stage.faults(fault)
    refusal(TryLater, stage.bluesky.get, published.remote_id, stage.credentials)


@pytest.mark.parametrize(
    ("status", "body", "is_none"),
    [
        (400, b'{"error": "RecordNotFound"}', True),
        (400, b'{"error": "InvalidRequest", "message": "Could not locate record: at://x"}', True),
        (400, b'{"error": "InvalidRequest"}', False),
        (404, b"<html>", False),
        (200, b"{}", False),
        (200, b'{"value": []}', False),
        (200, b"", False),
    ],
)
def test_only_a_clear_no_means_that_there_is_none(stage, status, body, is_none):
    uri = f"at://{stage.did}/app.bsky.feed.post/{KEYS[0]}"
    with saying(status, body) as (url, _received):
        gone = replace(stage.credentials, api_url=url)
        if is_none:
            assert stage.bluesky.get(uri, gone) is None
        else:
            refusal(TryLater if status != 400 else Refused, stage.bluesky.get, uri, gone)


def test_find_knows_what_is_ours_by_key_and_words(stage):
    published = stage.publish()
    looked = [
        stage.bluesky.find(content, stage.credentials, key=key(record), since=just_now())
        for content, record in (
            (Content(TEXT), KEYS[0]),
            (Content("Autre"), KEYS[0]),
            (Content(TEXT), KEYS[1]),
        )
    ]
    assert [[post.remote_id for post in posts] for posts in looked] == [[published.remote_id], [], []]


@pytest.mark.parametrize("fault", ["find-500", "find-html"])
def test_find_that_fails_is_no_answer(stage, fault):
    stage.publish()
    stage.faults(fault)
    refusal(TryLater, stage.bluesky.find, Content(TEXT), stage.credentials, key=key(), since=just_now())


def test_recent_is_newest_first_since_then(stage):
    content = Content(TEXT)
    for number, record in enumerate(KEYS[:3]):
        made = key(record, MADE_AT + timedelta(minutes=number))
        media = stage.bluesky.prepare(content, stage.credentials)
        stage.bluesky.create(content, media, stage.credentials, key=made, before_first_byte=nothing)
    found = stage.bluesky.recent(stage.credentials, since=MADE_AT + timedelta(seconds=30))
    assert [post.remote_id.rpartition("/")[2] for post in found] == [KEYS[2], KEYS[1]]


def test_recent_reads_on_until_then(stage):
    letters = "234567abcdefghij"
    keys = [f"3lbcdefghij{one}{other}" for one in letters for other in letters][:201]
    for record in keys:
        stage.publish("Bonjour", record=record)
    found = stage.bluesky.recent(stage.credentials, since=LONG_AGO)
    assert ([post.remote_id[-13:] for post in found], len(stage.calls(LIST))) == (
        sorted(keys, reverse=True),
        3,
    )


def test_recent_asks_once_when_the_account_is_older(stage):
    stage.publish()
    assert stage.bluesky.recent(stage.credentials, since=datetime(2030, 1, 1, tzinfo=UTC)) == []
    assert len(stage.calls(LIST)) == 1


@pytest.mark.parametrize("fault", ["find-500", "find-html"])
def test_recent_that_fails_is_no_answer(stage, fault):
    stage.faults(fault)
    refusal(TryLater, stage.bluesky.recent, stage.credentials, since=just_now())


ODD = b"""{"cursor": 3, "records": [null, 3, {}, {"uri": "at://x/y/z", "value": {}},
 {"uri": "at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2e", "value": []},
 {"uri": "at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2d", "value": {"text": "Merci", "createdAt": "2026-11-18T11:06:40Z", "reply": {"x": 1}}},
 {"uri": "at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2c", "value": {"text": null, "createdAt": "2026-11-18T12:06:40+01:00",
  "embed": {"media": {"images": [null, {}, {"image": {"ref": {"$link": "bafy"}}}]}}}},
 {"uri": "at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2b", "value": {"createdAt": "soon", "embed": {"images": 3}}}]}"""


def test_recent_survives_odd_records_and_leaves_out_answers_to_others(stage):
    with saying(200, ODD) as (url, _received):
        found = stage.bluesky.recent(replace(stage.credentials, api_url=url), since=LONG_AGO)
    assert found == [
        Found(
            "at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2c",
            "https://bsky.app/profile/did:plc:abc/post/3lbcdefghij2c",
            "",
            datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC),
            ("bafy",),
        )
    ]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"records": {}}', b""])
def test_recent_does_not_take_an_unreadable_answer_for_an_empty_account(stage, body):
    with saying(200, body) as (url, _received):
        outcome = refusal(
            TryLater, stage.bluesky.recent, replace(stage.credentials, api_url=url), since=LONG_AGO
        )
    assert outcome.reason == "unreadable"


# Figures -------------------------------------------------------------------------------------------


def test_counts_of_a_post(stage):
    uri = stage.publish().remote_id
    stage.there.told("figures", {"uri": uri, "like": 12, "reply": 3, "repost": 2, "quote": 1})
    assert stage.bluesky.counts(uri, stage.credentials) == Counts(reactions=12, comments=3, shares=3)


def test_counts_of_what_is_not_there(stage):
    uri = f"at://{stage.did}/app.bsky.feed.post/{KEYS[0]}"
    assert stage.bluesky.counts(uri, stage.credentials) == Counts()


def test_counts_while_the_machine_that_tells_them_is_down(stage):
    uri = stage.publish().remote_id
    stage.faults("appview-down")
    assert stage.bluesky.counts(uri, stage.credentials) == Counts()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"posts": {}}', b'{"posts": [3]}', b'{"posts": [{"uri": "at://x", "likeCount": 3}]}'],
)
def test_counts_believe_no_strange_answer(stage, body):
    with saying(200, body) as (url, _received):
        gone = replace(stage.credentials, api_url=url)
        assert stage.bluesky.counts("at://did:plc:abc/app.bsky.feed.post/3lbcdefghij2a", gone) == Counts()


def test_counts_with_an_ended_access(stage):
    uri = stage.publish().remote_id
    refusal(NeedsReconnect, stage.bluesky.counts, uri, stage.access(expires_in=-1))


# Taking down ---------------------------------------------------------------------------------------


def test_remove_can_be_repeated(stage):
    published = stage.publish()
    for _time in range(2):
        stage.bluesky.remove(published.remote_id, stage.credentials)
    assert (stage.posts(), len(stage.ledger.events("deleted"))) == ([], 1)


def test_remove_of_what_is_not_there_is_done(stage):
    uri = f"at://{stage.did}/app.bsky.feed.post/{KEYS[0]}"
    assert stage.bluesky.remove(uri, stage.credentials) is None
    assert stage.ledger.failures() == []


@pytest.mark.parametrize("uri", ["at://did:plc:other/app.bsky.feed.post/3lbcdefghij2a", "urn:li:share:7", ""])
def test_remove_of_what_is_not_ours_is_refused(stage, uri):
    assert refusal(Refused, stage.bluesky.remove, uri, stage.credentials).reason == "not-ours"
    assert stage.ledger.events("call") == []


def test_remove_that_fails_may_be_repeated(stage):
    published = stage.publish()
    stage.faults("delete-500")
    refusal(TryLater, stage.bluesky.remove, published.remote_id, stage.credentials)
    stage.bluesky.remove(published.remote_id, stage.credentials)
    assert stage.posts() == []


def test_edit_is_refused(stage):
    published = stage.publish()
    assert (
        refusal(Refused, stage.bluesky.edit, published.remote_id, Content("Autre"), stage.credentials).reason
        == "no-edit"
    )
    assert stage.posts()[0]["text"] == TEXT


def test_whole_life_breaks_no_rule(stage):
    stage.bluesky.verify(stage.credentials)
    published = stage.publish(TEXT, image(), image(width=60))
    stage.bluesky.get(published.remote_id, stage.credentials)
    stage.bluesky.recent(stage.credentials, since=just_now())
    stage.bluesky.counts(published.remote_id, stage.credentials)
    stage.bluesky.remove(published.remote_id, stage.credentials)
    assert stage.ledger.failures() == []
