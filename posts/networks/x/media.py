"""X's pictures: one upload each, a wait where X works on it, and the description, which must be there before the post.

Contract: docs.x.com/x-api/media. A picture that may have arrived is no post: each step may be repeated with a new identifier.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from urllib3 import encode_multipart_formdata

from ..base import Credentials, Image, Refused, TryLater
from ..transport import UPLOAD_SECONDS, Answer
from .posts import one_in
from .text import tidy
from .wire import AWAY, NOT_YET, NUMBER, ask

SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
FIRST_WAIT, LONGEST_POLL = 1.0, 30.0
MOST_LOOKS = 12
PICTURE_REFUSED = _("X cannot use this picture. Choose another photo, then ask for approval again.")


def upload(image: Image, credentials: Credentials, *, end: float, sleep: Callable[[float], None]) -> str:
    """The identifier of a picture that X can show, description included. `end`: of time.monotonic(); TryLater if it would pass."""
    file = (f"picture.{SUFFIXES.get(image.content_type, 'bin')}", image.data, image.content_type)
    body, content_type = encode_multipart_formdata({"media_category": "tweet_image", "media": file})
    answer = ask(
        credentials,
        "POST",
        "/2/media/upload",
        body=body,
        content_type=content_type,
        seconds=min(_left(end), UPLOAD_SECONDS),
        is_upload=True,
    )
    number = str(one_in(answer.json()).get("id", ""))
    if not NUMBER.fullmatch(number):
        raise TryLater("no-media-id", AWAY, answer=answer.shown, status=answer.status)
    for _look in range(MOST_LOOKS):
        if is_ready(answer):
            break
        if _left(end) <= (seconds := _wait(answer)):
            raise TryLater("still-processing", NOT_YET, answer=answer.shown)
        sleep(seconds)
        path = f"/2/media/upload?command=STATUS&media_id={number}"
        answer = ask(credentials, "GET", path, is_upload=True)
    else:
        raise TryLater("still-processing", NOT_YET, answer=answer.shown)
    if alt := tidy(image.alt):
        _left(end)
        body = {"id": number, "metadata": {"alt_text": {"text": alt}}}
        ask(credentials, "POST", "/2/media/metadata", body=body, is_upload=True)
    return number


def is_ready(answer: Answer) -> bool:
    """Without a word about processing there is none. Raises Refused for what X could not use."""
    state = _processing(answer).get("state", "succeeded") if one_in(answer.json()) else "unreadable"
    if state == "failed":
        raise Refused("processing-failed", PICTURE_REFUSED, answer=answer.shown, status=answer.status)
    return state == "succeeded"


def _wait(answer: Answer) -> float:
    asked = _processing(answer).get("check_after_secs")
    is_number = isinstance(asked, (int, float)) and not isinstance(asked, bool)
    return min(max(float(asked), FIRST_WAIT), LONGEST_POLL) if is_number else FIRST_WAIT


def _processing(answer: Answer) -> dict:
    info = one_in(answer.json()).get("processing_info")
    return info if isinstance(info, dict) else {}


def _left(end: float) -> float:
    """Seconds until `end`. Raises TryLater if it has passed."""
    if (left := end - time.monotonic()) <= 0:
        raise TryLater("out-of-time", NOT_YET)
    return left
