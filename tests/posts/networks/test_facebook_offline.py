"""The Facebook connector without a network: what it finds wrong, what each error means, what a link and a post say."""

import json
from datetime import UTC, datetime

import pytest

from posts.networks.base import (
    Content,
    Counts,
    Document,
    Duplicate,
    Found,
    Link,
    Media,
    NeedsReconnect,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.facebook import Facebook
from posts.networks.facebook.posts import body, counts, found, insight, is_ours, next_cursor
from posts.networks.facebook.wire import BLOCK_SECONDS, QUOTA_SECONDS, is_nearly_full, outcome_of, wait_in
from posts.networks.transport import Answer
from tests.posts.networks.conftest import image

facebook = Facebook()


def problems(content):
    return [problem.code for problem in facebook.check(content, facebook.limits)]


# What cannot go out ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (Content("Bonjour"), []),
        (Content("Bonjour", (image(),)), []),
        (Content("Bonjour", (image(),) * 10), []),
        (Content("Bonjour", link=Link("https://inet.fr/portrait")), []),
        (Content(""), ["empty"]),
        (Content(" \n\x00"), ["empty"]),
        (Content("a" * 63_206), []),
        (Content("a" * 63_207), ["too-long"]),
        (Content("🎓" * 31_604), ["too-long"]),
        (Content("a" * 63_206 + "\x00"), []),
        (Content("Bonjour", (image(),) * 11), ["too-many-images"]),
        (Content("Bonjour", (image(alt=" "),)), ["no-alt"]),
        (Content("Bonjour", (image(alt="a" * 1000),)), []),
        (Content("Bonjour", (image(alt="a" * 1001),)), ["alt-too-long"]),
        (Content("Bonjour", (image(content_type="image/png"),)), ["image-type"]),
        (Content("Bonjour", (image(b"x" * 4_000_000),)), []),
        (Content("Bonjour", (image(b"x" * 4_000_001),)), ["image-too-large"]),
        (Content("Bonjour", (image(b"", width=6000, height=6001),)), ["image-too-large"]),
        (Content("Bonjour", document=Document(b"", "Portraits", 3, 9, "")), ["document"]),
        (Content("Bonjour", link=Link("inet.fr")), ["link"]),
        (Content("Bonjour", link=Link("https://inet")), ["link"]),
        (Content("Bonjour", link=Link("javascript:alert(1)")), ["link"]),
        (Content("Bonjour", link=Link("https://inet.fr/a b")), ["link"]),
        (Content("Bonjour", (image(),), link=Link("https://inet.fr/x")), ["link-and-images"]),
        (Content("Voir https://inet.fr/x", (image(),), link=Link("https://inet.fr/x")), []),
    ],
    ids=lambda value: None if isinstance(value, Content) else ",".join(value) or "fine",
)
def test_check_finds(content, codes):
    assert problems(content) == codes


def test_check_says_by_how_much_a_text_is_too_long():
    (problem,) = facebook.check(Content("a" * 63_209), facebook.limits)
    assert str(problem.message) == "The text is 3 characters too long for Facebook. Shorten it."


def test_same_call_is_never_safe_to_repeat():
    assert facebook.limits.repeat_seconds == 0.0


# What each error means -------------------------------------------------------------------------------


def answer(status, data=None, **headers):
    sent = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, sent, "shown")


def error(code=None, subcode=None, message="", **more):
    said = {"code": code, "error_subcode": subcode, "message": message, **more}
    return {"error": {name: value for name, value in said.items() if value is not None}}


ERRORS = [
    (400, error(190), NeedsReconnect, "token-invalid"),
    (400, error(190, 458), NeedsReconnect, "app-removed"),
    (400, error(190, 459), NeedsReconnect, "checkpoint"),
    (400, error(190, 460), NeedsReconnect, "password-changed"),
    (400, error(190, 463), NeedsReconnect, "token-expired"),
    (400, error(190, 464), NeedsReconnect, "unconfirmed"),
    (400, error(190, 467), NeedsReconnect, "token-invalid"),
    (400, error(190, 492), NeedsReconnect, "role-lost"),
    (400, error(190, 999999), NeedsReconnect, "token-invalid"),
    (200, error(190, 463), NeedsReconnect, "token-expired"),
    (500, error(190, 463), NeedsReconnect, "token-expired"),
    (400, error("190", "463"), NeedsReconnect, "token-expired"),
    (400, error(102), NeedsReconnect, "token-invalid"),
    (400, error(2500), NeedsReconnect, "token-invalid"),
    (400, error(104), NeedsReconnect, "bad-proof"),
    (400, error(100, message="Invalid appsecret_proof provided in the API argument"), NeedsReconnect, "bad-proof"),
    (403, error(3), NeedsReconnect, "no-right"),
    (403, error(10), NeedsReconnect, "no-right"),
    (403, error(200), NeedsReconnect, "no-right"),
    (403, error(299), NeedsReconnect, "no-right"),
    (400, error(240), NeedsReconnect, "no-right"),
    (400, error(283), NeedsReconnect, "no-right"),
    (400, error(4, is_transient=True), TryLater, "throttled"),
    (400, error(17), TryLater, "throttled"),
    (400, error(32), TryLater, "throttled"),
    (400, error(341), TryLater, "throttled"),
    (400, error(613), TryLater, "throttled"),
    (400, error(80001, 2446079), TryLater, "throttled"),
    (429, b"", TryLater, "throttled"),
    (429, b"<html>", TryLater, "throttled"),
    (400, error(368, 1390008), TryLater, "blocked"),
    (400, error(368, message="You've already posted this"), Duplicate, "duplicate"),
    (400, error(506), Duplicate, "duplicate"),
    (400, error(100), Refused, "code-100"),
    (400, error(100, 33), Refused, "gone"),
    (404, error(100, message="Object with ID '7' does not exist"), Refused, "gone"),
    (400, error(324), Refused, "code-324"),
    (400, error(324, 1366046), Refused, "code-324-1366046"),
    (400, error(1609005), Refused, "code-1609005"),
    (400, error(3001, 1504028), Refused, "code-3001-1504028"),
    (400, error(324, 2069019, is_transient=True), Unknown, "code-324-2069019"),
    (400, error(100, is_transient=True), Unknown, "code-100"),
    (400, error(1), Unknown, "code-1"),
    (400, error(1, 99), Unknown, "code-1-99"),
    (500, error(2, is_transient=True), Unknown, "code-2"),
    (400, error(987654), Unknown, "code-987654"),
    (400, error(), Unknown, "http-400"),
    (400, error(True), Unknown, "http-400"),
    (400, error("abc"), Unknown, "http-400"),
    (400, {"error": "no"}, Unknown, "http-400"),
    (400, {"error": []}, Unknown, "http-400"),
    (401, b"", Unknown, "http-401"),
    (403, b"<html>", Unknown, "http-403"),
    (400, b'{"error": {"code": 100', Unknown, "http-400"),
    (500, b"", Unknown, "http-500"),
    (502, b"<html>", Unknown, "http-502"),
    (302, b"", Unknown, "http-302"),
    (999, b"", Unknown, "http-999"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "data", "kind", "reason"), ERRORS)
def test_error_means(status, data, kind, reason):
    outcome = outcome_of(answer(status, data))
    assert (type(outcome), outcome.reason, outcome.status, outcome.answer) == (kind, reason, status, "shown")


@pytest.mark.parametrize("data", [error(100), error(190), error(4), error(506), error(368), b"", b"<html>"])
@pytest.mark.parametrize("status", [500, 503, 599])
def test_error_of_a_create_under_any_500_is_unknown(status, data):
    assert type(outcome_of(answer(status, data), of_create=True)) is Unknown


def test_block_rests_for_hours():
    assert outcome_of(answer(400, error(368))).retry_after == BLOCK_SECONDS


def test_refusal_repeats_what_facebook_says_to_people():
    outcome = outcome_of(answer(400, error(100, error_user_msg="Cette\n photo\x00 est trop lourde.")))
    assert str(outcome.message) == (
        "Facebook refuses it and says: “Cette photo\N{REPLACEMENT CHARACTER} est trop lourde.” "
        "Correct it, then ask for approval again."
    )


def test_refusal_repeats_no_more_than_two_hundred_characters():
    short, long = (
        len(str(outcome_of(answer(400, error(100, error_user_msg="a" * length))).message))
        for length in (200, 5000)
    )
    assert short == long


# Quotas ----------------------------------------------------------------------------------------------


def usage(**entry):
    return json.dumps({"1001": [{"type": "pages", **entry}]})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, QUOTA_SECONDS),
        ({"Retry_After": "60"}, 60.0),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access=25)}, 1500.0),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access="25")}, 1500.0),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access=0)}, QUOTA_SECONDS),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access=99_999)}, 86_400.0),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access=-5)}, QUOTA_SECONDS),
        ({"x_business_use_case_usage": usage(estimated_time_to_regain_access=None)}, QUOTA_SECONDS),
        ({"x_business_use_case_usage": "{"}, QUOTA_SECONDS),
        ({"x_business_use_case_usage": "[1]"}, QUOTA_SECONDS),
        ({"x_business_use_case_usage": '{"1001": [3, null, []]}'}, QUOTA_SECONDS),
        ({"x_app_usage": '{"call_count": 100}'}, QUOTA_SECONDS),
        ({"x_app_usage": '{"call_count": 100, "estimated_time_to_regain_access": 2}'}, 120.0),
    ],
)
def test_throttled_waits(headers, seconds):
    assert wait_in(answer(400, error(80001), **headers)) == seconds


@pytest.mark.parametrize(
    ("headers", "is_full"),
    [
        ({}, False),
        ({"x_app_usage": '{"call_count": 74, "total_time": 3}'}, False),
        ({"x_app_usage": '{"call_count": 75}'}, True),
        ({"x_app_usage": '{"total_cputime": 80}'}, True),
        ({"x_business_use_case_usage": usage(call_count=1, total_time=99)}, True),
        ({"x_business_use_case_usage": usage(call_count="nonsense")}, False),
    ],
)
def test_quota_is_nearly_full(headers, is_full):
    assert is_nearly_full(answer(200, {}, **headers)) is is_full


# Posts -----------------------------------------------------------------------------------------------


def test_body_tidies_the_words_and_escapes_nothing():
    assert body(Content("e\u0301le\u0300ve\r\n(a_b) \x00#INET\ud800"), Media()) == {
        "message": "élève\n(a_b) #INET"
    }


def test_body_names_the_pictures_as_an_array_of_objects():
    sent = body(Content("a", (image(), image())), Media(("7", "8")))
    assert sent["attached_media"] == [{"media_fbid": "7"}, {"media_fbid": "8"}]


def test_post_with_a_picture_of_its_own():
    data = {"data": [{"type": "photo", "target": {"id": "7"}}]}
    assert found({"id": "1_2", "attachments": data}).media_ids == ("7",)


def test_post_with_several_pictures():
    several = {"data": [{"type": "photo", "target": {"id": "7"}}, {"type": "photo", "target": {"id": "8"}}]}
    data = {"data": [{"type": "album", "target": {"id": "9"}, "subattachments": several}]}
    assert found({"id": "1_2", "attachments": data}).media_ids == ("7", "8")


@pytest.mark.parametrize(
    "attachments",
    [
        None,
        [],
        {"data": None},
        {"data": [None, 3, {}]},
        {"data": [{"type": "share", "target": {"id": "7"}}]},
        {"data": [{"target": {"id": "7"}}]},
        {"data": [{"type": "photo", "target": "7"}]},
        {"data": [{"type": "photo", "target": {"id": ""}, "subattachments": {"data": {}}}]},
    ],
)
def test_post_without_pictures_that_are_surely_its_own(attachments):
    """What is not called a photo may be somebody else's: with the post, our pictures are deleted."""
    assert found({"id": "1_2", "attachments": attachments}).media_ids == ()


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-11-24T08:00:03+0000", datetime(2026, 11, 24, 8, 0, 3, tzinfo=UTC)),
        ("2026-11-24T09:00:03+0100", datetime(2026, 11, 24, 8, 0, 3, tzinfo=UTC)),
        ("2026-11-24T08:00:03", datetime(2026, 11, 24, 8, 0, 3, tzinfo=UTC)),
        ("0001-01-01T00:00:00+2300", datetime(1970, 1, 1, tzinfo=UTC)),
        ("soon", datetime(1970, 1, 1, tzinfo=UTC)),
        (None, datetime(1970, 1, 1, tzinfo=UTC)),
        (1795000000, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_time_of_a_post(said, moment):
    assert found({"id": "1_2", "created_time": said}).created_at == moment


@pytest.mark.parametrize(
    ("data", "is_it"),
    [
        ({"id": "1001_7"}, True),
        ({"id": "1001_7", "from": {"id": "1001"}}, True),
        ({"id": "1001_7", "from": {}}, True),
        ({"id": "1001_7", "from": None, "is_published": True}, True),
        ({"id": "1001_7", "from": {"id": "42"}}, False),
        ({"id": "2002_7"}, False),
        ({"id": "10011_7"}, False),
        ({"id": "1001_7", "is_published": False}, False),
        ({}, False),
    ],
)
def test_post_is_the_pages_own_and_public(data, is_it):
    assert is_ours(data, "1001") is is_it


@pytest.mark.parametrize(
    ("paging", "cursor"),
    [
        ({"cursors": {"after": "abc"}, "next": "https://graph.facebook.com/…"}, "abc"),
        ({"cursors": {"after": "abc"}}, ""),
        ({"cursors": {"after": 3}, "next": "x"}, ""),
        ({"cursors": [], "next": "x"}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_list_goes_on_by_its_cursor(paging, cursor):
    assert next_cursor({"paging": paging}) == cursor


SUMMARY = {"summary": {"total_count": 3}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, Counts(shares=0)),
        (
            {"shares": {"count": 2}, "comments": SUMMARY, "reactions": SUMMARY},
            Counts(shares=2, comments=3, reactions=3),
        ),
        ({"shares": {"count": "2"}, "comments": {"summary": {"total_count": -1}}, "reactions": []}, Counts()),
        (
            {"shares": {}, "comments": {"summary": 3}, "reactions": {"summary": {"total_count": True}}},
            Counts(),
        ),
    ],
)
def test_counts_believe_numbers_only(data, expected):
    assert counts(data, None, None) == expected


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"data": [{"values": [{"value": 7}]}]}, 7),
        ({"data": [{"values": [{"value": 1}, {"value": 7}]}]}, 7),
        ({"data": [{"total_value": {"value": 7}}]}, 7),
        ({"data": []}, None),
        ({"data": [{"values": []}]}, None),
        ({"data": [{"values": [{"value": {"like": 7}}]}]}, None),
        ({}, None),
    ],
)
def test_insight_in_either_form(data, value):
    assert insight(data) == value


# Links -----------------------------------------------------------------------------------------------

NAME = "pfbid02abcDEF345678"


@pytest.mark.parametrize(
    ("link", "remote_id"),
    [
        ("1001_122100000000001", "1001_122100000000001"),
        (" https://www.facebook.com/1001_122100000000001 ", "1001_122100000000001"),
        ("https://www.facebook.com/inet/posts/122100000000001", "122100000000001"),
        ("https://www.facebook.com/61550000000001/posts/122100000000001/?mibextid=x", "122100000000001"),
        ("https://m.facebook.com/inet/posts/122100000000001#comments", "122100000000001"),
        ("https://facebook.com/inet/posts/un-beau-titre/122100000000001", "122100000000001"),
        (f"https://www.facebook.com/inet/posts/{NAME}", NAME),
        (f"https://www.facebook.com/inet/posts/un-beau-titre/{NAME}?locale=fr_FR", NAME),
        ("https://www.facebook.com/permalink.php?story_fbid=122100000000001&id=61550000000001", "122100000000001"),
        (f"https://www.facebook.com/permalink.php?id=1&story_fbid={NAME}", NAME),
        ("https://m.facebook.com/story.php?story_fbid=122100000000001&id=1001", "122100000000001"),
        ("https://www.facebook.com/photo/?fbid=122200000000001&set=a.7", "photo:122200000000001"),
        ("https://www.facebook.com/photo.php?fbid=122200000000001", "photo:122200000000001"),
        ("https://www.facebook.com/photo?fbid=122200000000001&set=pcb.9", "photo:122200000000001"),
        ("https://www.facebook.com/inet/photos/a.7/122200000000001/", "photo:122200000000001"),
        ("https://www.facebook.com/inet/photos/122200000000001", "photo:122200000000001"),
        ("C’est là : https://www.facebook.com/inet/posts/7 !", "7"),
        ("https://www.facebook.com/inet", ""),
        ("https://www.facebook.com/share/p/1AbCdEf/", ""),
        ("https://www.facebook.com/watch/?v=7", ""),
        ("https://evilfacebook.com/inet/posts/7", ""),
        ("https://facebook.com.evil.org/inet/posts/7", ""),
        ("https://www.linkedin.com/feed/update/urn:li:share:7/", ""),
        ("https://www.facebook.com/inet/posts/٧", ""),
        ("https://www.facebook.com/photo/?fbid=../me", ""),
        ("n'importe quoi", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_identifier_in_a_link(link, remote_id):
    assert facebook.remote_id_from(link) == remote_id


@pytest.mark.parametrize(
    ("ours", "theirs", "is_same"),
    [
        ("Bravo Léa", "Bravo Léa", True),
        ("Bravo  Léa\r\n\r\n#INET ", "Bravo Léa\n#INET", True),
        ("Le\u0301a\u200b", "Léa", True),
        ("Bravo", "bravo", False),
        ("Bravo", "Bravo…", False),
    ],
)
def test_same_words_whatever_happened_to_blanks(ours, theirs, is_same):
    post = Found("1_2", "", theirs, datetime.now(UTC))
    assert facebook.same(Content(ours), post) is is_same
