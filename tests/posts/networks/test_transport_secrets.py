"""The transport: where the token goes, and that no secret gets out."""

import base64
import logging
import random
import traceback

import pytest

from posts.networks.base import Credentials, NeedsReconnect, NotSent, Outcome, Refused, Unknown
from posts.networks.transport import ANSWER_LIMIT, clean, is_trusted, redact
from tests.posts.networks.peer import TOKEN, answering, peer, refusal, to

# Where the token goes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.linkedin.com/rest/posts",
        "https://www.linkedin.com/dms-uploads/x?sig=1",
        "https://linkedin.com/",
        "https://API.LINKEDIN.COM/rest",
        "http://127.0.0.1:8001/dms-uploads/x",
    ],
)
def test_address_of_the_network_is_trusted(url):
    assert is_trusted(url, "http://127.0.0.1:8001", "linkedin.com") is True


@pytest.mark.parametrize(
    "url",
    [
        "http://api.linkedin.com/rest",
        "https://linkedin.com.example.org/",
        "https://notlinkedin.com/",
        "https://example.org/?linkedin.com",
        "https://linkedin.com@example.org/",
        "https://user@api.linkedin.com/",
        "https://example.org\\@linkedin.com/",
        "https://example.org#@linkedin.com/",
        "http://127.0.0.1:8002/",
        "https://127.0.0.1:8001/",
        "http://localhost:8001/",
        "http://127.0.0.1:8001.example.org/",
        "//api.linkedin.com/",
        "api.linkedin.com",
        "https:///rest",
        "",
    ],
)
def test_other_address_is_not_trusted(url):
    assert is_trusted(url, "http://127.0.0.1:8001", "linkedin.com") is False


def test_token_does_not_go_elsewhere():
    with peer(answering(b"")) as (elsewhere, received):
        outcome = refusal(Refused, "http://127.0.0.1:9", target=f"{elsewhere}/?sig=abcdef")
    assert (outcome.reason, received) == ("untrusted-address", [])
    assert "abcdef" not in outcome.answer


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "é", "\x00"])
def test_token_that_no_header_carries_sends_nothing(token):
    with peer(answering(b"")) as (url, received):
        assert refusal(NeedsReconnect, url, token=token).reason == "no-token"
    assert received == []


def test_proxy_and_netrc_of_the_machine_are_not_used(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with peer(answering(b"HTTP/1.1 204 No\r\n\r\n")) as (url, received):
        to(url)
    assert f"Authorization: Bearer {TOKEN}\r\n".encode() in received[0]


# Secrets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer AQXabc.def", "Authorization: Bearer …"),
        ('{"access_token":"abc","expires_in":1}', '{"access_token":"…","expires_in":1}'),
        ("refresh_token=abc&x=1", "refresh_token=…&x=1"),
        ("client_secret: 'abc'", "client_secret: '…'"),
        (
            '"uploadUrl":"https://www.linkedin.com/dms/x?ca=1&sig=2"',
            '"uploadUrl":"https://www.linkedin.com/dms/x?…"',
        ),
        ("url: /dms-uploads/x?sig=abc (Caused by", "url: /dms-uploads/x?… (Caused by"),
        (
            '{"code":"ACCESS_DENIED","serviceErrorCode":65601}',
            '{"code":"ACCESS_DENIED","serviceErrorCode":65601}',
        ),
        ("Prêt ? Oui.", "Prêt ? Oui."),
        ("a\x00b\x1fc", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
    ],
)
def test_redact(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "spelled",
    ['a/b+c="\\', "a%2Fb%2Bc%3D%22%5C", 'a/b+c=\\"\\\\', 'a/b+c="\\\\'],
    ids=["as is", "url", "json", "repr"],
)
def test_redact_knows_a_secret_in_every_spelling(spelled):
    assert redact(f"<{spelled}>", 'a/b+c="\\') == "<…>"


def test_redact_limits_bytes_not_characters():
    assert len(redact("é" * 5000).encode()) == ANSWER_LIMIT


def test_clean_makes_text_that_any_column_takes():
    assert (
        clean("a\x00\ud83d\tb\n").encode()
        == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\tb\n".encode()
    )


def test_credentials_do_not_show_the_token():
    assert TOKEN not in repr(Credentials("https://api.linkedin.com", TOKEN, "urn", "202609"))


def everything_said(outcome):
    return "".join(
        [repr(outcome), str(outcome), str(outcome.message), outcome.answer, repr(outcome.__context__)]
        + traceback.format_exception(outcome)
    )


def test_two_hundred_tokens_are_never_repeated(caplog):
    """Servers that throw the token back at us, in every way they can."""
    caplog.set_level(logging.DEBUG)
    chance = random.Random(20_261_124)
    alphabet = "ABCabc0189-_.~+/="
    ways = [
        lambda said: b"HTTP/1.1 403 No\r\n\r\n" + said,
        lambda said: b"HTTP/1.1 500 No\r\nX-Li-Uuid: " + said + b"\r\n\r\n",
        lambda said: b"HTTP/1.1 302 Go\r\nLocation: https://example.org/" + said + b"\r\n\r\n",
        lambda said: b'HTTP/1.1 200 OK\r\n\r\n{"error": "bad token \'' + said + b"'\"}",
        lambda said: b"HTTP/1.1 " + said + b"\r\n\r\n",
        lambda said: said,
        lambda said: b"HTTP/1.1 200 OK\r\n" + said + b"\r\n\r\n",
        lambda _said: b"",
    ]
    leaks = []
    for number in range(200):
        token = "".join(chance.choices(alphabet, k=40))
        said = ways[number % len(ways)](token.encode())
        with peer(answering(said)) as (url, _received):
            try:
                answer = to(
                    url, token=token, path=f"/dms-uploads/x?sig={token}", show=("x-li-uuid", "location")
                )
                heard = answer.shown + repr(answer)
            except Outcome as outcome:
                heard = everything_said(outcome)
        if token in heard or token in caplog.text:
            leaks.append(number)
        caplog.clear()
    assert leaks == []


def test_outcome_holds_no_request(caplog):
    with peer(answering(b"")) as (url, _received):
        outcome = refusal(Unknown, url)
    frames = [frame.f_code.co_filename for frame, _line in traceback.walk_tb(outcome.__traceback__)]
    assert (outcome.__context__, outcome.__cause__) == (None, None)
    assert [name for name in frames if "urllib3" in name or "requests" in name] == []


def test_own_refusal_holds_no_request():
    def question():
        raise NotSent("lease-lost", base64.b64encode(b"no").decode())

    with peer(answering(b"")) as (url, _received):
        outcome = refusal(NotSent, url, before_first_byte=question)
    frames = [frame.f_code.co_filename for frame, _line in traceback.walk_tb(outcome.__traceback__)]
    assert [name for name in frames if "urllib3" in name or "requests" in name] == []
