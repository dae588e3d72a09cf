"""What the body of a LinkedIn post must be: fields, their values, their lengths, pictures."""

from __future__ import annotations

import re

from . import littletext
from .linkedin_rules import Refusal, wrong_value

REQUIRED = {
    "author": str,
    "commentary": str,
    "visibility": str,
    "distribution": dict,
    "lifecycleState": str,
}
OPTIONAL = {"content": dict, "isReshareDisabledByAuthor": bool}
DISTRIBUTION = {"feedDistribution", "targetEntities", "thirdPartyDistributionChannels"}
TEXT_LIMIT = 3000
ALT_LIMIT = 4086


def check_fields(body: dict) -> None:
    """Refuses unknown, missing and wrong fields, as one list the way Rest.li does."""
    known = REQUIRED | OPTIONAL
    missing = [
        f"ERROR :: /{name} :: field is required but not found and has no default value\n"
        for name in REQUIRED
        if name not in body
    ]
    strange = [
        f"ERROR :: /{name} :: unrecognized field found but not allowed\n"
        for name in body
        if name not in known
    ]
    if missing or strange:
        check, breach = (12, "missing-field") if missing else (11, "unknown-field")
        raise Refusal(422, message="".join(missing + strange), check=check, breach=breach)
    wrong = [
        f"ERROR :: /{name} :: {body[name]!r:.40} cannot be coerced to {kind.__name__}\n"
        for name, kind in known.items()
        if name in body and not isinstance(body[name], kind)
    ]
    if wrong:
        raise Refusal(422, message="".join(wrong), check=11, breach="wrong-type")
    if body["lifecycleState"] != "PUBLISHED":
        raise wrong_value("lifecycleState must be PUBLISHED", 13, "lifecycle-state")
    if body["visibility"] not in ("PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"):
        raise wrong_value("visibility is not an enum symbol", 14, "visibility")
    distribution = body["distribution"]
    if distribution.get("feedDistribution") not in ("MAIN_FEED", "NONE"):
        raise wrong_value("feedDistribution is not an enum symbol", 14, "feed-distribution")
    if strange := sorted(set(distribution) - DISTRIBUTION):
        text = f"ERROR :: /distribution/{strange[0]} :: unrecognized field found but not allowed\n"
        raise Refusal(422, message=text, check=11, breach="unknown-field")
    if littletext.units(body["commentary"]) > TEXT_LIMIT:
        text = f"commentary is longer than {TEXT_LIMIT}"
        raise Refusal(400, "FIELD_LENGTH_TOO_LONG", text, check=16, breach="text-too-long")


def pictures_in(body: dict) -> list[dict]:
    """[{"id", "altText"}]. Refuses a content that is not exactly one medium, or two to twenty images."""
    content = body.get("content")
    if not content:
        return []
    if len(content) != 1 or not set(content) <= {"media", "multiImage"}:
        text = f"ERROR :: /content :: exactly one known member is expected, not {sorted(content)}\n"
        raise Refusal(422, message=text, check=11, breach="content-union")
    if "multiImage" in content:
        several = content["multiImage"]
        pictures = several.get("images") if isinstance(several, dict) else None
        if not isinstance(pictures, list) or not 2 <= len(pictures) <= 20:
            raise wrong_value("multiImage takes 2 to 20 images", 25, "image-count")
    else:
        pictures = [content["media"]]
    for shown in pictures:
        if not isinstance(shown, dict) or not re.fullmatch(r"urn:li:image:[\w-]+", str(shown.get("id"))):
            text = "An image URN is required"
            raise Refusal(400, "INVALID_IMAGE_ID", text, check=29, breach="unknown-image")
        alt = shown.get("altText", "")
        if not isinstance(alt, str) or littletext.units(alt) > ALT_LIMIT:
            text = f"altText is longer than {ALT_LIMIT}"
            raise Refusal(400, "FIELD_LENGTH_TOO_LONG", text, check=34, breach="alt-too-long")
    return pictures
