"""Bluesky without a network: lengths, problems, facets, comparing, links, records, and what each error means."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from posts.networks.base import (
    Content,
    Document,
    Found,
    Link,
    Media,
    NeedsReconnect,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.bluesky import Bluesky
from posts.networks.bluesky.posts import record
from posts.networks.bluesky.text import facets, handles, tidy
from posts.networks.bluesky.wire import outcome_of
from posts.networks.tid import tid
from posts.networks.transport import Answer
from tests.posts.networks.bluesky_stage import KEYS, as_image, key

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"
BLUESKY = Bluesky()
LIMITS = BLUESKY.limits
LINK = Link("https://inet.cnfpt.fr/promotion", "INET", "La promotion")


def codes(content):
    return [problem.code for problem in BLUESKY.check(content, LIMITS)]


def picture(data=b"", width=40, height=50, content_type="image/jpeg", alt="Une élève sourit"):
    return as_image(data, width, height, content_type, alt)


# Text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("🎓", 1),
        (FAMILY, 1),
        ("🇫🇷🇩🇪", 2),
        ("👍🏽", 1),
        ("a\r\nb", 3),
        ("a\u0000b", 2),
        ("\ud83c", 0),
        (" abc\n\n", 3),
        ("https://inet.cnfpt.fr/promotion", 31),
    ],
)
def test_length_counts_graphemes_of_what_is_sent(text, length):
    assert BLUESKY.length(text, LIMITS) == length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 300, []),
        ("a" * 301, ["too-long"]),
        ("e\u0301" * 300, []),
        (FAMILY * 120, []),
        (FAMILY * 121, ["too-many-bytes"]),
        (FAMILY * 301, ["too-long"]),
        ("", ["empty"]),
        (" \n\u00a0\x00", ["empty"]),
    ],
)
def test_check_of_the_text(text, expected):
    assert codes(Content(text)) == expected


def test_check_says_by_how_much():
    (problem,) = BLUESKY.check(Content("é" * 312), LIMITS)
    assert str(problem.message) == "The text is 12 characters too long for Bluesky. Shorten it."


@pytest.mark.parametrize("content", [Content("", (picture(),)), Content("", link=LINK)])
def test_check_takes_a_picture_or_a_link_without_words(content):
    assert codes(content) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"alt": " "}, ["no-alt"]),
        ({"alt": "a" * 2000}, []),
        ({"alt": "a" * 2001}, ["alt-too-long"]),
        ({"content_type": "image/png"}, []),
        ({"content_type": "image/webp"}, []),
        ({"content_type": "image/gif"}, ["image-type"]),
        ({"content_type": "image/heic"}, ["image-type"]),
        ({"width": 10_000, "height": 5000}, []),
        ({"width": 10_000, "height": 5001}, ["image-too-large"]),
        ({"data": b"x" * 3_000_000}, []),
    ],
)
def test_check_of_a_picture(changes, expected):
    assert codes(Content("Bonjour", (picture(**changes),))) == expected


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, []), (4, []), (5, ["too-many-images"])])
def test_check_of_the_number_of_pictures(count, expected):
    assert codes(Content("Bonjour", (picture(),) * count)) == expected


def test_check_refuses_documents():
    assert codes(Content("Bonjour", document=Document(b"", "Bilan", 3, 1000, ""))) == ["no-document"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (LINK, []),
        (Link("inet.cnfpt.fr"), ["link"]),
        (Link("javascript:alert(1)"), ["link"]),
        (Link("https://inet.fr/a b"), ["link"]),
        (Link("https://inet.fr", thumbnail=picture(alt="")), []),
        (Link("https://inet.fr", thumbnail=picture(content_type="image/gif")), ["image-type"]),
    ],
)
def test_check_of_a_link(link, expected):
    assert codes(Content("Bonjour", link=link)) == expected


def test_check_refuses_pictures_beside_a_link():
    assert codes(Content("Bonjour", (picture(),), link=LINK)) == ["pictures-and-link"]


# Facets -------------------------------------------------------------------------------------------


class AnyName(dict):
    """Every handle leads somewhere."""

    def get(self, handle, _otherwise=None):
        return f"did:plc:{handle}"


def marked(text):
    """[(words, value)] of what is alive in a text, as its bytes say."""
    data = text.encode()
    found = []
    for facet in facets(text, AnyName()):
        (feature,) = facet["features"]
        kind = feature.pop("$type").rpartition("#")[2]
        (value,) = feature.values()
        words = data[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        found.append((kind, words, value))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour", []),
        # Hashtags.
        ("#INET", [("tag", "#INET", "INET")]),
        ("é🎓 #Élèves", [("tag", "#Élèves", "Élèves")]),
        ("e\u0301 #a", [("tag", "#a", "a")]),
        ("(#oui), « #Saint-Denis »…", [("tag", "#oui", "oui"), ("tag", "#Saint-Denis", "Saint-Denis")]),
        ("l’#été !", [("tag", "#été", "été")]),
        ("＃INET", [("tag", "＃INET", "INET")]),
        ("#un#deux", [("tag", "#un", "un")]),
        ("C# ##x a#b &#39; # #! #2026 #️⃣", []),
        ("#" + "x" * 64, [("tag", "#" + "x" * 64, "x" * 64)]),
        ("#" + "x" * 65, []),
        ("#" + "👨‍👩‍👧‍👦" * 30, [("tag", "#👨", "👨")]),
        # Links.
        ("https://inet.fr/a?b=c&d#e", [("link", "https://inet.fr/a?b=c&d#e", "https://inet.fr/a?b=c&d#e")]),
        ("voir https://inet.fr.", [("link", "https://inet.fr", "https://inet.fr")]),
        ("(voir www.inet.fr)", [("link", "www.inet.fr", "https://www.inet.fr")]),
        ("https://fr.wikipedia.org/wiki/Lyon_(ville)", [("link", *["https://fr.wikipedia.org/wiki/Lyon_(ville)"] * 2)]),
        ("« https://é.fr/x »", [("link", "https://é.fr/x", "https://é.fr/x")]),
        ("HTTPS://INET.FR", [("link", "HTTPS://INET.FR", "HTTPS://INET.FR")]),
        ("https:// http://x www.x xhttps://inet.fr inet.fr", []),
        ("https://a.fr/@lea.bsky.social/#b", [("link", *["https://a.fr/@lea.bsky.social/#b"] * 2)]),
        # Mentions.
        ("Bravo @lea.bsky.social.", [("mention", "@lea.bsky.social", "did:plc:lea.bsky.social")]),
        ("@Inet.Test, @a-b.fr!", [("mention", "@Inet.Test", "did:plc:inet.test"), ("mention", "@a-b.fr", "did:plc:a-b.fr")]),
        ("(@lea.fr)", [("mention", "@lea.fr", "did:plc:lea.fr")]),
        ("@INET a@b.fr @user@mastodon.social @-a.fr @lea.bsky.sociál @@a.fr", []),
    ],
)  # fmt: skip
def test_facets_of_a_text(text, expected):
    assert marked(text) == expected


def test_facets_stand_in_order_and_leave_the_rest_of_the_text():
    text = "#Été à Évry 🎓 avec @lea.test : www.inet.fr #fin"
    edges = [tuple(facet["index"].values()) for facet in facets(text, AnyName())]
    assert edges == [(0, 6), (26, 35), (38, 49), (50, 54)]


def test_facets_leave_an_unknown_name_as_plain_text():
    text = "@lea.test @nobody.test"
    assert [facet["features"][0] for facet in facets(text, {"lea.test": "did:plc:x"})] == [
        {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:x"}
    ]


def test_handles_are_named_once():
    assert handles("@Lea.test @lea.test (@inet.test) a@b.fr") == ["lea.test", "inet.test"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("e\u0301", "é"),
        (" a \n", "a"),
        ("a\x07\ud800\tb", "a\tb"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_tidy_changes_what_nobody_sees(text, expected):
    assert tidy(text) == expected


# Records ------------------------------------------------------------------------------------------


def test_record_is_what_bluesky_documents():
    text = "Bravo #INET"
    assert record(Content(text), Media(), key()) == {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-11-24T10:00:00.123Z",
        "langs": ["fr"],
        "facets": [
            {
                "index": {"byteStart": 6, "byteEnd": 11},
                "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "INET"}],
            }
        ],
    }


def test_record_says_its_time_in_utc():
    made_at = datetime(2026, 11, 24, 11, tzinfo=timezone(timedelta(hours=1)))
    assert record(Content("a"), Media(), key(made_at=made_at))["createdAt"] == "2026-11-24T10:00:00.000Z"


def test_record_of_a_link_without_a_title():
    embed = record(Content("a", link=Link("https://inet.fr")), Media(), key())["embed"]
    assert embed == {
        "$type": "app.bsky.embed.external",
        "external": {"uri": "https://inet.fr", "title": "https://inet.fr", "description": ""},
    }


@pytest.mark.parametrize(
    ("moment", "clock", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, "2222222222222"),
        (datetime(2026, 11, 24, 10, tzinfo=UTC), 7, "3n32f522m222b"),
        (datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC), 1023, "3n32f526em2zz"),
    ],
)
def test_tid_is_a_moment_in_base_32(moment, clock, expected):
    """The last two as the network's own library makes them (@atproto/common-web)."""
    assert tid(moment, clock) == expected


# Comparing and links ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "is_same"),
    [
        ("Bravo à Léa !\n\n#INET", True),
        ("Bravo a\u0300 Le\u0301a ! #INET ", True),
        ("Bravo à Léa\u00a0!\u200b #INET", True),
        ("Bravo à Léa", False),
        ("", False),
    ],
)
def test_same_looks_at_the_words(there, is_same):
    found = Found("at://x", "", there, datetime.now(UTC))
    assert BLUESKY.same(Content("Bravo à Léa !\n\n#INET"), found) is is_same


DID = "did:plc:quibdds7wjcpk2m3xssv2g3v"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"https://bsky.app/profile/{DID}/post/{KEYS[0]}", f"at://{DID}/app.bsky.feed.post/{KEYS[0]}"),
        (f"https://bsky.app/profile/inet.bsky.social/post/{KEYS[0]}?x=1", f"at://inet.bsky.social/app.bsky.feed.post/{KEYS[0]}"),
        (f" https://bsky.app/profile/did%3Aplc%3Aquibdds7wjcpk2m3xssv2g3v/post/{KEYS[0]}/", f"at://{DID}/app.bsky.feed.post/{KEYS[0]}"),
        (f"at://{DID}/app.bsky.feed.post/{KEYS[0]}", f"at://{DID}/app.bsky.feed.post/{KEYS[0]}"),
        (f"http://127.0.0.1:8001/bluesky/post/at%3A%2F%2F{DID.replace(':', '%3A')}%2Fapp.bsky.feed.post%2F{KEYS[0]}/", f"at://{DID}/app.bsky.feed.post/{KEYS[0]}"),
        (f"https://bsky.app/profile/did:web:inet.fr/post/{KEYS[0]}", f"at://did:web:inet.fr/app.bsky.feed.post/{KEYS[0]}"),
        ("https://bsky.app/profile/inet.bsky.social", ""),
        ("https://bsky.app/profile/inet.bsky.social/post/42", ""),
        (f"https://bsky.app/profile/inet.bsky.social/feed/{KEYS[0]}", ""),
        (f"https://bsky.app/profile/inet/post/{KEYS[0]}", ""),
        (f"at://{DID}/app.bsky.feed.like/{KEYS[0]}", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_remote_id_from_a_link(link, expected):
    assert BLUESKY.remote_id_from(link) == expected


# Errors -------------------------------------------------------------------------------------------


def said(status, data, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return outcome_of(Answer(status, headers, body, "shown"))


@pytest.mark.parametrize(
    ("status", "error", "kind", "reason"),
    [
        (400, "ExpiredToken", NeedsReconnect, "token-expired"),
        (400, "InvalidToken", NeedsReconnect, "token-invalid"),
        (401, "AuthMissing", NeedsReconnect, "token-invalid"),
        (401, "AuthenticationRequired", NeedsReconnect, "token-invalid"),
        (401, "Whatever", NeedsReconnect, "token-invalid"),
        (401, "AccountTakedown", NeedsReconnect, "taken-down"),
        (401, "AccountDeactivated", NeedsReconnect, "deactivated"),
        (400, "RepoSuspended", NeedsReconnect, "suspended"),
        (403, "AccountNotFound", NeedsReconnect, "no-right"),
        (429, "RateLimitExceeded", TryLater, "throttled"),
        (400, "BlobNotFound", TryLater, "media-again"),
        (400, "InvalidRequest", Refused, "invalid-request"),
        (400, "InvalidMimeType", Refused, "invalid-mime-type"),
        (400, "InvalidSize", Refused, "invalid-size"),
        (404, "NotFound", Refused, "not-found"),
        (413, "PayloadTooLarge", Refused, "too-large"),
        (500, "InternalServerError", Unknown, "internal-server-error"),
        (501, "MethodNotImplemented", Unknown, "method-not-implemented"),
        (502, "UpstreamFailure", Unknown, "upstream-failure"),
        (503, "ExpiredToken", Unknown, "expired-token"),
        (302, "", Unknown, "http-302"),
    ],
)
def test_error_means(status, error, kind, reason):
    outcome = said(status, {"error": error, "message": "no"})
    assert (type(outcome), outcome.reason, outcome.status) == (kind, reason, status)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"error": 3}', b'{"error": null}', b'{"error": ']
)
@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_error_that_cannot_be_read_is_unknown(status, body):
    assert type(said(status, body)) is Unknown


def test_unreadable_refusal_of_the_token_is_one_all_the_same():
    assert type(said(401, b"")) is NeedsReconnect


def test_picture_too_large_for_an_older_server():
    message = (
        "Invalid app.bsky.feed.post record: blob too big (maximum 1000000, got 1500000) at $.record.embed"
    )
    outcome = said(400, {"error": "InvalidRequest", "message": message})
    assert (type(outcome), outcome.reason) == (Refused, "too-large")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "90"}, 90.0),
        ({"ratelimit-reset": "1"}, 0.0),
        ({"ratelimit-reset": "99999999999"}, 86_400.0),
        ({"ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_throttled_says_for_how_long(headers, seconds):
    answer = Answer(429, headers, b'{"error": "RateLimitExceeded"}', "")
    assert outcome_of(answer).retry_after == seconds
