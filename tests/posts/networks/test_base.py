"""The transport: what comes back, and what may have left. Against servers that say exactly what we want."""

import gzip
import socket
import threading

import pytest

from posts.networks.base import NotSent, Refused, Unknown
from posts.networks.transport import ANSWER_LIMIT, BODY_LIMIT, Answer
from tests.posts.networks.peer import answering, peer, refusal, to, whole_request

# What comes back ----------------------------------------------------------------------------------


def test_answer_of_any_status_is_an_answer():
    with peer(answering(b"HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\n\r\nno")) as (url, _received):
        answer = to(url)
    assert (answer.status, answer.body, answer.shown) == (418, b"no", "HTTP 418\nno")


def test_request_carries_the_token_and_its_length_and_nothing_of_the_machine():
    with peer(answering(b"HTTP/1.1 204 No\r\n\r\n")) as (url, received):
        to(url, body="é".encode(), headers={"X-One": "1"})
    head, _blank, body = received[0].partition(b"\r\n\r\n")
    lines = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
    assert (lines, body) == (
        {b"host", b"user-agent", b"accept-encoding", b"x-one", b"authorization", b"content-length"},
        "é".encode(),
    )


def test_headers_asked_for_are_shown():
    with peer(answering(b"HTTP/1.1 201 OK\r\nX-Li-Uuid: abc\r\nContent-Length: 0\r\n\r\n")) as (
        url,
        _received,
    ):
        assert to(url, show=("x-li-uuid", "x-absent")).shown == "HTTP 201\nx-li-uuid: abc"


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"", {}),
        (b"<html>", {}),
        (b"[1]", {}),
        (b"null", {}),
        (b'{"a": ', {}),
        (b"\xff\xfe\x00", {}),
        (b"[" * 100_000, {}),
    ],
)
def test_json_survives_anything(body, data):
    assert Answer(200, {}, body, "").json() == data


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999999", 86_400.0),
        ("99999999999999999999", None),
        ("²", None),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86_400.0),
    ],
)
def test_retry_after_of_either_form_is_at_most_a_day(value, seconds):
    assert Answer(429, {"Retry-After": value}, b"", "").retry_after == seconds


def test_redirect_is_an_answer_and_is_not_followed():
    with peer(answering(b"")) as (elsewhere, received):
        redirect = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode()
        with peer(answering(redirect)) as (url, _received):
            assert to(url).status == 307
        assert received == []


def test_compressed_body_is_not_unpacked():
    packed = gzip.compress(b"0" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with peer(answering(head, packed)) as (url, _received):
        assert to(url).body == packed


def test_endless_body_is_cut():
    def behave(connection, received):
        received.append(whole_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with peer(behave) as (url, _received):
        answer = to(url)
    assert (answer.status, len(answer.body), len(answer.shown) <= ANSWER_LIMIT) == (200, BODY_LIMIT, True)


def test_status_is_known_although_the_body_breaks_off():
    """A created post stays created, whatever happens to the rest of the answer."""
    with peer(answering(b"HTTP/1.1 201 OK\r\nX-Restli-Id: urn\r\nContent-Length: 100\r\n\r\nhalf")) as (
        url,
        _,
    ):
        answer = to(url)
    assert (answer.status, answer.headers["x-restli-id"], answer.body) == (201, "urn", b"half")


def test_status_is_known_although_the_body_drips():
    def behave(connection, received):
        received.append(whole_request(connection))
        connection.sendall(b"HTTP/1.1 201 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.05)

    with peer(behave) as (url, _received):
        assert to(url, seconds=0.5).status == 201


# What may have left -------------------------------------------------------------------------------


def test_refused_connection_is_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(NotSent, f"http://127.0.0.1:{port}").reason == "unreachable"


def test_unknown_host_is_not_sent():
    assert refusal(NotSent, "http://nowhere.invalid").reason == "unreachable"


def test_failed_tls_is_not_sent():
    def behave(connection, received):
        received.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 400 No\r\n\r\n")

    with peer(behave) as (url, _received):
        assert refusal(NotSent, url.replace("http:", "https:")).reason == "unreachable"


@pytest.mark.parametrize("url", ["http://", "http://[::1", "ftp://127.0.0.1", "http://127.0.0.1:99999", ""])
def test_address_that_is_none_sends_nothing(url):
    with pytest.raises((NotSent, Refused)):
        to(url)


def test_last_question_comes_after_the_connection_and_before_the_first_byte():
    moments = []

    def behave(connection, received):
        moments.append("connected")
        received.append(whole_request(connection))
        moments.append("spoke")
        connection.sendall(b"HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n")

    def question():
        while not moments:
            threading.Event().wait(0.01)
        moments.append("asked")

    with peer(behave) as (url, _received):
        to(url, before_first_byte=question)
    assert moments == ["connected", "asked", "spoke"]


def test_no_to_the_last_question_sends_nothing():
    def question():
        raise NotSent("lease-lost", "no")

    with peer(answering(b"")) as (url, received):
        outcome = refusal(NotSent, url, before_first_byte=question)
    assert (outcome.reason, received) == ("lease-lost", [b""])


def test_error_in_the_last_question_sends_nothing():
    def question():
        raise ZeroDivisionError

    with peer(answering(b"")) as (url, received), pytest.raises(ZeroDivisionError):
        to(url, before_first_byte=question)
    assert received == [b""]


def test_no_time_left_sends_nothing():
    with peer(answering(b"")) as (url, received):
        assert refusal(NotSent, url, seconds=0.0).reason in ("out-of-time", "unreachable")
    assert [bytes for bytes in received if bytes] == []


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 2",),
        (b"HTTP/1.1 201 OK\r\n",),
        (b"HTTP/1.1 201 OK\r\nX-Restli-Id: urn:li:share:71",),
        (b"garbage\r\n\r\n",),
        (b"HTTP/1.1 999999 No\r\n\r\n",),
        (b"\x00" * 70_000,),
    ],
    ids=["silence", "half a line", "half a head", "half an id", "no HTTP", "no status", "long line"],
)
def test_connection_that_ends_after_the_request_is_unknown(pieces):
    with peer(answering(*pieces)) as (url, _received):
        assert refusal(Unknown, url).reason == "no-answer"


def test_answer_that_does_not_come_is_unknown():
    def behave(connection, received):
        while received.append(connection.recv(65536)) or received[-1]:
            pass

    with peer(behave) as (url, _received):
        assert refusal(Unknown, url, seconds=0.3).reason == "out-of-time"


def test_answer_that_drips_is_unknown_when_the_time_is_over():
    def behave(connection, received):
        received.append(whole_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.05)

    with peer(behave) as (url, _received):
        assert refusal(Unknown, url, seconds=0.5).reason == "out-of-time"


def test_body_that_nobody_reads_is_unknown_when_the_time_is_over():
    def behave(connection, received):
        received.append(connection.recv(10))
        threading.Event().wait(1)

    with peer(behave) as (url, _received):
        outcome = refusal(Unknown, url, seconds=0.5, body=b"x" * 40_000_000)
    assert outcome.reason == "out-of-time"


def test_each_call_is_one_request():
    """No retry, whatever the server does: a second request would find nobody listening any more."""
    with peer(answering(b"HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")) as (
        url,
        received,
    ):
        assert (to(url).status, len(received)) == (503, 1)
