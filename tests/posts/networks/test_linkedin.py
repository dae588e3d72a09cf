"""The LinkedIn connector against the rehearsal network: each outcome class, and what is truly online afterwards."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks import linkedin as module
from posts.networks.base import (
    Content,
    Duplicate,
    Media,
    NeedsReconnect,
    NotSent,
    Outcome,
    Published,
    Refused,
    TryLater,
    Unknown,
)
from tests.posts.networks.conftest import KEY, image
from tests.posts.networks.peer import answering, peer

TEXT = "Bravo à Léa (2021/2022) […] C# ~ a_b \\o/ @INET <3 {oui|non} * 🎓\n\n#INET #Élèves"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def nothing():
    """Nothing to ask before the first byte."""


def publish(linkedin, credentials, text=TEXT, *images, before_first_byte=nothing):
    content = Content(text, images)
    media = linkedin.prepare(content, credentials)
    return linkedin.create(content, media, credentials, key=KEY, before_first_byte=before_first_byte)


def refusal(kind, function, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


def calls(server, method, path):
    return [c for c in server.ledger.events("call") if (c["method"], c["path"]) == (method, path)]


def just_now():
    return datetime.now(UTC) - timedelta(minutes=2)


# Publishing -----------------------------------------------------------------------------------------


def test_create_publishes_the_text_whole(server, linkedin, credentials):
    published = publish(linkedin, credentials)
    (post,) = server.ledger.posts()
    assert (post["text"], post["urn"], server.ledger.failures()) == (TEXT, published.remote_id, [])


def test_create_gives_identifier_address_and_answer(server, linkedin, credentials):
    published = publish(linkedin, credentials)
    urn = server.ledger.posts()[0]["urn"]
    assert replace(published, answer="") == Published(urn, f"https://www.linkedin.com/feed/update/{urn}/", "")
    assert published.answer.splitlines()[:2] == ["HTTP 201", f"x-restli-id: {urn}"]


@pytest.mark.parametrize("count", [1, 2, 20])
def test_create_shows_the_pictures_in_order_with_their_descriptions(server, linkedin, credentials, count):
    images = [image(width=40 + number, alt=f"Photo {number} (portrait)") for number in range(count)]
    publish(linkedin, credentials, TEXT, *images)
    shown = server.ledger.posts()[0]["images"]
    assert [(one["sha256"], one["alt"]) for one in shown] == [(one.sha256, one.alt) for one in images]
    assert server.ledger.failures() == []


def test_create_is_one_call(server, linkedin, credentials):
    publish(linkedin, credentials)
    assert len(calls(server, "POST", "/rest/posts")) == 1


def test_no_before_the_first_byte_leaves_nothing(server, linkedin, credentials):
    def no():
        raise NotSent("lease-too-short", "no")

    outcome = refusal(NotSent, publish, linkedin, credentials, before_first_byte=no)
    assert (outcome.reason, server.ledger.posts(), server.ledger.events("call")) == (
        "lease-too-short",
        [],
        [],
    )


def test_text_of_exactly_the_limit_is_taken(server, linkedin, credentials):
    text = "(" * 1500
    assert [p for p in linkedin.check(Content(text), linkedin.limits) if not p.is_warning] == []
    publish(linkedin, credentials, text)
    assert server.ledger.posts()[0]["text"] == text


# What an uncertain answer leaves ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
)
def test_created_but_lost_is_unknown_and_found_exactly_once(server, linkedin, credentials, fault):
    server.ledger.set_faults("linkedin", [{"name": fault}])
    refusal(Unknown, publish, linkedin, credentials)
    found = linkedin.recent(credentials, since=just_now())
    assert [post.remote_id for post in found] == [server.ledger.posts()[0]["urn"]]
    assert linkedin.same(Content(TEXT), found[0]) is True
    assert len(calls(server, "POST", "/rest/posts")) == 1


@pytest.mark.parametrize(
    "fault", ["cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html", "conflict"]
)
def test_not_created_but_unclear_is_unknown_and_not_found(server, linkedin, credentials, fault):
    server.ledger.set_faults("linkedin", [{"name": fault}])
    refusal(Unknown, publish, linkedin, credentials)
    assert (linkedin.recent(credentials, since=just_now()), server.ledger.posts()) == ([], [])


def test_created_without_identifier_says_so(server, linkedin, credentials):
    server.ledger.set_faults("linkedin", [{"name": "no-id"}])
    outcome = refusal(Unknown, publish, linkedin, credentials)
    assert (outcome.reason, outcome.status) == ("no-id", 201)


def test_created_with_an_identifier_that_is_none(linkedin, credentials):
    with peer(answering(b"HTTP/1.1 201 OK\r\nx-restli-id: 7\r\nContent-Length: 0\r\n\r\n")) as (
        url,
        _received,
    ):
        outcome = refusal(Unknown, publish, linkedin, replace(credentials, api_url=url))
    assert outcome.reason == "no-id"


def test_created_although_the_body_breaks_off(linkedin, credentials):
    said = b"HTTP/1.1 201 OK\r\nx-restli-id: urn%3Ali%3Ashare%3A7\r\nContent-Length: 9\r\n\r\n{"
    with peer(answering(said)) as (url, _received):
        assert publish(linkedin, replace(credentials, api_url=url)).remote_id == "urn:li:share:7"


def test_answer_without_end_is_unknown_and_found(server, linkedin, credentials, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    server.ledger.set_faults("linkedin", [{"name": "endless"}])
    assert refusal(Unknown, publish, linkedin, credentials).reason == "no-id"
    assert len(linkedin.recent(credentials, since=just_now())) == 1


def test_answer_after_the_time_is_unknown_and_found(server, linkedin, credentials, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    server.ledger.set_faults("linkedin", [{"name": "slow-after", "seconds": 30}])
    assert refusal(Unknown, publish, linkedin, credentials).reason == "out-of-time"
    assert len(linkedin.recent(credentials, since=just_now())) == 1


def test_post_that_appears_after_we_gave_up(server, linkedin, credentials, monkeypatch):
    """Why an empty look is no proof: the network may still be at it."""
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.3)
    server.ledger.set_faults("linkedin", [{"name": "slow-before", "seconds": 1.0}])
    refusal(Unknown, publish, linkedin, credentials)
    looks = [len(linkedin.recent(credentials, since=just_now()))]
    while not looks[-1]:
        threading.Event().wait(0.1)
        looks.append(len(linkedin.recent(credentials, since=just_now())))
    assert (looks[0], looks[-1]) == (0, 1)


def test_find_gives_what_is_this_content_only(linkedin, credentials):
    published = [publish(linkedin, credentials, text) for text in ("Autre", TEXT)]
    found = linkedin.find(Content(TEXT), credentials, key=KEY, since=just_now())
    assert [post.remote_id for post in found] == [published[1].remote_id]


def test_unreachable_is_not_sent(linkedin, credentials):
    gone = replace(credentials, api_url="http://127.0.0.1:9")
    assert refusal(NotSent, publish, linkedin, gone).reason == "unreachable"


# What a clear no means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"expires_in": -1}, "token-expired"),
        ({"fresh": 1}, "token-revoked"),
        ({"scopes": "r_organization_social"}, "no-right"),
        ({"role": "ANALYST"}, "no-right"),
    ],
)
def test_access_that_does_not_reach_needs_reconnecting(server, linkedin, access, grant, reason):
    assert refusal(NeedsReconnect, publish, linkedin, access(**grant)).reason == reason
    assert server.ledger.posts() == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"name": "token-revoked"}, "token-revoked"),
        ({"name": "token-expired"}, "token-expired"),
        ({"name": "scope-missing"}, "no-right"),
        ({"name": "scope-missing", "scope": "w_organization_social"}, "no-right"),
        ({"name": "version-retired"}, "version-retired"),
    ],
)
def test_access_that_ends_at_the_last_moment_needs_reconnecting(server, linkedin, credentials, fault, reason):
    server.ledger.set_faults("linkedin", [fault])
    assert refusal(NeedsReconnect, publish, linkedin, credentials).reason == reason
    assert server.ledger.posts() == []


def test_unknown_token_needs_reconnecting(linkedin, credentials):
    assert (
        refusal(NeedsReconnect, publish, linkedin, replace(credentials, token="AQx")).reason
        == "token-invalid"
    )


@pytest.mark.parametrize("version", ["", "202512", "2026-09"])
def test_version_that_is_not_served_stops_the_channel(linkedin, credentials, version):
    outcome = refusal(NeedsReconnect, publish, linkedin, replace(credentials, version=version))
    assert outcome.reason == "version-retired"


def test_throttled_tries_later(server, linkedin, credentials):
    server.ledger.set_faults("linkedin", [{"name": "quota", "retry_after": 90}])
    outcome = refusal(TryLater, publish, linkedin, credentials)
    assert (outcome.reason, outcome.retry_after, server.ledger.posts()) == ("throttled", 90.0, [])


def test_picture_not_ready_at_the_last_moment_tries_later(server, linkedin, credentials):
    server.ledger.set_faults("linkedin", [{"name": "waiting-upload"}])
    outcome = refusal(TryLater, publish, linkedin, credentials, TEXT, image())
    assert (outcome.reason, outcome.retry_after, server.ledger.posts()) == ("media-not-ready", 120.0, [])


def test_too_long_is_refused(server, linkedin, credentials):
    outcome = refusal(Refused, publish, linkedin, credentials, "a" * 3001)
    assert (outcome.reason, server.ledger.posts()) == ("field-length-too-long", [])


def test_picture_of_another_page_is_refused(server, linkedin, credentials, access):
    other = replace(access(organization="2002"), remote_id="urn:li:organization:2002")
    content = Content(TEXT, (image(),))
    media = linkedin.prepare(content, other)
    refusal(Refused, linkedin.create, content, media, credentials, key=KEY, before_first_byte=nothing)
    assert server.ledger.posts() == []


def test_unknown_picture_is_refused(linkedin, credentials):
    content, media = Content(TEXT, (image(),)), Media(("urn:li:image:C4D99",))
    outcome = refusal(
        Refused, linkedin.create, content, media, credentials, key=KEY, before_first_byte=nothing
    )
    assert outcome.reason == "invalid-image-id"


def test_same_again_is_a_duplicate_of_the_live_post(linkedin, credentials):
    first = publish(linkedin, credentials)
    outcome = refusal(Duplicate, publish, linkedin, credentials)
    assert outcome.remote_id == first.remote_id
    assert linkedin.same(Content(TEXT), linkedin.get(outcome.remote_id, credentials)) is True


def test_same_after_taking_down_is_a_duplicate_of_a_ghost(linkedin, credentials):
    first = publish(linkedin, credentials)
    linkedin.remove(first.remote_id, credentials)
    outcome = refusal(Duplicate, publish, linkedin, credentials)
    assert (outcome.remote_id, linkedin.get(outcome.remote_id, credentials)) == (first.remote_id, None)
