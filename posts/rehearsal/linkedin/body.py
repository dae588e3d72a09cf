"""What the body of a LinkedIn post must be: fields, their values, their lengths, what is shown with it."""

from __future__ import annotations

import re

from . import littletext
from .rules import Refusal, wrong_value

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
TITLE_LIMIT, DESCRIPTION_LIMIT = 400, 4000
"""UNVERIFIED, both."""
MEDIUM = {"id", "altText", "title"}
ARTICLE = {"source", "title", "description", "thumbnail"}


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
    check_members("distribution", distribution, DISTRIBUTION)
    check_length("commentary", body["commentary"], TEXT_LIMIT, 16, "text-too-long")


def media_in(body: dict) -> list[dict]:
    """What is shown, each with its "id": one medium, two to twenty images, or the thumbnail of an article. Refuses the rest."""
    content = body.get("content")
    if not content:
        return []
    if len(content) != 1 or not set(content) <= {"media", "multiImage", "article"}:
        text = f"ERROR :: /content :: exactly one known member is expected, not {sorted(content)}\n"
        raise Refusal(422, message=text, check=11, breach="content-union")
    if "article" in content:
        return _thumbnail_of(content["article"])
    if "multiImage" in content:
        several = content["multiImage"]
        media = several.get("images") if isinstance(several, dict) else None
        if not isinstance(media, list) or not 2 <= len(media) <= 20:
            raise wrong_value("multiImage takes 2 to 20 images", 25, "image-count")
    else:
        media = [content["media"]]
    for shown in media:
        _check_medium(shown, may_be_document="media" in content)
    return media


def _check_medium(shown: object, *, may_be_document: bool) -> None:
    urn = str(shown.get("id")) if isinstance(shown, dict) else ""
    is_document = may_be_document and re.fullmatch(r"urn:li:document:[\w-]+", urn)
    if not is_document and not re.fullmatch(r"urn:li:image:[\w-]+", urn):
        text = "An image URN is required"
        raise Refusal(400, "INVALID_IMAGE_ID", text, check=29, breach="unknown-image")
    check_members("content", shown, MEDIUM)
    if is_document and not shown.get("title"):
        text = "content.media.title is required for a document"
        raise Refusal(400, "MISSING_FIELD", text, check=33, breach="document-without-title")
    check_length("altText", shown.get("altText", ""), ALT_LIMIT, 34, "alt-too-long")
    check_length("title", shown.get("title", ""), TITLE_LIMIT, 0, "title-too-long")


def _thumbnail_of(article: object) -> list[dict]:
    """No page is read: an article shows what it brings with it."""
    if not isinstance(article, dict):
        raise wrong_value("article must be a record", 11, "wrong-type")
    check_members("content/article", article, ARTICLE)
    for name in ("source", "title"):
        if not article.get(name):
            text = f"content.article.{name} is required"
            raise Refusal(400, "MISSING_FIELD", text, check=12, breach="missing-field")
    if not re.match(r"https?://[^\s/]+", str(article["source"])):
        raise wrong_value("content.article.source is no address", 14, "article-source")
    check_length("title", article["title"], TITLE_LIMIT, 0, "title-too-long")
    check_length("description", article.get("description", ""), DESCRIPTION_LIMIT, 0, "description-too-long")
    if "thumbnail" not in article:
        return []
    thumbnail = {"id": article["thumbnail"]}
    _check_medium(thumbnail, may_be_document=False)
    return [thumbnail]


def check_members(where: str, record: dict, known: set[str]) -> None:
    if strange := sorted(set(record) - known):
        text = f"ERROR :: /{where}/{strange[0]} :: unrecognized field found but not allowed\n"
        raise Refusal(422, message=text, check=11, breach="unknown-field")


def check_length(name: str, text: object, limit: int, check: int, breach: str) -> None:
    if not isinstance(text, str) or littletext.units(text) > limit:
        raise Refusal(
            400, "FIELD_LENGTH_TOO_LONG", f"{name} is longer than {limit}", check=check, breach=breach
        )
