"""LinkedIn without a network: lengths, problems, comparing, links, and what each error means."""

import json
from datetime import UTC, datetime

import pytest

from posts.networks.base import (
    Content,
    Duplicate,
    Found,
    NeedsReconnect,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.linkedin_wire import QUOTA_WAIT, outcome_of
from posts.networks.transport import Answer
from tests.posts.networks.conftest import image


@pytest.mark.parametrize(
    ("text", "length"),
    [("abc", 3), ("(abc)", 7), ("#INET", 17), ("🎓", 2), ("é", 1), ("a\r\nb", 3), ("", 0)],
)
def test_length_counts_what_is_sent_in_utf_16(linkedin, text, length):
    assert linkedin.length(text) == length


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a" * 3000, []),
        ("a" * 3001, ["too-long"]),
        ("🎓" * 1500, []),
        ("🎓" * 1500 + "a", ["too-long"]),
        ("(" * 1500, []),
        ("(" * 1501, ["too-long"]),
        ("", ["empty"]),
        (" \n\u00a0\x00", ["empty"]),
    ],
)
def test_check_of_the_text(linkedin, text, codes):
    assert [problem.code for problem in linkedin.check(Content(text))] == codes


def test_check_says_by_how_much(linkedin):
    (problem,) = linkedin.check(Content("a" * 3012))
    assert "12" in str(problem.message)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"alt": " "}, ["no-alt"]),
        ({"alt": "a" * 4086}, []),
        ({"alt": "a" * 4087}, ["alt-too-long"]),
        ({"alt": "🎓" * 2044}, ["alt-too-long"]),
        ({"content_type": "image/png"}, []),
        ({"content_type": "image/gif"}, []),
        ({"content_type": "image/webp"}, ["image-type"]),
        ({"content_type": "image/heic"}, ["image-type"]),
        ({"data": b"", "width": 6000, "height": 6025}, []),
        ({"data": b"", "width": 6016, "height": 6010}, ["image-too-large"]),
        ({"data": b"x" * 8_000_000}, []),
        ({"data": b"x" * 8_000_001}, ["image-too-large"]),
    ],
)
def test_check_of_a_picture(linkedin, changes, codes):
    assert [problem.code for problem in linkedin.check(Content("Bonjour", (image(**changes),)))] == codes


@pytest.mark.parametrize(("count", "codes"), [(0, []), (1, []), (20, []), (21, ["too-many-images"])])
def test_check_of_the_number_of_pictures(linkedin, count, codes):
    content = Content("Bonjour", (image(b""),) * count)
    assert [problem.code for problem in linkedin.check(content)] == codes


def found(text):
    return Found("urn:li:share:1", "", text, datetime(2026, 3, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Bravo #INET (2021/2022)", "Bravo #INET (2021/2022)"),
        ("a\r\n\r\nb ", "a\n\nb"),
        ("Prêt\u202f?", "Prêt ?"),
        ("e\u0301te\u0301", "été"),
        ("a\u200bb", "ab"),
        ("👩🏽‍🎓", "👩🏽‍🎓"),
    ],
)
def test_same_forgives_what_networks_change(linkedin, written, read):
    assert linkedin.same(Content(written), found(read)) is True


@pytest.mark.parametrize("read", ["Bravo", "bravo #INET", "Bravo #INET !", "Bravo INET", ""])
def test_same_is_not_fooled(linkedin, read):
    assert linkedin.same(Content("Bravo #INET"), found(read)) is False


@pytest.mark.parametrize(
    ("link", "remote_id"),
    [
        ("https://www.linkedin.com/feed/update/urn:li:share:7123/", "urn:li:share:7123"),
        ("https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A7123?x=1", "urn:li:ugcPost:7123"),
        ("http://127.0.0.1:8001/linkedin/feed/update/urn%3Ali%3Ashare%3A7/", "urn:li:share:7"),
        (
            "https://www.linkedin.com/posts/inet_bravo-activity-7123-aBcD?utm_source=share",
            "urn:li:activity:7123",
        ),
        ("https://www.linkedin.com/posts/inet_bravo-share-7123-aBcD", "urn:li:share:7123"),
        ("  urn:li:share:7 ", "urn:li:share:7"),
        ("https://www.linkedin.com/company/inet/", ""),
        ("https://example.org/posts/x-share-7123-a", ""),
        ("urn:li:share:٧", ""),
        ("n'importe quoi", ""),
    ],
)
def test_identifier_in_a_link(linkedin, link, remote_id):
    assert linkedin.remote_id_from(link) == remote_id


def answer(status, data=None, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
    return Answer(status, headers, body, "shown")


def duplicate(text):
    return {"status": 422, "message": text, "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}}


ERRORS = [
    (401, {"code": "EMPTY_ACCESS_TOKEN"}, NeedsReconnect, "token-invalid"),
    (401, {"serviceErrorCode": 65600}, NeedsReconnect, "token-invalid"),
    (401, {"serviceErrorCode": 65601}, NeedsReconnect, "token-revoked"),
    (401, {"code": "REVOKED_ACCESS_TOKEN"}, NeedsReconnect, "token-revoked"),
    (401, {"serviceErrorCode": 65602}, NeedsReconnect, "token-expired"),
    (401, b"", NeedsReconnect, "token-invalid"),
    (403, {"code": "ACCESS_DENIED", "serviceErrorCode": 100}, NeedsReconnect, "no-right"),
    (403, {"message": "Accessing this image resource is forbidden"}, Refused, "http-403"),
    (403, b"<html>Blocked</html>", Unknown, "http-403"),
    (400, {"code": "VERSION_MISSING"}, NeedsReconnect, "version-retired"),
    (426, {"code": "NONEXISTENT_VERSION"}, NeedsReconnect, "version-retired"),
    (400, {"code": "MISSING_FIELD"}, Refused, "missing-field"),
    (400, {"code": "INVALID_VALUE_FOR_FIELD"}, Refused, "invalid-value-for-field"),
    (400, {"code": "FIELD_LENGTH_TOO_LONG"}, Refused, "field-length-too-long"),
    (400, {"code": "INVALID_IMAGE_ID"}, Refused, "invalid-image-id"),
    (400, {"code": "ILLEGAL_ARGUMENT"}, Refused, "illegal-argument"),
    (400, {"code": "MEDIA_ASSET_WAITING_UPLOAD"}, TryLater, "media-not-ready"),
    (400, {"code": "MEDIA_ASSET_PROCESSING_FAILED"}, TryLater, "media-again"),
    (400, {"code": "EXPIRED_UPLOAD_URL"}, TryLater, "media-again"),
    (400, {"code": "x" * 99}, Refused, "x" * 50),
    (400, b"<html>", Unknown, "http-400"),
    (422, {"message": "ERROR :: /foo :: unrecognized field found but not allowed\n"}, Refused, "http-422"),
    (422, duplicate("Content is a duplicate of urn:li:share:7"), Duplicate, "duplicate"),
    (404, {"code": "NOT_FOUND"}, Refused, "not-found"),
    (405, {"status": 405}, Refused, "http-405"),
    (413, {"status": 413}, Refused, "http-413"),
    (415, {"status": 415}, Refused, "http-415"),
    (408, {"status": 408}, Unknown, "http-408"),
    (409, {"code": "CONFLICT"}, Unknown, "conflict"),
    (429, {"code": "TOO_MANY_REQUESTS"}, TryLater, "throttled"),
    (429, b"<html>", TryLater, "throttled"),
    (500, {"code": "INTERNAL"}, Unknown, "internal"),
    (502, b"", Unknown, "http-502"),
    (503, {"status": 503}, Unknown, "http-503"),
    (504, b"<html>", Unknown, "http-504"),
    (302, b"", Unknown, "http-302"),
    (999, b"", Unknown, "http-999"),
]


@pytest.mark.parametrize(("status", "data", "kind", "reason"), ERRORS)
def test_error_means(status, data, kind, reason):
    outcome = outcome_of(answer(status, data))
    assert (type(outcome), outcome.reason, outcome.status, outcome.answer) == (kind, reason, status, "shown")


@pytest.mark.parametrize(
    ("data", "headers", "seconds"),
    [
        ({}, {}, None),
        ({"message": "Resource level throttle limit for calls to this resource is reached."}, {}, QUOTA_WAIT),
        ({"message": "Resource level throttle limit"}, {"Retry-After": "60"}, 60.0),
    ],
)
def test_throttled_waits(data, headers, seconds):
    assert outcome_of(answer(429, data, **headers)).retry_after == seconds


@pytest.mark.parametrize(
    ("text", "remote_id"),
    [
        ("Content is a duplicate of urn:li:share:7141138937766391808", "urn:li:share:7141138937766391808"),
        ("Content is a duplicate of urn:li:ugcPost:7", "urn:li:ugcPost:7"),
        ("Duplicate post is detected", ""),
    ],
)
def test_duplicate_names_a_post_if_linkedin_does(text, remote_id):
    assert outcome_of(answer(422, duplicate(text))).remote_id == remote_id
