"""The Facebook connector against the rehearsal network: each outcome class, and what is truly online afterwards."""

import threading
from dataclasses import replace

import pytest

from posts.networks import facebook as module
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
from posts.networks.facebook.wire import BLOCK_SECONDS
from tests.posts.networks.conftest import image
from tests.posts.networks.facebook_stage import PAGE, TEXT, Stage, key, nothing, refusal, said
from tests.posts.networks.peer import answering, peer
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
    number = published.remote_id.removeprefix(f"{PAGE}_")
    assert replace(published, answer="") == Published(
        f"{PAGE}_{number}", f"https://www.facebook.com/{PAGE}/posts/{number}", ""
    )
    assert published.answer.splitlines()[:2] == ["HTTP 200", "facebook-api-version: v26.0"]


@pytest.mark.parametrize("address", ["", "http://www.facebook.com/x", "https://facebook.com.evil.org/x", 7])
def test_address_that_is_none_is_made_from_the_identifier(stage, address):
    body = f'{{"id": "1001_7", "permalink_url": {address if address == 7 else chr(34) + address + chr(34)}}}'
    with peer(answering(said(body))) as (url, _received):
        published = stage.publish(credentials=stage.elsewhere(url))
    assert published.url == "https://www.facebook.com/1001_7"


def test_create_does_without_an_address(stage):
    stage.faults("no-permalink")
    published = stage.publish()
    assert published.url == f"https://www.facebook.com/{published.remote_id}"


@pytest.mark.parametrize("count", [1, 2, 10])
def test_create_shows_the_pictures_in_order_with_their_descriptions(stage, count):
    images = [image(width=40 + number, alt=f"Photo {number} (élève)") for number in range(count)]
    stage.publish(TEXT, *images)
    shown = stage.posts()[0]["images"]
    assert [(one["sha256"], one["alt"]) for one in shown] == [(one.sha256, one.alt) for one in images]
    assert stage.breaches() == []


@pytest.mark.parametrize("count", [0, 1, 3])
def test_create_is_one_call_whatever_the_pictures(stage, count):
    stage.publish(TEXT, *[image() for _number in range(count)])
    assert (stage.calls("POST", "/1001/feed"), stage.calls("POST", "/1001/photos")) == (1, count)


def test_create_gives_the_link_for_its_preview(stage):
    stage.publish(TEXT, link=Link("https://inet.fr/portrait"))
    assert stage.posts()[0]["body"]["link"] == "https://inet.fr/portrait"


def test_pictures_leave_no_room_for_a_link(stage):
    stage.publish(TEXT, image(), link=Link("https://inet.fr/portrait"))
    assert sorted(stage.posts()[0]["body"]) == ["attached_media", "fields", "message", "published"]


def test_token_and_secrets_stand_in_no_address(stage):
    body = '{"id": "1001_7"}'
    with peer(answering(said(body))) as (url, received):
        stage.publish(credentials=stage.elsewhere(url))
    line, token = received[0].splitlines()[0], stage.credentials.token.encode()
    assert (line, token in received[0]) == (b"POST /v26.0/1001/feed HTTP/1.1", True)


def test_proof_goes_with_every_call_but_not_without_a_secret(stage):
    stage.there.told("app", {"proof_required": "no"})
    stage.publish(credentials=replace(stage.credentials, app_secret=""))
    stage.there.told("app", {"proof_required": "yes"})
    outcome = refusal(NeedsReconnect, stage.publish, credentials=replace(stage.credentials, app_secret=""))
    assert (outcome.reason, len(stage.posts())) == ("bad-proof", 1)


def test_no_before_the_first_byte_leaves_nothing(stage):
    def no():
        raise NotSent("lease-too-short", "no")

    outcome = refusal(NotSent, stage.publish, before_first_byte=no)
    assert (outcome.reason, stage.posts(), stage.ledger.events("call")) == ("lease-too-short", [], [])


def test_text_of_exactly_the_limit_is_taken(stage):
    text = "🎓" * 31_603
    assert stage.facebook.check(Content(text), stage.facebook.limits) == []
    stage.publish(text)
    assert stage.posts()[0]["text"] == text


# What an uncertain answer leaves ---------------------------------------------------------------------

LOST = [
    ("cut-after", "no-answer"),
    ("answer-500", "http-500"),
    ("answer-502", "http-502"),
    ("answer-503", "http-503"),
    ("answer-504", "http-504"),
    ("answer-html", "http-503"),
    ("answer-code-1", "code-1-99"),
    ("answer-code-2", "code-2"),
    ("answer-transient", "code-1390008"),
    ("no-id", "no-id"),
]
UNCLEAR = [
    ("cut-before", "no-answer"),
    ("refuse-500", "http-500"),
    ("refuse-502", "http-502"),
    ("refuse-503", "http-503"),
    ("refuse-html", "http-503"),
    ("refuse-code-1", "code-1-99"),
    ("refuse-code-2", "code-2"),
    ("refuse-transient", "code-1390008"),
]


@pytest.mark.parametrize(("fault", "reason"), LOST)
@pytest.mark.parametrize("images", [(), (image(),)], ids=["text", "picture"])
def test_created_but_lost_is_unknown_and_found_exactly_once(stage, fault, reason, images):
    stage.faults(fault)
    assert refusal(Unknown, stage.publish, TEXT, *images).reason == reason
    assert [post.remote_id for post in stage.find()] == [stage.posts()[0]["urn"]]
    assert (stage.calls("POST", "/1001/feed"), stage.breaches()) == (1, [])


@pytest.mark.parametrize(("fault", "reason"), UNCLEAR)
def test_not_created_but_unclear_is_unknown_and_not_found(stage, fault, reason):
    stage.faults(fault)
    assert refusal(Unknown, stage.publish).reason == reason
    assert (stage.find(), stage.posts(), stage.calls("POST", "/1001/feed")) == ([], [], 1)


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", "<html>", '{"id": 7}', '{"id": "7"}', '{"id": null}', '{"id": "1001_7'
    ],
)  # fmt: skip
def test_success_without_a_readable_identifier_is_unknown(stage, body):
    with peer(answering(said(body))) as (url, _received):
        outcome = refusal(Unknown, stage.publish, credentials=stage.elsewhere(url))
    assert (outcome.reason, outcome.status) == ("no-id", 200)


def test_error_under_a_good_status_is_an_error(stage):
    with peer(answering(said('{"error": {"code": 100, "message": "no"}}'))) as (url, _received):
        assert refusal(Refused, stage.publish, credentials=stage.elsewhere(url)).reason == "code-100"


@pytest.mark.parametrize("code", [4, 100, 190, 200, 368, 506])
def test_any_code_with_a_500_may_have_been_published(stage, code):
    with peer(answering(said(f'{{"error": {{"code": {code}}}}}', 500))) as (url, _received):
        outcome = refusal(Unknown, stage.publish, credentials=stage.elsewhere(url))
    assert outcome.reason == f"code-{code}"


def test_answer_after_the_time_is_unknown_and_found(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults("slow-after", seconds=30)
    assert refusal(Unknown, stage.publish).reason == "out-of-time"
    assert len(stage.find()) == 1


def test_endless_answer_is_unknown_and_found(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults("endless")
    assert refusal(Unknown, stage.publish).reason == "no-id"
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


def test_post_is_not_seen_while_the_list_lags_behind(stage):
    stage.publish()
    stage.faults("find-lag", seconds=60)
    assert ([len(stage.find()) for _look in range(2)]) == [0, 1]


def test_unreachable_is_not_sent(stage):
    gone = stage.elsewhere("http://127.0.0.1:9")
    assert refusal(NotSent, stage.publish, credentials=gone).reason == "unreachable"


# What a clear no means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"expires_in": -1}, "token-expired"),
        ({"scopes": "pages_read_engagement"}, "no-right"),
        ({"tasks": ["ANALYZE", "MODERATE"]}, "no-right"),
    ],
)
def test_access_that_does_not_reach_needs_reconnecting(stage, grant, reason):
    outcome = refusal(NeedsReconnect, stage.publish, credentials=stage.access(**grant))
    assert (outcome.reason, stage.posts()) == (reason, [])


@pytest.mark.parametrize("why", ["app-removed", "password-changed"])
def test_token_that_was_ended_needs_reconnecting(stage, why):
    stage.there.told("revoke", {"token": stage.credentials.token, "why": why})
    assert refusal(NeedsReconnect, stage.publish).reason == why


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("token-revoked", {}, "app-removed"),
        ("token-expired", {}, "token-expired"),
        ("scope-missing", {"scope": "pages_manage_posts"}, "no-right"),
    ],
)
def test_access_that_ends_at_the_last_moment_needs_reconnecting(stage, fault, options, reason):
    stage.faults(fault, **options)
    assert (refusal(NeedsReconnect, stage.publish).reason, stage.posts()) == (reason, [])


def test_token_of_a_person_cannot_publish(stage):
    person = replace(stage.access(kind="user"), remote_id=PAGE)
    assert refusal(NeedsReconnect, stage.publish, credentials=person).reason == "no-right"


def test_wrong_secret_needs_reconnecting(stage):
    wrong = replace(stage.credentials, app_secret="another")
    assert refusal(NeedsReconnect, stage.publish, credentials=wrong).reason == "bad-proof"


def test_throttled_waits_the_minutes_that_facebook_says(stage):
    stage.faults("quota", retry_after=1500)
    outcome = refusal(TryLater, stage.publish)
    assert (outcome.reason, outcome.retry_after, stage.posts()) == ("throttled", 1500.0, [])


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613])
def test_throttled_by_any_code_tries_later_although_it_calls_itself_transient(stage, code):
    stage.faults("throttled", code=code)
    assert (refusal(TryLater, stage.publish).reason, stage.posts()) == ("throttled", [])


def test_blocked_rests_for_hours(stage):
    stage.faults("blocked")
    outcome = refusal(TryLater, stage.publish)
    assert (outcome.reason, outcome.retry_after, stage.posts()) == ("blocked", BLOCK_SECONDS, [])


def test_same_text_again_is_a_duplicate_that_names_nothing(stage):
    first = stage.publish()
    outcome = refusal(Duplicate, stage.publish)
    assert (outcome.remote_id, [post.remote_id for post in stage.find()]) == ("", [first.remote_id])


def test_block_that_says_already_posted_is_a_duplicate(stage):
    stage.faults("already-posted")
    assert refusal(Duplicate, stage.publish).reason == "duplicate"


def test_same_pictures_again_are_another_post(stage):
    """Facebook protects nothing here: only our own care does."""
    for _time in range(2):
        stage.publish(TEXT, image())
    assert len(stage.posts()) == 2


@pytest.mark.parametrize("url", ["https://gone.invalid/", "ftp://inet.fr/"])
def test_link_that_facebook_cannot_open_is_refused(stage, url):
    outcome = refusal(Refused, stage.publish, TEXT, link=Link(url))
    assert (outcome.reason, stage.posts()) == ("code-1609005", [])


def test_unknown_picture_is_refused(stage):
    content, media = Content(TEXT, (image(),)), Media(("122200000009999",))
    create = stage.facebook.create
    outcome = refusal(
        Refused, create, content, media, stage.credentials, key=key(), before_first_byte=nothing
    )
    assert (outcome.reason, stage.posts()) == ("code-100", [])


def test_picture_older_than_a_day_is_refused(stage):
    content = Content(TEXT, (image(),))
    media = stage.facebook.prepare(content, stage.credentials)
    stage.ledger.turn(clock_offset=86_401)
    create = stage.facebook.create
    refusal(Refused, create, content, media, stage.credentials, key=key(), before_first_byte=nothing)
    assert stage.posts() == []


# Pictures --------------------------------------------------------------------------------------------


def test_prepare_without_pictures_calls_nobody(stage):
    media = stage.facebook.prepare(Content(TEXT), stage.credentials)
    assert (media, stage.ledger.events("call")) == (Media(), [])


def test_prepare_shows_nothing_and_can_be_repeated(stage):
    content = Content(TEXT, (image(),))
    first, second = (stage.facebook.prepare(content, stage.credentials) for _time in range(2))
    assert (len({*first.ids, *second.ids}), stage.posts()) == (2, [])


def test_prepare_refuses_a_document_before_any_call(stage):
    content = Content(TEXT, document=Document(b"%PDF", "Portraits", 3, 4, ""))
    assert refusal(Refused, stage.facebook.prepare, content, stage.credentials).reason == "document"
    assert stage.ledger.events("call") == []


def test_prepare_uploads_once_more_when_facebook_stumbles(stage):
    stage.faults("photo-transient")
    (number,) = stage.facebook.prepare(Content(TEXT, (image(),)), stage.credentials).ids
    assert (stage.calls("POST", "/1001/photos"), stage.ledger.image(f"facebook:photo:{number}")["size"]) == (
        2,
        len(image().data),
    )


def test_prepare_gives_up_when_facebook_stumbles_twice(stage):
    stage.faults("photo-transient", times=2)
    outcome = refusal(Refused, stage.facebook.prepare, Content(TEXT, (image(),)), stage.credentials)
    assert (outcome.reason, stage.calls("POST", "/1001/photos")) == ("picture", 2)


@pytest.mark.parametrize("data", [picture("WEBP"), b"no picture", picture("JPEG")[:200]])
def test_prepare_refuses_what_facebook_cannot_use(stage, data):
    outcome = refusal(Refused, stage.facebook.prepare, Content(TEXT, (image(data),)), stage.credentials)
    assert (outcome.reason, stage.calls("POST", "/1001/photos")) == ("code-324", 1)


def test_prepare_tries_later_when_the_upload_fails(stage):
    stage.faults("upload-500")
    outcome = refusal(TryLater, stage.facebook.prepare, Content(TEXT, (image(),)), stage.credentials)
    assert outcome.reason == "code-1"


def test_prepare_takes_back_what_went_up_before_it_failed(stage):
    pictures = (image(width=41), image(b"no picture"))
    refusal(Refused, stage.facebook.prepare, Content(TEXT, pictures), stage.credentials)
    states = stage.ledger.rows("SELECT status FROM image WHERE urn LIKE 'facebook:%'")
    assert states == [{"status": "DELETED"}]


@pytest.mark.parametrize("body", ["{}", "<html>", '{"id": "a/../b"}', '{"id": []}', ""])
def test_prepare_believes_no_strange_answer(stage, body):
    with peer(answering(said(body))) as (url, _received):
        content, credentials = Content(TEXT, (image(),)), stage.elsewhere(url)
        assert refusal(TryLater, stage.facebook.prepare, content, credentials).reason == "unreadable"


def test_prepare_ends_in_time(stage, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_SECONDS", 0.0)
    outcome = refusal(TryLater, stage.facebook.prepare, Content(TEXT, (image(),)), stage.credentials)
    assert outcome.reason == "out-of-time"


@pytest.mark.parametrize(("percent", "sleeps"), [(74, []), (75, [2.0, 2.0])])
def test_prepare_slows_down_from_three_quarters_of_the_quota(stage, percent, sleeps):
    stage.faults("usage", percent=percent, times=0)
    stage.facebook.prepare(Content(TEXT, (image(), image())), stage.credentials)
    assert stage.sleeps == sleeps
