"""Mastodon without a server: lengths, problems, HTML, comparing, links, and what each error means."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks.base import (
    Content,
    Document,
    Found,
    Link,
    NeedsReconnect,
    Refused,
    TryLater,
    Unknown,
    limits_with,
)
from posts.networks.mastodon import Mastodon
from posts.networks.mastodon.server import is_mastodon, limits_there
from posts.networks.mastodon.text import plain
from posts.networks.mastodon.wire import outcome_of, wait_of
from posts.networks.transport import Answer
from tests.posts.networks.conftest import image
from tests.posts.rehearsal.test_mastodon_checks import COUNTED

MASTODON = Mastodon()
LIMITS = MASTODON.limits
HOLLO = limits_with(LIMITS, {"text": 10_000, "images": 8, "url_length": 256, "alt": 1500})


# Counting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "length"), COUNTED)
def test_length_is_what_the_server_counts(text, length):
    """The very table that the rehearsal server is measured with; it counts with other means."""
    assert MASTODON.length(text, LIMITS) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("a\r\nb", 3),
        ("👨‍👩‍👧‍👦", 1),
        ("https://localhost/aaaaaaaaaa", 28),
        ("https://192.0.2.1/a", 19),
        ("https://exemple.fr/a_(b)_c", 23),
        ("(https://exemple.fr/a)", 25),
        ("https://exemple.fr/?q=a&b=c.", 24),
        ("https://exemple.fr:8443/a", 23),
        ("https://été.fr/à", 23),
        ("https://exemple.fr/a,b", 23),
        ("https://exemple.fr/a, b", 26),
        ("xhttps://exemple.fr", 19),
        ("HTTPS://EXEMPLE.FR", 23),
        ("https://piaille.fr/@inet@ena.fr/1", 23),
        ("@a.b-c@ena.fr!", 7),
        ("«@inet@piaille.fr»", 7),
    ],
)
def test_length_of_less_common_texts(text, length):
    assert MASTODON.length(text, LIMITS) == length


def test_length_of_an_address_is_the_servers_own():
    assert [MASTODON.length("https://a.fr", limits) for limits in (LIMITS, HOLLO)] == [23, 256]


def test_length_of_an_address_as_it_is_written_where_nothing_is_said():
    assert MASTODON.length("https://a.fr", limits_with(LIMITS, {"url_length": 0})) == 12


# Checking ------------------------------------------------------------------------------------------


def codes(content, limits=LIMITS):
    return [problem.code for problem in MASTODON.check(content, limits)]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (Content("a" * 500), []),
        (Content("a" * 501), ["too-long"]),
        (Content("👩🏽‍🎓" * 500), []),
        (Content(""), ["empty"]),
        (Content(" \n\u00a0\x00"), ["empty"]),
        (Content("", (image(b""),)), []),
        (Content("", link=Link("https://exemple.fr")), []),
        (Content("a" * 475, link=Link("https://exemple.fr/" + "a" * 99)), []),
        (Content("a" * 476, link=Link("https://exemple.fr/" + "a" * 99)), ["too-long"]),
        (Content("a", (image(b""),) * 4), []),
        (Content("a", (image(b""),) * 5), ["too-many-images"]),
        (Content("a", document=Document(b"", "Plaquette", 3, 9, "x")), ["no-document"]),
    ],
)
def test_check(content, wrong):
    assert codes(content) == wrong


def test_check_by_another_servers_limits():
    content = Content("a" * 9999, (image(b""),) * 8)
    assert (codes(content, HOLLO), codes(content)) == ([], ["too-long", "too-many-images"])


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"alt": " "}, ["no-alt"]),
        ({"alt": "é" * 1500}, []),
        ({"alt": "é" * 1501}, ["alt-too-long"]),
        ({"content_type": "image/webp"}, []),
        ({"content_type": "image/heic"}, ["image-type"]),
        ({"width": 7680, "height": 4320}, []),
        ({"width": 7681, "height": 4320}, ["image-too-large"]),
        ({"data": b"x" * (16 * 1024 * 1024 + 1)}, ["image-too-large"]),
    ],
)
def test_check_of_a_picture(changes, wrong):
    assert codes(Content("a", (image(**{"data": b""} | changes),))) == wrong


def test_check_says_by_how_much():
    (problem,) = MASTODON.check(Content("a" * 512), LIMITS)
    assert str(problem.message) == "The text is 12 characters too long for this Mastodon server. Shorten it."


# Comparing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Bonjour</p>", "Bonjour"),
        ("<p>a<br>b<br />c</p><p>d</p>", "a\nb\nc\n\nd"),
        ("<p>&lt;b&gt; &amp; &#39;x&#39; &eacute;&nbsp;</p>", "<b> & 'x' é"),
        (
            '<p><a href="https://a.fr/bc"><span class="invisible">https://</span><span class="ellipsis">a.fr/b</span><span class="invisible">c</span></a></p>',
            "https://a.fr/bc",
        ),
        ('<span class="h-card"><a class="u-url mention">@<span>inet</span></a></span> !', "@inet !"),
        ('<a class="mention hashtag" rel="tag">#<span>INET</span></a>', "#INET"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("Sans balise", "Sans balise"),
        ("", ""),
        ("<p>a &lt; b <!-- x --></p>", "a < b"),
    ],
)
def test_html_as_it_is_read(html, text):
    assert plain(html) == text


def found(text, pictures=0):
    ids = tuple(str(number) for number in range(pictures))
    return Found("1", "", text, datetime(2026, 11, 25, tzinfo=UTC), ids)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (Content("a\r\n\r\n\r\nb "), "a\n\nb"),
        (Content("Prêt\u202f?"), "Prêt ?"),
        (Content("e\u0301te\u0301"), "été"),
        (Content("a\u200bb"), "ab"),
        (Content("Merci @ENA@Piaille.fr !"), "Merci @ena !"),
        (Content("Merci @ENA@Piaille.fr !"), "Merci @ENA@Piaille.fr !"),
        (Content("Merci @Inet."), "Merci @inet."),
        (Content("Lire", link=Link("https://a.fr")), "Lire\n\nhttps://a.fr"),
        (Content("", (image(b""),)), ""),
    ],
)
def test_same_forgives_what_servers_change(content, read):
    assert MASTODON.same(content, found(read, len(content.images))) is True


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (Content("Bravo #INET"), found("Bravo")),
        (Content("Bravo #INET"), found("bravo #INET")),
        (Content("Bravo #INET"), found("")),
        (Content("Merci @ena@piaille.fr"), found("Merci @inet")),
        (Content("Lire", link=Link("https://a.fr")), found("Lire")),
        (Content("", (image(b""),)), found("", 2)),
        (Content("", (image(b""),)), found("", 0)),
    ],
)
def test_same_is_not_fooled(content, read):
    assert MASTODON.same(content, read) is False


@pytest.mark.parametrize(
    ("link", "remote_id"),
    [
        ("https://piaille.fr/@inet/1154", "1154"),
        (" https://piaille.fr/@inet/1154/ ", "1154"),
        ("https://piaille.fr/@inet/1154?lang=fr#x", "1154"),
        ("https://piaille.fr/deck/@inet/1154", "1154"),
        ("https://piaille.fr/web/statuses/1154", "1154"),
        ("https://piaille.fr/users/inet/statuses/1154", "1154"),
        ("https://ecole.fr/@inet@ecole.fr/posts/77/", "77"),
        (
            "https://ecole.fr/@inet/0193ab2c-0000-7000-8000-000000000000",
            "0193ab2c-0000-7000-8000-000000000000",
        ),
        ("https://ecole.fr/@inet/statuses/01J9ZC", "01J9ZC"),
        ("http://127.0.0.1:8001/mastodon/@inet/1154", "1154"),
        ("https://piaille.fr/@inet", ""),
        ("https://piaille.fr/tags/inet", ""),
        ("https://piaille.fr/@inet/1154/embed/x", ""),
        ("1154", ""),
        ("n'importe quoi", ""),
    ],
)
def test_identifier_in_a_link(link, remote_id):
    assert MASTODON.remote_id_from(link) == remote_id


# What a server says of itself -----------------------------------------------------------------------

SOURCE = "https://github.com/mastodon/mastodon"


@pytest.mark.parametrize(
    ("version", "source", "is_it"),
    [
        ("4.7.0", SOURCE, True),
        ("4.4.0-alpha.3", SOURCE, True),
        ("4.5.0-nightly.2026-01-02", SOURCE, True),
        ("4.3.1", SOURCE + "/", True),
        ("4.3.1", SOURCE + ".git", True),
        ("4.7.0+glitch", "https://github.com/glitch-soc/mastodon", False),
        ("4.7.0", "https://github.com/glitch-soc/mastodon", False),
        ("4.7.0+glitch", SOURCE, False),
        ("4.0.6+hometown-1.1.1", "https://github.com/hometown-fork/hometown", False),
        ("2.7.2 (compatible; Pleroma 2.5.0)", SOURCE, False),
        ("4.7.0", "https://example.org/github.com/mastodon/mastodon", False),
        ("4.7.0", "", False),
        ("", SOURCE, False),
        (None, None, False),
        (4, ["x"], False),
    ],
)
def test_mastodon_itself_is_recognised(version, source, is_it):
    assert is_mastodon({"version": version, "source_url": source}) is is_it


def configuration(statuses=None, media=None):
    return {"configuration": {"statuses": statuses or {}, "media_attachments": media or {}}}


@pytest.mark.parametrize(
    ("instance", "there"),
    [
        ({}, {}),
        ({"configuration": []}, {}),
        (configuration("x", 3), {}),
        (
            configuration(
                {"max_characters": 10_000, "max_media_attachments": 8, "characters_reserved_per_url": 256}
            ),
            {"text": 10_000, "images": 8, "url_length": 256},
        ),
        (configuration({"max_characters": 500}), {}),
        (configuration({"max_characters": "500"}), {}),
        (configuration({"max_characters": 0, "max_media_attachments": -1}), {}),
        (configuration({"max_characters": True}), {}),
        (configuration(media={"image_size_limit": 1000, "image_matrix_limit": 99, "description_limit": 420}),
         {"image_bytes": 1000, "image_pixels": 99, "alt": 420}),
        (
            configuration(media={"supported_mime_types": ["image/png", "video/mp4", 3]}),
            {"image_types": ["image/png"]},
        ),
        (configuration(media={"supported_mime_types": ["video/mp4"]}), {}),
        ({"version": "4.7.0", "source_url": SOURCE}, {"repeat_seconds": 3000.0}),
    ],
)  # fmt: skip
def test_limits_are_believed_where_they_are_sound(instance, there):
    assert limits_there(instance) == there


def test_limits_can_be_kept_and_used_again():
    there = json.loads(json.dumps(limits_there(configuration(media={"supported_mime_types": ["image/png"]}))))
    assert limits_with(LIMITS, there).image_types == ("image/png",)


# What each error means ------------------------------------------------------------------------------


def answer(status, data=None, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
    return Answer(status, headers, body, "shown")


NOT_READY = "Validation failed: Cannot attach files that have not finished processing. Try again in a moment!"
ERRORS = [
    (401, {"error": "The access token is invalid"}, NeedsReconnect, "token-invalid"),
    (401, b"", NeedsReconnect, "token-invalid"),
    (401, b"<html>", NeedsReconnect, "token-invalid"),
    (400, b"Invalid Bearer token", NeedsReconnect, "token-invalid"),
    (403, {"error": "This action is outside the authorized scopes"}, NeedsReconnect, "no-right"),
    (403, {"error": "insufficient_scope"}, NeedsReconnect, "no-right"),
    (403, {"error": "Your login is currently disabled"}, NeedsReconnect, "account-closed"),
    (403, b"<html>Blocked</html>", Unknown, "http-403"),
    (400, {"error": "bad_request"}, Refused, "http-400"),
    (400, b"<html>", Unknown, "http-400"),
    (400, b"", Unknown, "http-400"),
    (404, {"error": "Record not found"}, Refused, "gone"),
    (404, b"<html>", Unknown, "http-404"),
    (410, {"error": "Gone"}, Refused, "gone"),
    (405, {"error": "no"}, Refused, "http-405"),
    (408, {"error": "no"}, Unknown, "http-408"),
    (409, {"error": "no"}, Unknown, "http-409"),
    (413, b"<html>", Refused, "too-large"),
    (422, {"error": "Validation failed: Text can't be blank"}, Refused, "http-422"),
    (422, {"error": "Validation failed: Text character limit of 500 exceeded"}, Refused, "too-long"),
    (422, {"error": NOT_READY}, TryLater, "media-again"),
    (422, {"error": "Media 7 not found or already attached to another post"}, TryLater, "media-again"),
    (422, {"error": "Impossible de joindre les fichiers en cours de traitement."}, TryLater, "media-again"),
    (422, {"error": ["a list"]}, Refused, "http-422"),
    (422, b"", Unknown, "http-422"),
    (429, {"error": "Too many requests"}, TryLater, "throttled"),
    (429, b"<html>", TryLater, "throttled"),
    (500, {"error": "oops"}, Unknown, "http-500"),
    (502, b"", Unknown, "http-502"),
    (503, {"error": "There was a temporary problem"}, Unknown, "http-503"),
    (504, b"<html>", Unknown, "http-504"),
    (302, b"", Unknown, "http-302"),
    (999, b"", Unknown, "http-999"),
]


@pytest.mark.parametrize(("status", "data", "kind", "reason"), ERRORS)
def test_error_means(status, data, kind, reason):
    outcome = outcome_of(answer(status, data))
    assert (type(outcome), outcome.reason, outcome.status, outcome.answer) == (kind, reason, status, "shown")


HERE = "Wed, 25 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Date": HERE, "X-RateLimit-Reset": "2026-11-25T12:05:00.123456Z"}, 300.123456),
        ({"Date": HERE, "X-RateLimit-Reset": "2026-11-25T13:05:00+01:00"}, 300.0),
        ({"Date": HERE, "X-RateLimit-Reset": "2026-11-25T11:00:00Z"}, 0.0),
        ({"Date": HERE, "X-RateLimit-Reset": "2027-11-25T11:00:00Z"}, 86_400.0),
        ({"Date": HERE, "X-RateLimit-Reset": "2026-11-25T12:05:00Z", "Retry-After": "7"}, 7.0),
        ({"X-RateLimit-Reset": "1764072300"}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_throttled_waits_until_the_reset_by_the_servers_clock(headers, seconds):
    assert wait_of(Answer(429, headers, b"", "")) == seconds


def test_throttled_waits_by_our_clock_where_the_server_shows_none():
    reset = (datetime.now(UTC) + timedelta(seconds=100)).isoformat()
    assert 95 < wait_of(Answer(429, {"X-RateLimit-Reset": reset}, b"", "")) <= 100
