"""X without a network: lengths, problems, comparing, links, and what each error means."""

import json
import time
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from posts.networks.base import (
    Content,
    Document,
    Duplicate,
    Found,
    Limits,
    Link,
    NeedsReconnect,
    Refused,
    TryLater,
    Unknown,
)
from posts.networks.transport import Answer
from posts.networks.x import X
from posts.networks.x import text as words
from posts.networks.x.media import is_ready
from posts.networks.x.wire import CREDIT_WAIT, outcome_of
from posts.rehearsal.x import text as judge
from tests.posts.networks.conftest import image

x = X()

# Lengths --------------------------------------------------------------------------------------------

WEIGHTS = [
    ("", 0),
    ("abc", 3),
    ("é« »—’", 6),
    ("…", 2),
    ("a\u202fb", 4),
    ("日本", 4),
    ("e\u0301", 1),
    ("a\r\nb", 3),
    ("🎓", 2),
    ("👩🏽\u200d🎓", 2),
    ("🇫🇷", 2),
    ("❤️", 2),
    ("©", 2),
    ("#INET @inet", 11),
    ("https://inet.fr", 23),
    ("https://www.inet-strasbourg.fr/une/adresse/tres/longue/en/effet?a=b", 23),
    ("inet.fr", 23),
    ("Voir inet.fr.", 29),
    ("(https://inet.fr/a)", 25),
    ("a@inet.fr", 9),
    ("http://127.0.0.1:8001/x", 23),
    ("https://127.0.0.1:8001/x", 24),
    ("3.12.2026", 9),
    ("fin.Bravo", 9),
    ("bravo.It", 23),
    ("a\x00b\ud800c\ufeff", 3),
    ("  a  ", 1),
    ("https://inet.fr/v1.2.3.4.5.6.7.8.9.10.11.html", 23),
    ("a." * 5000, 10_000),
]


@pytest.mark.parametrize(("text", "weight"), WEIGHTS)
def test_length_weighs_as_x_does(text, weight):
    assert x.length(text, x.limits) == weight


NASTY = [
    "a.",
    "é.",
    "日.",
    "a.b.c.d-",
    "a.b.c.d日",
    "a.b.c.d…",
    'a.b.c.d"',
    "a.b.c.d`",
    "a.b_",
    "www.",
    "//",
    "@",
    "$A ",
    "👩🏽\u200d🎓",
]


@pytest.mark.parametrize("piece", NASTY)
def test_length_of_a_nasty_text_is_known_at_once(piece):
    """The parser alone takes minutes for ten thousand characters of the first."""
    text, started = (piece * 10_000)[:10_000], time.process_time()
    x.check(Content(text), x.limits)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(("text", "weight"), WEIGHTS[1:-2])
def test_length_is_what_the_strict_side_counts(text, weight):
    assert judge.weight(words.tidy(text)) == weight


PIECES = st.sampled_from(
    [
        *"aé«»—’ \n…日#@$&<>()!?",
        "\u202f",
        "🎓",
        "👩🏽\u200d🎓",
        "🇫🇷",
        "❤️",
        "☀",
        "©",
        "™",
        "INET",
        "l’élève",
        "2026",
        " https://inet.fr/a?b=c ",
        " inet.fr ",
        " a@b.fr ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_two_readings_of_the_rule_agree(text):
    text = words.tidy(text)
    assert words.weight(text) == judge.weight(text)


# Problems -------------------------------------------------------------------------------------------


def codes(content, limits=x.limits):
    return [problem.code for problem in x.check(content, limits)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a" * 280, []),
        ("a" * 281, ["too-long"]),
        ("🎓" * 140, []),
        ("🎓" * 140 + "a", ["too-long"]),
        ("", ["empty"]),
        (" \n\u00a0\x00", ["empty"]),
        ("$AAPL", []),
        ("10 $ et $20", []),
        ("$AAPL $MSFT", ["cashtags"]),
        ("Voir https://inet.fr", ["link-costs"]),
        ("Voir inet.fr", ["link-costs"]),
        ("bravo.It est là", ["link-costs"]),
        ("Merci @inet", ["mention"]),
        ("lea@inet.fr", []),
        ("a" * 258 + " https://inet.fr", ["too-long", "link-costs"]),
    ],
)
def test_check_of_the_text(text, found):
    assert codes(Content(text)) == found


def test_check_says_by_how_much():
    (problem,) = x.check(Content("a" * 292), x.limits)
    assert str(problem.message) == "The text is 12 characters too long for X. Shorten it."


def test_check_says_what_a_link_costs_and_which():
    (problem,) = x.check(Content("Voir inet.fr/lea."), x.limits)
    assert (
        problem.is_warning,
        [word in str(problem.message) for word in ("“inet.fr/lea”", "$0.200", "$0.015")],
    ) == (
        True,
        [True] * 3,
    )


def test_check_only_warns_of_links_and_mentions():
    problems = x.check(Content("Merci @inet, inet.fr"), x.limits)
    assert [(problem.code, problem.is_warning) for problem in problems] == [
        ("link-costs", True),
        ("mention", True),
    ]


def test_check_goes_by_the_limits_of_the_account():
    premium = Limits(25_000, 4, 1000, 5_000_000, 67_108_864, ("image/jpeg",))
    assert [codes(Content("a" * length), premium) for length in (25_000, 25_001)] == [[], ["too-long"]]


@pytest.mark.parametrize(
    ("text", "link", "found"),
    [
        ("a" * 255, "https://inet.fr/une/adresse/tres/longue", ["link-costs"]),
        ("a" * 256, "https://inet.fr/une/adresse/tres/longue", ["too-long", "link-costs"]),
        ("a" * 256 + " https://inet.fr", "https://inet.fr", ["link-costs"]),
    ],
)
def test_check_counts_the_link(text, link, found):
    assert codes(Content(text, link=Link(link))) == found


def test_check_of_a_document():
    document = Document(b"", "Livret", 3, 4, "")
    (problem,) = x.check(Content("Bonjour", document=document), x.limits)
    assert (problem.code, problem.is_warning) == ("no-document", False)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"alt": " "}, ["no-alt"]),
        ({"alt": "é" * 1000}, []),
        ({"alt": "é" * 1001}, ["alt-too-long"]),
        ({"alt": "🎓" * 501}, ["alt-too-long"]),
        ({"content_type": "image/png"}, []),
        ({"content_type": "image/webp"}, []),
        ({"content_type": "image/gif"}, ["image-type"]),
        ({"content_type": "image/heic"}, ["image-type"]),
        ({"data": b"x" * 5_000_000}, []),
        ({"data": b"x" * 5_000_001}, ["image-too-large"]),
        ({"data": b"", "width": 8192, "height": 8192}, []),
        ({"data": b"", "width": 8193, "height": 8192}, ["image-too-large"]),
    ],
)
def test_check_of_a_picture(changes, found):
    assert codes(Content("Bonjour", (image(**changes),))) == found


@pytest.mark.parametrize(("count", "found"), [(0, []), (4, []), (5, ["too-many-images"])])
def test_check_of_the_number_of_pictures(count, found):
    assert codes(Content("Bonjour", (image(b""),) * count)) == found


# What is sent ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "link", "sent"),
    [
        ("Bravo", "https://inet.fr/a", "Bravo\n\nhttps://inet.fr/a"),
        ("Bravo https://inet.fr/a", "https://inet.fr/a", "Bravo https://inet.fr/a"),
        ("Bravo (https://inet.fr/a).", "https://inet.fr/a", "Bravo (https://inet.fr/a)."),
        ("Bravo https://inet.fr/ab", "https://inet.fr/a", "Bravo https://inet.fr/ab\n\nhttps://inet.fr/a"),
        ("Bravo http://localhost/a", "http://localhost/a", "Bravo http://localhost/a"),
        ("", "https://inet.fr", "https://inet.fr"),
    ],
)
def test_link_is_said_once(text, link, sent):
    assert words.outgoing(Content(text, link=Link(link))) == sent


# Comparing ------------------------------------------------------------------------------------------


def found(text):
    return Found("1", "", text, datetime(2026, 3, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Bravo #INET", "Bravo #INET"),
        ("a\r\n\r\nb ", "a\n\nb"),
        ("Prêt\u202f?", "Prêt ?"),
        ("e\u0301te\u0301", "été"),
        ("a\u200bb", "ab"),
        ("Voir inet.fr.", "Voir http://inet.fr."),
        ("Voir https://inet.fr", "Voir https://inet.fr/"),
        ("👩🏽\u200d🎓", "👩🏽\u200d🎓"),
    ],
)
def test_same_forgives_what_x_changes(written, read):
    assert x.same(Content(written), found(read)) is True


@pytest.mark.parametrize(
    "read", ["Bravo", "bravo #INET", "Bravo #INET !", "Bravo INET", "", "Bravo #INET inet.fr"]
)
def test_same_is_not_fooled(read):
    assert x.same(Content("Bravo #INET"), found(read)) is False


def test_same_looks_at_the_link_too():
    content = Content("Bravo", link=Link("https://inet.fr/a"))
    assert [x.same(content, found(text)) for text in ("Bravo https://inet.fr/a", "Bravo")] == [True, False]


def url(short, expanded, **more):
    return {"url": f"https://t.co/{short}", "expanded_url": expanded, **more}


PHOTO = "https://x.com/inet/status/7/photo/1"
GIVEN = [
    ({"text": "Bonjour"}, "Bonjour"),
    ({}, ""),
    ({"text": None}, ""),
    ({"text": "a &lt; b &amp;amp; c &gt; d &copy"}, "a < b &amp; c > d &copy"),
    (
        {"text": "Voir https://t.co/a.", "entities": {"urls": [url("a", "https://inet.fr/?x=1&y=2")]}},
        "Voir https://inet.fr/?x=1&y=2.",
    ),
    (
        {
            "text": "https://t.co/a https://t.co/ab",
            "entities": {"urls": [url("a", "https://un.fr"), url("ab", "https://deux.fr")]},
        },
        "https://un.fr https://deux.fr",
    ),
    (
        {"text": "Bravo https://t.co/p", "entities": {"urls": [url("p", PHOTO, media_key="3_1")]}},
        "Bravo",
    ),
    ({"text": "Bravo https://t.co/p", "entities": {"urls": [url("p", PHOTO)]}}, "Bravo"),
    (
        {"text": "Bravo https://t.co/p", "entities": {"urls": [url("p", PHOTO), url("p", PHOTO)]}},
        "Bravo",
    ),
    ({"text": "Bravo https://t.co/p", "attachments": {"media_keys": ["3_1"]}}, "Bravo"),
    ({"text": "https://t.co/p", "attachments": {"media_keys": ["3_1"]}}, ""),
    ({"text": "Bravo https://t.co/p"}, "Bravo https://t.co/p"),
    (
        {
            "text": "https://t.co/a https://t.co/p",
            "entities": {"urls": [url("a", "https://x.com/inet/status/8/photo/1"), url("p", PHOTO)]},
        },
        "https://x.com/inet/status/8/photo/1",
    ),
    (
        {
            "text": "Brav… https://t.co/p",
            "attachments": {"media_keys": ["3_1"]},
            "note_tweet": {"text": "Bravo https://t.co/a", "entities": {"urls": [url("a", "https://un.fr")]}},
        },
        "Bravo https://un.fr",
    ),
    (
        {"attachments": {"media_keys": ["3_1"]}, "note_tweet": {"text": "Bravo https://t.co/a"}},
        "Bravo https://t.co/a",
    ),
    ({"text": "Bravo", "note_tweet": {"text": 7}}, "Bravo"),
    ({"text": "Bravo", "entities": 7, "attachments": [7], "note_tweet": []}, "Bravo"),
    ({"text": "Bravo", "entities": {"urls": [7, {}, {"url": 7}, {"url": "https://t.co/x"}]}}, "Bravo"),
]


@pytest.mark.parametrize(("data", "text"), GIVEN)
def test_text_as_people_read_it(data, text):
    assert words.plain({"id": "7", **data}) == text


@pytest.mark.parametrize(
    ("link", "remote_id"),
    [
        ("https://x.com/inet/status/1850000000000000000", "1850000000000000000"),
        ("https://twitter.com/inet/status/7?s=20", "7"),
        ("https://mobile.twitter.com/inet/statuses/7", "7"),
        ("https://x.com/i/web/status/7/", "7"),
        ("https://x.com/inet/status/7/photo/1", "7"),
        ("https%3A%2F%2Fx.com%2Finet%2Fstatus%2F7", "7"),
        ("http://127.0.0.1:8001/x/post/1850000000000000000/", "1850000000000000000"),
        (" 7 ", "7"),
        ("https://x.com/inet", ""),
        ("https://netflix.com/inet/status/7", ""),
        ("https://x.com/inet/status/٧", ""),
        ("https://x.com/inet/status/" + "7" * 21, ""),
        ("n'importe quoi", ""),
    ],
)
def test_identifier_in_a_link(link, remote_id):
    assert x.remote_id_from(link) == remote_id


# Errors ---------------------------------------------------------------------------------------------


def answer(status, data=None, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
    return Answer(status, headers, body, "shown")


def typed(kind, **more):
    return {"type": f"https://api.twitter.com/2/problems/{kind}", "title": "No", "detail": "No.", **more}


def plain(detail):
    return {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": detail}


ERRORS = [
    (401, plain("Unauthorized"), NeedsReconnect, "token-invalid"),
    (401, b"", NeedsReconnect, "token-invalid"),
    (402, {"title": "CreditsDepleted"}, TryLater, "no-credit"),
    (402, b"<html>", TryLater, "no-credit"),
    (403, typed("usage-capped"), TryLater, "usage-capped"),
    (429, typed("usage-capped"), TryLater, "usage-capped"),
    (429, typed("rate-limit-exceeded"), TryLater, "throttled"),
    (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, TryLater, "throttled"),
    (429, b"", TryLater, "throttled"),
    (403, plain("You are not allowed to create a Tweet with duplicate content."), Duplicate, "duplicate"),
    (403, {"errors": [{"message": "You posted duplicate content."}]}, Duplicate, "duplicate"),
    (403, typed("unsupported-authentication"), NeedsReconnect, "no-right"),
    (403, plain("Forbidden"), NeedsReconnect, "no-right"),
    (403, plain("Missing scope tweet.write"), NeedsReconnect, "no-right"),
    (403, typed("client-forbidden"), NeedsReconnect, "client-forbidden"),
    (403, plain("Your account is suspended and may not do that."), NeedsReconnect, "suspended"),
    (403, plain("This user has been suspended."), NeedsReconnect, "suspended"),
    (403, plain("Your account is temporarily locked."), NeedsReconnect, "suspended"),
    (403, plain("You are not permitted to perform this action."), Refused, "http-403"),
    (403, typed("not-authorized-for-resource"), Refused, "not-authorized-for-resource"),
    (403, b"<html>Blocked</html>", Unknown, "http-403"),
    (403, b"", Unknown, "http-403"),
    (400, typed("invalid-request"), Refused, "invalid-request"),
    (400, {"errors": [{"message": "Your media IDs are invalid."}]}, TryLater, "media-again"),
    (400, b"<html>", Unknown, "http-400"),
    (404, typed("resource-not-found"), Refused, "resource-not-found"),
    (413, b"", Refused, "http-413"),
    (431, b"", Refused, "http-431"),
    (415, typed("unsupported-media-type"), Refused, "unsupported-media-type"),
    (422, {"detail": "No"}, Refused, "http-422"),
    (400, typed("x" * 99), Refused, "x" * 50),
    (408, {"status": 408}, Unknown, "http-408"),
    (409, typed("conflict"), Unknown, "conflict"),
    (500, plain("Internal"), Unknown, "http-500"),
    (500, {"data": {"id": "7"}}, Unknown, "http-500"),
    (502, b"", Unknown, "http-502"),
    (503, typed("usage-capped"), Unknown, "usage-capped"),
    (504, b"<html>", Unknown, "http-504"),
    (302, b"", Unknown, "http-302"),
    (999, b"", Unknown, "http-999"),
]


@pytest.mark.parametrize(("status", "data", "kind", "reason"), ERRORS)
def test_error_means(status, data, kind, reason):
    outcome = outcome_of(answer(status, data))
    assert (type(outcome), outcome.reason, outcome.status, outcome.answer) == (kind, reason, status, "shown")


@pytest.mark.parametrize(
    "data",
    [
        {"errors": 7},
        {"errors": [7, None, "x"]},
        {"errors": [{"type": 7, "message": ["x"], "detail": {"a": 1}}]},
        {"type": {"a": 1}, "detail": 7, "title": None},
        {"type": [], "message": True},
    ],
)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_error_of_any_shape_is_borne(status, data):
    kind = Unknown if status == 500 else Refused
    assert isinstance(outcome_of(answer(status, data)), (kind, NeedsReconnect))


@pytest.mark.parametrize("status", [400, 403, 413])
def test_error_of_an_upload_is_about_the_picture_or_the_access(status):
    outcome = outcome_of(answer(status, plain("No.")), is_upload=True)
    assert type(outcome) is (NeedsReconnect if status == 403 else Refused)


NOW = datetime(2026, 11, 24, tzinfo=UTC)


def in_seconds(seconds):
    return str(int(NOW.timestamp()) + seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-rate-limit-reset": "soon"}, None),
        ({"x-rate-limit-reset": in_seconds(300)}, 300),
        ({"x-rate-limit-reset": in_seconds(-300)}, 0),
        ({"x-rate-limit-reset": in_seconds(10**7)}, 86_400),
        ({"Retry-After": "60"}, 60),
        ({"Retry-After": "60", "x-rate-limit-reset": in_seconds(300)}, 300),
        (
            {
                "x-rate-limit-remaining": "3",
                "x-rate-limit-reset": in_seconds(300),
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": in_seconds(3000),
            },
            3000,
        ),
        (
            {
                "x-rate-limit-remaining": "0",
                "x-rate-limit-reset": in_seconds(300),
                "x-app-limit-24hour-remaining": "5",
                "x-app-limit-24hour-reset": in_seconds(3000),
            },
            300,
        ),
    ],
)
def test_throttled_waits(headers, seconds):
    with time_machine.travel(NOW, tick=False):
        assert outcome_of(answer(429, **headers)).retry_after == seconds


def test_no_credit_waits_an_hour_at_least():
    assert outcome_of(answer(402)).retry_after == CREDIT_WAIT


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        ({"data": {"id": "7"}}, True),
        ({"data": {"id": "7", "processing_info": {"state": "succeeded"}}}, True),
        ({"data": {"id": "7", "processing_info": {"state": "in_progress"}}}, False),
        ({"data": {"id": "7", "processing_info": {"state": "later"}}}, False),
        ({"errors": [{"detail": "x"}]}, False),
        (b"<html>", False),
    ],
)
def test_picture_is_ready_when_x_says_nothing_else(said, ready):
    assert is_ready(answer(200, said)) is ready
