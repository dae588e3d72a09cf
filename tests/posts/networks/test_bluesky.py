"""The Bluesky connector against the rehearsal network: each outcome class, and what is truly online afterwards."""

import io
import threading
from dataclasses import replace

import pytest
from PIL import Image as Pictures

from posts.networks import bluesky as module
from posts.networks.base import (
    Content,
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
from posts.networks.bluesky.pictures import fitting
from tests.posts.networks.bluesky_stage import (
    KEYS,
    TEXT,
    Stage,
    as_image,
    just_now,
    key,
    noise,
    nothing,
    refusal,
    saying,
)
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.rehearsal.wire import picture

PUT, GET = "com.atproto.repo.putRecord", "com.atproto.repo.getRecord"


@pytest.fixture
def stage(server):
    return Stage(server)


def found(stage, content=None, record=KEYS[0]):
    """What a look by key finds."""
    return stage.bluesky.find(content or Content(TEXT), stage.credentials, key=key(record), since=just_now())


# Publishing -----------------------------------------------------------------------------------------


def test_create_publishes_the_text_whole(stage):
    published = stage.publish()
    (post,) = stage.posts()
    assert (post["text"], post["urn"], stage.ledger.failures()) == (TEXT, published.remote_id, [])


def test_create_gives_identifier_address_and_answer(stage):
    published = stage.publish()
    uri = f"at://{stage.did}/app.bsky.feed.post/{KEYS[0]}"
    address = f"https://bsky.app/profile/{stage.did}/post/{KEYS[0]}"
    assert replace(published, answer="") == Published(uri, address, "")
    assert published.answer.splitlines()[0] == "HTTP 200"


def test_create_makes_links_hashtags_and_mentions_live(stage):
    stage.there.told("page", {"handle": "lea.test"})
    stage.publish("Bravo @lea.test et @nobody.test ! #Été https://inet.fr/é.")
    (post,) = stage.posts()
    alive = [part for part in post["parts"] if part[0] != "text"]
    assert alive == [["mention", "@lea.test"], ["hashtag", "#Été"], ["link", "https://inet.fr/é"]]
    assert stage.ledger.failures() == []


def test_create_says_language_and_time_of_the_delivery(stage):
    stage.publish()
    body = stage.posts()[0]["body"]
    assert (body["langs"], body["createdAt"]) == (["fr"], "2026-11-24T10:00:00.123Z")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_create_shows_the_pictures_in_order_with_their_descriptions(stage, count):
    images = [image(width=40 + number, alt=f"Photo {number} (portrait)") for number in range(count)]
    stage.publish(TEXT, *images)
    (post,) = stage.posts()
    assert [(one["sha256"], one["alt"]) for one in post["images"]] == [
        (one.sha256, one.alt) for one in images
    ]
    ratios = [shown["aspectRatio"] for shown in post["body"]["embed"]["images"]]
    assert ratios == [{"width": 40 + number, "height": 50} for number in range(count)]
    assert stage.ledger.failures() == []


def test_create_embeds_the_blob_unchanged_although_its_type_differs(stage):
    stage.publish(TEXT, image(picture("PNG"), content_type="image/jpeg"))
    (shown,) = stage.posts()[0]["body"]["embed"]["images"]
    assert (shown["image"]["mimeType"], stage.ledger.failures()) == ("image/png", [])


def test_create_shows_a_link_as_a_card(stage):
    stage.publish(TEXT, link=Link("https://inet.fr", "INET", "La promotion", image()))
    card = stage.posts()[0]["body"]["embed"]["external"]
    assert (card["uri"], card["title"], card["description"]) == ("https://inet.fr", "INET", "La promotion")
    assert (stage.ledger.image(card["thumb"]["ref"]["$link"])["width"], stage.ledger.failures()) == (40, [])


def test_create_is_one_call_and_asks_nobody_else(stage):
    content = Content("Bravo @inet.test")
    media = stage.bluesky.prepare(content, stage.credentials)
    before = len(stage.ledger.events("call"))
    stage.bluesky.create(content, media, stage.credentials, key=key(), before_first_byte=nothing)
    assert [call["path"] for call in stage.ledger.events("call")[before:]] == [f"/xrpc/{PUT}"]


def test_no_before_the_first_byte_leaves_nothing(stage):
    def no():
        raise NotSent("lease-too-short", "no")

    outcome = refusal(NotSent, stage.publish, before_first_byte=no)
    assert (outcome.reason, stage.posts(), stage.calls(PUT)) == ("lease-too-short", [], [])


@pytest.mark.parametrize("text", ["é" * 300, "👨‍👩‍👧‍👦" * 120, "🇫🇷" * 300, "e\u0301" * 300])
def test_text_of_exactly_the_limit_is_taken(stage, text):
    assert stage.bluesky.check(Content(text), stage.bluesky.limits) == []
    stage.publish(text)
    assert (len(stage.posts()), stage.ledger.failures()) == (1, [])


# The same key: once ----------------------------------------------------------------------------------


def test_same_again_is_the_same_post(stage):
    first, again = stage.publish(TEXT, image()), stage.publish(TEXT, image())
    assert (again.remote_id, len(stage.posts()), stage.ledger.failures()) == (first.remote_id, 1, [])


def test_same_key_with_other_words_is_a_duplicate_and_leaves_the_first(stage):
    first = stage.publish()
    outcome = refusal(Duplicate, stage.publish, "Autre")
    assert (outcome.remote_id, [post["text"] for post in stage.posts()]) == (first.remote_id, [TEXT])
    assert stage.bluesky.get(outcome.remote_id, stage.credentials).text == TEXT


def test_same_again_where_the_server_refuses_even_that_is_a_duplicate(stage):
    first = stage.publish()
    stage.faults("swap-refused")
    assert refusal(Duplicate, stage.publish).remote_id == first.remote_id
    assert [post.remote_id for post in found(stage)] == [first.remote_id]


def test_duplicate_is_told_without_another_call(stage):
    stage.publish()
    before = len(stage.calls(GET))
    refusal(Duplicate, stage.publish, "Autre")
    assert len(stage.calls(GET)) == before


def test_eight_at_once_are_one_post(stage):
    content, published = Content(TEXT), []
    media = stage.bluesky.prepare(content, stage.credentials)

    def send():
        published.append(
            stage.bluesky.create(content, media, stage.credentials, key=key(), before_first_byte=nothing)
        )

    threads = [threading.Thread(target=send) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ({one.remote_id for one in published}, len(published)) == ({stage.posts()[0]["urn"]}, 8)
    assert (len(stage.posts()), len(stage.ledger.events("created"))) == (1, 1)


def test_other_key_is_another_post(stage):
    for record in KEYS[:2]:
        stage.publish(record=record)
    assert len(stage.posts()) == 2


# What an uncertain answer leaves ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["cut-after", "answer-500", "answer-502", "answer-503", "answer-504", "answer-html", "no-id"]
)
def test_created_but_lost_is_unknown_and_found_by_its_key(stage, fault):
    stage.faults(fault)
    refusal(Unknown, stage.publish)
    assert [post.remote_id for post in found(stage)] == [stage.posts()[0]["urn"]]
    again = stage.publish()
    assert (again.remote_id, len(stage.posts()), len(stage.ledger.events("created"))) == (
        stage.posts()[0]["urn"],
        1,
        1,
    )


@pytest.mark.parametrize("fault", ["cut-before", "refuse-500", "refuse-502", "refuse-503", "refuse-html"])
def test_not_created_but_unclear_is_unknown_not_found_and_sent_once_again(stage, fault):
    stage.faults(fault)
    refusal(Unknown, stage.publish)
    assert (found(stage), stage.posts()) == ([], [])
    stage.publish()
    assert len(stage.posts()) == 1


def test_answer_after_the_time_is_unknown_and_found(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults({"name": "slow-after", "seconds": 30})
    assert refusal(Unknown, stage.publish).reason == "out-of-time"
    assert len(found(stage)) == 1


def test_endless_answer_is_unknown_and_found(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.5)
    stage.faults("endless")
    refusal(Unknown, stage.publish)
    assert len(found(stage)) == 1


def test_post_that_appears_after_we_gave_up_is_not_written_twice(stage, monkeypatch):
    monkeypatch.setattr(module, "CREATE_SECONDS", 0.3)
    stage.faults({"name": "slow-before", "seconds": 1.0})
    refusal(Unknown, stage.publish)
    assert found(stage) == []
    monkeypatch.undo()
    stage.publish()
    while len(stage.calls(PUT)) < 2:
        threading.Event().wait(0.05)
    assert (len(stage.posts()), len(stage.ledger.events("created"))) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"uri": "at://did:plc:other/app.bsky.feed.post/3lbcdefghij2a"}',
        b'{"uri": 3}',
        b"[1]",
    ],
)
def test_created_without_our_identifier_is_unknown(stage, body):
    with saying(200, body) as (url, _received):
        outcome = refusal(Unknown, stage.publish, credentials=replace(stage.credentials, api_url=url))
    assert (outcome.reason, outcome.status) == ("no-id", 200)


def test_unreachable_is_not_sent(stage):
    gone = replace(stage.credentials, api_url="http://127.0.0.1:9")
    assert refusal(NotSent, stage.publish, credentials=gone).reason == "unreachable"


def test_redirect_is_not_followed_with_the_token(stage):
    with peer(answering(b"")) as (elsewhere, received):
        with saying(307, b"", f"Location: {elsewhere}/") as (url, _received):
            refusal(Unknown, stage.publish, credentials=replace(stage.credentials, api_url=url))
        assert received == []


# What a clear no means -------------------------------------------------------------------------------


def test_expired_access_needs_renewing(stage):
    outcome = refusal(NeedsReconnect, stage.publish, credentials=stage.access(expires_in=-1))
    assert (outcome.reason, outcome.status, stage.posts()) == ("token-expired", 400, [])


def test_unknown_token_needs_reconnecting(stage):
    strange = replace(stage.credentials, token="a.b.c")
    assert refusal(NeedsReconnect, stage.publish, credentials=strange).reason == "token-invalid"


def test_another_accounts_token_needs_reconnecting(stage):
    other = stage.access(page=stage.there.told("page", {"handle": "lea.test"})["id"])
    mixed = replace(other, remote_id=stage.did)
    refusal(NeedsReconnect, stage.publish, credentials=mixed)
    assert stage.posts() == []


@pytest.mark.parametrize(("status", "reason"), [("takendown", "taken-down"), ("deactivated", "deactivated")])
def test_closed_account_is_a_matter_for_staff(stage, status, reason):
    stage.there.told("page", {"id": stage.did, "status": status})
    assert refusal(NeedsReconnect, stage.publish).reason == reason


def test_throttled_tries_later(stage):
    stage.faults({"name": "quota", "retry_after": 90})
    outcome = refusal(TryLater, stage.publish)
    assert (outcome.reason, outcome.retry_after, stage.posts()) == ("throttled", 90.0, [])


def test_throttled_without_a_word_waits_for_the_reset(stage):
    stage.there.told("limits", {"calls": 0})
    outcome = refusal(TryLater, stage.publish)
    assert (outcome.reason, 0 < outcome.retry_after <= 301) == ("throttled", True)


def test_picture_that_is_gone_at_the_last_moment_is_uploaded_again(stage):
    stage.faults("blob-gone")
    outcome = refusal(TryLater, stage.publish, TEXT, image())
    assert (outcome.reason, stage.posts()) == ("media-again", [])


def test_too_long_is_refused(stage):
    outcome = refusal(Refused, stage.publish, "a" * 301)
    assert (outcome.reason, stage.posts()) == ("invalid-request", [])


def test_picture_too_large_for_an_older_server_is_refused(stage):
    stage.there.told("limits", {"image_bytes": 300})
    assert refusal(Refused, stage.publish, TEXT, image()).reason == "too-large"


def test_key_that_is_no_tid_is_refused(stage):
    outcome = refusal(Refused, stage.publish, record="post-42")
    assert (outcome.reason, stage.posts()) == ("invalid-request", [])


# Pictures --------------------------------------------------------------------------------------------


def test_prepare_without_pictures_or_names_calls_nobody(stage):
    media = stage.bluesky.prepare(Content(TEXT), stage.credentials)
    assert (media.ids, stage.ledger.events("call")) == ((), [])


def test_prepare_can_be_repeated(stage):
    first, second = (
        stage.bluesky.prepare(Content(TEXT, (image(),)), stage.credentials) for _time in range(2)
    )
    assert (first, stage.posts()) == (second, [])


def test_prepare_gives_back_the_blob_unchanged(stage):
    media = stage.bluesky.prepare(Content(TEXT, (image(),)), stage.credentials)
    (shown,) = media.data[0]["pictures"]
    assert shown["blob"] == {
        "$type": "blob",
        "ref": {"$link": media.ids[0]},
        "mimeType": "image/jpeg",
        "size": len(image().data),
    }


def test_picture_that_fits_is_sent_as_it_is(stage):
    one = image()
    assert fitting(one, 2_000_000) is one


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_of_too_many_bytes_is_made_smaller(stage, form):
    large = noise(1440, 1800, form, **({"quality": 100} if form != "PNG" else {}))
    assert len(large.data) > 2_000_000
    stage.publish(TEXT, large)
    (shown,) = stage.posts()[0]["images"]
    assert (shown["format"], shown["size"] <= 2_000_000, shown["has_metadata"]) == ("JPEG", True, False)
    assert abs(shown["width"] / shown["height"] - 0.8) < 0.01
    assert stage.ledger.failures() == []


def test_picture_made_smaller_is_the_same_each_time():
    large = noise(1200, 1500, "PNG")
    assert fitting(large, 1_000_000).sha256 == fitting(large, 1_000_000).sha256


def test_picture_made_smaller_stays_upright_and_loses_its_metadata():
    exif = Pictures.Exif()
    exif[0x0112], exif[0x010E] = 6, "Strasbourg"
    turned = noise(1200, 800, quality=98, exif=exif, comment=b"Strasbourg")
    small = fitting(turned, 300_000)
    assert (small.width < small.height, b"Strasbourg" in small.data, b"Exif" in small.data) == (
        True,
        False,
        False,
    )


def test_transparent_picture_made_smaller_stands_on_white():
    out = io.BytesIO()
    Pictures.new("RGBA", (300, 200), (255, 0, 0, 0)).save(out, "PNG", compress_level=0)
    small = fitting(as_image(out.getvalue(), 300, 200, "image/png"), 20_000)
    with Pictures.open(io.BytesIO(small.data)) as opened:
        assert opened.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"x" * 2_000_001, b"\xff\xd8\xff\xe0" + b"x" * 2_000_001])
def test_prepare_refuses_what_cannot_be_made_smaller(stage, data):
    outcome = refusal(Refused, stage.publish, TEXT, image(data))
    assert (outcome.reason, stage.ledger.events("uploaded")) == ("unreadable-picture", [])


def test_server_that_takes_less_gets_a_smaller_picture(stage):
    stage.there.told("limits", {"blob_bytes": 1_000_000})
    middle = noise(800, 1000, quality=98)
    assert 1_000_000 < len(middle.data) < 2_000_000
    stage.publish(TEXT, middle)
    assert stage.posts()[0]["images"][0]["size"] <= 1_000_000


def test_server_that_takes_nearly_nothing_refuses_the_picture(stage):
    stage.there.told("limits", {"blob_bytes": 100})
    assert refusal(Refused, stage.publish, TEXT, image()).reason == "too-large"


def test_prepare_tries_later_when_the_upload_fails(stage):
    stage.faults("upload-500")
    assert refusal(TryLater, stage.publish, TEXT, image()).status == 500
    stage.publish(TEXT, image())
    assert len(stage.posts()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"blob": {}}',
        b'{"blob": {"ref": [], "size": 675}}',
        b'{"blob": {"ref": {"$link": "b"}, "size": 3}}',
    ],
)
def test_prepare_believes_no_strange_answer(stage, body):
    with saying(200, body) as (url, _received):
        gone = replace(stage.credentials, api_url=url)
        refusal(TryLater, stage.bluesky.prepare, Content(TEXT, (image(),)), gone)


def test_prepare_ends_in_time(stage, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_SECONDS", 0.0)
    assert refusal(TryLater, stage.publish, TEXT, image()).reason == "out-of-time"


# Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"name": "resolve-500"}, {"name": "quota"}])
def test_no_post_waits_for_a_name(stage, fault):
    stage.faults(fault)
    stage.publish("Bravo @inet.test")
    assert stage.posts()[0]["parts"] == [["text", "Bravo @inet.test"]]


def test_name_that_leads_to_no_did_stays_plain_text(stage):
    with saying(200, b'{"did": "inet.test"}') as (url, _received):
        media = stage.bluesky.prepare(Content("@inet.test"), replace(stage.credentials, api_url=url))
    assert media == Media((), ({"pictures": [], "thumb": None, "dids": {}},))


def test_post_is_found_although_a_name_was_lost_meanwhile(stage):
    """Another try may have other bytes: then the network says so, and what stands there is ours all the same."""
    text = "Bravo @inet.test"
    stage.publish(text)
    stage.faults("resolve-500")
    assert refusal(Duplicate, stage.publish, text).remote_id == found(stage, Content(text))[0].remote_id
