"""The child that opens uploads: what it may not do, and a web process that outlives whatever happens to it."""

import io
import subprocess
import sys

import pytest

from portraits import photos
from portraits.photos import PhotoRefused, clean

from . import hostile


def refusal():
    """The code with which an ordinary photo is refused."""
    with pytest.raises(PhotoRefused) as refused:
        clean(io.BytesIO(hostile.photo()))
    return refused.value.code


@pytest.fixture
def decoder_that(monkeypatch, tmp_path):
    """Replace the decoder by a few lines of Python."""

    def replace(lines):
        program = tmp_path / "decoder.py"
        program.write_text(f"import os, signal, sys, time\n{lines}\n")
        monkeypatch.setattr(photos, "DECODER", program)

    return replace


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "unreadable"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "too-heavy"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "too-heavy"),
        ("sys.exit(1)", "unreadable"),
        ("raise RuntimeError('a bug of ours')", "unreadable"),
        ("pass", "unreadable"),
        ("print('null')", "unreadable"),
        ("print('[' * 150)", "unreadable"),
        ("sys.stdout.buffer.write(bytes(range(256)) * 8000)", "unreadable"),
        ('print(\'{"refused": "a code of its own"}\')', "unreadable"),
        ('print(\'{"width": 600, "height": 600}\')', "unreadable"),
        ("print('{\"width\": -1, \"height\": -1}' + '\\n' + '0000')", "unreadable"),
        ("print('{\"width\": 1, \"height\": 1}' + '\\n' + '00000')", "unreadable"),
        ('print(\'{"width": 99999, "height": 99999}\')', "unreadable"),
        ("print('{\"width\": \"1\", \"height\": 1}' + '\\n' + '0000', end='')", "unreadable"),
    ],
)
def test_clean_survives_its_decoder(decoder_that, lines, code):
    decoder_that(lines)
    assert refusal() == code


def test_clean_starts_no_decoder_for_what_is_no_photo(decoder_that):
    decoder_that("sys.exit(1)")
    with pytest.raises(PhotoRefused) as refused:
        clean(io.BytesIO(hostile.SVG))
    assert refused.value.code == "not-an-image"


def test_clean_ends_a_decoder_that_does_not_answer(decoder_that, monkeypatch):
    monkeypatch.setattr(photos, "SECONDS", 0.3)
    decoder_that("time.sleep(60)")
    assert refusal() == "too-heavy"


def test_clean_takes_two_at_once_and_asks_the_third_to_come_back(monkeypatch):
    monkeypatch.setattr(photos, "WAIT_SECONDS", 0)
    with photos.DECODING, photos.DECODING:
        assert refusal() == "busy"


def test_clean_gives_its_turn_back_when_it_refuses(decoder_that):
    decoder_that("sys.exit(1)")
    for _ in range(3):
        refusal()
    free = [photos.DECODING.acquire(blocking=False) for _ in range(3)]
    for _ in filter(None, free):
        photos.DECODING.release()
    assert free == [True, True, False]


def within_limits(act, tmp_path, before=""):
    """Exit status and words of a child that does `act` after the decoder has limited itself."""
    program = (
        f"import os, socket, sys, time\nsys.path.append({str(photos.DECODER.parent)!r})\nimport decoder\n"
    )
    program += f"{before}\ndecoder.limit()\ntry:\n    {act}\nexcept (OSError, MemoryError) as error:\n"
    program += "    print(type(error).__name__)\n"
    with (tmp_path / "answer").open("w+") as answer:
        ended = subprocess.run([sys.executable, "-I", "-c", program], stdout=answer, check=False)
        answer.seek(0)
        return ended.returncode, answer.read()[:40]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        ("bytearray(2 << 30)", "MemoryError"),
        ("open('/etc/hostname')", "OSError"),
        ("socket.socket()", "OSError"),
        ("os.truncate(1, 40_000_000)", "OSError"),
    ],
)
def test_decoder_cannot_have(tmp_path, act, error):
    assert within_limits(act, tmp_path) == (0, f"{error}\n")


def test_decoder_cannot_compute_for_ever(tmp_path):
    status, _words = within_limits("while True: pass", tmp_path, before="decoder.CPU_SECONDS = 1")
    assert -status in photos.LIMIT_SIGNALS


def test_decoder_cannot_outlive_the_web_process(tmp_path):
    status, _words = within_limits("time.sleep(60)", tmp_path, before="decoder.SECONDS = 1")
    assert -status in photos.LIMIT_SIGNALS


def test_decoder_is_limited_by_the_time_it_opens_a_file():
    program = f"import resource, sys\nsys.path.append({str(photos.DECODER.parent)!r})\nimport decoder\n"
    program += "def pixels(data, form):\n"
    program += "    raise decoder.Refused(str(resource.getrlimit(resource.RLIMIT_NOFILE)))\n"
    program += "decoder.pixels = pixels\ndecoder.main()\n"
    command = [sys.executable, "-I", "-c", program]
    ended = subprocess.run(command, input=hostile.photo(), capture_output=True, check=True)
    assert ended.stdout == b'{"refused": "(0, 0)"}\n'


def test_decoder_knows_nothing_of_us():
    program = f"import sys\nsys.path.append({str(photos.DECODER.parent)!r})\nimport decoder\n"
    program += (
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'portraits', 'cohorts')])"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
