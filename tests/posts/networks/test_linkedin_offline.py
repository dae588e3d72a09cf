"""LinkedIn without a network: lengths, problems, comparing, links, and what each error means."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from posts.networks.base import (
    Content,
    Document,
    Duplicate,
    Found,
    Grant,
    Link,
    NeedsReconnect,
    Outcome,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.linkedin import posts as posts
from posts.networks.linkedin.access import Access
from posts.networks.linkedin.wire import outcome_of
from posts.networks.transport import Answer
from tests.posts.networks.conftest import image


@pytest.mark.parametrize(
    ("text", "length"),
    [("abc", 3), ("(abc)", 7), ("#INET", 17), ("🎓", 2), ("é", 1), ("a\r\nb", 3), ("", 0)],
)
def test_length_counts_what_is_sent_in_utf_16(linkedin, text, length):
    assert linkedin.length(text, linkedin.limits) == length


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a" * 2900, []),
        ("a" * 2901, ["nearly-too-long"]),
        ("a" * 3000, ["nearly-too-long"]),
        ("a" * 3001, ["too-long"]),
        ("🎓" * 1450, []),
        ("🎓" * 1500, ["nearly-too-long"]),
        ("🎓" * 1500 + "a", ["too-long"]),
        ("(" * 1450, []),
        ("(" * 1500, ["nearly-too-long"]),
        ("(" * 1501, ["too-long"]),
        ("", ["empty"]),
        (" \n\u00a0\x00", ["empty"]),
    ],
)
def test_check_of_the_text(linkedin, text, codes):
    assert [problem.code for problem in linkedin.check(Content(text), linkedin.limits)] == codes


def test_check_says_by_how_much(linkedin):
    (problem,) = linkedin.check(Content("a" * 3012), linkedin.limits)
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
    assert [
        problem.code for problem in linkedin.check(Content("Bonjour", (image(**changes),)), linkedin.limits)
    ] == codes


@pytest.mark.parametrize(("count", "codes"), [(0, []), (1, []), (20, []), (21, ["too-many-images"])])
def test_check_of_the_number_of_pictures(linkedin, count, codes):
    content = Content("Bonjour", (image(b""),) * count)
    assert [problem.code for problem in linkedin.check(content, linkedin.limits)] == codes


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"title": " \x00"}, ["no-title"]),
        ({"title": "a" * 400}, []),
        ({"title": "a" * 401}, ["title-too-long"]),
        ({"pages": 300}, []),
        ({"pages": 301}, ["document-too-many-pages"]),
        ({"size": 100_000_000}, []),
        ({"size": 100_000_001}, ["document-too-large"]),
    ],
)
def test_check_of_a_document(linkedin, changes, codes):
    document = replace(Document(b"", "La promotion", 12, 900_000, "0"), **changes)
    problems = linkedin.check(Content("Bonjour", document=document), linkedin.limits)
    assert [problem.code for problem in problems] == codes


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"url": "http://inet.example"}, []),
        ({"url": "inet.example/a"}, ["link-address"]),
        ({"url": "https://"}, ["link-address"]),
        ({"url": "https://inet.example/a b"}, ["link-address"]),
        ({"title": ""}, ["no-title"]),
        ({"title": "a" * 401}, ["title-too-long"]),
        ({"description": "a" * 4000}, []),
        ({"description": "a" * 4001}, ["description-too-long"]),
        ({"thumbnail": image(b"", alt="")}, []),
        ({"thumbnail": image(b"", content_type="image/webp")}, ["image-type"]),
        ({"thumbnail": image(b"", width=9000, height=9000)}, ["image-too-large"]),
    ],
)
def test_check_of_a_link(linkedin, changes, codes):
    link = replace(Link("https://inet.example/portraits?a=1", "Portraits"), **changes)
    problems = linkedin.check(Content("Bonjour", link=link), linkedin.limits)
    assert [problem.code for problem in problems] == codes


DOCUMENT, LINK = Document(b"", "Titre", 1, 1, "0"), Link("https://inet.example", "Titre")


@pytest.mark.parametrize(
    "content",
    [
        Content("Bonjour", (image(b""),), DOCUMENT),
        Content("Bonjour", (image(b""),), link=LINK),
        Content("Bonjour", document=DOCUMENT, link=LINK),
    ],
    ids=["pictures and document", "pictures and link", "document and link"],
)
def test_check_of_two_kinds_at_once(linkedin, content):
    assert [problem.code for problem in linkedin.check(content, linkedin.limits)] == ["one-attachment"]


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ({}, []),
        ({"text": 6}, ["too-long"]),
        ({"images": 1}, ["too-many-images"]),
        ({"alt": 15}, ["alt-too-long"] * 2),
        ({"image_pixels": 1999}, ["image-too-large"] * 2),
        ({"image_types": ("image/png",)}, ["image-type"] * 2),
    ],
)
def test_check_goes_by_the_limits_it_is_given(linkedin, limits, codes):
    content = Content("Bonjour", (image(b""),) * 2)
    problems = linkedin.check(content, replace(linkedin.limits, **limits))
    assert [problem.code for problem in problems if not problem.is_warning] == codes


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
    (403, {"message": "Accessing this document resource is forbidden"}, Refused, "http-403"),
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


LIMITED = {"message": "Resource level throttle limit for calls to this resource is reached."}


@pytest.mark.parametrize(
    ("data", "headers", "seconds"),
    [
        ({}, {}, None),
        (b"<html>", {}, None),
        (LIMITED, {"Retry-After": "60"}, 60.0),
        ({}, {"Retry-After": "60"}, 60.0),
    ],
)
def test_throttled_waits_as_told(data, headers, seconds):
    assert outcome_of(answer(429, data, **headers)).retry_after == seconds


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), 3600 + 300),
        (datetime(2026, 11, 24, 0, 5, tzinfo=UTC), 86_400),
        (datetime(2026, 11, 24, 0, 4, tzinfo=UTC), 60),
        (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), 12 * 3600 + 300),
    ],
)
def test_days_quota_is_back_five_minutes_after_midnight(now, seconds):
    with time_machine.travel(now, tick=False):
        assert outcome_of(answer(429, LIMITED)).retry_after == seconds


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


# Whatever may come ------------------------------------------------------------------------------------

WORDS = st.text(st.sampled_from("aé🎓\x00\ud83d<\\{}@[](#|:1"), max_size=9)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS | st.just("id"), inner, max_size=2),
    max_leaves=4,
)
NAMES = ("status", "code", "message", "serviceErrorCode", "errorDetails")
FIELDS = ("id", "author", "commentary", "createdAt", "publishedAt", "content", "lifecycleState")


@given(st.integers(100, 999), st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_any_error_means_something_and_5xx_is_never_a_clear_no(status, data):
    outcome = outcome_of(answer(status, data))
    assert isinstance(outcome, Outcome)
    if status >= 500:
        assert type(outcome) is Unknown


def test_post_with_halves_of_characters_can_be_kept():
    odd = "a\x00b\ud83dc"
    post = posts.found({"id": odd, "commentary": odd, "content": {"media": {"id": odd}}})
    shown = "a\ufffdb\ufffdc"
    assert (post.remote_id, post.text, post.media_ids) == (shown, shown, (shown,))


@given(
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.dictionaries(st.sampled_from(("media", "multiImage", "article")), ANYTHING),
)
def test_any_post_can_be_read_and_kept(data, content):
    post = posts.found({"content": content} | data)
    kept = "".join([post.remote_id, post.url, post.text, *post.media_ids])
    assert "\x00" not in kept
    assert kept.encode().decode() == kept


@given(st.dictionaries(st.sampled_from(("token_type", "access_token", "scope", "expires_in")), ANYTHING))
def test_any_grant_can_be_read(data):
    grant = Access()._grant({"access_token": "t"} | data, shortest=None)
    assert isinstance(grant, Grant)
