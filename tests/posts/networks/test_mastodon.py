"""The Mastodon connector against the rehearsal server: each outcome class, and what is truly online afterwards."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from posts.networks import mastodon as module
from posts.networks.base import (
    Content,
    Credentials,
    Key,
    Link,
    Media,
    NeedsReconnect,
    NotSent,
    Outcome,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.mastodon import Mastodon
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.rehearsal.wire import picture

TEXT = "Bravo à Léa & <Paul> 🎓 https://www.exemple.fr/un/chemin/plus/long/que/trente?a=1#b\n\nmerci @ENA@Piaille.fr, #INET"
KEY = Key("delivery-1-1", "3kabcdefghijk", datetime(2026, 11, 25, tzinfo=UTC))
POST = ("POST", "/api/v1/statuses")


@pytest.fixture
def mastodon(sleeps):
    return Mastodon(sleep=sleeps.append)


@pytest.fixture
def credentials(server):
    return access(server)


def access(server, **grant):
    given = server.networks["mastodon"].told("token", grant)
    return Credentials(f"{server.url}/api/mastodon", given["access_token"], given["page"])


def become(server, **changes):
    server.networks["mastodon"].told("instance", changes)


def fault(server, name, **options):
    server.ledger.set_faults("mastodon", [{"name": name, **options}])


def nothing():
    """Nothing to ask before the first byte."""


def publish(mastodon, credentials, text=TEXT, *images, key=KEY, before_first_byte=nothing, **more):
    content = Content(text, images, **more)
    media = mastodon.prepare(content, credentials)
    return mastodon.create(content, media, credentials, key=key, before_first_byte=before_first_byte)


def refusal(kind, function, *arguments, **options):
    with pytest.raises(Outcome) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind, caught.value
    return caught.value


def look(mastodon, credentials, text=TEXT):
    since = datetime.now(UTC) - timedelta(minutes=2)
    return mastodon.find(Content(text), credentials, key=KEY, since=since)


def calls(server, method, path):
    return [c for c in server.ledger.events("call") if (c["method"], c["path"]) == (method, path)]


def online(server):
    return [post["urn"] for post in server.ledger.posts("mastodon")]


# Publishing -----------------------------------------------------------------------------------------


def test_create_publishes_the_text_whole(server, mastodon, credentials):
    published = publish(mastodon, credentials)
    (post,) = server.ledger.posts("mastodon")
    assert (post["body"]["status"], post["urn"], server.ledger.failures()) == (TEXT, published.remote_id, [])


def test_create_gives_identifier_and_address(server, mastodon, credentials):
    published = publish(mastodon, credentials)
    (urn,) = online(server)
    assert (published.remote_id, published.url) == (urn, f"{server.url}/mastodon/@inet/{urn}")
    assert published.answer.startswith("HTTP 200\nX-RateLimit-Reset: ")


def test_create_says_to_whom_and_in_which_language(server, mastodon, credentials):
    publish(mastodon, credentials, language="en")
    (post,) = server.ledger.posts("mastodon")
    assert [post["body"][name] for name in ("visibility", "language", "sensitive", "spoiler_text")] == [
        "public",
        "en",
        False,
        "",
    ]


def test_create_leaves_out_a_language_that_is_none(server, mastodon, credentials):
    publish(mastodon, credentials, language="fr-FR")
    assert (server.ledger.posts("mastodon")[0]["body"]["language"], server.ledger.failures()) == (None, [])


@pytest.mark.parametrize("count", [1, 2, 4])
def test_create_shows_the_pictures_in_order_with_their_descriptions(server, mastodon, credentials, count):
    images = [image(width=40 + number, alt=f"Photo {number} « portrait »") for number in range(count)]
    publish(mastodon, credentials, TEXT, *images)
    shown = server.ledger.posts("mastodon")[0]["images"]
    assert [(one["sha256"], one["alt"]) for one in shown] == [(one.sha256, one.alt) for one in images]
    assert server.ledger.failures() == []


def test_create_shows_pictures_without_a_word(server, mastodon, credentials):
    publish(mastodon, credentials, "", image())
    assert (len(server.ledger.posts("mastodon")[0]["images"]), server.ledger.failures()) == (1, [])


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Lire", "Lire\n\nhttps://exemple.fr/a"),
        ("Lire https://exemple.fr/a !", "Lire https://exemple.fr/a !"),
        ("", "https://exemple.fr/a"),
    ],
)
def test_create_adds_the_link_unless_the_text_has_it(server, mastodon, credentials, text, sent):
    publish(mastodon, credentials, text, link=Link("https://exemple.fr/a"))
    assert server.ledger.posts("mastodon")[0]["text"] == sent


def test_create_is_one_call(server, mastodon, credentials):
    publish(mastodon, credentials)
    assert len(calls(server, *POST)) == 1


def test_no_before_the_first_byte_leaves_nothing(server, mastodon, credentials):
    def no():
        raise NotSent("lease-too-short", "no")

    outcome = refusal(NotSent, publish, mastodon, credentials, before_first_byte=no)
    assert (outcome.reason, online(server), calls(server, *POST)) == ("lease-too-short", [], [])


def test_text_of_exactly_the_limit_is_taken(server, mastodon, credentials):
    text = "👩🏽‍🎓" * 450 + " @ena@piaille.fr https://exemple.fr/" + "a" * 60 + " " + "é" * 19
    assert (mastodon.length(text, mastodon.limits), mastodon.check(Content(text), mastodon.limits)) == (
        499,
        [],
    )
    publish(mastodon, credentials, text + "é")
    assert server.ledger.failures() == []


@pytest.mark.parametrize("like", ["hollo", "takahe"])
def test_create_on_other_software(server, mastodon, credentials, like):
    become(server, like=like)
    limits = mastodon.verify(credentials).limits
    text = "a" * limits.get("text", 500)
    published = publish(mastodon, credentials, text, image())
    assert (online(server), server.ledger.failures()) == ([published.remote_id], [])


# What an uncertain answer leaves ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
)
def test_created_but_lost_is_unknown_and_found_exactly_once(server, mastodon, credentials, name):
    fault(server, name)
    refusal(Unknown, publish, mastodon, credentials)
    assert [found.remote_id for found in look(mastodon, credentials)] == online(server)
    assert (len(online(server)), len(calls(server, *POST))) == (1, 1)


@pytest.mark.parametrize(
    "name", ["cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html", "lock-held"]
)
def test_not_created_but_unclear_is_unknown_and_not_found(server, mastodon, credentials, name):
    fault(server, name)
    refusal(Unknown, publish, mastodon, credentials)
    assert (look(mastodon, credentials), online(server)) == ([], [])


@pytest.mark.parametrize(
    "name", ["cut-after", "answer-500", "answer-503", "no-id", "refuse-503", "cut-before"]
)
def test_same_key_again_makes_one_post(server, mastodon, credentials, name):
    fault(server, name)
    refusal(Unknown, publish, mastodon, credentials, TEXT, image())
    published = publish(mastodon, credentials, TEXT, image())
    assert (online(server), server.ledger.failures()) == ([published.remote_id], [])


@pytest.mark.parametrize(("like", "posts"), [("mastodon", 1), ("takahe", 2)])
def test_same_key_again_is_safe_only_where_the_server_says_it_is_mastodon(
    server, mastodon, credentials, like, posts
):
    """Why repeat_seconds is 0 elsewhere."""
    become(server, like=like)
    fault(server, "cut-after")
    refusal(Unknown, publish, mastodon, credentials)
    publish(mastodon, credentials)
    repeat_seconds = mastodon.verify(credentials).limits.get("repeat_seconds", 0)
    assert (len(online(server)), repeat_seconds) == (posts, 3000.0 if posts == 1 else 0)


def test_key_is_trusted_for_less_than_servers_keep_it(server, mastodon, credentials):
    publish(mastodon, credentials)
    server.ledger.turn(clock_offset=mastodon.verify(credentials).limits["repeat_seconds"])
    publish(mastodon, credentials)
    assert len(online(server)) == 1


def test_same_key_of_a_post_that_was_deleted_is_refused_in_words(server, mastodon, credentials):
    mastodon.remove(publish(mastodon, credentials).remote_id, credentials)
    outcome = refusal(Refused, publish, mastodon, credentials)
    assert (outcome.reason, outcome.status, online(server)) == ("gone", 404, [])
    assert "deleted" in str(outcome.message)


def test_created_without_identifier_says_so(server, mastodon, credentials):
    fault(server, "no-id")
    outcome = refusal(Unknown, publish, mastodon, credentials)
    assert (outcome.reason, outcome.status) == ("no-id", 200)


SAID = [
    b"",
    b"<html>",
    b"[]",
    b"null",
    b'{"id": null}',
    b'{"id": ""}',
    b'{"id": true}',
    b'{"id": {"a": 1}}',
    b'{"id": "a/b?c"}',
    b'{"id": "1',
    b'{"id": "1", "scheduled_at": "2026-12-05T12:33:01.000Z", "params": {}}',
]


@pytest.mark.parametrize("body", SAID)
def test_created_with_an_answer_that_cannot_be_read_is_unknown(mastodon, credentials, body):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with peer(answering(head, body)) as (url, _received):
        outcome = refusal(Unknown, publish, mastodon, replace(credentials, api_url=url))
    assert outcome.reason == "no-id"


@pytest.mark.parametrize(
    ("body", "remote_id", "url"),
    [
        ({"id": "1", "url": "https://a.fr/@b/1"}, "1", "https://a.fr/@b/1"),
        ({"id": 7, "url": None, "uri": "https://a.fr/s/7"}, "7", "https://a.fr/s/7"),
        ({"id": "0193-abCD_x", "url": "javascript:alert(1)"}, "0193-abCD_x", ""),
        ({"id": "1", "url": 'https://a.fr/"onclick="'}, "1", ""),
        ({"id": "1", "media_attachments": "none", "account": 3}, "1", ""),
    ],
)
def test_created_with_an_answer_of_another_shape(mastodon, credentials, body, remote_id, url):
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 201 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    with peer(answering(head, data)) as (there, _received):
        published = publish(mastodon, replace(credentials, api_url=there))
    assert (published.remote_id, published.url) == (remote_id, url)


@pytest.mark.parametrize("name", ["slow-after", "endless"])
def test_answer_after_the_time_is_unknown_and_found(server, mastodon, credentials, monkeypatch, name):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    fault(server, name, **({"seconds": 30} if name == "slow-after" else {}))
    refusal(Unknown, publish, mastodon, credentials)
    assert len(look(mastodon, credentials)) == 1


def test_post_that_appears_after_we_gave_up(server, mastodon, credentials, monkeypatch):
    """Why an empty look is no proof: the server may still be at it. The key is what helps."""
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.3)
    fault(server, "slow-before", seconds=1.0)
    refusal(Unknown, publish, mastodon, credentials)
    looks = [len(look(mastodon, credentials))]
    while not looks[-1]:
        threading.Event().wait(0.1)
        looks.append(len(look(mastodon, credentials)))
    publish(mastodon, credentials)
    assert (looks[0], looks[-1], len(online(server))) == (0, 1, 1)


def test_unreachable_is_not_sent(mastodon, credentials):
    gone = replace(credentials, api_url="http://127.0.0.1:9")
    assert refusal(NotSent, publish, mastodon, gone).reason == "unreachable"


def test_redirect_is_not_followed(mastodon, credentials):
    with peer(answering(b"")) as (elsewhere, received):
        said = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode()
        with peer(answering(said)) as (url, _received):
            refusal(Unknown, publish, mastodon, replace(credentials, api_url=url))
        assert received == []


# Answered as if all were well ------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "line"), [(0, "0 of 2 pictures attached"), (1, "1 of 2 pictures attached")])
def test_fewer_pictures_than_asked_is_published_and_told(server, mastodon, credentials, kept, line):
    """The words are online: sending again would double them."""
    fault(server, "fewer-attachments", kept=kept)
    published = publish(mastodon, credentials, TEXT, image(), image(width=41))
    read = mastodon.get(published.remote_id, credentials)
    assert (published.answer.splitlines()[0], len(read.media_ids), online(server)) == (
        line,
        kept,
        [published.remote_id],
    )


def test_dropped_as_spam_is_seen_when_read_back(server, mastodon, credentials):
    fault(server, "spam-drop")
    published = publish(mastodon, credentials)
    assert (mastodon.get(published.remote_id, credentials), look(mastodon, credentials)) == (None, [])


def test_unlisted_by_the_server_is_online_all_the_same(server, mastodon, credentials):
    fault(server, "limited")
    published = publish(mastodon, credentials)
    assert mastodon.get(published.remote_id, credentials).remote_id == published.remote_id


# What a clear no means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"expires_in": -1}, "token-invalid"),
        ({"scopes": "read"}, "no-right"),
        ({"scopes": "write:media"}, "no-right"),
    ],
)
def test_access_that_does_not_reach_needs_reconnecting(server, mastodon, grant, reason):
    outcome = refusal(NeedsReconnect, publish, mastodon, access(server, **grant))
    assert (outcome.reason, online(server)) == (reason, [])


@pytest.mark.parametrize("form", ["json", "text", "html", "empty"])
def test_unknown_token_needs_reconnecting_however_it_is_said(server, mastodon, credentials, form):
    become(server, errors=form)
    outcome = refusal(NeedsReconnect, publish, mastodon, replace(credentials, token="abc"))
    assert outcome.reason == "token-invalid"


def test_throttled_tries_later_when_the_server_says(server, mastodon, credentials):
    fault(server, "quota", retry_after=90)
    outcome = refusal(TryLater, publish, mastodon, credentials)
    assert (outcome.reason, 85 < outcome.retry_after <= 91, online(server)) == ("throttled", True, [])


def test_picture_gone_at_the_last_moment_tries_later(server, mastodon, credentials):
    fault(server, "media-gone")
    outcome = refusal(TryLater, publish, mastodon, credentials, TEXT, image())
    assert (outcome.reason, online(server)) == ("media-again", [])


def test_picture_gone_on_software_that_says_it_in_html_tries_later(server, mastodon, credentials):
    become(server, like="takahe")
    content = Content(TEXT, (image(),))
    outcome = refusal(
        TryLater, mastodon.create, content, Media(("7",)), credentials, key=KEY, before_first_byte=nothing
    )
    assert (outcome.reason, online(server)) == ("media-again", [])


def test_picture_attached_too_early_tries_later(server, mastodon, credentials):
    fault(server, "processing-slow", polls=1)
    remote_id = picture_at_work(credentials)
    content = Content(TEXT, (image(),))
    outcome = refusal(
        TryLater,
        mastodon.create,
        content,
        Media((remote_id,)),
        credentials,
        key=KEY,
        before_first_byte=nothing,
    )
    assert (outcome.reason, online(server)) == ("media-again", [])


def picture_at_work(credentials):
    """The identifier of one that is not ready yet."""
    response = requests.post(
        f"{credentials.api_url}/api/v2/media",
        files={"file": ("picture.jpg", image().data, "image/jpeg")},
        headers={"Authorization": f"Bearer {credentials.token}"},
        timeout=10,
    )
    return response.json()["id"]


def test_too_long_is_refused(server, mastodon, credentials):
    outcome = refusal(Refused, publish, mastodon, credentials, "a" * 501)
    assert (outcome.reason, online(server)) == ("too-long", [])


def test_no_that_cannot_be_read_is_unknown(server, mastodon, credentials):
    fault(server, "error-html")
    assert refusal(Unknown, publish, mastodon, credentials, "a" * 501).reason == "http-422"


# Pictures --------------------------------------------------------------------------------------------


def test_prepare_without_pictures_calls_nobody(server, mastodon, credentials):
    assert (mastodon.prepare(Content(TEXT), credentials), server.ledger.events("call")) == (Media(), [])


def test_prepare_can_be_repeated(server, mastodon, credentials):
    content = Content(TEXT, (image(),))
    first, second = (mastodon.prepare(content, credentials) for _time in range(2))
    assert (len({*first.ids, *second.ids}), online(server)) == (2, [])


def test_prepare_does_not_wait_for_what_is_ready(mastodon, credentials, sleeps):
    mastodon.prepare(Content(TEXT, (image(),)), credentials)
    assert sleeps == []


@pytest.mark.parametrize("polls", [0, 4])
def test_prepare_waits_longer_each_time(server, mastodon, credentials, sleeps, polls):
    fault(server, "processing-slow", polls=polls)
    publish(mastodon, credentials, TEXT, image())
    assert (sleeps, server.ledger.failures()) == ([1, 2, 4, 8, 16][: polls + 1], [])


def test_prepare_gives_up_waiting_after_five_looks(server, mastodon, credentials, sleeps):
    fault(server, "processing-slow", polls=5)
    outcome = refusal(TryLater, mastodon.prepare, Content(TEXT, (image(),)), credentials)
    assert (outcome.reason, sum(sleeps)) == ("still-processing", 31)


@pytest.mark.parametrize(("times", "outcome"), [(1, None), (2, "processing-failed")])
def test_prepare_sends_once_more_what_could_not_be_worked_on(server, mastodon, credentials, times, outcome):
    fault(server, "processing-fails", times=times)
    content = Content(TEXT, (image(),))
    if outcome is None:
        mastodon.prepare(content, credentials)
    else:
        assert refusal(Refused, mastodon.prepare, content, credentials).reason == outcome
    assert len(calls(server, "POST", "/api/v2/media")) == 2


def test_prepare_that_fails_has_published_nothing(server, mastodon, credentials):
    fault(server, "upload-500")
    refusal(TryLater, mastodon.prepare, Content(TEXT, (image(),)), credentials)
    assert online(server) == []


def test_prepare_refuses_what_is_no_picture(mastodon, credentials):
    content = Content(TEXT, (image(picture("BMP"), content_type="image/bmp"),))
    outcome = refusal(Refused, mastodon.prepare, content, credentials)
    assert (outcome.status, str(outcome.message)[:52]) == (
        422,
        "The Mastodon server cannot use this picture. Choose ",
    )


def test_prepare_is_throttled(server, mastodon, credentials):
    fault(server, "quota", retry_after=600)
    outcome = refusal(TryLater, mastodon.prepare, Content(TEXT, (image(),)), credentials)
    assert 590 < outcome.retry_after <= 601


def test_prepare_sends_no_file_name(mastodon, credentials):
    with peer(answering(b'HTTP/1.1 200 OK\r\n\r\n{"id": "1", "url": "https://a.fr/1"}')) as (url, received):
        mastodon.prepare(Content(TEXT, (image(alt="Léa"),)), replace(credentials, api_url=url))
    assert b'name="file"; filename="picture.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' in received[0]
    assert 'name="description"\r\n\r\nLéa\r\n'.encode() in received[0]
