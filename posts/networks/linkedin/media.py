"""Files on their way to LinkedIn: announced, uploaded, and waited for until they can be shown.

Contract: learn.microsoft.com/linkedin/marketing (images API, documents API). A post made before its picture is usable may
never be seen by anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.functional import Promise

from ..base import Content, Credentials, Image, Refused, TryLater, Unknown
from ..transport import call
from .wire import (
    AWAY,
    DOCUMENT_REFUSED,
    DOMAIN,
    NOT_YET,
    PICTURE_REFUSED,
    SHOWN_HEADERS,
    ask,
    encoded,
    expect,
)

POLL_AFTER_SECONDS = (0, 2, 4, 8, 16)


@dataclass(frozen=True)
class File:
    """`kind` is what LinkedIn calls it; `refused` is what is said if LinkedIn cannot use it."""

    kind: str
    data: bytes = field(repr=False)
    content_type: str
    refused: str | Promise

    @property
    def path(self) -> str:
        return f"/rest/{self.kind}s"


def files_of(content: Content) -> list[File]:
    """What must be uploaded for this content, in its order."""
    if content.document is not None:
        return [File("document", content.document.data, "application/pdf", DOCUMENT_REFUSED)]
    if content.link is not None:
        return [_picture(content.link.thumbnail)] if content.link.thumbnail else []
    return [_picture(image) for image in content.images]


def _picture(image: Image) -> File:
    return File("image", image.data, image.content_type, PICTURE_REFUSED)


def usable(file: File, credentials: Credentials, end: float, sleep: Callable[[float], None]) -> str:
    """Upload until LinkedIn can show it; a failure on its side is worth one more try. Returns the file's URN.

    `end` is on the monotonic clock. Raises any Outcome but Unknown: a file that may have arrived is no post.
    """
    for _attempt in range(2):
        urn = _upload(file, credentials, end)
        answer = ""
        for seconds in POLL_AFTER_SECONDS:
            _leave_time(end, seconds)
            sleep(seconds)
            polled = ask(credentials, "GET", f"{file.path}/{encoded(urn)}")
            status, answer = polled.json().get("status"), polled.shown
            if status == "AVAILABLE":
                return urn
            if status == "PROCESSING_FAILED":
                break
        else:
            raise TryLater("still-processing", NOT_YET, answer=answer)
    raise Refused("processing-failed", file.refused, answer=answer)


def _upload(file: File, credentials: Credentials, end: float) -> str:
    body = {"initializeUploadRequest": {"owner": credentials.remote_id}}
    begun = ask(credentials, "POST", f"{file.path}?action=initializeUpload", body=body)
    value = begun.json().get("value")
    if not isinstance(value, dict) or not value.get("uploadUrl") or not value.get(file.kind):
        raise TryLater("no-upload-url", AWAY, answer=begun.shown)
    try:
        put = call(
            "PUT",
            str(value["uploadUrl"]),
            credentials=credentials,
            domain=DOMAIN,
            headers={"Content-Type": file.content_type},
            body=file.data,
            seconds=_leave_time(end),
            show=SHOWN_HEADERS,
        )
        expect(put, (200, 201))
        return str(value[file.kind])
    except Unknown as outcome:
        # Nothing is online, and uploading again is harmless.
        later = TryLater(outcome.reason, AWAY, answer=outcome.answer, status=outcome.status)
    raise later


def _leave_time(end: float, seconds: float = 0.0) -> float:
    """Seconds until `end`. Raises TryLater if it would pass within `seconds`."""
    left = end - time.monotonic()
    if left <= seconds:
        raise TryLater("out-of-time", NOT_YET)
    return left
