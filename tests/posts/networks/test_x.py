"""The X connector against the rehearsal network: each outcome class, and what is truly online afterwards."""

import json
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from posts.networks import x as module
from posts.networks.base import (
    Content,
    Document,
    Duplicate,
    Link,
    Media,
    NeedsReconnect,
    NotSent,
    Published,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.x import media
from posts.networks.x.wire import CREDIT_WAIT
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.x_stage import LINKED, TEXT, USER, Stage, key, nothing, refusal, said
from tests.posts.rehearsal.wire import picture


@pytest.fixture
def stage(server):
    return Stage(server)


# Publishing -----------------------------------------------------------------------------------------


def test_create_publishes_the_text_whole(stage):
    published = stage.publish()
    (post,) = stage.posts()
    assert (post["text"], post["urn"], stage.breaches()) == (TEXT, published.remote_id, [])


def test_create_gives_identifier_address_and_answer(stage):
    published = stage.publish()
    number = stage.posts()[0]["urn"]
    assert replace(published, answer="") == Published(number, f"https://x.com/i/web/status/{number}", "")
    assert published.answer.splitlines()[0] == "HTTP 201"


@pytest.mark.parametrize("count", [1, 2, 4])
def test_create_shows_the_pictures_in_order_with_their_descriptions(stage, count):
    images = [image(width=40 + number, alt=f"Photo {number} (portrait)") for number in range(count)]
    stage.publish(TEXT, *images)
    shown = stage.posts()[0]["images"]
    assert [(one["sha256"], one["alt"]) for one in shown] == [(one.sha256, one.alt) for one in images]
    assert stage.breaches() == []


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_create_shows_each_kind_of_picture(stage, kind):
    stage.publish(TEXT, image(picture(kind.upper()), content_type=f"image/{kind}"))
    assert (stage.posts()[0]["images"][0]["format"], stage.breaches()) == (kind.upper(), [])


def test_create_puts_the_link_at_the_end(stage):
    stage.publish("Bravo Léa", link=Link("https://inet.fr/lea"))
    assert (stage.posts()[0]["text"], stage.breaches()) == ("Bravo Léa\n\nhttps://inet.fr/lea", [])


def test_create_is_one_call(stage):
    stage.publish()
    assert stage.calls("POST", "/2/tweets") == 1


def test_create_sends_nothing_but_text_and_pictures(stage):
    stage.publish(TEXT, image())
    body = stage.posts()[0]["body"]
    assert (sorted(body), sorted(body["media"])) == (["media", "text"], ["media_ids"])


def test_no_before_the_first_byte_leaves_nothing(stage):
    def no():
        raise NotSent("lease-too-short", "no")

    outcome = refusal(NotSent, stage.publish, before_first_byte=no)
    assert (outcome.reason, stage.posts(), stage.ledger.events("call")) == ("lease-too-short", [], [])


@pytest.mark.parametrize(
    "text",
    ["a" * 280, "👩🏽\u200d🎓" * 140, "…" * 140, f"{'é' * 256} https://www.inet-strasbourg.fr/{'a' * 90}"],
)
def test_text_of_exactly_the_limit_is_taken(stage, text):
    assert [p.code for p in stage.x.check(Content(text), stage.x.limits) if not p.is_warning] == []
    stage.publish(text)
    assert stage.posts()[0]["text"] == text


def test_account_that_pays_publishes_more(stage):
    stage.there.told("page", {"id": USER, "text_limit": 25_000})
    stage.publish("Bravo ! " * 100)
    assert len(stage.find("Bravo ! " * 100)) == 1


# What an uncertain answer leaves ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
)
def test_created_but_lost_is_unknown_and_found_exactly_once(stage, fault):
    stage.faults(fault)
    refusal(Unknown, stage.publish)
    assert [post.remote_id for post in stage.find()] == [stage.posts()[0]["urn"]]
    assert stage.calls("POST", "/2/tweets") == 1


@pytest.mark.parametrize(
    "fault", ["cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html", "refuse-empty"]
)
def test_not_created_but_unclear_is_unknown_and_not_found(stage, fault):
    stage.faults(fault)
    refusal(Unknown, stage.publish)
    assert (stage.find(), stage.posts()) == ([], [])


def test_created_with_errors_beside_is_published(stage):
    stage.faults("errors-too")
    assert stage.publish().remote_id == stage.posts()[0]["urn"]


def test_created_without_identifier_says_so(stage):
    stage.faults("no-id")
    outcome = refusal(Unknown, stage.publish)
    assert (outcome.reason, outcome.status) == ("no-id", 201)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "{}",
        '{"data": []}',
        '{"data": null}',
        '{"data": {"id": "x7"}}',
        '{"data": {"id": ""}}',
        '{"errors": [{"detail": "no"}]}',
        '{"data": {"id": "1',
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_success_is_told_by_the_number_alone(stage, body, status):
    with peer(answering(said(body, status))) as (url, _received):
        assert refusal(Unknown, stage.publish, credentials=stage.elsewhere(url)).reason == "no-id"


@pytest.mark.parametrize("number", ['"1850000000000000000"', "1850000000000000000"])
def test_number_may_come_as_text_or_as_a_number(stage, number):
    with peer(answering(said(f'{{"data": {{"id": {number}}}, "errors": [7]}}'))) as (url, _received):
        published = stage.publish(credentials=stage.elsewhere(url))
    assert published.remote_id == "1850000000000000000"


def test_endless_answer_is_over_in_time(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults("endless")
    refusal(Unknown, stage.publish)
    assert len(stage.find()) == 1


def test_answer_after_the_time_is_unknown_and_found(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults("slow-after", seconds=30)
    assert refusal(Unknown, stage.publish).reason == "out-of-time"
    assert len(stage.find()) == 1


def test_post_that_appears_after_we_gave_up(stage, monkeypatch):
    """Why an empty look is no proof: the network may still be at it."""
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.3)
    stage.faults("slow-before", seconds=1.0)
    refusal(Unknown, stage.publish)
    looks = [len(stage.find())]
    while not looks[-1]:
        threading.Event().wait(0.1)
        looks.append(len(stage.find()))
    assert (looks[0], looks[-1]) == (0, 1)


def test_unreachable_is_not_sent(stage):
    outcome = refusal(NotSent, stage.publish, credentials=stage.elsewhere("http://127.0.0.1:9"))
    assert outcome.reason == "unreachable"


# What a clear no means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"expires_in": -1}, "token-invalid"),
        ({"scopes": "tweet.read users.read"}, "no-right"),
        ({"app_only": True}, "no-right"),
    ],
)
def test_access_that_does_not_reach_needs_reconnecting(stage, grant, reason):
    token = stage.there.told("token", grant)["access_token"]
    credentials = replace(stage.credentials, token=token)
    assert refusal(NeedsReconnect, stage.publish, credentials=credentials).reason == reason
    assert stage.posts() == []


@pytest.mark.parametrize("token", ["nobody's", "", "a b"])
def test_token_that_is_none_needs_reconnecting(stage, token):
    refusal(NeedsReconnect, stage.publish, credentials=replace(stage.credentials, token=token))


def test_pictures_without_their_scope_need_reconnecting(stage):
    credentials = stage.access(scopes="tweet.read tweet.write users.read")
    outcome = refusal(NeedsReconnect, stage.publish, TEXT, image(), credentials=credentials)
    assert (outcome.reason, stage.posts()) == ("no-right", [])


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        ("credits", TryLater, "no-credit"),
        ("usage-capped", TryLater, "usage-capped"),
        ("quota", TryLater, "throttled"),
        ("suspended", NeedsReconnect, "suspended"),
        ("app-refused", NeedsReconnect, "client-forbidden"),
        ("token-revoked", NeedsReconnect, "token-invalid"),
        ("scope-missing", NeedsReconnect, "no-right"),
        ("ghost-duplicate", Duplicate, "duplicate"),
    ],
)
def test_no_means(stage, fault, kind, reason):
    stage.faults(fault)
    outcome = refusal(kind, stage.publish)
    assert (outcome.reason, outcome.remote_id, stage.posts()) == (reason, "", [])


@pytest.mark.parametrize("fault", ["credits", "usage-capped"])
def test_no_credit_waits_long_and_says_what_to_do(stage, fault):
    stage.faults(fault)
    outcome = refusal(TryLater, stage.publish)
    assert outcome.retry_after >= CREDIT_WAIT
    assert "console.x.com" in str(outcome.message)


@pytest.mark.parametrize(("seconds", "waited"), [(90, 90), (3600, 3600), (200_000, 86_400), (-5, 0)])
def test_throttled_waits_until_the_moment_that_x_names(stage, seconds, waited):
    stage.faults("quota", retry_after=seconds)
    assert refusal(TryLater, stage.publish).retry_after == pytest.approx(waited, abs=5)


def test_throttled_with_nonsense_leaves_the_wait_to_us(stage):
    stage.faults("quota", retry_after="Tue, 24 Nov")
    assert refusal(TryLater, stage.publish).retry_after is None


def test_day_that_is_used_up_waits_for_the_next(stage):
    stage.faults("day-quota")
    assert refusal(TryLater, stage.publish).retry_after == pytest.approx(86_400, abs=5)


def test_too_long_is_refused(stage):
    outcome = refusal(Refused, stage.publish, "a" * 281)
    assert (outcome.reason, "too long" in str(outcome.message), stage.posts()) == (
        "invalid-request",
        True,
        [],
    )


def test_same_again_is_a_duplicate_that_names_nothing(stage):
    first = stage.publish()
    outcome = refusal(Duplicate, stage.publish)
    assert (outcome.remote_id, [post.remote_id for post in stage.find()]) == ("", [first.remote_id])


def test_picture_of_another_account_is_uploaded_again(stage):
    stage.there.told("page", {"id": "2002"})
    content = Content(TEXT, (image(),))
    media = stage.x.prepare(content, stage.access(page="2002"))
    create = {"key": key(), "before_first_byte": nothing}
    outcome = refusal(TryLater, stage.x.create, content, media, stage.credentials, **create)
    assert (outcome.reason, stage.posts()) == ("media-again", [])


def test_picture_that_x_forgot_is_uploaded_again(stage):
    stage.faults("media-gone")
    assert refusal(TryLater, stage.publish, TEXT, image()).reason == "media-again"


# Pictures --------------------------------------------------------------------------------------------


def test_prepare_without_pictures_calls_nobody(stage):
    assert (stage.x.prepare(Content(TEXT), stage.credentials), stage.ledger.events("call")) == (Media(), [])


def test_prepare_can_be_repeated(stage):
    content = Content(TEXT, (image(),))
    first, second = (stage.x.prepare(content, stage.credentials) for _time in range(2))
    assert (len({*first.ids, *second.ids}), stage.posts(), stage.breaches()) == (2, [], [])


def test_prepare_describes_before_it_ends(stage):
    stage.x.prepare(Content(TEXT, (image(),)), stage.credentials)
    called = [call["path"] for call in stage.ledger.events("call")]
    assert called == ["/2/media/upload", "/2/media/metadata"]


def test_prepare_leaves_out_an_empty_description(stage):
    stage.x.prepare(Content(TEXT, (image(alt=" "),)), stage.credentials)
    assert stage.calls("POST", "/2/media/metadata") == 0


def test_prepare_waits_as_long_as_x_says(stage):
    stage.faults("processing-slow", polls=3)
    stage.publish(TEXT, image())
    assert (stage.sleeps, stage.breaches()) == ([1, 2, 2], [])


def test_prepare_gives_up_waiting(stage):
    stage.faults("processing-slow", polls=99)
    outcome = refusal(TryLater, stage.x.prepare, Content(TEXT, (image(),)), stage.credentials)
    assert (outcome.reason, len(stage.sleeps)) == ("still-processing", media.MOST_LOOKS)


def test_prepare_gives_up_when_time_is_over(stage, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_SECONDS", 1.5)
    stage.faults("processing-slow", polls=99)
    outcome = refusal(TryLater, stage.x.prepare, Content(TEXT, (image(),)), stage.credentials)
    assert (outcome.reason, stage.sleeps) == ("still-processing", [1.0])


def test_picture_that_comes_to_nothing_is_refused(stage):
    stage.faults("processing-fails", polls=1)
    assert refusal(Refused, stage.publish, TEXT, image()).reason == "processing-failed"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"junk", "invalid-request"), (picture("JPEG") + b"\0" * 5_000_000, "http-413")],
)
def test_picture_that_x_does_not_take_is_refused(stage, data, reason):
    assert refusal(Refused, stage.publish, TEXT, image(data)).reason == reason


def test_upload_that_fails_tries_later(stage):
    stage.faults("upload-500")
    refusal(TryLater, stage.publish, TEXT, image())
    assert stage.posts() == []


@pytest.mark.parametrize(
    "body", ["", "<html>", "{}", '{"data": {"id": "x"}}', '{"data": [1]}', '{"errors": [{"detail": "x"}]}']
)
def test_upload_without_a_number_tries_later(stage, body):
    with peer(answering(said(body))) as (url, _received):
        content = Content(TEXT, (image(),))
        assert refusal(TryLater, stage.x.prepare, content, stage.elsewhere(url)).reason == "no-media-id"


def test_upload_that_is_cut_off_tries_later(stage):
    with peer(answering(b"HT")) as (url, _received):
        refusal(TryLater, stage.x.prepare, Content(TEXT, (image(),)), stage.elsewhere(url))


def test_upload_says_what_it_is(stage):
    picture = image()
    with peer(answering(said("{}"))) as (url, received):
        refusal(TryLater, stage.x.prepare, Content(TEXT, (picture,)), stage.elsewhere(url))
    head, _blank, body = received[0].partition(b"\r\n\r\n")
    assert b"content-type: multipart/form-data; boundary=" in head.lower()
    assert b'name="media_category"\r\n\r\ntweet_image\r\n' in body
    assert b'name="media"; filename="picture.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + picture.data in body


def test_document_is_refused_before_anything(stage):
    content = Content(TEXT, document=Document(b"%PDF", "Livret", 3, 4, ""))
    outcome = refusal(Refused, stage.x.prepare, content, stage.credentials)
    assert (outcome.reason, stage.ledger.events("call")) == ("no-document", [])


# What does not get out -------------------------------------------------------------------------------


def test_token_is_in_no_outcome(stage):
    token = stage.credentials.token
    body = json.dumps({"title": f"Bearer {token}", "detail": token})
    with peer(answering(said(body, 400))) as (url, _received):
        outcome = refusal(Refused, stage.publish, credentials=stage.elsewhere(url))
    assert token not in f"{outcome.answer}{outcome!r}{outcome.__dict__}"


def test_create_follows_no_redirect(stage):
    with peer(answering(said("", 307, f"Location: {stage.url}/2/tweets"))) as (url, _received):
        refusal(Unknown, stage.publish, credentials=stage.elsewhere(url))
    assert stage.posts() == []


def test_link_in_the_text_is_published_as_written(stage):
    stage.publish(LINKED)
    assert (stage.posts()[0]["text"], stage.breaches()) == (LINKED, [])


def test_parser_of_texts_is_loaded_late():
    """It takes a quarter of a second: only a process in which somebody writes for X has it."""
    code = "import posts.networks, sys; print('twitter_text' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"
