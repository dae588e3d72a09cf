"""Pictures on their way to a Mastodon server: sent with their description, then waited for.

Contract: docs.joinmastodon.org/methods/media. 200 is ready; 202, then 206 when asked, is not; 422 cannot be used.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from ..base import Credentials, Image, Refused, TryLater
from ..transport import UPLOAD_SECONDS
from ..words import tidy
from .wire import AWAY, NOT_YET, ask, encoded, identifier

POLL_AFTER_SECONDS = (1, 2, 4, 8, 16)
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}

PICTURE_REFUSED = _(
    "The Mastodon server cannot use this picture. Choose another photo, then ask for approval again."
)


def upload(
    images: tuple[Image, ...], credentials: Credentials, sleep: Callable[[float], None]
) -> tuple[str, ...]:
    """The pictures' identifiers there, once each can be shown. Sending one again is harmless: nothing is online."""
    end = time.monotonic() + UPLOAD_SECONDS
    return tuple(_usable(image, credentials, end, sleep) for image in images)


def _usable(image: Image, credentials: Credentials, end: float, sleep: Callable[[float], None]) -> str:
    """A failure while it is being worked on is worth one more try."""
    for _attempt in range(2):
        remote_id, is_ready = _send(image, credentials, end)
        if is_ready or _is_usable(remote_id, credentials, end, sleep):
            return remote_id
    raise Refused("processing-failed", PICTURE_REFUSED)


def _send(image: Image, credentials: Credentials, end: float) -> tuple[str, bool]:
    boundary = secrets.token_hex(16)
    try:
        answer = ask(
            credentials,
            "POST",
            "/api/v2/media",
            body=_form(image, boundary),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            seconds=_left(end),
            accept=(200, 202),
        )
    except Refused as outcome:
        refused = Refused(outcome.reason, PICTURE_REFUSED, answer=outcome.answer, status=outcome.status)
    else:
        data = answer.json()
        if not (remote_id := identifier(data)):
            raise TryLater("no-media-id", AWAY, answer=answer.shown, status=answer.status)
        return remote_id, answer.status == 200 and bool(data.get("url"))
    raise refused


def _is_usable(remote_id: str, credentials: Credentials, end: float, sleep: Callable[[float], None]) -> bool:
    """Wait for it; False if the server could not do it. Raises TryLater if it takes too long."""
    shown = ""
    for seconds in POLL_AFTER_SECONDS:
        _left(end, seconds)
        sleep(seconds)
        answer = ask(credentials, "GET", f"/api/v1/media/{encoded(remote_id)}", accept=(200, 206, 422))
        if answer.status != 206:
            return answer.status == 200
        shown = answer.shown
    raise TryLater("still-processing", NOT_YET, answer=shown)


def _form(image: Image, boundary: str) -> bytes:
    """No name of ours goes along: a file name may say who is in the picture."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    name = f"picture.{ENDINGS.get(image.content_type, 'bin')}"
    return b"".join(
        (
            f'{head}description"\r\n\r\n{tidy(image.alt).strip()}\r\n'.encode(),
            f'{head}file"; filename="{name}"\r\nContent-Type: {image.content_type}\r\n\r\n'.encode(),
            image.data,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )


def _left(end: float, seconds: float = 0.0) -> float:
    """Seconds until `end`. Raises TryLater if it would pass within `seconds`."""
    left = end - time.monotonic()
    if left <= seconds:
        raise TryLater("out-of-time", NOT_YET)
    return left
